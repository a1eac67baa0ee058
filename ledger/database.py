"""The database of a ledger: connected, migrated, and reached through one pool for each database role."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Literal, Self, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from ledger.errors import DatabaseError, SettingError, reason_of
from ledger.migration import migrate
from ledger.server.embedded import ConnectArguments, EmbeddedServer, start
from ledger.settings import DEFAULT_LEDGER_NAME, TEST_PREFIX, Settings
from ledger.statements import Statements

Role: TypeAlias = Literal["writer", "signer", "projector", "keeper", "reader"]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
PoolConnection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
AnyConnection: TypeAlias = "PoolConnection | Connection"

DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What talking to the database may raise; the internal one where an answer breaks off. A TimeoutError is an OSError."""

OLDEST_POSTGRESQL = 15
NEWEST_POSTGRESQL = 18

CONNECT_SECONDS = 30

# A statement in flight may end, a stuck one may not hold up the end of the process.
CLOSE_SECONDS = 10

# The client gives up on a statement only after the server had its chance to: this is for a server that hangs.
COMMAND_GRACE_SECONDS = 10

# A migration may rewrite a table, and whoever starts meanwhile waits for it.
MIGRATION_WAIT_SECONDS = 600
OWNER_STATEMENT_SECONDS = 3600
OWNER_LOCK_SECONDS = 60
OWNER_IDLE_SECONDS = 600


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the server a role may take. The connections are for one process."""

    connections: int
    statement_seconds: int
    lock_seconds: int
    idle_seconds: int


# 30 connections in all: three processes take 90 of the 100 there are, and the rest are for owners and by-standers.
# The writer holds a log's head while it is in a transaction: a stalled one must let go soon.
BOUNDS: Mapping[Role, Bounds] = {
    "writer": Bounds(connections=8, statement_seconds=30, lock_seconds=10, idle_seconds=10),
    "signer": Bounds(connections=2, statement_seconds=30, lock_seconds=10, idle_seconds=10),
    "projector": Bounds(connections=6, statement_seconds=300, lock_seconds=30, idle_seconds=60),
    "keeper": Bounds(connections=4, statement_seconds=30, lock_seconds=10, idle_seconds=10),
    "reader": Bounds(connections=10, statement_seconds=30, lock_seconds=10, idle_seconds=30),
}

_statements = Statements("ledger")


class Ledger(msgspec.Struct, frozen=True):
    """The ledger's own row: fixed at the first start, for ever. A test ledger's name begins with `test.`."""

    ledger_id: UUID
    name: str
    test_clock: bool
    created: datetime


class Database:
    """An open database. Made by `open_database`, usable in `async with`; belongs to one event loop."""

    def __init__(
        self, settings: Settings, ledger: Ledger, pools: dict[Role, Pool], server: EmbeddedServer | None
    ) -> None:
        """Take what `open_database` has made."""
        self.settings = settings
        self.ledger = ledger
        self.server = server
        self._pools = pools

    @property
    def name(self) -> str:
        """The ledger's name, with which the origins of its logs begin."""
        return self.ledger.name

    @property
    def test_clock(self) -> bool:
        """Whether appenders may send recordedtime."""
        return self.ledger.test_clock

    def pool(self, role: Role) -> Pool:
        """Return the pool whose connections are `jejak_<role>`: no connection is made before one is acquired.

        Statements, waits for locks and idle transactions are bounded (`BOUNDS`); READ COMMITTED; each user
        of a connection finds it with its role and bounds, whatever the last one has set.
        """
        return self._pools[role]

    @contextlib.asynccontextmanager
    async def owner(self) -> AsyncGenerator[Connection]:
        """Yield a connection of the tables' owner, closed afterwards: for migrations, swaps of views and tests."""
        connection = await _connect_owner(self.settings, self.server)
        try:
            yield connection
        finally:
            await connection.close(timeout=CLOSE_SECONDS)

    async def ensure_running(self) -> None:
        """Start the embedded server again if it has died; does nothing for another server.

        Raises DataFolderError when it does not come up.
        """
        if self.server:
            await self.server.ensure_running()

    async def close(self) -> None:
        """End every connection and leave the server. Calling it again does nothing.

        Connections in use have CLOSE_SECONDS to come back; what they did not commit by then is lost.
        """
        try:
            await asyncio.wait_for(asyncio.gather(*(pool.close() for pool in self._pools.values())), CLOSE_SECONDS)
        except TimeoutError:
            for pool in self._pools.values():
                pool.terminate()
        finally:
            if self.server:
                await self.server.close()

    async def __aenter__(self) -> Self:
        """Return the database."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()


async def open_database(settings: Settings, *, test_clock: bool | None = None) -> Database:
    """Return the settings' database, started if it is embedded, and migrated.

    `test_clock` goes before the setting of that name. Raises DataFolderError and DatabaseError (DatabaseNewer too)
    when there is no using it, and SettingError when it was created with another clock or name than is asked for.
    """
    wanted_clock = settings.test_clock if test_clock is None else test_clock
    async with contextlib.AsyncExitStack() as undo:
        server = None
        if settings.database_url is None:
            server = await start(settings.data)
            undo.push_async_callback(server.close)
        connection = await _connect_owner(settings, server, lock_seconds=MIGRATION_WAIT_SECONDS)
        try:
            await _check_server(connection)
            await migrate(connection)
            ledger = await _settle_ledger(connection, settings, wanted_clock)
        finally:
            await connection.close(timeout=CLOSE_SECONDS)
        pools: dict[Role, Pool] = {role: await _make_pool(settings, server, role) for role in BOUNDS}
        undo.pop_all()
        return Database(settings, ledger, pools, server)


def _server_settings(name: str, bounds: Bounds) -> dict[str, str]:
    return {
        "application_name": f"jejak {name}",
        "search_path": "public",
        "timezone": "UTC",
        "default_transaction_isolation": "read committed",
        "statement_timeout": f"{bounds.statement_seconds}s",
        "lock_timeout": f"{bounds.lock_seconds}s",
        "idle_in_transaction_session_timeout": f"{bounds.idle_seconds}s",
    }


def _address(settings: Settings, server: EmbeddedServer | None) -> ConnectArguments:
    return server.connect_arguments() if server else ConnectArguments(dsn=settings.database_url or "")


async def _make_pool(settings: Settings, server: EmbeddedServer | None, role: Role) -> Pool:
    """Return a pool without any connection yet."""
    bounds = BOUNDS[role]
    return await asyncpg.create_pool(
        **_address(settings, server),
        min_size=0,
        max_size=bounds.connections,
        timeout=CONNECT_SECONDS,
        command_timeout=bounds.statement_seconds + COMMAND_GRACE_SECONDS,
        server_settings={**_server_settings(role, bounds), "role": f"jejak_{role}"},
        reset=_reset,
    )


async def _reset(connection: Connection) -> None:
    """Make a pooled connection as it was at its start. asyncpg's RESET ALL leaves alone a role that was changed."""
    await connection.execute(f"{connection.get_reset_query()}\nRESET ROLE;")


async def _connect_owner(
    settings: Settings, server: EmbeddedServer | None, lock_seconds: int = OWNER_LOCK_SECONDS
) -> Connection:
    bounds = Bounds(
        connections=1,
        statement_seconds=OWNER_STATEMENT_SECONDS,
        lock_seconds=lock_seconds,
        idle_seconds=OWNER_IDLE_SECONDS,
    )
    options = _server_settings("owner", bounds)
    try:
        address = _address(settings, server)
        return await asyncpg.connect(**address, timeout=CONNECT_SECONDS, server_settings=options)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseError(f"cannot connect to the database: {reason_of(error)}") from error


async def _check_server(connection: Connection) -> None:
    """Raise DatabaseError when this server cannot keep what it answers, or cannot keep it as it was written."""
    major = connection.get_server_version().major
    if not OLDEST_POSTGRESQL <= major <= NEWEST_POSTGRESQL:
        raise DatabaseError(
            f"the server is PostgreSQL {major}: a ledger needs {OLDEST_POSTGRESQL} to {NEWEST_POSTGRESQL}"
        )
    wanted = {"server_encoding": {"UTF8"}, "fsync": {"on"}, "full_page_writes": {"on"}}
    wanted["synchronous_commit"] = {"on", "remote_apply", "remote_write", "local"}
    wanted["transaction_read_only"] = {"off"}
    for name, good in wanted.items():
        found = await connection.fetchval("SELECT current_setting($1)", name)
        if found not in good:
            raise DatabaseError(f"the database has {name} {found}: a ledger needs {' or '.join(sorted(good))}")


async def _settle_ledger(connection: Connection, settings: Settings, wanted_clock: bool | None) -> Ledger:
    """Write the ledger's row at the first start, and compare it with what is asked for at every start."""
    await connection.execute(
        _statements("insert_ledger"), _full_name(settings.ledger_name, bool(wanted_clock)), bool(wanted_clock)
    )
    row = await connection.fetchrow(_statements("select_ledger"))
    if row is None:
        raise DatabaseError("the database has no ledger in it, though one was just written")
    ledger = msgspec.convert(dict(row), Ledger)
    if wanted_clock is not None and wanted_clock != ledger.test_clock:
        raise SettingError(
            f"JEJAK_TEST_CLOCK: this ledger was created {'with' if ledger.test_clock else 'without'} the test clock, "
            "and keeps that for ever: create another ledger"
        )
    if settings.ledger_name and _full_name(settings.ledger_name, ledger.test_clock) != ledger.name:
        raise SettingError(
            f"JEJAK_LEDGER_NAME is {settings.ledger_name!r}, and this ledger was created as {ledger.name!r}, "
            "which stands in every proof: unset it, or create another ledger"
        )
    return ledger


def _full_name(name: str | None, test_clock: bool) -> str:
    """Return the name to keep: a test ledger's says so in every origin."""
    name = name or DEFAULT_LEDGER_NAME
    return TEST_PREFIX + name if test_clock and not name.startswith(TEST_PREFIX) else name
