"""One embedded server for the whole run, and a fresh, migrated database on it for each test that asks."""

import contextlib
from collections.abc import AsyncGenerator
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from ledger.database import Database, open_database
from ledger.migration import migrate
from ledger.server.embedded import EmbeddedServer, start
from ledger.settings import read_settings

TEMPLATE = "template_jejak"


@pytest.fixture(scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[EmbeddedServer]:
    """Yield an embedded server with its usual, durable settings, stopped at the end of the run."""
    async with await start(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture(scope="session")
async def template(server: EmbeddedServer) -> str:
    """Return the name of a migrated database with nothing in it, to copy."""
    await make_empty(server, TEMPLATE)
    connection = await server.connect(TEMPLATE)
    try:
        await migrate(connection)
    finally:
        await connection.close()
    return TEMPLATE


@pytest.fixture
async def database(server: EmbeddedServer, template: str) -> AsyncGenerator[Database]:
    """Yield an open database of its own; it is dropped after the test."""
    async with copied_database(server, template, test_clock=False) as copied:
        yield copied


@pytest.fixture
async def clocked_database(server: EmbeddedServer, template: str) -> AsyncGenerator[Database]:
    """Yield the same with the test clock: appenders may send recordedtime."""
    async with copied_database(server, template, test_clock=True) as copied:
        yield copied


@pytest.fixture
async def empty_url(server: EmbeddedServer) -> AsyncGenerator[str]:
    """Yield the URL of a database that nobody has migrated; it is dropped after the test."""
    name = f"test_{uuid4().hex}"
    await make_empty(server, name)
    yield server.url(name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.asynccontextmanager
async def copied_database(server: EmbeddedServer, template: str, *, test_clock: bool) -> AsyncGenerator[Database]:
    """Yield an open copy of the template; it is dropped afterwards, and so are its keys."""
    name = f"test_{uuid4().hex}"
    await execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        with TemporaryDirectory() as keys:
            settings = read_settings({"JEJAK_DATABASE_URL": server.url(name), "JEJAK_KEYS_DIR": keys})
            async with await open_database(settings, test_clock=test_clock) as copied:
                yield copied
    finally:
        await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def make_empty(server: EmbeddedServer, name: str) -> None:
    """Make a database with nothing in it."""
    await execute(server, f"CREATE DATABASE {name}")


async def execute(server: EmbeddedServer, statement: str) -> None:
    """Run one statement as the server's superuser, outside a transaction."""
    connection = await server.connect("postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
