"""The words of the search in the index: each stretch of a log has its place, and a question looks at those it is of."""

from datetime import UTC, datetime

import msgspec
import pytest

from ledger.database import Connection, Database
from projections.event_list import EventFilters, statement_of
from projections.event_search import statements

STRETCH = 1 << 18
"""Positions of a stretch (migration 016)."""
POSITIONS = (0, STRETCH - 1, STRETCH, 5 * STRETCH, 400 * STRETCH)
"""Where events with the same words are: on both sides of an edge between stretches, and far apart."""
TOLD = "INSERT INTO event VALUES ($1, $2, 1, $3, 'e' || $2::bigint, 'x:' || $2::bigint, 'T', sha256(''), $4)"
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


async def told(connection: Connection, log_id: int, position: int, title: str) -> None:
    """Store an event of one title, and take it into the search."""
    entry = msgspec.json.encode({"time": NOON, "data": {"title": title}})
    await connection.execute(TOLD, log_id, position, NOON, entry)
    await connection.execute(statements("index_events"), log_id, position, position + 1)


async def sought(connection: Connection, first: int, past: int, *words: str) -> list[int]:
    filters = EventFilters(words=words)
    statement = statement_of("seek", filters, backwards=False)
    rows = await connection.fetch(statement, 1, first, past, 100, *filters.arguments()[0])
    return [row["position"] for row in rows]


@pytest.mark.parametrize(
    ("first", "past"),
    [
        (0, POSITIONS[-1] + 1),
        (0, STRETCH - 1),
        (0, STRETCH),
        (1, STRETCH + 1),
        (STRETCH, 400 * STRETCH),
        (STRETCH + 1, 5 * STRETCH),
    ],
)
async def test_words_are_found_in_the_stretches_that_are_asked_for(database: Database, first: int, past: int) -> None:
    async with database.owner() as connection:
        for position in POSITIONS:
            await told(connection, 1, position, "Kemeja batik")
            await told(connection, 11, position, "Kemeja batik")
        await told(connection, 1, 1, "Sepatu lari")
        await connection.execute("SET enable_seqscan = off")
        expected = [position for position in POSITIONS if first <= position < past]
        assert await sought(connection, first, past, "batik", "kemeja") == expected
        assert await sought(connection, first, past, "batik", "sepatu") == []


async def test_of_many_words_all_count(database: Database) -> None:
    """The index is asked for the first eight."""
    numbers = [str(number) for number in range(100, 112)]
    async with database.owner() as connection:
        await told(connection, 1, 0, " ".join(numbers))
        await told(connection, 1, 1, " ".join(numbers[:-1]))
        assert await sought(connection, 0, 2, *numbers) == [0]
        assert await sought(connection, 0, 2, *numbers[:-1]) == [0, 1]
