"""Bundles of entries: what is encoded is decoded, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tlog.bundle import ENTRY_MAX_BYTES, decode_bundle, encode_bundle


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_a_bundle_is_decoded_to_what_it_was_encoded_from(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=60), st.integers(1, 4))
def test_any_bytes_are_the_one_bundle_of_their_entries_or_a_value_error(data: bytes, width: int) -> None:
    try:
        entries = decode_bundle(data, width)
    except ValueError:
        return
    assert encode_bundle(entries) == data
    assert len(entries) == width


def test_a_bundle_with_a_byte_or_an_entry_more_or_less_is_refused() -> None:
    data = encode_bundle([b"one", b"", b"three"])
    assert data == b"\x00\x03one\x00\x00\x00\x05three"
    for wrong, width in ((data[:-1], 3), (data + b"\x00", 3), (data, 2), (data, 4), (data[:-6], 3), (b"", 1)):
        with pytest.raises(ValueError, match="by its lengths"):
            decode_bundle(wrong, width)


def test_the_longest_entry_fits_and_one_byte_more_does_not() -> None:
    longest = bytes(ENTRY_MAX_BYTES)
    assert decode_bundle(encode_bundle([longest]), 1) == [longest]
    with pytest.raises(ValueError, match="an entry has at most 65535 bytes, and one here 65536"):
        encode_bundle([b"short", longest + b"\x00"])


@pytest.mark.parametrize("width", [0, 257])
def test_a_bundle_of_no_entries_or_too_many_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="1 to 256 entries"):
        encode_bundle([b""] * width)
    with pytest.raises(ValueError, match="1 to 256 entries"):
        decode_bundle(b"\x00\x00" * width, width)
