"""Tessera's test log, made again byte for byte with its published key: checkpoints, tiles, bundles, proofs."""

import json
from itertools import pairwise

from ledger.tlog.bundle import decode_bundle, encode_bundle
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import Tile, extend_frontier, frontier_root, leaf_hash
from ledger.tlog.note import Note, format_note, parse_skey, parse_vkey
from ledger.tlog.proof import TileReader, check_consistency, prove_consistency, prove_inclusion
from ledger.tlog.receipt import TlogProof, check_receipt, format_proof, parse_proof
from ledger.tlog.tile_path import entries_path, tile_path
from tests.shared import needs_shared, shared_path

pytestmark = needs_shared
SIZES = range(16)


def test_every_file_of_the_log_is_ours_byte_for_byte() -> None:
    log = shared_path("vectors/tessera-testdata-log")
    keys = json.loads(shared_path("vectors/tessera-testdata-keys.json").read_text())
    signer = parse_skey(keys["skey"])
    entries = [entry.encode() for entry in keys["entries"]]
    leaves = [leaf_hash(entry) for entry in entries]
    made: dict[str, bytes] = {}
    for size in SIZES:
        root = frontier_root(size, extend_frontier(0, b"", leaves[:size]))
        text = Checkpoint(signer.verifier.name, size, root).text
        made[f"checkpoint.{size}"] = format_note(Note(text, (signer.sign(text),)))
        if size:
            made[tile_path(Tile(0, 0, size))] = b"".join(leaves[:size])
            made[entries_path(0, size)] = encode_bundle(entries[:size])
    made["checkpoint"] = made["checkpoint.15"]
    served = [path for path in log.rglob("*") if path.is_file() and ".state" not in path.parts]
    assert made == {str(path.relative_to(log)): path.read_bytes() for path in served}
    kept = json.loads((log / ".state" / "treeState").read_bytes())  # what Tessera keeps for itself
    assert kept == {"size": SIZES[-1], "root": made["checkpoint"].splitlines()[2].decode()}


def test_every_checkpoint_opens_with_the_published_key_and_follows_from_those_before() -> None:
    log = shared_path("vectors/tessera-testdata-log")
    key = parse_vkey(json.loads(shared_path("vectors/tessera-testdata-keys.json").read_text())["vkey"])
    checkpoints = [open_checkpoint((log / f"checkpoint.{size}").read_bytes(), [key]) for size in SIZES]
    assert [checkpoint.size for checkpoint in checkpoints] == list(SIZES)
    for old, new in pairwise(checkpoints[1:]):
        tile = Tile(0, 0, new.size)
        reader = TileReader({tile: (log / tile_path(tile)).read_bytes()})
        proof = prove_consistency(old.size, new.size, reader.hash_of)
        check_consistency(old.size, old.root, new.size, new.root, proof)


def test_every_entry_has_a_receipt_under_every_checkpoint_that_covers_it() -> None:
    log = shared_path("vectors/tessera-testdata-log")
    key = parse_vkey(json.loads(shared_path("vectors/tessera-testdata-keys.json").read_text())["vkey"])
    for size in SIZES[1:]:
        checkpoint = (log / f"checkpoint.{size}").read_bytes()
        entries = decode_bundle((log / entries_path(0, size)).read_bytes(), size)
        reader = TileReader({Tile(0, 0, size): (log / tile_path(Tile(0, 0, size))).read_bytes()})
        for index, entry in enumerate(entries):
            proof = TlogProof(index, prove_inclusion(index, size, reader.hash_of), checkpoint)
            assert check_receipt(parse_proof(format_proof(proof)), leaf_hash(entry), [key]).size == size
