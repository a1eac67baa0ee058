"""From log to views: follows every log in position order, and moves views and cursors in one transaction.

Whoever holds a log's cursors (row locks) is its projector, so processes share the logs. A log whose projection fails is
named, retried later, and does not stop the others.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from ledger.database import DATABASE_ERRORS, AnyConnection, Database
from ledger.errors import reason_of
from ledger.feed import Feed
from ledger.statements import Statements
from projections.projector import Projector
from projections.rectangle import View
from projections.stopped_logs import StoppedLogs
from projections.writing import Taken, Writer, settled, write_behind

TRANSACTION_EVENTS = 8_000
"""Events of a log that views follow in one transaction at most: about a second's, of which a crash loses no more."""
PACK_EVENTS = 8_192
"""Events of a log whose tallies are packed, once the views have followed them. Of ten million, a count reads some ten
thousands of rows then, and takes apart the corners of one stretch: some milliseconds each."""
RETRY_SECONDS = 5.0
statements = Statements("projections")
log = logging.getLogger(__name__)


async def project(
    projector: Projector,
    reading: AnyConnection,
    writing: AnyConnection,
    tables: Mapping[str, str],
    start: int,
    end: int,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Take the entries of positions [start, end) and write what they change; return where the last one ended.

    `tables` holds each view's by its name. While a page is taken, the one before is written and the next one is read:
    the connections are two, and only the one that writes is in a transaction.
    """
    projector.go_on_from(start)
    async with aclosing(_pages(projector, reading, end, progress)) as pages:
        await write_behind(pages, Writer(writing, projector.log_id, tables).write)
    return projector.position


async def _pages(
    projector: Projector, reading: AnyConnection, end: int, progress: Callable[[int], None]
) -> AsyncGenerator[Taken]:
    """Take page after page up to `end`, and read each next one meanwhile."""
    reads = asyncio.create_task(projector.read(reading, projector.position, end), name="read ahead")
    try:
        while (ahead := await reads) is not None:
            page = await projector.prepare(reading, ahead)
            reads = asyncio.create_task(projector.read(reading, page.end, end), name="read ahead")
            yield await projector.take(page)
            progress(page.end - ahead.start)
    finally:
        await settled(reads)


class Runner:
    """Keeps views up to date with all logs. Owns one `Projector` for each log it has followed.

    `stopped` says which logs' views went no further, and why.
    """

    def __init__(self, database: Database, feed: Feed, views: Sequence[View]) -> None:
        """Take the database, what wakes, and the views to keep."""
        self._pool = database.pool("projector")
        self._feed = feed
        self._views = views
        self._names = [view.name for view in views]
        self._projectors: dict[int, Projector] = {}
        self.stopped = StoppedLogs("the views")

    async def run(self) -> None:
        """Follow all logs, for ever. Cancel it to stop: what is not committed then is done again."""
        while True:
            change = self._feed.next_change()
            try:
                moved = await self.step()
            except DATABASE_ERRORS as error:
                log.warning("views cannot follow: %s; trying again in %s s", reason_of(error), RETRY_SECONDS)
                self._projectors.clear()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not moved:
                await self._feed.wait(change)

    async def step(self) -> bool:
        """Take some pages of every log that is ahead of its views; tell whether anything moved."""
        moved = False
        self.stopped.begin()
        for row in await self._pool.fetch(statements("read_cursors"), self._names):
            log_id = row["log_id"]
            if row["position"] >= row["size"]:
                self.stopped.go_on(log_id)  # whichever process has followed it
            elif self.stopped.has_turn(log_id):
                moved = await self._page(log_id, row["size"]) or moved
        return moved

    async def catch_up(self) -> None:
        """Follow until every view has reached the sizes that the logs have now. Raises what a projection raises."""
        self.stopped.try_at_once()
        while await self.step():
            pass
        if self.stopped.reasons:
            raise RuntimeError("; ".join(f"log {log_id}: {why}" for log_id, why in self.stopped.reasons.items()))

    async def _page(self, log_id: int, size: int) -> bool:
        moved = False
        with self.stopped.naming(log_id):
            try:
                async with (
                    self._pool.acquire() as reading,
                    self._pool.acquire() as connection,
                    connection.transaction(),
                ):
                    moved = await self._follow(reading, connection, log_id, size)
            except Exception:
                self._projectors.pop(log_id, None)
                raise
        if moved:
            self.stopped.go_on(log_id)
        return moved

    async def _follow(self, reading: AnyConnection, connection: AnyConnection, log_id: int, size: int) -> bool:
        """Move the views that are furthest behind by some pages, and no further than where the next ones are.

        All are together in the end: views that are new in this release begin at the log's first entry.
        """
        await connection.execute(statements("make_cursors"), log_id, self._names)
        rows = await connection.fetch(statements("lock_cursors"), log_id, self._names)
        if len(rows) < len(self._names):
            return False  # another process follows this log now, or a view is being rebuilt
        positions: dict[str, int] = {row["view"]: row["position"] for row in rows}
        position = min(positions.values())
        behind = [view for view in self._views if positions[view.name] == position]
        end = min((other for other in positions.values() if other > position), default=size)
        await connection.execute(statements("find_by_key"), True)
        # A COPY reads its table before it writes to it. Between the two, the swap of a rebuild could wait for what has
        # read, and that for the swap: so the tables are held first, all in the order that every projector has.
        held = ", ".join(table for view in behind for table in view.tables)
        await connection.execute(statements("hold_tables").replace("view_any", held))
        projector = self._projector(log_id, behind)
        end = min(end, position + TRANSACTION_EVENTS)
        tables = {view.name: view.table for view in behind}
        position = await project(projector, reading, connection, tables, position, end)
        await connection.execute(statements("move_cursors"), log_id, [view.name for view in behind], position)
        packed, whole = min(positions.values()) // PACK_EVENTS, position // PACK_EVENTS
        if packed < whole:
            await connection.execute(statements("pack_tallies"), log_id, packed * PACK_EVENTS, whole * PACK_EVENTS)
        return True

    def _projector(self, log_id: int, views: Sequence[View]) -> Projector:
        """Return the projector of a log for these views; one that had others is let go."""
        projector = self._projectors.get(log_id)
        if projector is None or projector.views != views:
            projector = self._projectors[log_id] = Projector(log_id, views)
        return projector
