"""Rebuild views beside the live ones, then swap: readers see the old ones until the new ones are whole.

A log is read once for all of them, stream by stream: of a whole stream every rectangle is known with its ends, so it is
written once and never moved, and in order of the tables' keys.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from ledger.database import Connection, Database
from ledger.entry import fact_of
from ledger.errors import Busy
from ledger.intake import LogInfo
from ledger.store import find_logs
from ledger.tasks import one_ahead
from projections.bitemporal import draw_whole
from projections.projector import Projector
from projections.rectangle import View
from projections.replay import YIELD_EVERY_STREAMS, StreamEntries, read_pages_by_subject
from projections.runner import PACK_EVENTS, project, statements
from projections.writing import Taken, write_behind
from projections.written import Written, draw_up

Progress = Callable[[int], None]
Positions = Mapping[str, int]


async def rebuild(database: Database, views: Sequence[View], progress: Progress = lambda _: None) -> int:
    """Rebuild views for all logs and return how many entries they have followed.

    They are filled from the log up to where the live ones are, first beside them, then, with every cursor of the views
    locked so that no projector moves meanwhile, up to the exact place. The swap is one transaction; before it, nothing
    that readers see has changed, and a rebuild that is cut off leaves only tables that the next one drops. Logs that
    were made meanwhile are in it too. `progress` is told how many entries were read.

    The views are in the order of VIEWS, in which every projector holds their tables, too.

    Raises Busy when another rebuild of a view took its place.
    """
    async with database.owner() as connection, database.owner() as reading:
        await connection.execute(statements("find_by_key"), False)
        rebuilt = Rebuilt(connection, views)
        async with connection.transaction():
            await rebuilt.make()
        filler = Filler(reading, connection, rebuilt.tables, views, progress)
        for log in await find_logs(connection):
            await filler.fill(log, await _live_positions(connection, log, views))
        async with connection.transaction():
            await rebuilt.lock()
            logs = await find_logs(connection)
            for log in logs:
                await filler.fill(log, await _live_positions(connection, log, views))
            await rebuilt.swap()
    return sum(filler.position(log) for log in logs)


class Rebuilt:
    """The new tables of some views. `tables` holds their names by that of the view."""

    def __init__(self, connection: Connection, views: Sequence[View]) -> None:
        """Take a connection of the owner, which is in a transaction whenever this is used, and the views."""
        self.tables: dict[str, str] = {view.name: f"{view.table}_rebuilt" for view in views}
        self._connection = connection
        self._views = views
        self._made: list[int] = []

    async def make(self) -> None:
        """Make the tables, empty; what an earlier rebuild left is dropped."""
        for view in self._views:
            await self._execute("drop_rebuilt", self.tables[view.name])
            await self._execute("make_rebuilt", view.table, self.tables[view.name])
            await self._connection.execute(statements("drop_tallies"), self.tables[view.name])
        self._made = await self._found()

    async def lock(self) -> None:
        """Keep projectors from the views until the transaction ends. Raises Busy where these are no more the tables.

        A log may be so new that its cursor is not there to be locked: the table is then what holds its projector.
        """
        await self._connection.execute(statements("lock_views"), list(self.tables))
        for view in self._views:
            await self._execute("lock_table", view.table)
        for table in self.tables.values():
            await self._execute("lock_table", table)
        if await self._found() != self._made:
            raise Busy(f"another rebuild of {', '.join(self.tables)} is under way")

    async def swap(self) -> None:
        """Put them in the place of the live ones, which are dropped."""
        await self._connection.execute(statements("drop_points"))
        for view in self._views:
            fresh = self.tables[view.name]
            await self._execute("grant_reads", fresh)
            await self._execute("grant_writes", fresh)
            await self._execute("drop_view", view.table)
            await self._connection.execute(statements("drop_tallies"), view.table)
            await self._connection.execute(statements("rename_tallies"), fresh, view.table)
            await self._execute("rename_rebuilt", view.table, fresh)

    async def _execute(self, name: str, table: str, fresh: str = "") -> None:
        statement = statements(name).replace("view_fresh", fresh).replace("view_any", table)
        await self._connection.execute(statement)

    async def _found(self) -> list[int]:
        """Return what the tables' names mean now."""
        return [await self._connection.fetchval(statements("find_table"), table) for table in self.tables.values()]


class Filler:
    """Fills new tables, log by log, and goes on where it was."""

    def __init__(
        self,
        reading: Connection,
        connection: Connection,
        tables: Mapping[str, str],
        views: Sequence[View],
        progress: Progress,
    ) -> None:
        """Take connections of the owner, to read with and to write with, the new tables, the views and whom to tell."""
        self._reading = reading
        self._connection = connection
        self._tables = tables
        self._views = views
        self._progress = progress
        self._filled: dict[int, dict[str, int]] = {}

    def position(self, log: LogInfo) -> int:
        """Return how far a log was taken in by every view."""
        return min(self._filled[log.log_id].values())

    async def fill(self, log: LogInfo, ends: Positions) -> None:
        """Take in the entries of a log up to where each view ends: what most of them share in whole streams."""
        if log.log_id not in self._filled:
            start = min(ends.values())
            await self._fill_whole(log, start)
            self._filled[log.log_id] = dict.fromkeys(ends, start)
        filled = self._filled[log.log_id]
        for start, end in sorted({(filled[name], end) for name, end in ends.items() if filled[name] < end}):
            views = [view for view in self._views if (filled[view.name], ends[view.name]) == (start, end)]
            projector = Projector(log.log_id, views, from_log_alone=True)
            reached = await project(
                projector, self._reading, self._connection, self._tables, start, end, self._progress
            )
            filled.update({view.name: reached for view in views})

    async def _fill_whole(self, log: LogInfo, size: int) -> None:
        async with aclosing(self._whole_streams(log, size)) as pages:
            await write_behind(self._connection, log.log_id, self._tables, pages)
        tallied = [view for view in self._views if view.tallied]
        await asyncio.gather(
            self._tally(self._connection, log, tallied[::2]), self._tally(self._reading, log, tallied[1::2])
        )

    async def _tally(self, connection: Connection, log: LogInfo, views: Sequence[View]) -> None:
        """Tally what the new tables of some views hold of a log."""
        for view in views:
            labels = ", ".join(f"{column}::text" for column in view.tallied)
            table = self._tables[view.name]
            statement = statements("tally_rebuilt").replace("view_any", table).replace("view_labels", labels)
            await connection.execute(statement, log.log_id, table, PACK_EVENTS)

    async def _whole_streams(self, log: LogInfo, size: int) -> AsyncGenerator[Taken]:
        """Yield what whole streams of a log below a size give, page by page; of kinds that views follow."""
        for kind in sorted({kind for view in self._views for kind in view.kinds}):
            views = [view for view in self._views if kind in view.kinds]
            async with aclosing(one_ahead(read_pages_by_subject(self._reading, log, size, f"{kind}:"))) as pages:
                async for streams in pages:
                    yield await _taken(log.log_id, views, streams)
                    self._progress(sum(len(entries) for _, entries in streams))


async def _taken(log_id: int, views: Sequence[View], streams: Sequence[StreamEntries]) -> Taken:
    """Return what whole streams give. Others get their turn meanwhile: the page before is written."""
    written = [Written(view=view, log_id=log_id) for view in views]
    for number, (subject, entries) in enumerate(streams, 1):
        draw_up(written, draw_whole(subject, list(map(fact_of, entries)), views))
        if number % YIELD_EVERY_STREAMS == 0:
            await asyncio.sleep(0)
    return Taken(written=written, points=())


async def _live_positions(connection: Connection, log: LogInfo, views: Sequence[View]) -> Positions:
    names = [view.name for view in views]
    rows = await connection.fetch(statements("read_positions"), log.log_id, names)
    return dict.fromkeys(names, 0) | {row["view"]: row["position"] for row in rows}
