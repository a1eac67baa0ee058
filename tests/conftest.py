"""One embedded server for the whole run, and a fresh, migrated database on it for each test that asks.

With pytest-xdist that is one for each worker. Tests of what a disk keeps start servers of their own, in `tmp_path`.
"""

import contextlib
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from ledger.database import Database, open_database
from ledger.migration import migrate
from ledger.server.embedded import EmbeddedServer, start
from ledger.settings import read_settings

TEMPLATE = "template_jejak"
MEMORY = Path("/dev/shm")
"""Files that are in memory: whoever makes and drops a database here waits for no disk to sync."""
MEMORY_MIN_BYTES = 4 << 30
"""Room for all that the databases of a run and their log of changes come to at once."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell at the end of the run what tests have recorded of how much they did."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
async def server() -> AsyncGenerator[EmbeddedServer]:
    """Yield an embedded server with its usual settings, stopped at the end of the run."""
    with TemporaryDirectory(prefix="jejak-tests-", dir=roomy_memory()) as folder:
        async with await start(Path(folder) / "data") as running:
            yield running


def roomy_memory() -> Path | None:
    """Return where files are in memory, or None if there is no room for a run's databases."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_MIN_BYTES else None


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
