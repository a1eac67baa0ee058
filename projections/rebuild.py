"""Rebuild views beside the live ones, then swap: readers see the old ones until the new ones are whole.

A log is read once for all of them, stream by stream: of a whole stream every rectangle is known with its ends, so it is
written once and never moved, and in order of the tables' keys. Of a long log streams are drawn by several processes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from functools import partial

from ledger.companion import useful_companions
from ledger.database import Connection, Database
from ledger.entry import StreamEntries
from ledger.intake import LogInfo
from ledger.store import find_logs
from ledger.tasks import one_ahead
from projections.drawers import Drawers
from projections.drawing import Rows
from projections.projector import Projector
from projections.rebuilt import Part, Rebuilt, finish_alone
from projections.rectangle import View, tables_of
from projections.replay import read_pages_by_subject
from projections.runner import project, statements
from projections.writing import copy, settled, write_behind

Progress = Callable[[int], None]
Positions = Mapping[str, int]
Ends = Sequence[tuple[LogInfo, Positions]]
"""Logs, each with how far every view has followed it."""
CONNECTIONS = 4
"""Of a rebuild: one reads, one writes, and two finish what is filled, since most of it is so at about the same time."""
LONG_EVENTS = 20_000
"""Of all logs: fewer are drawn in the time that another process takes to start."""


async def rebuild(database: Database, views: Sequence[View], progress: Progress = lambda _: None) -> int:
    """Rebuild views for all logs and return how many entries they have followed.

    They are filled from the log up to where the live ones are, first beside them, then, with every cursor of the views
    locked so that no projector moves meanwhile, up to the exact place. The swap is one transaction; before it, nothing
    that readers see has changed, and a rebuild that is cut off leaves only tables that the next one drops: so no commit
    waits for the disk but the last, which is there when all before it are. Logs that were made meanwhile are in it too.
    `progress` is told how many entries were read.

    The views are in the order of VIEWS, in which every projector holds their tables, too.

    Raises Busy when another rebuild of a view took its place.
    """
    async with AsyncExitStack() as stack:
        connection, reading, *finishing = [
            await stack.enter_async_context(database.owner()) for _ in range(CONNECTIONS)
        ]
        for each in (connection, reading, *finishing):
            await each.execute(statements("wait_for_disk"), False)
        for each in finishing:
            await finish_alone(each)
        await connection.execute(statements("find_by_key"), False)
        ends = await _ends(connection, views)
        is_long = sum(size for _, size in _sizes(ends)) >= LONG_EVENTS
        drawers = Drawers(useful_companions() if is_long else 0)
        stack.push_async_callback(drawers.close)
        await drawers.begin()
        rebuilt = Rebuilt(connection, views)
        async with connection.transaction():
            await rebuilt.make()
        filler = Filler(reading, connection, rebuilt, views, progress)
        await filler.fill(ends, drawers, finishing)
        await filler.follow(await _ends(connection, views))
        await connection.execute(statements("wait_for_disk"), True)
        async with connection.transaction():
            await rebuilt.lock()
            await filler.follow(await _ends(connection, views))
            await rebuilt.swap()
    return filler.followed


class Filler:
    """Fills new tables: first with whole streams, then, as a projector does, with what has come since."""

    def __init__(
        self,
        reading: Connection,
        connection: Connection,
        rebuilt: Rebuilt,
        views: Sequence[View],
        progress: Progress,
    ) -> None:
        """Take connections of the owner, to read with and to write with, the new tables, the views and whom to tell."""
        self._reading = reading
        self._connection = connection
        self._rebuilt = rebuilt
        self._views = views
        self._progress = progress
        self._filled: dict[int, dict[str, int]] = {}

    @property
    def followed(self) -> int:
        """How many entries were taken in by every view."""
        return sum(min(filled.values()) for filled in self._filled.values())

    async def fill(self, ends: Ends, drawers: Drawers, finishing: Sequence[Connection]) -> None:
        """Take in the whole streams of logs, up to where all views were, kind by kind, as they are drawn.

        A view of whose kinds none is left is finished meanwhile, on more connections.
        """
        sizes = _sizes(ends)
        parts: asyncio.Queue[Part | None] = asyncio.Queue()
        finishers = [asyncio.create_task(_finish(each, parts), name="finish views") for each in finishing]
        try:
            for kind in sorted({kind for view in self._views for kind in view.kinds}):
                views = [view for view in self._views if kind in view.kinds]
                for log, size in sizes:
                    async with (
                        aclosing(self._read(kind, log, size)) as pages,
                        aclosing(drawers.draw(log.log_id, views, pages)) as drawn,
                    ):
                        await write_behind(drawn, partial(self._copy, views))
                for view in views:
                    if kind == max(view.kinds):
                        for part in self._rebuilt.parts(view, [log for log, _ in sizes]):
                            parts.put_nowait(part)
            for _ in finishers:
                parts.put_nowait(None)
            await asyncio.gather(*finishers)
        finally:
            for finisher in finishers:
                finisher.cancel()
                await settled(finisher)
        self._filled = {log.log_id: dict.fromkeys(self._rebuilt.tables, size) for log, size in sizes}

    async def follow(self, ends: Ends) -> None:
        """Take in what has come up to where each view ends; of a log that is new, everything."""
        for log, positions in ends:
            filled = self._filled.setdefault(log.log_id, dict.fromkeys(self._rebuilt.tables, 0))
            for start, end in sorted({(filled[name], end) for name, end in positions.items() if filled[name] < end}):
                views = [view for view in self._views if (filled[view.name], positions[view.name]) == (start, end)]
                projector = Projector(log.log_id, views, from_log_alone=True)
                reached = await project(
                    projector, self._reading, self._connection, self._rebuilt.tables, start, end, self._progress
                )
                filled.update({view.name: reached for view in views})

    async def _read(self, kind: str, log: LogInfo, size: int) -> AsyncGenerator[Sequence[StreamEntries]]:
        """Yield the whole streams of a kind below a log's size, page by page, each next page read ahead."""
        async with aclosing(one_ahead(read_pages_by_subject(self._reading, log, size, f"{kind}:"))) as pages:
            async for page in pages:
                if page.streams:  # of a kind that has none, nothing waits for a companion to start
                    yield page.streams
                self._progress(page.entries)

    async def _copy(self, views: Sequence[View], rows: Rows) -> None:
        """Write the rows of some views."""
        for view, both in zip(views, rows, strict=True):
            for table, some in zip(tables_of(self._rebuilt.tables[view.name]), both, strict=True):
                if some:
                    await copy(self._connection, table, view, some)


async def _finish(connection: Connection, parts: asyncio.Queue[Part | None]) -> None:
    """Do parts of what finishes views, as they come, each in a transaction; None is the last."""
    while (part := await parts.get()) is not None:
        async with connection.transaction():
            await part(connection)


async def _ends(connection: Connection, views: Sequence[View]) -> Ends:
    """Return all logs, each with where the live views are by now."""
    names = [view.name for view in views]
    ends: list[tuple[LogInfo, Positions]] = []
    for log in await find_logs(connection):
        rows = await connection.fetch(statements("read_positions"), log.log_id, names)
        ends.append((log, dict.fromkeys(names, 0) | {row["view"]: row["position"] for row in rows}))
    return ends


def _sizes(ends: Ends) -> list[tuple[LogInfo, int]]:
    """Return each log with how far all views have followed it."""
    return [(log, min(positions.values())) for log, positions in ends]
