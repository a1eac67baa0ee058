"""Receipts: the proof, in one small file, that a log holds an entry. Pure. C2SP tlog-proof v1.

    c2sp.org/tlog-proof@v1
    [extra <base64>]                what the issuer added; nothing vouches for it
    index <number>                  the entry's index in the log
    <base64 hash> ...               the inclusion proof, the leaf's sibling first
    <blank line>
    <the checkpoint, a signed note, with all its signatures>

Whoever has the entry, a receipt and the log's public key needs nobody else to be sure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.line_values import decode_base64, decode_hash, encode_base64, parse_decimal
from ledger.tlog.merkle import MAX_SIZE
from ledger.tlog.note import MAX_NOTE_BYTES, VerifierKey
from ledger.tlog.proof import ProofError, check_inclusion

HEADER: Final = "c2sp.org/tlog-proof@v1"

MAX_PROOF_HASHES: Final = 64
"""Hashes of an inclusion proof in the largest tree, of 2^64 - 1 leaves."""

MAX_RECEIPT_BYTES: Final = 2 * MAX_NOTE_BYTES
"""Bytes of a receipt: its checkpoint is a note, and the rest, extra data included, is no larger."""

_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """What a receipt says, unchecked: index, inclusion proof (32-byte hashes), checkpoint (a signed note), extra data.

    Nothing vouches for `extra`: it is a hint to the reader, never to be trusted by itself.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


def parse_proof(data: bytes) -> TlogProof:
    """Return what a receipt's bytes say. Nothing is checked by it: see check_receipt.

    Raises ProofError for everything else. The checkpoint is taken verbatim, whatever it is.
    """
    if len(data) > MAX_RECEIPT_BYTES:
        raise ProofError(f"a receipt has at most {MAX_RECEIPT_BYTES} bytes, and this {len(data)}")
    head, blank, checkpoint = data.partition(b"\n\n")
    if not blank:
        raise ProofError("a receipt has a blank line before its checkpoint")
    try:
        index, hashes, extra = _parse_head(head.decode("ascii"))
    except ValueError as error:
        raise ProofError(f"no receipt: {error}") from error
    return TlogProof(index, hashes, checkpoint, extra)


def _parse_head(head: str) -> tuple[int, tuple[bytes, ...], bytes | None]:
    """Return index, hashes and extra data of what stands before a receipt's checkpoint. Raises ValueError."""
    header, *lines = head.split("\n")
    if header != HEADER:
        raise ValueError(f"it does not begin with {HEADER!r}")
    extra = decode_base64(lines.pop(0).removeprefix(_EXTRA)) if lines and lines[0].startswith(_EXTRA) else None
    if not lines or not lines[0].startswith(_INDEX):
        raise ValueError("it has no line with the index of its entry")
    index = parse_decimal(lines.pop(0).removeprefix(_INDEX))
    if len(lines) > MAX_PROOF_HASHES:
        raise ValueError(f"an inclusion proof has at most {MAX_PROOF_HASHES} hashes, and this {len(lines)}")
    return index, tuple(map(decode_hash, lines)), extra


def format_proof(proof: TlogProof) -> bytes:
    """Return the bytes of a receipt: what parse_proof reads. Raises ProofError for an index that no entry has."""
    if not 0 <= proof.index <= MAX_SIZE:
        raise ProofError(f"no entry has index {proof.index}")
    extra = [] if proof.extra is None else [_EXTRA + encode_base64(proof.extra)]
    lines = [HEADER, *extra, f"{_INDEX}{proof.index}", *map(encode_base64, proof.hashes)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + proof.checkpoint


def check_receipt(proof: TlogProof, leaf: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """Return the log's checkpoint, if one of `keys` signed it for the log and it covers the entry with this leaf hash.

    `leaf` is merkle.leaf_hash of the entry's bytes. Whether the origin is the log that was meant, and whether enough
    witnesses cosigned, is for the caller to ask (policy.py).
    Raises NoteError if the checkpoint is not signed so, and ProofError if the entry is not proved under it.
    """
    checkpoint = open_checkpoint(proof.checkpoint, keys)
    check_inclusion(leaf, proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint
