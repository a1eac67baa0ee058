"""The witness itself, without HTTP: each check in the specification's order, and what it keeps before it answers."""

from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import SettingError, VaultError
from ledger.tlog.checkpoint import Checkpoint, cosigned_at, open_checkpoint
from ledger.tlog.merkle import EMPTY_ROOT, Tile, extend_frontier, frontier_root, leaf_hash
from ledger.tlog.note import (
    COSIGNATURE,
    Ed25519Signer,
    Note,
    NoteSigner,
    format_note,
    parse_note,
    parse_signatures,
    verify_note,
)
from ledger.tlog.proof import TileReader, prove_consistency
from ledger.tlog.witness_protocol import AddCheckpoint, format_add_checkpoint
from ledger.vault import Vault
from ledger.witness import KEY_FILE, Answer, Witness, open_signer

LOG = Ed25519Signer("example.com/log", bytes(range(32)))
NEXT_KEY = Ed25519Signer("example.com/log", bytes([1]) * 32)
OTHER = Ed25519Signer("example.com/other", bytes([2]) * 32)
NAME = sha256(b"example.com/log").hexdigest()
LEAVES = [leaf_hash(str(number).encode()) for number in range(16)]
NOW = 1_767_139_200


def root(size: int) -> bytes:
    return frontier_root(size, extend_frontier(0, b"", LEAVES[:size]))


def growth(old: int, size: int) -> tuple[bytes, ...]:
    reader = TileReader({Tile(0, 0, size): b"".join(LEAVES[:size])}) if size else TileReader({})
    return prove_consistency(old, size, reader.hash_of) if old else ()


def checkpoint(size: int, *signers: NoteSigner, origin: str = "example.com/log", top: bytes | None = None) -> bytes:
    text = Checkpoint(origin, size, root(size) if top is None else top).text
    return format_note(Note(text, tuple(signer.sign(text) for signer in signers or (LOG,))))


def request(old: int, size: int, proof: tuple[bytes, ...] | None = None, note: bytes | None = None) -> bytes:
    hashes = growth(old, size) if proof is None else proof
    return format_add_checkpoint(AddCheckpoint(old, hashes, checkpoint(size) if note is None else note))


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    signer = Ed25519Signer("witness.example", bytes([7]) * 32, COSIGNATURE)
    return Witness(Vault(tmp_path / "w"), signer, [LOG.verifier, NEXT_KEY.verifier, OTHER.verifier], lambda: NOW + 0.9)


def status(answer: Answer) -> int:
    return answer.status


def conflict(size: int) -> Answer:
    return Answer(status=409, body=f"{size}\n".encode(), media_type="text/x.tlog.size")


def cosigned(witness: Witness, old: int, size: int) -> None:
    answer = witness.add_checkpoint(request(old, size))
    assert (answer.status, answer.media_type) == (200, "text/plain; charset=utf-8")
    (cosignature,) = parse_signatures(answer.body.decode())
    note = parse_note(checkpoint(size))
    assert verify_note(Note(note.text, (cosignature,)), [witness.verifier]) == (cosignature,)
    assert cosigned_at(cosignature) == NOW
    kept = witness.checkpoint(NAME)
    assert kept == format_note(Note(note.text, (*note.signatures, cosignature)))


def test_a_log_that_grows_is_cosigned_at_each_size_and_again_at_the_same(witness: Witness) -> None:
    for old, size in ((0, 0), (0, 0), (0, 3), (3, 3), (3, 4), (4, 16), (16, 16)):
        cosigned(witness, old, size)


def test_who_knows_nothing_is_told_the_size_that_was_cosigned_last(witness: Witness) -> None:
    assert witness.add_checkpoint(request(3, 7)) == conflict(0)
    cosigned(witness, 0, 7)
    for old in (0, 3, 6):
        assert witness.add_checkpoint(request(old, 7)) == conflict(7)
        assert witness.add_checkpoint(request(old, 9, ())) == conflict(7)


def test_a_log_that_went_back_is_not_cosigned_however_it_asks(witness: Witness) -> None:
    cosigned(witness, 0, 7)
    for old in (0, 3, 5):
        assert witness.add_checkpoint(request(old, 5)) == conflict(7)
    assert status(witness.add_checkpoint(request(7, 5, ()))) == 400
    cosigned(witness, 7, 9)


def test_another_root_at_the_same_or_a_later_size_is_not_cosigned(witness: Witness) -> None:
    cosigned(witness, 0, 7)
    before = witness.checkpoint(NAME)
    for size, proof in ((7, ()), (9, growth(7, 9)), (9, ())):
        forged = checkpoint(size, top=bytes(32))
        assert status(witness.add_checkpoint(request(7, size, proof, forged))) == 422
    assert status(witness.add_checkpoint(request(7, 7, (bytes(32),)))) == 422
    assert status(witness.add_checkpoint(request(7, 9, growth(7, 9)[1:]))) == 422
    assert witness.checkpoint(NAME) == before


def test_from_size_0_there_is_no_proof_and_the_empty_tree_has_one_root(witness: Witness) -> None:
    assert status(witness.add_checkpoint(request(0, 7, (bytes(32),)))) == 422
    assert status(witness.add_checkpoint(request(0, 0, (), checkpoint(0, top=bytes(32))))) == 422
    assert status(witness.add_checkpoint(request(0, 0, (), checkpoint(0, top=EMPTY_ROOT)))) == 200


def test_what_cannot_be_read_is_refused_before_anything_else(witness: Witness) -> None:
    for data in (b"", b"old 1\n", b"old 01\n\n" + checkpoint(1), request(0, 1, note=b"no note"), request(0, 1)[:-1]):
        assert status(witness.add_checkpoint(data)) == 400


def test_an_unknown_log_comes_before_its_signature_and_a_bad_signature_before_the_sizes(witness: Witness) -> None:
    stranger = Ed25519Signer("example.com/unknown", bytes(32))
    unknown = checkpoint(7, stranger, origin="example.com/unknown")
    assert status(witness.add_checkpoint(request(9, 7, (), unknown))) == 404
    assert status(witness.add_checkpoint(request(9, 7, (), checkpoint(7, stranger)))) == 403
    text = "example.com/log\nno size\n"
    unreadable = Note(text, (LOG.sign(text),))
    assert status(witness.add_checkpoint(request(0, 0, (), format_note(unreadable)))) == 400
    unsigned = Note(text, (stranger.sign(text),))
    assert status(witness.add_checkpoint(request(0, 0, (), format_note(unsigned)))) == 403


def test_a_log_is_vouched_for_by_its_own_keys_alone(witness: Witness) -> None:
    assert status(witness.add_checkpoint(request(0, 3, note=checkpoint(3, OTHER)))) == 403
    forged = parse_note(checkpoint(3, NEXT_KEY))
    both = Note(forged.text, (*forged.signatures, LOG.sign("something else\n")))
    assert status(witness.add_checkpoint(request(0, 3, note=format_note(both)))) == 403
    assert status(witness.add_checkpoint(request(0, 3, note=checkpoint(3, NEXT_KEY, OTHER)))) == 200
    assert open_checkpoint(witness.checkpoint(NAME) or b"", [NEXT_KEY.verifier]).size == 3


def test_each_log_has_its_own_last_checkpoint(witness: Witness) -> None:
    cosigned(witness, 0, 7)
    other = checkpoint(3, OTHER, origin="example.com/other")
    assert status(witness.add_checkpoint(request(0, 3, note=other))) == 200
    assert witness.add_checkpoint(request(0, 9)) == conflict(7)
    assert witness.checkpoint(sha256(b"nobody").hexdigest()) is None
    assert witness.checkpoint("../witness.key") is None


def test_what_was_cosigned_is_remembered_by_the_next_process(witness: Witness, tmp_path: Path) -> None:
    cosigned(witness, 0, 7)
    signer = Ed25519Signer("witness.example", bytes([7]) * 32, COSIGNATURE)
    again = Witness(Vault(tmp_path / "w"), signer, [LOG.verifier], lambda: NOW)
    assert again.add_checkpoint(request(0, 7)) == conflict(7)
    cosigned(again, 7, 8)


def test_what_was_cosigned_last_and_cannot_be_read_is_not_taken_for_nothing(witness: Witness, tmp_path: Path) -> None:
    cosigned(witness, 0, 7)
    file = tmp_path / "w" / "checkpoints" / NAME
    file.write_bytes(b"half a no")
    with pytest.raises(VaultError, match="is no checkpoint"):
        witness.add_checkpoint(request(0, 9))
    file.unlink()
    file.mkdir()
    with pytest.raises(VaultError, match="cannot be used"):
        witness.add_checkpoint(request(0, 9))


def test_the_key_of_a_witness_is_made_once_and_keeps_its_name(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "w")
    with pytest.raises(SettingError, match="say --name at its first start"):
        open_signer(vault, None)
    signer = open_signer(vault, "witness.example")
    assert (signer.verifier.name, signer.verifier.kind) == ("witness.example", COSIGNATURE)
    assert open_signer(vault, None).verifier == open_signer(vault, "witness.example").verifier == signer.verifier
    assert (tmp_path / "w" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingError, match=r"is the key of 'witness.example', not of witness 'other.example'"):
        open_signer(vault, "other.example")
    with pytest.raises(SettingError, match="is no name of a key"):
        open_signer(vault, "two words")
    vault.write(KEY_FILE, b"nonsense\n")
    with pytest.raises(SettingError, match="the key of the witness"):
        open_signer(vault, None)
