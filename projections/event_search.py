"""The search: follows every log in position order, and keeps what its events are found by (migrations 011, 016).

It stands beside the views, at a pace of its own: an answer finds what it has not reached in the log itself. Whoever
holds a log's cursor (a row lock) takes the next page in, so processes share the logs.
"""

import asyncio
import logging

from ledger.database import DATABASE_ERRORS, AnyConnection, Database
from ledger.errors import reason_of
from ledger.feed import Feed
from ledger.statements import Statements
from projections.stopped_logs import StoppedLogs
from projections.views import VIEW_NAMES

SEARCH = "event_search"
"""The name of its cursor, and of its table."""
PAGE_EVENTS = 2_000
"""Events taken in by one transaction: a fraction of a second's, so a crash loses little and every log gets its turn."""
RETRY_SECONDS = 5.0
ROUND_SECONDS = 0.1
"""A round takes at least so long: what comes in little by little is gathered, to ten commits a second at most."""
BEHIND_EVENTS = 1_000
"""Views that are no more events than this behind a log keep up with it: a fifth of a second's, at 5,000 a second."""
REST = 19.0
"""While views are behind, the search rests up to so many times as long as it worked: they go first, and it goes on."""
LOOK_SECONDS = 0.05
"""Between two looks at whether the views have caught up."""

statements = Statements("projections")
log = logging.getLogger(__name__)


class EventSearch:
    """Keeps the search up to date with all logs. `stopped` says which went no further, and why."""

    def __init__(self, database: Database, feed: Feed) -> None:
        """Take the database, and what wakes."""
        self._pool = database.pool("projector")
        self._feed = feed
        self.stopped = StoppedLogs("the search")

    async def run(self) -> None:
        """Follow all logs, for ever. Cancel it to stop: what is not committed then is done again."""
        while True:
            change, began = self._feed.next_change(), asyncio.get_running_loop().time()
            try:
                moved = await self.step()
                if moved:
                    await self._rest(asyncio.get_running_loop().time() - began)
            except DATABASE_ERRORS as error:
                log.warning("the search cannot follow: %s; trying again in %s s", reason_of(error), RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not moved:
                await self._feed.wait(change)

    async def step(self) -> bool:
        """Take in a page of every log that is ahead of the search; tell whether anything moved."""
        moved = False
        self.stopped.begin()
        for row in await self._pool.fetch(statements("read_cursors"), [SEARCH]):
            log_id = row["log_id"]
            if row["position"] >= row["size"]:
                self.stopped.go_on(log_id)  # whichever process has taken it in
            elif self.stopped.has_turn(log_id):
                moved = await self._follow(log_id, row["size"]) or moved
        return moved

    async def catch_up(self) -> None:
        """Follow until the search has reached the sizes that the logs have now."""
        self.stopped.try_at_once()
        while await self.step():
            pass

    async def _rest(self, worked_seconds: float) -> None:
        """Let events gather, and views that are behind go first."""
        await asyncio.sleep(ROUND_SECONDS - worked_seconds)  # not at all, when the work took longer
        clock = asyncio.get_running_loop().time
        until = clock() + REST * worked_seconds
        while clock() < until and await self._views_are_behind():  # noqa: ASYNC110 - another process may keep them
            await asyncio.sleep(LOOK_SECONDS)

    async def _views_are_behind(self) -> bool:
        rows = await self._pool.fetch(statements("read_cursors"), VIEW_NAMES)
        return any(row["size"] - row["position"] > BEHIND_EVENTS for row in rows)

    async def _follow(self, log_id: int, size: int) -> bool:
        moved = False
        with self.stopped.naming(log_id):
            moved = await self._page(log_id, size)
        if moved:
            self.stopped.go_on(log_id)
        return moved

    async def _page(self, log_id: int, size: int) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(statements("make_cursors"), log_id, [SEARCH])
            rows = await connection.fetch(statements("lock_cursors"), log_id, [SEARCH])
            if not rows:
                return False  # another process follows this log now
            return await self._take_in(connection, log_id, rows[0]["position"], size)

    async def _take_in(self, connection: AnyConnection, log_id: int, start: int, size: int) -> bool:
        if size <= start:
            return False  # another process has been here since the size was read
        end = min(size, start + PAGE_EVENTS)
        await connection.execute(statements("index_events"), log_id, start, end)
        await connection.execute(statements("move_cursors"), log_id, [SEARCH], end)
        return True
