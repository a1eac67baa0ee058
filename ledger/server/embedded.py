"""The embedded PostgreSQL: started on demand, shared by the processes of one data folder, stopped by the last one.

**Who may start or stop.** Whoever holds the flock on `lock`. Each process that uses the server holds `users` shared,
for life; leaving, it tries to make that exclusive, and who succeeds was the last and stops the server. The kernel drops
the locks of a killed process, so nothing is left over. Each process of the server holds `server`: when that is free,
none is left, a postmaster.pid found then is stale (whatever its number means today), and it is safe to start. When it
is held, and the postmaster is gone, what holds it are its orphans, which are told to quit.

**Who may connect.** The socket lies in a folder that is 0700, and the server believes nobody but the kernel: peer
authentication, for the user who runs the service. It listens on no network.

**As root** the server runs under an account of its own (`ledger.server.account`), which may not enter the folders above
the data folder. So it is handed the data and socket folders open: /proc/self/fd/N leads to them, and not through their
parents.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict
from urllib.parse import quote

import asyncpg

from ledger.errors import DatabaseError, DataFolderError, JejakError, reason_of
from ledger.server.account import Account, current_name, server_account
from ledger.server.binaries import MAJOR, Binaries, find_binaries, start_program
from ledger.server.folder import DATA, LOG, SOCKET, UNFINISHED, DataFolder, opened
from ledger.server.initdb import SUPERUSER, make_data
from ledger.server.locks import POLL_SECONDS, locked, take_lock, try_lock
from ledger.server.postmaster import Postmaster, arguments
from ledger.tasks import end

DATABASE = "jejak"
PORT = 5432

# Recovery after a crash replays up to max_wal_size. It takes seconds, and on a slow disk minutes.
START_SECONDS = 600
# A server that refuses to start is tried again for so long: what it lacked may be coming back.
RETRY_SECONDS = 5
RETRY_PAUSE_SECONDS = 0.5
STOP_SECONDS = 60
CONNECT_SECONDS = 30
TRIM_SECONDS = 60

# How often a process looks whether the server still runs, and the longest pause between attempts to start it again.
WATCH_SECONDS = 0.25
WATCH_PAUSE_MAX_SECONDS = 15

# sun_path of a Unix socket, less the zero byte at its end.
SOCKET_PATH_BYTES = 107

# The second line is for backups: "all" databases are all but the copying of the whole server.
_HBA = f"local all all peer map={SUPERUSER}\nlocal replication all peer map={SUPERUSER}\n"

_ATTEMPT_FAILED = (JejakError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_log = logging.getLogger(__name__)


class ConnectArguments(TypedDict, total=False):
    """What `asyncpg.connect` needs: a URL, or the parts."""

    dsn: str
    host: str
    port: int
    user: str
    database: str


class EmbeddedServer:
    """A running server, in use by this process until `close`. Made by `start`."""

    def __init__(self, folder: DataFolder, account: Account, binaries: Binaries) -> None:
        """Prepare; `start` is the way in."""
        self._folder = folder
        self._account = account
        self._binaries = binaries
        self._descriptors = contextlib.ExitStack()
        self._descriptors.callback(folder.close)
        self._data = -1
        self._socket = -1
        self._users = -1
        self._process: subprocess.Popen[bytes] | None = None
        self._trimming: asyncio.Task[None] | None = None

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self._folder.path

    @property
    def postmaster_id(self) -> int | None:
        """The process id of the running postmaster, or None when it is not running."""
        return self._postmaster().find()

    def connect_arguments(self, database: str = DATABASE) -> ConnectArguments:
        """Return arguments for asyncpg: as the superuser, over the socket. They hold until `close`."""
        return ConnectArguments(host=self._socket_folder(), port=PORT, user=SUPERUSER, database=database)

    def url(self, database: str = DATABASE) -> str:
        """Return the same as a URL, good as a JEJAK_DATABASE_URL in this process."""
        host = quote(self._socket_folder(), safe="")
        return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={host}&port={PORT}"

    async def connect(self, database: str = DATABASE) -> "asyncpg.Connection[asyncpg.Record]":
        """Return a new connection as the superuser. Raises what asyncpg raises."""
        return await asyncpg.connect(**self.connect_arguments(database), timeout=CONNECT_SECONDS)

    async def ensure_running(self) -> None:
        """Start the server again if it has died. Any process that uses the folder may ask, and at any time.

        Raises DataFolderError with the end of the server's log when it does not come up.
        """
        with _explained(self.folder):
            async with locked(self._folder, "lock", START_SECONDS):
                await self._run()

    async def keep_running(self) -> None:
        """Start the server again whenever it has died, for ever; cancel it before `close`. It never fails.

        Every process of the folder may do it at once. What does not come up (its disk is full, say) is tried again
        after a pause that grows to WATCH_PAUSE_MAX_SECONDS, and what it lacks stands in our log.
        """
        pause = WATCH_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                if not self._postmaster().is_ready():
                    await self.ensure_running()
                    _log.warning("the server of %s had died, and runs again", self.folder)
                pause = WATCH_SECONDS
            except _ATTEMPT_FAILED as error:
                pause, why = min(pause * 2, WATCH_PAUSE_MAX_SECONDS), reason_of(error)
                _log.warning("the server of %s does not run, next attempt in %.1f s: %s", self.folder, pause, why)

    async def close(self) -> None:
        """Leave the server, and stop it if nobody else uses it. Calling it again does nothing."""
        if self._users < 0:
            return
        try:
            if self._trimming:
                self._trimming.cancel()
            async with locked(self._folder, "lock", START_SECONDS):
                await self._leave()
        finally:
            self._release()

    async def __aenter__(self) -> Self:
        """Return the server."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the server."""
        await self.close()

    async def join(self) -> None:
        """Begin to use the server, and start it if it is not running: what `start` does with a new object."""
        try:
            with _explained(self.folder):
                # Looked at before anything is written: a lock file, too, would be a mark on somebody else's folder.
                if "lock" not in self._folder.names():
                    self._folder.marker(MAJOR)
                self._socket_folder()
                async with locked(self._folder, "lock", START_SECONDS):
                    await self._join()
        except BaseException:
            self._release()
            raise
        self._trimming = asyncio.create_task(self._trim_often())

    async def _join(self) -> None:
        marker = self._folder.marker(MAJOR)
        self._users = self._keep(self._folder.open_lock("users"))
        try_lock(self._users, fcntl.LOCK_SH)  # under `lock`, nobody holds it exclusively
        if marker is None:
            await make_data(self._folder, self._account, self._binaries)
        names = self._folder.names()
        if DATA not in names:
            if UNFINISHED not in names:
                raise DataFolderError(f"{self.folder / DATA} is gone: restore it from a backup")
            self._folder.rename(UNFINISHED, DATA)
        self._data = self._keep(self._folder.open_private(DATA, self._account))
        self._socket = self._keep(self._folder.open_private(SOCKET, self._account))
        try:
            await self._run()
        except BaseException:
            await self._leave()
            raise

    def _keep(self, descriptor: int) -> int:
        """Keep the descriptor until we leave."""
        self._descriptors.callback(os.close, descriptor)
        return descriptor

    def _release(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.returncode = 0  # the server outlives us, and others need it: nobody here waits for it
        self._users = -1
        self._descriptors.close()

    def _socket_folder(self) -> str:
        """Return where clients find the socket."""
        path = self.folder / SOCKET
        if len(os.fsencode(path / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES:
            return str(path)
        short = opened(self._socket)
        if short is None:
            raise DataFolderError(f"{self.folder} is too long a path for a Unix socket: choose a shorter one")
        return short

    async def _run(self) -> None:
        """Return when the server answers, started if need be. Under `lock`."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + START_SECONDS
        started: float | None = None
        while not await self._answers():
            give_up = deadline
            if started is not None and self._ended():
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
                give_up = started + RETRY_SECONDS
            if clock() > give_up:
                raise DataFolderError(f"the server of {self.folder} does not start; {self._folder.explain()}")
            if self._start_if_none_is_left():
                started = started or clock()
            await asyncio.sleep(POLL_SECONDS)

    def _ended(self) -> bool:
        """Say whether the server that we started has ended."""
        return self._process is not None and self._process.poll() is not None

    def _postmaster(self) -> Postmaster:
        return Postmaster(self._folder, self._data, self._account.user_id)

    async def _answers(self) -> bool:
        """Say whether the server lets us in, with our database there (it is made at the first start)."""
        if not self._postmaster().is_ready():
            return False
        try:
            connection = await self.connect("postgres")
        except asyncpg.TooManyConnectionsError:
            return True  # it is up, and busy
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.PostgresError as error:
            raise DatabaseError(f"the server of {self.folder} does not let us in: {reason_of(error)}") from error
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()
        return True

    def _start_if_none_is_left(self) -> bool:
        """Start a postmaster if no process of an earlier one is left, and say whether we did."""
        server = self._folder.open_lock("server")
        try:
            if try_lock(server):
                self._start(server)
                return True
        finally:
            os.close(server)  # from here on the server alone holds it
        self._postmaster().quit_orphans()
        return False

    def _start(self, server: int) -> None:
        """Start a postmaster: in a session of its own, so that Ctrl-C in our terminal does not reach it."""
        self._reap()
        postmaster = self._postmaster()
        postmaster.forget_the_last(self._socket)
        names = dict.fromkeys((self._account.name, current_name()))
        ident = "".join(f'{SUPERUSER} "{name}" {SUPERUSER}\n' for name in names)
        self._folder.replace(self._data, "pg_hba.conf", _HBA.encode(), self._account)
        self._folder.replace(self._data, "pg_ident.conf", ident.encode(), self._account)
        self._folder.trim_log()
        log = self._folder.open_log()
        data = opened(self._data) or str(self.folder / DATA)
        socket = opened(self._socket) or str(self.folder / SOCKET)
        try:
            self._process = start_program(
                self._account,
                [self._binaries.postgres, "-D", data, *arguments(postmaster.name, socket)],
                (self._data, self._socket, server),
                output=log,
                errors=log,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise DatabaseError(f"cannot run {self._binaries.postgres}: {error}") from error
        finally:
            os.close(log)

    async def _leave(self) -> None:
        """Stop the server if we are its last user. Under `lock`."""
        if not try_lock(self._users):
            return
        self._postmaster().send(signal.SIGINT)  # fast shutdown: ends the sessions, writes a checkpoint
        server = self._folder.open_lock("server")
        try:
            await take_lock(server, STOP_SECONDS)
            self._reap()
        except TimeoutError:
            # It goes on by itself, nothing is lost, and the next start waits for it.
            _log.warning("the server of %s is still stopping after %s s: see %s", self.folder, STOP_SECONDS, LOG)
        finally:
            os.close(server)

    def _reap(self) -> None:
        """Take note that a server of ours has ended: its locks are free, so it has, or will within a moment."""
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(RETRY_SECONDS)

    async def _trim_often(self) -> None:
        while True:
            await asyncio.sleep(TRIM_SECONDS)
            with contextlib.suppress(OSError):
                self._folder.trim_log()


async def start(folder: Path) -> EmbeddedServer:
    """Return the server of this data folder, in use by this process: started, or found running.

    The folder is made when it is missing. A second start takes well under a second, the first one about two.
    Raises DataFolderError when the folder is not a ledger's, another version's, or cannot be used (a full disk, say:
    the message carries the end of the server's log), and DatabaseError when this machine cannot run PostgreSQL.
    """
    account = await asyncio.to_thread(server_account)
    binaries = await asyncio.to_thread(find_binaries, account)
    server = EmbeddedServer(DataFolder(folder), account, binaries)
    await server.join()
    return server


@contextlib.asynccontextmanager
async def kept_running(server: EmbeddedServer | None) -> AsyncGenerator[None]:
    """Keep the server running inside the block; None is a server of somebody else's, who keeps it."""
    task = asyncio.create_task(server.keep_running(), name="embedded server") if server else None
    try:
        yield
    finally:
        await end(task)


@contextlib.contextmanager
def _explained(folder: Path) -> Generator[None]:
    """Turn what the operating system says about the folder (full, read-only, not ours) into our error."""
    try:
        yield
    except OSError as error:
        raise DataFolderError(f"{folder} cannot be used: {error.strerror or error}") from error
