"""Checkpoints: what a log signs about itself, and what witnesses sign about it. Pure. C2SP tlog-checkpoint v1.0.0.

    <origin>            who the log is: a URL without its scheme, which never changes and is the name of its key
    <size>              how many entries it has
    <base64 root>       the root of the Merkle tree over them
    <extension>         lines that nobody should need; they are kept

This is the text of a signed note (ledger.tlog.note). "A log MUST NOT sign any checkpoint which is inconsistent with any
checkpoint it previously signed" is the signer's to keep: nothing here knows of an earlier one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.tlog.line_values import decode_hash, encode_base64, parse_decimal
from ledger.tlog.merkle import HASH_SIZE, MAX_SIZE
from ledger.tlog.note import NoteError, NoteSigner, Signature, VerifierKey, parse_note, verify_note
from ledger.tlog.note_key import COSIGNATURE, TIME_SIZE, cosigned_message

_FIELDS = 3  # origin, size, root


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's origin, its size in entries, its root (32 bytes), and the lines of extensions without their newlines.

    Raises NoteError for those of which no checkpoint can be written.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what was given."""
        if any(not line or "\n" in line for line in (self.origin, *self.extensions)):
            raise NoteError("the origin and each extension of a checkpoint is a line, and not an empty one")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise NoteError(f"there is no checkpoint of size {self.size} with a root of {len(self.root)} bytes")

    @property
    def text(self) -> str:
        """The text that is signed: what parse_checkpoint reads."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that the text of a note is. Raises NoteError for everything else."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < _FIELDS:
        raise NoteError("a checkpoint has a line each for origin, size and root, and ends in a newline")
    try:
        size, root = parse_decimal(lines[1]), decode_hash(lines[2])
    except ValueError as error:
        raise NoteError(f"no checkpoint of {lines[0][:80]!r}: {error}") from error
    return Checkpoint(lines[0], size, root, tuple(lines[_FIELDS:]))


def open_checkpoint(data: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of a signed note, if the log itself signed it with one of `keys`.

    The log's key bears the name of its origin. `keys` may hold witnesses' too: their cosignatures are verified, and
    alone are not enough. Raises NoteError for everything else, as parse_note, verify_note and parse_checkpoint do.
    """
    known = {(key.name, key.key_id): key for key in keys}
    note = parse_note(data)
    verified = verify_note(note, known.values())
    checkpoint = parse_checkpoint(note.text)
    signers = [known[signature.name, signature.key_id] for signature in verified]
    if not any(key.name == checkpoint.origin and key.kind != COSIGNATURE for key in signers):
        raise NoteError(f"no signature on the checkpoint of {checkpoint.origin!r} is of a known key of that name")
    return checkpoint


def cosign(signer: NoteSigner, text: str, time: int) -> Signature:
    """Return a witness's cosignature of a checkpoint's text, at `time` in whole seconds since 1970.

    It states that this is the largest consistent tree of its origin that the witness has seen by then (C2SP
    tlog-cosignature, v1), so the witness writes that down before it lets the cosignature go.
    Raises NoteError if the signer's key is not of the type COSIGNATURE, or the text is no checkpoint.
    """
    if signer.verifier.kind != COSIGNATURE:
        raise NoteError(f"the key of {signer.verifier.name!r} does not cosign: it is of type {signer.verifier.kind}")
    parse_checkpoint(text)
    signed = signer.sign(cosigned_message(text, time))
    return Signature(signed.name, signed.key_id, time.to_bytes(TIME_SIZE) + signed.value)


def cosigned_at(signature: Signature) -> int:
    """Return the time (seconds since 1970) that a verified cosignature bears. Raises NoteError if it has none."""
    if len(signature.value) <= TIME_SIZE:
        raise NoteError(f"the signature of {signature.name!r} is no cosignature: it bears no time")
    return int.from_bytes(signature.value[:TIME_SIZE])
