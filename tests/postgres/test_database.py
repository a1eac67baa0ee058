"""Migrations, the ledger's own row, pools and what each database role may do."""

import asyncio
import contextlib
import hashlib
from pathlib import Path

import asyncpg
import pytest

from ledger.database import BOUNDS, Database, Role, open_database
from ledger.errors import DatabaseError, DatabaseNewer, SettingError
from ledger.migration import Migration, known_migrations, migrate, pending
from ledger.server.embedded import EmbeddedServer, start
from ledger.settings import Settings, read_settings
from ledger.statements import Statements
from tests.conftest import execute

EVENT = (
    "INSERT INTO event (log_id, position, version, recordedtime, id, subject, type, leaf_hash, entry) "
    "VALUES (1, 0, 1, now(), 'a', 'b', 'c', '', '')"
)
TILE = (
    "INSERT INTO tile (log_id, level, index, hashes, root) "
    "VALUES (1, 0, 0, decode(repeat('00', 8192), 'hex'), decode(repeat('00', 32), 'hex'))"
)
CURSOR = "INSERT INTO cursor (view, log_id, position) VALUES ('v', 1, 0)"
KEY = "INSERT INTO subject_key (log_id, subject, key_id, wrapped) VALUES (1, 's', 'k', '')"
CHANGES = ["UPDATE {} SET log_id = 2", "DELETE FROM {}", "TRUNCATE {}"]


def settings_of(url: str) -> Settings:
    return read_settings({"JEJAK_DATABASE_URL": url})


async def outcome(connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]", statement: str) -> str:
    try:
        return await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        return str(error)


async def test_two_processes_that_migrate_at_once_both_find_it_done(server: EmbeddedServer, empty_url: str) -> None:
    del server
    connections = [await asyncpg.connect(empty_url) for _ in range(6)]
    barrier = asyncio.Barrier(len(connections))

    async def migrate_at_the_barrier(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        await barrier.wait()
        await migrate(connection)

    await asyncio.gather(*map(migrate_at_the_barrier, connections))
    rows = await connections[0].fetch("SELECT number, name, sha256 FROM migration ORDER BY number")
    for connection in connections:
        await connection.close()
    known = [(known.number, known.name, known.sha256) for known in known_migrations() if known.number]
    assert [tuple(row) for row in rows] == known


async def test_ledgers_that_are_made_at_once_on_a_new_server_share_its_roles(tmp_path: Path) -> None:
    names = [f"made_at_once_{number}" for number in range(8)]
    async with await start(tmp_path / "data") as server:
        for name in names:
            await execute(server, f"CREATE DATABASE {name}")
        databases = await asyncio.gather(*(open_database(settings_of(server.url(name))) for name in names))
        found = [await database.pool("reader").fetchval("SELECT current_user") for database in databases]
        for database in databases:
            await database.close()
    assert found == ["jejak_reader"] * len(names)


async def test_a_newer_database_is_refused(database: Database) -> None:
    async with database.owner() as connection:
        await connection.execute("INSERT INTO migration (number, name, sha256) VALUES (999, 'later', '')")
    with pytest.raises(DatabaseNewer) as caught:
        await open_database(database.settings)
    assert (caught.value.found, caught.value.known) == (999, known_migrations()[-1].number)


async def test_a_changed_migration_is_refused(database: Database) -> None:
    async with database.owner() as connection:
        await connection.execute("UPDATE migration SET sha256 = '' WHERE number = 1")
    with pytest.raises(DatabaseError, match=r"migration 001 \(ledger\) as this release does not know it"):
        await open_database(database.settings)


async def test_a_migration_that_fails_leaves_nothing(database: Database) -> None:
    text = "CREATE TABLE half (); SELECT 1 / 0;"
    broken = Migration(999, "broken", hashlib.sha256(text.encode()).digest(), text)
    async with database.owner() as connection:
        with pytest.raises(DatabaseError, match="nothing of it was kept: division by zero"):
            await migrate(connection, [*known_migrations(), broken])
        assert await connection.fetchval("SELECT to_regclass('half')") is None
        assert await connection.fetchval("SELECT count(*) FROM migration WHERE number = 999") == 0


def test_what_is_pending_is_what_was_not_applied_in_order() -> None:
    known = [Migration(number, "m", bytes([number])) for number in range(4)]
    assert pending([known[1]], known) == known[2:]
    assert pending([], known) == known[1:]
    assert pending(known[1:], known) == []


async def test_a_ledger_keeps_its_name_and_clock_for_ever(empty_url: str) -> None:
    settings = read_settings({"JEJAK_DATABASE_URL": empty_url, "JEJAK_LEDGER_NAME": "one.example/a"})
    async with await open_database(settings) as first:
        made = first.ledger
    assert (made.name, made.test_clock) == ("one.example/a", False)
    async with await open_database(settings_of(empty_url)) as again:
        assert again.ledger == made
    with pytest.raises(SettingError, match="created without the test clock"):
        await open_database(read_settings({"JEJAK_DATABASE_URL": empty_url, "JEJAK_TEST_CLOCK": "1"}))
    with pytest.raises(SettingError, match=r"JEJAK_LEDGER_NAME is 'two.example'.* created as 'one.example/a'"):
        await open_database(read_settings({"JEJAK_DATABASE_URL": empty_url, "JEJAK_LEDGER_NAME": "two.example"}))


async def test_a_test_ledger_says_so_in_its_name_and_stays_one(clocked_database: Database) -> None:
    assert (clocked_database.name, clocked_database.test_clock) == ("test.jejak.local/ledger", True)
    async with await open_database(clocked_database.settings) as unasked:
        assert unasked.test_clock
    with pytest.raises(SettingError, match="created with the test clock"):
        await open_database(clocked_database.settings, test_clock=False)


@pytest.mark.parametrize("role", BOUNDS)
async def test_a_pooled_connection_keeps_its_role_and_its_bounds(database: Database, role: Role) -> None:
    bounds = BOUNDS[role]
    wanted = (
        f"jejak_{role}",
        f"jejak {role}",
        "public",
        "read committed",
        bounds.statement_seconds * 1000,
        bounds.lock_seconds * 1000,
        bounds.idle_seconds * 1000,
    )
    found: list[tuple[object, ...]] = []
    for _ in range(2):  # the second time it is the same connection, reset
        async with database.pool(role).acquire() as connection:
            row = await connection.fetchrow(
                "SELECT current_user, current_setting('application_name'), current_setting('search_path'),"
                " current_setting('default_transaction_isolation'),"
                " (SELECT setting::integer FROM pg_settings WHERE name = 'statement_timeout'),"
                " (SELECT setting::integer FROM pg_settings WHERE name = 'lock_timeout'),"
                " (SELECT setting::integer FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')"
            )
            assert row is not None
            found.append(tuple(row))
            await connection.execute("SET lock_timeout = 1; SET search_path = nowhere; SET ROLE jejak_keeper")
    assert found == [wanted, wanted]


async def test_a_role_that_was_taken_off_is_put_on_again_by_the_reset(database: Database) -> None:
    found: list[str] = []
    for statement in ("SET ROLE jejak_keeper", "RESET ROLE", "SET ROLE NONE", "SELECT 1"):
        async with database.pool("reader").acquire() as connection:
            found.append(await connection.fetchval("SELECT current_user"))
            await connection.execute(statement)
    assert found == ["jejak_reader"] * 4


def test_three_processes_fit_on_one_server() -> None:
    assert 3 * sum(bounds.connections for bounds in BOUNDS.values()) <= 90


async def test_the_writer_adds_events_and_tiles_and_changes_neither(database: Database) -> None:
    async with database.pool("writer").acquire() as connection:
        assert [await outcome(connection, statement) for statement in (EVENT, TILE)] == ["INSERT 0 1"] * 2
        refused = [await outcome(connection, change.format(table)) for table in ("event", "tile") for change in CHANGES]
        others = [await outcome(connection, statement) for statement in (CURSOR, KEY)]
    assert refused == ["permission denied for table event"] * 3 + ["permission denied for table tile"] * 3
    assert others == ["permission denied for table cursor", "permission denied for table subject_key"]


@pytest.mark.parametrize("role", ["signer", "projector", "keeper", "reader"])
async def test_nobody_else_touches_events_and_tiles(database: Database, role: Role) -> None:
    async with database.pool(role).acquire() as connection:
        found = [
            await outcome(connection, statement)
            for statement in (EVENT, TILE, *(change.format(table) for table in ("event", "tile") for change in CHANGES))
        ]
        assert await connection.fetch("SELECT * FROM event") == []
    tables = ["event", "tile", *["event"] * 3, *["tile"] * 3]
    assert found == [f"permission denied for table {table}" for table in tables]


async def test_the_reader_adds_nothing_and_sees_no_key(database: Database) -> None:
    statements = [CURSOR, KEY, "CREATE TABLE mine ()", "SELECT * FROM subject_key", "SELECT * FROM token"]
    async with database.pool("reader").acquire() as connection:
        found = [await outcome(connection, statement) for statement in statements]
    assert found == [
        "permission denied for table cursor",
        "permission denied for table subject_key",
        "permission denied for schema public",
        "permission denied for table subject_key",
        "permission denied for table token",
    ]


async def test_even_the_owner_is_stopped_by_the_trigger(database: Database) -> None:
    found: list[str] = []
    async with database.owner() as connection:
        await connection.execute(f"{EVENT}; {TILE}")
        for table in ("event", "tile"):
            for change in CHANGES:
                with pytest.raises(asyncpg.InsufficientPrivilegeError) as caught:
                    await connection.execute(change.format(table))
                found.append(str(caught.value))
    verbs = ("UPDATE", "DELETE", "TRUNCATE")
    assert found == [f"{v} of {t} is refused: the ledger is append-only" for t in ("event", "tile") for v in verbs]


async def test_a_server_that_is_not_durable_is_refused(server: EmbeddedServer, empty_url: str) -> None:
    name = empty_url.split("/")[3].partition("?")[0]
    await execute(server, f"ALTER DATABASE {name} SET synchronous_commit = off")
    with pytest.raises(DatabaseError, match="the database has synchronous_commit off"):
        await open_database(settings_of(empty_url))


@pytest.mark.parametrize(
    ("right", "wrong"), [("/test_", "/missing_"), ("jejak@", "nobody:hunter2@"), ("port=5432", "port=1")]
)
async def test_a_database_that_cannot_be_reached_says_so_without_its_url(
    empty_url: str, right: str, wrong: str
) -> None:
    with pytest.raises(DatabaseError, match=r"^cannot connect to the database: ") as caught:
        await open_database(settings_of(empty_url.replace(right, wrong)))
    assert [word for word in ("postgresql://", "hunter2") if word in str(caught.value)] == []


async def test_who_is_no_superuser_can_own_a_ledger(server: EmbeddedServer, empty_url: str) -> None:
    name = empty_url.split("/")[3].partition("?")[0]
    await execute(server, "CREATE ROLE landlord CREATEROLE")
    try:
        await execute(server, f"ALTER DATABASE {name} OWNER TO landlord")
        for role in BOUNDS:
            with contextlib.suppress(asyncpg.DuplicateObjectError):
                await execute(server, f"CREATE ROLE jejak_{role}")
            await execute(server, f"GRANT jejak_{role} TO landlord WITH ADMIN TRUE, SET FALSE")
        connection = await asyncpg.connect(empty_url, server_settings={"role": "landlord"})
        await migrate(connection)
        await connection.execute("SET SESSION AUTHORIZATION landlord; SET ROLE jejak_writer")
        assert await connection.fetchval("SELECT current_user") == "jejak_writer"
        await connection.close()
    finally:
        connection = await asyncpg.connect(empty_url)
        await connection.execute("REASSIGN OWNED BY landlord TO jejak; DROP OWNED BY landlord; DROP ROLE landlord")
        await connection.close()


async def test_an_embedded_database_is_opened_by_its_folder(server: EmbeddedServer) -> None:
    async with await open_database(read_settings({}, data=server.folder)) as database:
        assert database.server is not None
        assert await database.pool("reader").fetchval("SELECT current_database()") == "jejak"
        await database.ensure_running()


def test_a_statement_that_is_not_there_is_named_with_those_that_are() -> None:
    statements = Statements("ledger")
    assert statements("select_ledger").startswith("-- The one row")
    with pytest.raises(KeyError, match=r"ledger/sql has no statement '\.\./errors'; it has .*select_ledger"):
        statements("../errors")
