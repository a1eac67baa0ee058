"""Signed notes and their keys, against others' vectors, and against every changed byte."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.note import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Ed25519Signer,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    format_note,
    format_signature,
    format_skey,
    generate_seed,
    parse_note,
    parse_signatures,
    parse_skey,
    parse_vkey,
    verify_note,
)
from tests.shared import needs_shared, shared_path

SIGNER = Ed25519Signer("example.com/log", bytes(range(32)))
OTHER = Ed25519Signer("example.com/other", bytes(32))
TEXT = "example.com/log\n0\nand\n\nmore – é\n"
NOTE = Note(TEXT, (SIGNER.sign(TEXT), OTHER.sign(TEXT)))

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="+"), min_size=1, max_size=20)
SIGNATURES = st.builds(Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=60).map(
    lambda text: text + "\n"
)
NOTES = st.builds(Note, TEXTS, st.lists(SIGNATURES, min_size=1, max_size=5).map(tuple))


@given(NOTES)
def test_a_note_is_parsed_to_what_it_was_formatted_from(note: Note) -> None:
    assert parse_note(format_note(note)) == note


@given(
    st.binary(max_size=200) | NOTES.map(format_note).flatmap(lambda data: st.sampled_from([data, data[:-1], data * 2]))
)
def test_any_bytes_are_the_one_form_of_a_note_or_a_note_error(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert format_note(note) == data


def test_a_note_is_verified_by_each_of_its_keys_and_by_no_other() -> None:
    assert verify_note(NOTE, [SIGNER.verifier]) == NOTE.signatures[:1]
    assert verify_note(NOTE, [OTHER.verifier]) == NOTE.signatures[1:]
    assert verify_note(NOTE, [OTHER.verifier, SIGNER.verifier]) == NOTE.signatures
    strangers = [
        VerifierKey("example.com/else", ED25519, SIGNER.verifier.public),
        VerifierKey(SIGNER.verifier.name, COSIGNATURE, SIGNER.verifier.public),
        Ed25519Signer(SIGNER.verifier.name, bytes([1]) * 32).verifier,
    ]
    for stranger in strangers:
        assert verify_note(NOTE, [stranger, SIGNER.verifier]) == NOTE.signatures[:1]
        with pytest.raises(NoteError, match="no signature is of a key that is known"):
            verify_note(NOTE, [stranger])
    with pytest.raises(NoteError, match="no signature is of a key that is known"):
        verify_note(NOTE, [])


def test_a_note_is_refused_if_one_known_key_did_not_make_its_signature_whatever_others_did() -> None:
    forged = Note(TEXT, (SIGNER.sign(TEXT), Signature("example.com/other", OTHER.verifier.key_id, bytes(64))))
    assert verify_note(forged, [SIGNER.verifier]) == forged.signatures[:1]
    with pytest.raises(NoteError, match=r"'example.com/other', key [0-9a-f]{8}, does not hold"):
        verify_note(forged, [SIGNER.verifier, OTHER.verifier])
    for value in (b"x", SIGNER.sign(TEXT).value + b"\x00", SIGNER.sign(TEXT).value[:-1]):
        with pytest.raises(NoteError, match="does not hold"):
            verify_note(Note(TEXT, (Signature("example.com/log", SIGNER.verifier.key_id, value),)), [SIGNER.verifier])


def verified_by(data: bytes) -> tuple[Signature, ...]:
    """The signatures that hold of a note of these bytes; none of what is no note, or refused."""
    try:
        return verify_note(parse_note(data), [SIGNER.verifier, OTHER.verifier])
    except NoteError:
        return ()


def test_after_any_changed_bit_a_signed_note_is_not_signed_by_both() -> None:
    data = format_note(NOTE)
    assert verified_by(data) == NOTE.signatures
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            assert len(verified_by(bytes(changed))) < len(NOTE.signatures)
            if place < len(TEXT.encode()):
                assert verified_by(bytes(changed)) == ()


def test_the_text_ends_at_the_last_blank_line() -> None:
    note = Note("a\n\n\nb\n\n", (SIGNER.sign("a\n\n\nb\n\n"),))
    assert parse_note(format_note(note)) == note
    assert parse_note(format_note(Note("\n", note.signatures))) == Note("\n", note.signatures)


def test_as_many_signatures_as_the_bound_are_read_and_not_one_more() -> None:
    note = Note(TEXT, (SIGNER.sign(TEXT),) * MAX_SIGNATURES)
    assert parse_note(format_note(note)) == note
    assert MAX_SIGNATURES >= 16
    with pytest.raises(NoteError, match="1 to 100 signature lines"):
        parse_note(format_note(note) + format_signature(note.signatures[0]).encode())
    with pytest.raises(NoteError, match="1 to 100 signatures"):
        format_note(Note(TEXT, (SIGNER.sign(TEXT),) * (MAX_SIGNATURES + 1)))
    with pytest.raises(NoteError, match="1 to 100 signatures, and this 0"):
        format_note(Note(TEXT, ()))
    with pytest.raises(NoteError, match="at most 1000000 bytes"):
        parse_note(b"\n" * (MAX_NOTE_BYTES + 1))


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "\x00\n", "\x1f\n", "\ud800\n"])
def test_a_text_that_no_note_may_have_is_refused(text: str) -> None:
    with pytest.raises(NoteError, match="the text of a note"):
        format_note(Note(text, NOTE.signatures))


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u2003b", "a\u00a0b", "a\nb", "a\tb", "a\u3000", "\ud800", "a\x01"]
)
def test_a_name_that_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="is no name of a key"):
        VerifierKey(name, ED25519, bytes(32))
    with pytest.raises(NoteError, match="is no name of a key"):
        format_signature(Signature(name, bytes(4), b"x"))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        "- a AAAAAAA=\n",
        "—  AAAAAAA=\n",
        "— a\n",
        "— a \n",
        "— a AAAAAA==\n",
        "— a AAAAAAA\n",
        "— a AAAAAAB=\n",
        "— a AAAAAAA= \n",
        "— a  AAAAAAA=\n",
        "— a AAAAAAA=",
        "— a AAAA AAA=\n",
        "— a é\n",
        "— a AAAAAAA=\n\n",
    ],
)
def test_a_line_that_is_no_signature_is_refused(line: str) -> None:
    assert parse_signatures("— a AAAAAAA=\n") == (Signature("a", bytes(4), b"\x00"),)
    with pytest.raises(NoteError):
        parse_signatures(line)
    with pytest.raises(NoteError):
        parse_signatures("— a AAAAAAA=\n" + line + "\n" * (line == ""))


@given(NAMES, st.binary(min_size=32, max_size=32), st.sampled_from([ED25519, COSIGNATURE]))
def test_keys_are_parsed_to_what_they_were_formatted_from(name: str, seed: bytes, kind: int) -> None:
    signer = Ed25519Signer(name, seed, kind)
    assert parse_vkey(str(signer.verifier)) == signer.verifier
    again = parse_skey(format_skey(signer))
    assert (again.verifier, again.seed) == (signer.verifier, seed)


def test_a_key_that_is_written_with_the_id_of_another_is_refused() -> None:
    for signer in (SIGNER, Ed25519Signer("example.com/log", bytes(32), COSIGNATURE)):
        other = OTHER.verifier.key_id.hex()
        with pytest.raises(NoteError, match=f"has ID {signer.verifier.key_id.hex()}, and is written with '{other}'"):
            parse_vkey(str(signer.verifier).replace(signer.verifier.key_id.hex(), other))
        with pytest.raises(NoteError, match="of another key ID than the one it is written with"):
            parse_skey(format_skey(signer).replace(signer.verifier.key_id.hex(), other))


def test_a_generated_seed_signs() -> None:
    signer = Ed25519Signer("a", generate_seed())
    assert signer.seed != generate_seed()
    assert verify_note(Note("text\n", (signer.sign("text\n"),)), [signer.verifier])


def test_a_private_key_that_cannot_be_read_is_not_quoted() -> None:
    skey = format_skey(SIGNER)
    wrong = [skey[13:], skey[:-1], skey + "A", "PRIVATE+KEY+" + "x" * 50, skey.replace(skey.split("+")[3], "00000000")]
    wrong.append(skey.rpartition("+")[0] + "+!" + skey.rpartition("+")[2])
    secret = skey.rpartition("+")[2]
    for text in wrong:
        with pytest.raises(NoteError) as refused:
            parse_skey(text)
        for start in range(len(secret) - 8):
            assert secret[start : start + 8] not in str(refused.value)
    assert secret not in repr(SIGNER)


def test_a_key_of_another_length_or_type_is_refused() -> None:
    with pytest.raises(NoteError, match="the private key of 'a' has 31 bytes"):
        Ed25519Signer("a", bytes(31))
    with pytest.raises(NoteError, match="the key of 'a' has 33 bytes"):
        VerifierKey("a", ED25519, bytes(33))
    with pytest.raises(NoteError, match="of type 0x06, which is not verified here"):
        VerifierKey("a", 6, bytes(1312))


def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared_path("vectors/signed-notes.json").read_text())
    return found


@needs_shared
def test_the_valid_notes_of_others_are_verified_and_their_signed_ones_made_again() -> None:
    made = 0
    for vector in vectors()["valid"]:
        data, key = vector["note"].encode(), parse_vkey(vector["vkey"])
        note = parse_note(data)
        assert str(key) == vector["vkey"]
        assert format_note(note) == data
        assert [signature.name for signature in verify_note(note, [key])] == [key.name]
        seed = bytes.fromhex(vector["seed_hex"]) if "seed_hex" in vector else None
        signer = Ed25519Signer(key.name, seed) if seed else parse_skey(vector["skey"]) if "skey" in vector else None
        if signer is not None:
            assert signer.verifier == key
            assert signer.sign(note.text) in note.signatures
            assert "skey" not in vector or format_skey(signer) == vector["skey"]
            made += 1
    assert made == 2


@needs_shared
def test_the_malformed_notes_of_others_are_refused() -> None:
    malformed = [note.encode() for note in vectors()["malformed_notes"]]
    assert len(malformed) == 6
    for data in (*malformed, b"\xff" + vectors()["valid"][0]["note"].encode()):
        with pytest.raises(NoteError):
            parse_note(data)


@needs_shared
def test_the_bad_keys_of_others_are_refused() -> None:
    for vkey in vectors()["bad_vkeys"]:
        with pytest.raises(NoteError):
            parse_vkey(vkey)


@needs_shared
def test_notes_with_signatures_of_types_that_we_do_not_verify_are_carried_and_vouched_for_by_nobody() -> None:
    for vector in vectors()["ecdsa_type2"] + vectors()["rfc6962_type5"]:
        note = parse_note(vector["note"].encode())
        assert format_note(note) == vector["note"].encode()
        with pytest.raises(NoteError, match="which is not verified here"):
            parse_vkey(vector["vkey"])
        with pytest.raises(NoteError, match="no signature is of a key that is known"):
            verify_note(note, [SIGNER.verifier])
