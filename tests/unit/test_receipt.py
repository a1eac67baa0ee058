"""Receipts (tlog-proof): others' vectors, every entry of small logs, and every changed byte."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import MAX_SIZE, Tile, extend_frontier, frontier_root, leaf_hash
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, Note, NoteError, format_note
from ledger.tlog.proof import ProofError, TileReader, prove_inclusion
from ledger.tlog.receipt import TlogProof, check_receipt, format_proof, parse_proof
from tests.shared import needs_shared, shared_path

LOG = Ed25519Signer("example.com/log", bytes(range(32)))
LEAVES = [leaf_hash(str(number).encode()) for number in range(64)]
HASHES = st.binary(min_size=32, max_size=32)
PROOFS = st.builds(
    TlogProof,
    st.integers(0, MAX_SIZE),
    st.lists(HASHES, max_size=64).map(tuple),
    st.binary(max_size=80),
    st.none() | st.binary(max_size=40),
)


def receipt(index: int, size: int, signer: Ed25519Signer = LOG) -> TlogProof:
    reader = TileReader({Tile(0, 0, size): b"".join(LEAVES[:size])})
    root = frontier_root(size, extend_frontier(0, b"", LEAVES[:size]))
    text = Checkpoint("example.com/log", size, root).text
    checkpoint = format_note(Note(text, (signer.sign(text),)))
    return TlogProof(index, prove_inclusion(index, size, reader.hash_of), checkpoint)


@given(PROOFS)
def test_a_receipt_is_parsed_to_what_it_was_formatted_from(proof: TlogProof) -> None:
    assert parse_proof(format_proof(proof)) == proof


@given(st.binary(max_size=80) | PROOFS.map(format_proof).flatmap(lambda data: st.sampled_from([data[:-3], data[2:]])))
def test_any_bytes_are_the_one_form_of_a_receipt_or_a_proof_error(data: bytes) -> None:
    try:
        proof = parse_proof(data)
    except ProofError:
        return
    assert format_proof(proof) == data


def test_every_entry_of_every_log_up_to_64_is_proved_by_its_receipt() -> None:
    for size in range(1, 65):
        for index in range(size):
            proof = parse_proof(format_proof(receipt(index, size)))
            checkpoint = check_receipt(proof, LEAVES[index], [LOG.verifier])
            assert (checkpoint.origin, checkpoint.size) == ("example.com/log", size)


def test_every_changed_bit_of_a_receipt_is_refused() -> None:
    data = format_proof(receipt(6, 7))
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises((ProofError, NoteError)):
                check_receipt(parse_proof(bytes(changed)), LEAVES[6], [LOG.verifier])


def test_a_receipt_proves_nothing_of_another_entry_or_under_another_key() -> None:
    proof = receipt(6, 21)
    with pytest.raises(ProofError, match="leads to another root"):
        check_receipt(proof, LEAVES[7], [LOG.verifier])
    with pytest.raises(NoteError, match="no signature is of a key that is known"):
        check_receipt(proof, LEAVES[6], [Ed25519Signer("example.com/log", bytes(32)).verifier])
    stranger = Ed25519Signer("example.com/other", bytes(32))
    with pytest.raises(NoteError, match="no signature on the checkpoint of"):
        check_receipt(receipt(6, 21, stranger), LEAVES[6], [LOG.verifier, stranger.verifier])
    witness = Ed25519Signer("example.com/log", bytes(32), COSIGNATURE)
    with pytest.raises(NoteError, match="does not hold"):
        check_receipt(receipt(6, 21, witness), LEAVES[6], [LOG.verifier, witness.verifier])


def test_what_is_extra_changes_nothing() -> None:
    proof = receipt(6, 7)
    with_extra = TlogProof(proof.index, proof.hashes, proof.checkpoint, b"anything")
    assert check_receipt(parse_proof(format_proof(with_extra)), LEAVES[6], [LOG.verifier]).size == 7


def test_a_receipt_of_more_hashes_than_any_tree_has_is_refused() -> None:
    with pytest.raises(ProofError, match="at most 64 hashes, and this 65"):
        parse_proof(format_proof(TlogProof(0, (bytes(32),) * 65, b"")))
    with pytest.raises(ProofError, match="at most 2000000 bytes"):
        parse_proof(b"\n" * 2_000_001)
    with pytest.raises(ProofError, match="no entry has index"):
        format_proof(TlogProof(MAX_SIZE + 1, (), b""))


@needs_shared
def test_the_receipts_of_others_are_read_and_written_and_the_bad_ones_refused() -> None:
    vectors = json.loads(shared_path("vectors/tlog-proof-format.json").read_text())
    for vector in vectors["marshal"]:
        extra = vector["extra"].encode() if "extra" in vector else None
        hashes = tuple(base64.b64decode(value) for value in vector["hashes_b64"])
        proof = TlogProof(vector["index"], hashes, vector["checkpoint"].encode(), extra)
        assert format_proof(proof) == vector["text"].encode()
        assert parse_proof(vector["text"].encode()) == proof
    assert (len(vectors["marshal"]), len(vectors["reject"])) == (3, 7)
    for text in vectors["reject"]:
        with pytest.raises(ProofError):
            parse_proof(text.encode())


def test_the_leaf_is_a_hash_and_never_the_entry() -> None:
    with pytest.raises(ProofError, match="a hash has 32 bytes"):
        check_receipt(receipt(0, 1), b"0", [LOG.verifier])
