"""From log to views: follows every log in position order, and moves views and cursors in one transaction.

Whoever holds a log's cursors (row locks) is its projector, so processes share the logs. Engines are kept in memory;
one that is missing is made again from its stream, so nothing is read back from a view. A log whose projection fails is
named, retried later, and does not stop the others.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence

import asyncpg

from ledger.database import DATABASE_ERRORS, AnyConnection, Database
from ledger.domain.catalogue import kind_of
from ledger.entry import fact_of
from ledger.feed import Feed
from ledger.statements import Statements
from ledger.store import PAGE_EVENTS, StoredEntry, read_entries, read_streams
from projections.bitemporal import Change, Engine, Rectangle, View

ENGINES_CACHED = 20_000
DATABASE_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What says that the database went away: no log's fault, so no log is named for it."""
RETRY_SECONDS = 5.0
RECTANGLE_COLUMNS = (
    "log_id",
    "subject",
    "key",
    "certainty",
    "valid_from",
    "valid_to",
    "valid_to_known",
    "known_from",
    "known_to",
)

statements = Statements("projections")
log = logging.getLogger(__name__)


class Projector:
    """Turns pages of one log's entries into changes of some views' rectangles. Pure but for loading streams."""

    def __init__(self, log_id: int, views: Sequence[View]) -> None:
        """Take the log and the views; each view's kinds decide which streams are followed."""
        self.log_id = log_id
        self.views = views
        self._by_kind: dict[str, list[View]] = {}
        for view in views:
            for kind in view.kinds:
                self._by_kind.setdefault(kind, []).append(view)
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._position = 0

    async def take(self, connection: AnyConnection, page: Sequence[StoredEntry]) -> dict[str, Change]:
        """Take the next page in; return what changes in each view, by name."""
        facts = [fact for stored in page if kind_of((fact := fact_of(stored.entry)).originator_id) in self._by_kind]
        cold = {fact.originator_id for fact in facts} - self._engines.keys()
        if cold and page[0].position:
            streams = await read_streams(connection, self.log_id, sorted(cold), page[0].position)
            for subject, earlier in streams.items():
                engine = self._engine(subject)
                for fact in earlier:
                    engine.take(fact)
        self._position = page[-1].position + 1
        changes = {view.name: Change([], []) for view in self.views}
        for fact in facts:
            for view, change in zip(
                self._by_kind[kind_of(fact.originator_id)], self._engine(fact.originator_id).take(fact), strict=True
            ):
                changes[view.name].added.extend(change.added)
                changes[view.name].moved.extend(change.moved)
        while len(self._engines) > ENGINES_CACHED:
            self._engines.popitem(last=False)
        return changes

    def go_on_from(self, position: int) -> None:
        """Forget every stream when another process has followed this log since our last page."""
        if position != self._position:
            self.forget()
        self._position = position

    def forget(self) -> None:
        """Forget every stream: the last page was not committed."""
        self._engines.clear()

    def _engine(self, subject: str) -> Engine:
        engine = self._engines.get(subject)
        if engine is None:
            engine = self._engines[subject] = Engine(subject, self._by_kind[kind_of(subject)])
        else:
            self._engines.move_to_end(subject)
        return engine


async def write_changes(connection: AnyConnection, log_id: int, view: View, table: str, change: Change) -> None:
    """Write what changed in one view to its table: new rectangles, and moved ends of those already there."""
    added = set(map(id, change.added))
    moved = {id(rectangle): rectangle for rectangle in change.moved if id(rectangle) not in added}
    if moved:
        await connection.execute(
            statements("move_rectangles").replace("view_any", table), log_id, *_columns(list(moved.values()))
        )
    if change.added:
        await connection.copy_records_to_table(
            table,
            records=[
                (
                    log_id,
                    r.subject,
                    r.key,
                    r.certainty,
                    r.valid_from,
                    r.valid_to,
                    r.valid_to_known,
                    r.known_from,
                    r.known_to,
                    *r.row,
                )
                for r in change.added
            ],
            columns=(*RECTANGLE_COLUMNS, *view.columns),
        )


def _columns(rectangles: Sequence[Rectangle]) -> list[list[object]]:
    names = ("certainty", "subject", "key", "valid_from", "known_from", "valid_to", "valid_to_known", "known_to")
    return [[getattr(rectangle, name) for rectangle in rectangles] for name in names]


class Runner:
    """Keeps views up to date with all logs. Owns one `Projector` for each log it has followed."""

    def __init__(self, database: Database, feed: Feed, views: Sequence[View]) -> None:
        """Take the database, what wakes, and the views to keep."""
        self._pool = database.pool("projector")
        self._feed = feed
        self._views = views
        self._names = [view.name for view in views]
        self._projectors: dict[int, Projector] = {}
        self.failures: dict[int, str] = {}

    async def run(self) -> None:
        """Follow all logs, for ever. Cancel it to stop: what is not committed then is done again."""
        while True:
            change = self._feed.next_change()
            try:
                moved = await self.step()
            except DATABASE_ERRORS as error:
                log.warning("views cannot follow: %s; trying again in %s s", error, RETRY_SECONDS)
                self._projectors.clear()
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not moved:
                await self._feed.wait(change)

    async def step(self) -> bool:
        """Take one page of every log that is ahead of its views; tell whether anything moved."""
        moved = False
        for row in await self._pool.fetch(statements("read_cursors"), self._names):
            if row["position"] < row["size"]:
                moved = await self._page(row["log_id"], row["size"]) or moved
        return moved

    async def catch_up(self) -> None:
        """Follow until every view has reached the sizes that the logs have now. Raises what a projection raises."""
        while await self.step():
            pass
        if self.failures:
            raise RuntimeError("; ".join(f"log {log_id}: {why}" for log_id, why in self.failures.items()))

    async def _page(self, log_id: int, size: int) -> bool:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                moved = await self._follow(connection, log_id, size)
        except DATABASE_GONE:
            self._projectors.pop(log_id, None)
            raise
        except Exception as error:
            self._projectors.pop(log_id, None)
            if log_id not in self.failures:
                log.exception("the views of log %s stopped; the other logs go on", log_id)
            self.failures[log_id] = f"{type(error).__name__}: {error}"
            return False
        if moved:
            self.failures.pop(log_id, None)
        return moved

    async def _follow(self, connection: AnyConnection, log_id: int, size: int) -> bool:
        """Move the views that are furthest behind by a page, and no further than where the next ones are.

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
        # A COPY reads its table before it writes to it. Between the two, the swap of a rebuild could wait for what has
        # read, and that for the swap: so the tables are held first, all in the order that every projector has.
        tables = ", ".join(view.table for view in behind)
        await connection.execute(statements("hold_tables").replace("view_any", tables))
        projector = self._projector(log_id, behind)
        projector.go_on_from(position)
        async for page in read_entries(connection, log_id, position, min(end, position + PAGE_EVENTS)):
            changes = await projector.take(connection, page)
            for view in behind:
                await write_changes(connection, log_id, view, view.table, changes[view.name])
            position = page[-1].position + 1
        await connection.execute(statements("move_cursors"), log_id, [view.name for view in behind], position)
        return True

    def _projector(self, log_id: int, views: Sequence[View]) -> Projector:
        """Return the projector of a log for these views; one that had others is let go."""
        projector = self._projectors.get(log_id)
        if projector is None or projector.views != views:
            projector = self._projectors[log_id] = Projector(log_id, views)
        return projector
