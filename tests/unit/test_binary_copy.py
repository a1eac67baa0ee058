"""Rows as COPY reads them: the bytes that PostgreSQL's manual says."""

from datetime import UTC, datetime

import pytest

from ledger import binary_copy
from ledger.binary_copy import NULL, Fields, copied, field, timestamp
from projections.packed_rows import END_COLUMNS, RECTANGLE_COLUMNS, pack_end, pack_row
from projections.rectangle import FOR_EVER, STILL_KNOWN, Rectangle

SECOND = datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)


def sized(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def test_a_row_is_the_number_of_its_fields_and_each_with_its_length() -> None:
    row = ("OPEN", True, None, {"b": 1, "a": 2})
    rectangle = Rectangle("seller:p:s", "ключ", "BOTH", SECOND, FOR_EVER, 5, 3, STILL_KNOWN, row)
    instants_and_positions = (1_000_000, STILL_KNOWN, 5, 3, STILL_KNOWN)
    fields = [
        sized((7).to_bytes(4, "big")),
        sized(b"seller:p:s"),
        sized("ключ".encode()),
        sized(b"BOTH"),
        *[sized(number.to_bytes(8, "big")) for number in instants_and_positions],
        sized(b"OPEN"),
        sized(b"\1"),
        NULL,
        sized(b'{"a":2,"b":1}'),
    ]
    assert len(fields) == len(RECTANGLE_COLUMNS) + len(row)
    assert pack_row(7, rectangle) == b"\0\x0d" + b"".join(fields)
    ends = pack_end((SECOND, 9))
    assert ends == (sized((1_000_000).to_bytes(8, "big")), sized((9).to_bytes(8, "big")))
    assert pack_row(7, rectangle, ends) == b"\0\x0f" + b"".join(fields) + b"".join(ends)
    assert pack_end(None) == (NULL,) * len(END_COLUMNS)


def test_rows_are_copied_between_a_header_and_a_trailer() -> None:
    header = b"PGCOPY\n\xff\r\n\0" + bytes(8)
    assert b"".join(copied(b"one rowand another")) == header + b"one rowand another" + b"\xff\xff"


def test_an_array_of_texts_has_its_dimension_and_an_empty_one_has_none() -> None:
    dimension = bytes.fromhex("00000001 00000000 00000019 00000002 00000001")  # one; no null; of texts; 2 from 1 on
    assert field(("ID", "")) == sized(dimension + sized(b"ID") + sized(b""))
    assert field(()) == sized(bytes.fromhex("00000000 00000000 00000019"))
    assert [field(value) for value in (False, "", None)] == [sized(b"\0"), sized(b""), b"\xff\xff\xff\xff"]


def test_an_instant_is_in_microseconds_and_the_ends_of_the_calendar_are_infinite() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    before = datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert [timestamp(when) for when in (before, first, last)] == [-1, -(2**63), 2**63 - 1]
    assert timestamp(last.replace(microsecond=0)) == 252_455_615_999_000_000


def test_fields_are_kept_until_there_are_so_many_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_copy, "FIELDS_KEPT", 3)
    fields = Fields()
    for value in ("a", "b", None, "a", ("a", "b"), False, "c", "a"):
        assert fields[value] == field(value)
        assert fields[value] is fields[value]
        assert len(fields) <= 3
