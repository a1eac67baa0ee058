"""`jejak verify`: passes on what the service wrote, and finds whatever was done behind its back, and where.

What is done is done by the owner with guards off, in a transaction that is rolled back. Not here: a tail that was cut
together with a head to match, and a log rewritten from one entry to its end, tiles and head with it. Nothing inside the
database contradicts them; that needs a size that was signed and kept outside.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import uuid4

import asyncpg
import msgspec
import pytest
from msgspec import Struct

from api.cli import main
from ledger.binary_copy import EVENT_COLUMNS
from ledger.database import Connection, Database, open_database
from ledger.errors import Tampered
from ledger.feed import Feed
from ledger.intake import Author, EventData, LogInfo, check_event
from ledger.judging import Placed, Ruling, Sealer
from ledger.sealing import grow, read_hashes
from ledger.server.embedded import EmbeddedServer
from ledger.settings import read_settings
from ledger.store import read_heads
from ledger.verify import Finding, LogVerifier
from projections.checking import check_views
from projections.packed_rows import RECTANGLE_COLUMNS
from projections.rectangle import View
from projections.runner import Runner
from projections.views import BY_NAME, VIEWS
from tests.conftest import copied_database, execute
from tests.histories import ALL_KINDS, KINDS, append_plain, make_appender, make_log, told
from tests.races.writing import listing, published

TILE = 256
ENTRIES = 1_500
ROUNDS = 100
OTHER = "beta"
VIEWED = "gamma"
ARRAYS = frozenset({"destinations", "parties", "countries", "industries", "territories"})
"""Columns of several texts that may be null."""


class World(Struct, frozen=True):
    """A database with a log of some full tiles, another, and a smaller one whose views are checked often."""

    database: Database
    pristine: str
    log: LogInfo
    other: LogInfo
    viewed: LogInfo
    size: int


@pytest.fixture(scope="module")
async def world(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    pristine = f"pristine_{uuid4().hex}"
    await execute(server, f"CREATE DATABASE {pristine} TEMPLATE {template}")
    try:
        settings = read_settings({"JEJAK_DATABASE_URL": server.url(pristine)})
        async with await open_database(settings, test_clock=False) as database:
            logs, size = await filled(database, tmp_path_factory.mktemp("verify"))
        async with copied_database(server, pristine, test_clock=False) as database:
            yield World(database, pristine, logs[0], logs[1], logs[2], size)
    finally:
        await execute(server, f"DROP DATABASE {pristine} WITH (FORCE)")


async def filled(database: Database, folder: Path) -> tuple[list[LogInfo], int]:
    """Fill a database; return its logs, and the size of the first."""
    appender = make_appender(database, folder)
    logs: list[LogInfo] = []
    sizes: list[int] = []
    for seed, (slug, count, kinds) in enumerate(
        (("alpha", ENTRIES, KINDS), (OTHER, 40, KINDS), (VIEWED, 400, ALL_KINDS))
    ):
        logs.append(await make_log(database, slug))
        teller = told(seed, count, kinds, of_each=30 if count == ENTRIES else 3, log=logs[-1])
        sizes.append(len(teller.entries))
        await append_plain(appender, logs[-1], teller.commits)
    await appender.close()
    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    return logs, sizes[0]


@asynccontextmanager
async def unguarded(world: World) -> AsyncGenerator[Connection]:
    """Yield the owner's connection with guards off, in a transaction; all is as it was afterwards."""
    async with world.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        try:
            yield connection
        finally:
            await transaction.rollback()


async def found(connection: Connection, log: LogInfo) -> list[Finding]:
    return (await LogVerifier(connection, log).verify()).findings


def positions(finding: Finding, last: int) -> set[int]:
    """Return the positions that a finding names: one, or a range; of the head, the last."""
    if finding.place == "head":
        return {last}
    one = re.match(r"position (\d+)(?:,|$)", finding.place)
    if one:
        return {int(one[1])}
    several = re.fullmatch(r"positions (\d+) to (\d+)", finding.place)
    assert several, finding
    return set(range(int(several[1]), int(several[2]) + 1))


def assert_names(findings: Sequence[Finding], touched: set[int], size: int) -> None:
    """Everything found is about what was touched, and everything touched is named.

    Within full tiles it is named exactly; at the right edge, where only the head's frontier can tell, by the range of
    one node of it.
    """
    assert findings
    named = [positions(finding, size - 1) for finding in findings]
    assert all(one & touched for one in named), (findings, touched)
    assert touched <= set[int]().union(*named), (findings, touched)
    for finding, one in zip(findings, named, strict=True):
        assert len(one) == 1 or min(one) >= size // TILE * TILE or "tile" not in finding.place


def random_positions(random: Random, size: int, count: int) -> Iterator[int]:
    """Yield the first, the last, those beside a tile's edge, and random ones."""
    edges = [0, size - 1, TILE - 1, TILE, size // TILE * TILE - 1, size // TILE * TILE]
    yield from (edges + [random.randrange(size) for _ in range(count)])[:count]


async def entry_at(connection: Connection, log: LogInfo, position: int) -> bytes:
    entry: bytes = await connection.fetchval(
        "SELECT entry FROM event WHERE log_id = $1 AND position = $2", log.log_id, position
    )
    return entry


def hashed(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def one_byte_changed(random: Random, entry: bytes) -> bytes:
    where = random.randrange(len(entry))
    return entry[:where] + bytes([entry[where] ^ random.randint(1, 255)]) + entry[where + 1 :]


async def put(connection: Connection, log: LogInfo, position: int, entry: bytes, leaf: bytes | None = None) -> None:
    """Store other bytes at a position, and with `leaf` another leaf hash."""
    await connection.execute(
        "UPDATE event SET entry = $3, leaf_hash = coalesce($4, leaf_hash) WHERE log_id = $1 AND position = $2",
        log.log_id,
        position,
        entry,
        leaf,
    )


async def test_what_the_service_wrote_is_verified(world: World) -> None:
    verified = await LogVerifier(world.database.pool("reader"), world.log).verify()
    assert (verified.size, verified.findings) == (world.size, [])
    for log in (world.log, world.other, world.viewed):
        assert await check_views(world.database.pool("reader"), log, VIEWS) == []
    tiles = await world.database.pool("reader").fetchval(
        "SELECT count(*) FROM tile WHERE log_id = $1", world.log.log_id
    )
    assert tiles == world.size // TILE >= 5


async def test_the_guards_refuse_what_these_tests_do(world: World) -> None:
    async with world.database.owner() as connection:
        for statement in ("UPDATE event SET type = 'x'", "DELETE FROM event", "TRUNCATE event", "DELETE FROM tile"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_one_byte_of_an_entry_is_found(world: World) -> None:
    random = Random(1)
    async with unguarded(world) as connection:
        for position in random_positions(random, world.size, ROUNDS):
            before = await entry_at(connection, world.log, position)
            await put(connection, world.log, position, one_byte_changed(random, before))
            assert_names(await found(connection, world.log), {position}, world.size)
            await put(connection, world.log, position, before)
        assert await found(connection, world.log) == []


async def test_an_entry_is_found_whose_leaf_hash_was_changed_with_it(world: World) -> None:
    random = Random(2)
    async with unguarded(world) as connection:
        for position in random_positions(random, world.size, ROUNDS):
            before = await entry_at(connection, world.log, position)
            after = one_byte_changed(random, before)
            await put(connection, world.log, position, after, hashed(after))
            assert_names(await found(connection, world.log), {position}, world.size)
            await put(connection, world.log, position, before, hashed(before))


async def test_another_digit_in_what_a_decision_says_is_found(world: World) -> None:
    random = Random(3)
    said = re.compile(rb'"decision_facts":"facts (\d+)"')
    async with unguarded(world) as connection:
        rows = await connection.fetch(
            "SELECT position FROM event WHERE log_id = $1 AND strpos(convert_from(entry, 'UTF8'), $2) > 0",
            world.log.log_id,
            '"decision_facts":"facts ',
        )
        for position in random.choices([row["position"] for row in rows], k=ROUNDS):
            before = await entry_at(connection, world.log, position)
            after = said.sub(lambda match: match[0].replace(match[1], match[1][::-1] + b"0"), before, count=1)
            msgspec.json.decode(after)
            await put(connection, world.log, position, after, hashed(after))
            assert_names(await found(connection, world.log), {position}, world.size)
            await put(connection, world.log, position, before, hashed(before))


async def test_a_leaf_hash_changed_alone_is_found(world: World) -> None:
    random = Random(4)
    async with unguarded(world) as connection:
        for position in random_positions(random, world.size, 20):
            before = await entry_at(connection, world.log, position)
            await put(connection, world.log, position, before, one_byte_changed(random, hashed(before)))
            assert [f.place for f in await found(connection, world.log)] == [f"position {position}"]
            await put(connection, world.log, position, before, hashed(before))


@pytest.mark.parametrize("column", ["version", "recordedtime", "id", "subject", "type"])
async def test_a_column_beside_an_entry_is_found(world: World, column: str) -> None:
    random = Random(column)
    change = {"version": "version + 1000", "recordedtime": "recordedtime + interval '1 microsecond'"}
    async with unguarded(world) as connection:
        for position in random_positions(random, world.size, 20):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                f"UPDATE event SET {column} = {change.get(column, f'{column} || chr(120)')} "
                "WHERE log_id = $1 AND position = $2",
                world.log.log_id,
                position,
            )
            assert [f.place for f in await found(connection, world.log)] == [f"position {position}"]
            await transaction.rollback()


async def test_a_changed_tile_is_found(world: World) -> None:
    random = Random(5)
    tiles = world.size // TILE
    async with unguarded(world) as connection:
        for _ in range(ROUNDS):
            index, number = random.randrange(tiles), random.randrange(TILE)
            row = await connection.fetchrow(
                "SELECT hashes, root FROM tile WHERE log_id = $1 AND level = 0 AND index = $2", world.log.log_id, index
            )
            assert row is not None
            hashes, root, what = row["hashes"], row["root"], random.choice(("hashes", "root", "both"))
            if what != "root":
                start = number * 32
                hashes = hashes[:start] + one_byte_changed(random, hashes[start : start + 32]) + hashes[start + 32 :]
            if what != "hashes":
                root = one_byte_changed(random, root)
            change = "UPDATE tile SET hashes = $3, root = $4 WHERE log_id = $1 AND level = 0 AND index = $2"
            await connection.execute(change, world.log.log_id, index, hashes, root)
            at_hash = f"position {index * TILE + number}, tile 0/{index}, hash {number}"
            wanted = f"tile 0/{index}" if what == "root" else at_hash
            assert [f.place for f in await found(connection, world.log)] == [wanted]
            await connection.execute(change, world.log.log_id, index, row["hashes"], row["root"])
        assert await found(connection, world.log) == []


async def test_a_tile_that_is_missing_moved_or_invented_is_found(world: World) -> None:
    tiles = world.size // TILE
    log_id = world.log.log_id
    done: list[tuple[str, list[str]]] = [
        (f"DELETE FROM tile WHERE log_id = {log_id} AND index = {index}", [f"tile 0/{index}"]) for index in range(tiles)
    ]
    done += [
        (f"UPDATE tile SET index = {tiles} WHERE log_id = {log_id} AND index = 1", ["tile 0/1"]),
        (f"UPDATE tile SET level = 1 WHERE log_id = {log_id} AND index = 0", ["tile 0/0", "tiles of level 1"]),
    ]
    copy = "INSERT INTO tile SELECT log_id, {}, {}, hashes, root FROM tile WHERE log_id = {} LIMIT 1"
    done += [
        (copy.format(level, index, log_id), [f"tiles of level {level}"])
        for level, index in ((0, tiles), (1, 0), (5, 7))
    ]
    async with unguarded(world) as connection:
        for statement, wanted in done:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(statement)
            assert [f.place for f in await found(connection, world.log)] == wanted, statement
            await transaction.rollback()


async def test_a_removed_entry_is_found(world: World) -> None:
    random = Random(6)
    async with unguarded(world) as connection:
        for position in random_positions(random, world.size, ROUNDS):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                "DELETE FROM event WHERE log_id = $1 AND position = $2", world.log.log_id, position
            )
            assert {f.place for f in await found(connection, world.log)} == {f"position {position}"}
            await transaction.rollback()


async def test_a_cut_tail_is_found_unless_the_head_was_made_anew(world: World) -> None:
    random = Random(7)
    async with unguarded(world) as connection:
        for cut in (1, 2, 3, 4, 5, 100, 300, world.size):
            left = world.size - cut
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("DELETE FROM event WHERE log_id = $1 AND position >= $2", world.log.log_id, left)
            assert {f.place for f in await found(connection, world.log)} == {f"position {left}"}
            moved = "UPDATE log_head SET size = $2 WHERE log_id = $1"
            await connection.execute(moved, world.log.log_id, left)
            assert await found(connection, world.log) != []
            await transaction.rollback()
        await connection.execute(
            "UPDATE log_head SET frontier = $2 WHERE log_id = $1", world.log.log_id, random.randbytes(32)
        )
        assert_names(await found(connection, world.log), set(range(world.size)), 0)


async def test_a_changed_head_is_found(world: World) -> None:
    random = Random(8)
    async with unguarded(world) as connection:
        frontier: bytes = await connection.fetchval("SELECT frontier FROM log_head WHERE log_id = $1", world.log.log_id)
        for number in range(len(frontier) // 32):
            start = number * 32
            changed = frontier[:start] + one_byte_changed(random, frontier[start : start + 32]) + frontier[start + 32 :]
            await connection.execute("UPDATE log_head SET frontier = $2 WHERE log_id = $1", world.log.log_id, changed)
            (finding,) = await found(connection, world.log)
            widths = [1 << bit for bit in reversed(range(world.size.bit_length())) if world.size >> bit & 1]
            begin = sum(widths[:number])
            assert finding.place == f"positions {begin} to {begin + widths[number] - 1}"


async def test_an_event_outside_the_log_is_found(world: World) -> None:
    random = Random(10)
    copied = "log_id, version, recordedtime, id || 'x', subject || 'x', type, leaf_hash, entry"
    async with unguarded(world) as connection:
        for place in (-1, -5, world.size, world.size + 1, world.size + 1000):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(
                "INSERT INTO event (position, log_id, version, recordedtime, id, subject, type, leaf_hash, entry) "
                f"SELECT $2, {copied} FROM event WHERE log_id = $1 AND position = $3",
                world.log.log_id,
                place,
                random.randrange(world.size),
            )
            assert [finding.place for finding in await found(connection, world.log)] == [f"position {place}"]
            await transaction.rollback()
        await connection.execute(
            "UPDATE log_head SET size = 0, frontier = '', recordedtime = NULL WHERE log_id = $1", world.log.log_id
        )
        await connection.execute("DELETE FROM tile WHERE log_id = $1", world.log.log_id)
        assert [finding.place for finding in await found(connection, world.log)] == ["position 0"]


async def test_a_head_that_contradicts_itself_gives_no_root(world: World) -> None:
    async with unguarded(world) as connection:
        await connection.execute("UPDATE log_head SET size = 0 WHERE log_id = $1", world.log.log_id)
        with pytest.raises(Tampered) as tampered:
            await read_heads(connection, [world.log.slug])
        assert tampered.value.place == f"head of log {world.log.slug}"
        assert await found(connection, world.log) != []


async def swap_positions(connection: Connection, log: LogInfo, one: int, two: int) -> None:
    move = "UPDATE event SET position = $3 WHERE log_id = $1 AND position = $2"
    for start, end in ((one, -1), (two, one), (-1, two)):
        await connection.execute(move, log.log_id, start, end)


async def swap_contents(connection: Connection, log: LogInfo, one: int, two: int) -> None:
    first, second = await entry_at(connection, log, one), await entry_at(connection, log, two)
    await put(connection, log, one, second, hashed(second))
    await put(connection, log, two, first, hashed(first))


async def swap_and_renumber(connection: Connection, log: LogInfo, one: int, two: int) -> None:
    """Swap two events so that each row is in order with itself: only the tree can tell."""
    await swap_positions(connection, log, one, two)
    for position, before in ((one, two), (two, one)):
        entry = await entry_at(connection, log, position)
        entry = entry.replace(f'"sequence":"{before:020d}"'.encode(), f'"sequence":"{position:020d}"'.encode())
        await put(connection, log, position, entry, hashed(entry))


SWAPS = {"positions": swap_positions, "contents": swap_contents, "renumbered": swap_and_renumber}


@pytest.mark.parametrize("how", sorted(SWAPS))
async def test_two_swapped_entries_are_found(world: World, how: str) -> None:
    random = Random(how)
    async with unguarded(world) as connection:
        for one in random_positions(random, world.size, ROUNDS):
            two = random.choice([position for position in range(world.size) if position != one])
            transaction = connection.transaction()
            await transaction.start()
            await SWAPS[how](connection, world.log, one, two)
            findings = await found(connection, world.log)
            named = [positions(finding, world.size - 1) for finding in findings]
            assert {one, two} <= set[int]().union(*named)
            out_of_time = {f.place for f in findings if f.detail.startswith("was recorded before")}
            for finding, touched in zip(findings, named, strict=True):
                assert touched & {one, two} or finding.place in out_of_time, (one, two, finding)
            await transaction.rollback()


def other_value(random: Random, column: str, value: object, world: World) -> object:
    """Return another value of the same type."""
    match value:
        case _ if column == "log_id":
            return world.other.log_id
        case bool():
            return not value
        case int():
            return value - random.randint(1, 3)
        case datetime():
            if value.tzinfo is None or random.random() < 0.3:
                return random.choice((datetime.min, datetime.fromisoformat("2024-02-03T00:00:00+00:00")))  # noqa: DTZ901
            return value + timedelta(microseconds=random.choice((-1, 1, 86_400_000_000)))
        case str():
            return random.choice((value + "x", value[:-1] if value else "y"))
        case list():
            texts = cast("list[str]", value)
            return random.choice(([*texts, "XX"], texts[:-1] if texts else ["XX"]))
        case bytes():
            return one_byte_changed(random, value)
        case None:
            return ["XX"] if column in ARRAYS else "XX"
        case _:
            raise AssertionError(column)


async def random_row(connection: Connection, random: Random, view: View, log: LogInfo) -> tuple[str, asyncpg.Record]:
    """Return a row of a view, as likely of its history, if it has any, and its table."""
    for table in random.sample(view.tables, 2):
        count: int = await connection.fetchval(f"SELECT count(*) FROM {table} WHERE log_id = $1", log.log_id)
        row = await connection.fetchrow(
            f"SELECT ctid, * FROM {table} WHERE log_id = $1 ORDER BY ctid OFFSET $2 LIMIT 1",
            log.log_id,
            random.randrange(count) if count else 0,
        )
        if row is not None:
            return table, row
    raise AssertionError(view.name)


async def changed_row(
    connection: Connection, random: Random, view: View, column: str, world: World
) -> tuple[asyncpg.Record, object]:
    """Change one column of a random row; return the row as it was, and the new value."""
    while True:
        table, row = await random_row(connection, random, view, world.viewed)
        value = other_value(random, column, row[column], world)
        if value == row[column]:
            continue
        try:
            async with connection.transaction():
                await connection.execute(f"UPDATE {table} SET {column} = $2 WHERE ctid = $1", row["ctid"], value)
        except (asyncpg.UniqueViolationError, asyncpg.NotNullViolationError):
            continue
        return row, value


def place_of(view: View, subject: str, key: str) -> str:
    return f"view {view.name}, {subject}" + (f", {key}" if key else "")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_every_column_of_a_view_is_found_when_it_changes(world: World, view: View) -> None:
    random = Random(view.name)
    columns = [*RECTANGLE_COLUMNS, *view.columns]
    assert len(columns) == len(set(columns)) >= 12
    async with unguarded(world) as connection:
        for column in columns:
            transaction = connection.transaction()
            await transaction.start()
            row, value = await changed_row(connection, random, view, column, world)
            findings = await check_views(connection, world.viewed, VIEWS)
            places = {finding.place for finding in findings}
            now = {"subject": row["subject"], "key": row["key"], column: value}
            moved_to = place_of(view, str(now["subject"]), str(now["key"]))
            assert place_of(view, row["subject"], row["key"]) in places, (column, value, findings)
            assert places <= {place_of(view, row["subject"], row["key"]), moved_to}, (column, value, findings)
            if column == "log_id":
                strange = await check_views(connection, world.other, VIEWS)
                assert {finding.place for finding in strange} == {place_of(view, row["subject"], row["key"])}
            await transaction.rollback()


async def test_a_changed_deleted_or_invented_row_of_a_view_is_found(world: World) -> None:
    random = Random(9)
    async with unguarded(world) as connection:
        for number in range(ROUNDS):
            transaction = connection.transaction()
            await transaction.start()
            view = VIEWS[number % len(VIEWS)]
            table, row = await random_row(connection, random, view, world.viewed)
            subject, key = row["subject"], row["key"]
            match number // len(VIEWS) % 3:
                case 0:
                    await connection.execute(f"DELETE FROM {table} WHERE ctid = $1", row["ctid"])
                case 1:
                    subject = random.choice((f"{subject}x", subject))
                    key = f"{key}x"
                    columns = ", ".join(c for c in (*RECTANGLE_COLUMNS, *view.columns) if c not in {"subject", "key"})
                    await connection.execute(
                        f"INSERT INTO {table} (subject, key, {columns}) "
                        f"SELECT $2, $3, {columns} FROM {table} WHERE ctid = $1",
                        row["ctid"],
                        subject,
                        key,
                    )
                case _:
                    await changed_item(connection, random, table, row)
            places = {finding.place for finding in await check_views(connection, world.viewed, VIEWS)}
            assert places == {place_of(view, subject, key)}, (number, view.name)
            await transaction.rollback()


async def changed_item(connection: Connection, random: Random, table: str, row: asyncpg.Record) -> None:
    """Change a digit or a letter of the answer itself, so that it is JSON still."""
    item: bytes = row["item"]
    where = random.choice([at for at in range(len(item)) if item[at : at + 1].isalnum()])
    changed = item[:where] + (b"7" if item[where : where + 1] != b"7" else b"8") + item[where + 1 :]
    await connection.execute(f"UPDATE {table} SET item = $2 WHERE ctid = $1", row["ctid"], changed)


@pytest.mark.parametrize("instant", ["infinity", "-infinity", "20000-01-01", "4000-01-01 BC"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("view_listing", "valid_from"), ("view_listing_history", "valid_from"), ("view_listing_history", "valid_to")],
)
async def test_an_instant_that_no_calendar_of_ours_has_is_found(
    world: World, table: str, column: str, instant: str
) -> None:
    view = BY_NAME["listing"]
    async with unguarded(world) as connection:
        row = await connection.fetchrow(
            f"SELECT ctid, subject FROM {table} WHERE log_id = $1 LIMIT 1",
            world.viewed.log_id,
        )
        assert row is not None
        await connection.execute(f"UPDATE {table} SET {column} = '{instant}' WHERE ctid = $1", row["ctid"])
        findings = await check_views(connection, world.viewed, VIEWS)
        assert {finding.place for finding in findings} == {place_of(view, row["subject"], "")}


@pytest.mark.parametrize("view", [BY_NAME["listing"], BY_NAME["restriction"]], ids=lambda view: view.name)
async def test_a_row_in_the_place_of_a_newer_one_is_found(world: World, view: View) -> None:
    """Every question is answered as before: only the work of finding it differs."""
    columns = ", ".join((*RECTANGLE_COLUMNS, *view.columns))
    newest, history = view.tables
    async with unguarded(world) as connection:
        row = await connection.fetchrow(
            f"SELECT subject, key FROM {history} WHERE log_id = {world.viewed.log_id} LIMIT 1"
        )
        assert row is not None
        subject, key = row["subject"], row["key"]
        of_key = f"WHERE log_id = {world.viewed.log_id} AND subject = '{subject}' AND key = '{key}'"
        await connection.execute(f"CREATE TEMPORARY TABLE swapped AS SELECT {columns} FROM {history} {of_key} LIMIT 1")
        await connection.execute(
            f"DELETE FROM {history} AS one USING swapped WHERE one.log_id = swapped.log_id AND one.subject = "
            "swapped.subject AND one.key = swapped.key AND one.valid_from = swapped.valid_from "
            "AND one.known_from = swapped.known_from AND one.certainty = swapped.certainty"
        )
        await connection.execute(f"INSERT INTO {history} ({columns}) SELECT {columns} FROM {newest} {of_key}")
        await connection.execute(f"DELETE FROM {newest} {of_key}")
        await connection.execute(f"INSERT INTO {newest} ({columns}) SELECT {columns} FROM swapped")
        findings = await check_views(connection, world.viewed, VIEWS)
    assert {finding.place for finding in findings} == {place_of(view, subject, key)}
    assert len(findings) == 2


async def test_an_emptied_view_and_a_lost_cursor_are_found(world: World) -> None:
    async with unguarded(world) as connection:
        for statement in (
            "DELETE FROM view_seller",
            "DELETE FROM cursor",
            "UPDATE cursor SET position = position - 40",
        ):
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(statement)
            assert await check_views(connection, world.viewed, VIEWS) != []
            await transaction.rollback()


DONE_FOR_GOOD = {
    "nothing": ("SELECT 1", None),
    "a byte": ("UPDATE event SET entry = set_byte(entry, 9, 0) WHERE log_id = 1 AND position = 700", "position 700"),
    "an entry with its leaf": (
        (
            "UPDATE event SET entry = set_byte(entry, 9, 66), "
            "leaf_hash = sha256('\\x00'::bytea || set_byte(entry, 9, 66)) WHERE log_id = 1 AND position = 700"
        ),
        "position 700",
    ),
    "a tile": (
        "UPDATE tile SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE log_id = 1 AND index = 2",
        "tile 0/2",
    ),
    "an entry removed": ("DELETE FROM event WHERE log_id = 1 AND position = 1499", "position 1499"),
    "entries swapped": (
        (
            "UPDATE event SET position = -1 WHERE log_id = 1 AND position = 3; "
            "UPDATE event SET position = 3 WHERE log_id = 1 AND position = 1200; "
            "UPDATE event SET position = 1200 WHERE log_id = 1 AND position = -1"
        ),
        "position 3",
    ),
    "a view's row": (
        "UPDATE view_seller SET status = 'GOOD' WHERE ctid = (SELECT min(ctid) FROM view_seller WHERE log_id = 1)",
        "view seller, seller:",
    ),
}


@pytest.mark.parametrize("what", sorted(DONE_FOR_GOOD))
async def test_the_command_says_where_and_exits_with_1(
    server: EmbeddedServer,
    world: World,
    what: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JEJAK_KEYS_DIR", str(tmp_path))
    statement, place = DONE_FOR_GOOD[what]
    assert world.log.log_id == 1
    copy = f"copy_{uuid4().hex}"
    await execute(server, f"CREATE DATABASE {copy} TEMPLATE {world.pristine}")
    try:
        connection = await server.connect(copy)
        await connection.execute(f"SET session_replication_role = replica; {statement}")
        await connection.close()
        code = await asyncio.to_thread(main, ["verify", "--json", "--database", server.url(copy)])
    finally:
        await execute(server, f"DROP DATABASE {copy} WITH (FORCE)")
    printed = capsys.readouterr()
    said = msgspec.json.decode(printed.out, type=dict[str, Any])
    assert (code, said["verified"]) == ((0, True) if place is None else (1, False)), printed
    assert [log["log"] for log in said["logs"]] == ["alpha", OTHER, VIEWED]
    if place is not None:
        assert said["findings"][0]["place"].startswith(place), said["findings"]
        assert f"alpha: {place}" in printed.err


async def test_a_stream_whose_versions_have_a_gap_is_found_though_all_hashes_agree(world: World) -> None:
    """As a sequencer would have written it that took its own failed commit for done."""
    log, now = world.other, datetime.now(UTC)
    events = [published(f"gap-{number}", listing("gap")) for number in range(3)]
    drafts = [
        check_event(event, log, Author(authid="t-1", authrole="PLATFORM_WRITER"))
        for event in msgspec.json.decode(msgspec.json.encode(events), type=list[EventData])
    ]
    async with unguarded(world) as connection:
        head = await connection.fetchrow("SELECT * FROM log_head WHERE log_id = $1", log.log_id)
        assert head is not None
        size: int = head["size"]
        placed = [Placed(draft, size + n, v) for n, (draft, v) in enumerate(zip(drafts, (1, 2, 4), strict=True))]
        ruling = Ruling(start=size, placed=placed, repeats={}, dry_run=False, grown=0)
        rows = list(Sealer(log.log_id, [ruling], now).rows())
        stored = await read_hashes(connection, log.log_id, size, len(rows))
        growth = grow(log.log_id, size, head["frontier"], [row[7] for row in rows], stored)
        await connection.copy_records_to_table("event", records=rows, columns=EVENT_COLUMNS)
        move = "UPDATE log_head SET size = size + 3, frontier = $2, recordedtime = $3 WHERE log_id = $1"
        await connection.execute(move, log.log_id, growth.frontier, now)
        place = f"position {size + 2}"
        detail = "its version does not follow 2 of its stream"
        assert await found(connection, log) == [Finding(log=OTHER, place=place, detail=detail)]
