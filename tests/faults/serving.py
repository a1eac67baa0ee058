"""`jejak` as processes of their own: commands, and a service that clients ask over HTTP."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from ledger.database import DATABASE_ERRORS

ROOT = Path(__file__).parents[2]
LOG = "shop"
APPEND = f"/v1/logs/{LOG}/events"
BATCH = "application/cloudevents-batch+json"
START_SECONDS = 60
"""How long a service may take to answer: it starts, or its database does."""
COMMAND_SECONDS = 120
ANSWER_SECONDS = 30
POLL_SECONDS = 0.05
LINE_MAX_BYTES = 1 << 24


class Done(Struct, frozen=True):
    """A command that has ended."""

    code: int
    output: str
    errors: str


class Answer(Struct, frozen=True):
    """An HTTP answer; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401
        return msgspec.json.decode(self.body)


def command_line(*words: str) -> list[str]:
    return [sys.executable, "-m", "api", *words]


def environment() -> dict[str, str]:
    """Return ours without settings of a ledger."""
    return {name: value for name, value in os.environ.items() if not name.startswith("JEJAK_")}


async def jejak(*words: str, **variables: str) -> Done:
    """Run a command to its end, with these variables in its environment."""
    process = await asyncio.create_subprocess_exec(
        *command_line(*words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={**environment(), **variables},
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Done(process.returncode, output.decode(), errors.decode())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def poll(reached: Callable[[], Awaitable[bool]]) -> None:
    """Return once something holds that only other processes bring about. Raises TimeoutError after START_SECONDS."""
    async with asyncio.timeout(START_SECONDS):
        while not await reached():  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(POLL_SECONDS)


class Connection:
    """One HTTP/1.1 connection: small enough to know when a request is out and when its answer is in."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(
        self, method: str, path: str, body: bytes = b"", media_type: str = "application/json", prefer: str = ""
    ) -> None:
        """Send a request whole. Raises OSError when nobody takes it."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=LINE_MAX_BYTES)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Prefer: {prefer}\r\n" if prefer else ""
        head += f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._streams[1].write(head.encode() + body)
        await self._streams[1].drain()

    async def receive(self) -> Answer:
        """Return the answer to what was sent. Raises OSError or EOFError when there is none, and TimeoutError."""
        assert self._streams is not None
        reader = self._streams[0]
        async with asyncio.timeout(ANSWER_SECONDS):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:-2])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            await self.close()
        return Answer(int(lines[0].split()[1]), headers, body)

    async def ask(self, method: str, path: str, body: bytes = b"", media_type: str = "application/json") -> Answer:
        await self.send(method, path, body, media_type)
        return await self.receive()

    async def close(self) -> None:
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class Serving:
    """A data folder with one log, served by `jejak serve`, which is started and killed as a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.writer = ""
        self.process: asyncio.subprocess.Process | None = None

    async def prepare(self) -> None:
        """Make the ledger, its log and a token that writes to it."""
        data = str(self.folder)
        words = ("--timezone", "Asia/Jakarta", "--jurisdiction", "ID", "--data-class", "PUBLIC", "--data", data)
        made = await jejak("log", "create", LOG, *words)
        assert (made.code, made.errors) == (0, "")
        token = await jejak("token", "create", "--role", "PLATFORM_WRITER", "--log", LOG, "--data", data)
        assert (token.code, token.errors) == (0, "")
        self.writer = token.output.strip()

    async def start(self) -> None:
        """Start the service, always by the same command, and return when it is ready."""
        with (self.folder.parent / "serve.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command_line("serve", "--data", str(self.folder), "--port", str(self.port)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=environment(),
            )
        await self.ready()

    async def ready(self) -> None:
        """Return when the service says that it is ready; a 503 meanwhile must say when to come again."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                assert self.process is not None
                assert self.process.returncode is None, f"the service has ended: {self.complaints()}"
                with contextlib.suppress(OSError, EOFError):
                    answer = await self.ask("GET", "/health/ready")
                    if answer.status == 200:
                        return
                    assert (answer.status, answer.headers.get("retry-after")) == (503, "1")
                await asyncio.sleep(POLL_SECONDS)

    def complaints(self) -> str:
        """Return what the services of this folder have said on standard error."""
        return (self.folder.parent / "serve.log").read_text()

    def connection(self) -> Connection:
        return Connection(self.port, self.writer)

    async def ask(self, method: str, path: str, body: bytes = b"", media_type: str = "application/json") -> Answer:
        """Ask on a connection of its own."""
        connection = self.connection()
        try:
            return await connection.ask(method, path, body, media_type)
        finally:
            await connection.close()

    async def append(self, body: bytes) -> Answer:
        """Append a batch."""
        return await self.ask("POST", APPEND, body, BATCH)

    async def append_patiently(self, body: bytes) -> Answer:
        """Append a batch again and again while the service says that it can be done later."""
        answers: list[Answer] = []

        async def answered() -> bool:
            answers[:] = [await self.append(body)]
            if answers[0].status == 503:
                assert answers[0].headers["retry-after"].isdigit()
            return answers[0].status != 503

        await poll(answered)
        return answers[0]

    def postmaster(self) -> int:
        """Return the process id that the database's own file names."""
        return int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])

    def database_runs(self) -> bool:
        """Tell whether a postmaster runs, or was killed and left its file."""
        return (self.folder / "postgres" / "postmaster.pid").exists()

    def backends(self) -> list[int]:
        """Return the processes of the database that serve a session of a ledger's."""
        children = Path(f"/proc/{self.postmaster()}/task/{self.postmaster()}/children").read_text().split()
        found: list[int] = []
        for child in children:
            with contextlib.suppress(OSError):  # it may have ended since it was listed
                if b" jejak [local]" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
        """Yield a connection to the folder's database, past the service."""
        connection = await self._connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Connect once the database lets us in: it may be recovering."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    return await asyncpg.connect(
                        host=str(self.folder / "socket"),
                        port=5432,
                        user="jejak",
                        database="jejak",
                        timeout=ANSWER_SECONDS,
                    )
                except DATABASE_ERRORS:
                    await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> None:
        """Tell the service to stop and see that it does so cleanly."""
        assert self.process is not None
        self.process.terminate()
        assert await asyncio.wait_for(self.process.wait(), START_SECONDS) == 0, self.complaints()
        self.process = None

    async def abandon(self) -> None:
        """Kill what is left of it, at the end of a test that failed."""
        if self.process is not None:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
            await jejak("log", "list", "--data", str(self.folder))  # the last one out stops the database


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncGenerator[Serving]:
    """Yield a prepared ledger in a new folder, its service not yet started."""
    served = Serving(folder)
    await served.prepare()
    try:
        yield served
    finally:
        await served.abandon()
