"""A synchronous face over the asyncpg store: one thread with an event loop, and in it a database of its own.

For callers that have no event loop. Calls come from any number of threads; each waits for its own answer, a bounded
time. What belongs to the loop (pools, sequencers, feed) is touched in its thread alone; what threads share is the set
of listeners, beside its lock.
"""

import asyncio
import atexit
import contextlib
from collections.abc import Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from threading import Event, Lock, RLock, Thread, current_thread
from typing import Any, TypeVar

import asyncpg

from ledger.database import CLOSE_SECONDS, CONNECT_SECONDS, MIGRATION_WAIT_SECONDS, open_database
from ledger.entry import Draft
from ledger.errors import Busy, LogExists, OutcomeUnknown, UnknownLog
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.judging import Receipt
from ledger.sequencer import Sequencer
from ledger.server.embedded import kept_running
from ledger.settings import Settings
from ledger.store import create_log, find_logs
from ledger.tasks import end

OPEN_SECONDS = MIGRATION_WAIT_SECONDS + CONNECT_SECONDS
"""For the embedded server to start, and for the migrations of whoever came first."""
CALL_SECONDS = 60
"""Longer than a statement may take and the head of a log may be waited for: the database gives up before we do."""
STOP_SECONDS = 2 * CLOSE_SECONDS + CALL_SECONDS
"""For what has queued to be answered, and the database to be left."""

T = TypeVar("T")


class Bridge:
    """A ledger for threads. Opens its database when it is made; `close` leaves it, and so does the end of the process.

    Raises what `open_database` raises, and Busy when that takes longer than OPEN_SECONDS.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listeners: set[Event] = set()
        self._listeners_lock = Lock()
        # Held while a call is handed to the loop and while `close` says stop: so no call comes behind the stop,
        # where nobody would answer it. Reentrant, since a collected application closes itself in whatever thread.
        self._handing_over = RLock()
        self._closed = False
        self._sequencers: dict[int, Sequencer] = {}
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._opened: Future[None] = Future()
        self._ended: Future[None] = Future()
        # A daemon, so that an application that was never closed can end: `close` then runs before it is stopped.
        self._thread = Thread(target=self._run, name="ledger bridge", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        self._await_opening()

    def close(self) -> None:
        """Answer what has queued, then leave the database. Calling it again does nothing.

        Raises what leaving the database raises, and Busy when it takes longer than STOP_SECONDS.
        """
        with self._handing_over:
            if self._closed:
                return
            self._closed = True
            self._loop.call_soon_threadsafe(self._stop.set)
        atexit.unregister(self.close)
        if current_thread() is self._thread:
            return  # it was collected in the loop's own thread, which ends when it gets to it
        try:
            self._ended.result(STOP_SECONDS)
        except TimeoutError as error:
            raise Busy(f"the database was not left in {STOP_SECONDS} s") from error

    def settle_log(self, slug: str, kind: str, data_class: str) -> LogInfo:
        """Return the log of this slug, created with UTC as its zone where there is none."""
        return self._call(self._settle_log(slug, kind, data_class))

    def append(self, log: LogInfo, drafts: Sequence[Draft]) -> list[Receipt]:
        """Append drafts, all or none; an id that the log has is refused.

        Raises:
            Refused, Busy: nothing was stored.
            OutcomeUnknown: nobody answered in CALL_SECONDS, or the commit was not answered.
        """
        try:
            return self._call(self._append(log, drafts))
        except TimeoutError as error:
            raise OutcomeUnknown(f"the append was not answered in {CALL_SECONDS} s: read what is there") from error

    def fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """Return the rows of a statement, run as a reader. Raises what asyncpg raises, TimeoutError and Busy."""
        return self._call(self._fetch(statement, *arguments))

    def listen(self, woken: Event) -> None:
        """Set `woken` from now on whenever a log may have grown, and when the bridge closes."""
        with self._listeners_lock:
            self._listeners.add(woken)

    def unlisten(self, woken: Event) -> None:
        """Leave `woken` alone again."""
        with self._listeners_lock:
            self._listeners.discard(woken)

    def _await_opening(self) -> None:
        try:
            self._opened.result(OPEN_SECONDS)
        except TimeoutError as error:
            with contextlib.suppress(RuntimeError):  # it failed just now
                self._loop.call_soon_threadsafe(self._stop.set)
            self._forget()
            raise Busy(f"the database did not open in {OPEN_SECONDS} s") from error
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        self._closed = True
        atexit.unregister(self.close)

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it. Raises TimeoutError after CALL_SECONDS, and Busy when closed."""
        with self._handing_over:
            if self._closed:
                coroutine.close()
                raise Busy("the persistence is closed: construct it anew")
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(CALL_SECONDS)
        except CancelledError as error:
            raise TimeoutError("the persistence was closed meanwhile") from error
        except TimeoutError:
            future.cancel()
            raise

    def _run(self) -> None:
        """Serve until closed. Nothing is raised into the thread: who opens, or who closes, hears of it."""
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed on whole
            (self._ended if self._opened.done() else self._opened).set_exception(error)
        else:
            self._ended.set_result(None)
        self._wake_listeners()

    async def _serve(self) -> None:
        """Hold the database and the feed; when told to stop, answer what has queued before they go."""
        async with await open_database(self._settings) as self._database, kept_running(self._database.server):
            self._feed = Feed(self._database.pool("reader"))
            self._feed.start()
            waking = asyncio.create_task(self._wake_often(), name="bridge")
            self._opened.set_result(None)
            await self._stop.wait()
            await asyncio.gather(*(sequencer.close() for sequencer in self._sequencers.values()))
            await end(waking)
            await self._feed.close()

    async def _wake_often(self) -> None:
        while True:
            await self._feed.wait(self._feed.next_change())
            self._wake_listeners()

    def _wake_listeners(self) -> None:
        with self._listeners_lock:
            for woken in self._listeners:
                woken.set()

    async def _settle_log(self, slug: str, kind: str, data_class: str) -> LogInfo:
        pool = self._database.pool("keeper")
        with contextlib.suppress(UnknownLog):
            return (await find_logs(pool, [slug]))[0]
        with contextlib.suppress(LogExists):  # another process was first: the log is what it made
            return await create_log(pool, slug, kind, "UTC", None, data_class, f"{self._database.name}/{slug}")
        return (await find_logs(pool, [slug]))[0]

    async def _append(self, log: LogInfo, drafts: Sequence[Draft]) -> list[Receipt]:
        sequencer = self._sequencers.get(log.log_id)
        if sequencer is None:
            sequencer = self._sequencers[log.log_id] = Sequencer(log, self._database.pool("writer"), self._feed.wake)
        return await sequencer.append(drafts, refuse_repeats=True)

    async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        return await self._database.pool("reader").fetch(statement, *arguments)
