"""Checkpoints and cosignatures, against the vectors that others publish."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.checkpoint import Checkpoint, cosign, cosigned_at, open_checkpoint, parse_checkpoint
from ledger.tlog.merkle import EMPTY_ROOT, MAX_SIZE
from ledger.tlog.note import (
    COSIGNATURE,
    Ed25519Signer,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    format_note,
    parse_vkey,
    verify_note,
)
from tests.shared import needs_shared, shared_path

LOG = Ed25519Signer("example.com/log", bytes(range(32)))
WITNESS = Ed25519Signer("witness.example", bytes([7]) * 32, COSIGNATURE)
CHECKPOINT = Checkpoint("example.com/log", 7, bytes(range(32)))

LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(LINES, st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=3).map(tuple))
def test_a_checkpoint_is_parsed_to_what_it_was_formatted_from(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    checkpoint = Checkpoint(origin, size, root, extensions)
    assert parse_checkpoint(checkpoint.text) == checkpoint


@given(st.text(max_size=80) | LINES.map(lambda line: f"{line}\n1\n{base64.b64encode(EMPTY_ROOT).decode()}\n{line}\n"))
def test_any_text_is_the_one_form_of_a_checkpoint_or_a_note_error(text: str) -> None:
    try:
        checkpoint = parse_checkpoint(text)
    except NoteError:
        return
    assert checkpoint.text == text


@pytest.mark.parametrize(
    "size", ["", "+7", "07", "00", "7.0", " 7", "7 ", "-7", "\u0667", str(MAX_SIZE + 1), "1" * 5000]
)
def test_a_size_that_is_not_written_as_it_should_be_is_refused(size: str) -> None:
    with pytest.raises(NoteError, match="is no decimal number"):
        parse_checkpoint(CHECKPOINT.text.replace("\n7\n", f"\n{size}\n"))


@pytest.mark.parametrize("origin", ["", "two\nlines"])
def test_a_checkpoint_that_could_not_be_read_again_is_not_made(origin: str) -> None:
    with pytest.raises(NoteError, match="not an empty one"):
        Checkpoint(origin, 7, bytes(32))
    with pytest.raises(NoteError, match="not an empty one"):
        Checkpoint("origin", 7, bytes(32), (origin,))
    for size, root in ((-1, bytes(32)), (MAX_SIZE + 1, bytes(32)), (7, bytes(31))):
        with pytest.raises(NoteError, match="there is no checkpoint"):
            Checkpoint("origin", size, root)


def signed(checkpoint: Checkpoint, *signers: Ed25519Signer) -> bytes:
    return format_note(Note(checkpoint.text, tuple(signer.sign(checkpoint.text) for signer in signers)))


def test_a_checkpoint_is_opened_by_the_key_of_its_origin_alone() -> None:
    other = Ed25519Signer("example.com/other", bytes(32))
    keys = [LOG.verifier, other.verifier, WITNESS.verifier]
    assert open_checkpoint(signed(CHECKPOINT, LOG), keys) == CHECKPOINT
    assert open_checkpoint(signed(CHECKPOINT, other, LOG), keys) == CHECKPOINT
    with pytest.raises(NoteError, match="no signature on the checkpoint of"):
        open_checkpoint(signed(CHECKPOINT, other), keys)
    named_alike = Ed25519Signer("example.com/log", bytes([9]) * 32, COSIGNATURE)
    cosigned = Note(CHECKPOINT.text, (cosign(named_alike, CHECKPOINT.text, 1),))
    with pytest.raises(NoteError, match="no signature on the checkpoint of"):
        open_checkpoint(format_note(cosigned), [*keys, named_alike.verifier])
    with pytest.raises(NoteError, match="no checkpoint"):
        open_checkpoint(format_note(Note("a\nb\nc\n", (LOG.sign("a\nb\nc\n"),))), keys)


def test_a_cosignature_vouches_for_its_time_and_for_the_whole_text() -> None:
    cosignature = cosign(WITNESS, CHECKPOINT.text, 1_767_139_200)
    note = Note(CHECKPOINT.text, (LOG.sign(CHECKPOINT.text), cosignature))
    assert verify_note(note, [WITNESS.verifier]) == (cosignature,)
    assert cosigned_at(cosignature) == 1_767_139_200
    assert cosignature.value[:8].hex() == "0000000069546780"
    later = Signature(cosignature.name, cosignature.key_id, (1_767_139_201).to_bytes(8) + cosignature.value[8:])
    for wrong in (Note(CHECKPOINT.text, (later,)), Note(CHECKPOINT.text.replace("7", "8", 1), (cosignature,))):
        with pytest.raises(NoteError, match="does not hold"):
            verify_note(wrong, [WITNESS.verifier])
    for value in (cosignature.value[:8], cosignature.value[:7], b"x", cosignature.value + b"x"):
        with pytest.raises(NoteError, match="does not hold"):
            verify_note(
                Note(CHECKPOINT.text, (Signature(WITNESS.verifier.name, WITNESS.verifier.key_id, value),)),
                [WITNESS.verifier],
            )


def test_only_a_witnesss_key_cosigns_and_only_a_checkpoint() -> None:
    with pytest.raises(NoteError, match="does not cosign"):
        cosign(LOG, CHECKPOINT.text, 1)
    with pytest.raises(NoteError, match="a checkpoint has"):
        cosign(WITNESS, "text\n", 1)
    with pytest.raises(NoteError, match="bears no time"):
        cosigned_at(Signature("a", bytes(4), bytes(8)))


def test_one_key_of_two_types_has_two_ids() -> None:
    key = parse_vkey("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    assert VerifierKey(key.name, COSIGNATURE, key.public).key_id.hex() == "5e6c321d"


@needs_shared
def test_the_bodies_of_others_pass_but_for_their_made_up_roots_and_the_invalid_ones_are_refused() -> None:
    vectors = json.loads(shared_path("vectors/checkpoint-parse.json").read_text())
    root = base64.b64encode(EMPTY_ROOT).decode()
    assert (len(vectors["valid"]), len(vectors["invalid"])) == (3, 7)
    for text in vectors["valid"]:  # their roots are words, of any length: ours is stricter there, and only there
        lines = text.splitlines()
        if len(base64.b64decode(lines[2])) != 32:
            with pytest.raises(NoteError, match="a hash has 32 bytes"):
                parse_checkpoint(text)
        given_root = text.replace(lines[2], root)
        assert parse_checkpoint(given_root).text == given_root
        assert parse_checkpoint(given_root) == Checkpoint(lines[0], int(lines[1]), EMPTY_ROOT, tuple(lines[3:]))
    for text in vectors["invalid"]:
        for word in ("YmFuYW5hcw==", "dGhlIHZpZXcgZnJvbSB0aGUgdHJlZSB0b3BzIGlzIGdyZWF0IQ=="):
            with pytest.raises(NoteError):
                parse_checkpoint(text.replace(word, root))
