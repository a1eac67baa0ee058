"""What a log and a witness say to each other. Pure. C2SP tlog-witness, `add-checkpoint`.

    old <size>                      the size that the witness cosigned last, as the log believes
    <base64 hash> ...               the consistency proof from there, 0 to 63 lines
    <blank line>
    <the checkpoint, a signed note>

A witness answers 200 with signature lines (note.parse_signatures), or 409 with the size that it cosigned last.
"""

from dataclasses import dataclass
from typing import Final

from ledger.tlog.line_values import decode_hash, encode_base64, parse_decimal
from ledger.tlog.note import MAX_NOTE_BYTES

MAX_CONSISTENCY_HASHES: Final = 63
"""Lines of a consistency proof that a client may send, C2SP tlog-witness."""

MAX_REQUEST_BYTES: Final = MAX_NOTE_BYTES + 4_096
"""Bytes of a request: a note, 63 hashes of 45 bytes, and the line before them."""

SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"
"""Media type of the answer 409 that names a size."""

_OLD = "old "


class RequestError(ValueError):
    """Bytes that are no request to a witness, or no answer of one."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request for a cosignature: the size cosigned last, the proof from it (32-byte hashes), the note."""

    old_size: int
    proof: tuple[bytes, ...]
    checkpoint: bytes


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Return the request that these bytes are; the checkpoint is taken verbatim. Raises RequestError."""
    if len(data) > MAX_REQUEST_BYTES:
        raise RequestError(f"a request has at most {MAX_REQUEST_BYTES} bytes, and this {len(data)}")
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank:
        raise RequestError("a request has a blank line before its checkpoint")
    try:
        old_size, proof = _parse_head(head.decode("ascii"))
    except ValueError as error:
        raise RequestError(f"no request to a witness: {error}") from error
    return AddCheckpoint(old_size, proof, checkpoint)


def _parse_head(head: str) -> tuple[int, tuple[bytes, ...]]:
    """Return the old size and the proof of what stands before a request's checkpoint. Raises ValueError."""
    first, *lines = head.split("\n")
    if not first.startswith(_OLD):
        raise ValueError("it does not begin with the old size")
    if len(lines) > MAX_CONSISTENCY_HASHES:
        raise ValueError(f"a consistency proof has at most {MAX_CONSISTENCY_HASHES} lines, and this {len(lines)}")
    return parse_decimal(first.removeprefix(_OLD)), tuple(map(decode_hash, lines))


def format_add_checkpoint(request: AddCheckpoint) -> bytes:
    """Return the bytes of a request: what parse_add_checkpoint reads."""
    lines = [f"{_OLD}{request.old_size}", *map(encode_base64, request.proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + request.checkpoint


def parse_cosigned_size(data: bytes) -> int:
    """Return the size in the body of an answer 409. Raises RequestError if there is none: then it is an alarm."""
    digits, newline, rest = data.partition(b"\n")
    if not newline or rest:
        raise RequestError("the size in a witness's answer is one line")
    try:
        return parse_decimal(digits.decode("ascii"))
    except ValueError as error:
        raise RequestError(f"no size in a witness's answer: {error}") from error


def format_cosigned_size(size: int) -> bytes:
    """Return the body of an answer 409: what parse_cosigned_size reads."""
    return f"{size}\n".encode()
