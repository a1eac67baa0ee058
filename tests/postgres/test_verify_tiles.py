"""`jejak verify` over a log of a tile of tiles: what stands above the leaves is verified as they are."""

from collections.abc import AsyncGenerator, Sequence
from typing import cast

import asyncpg
import msgspec
import pytest

from ledger.domain.instants import format_instant
from ledger.intake import LogInfo
from ledger.server.embedded import EmbeddedServer
from ledger.tlog.merkle import leaf_hash
from ledger.verify import LogVerifier, Verified
from ledger.verify_streams import STREAMS_PAGE, find_misplaced
from tests.conftest import copied_database
from tests.histories import FIRST_RECORDED, make_log
from tests.postgres.test_proofs import LARGE, World, extended, tree_hash

SIZE = LARGE + 300
STEP = 10_000
MOST = 10
HEAD = "UPDATE log_head SET size = $2, frontier = $3, recordedtime = $4 WHERE log_id = $1"


def made(log: LogInfo, position: int) -> bytes:
    """Return an entry as it must be, of which `extended` writes the columns."""
    recordedtime = format_instant(FIRST_RECORDED)
    event: dict[str, object] = {
        "authid": "test",
        "authrole": "PLATFORM_WRITER",
        "data": {},
        "dataschema": "/schemas/X/1",
        "id": f"e{position}",
        "log": log.slug,
        "recordedtime": recordedtime,
        "sequence": f"{position:020}",
        "source": "/tests",
        "specversion": "1.0",
        "streamversion": 1,
        "subject": f"listing:p1:l{position}",
        "time": recordedtime,
        "timeprecision": "INSTANT",
        "timezone": "UTC",
        "type": "X",
    }
    return msgspec.json.encode(event)


@pytest.fixture(scope="module")
async def large(server: EmbeddedServer, template: str) -> AsyncGenerator[World]:
    async with copied_database(server, template, test_clock=False) as database:
        log = await make_log(database, "large")
        entries = [made(log, position) for position in range(SIZE)]
        frontier = b""
        async with database.owner() as connection:
            for start in range(0, SIZE, STEP):
                frontier = await extended(connection, log, entries[start : start + STEP], start, frontier)
            await connection.execute(HEAD, log.log_id, SIZE, frontier, FIRST_RECORDED)
        yield World(database, log, [leaf_hash(entry) for entry in entries])


async def verified_after(world: World, change: str | None) -> Verified:
    """Return what is found on one connection after a change, which is taken back."""
    async with world.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        if change is not None:
            await connection.execute(change)
        verified = await LogVerifier(connection, world.log).verify()
        await transaction.rollback()
        return verified


async def test_a_log_of_a_full_tile_of_tiles_verifies_on_a_pool_as_on_one_connection(large: World) -> None:
    read: list[int] = []
    on_pool = await LogVerifier(large.database.pool("reader"), large.log, read.append).verify()
    assert (on_pool.size, on_pool.root, on_pool.findings) == (SIZE, tree_hash(large.leaves).hex(), [])
    assert sum(read) == SIZE
    assert await verified_after(large, None) == on_pool


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ("UPDATE tile SET hashes = overlay(hashes PLACING sha256('x') FROM 97) WHERE level = 1", ["tile 1/0, hash 3"]),
        ("UPDATE tile SET root = sha256('x') WHERE level = 1", ["tile 1/0"]),
        ("DELETE FROM tile WHERE level = 1", ["tile 1/0"]),
        ("UPDATE tile SET root = sha256('x') WHERE level = 0 AND index = 255", ["tile 0/255"]),
        ("DELETE FROM tile WHERE level = 0 AND index IN (0, 256)", ["tile 0/0", "tile 0/256"]),
    ],
)
async def test_a_tile_that_is_not_what_the_entries_give_is_named(
    large: World, change: str, places: Sequence[str]
) -> None:
    verified = await verified_after(large, change)
    assert [finding.place for finding in verified.findings] == places


@pytest.mark.parametrize("place", [0, 1, STREAMS_PAGE - 1, STREAMS_PAGE, STREAMS_PAGE + 1, SIZE - 1])
async def test_a_version_out_of_place_is_found_once_wherever_a_page_ends(large: World, place: int) -> None:
    """In the order of streams and versions; the second finding is of a stream that a page may divide."""
    read = "SELECT subject, position FROM event WHERE log_id = $1 ORDER BY subject, version OFFSET $2 LIMIT 1"
    move = "UPDATE event SET subject = $3, version = $4 WHERE log_id = $1 AND position = $2"
    log_id = large.log.log_id
    async with large.database.owner() as connection:
        assert await find_misplaced(connection, large.log, SIZE, MOST) == []
        for other, version, before in ((place, 2, 0), (max(place - 1, 0), 3, 1)):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("SET LOCAL session_replication_role = replica")
            subject, position = cast("asyncpg.Record", await connection.fetchrow(read, log_id, place))
            into = cast("asyncpg.Record", await connection.fetchrow(read, log_id, other))["subject"]
            if version == 2 or into != subject:
                await connection.execute(move, log_id, position, into, version)
                assert await find_misplaced(connection, large.log, SIZE, MOST) == [(position, before)]
            await transaction.rollback()
