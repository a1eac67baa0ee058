"""Rows that we pack for COPY are, once stored, those that asyncpg would have stored."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest

from ledger.binary_copy import EVENT_COLUMNS, PAGE_EVENTS, EventRow, copied, pack_events
from ledger.database import Database
from projections.packed_rows import END_COLUMNS, RECTANGLE_COLUMNS, pack_end, pack_row
from projections.rectangle import FOR_EVER, STILL_KNOWN, Rectangle, View, stored_row
from projections.views import BY_NAME, VIEWS

MOMENTS = (
    datetime(2025, 3, 1, 4, 5, 6, 789, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
    FOR_EVER,
)
OF_TYPE: dict[str, tuple[Any, ...]] = {
    "text": ("PUBLISHED", "", "Пакет 👟", 'a "quoted", {braced} \\ text'),
    "text[]": (("ID", "SG"), (), ("Пакет", "a,b"), ('"', "NULL")),
    "boolean": (True, False, True, False),
    "bytea": ({}, {"b": "Пакет", "a": None}, [], {"text": "x" * 5_000}),
}


async def packed(data: bytes) -> AsyncGenerator[bytes]:
    yield data


def rectangles_of(view: View, types: dict[str, tuple[str, bool]]) -> list[Rectangle]:
    """Return rectangles with every kind of value that a view's columns may have."""
    rectangles: list[Rectangle] = []
    for number, moment in enumerate(MOMENTS):
        ranges = (moment, max(moment, FOR_EVER - timedelta(days=number)), 2**40 + number, -number, STILL_KNOWN)
        row = tuple(
            OF_TYPE[kind][number % 4] if number < 4 or not nullable else None
            for kind, nullable in (types[column] for column in view.columns)
        )
        rectangles.append(Rectangle(f"listing:p:{number}", "ключ" * number, "BOTH", *ranges, row))
    return rectangles


def driven(number: int, r: Rectangle) -> tuple[Any, ...]:
    """Return a row as the driver takes it."""
    place = (number, r.subject, r.key, r.certainty)
    return (*place, r.valid_from, r.valid_to, r.valid_to_known, r.known_from, r.known_to, *stored_row(r.row))


async def in_pages(rows: Sequence[EventRow]) -> AsyncGenerator[bytes]:
    for page in pack_events(rows):
        yield page


@pytest.mark.parametrize("count", [1, PAGE_EVENTS, 2 * PAGE_EVENTS + 7])
async def test_packed_events_are_stored_as_the_driver_stores_them(database: Database, count: int) -> None:
    entries = zip(range(count), cycle((b"", b"{}", "Пакет".encode() * 999)), strict=False)
    rows: list[EventRow] = [
        (1, 2**40 + n, n + 1, MOMENTS[0], f"e-{n}", f"листинг:{n}", "X" * (n % 3), bytes(32), entry)
        for n, entry in entries
    ]
    async with database.owner() as connection:
        for table in ("ours", "theirs"):
            await connection.execute(f"CREATE TEMPORARY TABLE {table} (LIKE event)")
        await connection.copy_to_table("ours", source=in_pages(rows), columns=EVENT_COLUMNS, format="binary")
        await connection.copy_records_to_table("theirs", records=rows, columns=EVENT_COLUMNS)
        read = "SELECT * FROM {} ORDER BY position"
        ours, theirs = [await connection.fetch(read.format(table)) for table in ("ours", "theirs")]
    assert len(ours) == count
    assert ours == theirs
    assert len(list(pack_events(rows))) == count // PAGE_EVENTS + 1


@pytest.mark.parametrize("with_ends", [False, True])
@pytest.mark.parametrize("name", [view.name for view in VIEWS])
async def test_packed_rows_are_stored_as_the_driver_stores_them(database: Database, name: str, with_ends: bool) -> None:
    view = BY_NAME[name]
    columns = (*RECTANGLE_COLUMNS, *view.columns, *(END_COLUMNS if with_ends else ()))
    async with database.owner() as connection:
        asked = "SELECT attname, format_type(atttypid, NULL) AS type, NOT attnotnull AS nullable FROM pg_attribute "
        found = await connection.fetch(asked + "WHERE attrelid = to_regclass($1) AND attnum > 0", view.table)
        rectangles = rectangles_of(view, {row["attname"]: (row["type"], row["nullable"]) for row in found})
        for table in ("ours", "theirs"):
            more = ", ended timestamptz, ended_known bigint" if with_ends else ""
            await connection.execute(f"CREATE TEMPORARY TABLE {table} (LIKE {view.table}{more})")
        ours: list[bytes] = []
        theirs: list[tuple[Any, ...]] = []
        for number, (moment, rectangle) in enumerate(zip(MOMENTS, rectangles, strict=True)):
            end = None if number % 2 else (moment, number)
            ours.append(pack_row(number, rectangle, pack_end(end) if with_ends else ()))
            theirs.append((*driven(number, rectangle), *((end or (None, None)) if with_ends else ())))
        sent = packed(b"".join(copied(b"".join(ours))))
        await connection.copy_to_table("ours", source=sent, columns=columns, format="binary")
        await connection.copy_records_to_table("theirs", records=theirs, columns=columns)
        stored = [
            [tuple(row) for row in await connection.fetch(f"SELECT *, valid_from::text FROM {table} ORDER BY log_id")]
            for table in ("ours", "theirs")
        ]
    assert len(stored[0]) == len(MOMENTS)
    assert stored[0] == stored[1]
