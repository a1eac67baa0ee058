"""Receipts of entries, made of a log's tiles under a checkpoint that it has signed, and verified before they leave."""

import asyncio
import functools
from collections.abc import Mapping
from itertools import chain

from ledger.checkpoints import log_keys, open_own
from ledger.errors import Tampered
from ledger.intake import LogInfo
from ledger.store import Reader, read_tiles
from ledger.tlog.merkle import range_nodes
from ledger.tlog.note import NoteError
from ledger.tlog.proof import (
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_nodes,
    inclusion_nodes,
    prove_consistency,
    prove_inclusion,
    required_tiles,
    root_of,
)
from ledger.tlog.receipt import TlogProof, check_receipt, format_proof, parse_proof

YIELD_EVERY_PROOFS = 100
"""Proofs made before other tasks get their turn: some milliseconds."""


async def make_receipt(reader: Reader, log: LogInfo, position: int, leaf: bytes, note: bytes) -> bytes:
    """Return the receipt (a tlog-proof) of one entry, by position and leaf hash, under a checkpoint that covers it.

    Raises Tampered where what is stored does not prove it.
    """
    receipt = (await make_receipts(reader, log, {position: leaf}, note))[position]
    try:
        check_receipt(parse_proof(receipt), leaf, await log_keys(reader, log.log_id))
    except (ProofError, NoteError) as error:
        raise _unproved(log, position, error) from error
    return receipt


async def make_receipts(reader: Reader, log: LogInfo, leaves: Mapping[int, bytes], note: bytes) -> dict[int, bytes]:
    """Return the receipts of entries, whose leaf hashes are given by position, under a checkpoint that covers them.

    Each tile is read once, the checkpoint verified once, and every proof checked. Raises Tampered as `make_receipt`.
    """
    position = min(leaves, default=0)
    try:
        checkpoint = await open_own(reader, log, note)
        parts = {position: inclusion_nodes(position, checkpoint.size) for position in leaves}
        tiles = await read_tiles(reader, log.log_id, required_tiles(chain(*parts.values()), checkpoint.size))
        hash_of = functools.cache(tiles.hash_of)
        receipts: dict[int, bytes] = {}
        for number, (position, leaf) in enumerate(leaves.items()):
            if number % YIELD_EVERY_PROOFS == YIELD_EVERY_PROOFS - 1:
                await asyncio.sleep(0)
            hashes = prove_inclusion(position, checkpoint.size, hash_of)
            check_inclusion(leaf, position, checkpoint.size, hashes, checkpoint.root)
            receipts[position] = format_proof(TlogProof(position, hashes, note))
    except (ProofError, NoteError) as error:
        raise _unproved(log, position, error) from error
    return receipts


async def prove_growth(
    reader: Reader, log: LogInfo, old_size: int, size: int
) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """Return (old root, root, consistency proof) of two sizes that a log has had, the proof checked.

    From size 0 the proof is empty: every tree begins with the empty one. Raises Tampered where tiles do not prove it.
    """
    parts = [range_nodes(0, old_size), range_nodes(0, size)]
    if old_size:
        parts += consistency_nodes(old_size, size)
    try:
        tiles = await read_tiles(reader, log.log_id, required_tiles(parts, size))
        hash_of = functools.cache(tiles.hash_of)
        old_root, root = root_of(old_size, hash_of), root_of(size, hash_of)
        if old_size == 0:
            return old_root, root, ()
        proof = prove_consistency(old_size, size, hash_of)
        check_consistency(old_size, old_root, size, root, proof)
    except ProofError as error:
        raise Tampered(f"log {log.slug} from {old_size} to {size} entries", str(error)) from error
    return old_root, root, proof


def _unproved(log: LogInfo, position: int, error: Exception) -> Tampered:
    return Tampered(f"log {log.slug}, position {position}", f"what is stored does not prove it: {error}")
