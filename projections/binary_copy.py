"""Rows of views as COPY reads them in its binary format (PostgreSQL manual, COPY, "Binary Format"). Pure.

A row is the number of its fields, and of each its length and its bytes. A driver finds out anew of each value what it
is, and of each element of an array: that takes half as long again. A view's columns hold few types, mostly few values.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct as Layout
from struct import pack
from typing import TypeAlias

from ledger.entry import encode_canonical
from projections.rectangle import End, Rectangle

RECTANGLE_COLUMNS = (
    "log_id",
    "subject",
    "key",
    "certainty",
    "valid_from",
    "valid_to",
    "valid_to_known",
    "known_from",
    "known_to",
)
"""Of the table of every view, before its own columns."""
END_COLUMNS = ("ended", "ended_known")
"""After its own columns, of what is to replace newest rectangles: the end of what it replaces, or null."""
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
FIELDS_KEPT = 8_192
"""Fields that are kept at most: those of codes, and what neighbouring streams have in common. A megabyte or two."""
TEXT_OID = 25
_INFINITE = {-63_082_281_600_000_000: -(2**63), 252_455_615_999_999_999: 2**63 - 1}
"""The first and the last instant of the calendar, which are infinite, as asyncpg has them; in timestamps."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_MICROSECONDS = 86_400_000_000
_SECOND_MICROSECONDS = 1_000_000
_begin = Layout(">hiii").pack
_ranges = Layout(">iqiqiqiqiq").pack
_number = Layout(">iq").pack
_length = Layout(">i").pack

Own: TypeAlias = str | bool | tuple[str, ...] | None
"""What a column of a view's own holds, but for the answer."""


def pack_row(log_id: int, r: Rectangle, more: Sequence[bytes] = ()) -> bytes:
    """Return a row of RECTANGLE_COLUMNS and a view's own columns, the answer as JSON last, as it stands in a COPY.

    `more` are fields of other columns, which come after them.
    """
    row = r.row
    owner, key, item = r.subject.encode(), r.key.encode(), encode_canonical(row[-1])
    valid_from, valid_to = timestamp(r.valid_from), timestamp(r.valid_to)
    parts = [
        _begin(len(RECTANGLE_COLUMNS) + len(row) + len(more), 4, log_id, len(owner)),
        owner,
        _length(len(key)),
        key,
        field(r.certainty),
        _ranges(8, valid_from, 8, valid_to, 8, r.valid_to_known, 8, r.known_from, 8, r.known_to),
        *map(field, row[:-1]),
        _length(len(item)),
        item,
        *more,
    ]
    return b"".join(parts)


def pack_end(end: End | None) -> tuple[bytes, bytes]:
    """Return the fields of END_COLUMNS."""
    return (NULL, NULL) if end is None else (_number(8, timestamp(end[0])), _number(8, end[1]))


def copied(rows: bytes) -> tuple[bytes, ...]:
    """Return what COPY reads, part by part, for rows that are packed."""
    return HEADER, rows, TRAILER


def timestamp(when: datetime) -> int:
    """Return an instant as a timestamp: microseconds since 2000."""
    since = when - _EPOCH
    elapsed = since.days * _DAY_MICROSECONDS + since.seconds * _SECOND_MICROSECONDS + since.microseconds
    return _INFINITE.get(elapsed, elapsed)


def _pack_field(value: Own) -> bytes:
    if value is None:
        return NULL
    if isinstance(value, str):
        text = value.encode()
    elif isinstance(value, bool):
        text = b"\1" if value else b"\0"
    elif value:
        text = pack(">5i", 1, 0, TEXT_OID, len(value), 1) + b"".join(map(field, value))
    else:
        text = pack(">3i", 0, 0, TEXT_OID)
    return _length(len(text)) + text


class Fields(dict[Own, bytes]):
    """The field of a value: its length and its bytes. They are kept until there are FIELDS_KEPT, then made anew."""

    def __missing__(self, value: Own) -> bytes:
        """Pack a value."""
        if len(self) >= FIELDS_KEPT:
            self.clear()
        self[value] = packed = _pack_field(value)
        return packed


field = Fields().__getitem__
"""Returns the field of a value."""
