"""Rebuild a view beside the live one, then swap: readers see the old one until the new one is whole."""

from collections.abc import Callable

from ledger.database import Connection, Database
from ledger.errors import Busy
from ledger.intake import LogInfo
from ledger.store import PAGE_EVENTS, find_logs, read_entries
from projections.bitemporal import View
from projections.runner import Projector, statements, write_changes

Progress = Callable[[int], None]


async def rebuild(database: Database, view: View, progress: Progress = lambda _: None) -> int:
    """Rebuild one view for all logs and return how many entries were read.

    It is filled from the log up to where the live view is, first beside it, then, with every cursor of the view locked
    so that no projector moves meanwhile, up to the exact place. The swap is one transaction; before it, nothing that
    readers see has changed, and a rebuild that is cut off leaves only a table that the next one drops. Logs that were
    made meanwhile are in it too.

    Raises Busy when another rebuild of the view took its place.
    """
    fresh = f"{view.table}_rebuilt"
    read = 0
    async with database.owner() as connection:
        async with connection.transaction():
            await connection.execute(statements("drop_rebuilt").replace("view_any", fresh))
            await connection.execute(
                statements("make_rebuilt").replace("view_fresh", fresh).replace("view_any", view.table)
            )
            made = await connection.fetchval(statements("find_table"), fresh)
        filler = Filler(connection, view, fresh, progress)
        for log in await find_logs(connection):
            read += await filler.fill(log, await _live_position(connection, log, view))
        async with connection.transaction():
            # A log may be so new that its cursor is not there to be locked: the table is then what holds its projector.
            await connection.execute(statements("lock_view"), view.name)
            await connection.execute(statements("lock_table").replace("view_any", view.table))
            await connection.execute(statements("lock_table").replace("view_any", fresh))
            if await connection.fetchval(statements("find_table"), fresh) != made:
                raise Busy(f"another rebuild of view {view.name} is under way")
            for log in await find_logs(connection):
                read += await filler.fill(log, await _live_position(connection, log, view))
            await connection.execute(statements("grant_reads").replace("view_any", fresh))
            await connection.execute(statements("grant_writes").replace("view_any", fresh))
            await connection.execute(statements("drop_view").replace("view_any", view.table))
            await connection.execute(
                statements("rename_rebuilt").replace("view_fresh", fresh).replace("view_any", view.table)
            )
    return read


class Filler:
    """Fills the new table, log by log, and goes on where it was."""

    def __init__(self, connection: Connection, view: View, table: str, progress: Progress) -> None:
        """Take the owner's connection, the view, the new table and whom to tell how many entries were read."""
        self._connection = connection
        self._view = view
        self._table = table
        self._progress = progress
        self._projectors: dict[int, Projector] = {}
        self._positions: dict[int, int] = {}

    async def fill(self, log: LogInfo, end: int) -> int:
        """Take in the entries of a log up to `end`; return how many were read."""
        projector = self._projectors.setdefault(log.log_id, Projector(log.log_id, [self._view]))
        start = position = self._positions.get(log.log_id, 0)
        while position < end:
            async for page in read_entries(self._connection, log.log_id, position, min(end, position + PAGE_EVENTS)):
                changes = await projector.take(self._connection, page)
                await write_changes(self._connection, log.log_id, self._view, self._table, changes[self._view.name])
                position = self._positions[log.log_id] = page[-1].position + 1
                self._progress(len(page))
        return position - start


async def _live_position(connection: Connection, log: LogInfo, view: View) -> int:
    rows = await connection.fetch(statements("read_positions"), log.log_id, [view.name])
    return rows[0]["position"] if rows else 0
