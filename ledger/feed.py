"""Following a log: its entries from a position on, then waiting for more.

Positions are gapless and final, so a reader that follows them can miss nothing. `NOTIFY` only wakes, carries no data
and may be lost: everybody also polls. It is sent beside the commits, never in one, where it would serialise them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from ledger.database import DATABASE_ERRORS, Pool, PoolConnection
from ledger.intake import LogInfo
from ledger.store import StoredEntry, read_entries, statements
from ledger.tasks import end

CHANNEL = "jejak_appended"
POLL_SECONDS = 1.0
"""How long a follower waits at most before it looks by itself."""
RECONNECT_SECONDS = 1.0
NOTIFY = f"NOTIFY {CHANNEL}"


class Feed:
    """Wakes those who follow logs, in this process and in others. Owns one listening connection and one task."""

    def __init__(self, pool: Pool) -> None:
        """Take the pool to listen, notify and read with."""
        self._pool = pool
        self._changed = asyncio.Event()
        self._to_tell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen to other processes, and to tell them."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="feed")

    async def close(self) -> None:
        """Stop listening."""
        await end(self._task)
        self._task = None

    def wake(self, log: LogInfo, size: int) -> None:  # noqa: ARG002 - the sequencer's callback; the log itself is read
        """Tell everybody that a log has grown. Never waits, never fails."""
        self._stir()
        self._to_tell.set()

    def next_change(self) -> asyncio.Event:
        """Return what the next append anywhere sets. Take it before looking, so that nothing falls in between."""
        return self._changed

    async def wait(self, change: asyncio.Event, seconds: float = POLL_SECONDS) -> None:
        """Return when `change` has come, or after `seconds`: look again either way."""
        # Not asyncio.wait_for: before Python 3.12 it loses a cancellation that comes with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await change.wait()

    async def follow(self, log: LogInfo, start: int) -> AsyncIterator[list[StoredEntry]]:
        """Yield the entries of a log from a position on, page by page, for ever: none lost, none twice."""
        while True:
            change = self.next_change()
            size: int = await self._pool.fetchval(statements("read_size"), log.log_id)
            async for page in read_entries(self._pool, log.log_id, start, size):
                yield page
                start = page[-1].position + 1
            await self.wait(change)

    def _stir(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _run(self) -> None:
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await self._listen(connection)
            except DATABASE_ERRORS:
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self, connection: PoolConnection) -> None:
        def heard(*_: object) -> None:
            self._stir()

        await connection.add_listener(CHANNEL, heard)
        try:
            while not connection.is_closed():
                await self.wait(self._to_tell)
                if self._to_tell.is_set():
                    self._to_tell.clear()
                    await connection.execute(NOTIFY)
        except DATABASE_ERRORS:
            connection.terminate()  # an answer may have broken off in it: nobody else is to get it
            raise
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, heard)
