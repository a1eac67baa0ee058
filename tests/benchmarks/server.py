"""The child processes that are measured: the service on a fresh data folder, and the route that does nothing."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from msgspec import Struct

from ledger.database import Database, open_database
from ledger.errors import JejakError, UnknownLog
from ledger.intake import LogInfo
from ledger.server.embedded import EmbeddedServer
from ledger.settings import read_settings
from ledger.store import create_log, find_logs, read_heads
from ledger.tokens import create_token
from ledger.verify import LogVerifier
from tests.benchmarks.durability import check_durability
from tests.benchmarks.processes import cpu_seconds, family_cpu_seconds, family_memory
from tests.benchmarks.workload import JURISDICTION, LOG, MEAN_ENTRY_BYTES_MIN, TIMEZONE

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
STOP_SECONDS = 60
DATA_CLASS = "CONFIDENTIAL"
"""The default of a log: its entries are salted."""
READY = (b" serves ", b" keeps the views", b" signs checkpoints")
"""A part of the line with which a child says, on standard error, that it is at work."""


class NotAsStored(Exception):
    """The ledger does not hold what was answered, or it does not verify: the figures mean nothing."""


class Child(Struct, frozen=True):
    """A server in a process of its own."""

    port: int
    process: int


class Product(Struct, frozen=True, kw_only=True):
    """The service as it is run, and the way to its database beside it."""

    port: int
    process: int
    database: Database
    log: LogInfo
    token: str

    @property
    def path(self) -> str:
        """Where events are posted."""
        return f"/v1/logs/{self.log.slug}/events"

    @property
    def server(self) -> EmbeddedServer:
        """The database server: a benchmark's is always embedded."""
        assert self.database.server is not None
        return self.database.server

    def cpu(self) -> tuple[float, float]:
        """Return the seconds of processor time used so far by the service and by PostgreSQL."""
        server = self.database.server
        postmaster = server.postmaster_id if server else None
        return cpu_seconds(self.process), family_cpu_seconds(postmaster) if postmaster else 0.0

    def memory(self) -> int:
        """Return the bytes of memory that the service takes, with its drafting processes."""
        return family_memory(self.process)

    async def size(self) -> int:
        """Return the number of events in the log."""
        return (await read_heads(self.database.pool("reader"), [self.log.slug]))[0].size

    async def postgresql(self) -> str:
        """Return the server's version."""
        version: str = await self.database.pool("reader").fetchval("SHOW server_version")
        return version

    async def check(self, events: int, *, mean_entry_bytes_min: int = MEAN_ENTRY_BYTES_MIN) -> float:
        """Return the mean length of an entry. Raises NotAsStored unless exactly so many events stand, and verify."""
        pool = self.database.pool("reader")
        size = await self.size()
        verified = await LogVerifier(pool, self.log).verify()
        if size != events or verified.size != events or verified.findings:
            raise NotAsStored(f"{events} events were answered, {size} are stored: {verified.findings[:3]}")
        query = "SELECT avg(length(entry)) FROM event WHERE log_id = $1"
        async with self.database.owner() as owner:  # who may take longer than a reader over ten million events
            mean = float(await owner.fetchval(query, self.log.log_id))
        if mean < mean_entry_bytes_min:
            raise NotAsStored(f"the mean entry has {mean:.0f} bytes, not {mean_entry_bytes_min}")
        return round(mean, 1)


@contextlib.asynccontextmanager
async def running_product(folder: Path | None = None, *, only: str | None = "api") -> AsyncGenerator[Product]:
    """Yield `jejak serve --only api` over a folder's ledger, with a log and a token; `only` None serves everything.

    Without a folder it is a new one, and removed afterwards. Raises NotDurable before anything is measured when the
    database may forget.
    """
    with contextlib.ExitStack() as afterwards:
        if folder is None:
            folder = Path(afterwards.enter_context(tempfile.TemporaryDirectory(prefix="jejak-bench-")))
        settings = read_settings({}, data=folder / "data")
        async with await open_database(settings) as database:
            await check_durability(database.pool("writer"))
            log = await _find_or_create_log(database)
            token = await create_token(database.pool("keeper"), "PLATFORM_WRITER", [LOG], None)
            async with running_child(serve_command(database, only)) as child:
                yield Product(port=child.port, process=child.process, database=database, log=log, token=token)


def serve_command(database: Database, only: str | None) -> tuple[str, ...]:
    """Return the command that serves a database: everything, or only the `api`, the `projector` or the `signer`."""
    part = ("--only", only) if only else ()
    return ("-m", "api", "serve", *part, "--host", "127.0.0.1", "--data", str(database.settings.data))


async def _find_or_create_log(database: Database) -> LogInfo:
    try:
        (found,) = await find_logs(database.pool("reader"), [LOG])
    except UnknownLog:
        origin = f"{database.name}/{LOG}"
        return await create_log(database.pool("keeper"), LOG, "PLATFORM", TIMEZONE, JURISDICTION, DATA_CLASS, origin)
    return found


@contextlib.asynccontextmanager
async def running_child(command: Sequence[str]) -> AsyncGenerator[Child]:
    """Yield a Python process with this command and `--port N`, once it says that it serves; stopped afterwards."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JEJAK_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, "--port", str(port), cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    draining: asyncio.Task[None] | None = None
    try:
        line = await asyncio.wait_for(process.stderr.readline(), READY_SECONDS)
        if not any(said in line for said in READY):
            said = line + await asyncio.wait_for(process.stderr.read(), READY_SECONDS)
            raise JejakError(f"{' '.join(command)} does not serve: {said.decode().strip()}")
        draining = asyncio.create_task(_forward(process.stderr))
        yield Child(port, process.pid)
    finally:
        await stop(process)
        if draining is not None:
            await draining


async def stop(process: asyncio.subprocess.Process) -> None:
    """Tell a process of ours to end, and return when it has; one that does not within STOP_SECONDS is killed."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()


async def _forward(stream: asyncio.StreamReader) -> None:
    """Pass on what a child says: a pipe that nobody reads would stop it."""
    while line := await stream.readline():
        sys.stderr.write(line.decode("utf-8", "replace"))


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
