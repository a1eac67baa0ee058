"""Rebuild a view beside the live one, then swap: readers see the old one until the new one is whole."""

from collections.abc import Callable

from ledger.database import Connection, Database
from ledger.errors import Busy
from ledger.intake import LogInfo
from ledger.store import find_logs
from projections.projector import Projector
from projections.rectangle import View
from projections.runner import project, statements

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
    async with database.owner() as connection, database.owner() as reading:
        await connection.execute(statements("find_by_key"), False)
        async with connection.transaction():
            await connection.execute(statements("drop_rebuilt").replace("view_any", fresh))
            await connection.execute(
                statements("make_rebuilt").replace("view_fresh", fresh).replace("view_any", view.table)
            )
            made = await connection.fetchval(statements("find_table"), fresh)
        filler = Filler(reading, connection, view, fresh, progress)
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
            await connection.execute(statements("drop_points"))
            await connection.execute(statements("drop_view").replace("view_any", view.table))
            await connection.execute(
                statements("rename_rebuilt").replace("view_fresh", fresh).replace("view_any", view.table)
            )
    return read


class Filler:
    """Fills the new table, log by log, and goes on where it was."""

    def __init__(self, reading: Connection, connection: Connection, view: View, table: str, progress: Progress) -> None:
        """Take connections of the owner, to read with and to write with, the view, the new table and whom to tell."""
        self._reading = reading
        self._connection = connection
        self._view = view
        self._table = table
        self._progress = progress
        self._projectors: dict[int, Projector] = {}
        self._positions: dict[int, int] = {}

    async def fill(self, log: LogInfo, end: int) -> int:
        """Take in the entries of a log up to `end`; return how many were read."""
        projector = self._projectors.setdefault(log.log_id, Projector(log.log_id, [self._view], from_log_alone=True))
        start = self._positions.get(log.log_id, 0)
        tables = {self._view.name: self._table}
        position = await project(projector, self._reading, self._connection, tables, start, end, self._progress)
        self._positions[log.log_id] = position
        return position - start


async def _live_position(connection: Connection, log: LogInfo, view: View) -> int:
    rows = await connection.fetch(statements("read_positions"), log.log_id, [view.name])
    return rows[0]["position"] if rows else 0
