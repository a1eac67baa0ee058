"""Proofs from stored tiles, for logs around the sizes at which tiles fill, against the tree computed apart."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from random import Random

import pytest
from msgspec import Struct

from ledger import checkpoints, receipts
from ledger.binary_copy import EVENT_COLUMNS
from ledger.checkpoints import root_at
from ledger.database import Connection, Database
from ledger.errors import Tampered
from ledger.intake import LogInfo
from ledger.receipts import prove_growth
from ledger.sealing import grow, read_hashes
from ledger.sequencer import TILE_COLUMNS
from ledger.server.embedded import EmbeddedServer
from ledger.store import Reader, consistency_proof, inclusion_proof, read_tiles
from ledger.tlog.merkle import Tile
from ledger.tlog.proof import ProofError, TileReader, check_consistency, check_inclusion
from ledger.verify import LogVerifier
from tests.conftest import copied_database
from tests.histories import FIRST_RECORDED, append_plain, make_appender, make_log, told

LARGE = 256 * 256
SIZES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 600)
LARGE_SIZES = (LARGE - 1, LARGE, LARGE + 1)


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there, but level by level."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


class World(Struct, frozen=True):
    """A log with its leaves, in an open database."""

    database: Database
    log: LogInfo
    leaves: list[bytes]


async def extended(connection: Connection, log: LogInfo, entries: Sequence[bytes], size: int, frontier: bytes) -> bytes:
    """Store entries that nobody decided on, as a commit does; return the frontier after them."""
    leaves = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
    async with connection.transaction():
        stored = await read_hashes(connection, log.log_id, size, len(leaves))
        growth = grow(log.log_id, size, frontier, leaves, stored)
        rows = [
            (log.log_id, place, 1, FIRST_RECORDED, f"e{place}", f"listing:p1:l{place}", "X", leaf, entry)
            for place, (leaf, entry) in enumerate(zip(leaves, entries, strict=True), size)
        ]
        await connection.copy_records_to_table("event", records=rows, columns=EVENT_COLUMNS)
        await connection.copy_records_to_table("tile", records=growth.tiles, columns=TILE_COLUMNS)
    return growth.frontier


@pytest.fixture(scope="module")
async def large(server: EmbeddedServer, template: str) -> AsyncGenerator[World]:
    """Yield a log of 65,537 tiny entries, grown by commits of many widths, one of them of whole tiles."""
    random = Random(1)
    entries = [b"%d" % number for number in range(LARGE + 1)]
    async with copied_database(server, template, test_clock=False) as database:
        log = await make_log(database, "large")
        size, frontier = 0, b""
        async with database.owner() as connection:
            while size < len(entries):
                step = min(random.choice((1, 255, 256, 257, 4000, 9999)), len(entries) - size)
                frontier = await extended(connection, log, entries[size : size + step], size, frontier)
                size += step
        yield World(database, log, [hashlib.sha256(b"\0" + entry).digest() for entry in entries])


def places(random: Random, size: int, count: int) -> list[int]:
    """Return every position of a small log; the edges of tiles and random ones of a large one."""
    if size <= count:
        return list(range(size))
    edges = {0, 1, 254, 255, 256, 257, size - 257, size - 256, size - 2, size - 1}
    return sorted({place for place in edges if 0 <= place < size} | {random.randrange(size) for _ in range(count)})


async def assert_included(world: World, positions: Sequence[int], size: int) -> None:
    root = tree_hash(world.leaves[:size])
    for position in positions:
        proof = await inclusion_proof(world.database.pool("reader"), world.log.log_id, position, size)
        check_inclusion(world.leaves[position], position, size, proof, root)
        with pytest.raises(ProofError):
            check_inclusion(hashlib.sha256(b"other").digest(), position, size, proof, root)


async def assert_consistent(world: World, old_sizes: Sequence[int], size: int) -> None:
    root = tree_hash(world.leaves[:size])
    for old_size in old_sizes:
        old_root = tree_hash(world.leaves[:old_size])
        proof = await consistency_proof(world.database.pool("reader"), world.log.log_id, old_size, size)
        check_consistency(old_size, old_root, size, root, proof)
        if old_size != size:
            with pytest.raises(ProofError):
                check_consistency(old_size, hashlib.sha256(old_root).digest(), size, root, proof)


@pytest.mark.parametrize("size", SIZES)
async def test_every_entry_of_a_small_log_is_proved(large: World, size: int) -> None:
    await assert_included(large, range(size) if size < 300 else places(Random(size), size, 60), size)


@pytest.mark.parametrize("size", SIZES)
async def test_every_smaller_log_is_proved_to_be_its_beginning(large: World, size: int) -> None:
    await assert_consistent(large, [n + 1 for n in places(Random(size), size, 60)], size)


@pytest.mark.parametrize("size", LARGE_SIZES)
async def test_a_log_of_256_full_tiles_is_proved_at_its_edges_and_at_random(large: World, size: int) -> None:
    await assert_included(large, places(Random(size), size, 80), size)
    await assert_consistent(large, [*(n + 1 for n in places(Random(size), size, 25)), 256, 257, LARGE - 1], size)


OLD_SIZES = (1, 255, 256, 300, 70 * 256 + 1, LARGE - 1, LARGE)


@pytest.fixture
def tiles_read(monkeypatch: pytest.MonkeyPatch) -> list[list[Tile]]:
    """Return the tiles that roots and proofs of growth read from now on, by statement."""
    read: list[list[Tile]] = []

    async def noted(reader: Reader, log_id: int, tiles: Sequence[Tile]) -> TileReader:
        read.append(list(tiles))
        return await read_tiles(reader, log_id, tiles)

    for module in (checkpoints, receipts):
        monkeypatch.setattr(module, "read_tiles", noted)
    return read


def assert_as_wide_as_they_are(tiles: Sequence[Tile], size: int) -> None:
    """Full tiles are read as they are stored: a part of one would be put together, hash by hash."""
    for tile in tiles:
        full = (tile.index + 1) * 256 ** (tile.level + 1) <= size
        assert tile.width == (256 if full else size // 256**tile.level % 256), tile


@pytest.mark.parametrize("old_size", OLD_SIZES)
async def test_the_root_of_an_old_size_is_read_from_tiles_that_are_full_by_now(
    large: World, tiles_read: list[list[Tile]], old_size: int
) -> None:
    reader, size = large.database.pool("reader"), LARGE + 1
    assert await root_at(reader, large.log.log_id, old_size, size) == tree_hash(large.leaves[:old_size])
    (tiles,) = tiles_read
    assert_as_wide_as_they_are(tiles, size)


@pytest.mark.parametrize("old_size", OLD_SIZES)
async def test_a_proof_of_growth_reads_each_tile_once_and_full_where_it_is(
    large: World, tiles_read: list[list[Tile]], old_size: int
) -> None:
    size = LARGE + 1
    old_root, root, proof = await prove_growth(large.database.pool("reader"), large.log, old_size, size)
    assert (old_root, root) == (tree_hash(large.leaves[:old_size]), tree_hash(large.leaves[:size]))
    check_consistency(old_size, old_root, size, root, proof)
    (tiles,) = tiles_read
    assert len(set(tiles)) == len(tiles)
    assert_as_wide_as_they_are(tiles, size)


async def test_growth_from_nothing_is_proved_by_nothing(large: World) -> None:
    reader = large.database.pool("reader")
    for size in (0, 1, 300):
        assert await prove_growth(reader, large.log, 0, size) == (tree_hash([]), tree_hash(large.leaves[:size]), ())


async def test_the_tiles_of_a_large_log_are_those_that_it_fills(large: World) -> None:
    rows = await large.database.pool("reader").fetch(
        "SELECT level, index, hashes, root FROM tile WHERE log_id = $1 ORDER BY level, index", large.log.log_id
    )
    leaves = large.leaves
    below = [b"".join(leaves[start : start + 256]) for start in range(0, LARGE, 256)]
    roots = [tree_hash(leaves[start : start + 256]) for start in range(0, LARGE, 256)]
    wanted = [(0, index, hashes, roots[index]) for index, hashes in enumerate(below)]
    assert [tuple(row) for row in rows] == [*wanted, (1, 0, b"".join(roots), tree_hash(leaves[:LARGE]))]


async def test_a_log_that_the_service_wrote_is_proved(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with copied_database(server, template, test_clock=False) as database:
        log = await make_log(database, "alpha")
        appender = make_appender(database, tmp_path_factory.mktemp("proofs"))
        entries = told(1, 600, log=log)
        await append_plain(appender, log, entries.commits, batch=97)
        await appender.close()
        rows = await database.pool("reader").fetch(
            "SELECT entry FROM event WHERE log_id = $1 ORDER BY position", log.log_id
        )
        world = World(database, log, [hashlib.sha256(b"\0" + row["entry"]).digest() for row in rows])
        size = len(rows)
        verified = await LogVerifier(database.pool("reader"), log).verify()
        assert (verified.root, verified.findings) == (tree_hash(world.leaves).hex(), [])
        for part in (*SIZES[:-1], size):
            await assert_included(world, places(Random(part), part, 20), part)
            await assert_consistent(world, [n + 1 for n in places(Random(part), part, 20)], part)


async def test_a_log_does_not_grow_over_a_hash_that_is_missing(large: World) -> None:
    async with large.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM event WHERE log_id = $1 AND position = 300", large.log.log_id)
        stored = await read_hashes(connection, large.log.log_id, 511, 1)
        with pytest.raises(Tampered):
            grow(large.log.log_id, 511, b"\0" * 32 * (511).bit_count(), [b"\1" * 32], stored)
        await transaction.rollback()


async def test_no_proof_is_made_over_a_tile_that_is_missing(large: World) -> None:
    async with large.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM tile WHERE log_id = $1 AND level = 0 AND index = 5", large.log.log_id)
        with pytest.raises(ProofError):
            await inclusion_proof(connection, large.log.log_id, 5 * 256 + 7, LARGE)
        with pytest.raises(ProofError):
            await inclusion_proof(connection, large.log.log_id, 6 * 256 + 7, 255 * 256)
        await transaction.rollback()
