"""`jejak verify` reads entries packed, many in one value: nothing that differs is lost between two of them."""

from collections.abc import Sequence

import msgspec
import pytest

from ledger.database import Connection, Database
from ledger.intake import LogInfo
from ledger.verify import LogVerifier
from tests.histories import FIRST_RECORDED, make_log
from tests.postgres.test_proofs import extended
from tests.postgres.test_verify_tiles import HEAD, made

SIZE = 8
FOUND = "the entry's {} is not the one stored beside it"
Found = list[tuple[str, str]]


async def stored(connection: Connection, database: Database, others: dict[int, dict[str, object]]) -> LogInfo:
    """Store a log of some entries, each of a stream of its own; `others` say what some of them have instead."""
    log = await make_log(database, "packed")
    entries = [
        msgspec.json.encode({**msgspec.json.decode(made(log, position)), **others.get(position, {})})
        for position in range(SIZE)
    ]
    frontier = await extended(connection, log, entries, 0, b"")
    await connection.execute(HEAD, log.log_id, SIZE, frontier, FIRST_RECORDED)
    return log


async def found_after(
    database: Database, changes: Sequence[str], others: dict[int, dict[str, object]] | None = None
) -> Found:
    """Return what is found of such a log after changes behind its back."""
    async with database.owner() as connection:
        await connection.execute("SET session_replication_role = replica")
        log = await stored(connection, database, others or {})
        for change in changes:
            await connection.execute(change)
        findings = (await LogVerifier(database.pool("reader"), log).verify()).findings
        return [(finding.place, finding.detail) for finding in findings]


async def test_what_was_stored_is_verified(database: Database) -> None:
    assert await found_after(database, []) == []


@pytest.mark.parametrize("column", ["id", "subject", "type"])
async def test_texts_are_told_apart_that_differ_in_where_one_ends(database: Database, column: str) -> None:
    changes = (
        f"UPDATE event SET {column} = 'a' WHERE position = 3",
        f"UPDATE event SET {column} = E'b\\nc' WHERE position = 4",
    )
    assert await found_after(database, changes, {3: {column: "a\nb"}, 4: {column: "c"}}) == [
        ("position 3", FOUND.format(column)),
        ("position 4", FOUND.format(column)),
    ]


async def test_leaf_hashes_are_told_apart_that_differ_in_where_one_ends(database: Database) -> None:
    """The last byte of one has become the first of the next."""
    last = "(SELECT substr(leaf_hash, 32) FROM event WHERE position = 3)"
    longer = f"UPDATE event SET leaf_hash = {last} || leaf_hash WHERE position = 4"
    changes = (longer, "UPDATE event SET leaf_hash = substr(leaf_hash, 1, 31) WHERE position = 3")
    detail = "the entry's hash is not the leaf hash stored beside it"
    assert await found_after(database, changes) == [("position 3", detail), ("position 4", detail)]


@pytest.mark.parametrize("instant", ["infinity", "-infinity", "20000-01-01", "1970-01-01"])
async def test_an_instant_beside_an_entry_is_found_whatever_it_is(database: Database, instant: str) -> None:
    changes = (f"UPDATE event SET recordedtime = '{instant}' WHERE position = 3",)
    assert await found_after(database, changes) == [("position 3", FOUND.format("recordedtime"))]


@pytest.mark.parametrize(
    ("other", "details"),
    [
        ({"log": "another"}, [FOUND.format("log")]),
        ({"sequence": "3"}, [FOUND.format("sequence")]),
        ({"streamversion": 2}, [FOUND.format("streamversion")]),
        ({"time": 7}, ["the entry is no recorded event: Expected `datetime`, got `int` - at `$.time`"]),
        ({"recordedtime": "2026-01-01T00:00:00"}, ["the entry is no recorded event: its recordedtime has no offset"]),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_an_entry_that_its_own_hash_agrees_with_is_read(
    database: Database, other: dict[str, object], details: list[str]
) -> None:
    assert await found_after(database, [], {3: other}) == [("position 3", detail) for detail in details]


async def test_an_entry_recorded_before_the_one_that_it_follows_is_found(database: Database) -> None:
    earlier = {"recordedtime": "2001-01-01T00:00:00.000000Z"}
    changes = (f"UPDATE event SET recordedtime = '{earlier['recordedtime']}' WHERE position = 3",)
    assert await found_after(database, changes, {3: dict(earlier)}) == [
        ("position 3", "was recorded before the entry that it follows")
    ]


async def test_a_position_that_stands_twice_is_found(database: Database) -> None:
    changes = (
        "ALTER TABLE event DROP CONSTRAINT one_event_for_each_position",
        "UPDATE event SET position = 2 WHERE position = 3",
    )
    assert ("position 2", FOUND.format("sequence")) in await found_after(database, changes)


async def test_an_entry_with_a_line_end_between_its_members_is_no_finding(database: Database) -> None:
    """It is not as this service writes one, but it is what was hashed, and agrees with all that stands beside it."""
    async with database.owner() as connection:
        await connection.execute("SET session_replication_role = replica")
        log = await make_log(database, "packed")
        entries = [made(log, position).replace(b",", b",\n", 1) for position in range(SIZE)]
        frontier = await extended(connection, log, entries, 0, b"")
        await connection.execute(HEAD, log.log_id, SIZE, frontier, FIRST_RECORDED)
    verified = await LogVerifier(database.pool("reader"), log).verify()
    assert (verified.size, verified.findings) == (SIZE, [])
