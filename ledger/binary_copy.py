"""Rows as COPY reads them in its binary format (PostgreSQL manual, COPY, "Binary Format"). Pure.

A row is the number of its fields, and of each its length and its bytes. A driver finds out anew of each value what it
is, and of each element of an array: that takes half as long again. Columns hold few types, mostly few values.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from struct import Struct as Layout
from struct import pack
from typing import TypeAlias

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
FIELDS_KEPT = 8_192
"""Fields that are kept at most: those of codes, and what neighbouring rows have in common. A megabyte or two."""
TEXT_OID = 25
_INFINITE = {-63_082_281_600_000_000: -(2**63), 252_455_615_999_999_999: 2**63 - 1}
"""The first and the last instant of the calendar, which are infinite, as asyncpg has them; in timestamps."""
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_DAY_MICROSECONDS = 86_400_000_000
_SECOND_MICROSECONDS = 1_000_000
pack_length = Layout(">i").pack

Value: TypeAlias = str | bool | tuple[str, ...] | None
"""What a field may hold that `field` returns."""
EventRow = tuple[int, int, int, datetime, str, str, str, bytes, bytes]
"""A row of EVENT_COLUMNS."""
EVENT_COLUMNS = ("log_id", "position", "version", "recordedtime", "id", "subject", "type", "leaf_hash", "entry")
PAGE_EVENTS = 128
"""Events in a page: a third of a millisecond of work, and what a connection takes before it has to wait."""
_begin_event = Layout(">hiiiqiiiqi").pack
_LEAF_LENGTH = pack_length(32)


def pack_events(rows: Iterable[EventRow]) -> Iterator[bytes]:
    """Yield what COPY reads of the rows of a commit, which have one instant, a page at a time."""
    parts, instant = [HEADER], 0
    for number, (log_id, position, version, recordedtime, event_id, subject, event_type, leaf, entry) in enumerate(
        rows, 1
    ):
        instant = instant or timestamp(recordedtime)
        identifier, stream = event_id.encode(), subject.encode()
        parts += (
            _begin_event(len(EVENT_COLUMNS), 4, log_id, 8, position, 4, version, 8, instant, len(identifier)),
            identifier,
            pack_length(len(stream)),
            stream,
            field(event_type),
            _LEAF_LENGTH,
            leaf,
            pack_length(len(entry)),
            entry,
        )
        if number % PAGE_EVENTS == 0:
            yield b"".join(parts)
            parts.clear()
    yield b"".join((*parts, TRAILER))


def copied(rows: bytes) -> tuple[bytes, ...]:
    """Return what COPY reads, part by part, for rows that are packed."""
    return HEADER, rows, TRAILER


def timestamp(when: datetime) -> int:
    """Return an instant as a timestamp: microseconds since 2000."""
    since = when - _EPOCH
    elapsed = since.days * _DAY_MICROSECONDS + since.seconds * _SECOND_MICROSECONDS + since.microseconds
    return _INFINITE.get(elapsed, elapsed)


def _pack_field(value: Value) -> bytes:
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
    return pack_length(len(text)) + text


class Fields(dict[Value, bytes]):
    """The field of a value: its length and its bytes. They are kept until there are FIELDS_KEPT, then made anew."""

    def __missing__(self, value: Value) -> bytes:
        """Pack a value."""
        if len(self) >= FIELDS_KEPT:
            self.clear()
        self[value] = packed = _pack_field(value)
        return packed


field = Fields().__getitem__
"""Returns the field of a value."""
