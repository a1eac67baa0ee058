"""The new tables of a rebuild, beside those of live views: made, finished once they are filled, and swapped."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import TypeAlias

from ledger.database import Connection
from ledger.errors import Busy
from ledger.intake import LogInfo
from projections.rectangle import View, tables_of
from projections.runner import PACK_EVENTS, statements

Part: TypeAlias = Callable[[Connection], Awaitable[None]]
"""A part of what finishes a view: done on a connection, in its transaction, beside the others."""
Pair: TypeAlias = tuple[str, str]
"""A live table, and the new one that is to take its place."""
STATISTICS_TARGET = 10
"""For rebuilt tables, until the database analyses them itself: a tenth of its own, which is a tenth of the time."""
SORTING_MEMORY = "32MB"
"""Of each connection that finishes views: the corners of some hundred thousand rectangles are added up in it."""
FILL_FACTORS = (90, 100)
"""Of a view's table, whose rows are replaced where they stand, and of its history (migration 020)."""


class Rebuilt:
    """The new tables of some views. `tables` holds their names by that of the view."""

    def __init__(self, connection: Connection, views: Sequence[View]) -> None:
        """Take a connection of the owner, which is in a transaction whenever it is used, and the views."""
        self.tables: dict[str, str] = {view.name: f"{view.table}_rebuilt" for view in views}
        self._connection = connection
        self._views = views
        self._made: dict[str, int] = {}

    async def make(self) -> None:
        """Make the tables, empty, with their keys; what an earlier rebuild left is dropped.

        They are filled in order of their keys, which costs little, and what is there twice is refused at once.
        """
        for view in self._views:
            for (live, fresh), fill in zip(self._pairs(view), FILL_FACTORS, strict=True):
                await self._execute("drop_rebuilt", fresh)
                made = statements("make_rebuilt").replace("view_fill", str(fill))
                await self._connection.execute(made.replace("view_fresh", fresh).replace("view_any", live))
        pairs = [pair for view in self._views for pair in self._pairs(view)]
        await _index(self._connection, pairs, are_keys=True)
        await self._connection.execute(statements("drop_tallies"), list(self.tables.values()))
        self._made = {view.name: await self._found(self._connection, view) for view in self._views}

    def parts(self, view: View, logs: Iterable[LogInfo]) -> list[Part]:
        """Return what finishes a view that is filled from some logs, the longest first.

        Faster at once than row by row: tallies, and of its history and its table the indexes, and statistics.
        """
        newest, history = self._pairs(view)
        tallies = [partial(self._tally, view, list(logs))] if view.tallied else []
        return [*tallies, partial(self._complete, view, history), partial(self._complete, view, newest)]

    async def lock(self) -> None:
        """Keep projectors from the views until the transaction ends. Raises Busy where these are no more the tables.

        A log may be so new that its cursor is not there to be locked: the table is then what holds its projector.
        """
        await self._connection.execute(statements("lock_views"), list(self.tables))
        for view in self._views:
            for table in view.tables:
                await self._execute("lock_table", table)
        for view in self._views:
            for _, fresh in self._pairs(view):
                await self._execute("lock_table", fresh)
            await self._check(self._connection, view)

    async def swap(self) -> None:
        """Put them in the place of the live ones, which are dropped."""
        await self._connection.execute(statements("drop_points"))
        for view in self._views:
            for live, fresh in self._pairs(view):
                await self._execute("grant_reads", fresh)
                await self._execute("grant_writes", fresh)
                await self._execute("drop_view", live)
                await self._execute("rename_rebuilt", live, fresh)
        names = [view.table for view in self._views]
        await self._connection.execute(statements("drop_tallies"), names)
        await self._connection.execute(statements("rename_tallies"), list(self.tables.values()), names)

    def _pairs(self, view: View) -> list[Pair]:
        """Return the live and the new table of a view, and those of its history."""
        return list(zip(view.tables, tables_of(self.tables[view.name]), strict=True))

    async def _complete(self, view: View, pair: Pair, connection: Connection) -> None:
        """Make the indexes and the statistics of a new table of a view."""
        await self._keep(connection, view)
        await _index(connection, [pair], are_keys=False)
        await connection.execute(statements("analyze_rebuilt").replace("view_any", pair[1]))

    async def _tally(self, view: View, logs: Iterable[LogInfo], connection: Connection) -> None:
        """Make the tallies of a view."""
        await self._keep(connection, view)
        table = self.tables[view.name]
        labels = ", ".join(f"{column}::text" for column in view.tallied)
        tally = statements("tally_rebuilt").replace("view_any", table).replace("view_labels", labels)
        for log in logs:
            await connection.execute(tally, log.log_id, table, PACK_EVENTS)

    async def _keep(self, connection: Connection, view: View) -> None:
        """Keep other rebuilds from the tables of a view until the transaction ends. Raises Busy where one had them."""
        await connection.execute(statements("keep_table").replace("view_any", self.tables[view.name]))
        await self._check(connection, view)

    async def _check(self, connection: Connection, view: View) -> None:
        """Raise Busy where the names of a view's tables do not mean those that were made here."""
        if await self._found(connection, view) != self._made[view.name]:
            raise Busy(f"another rebuild of {view.name} is under way")

    async def _found(self, connection: Connection, view: View) -> int:
        """Return what the name of a view's new table means now."""
        found: int = await connection.fetchval(statements("find_table"), self.tables[view.name])
        return found

    async def _execute(self, name: str, table: str, fresh: str = "") -> None:
        statement = statements(name).replace("view_fresh", fresh).replace("view_any", table)
        await self._connection.execute(statement)


async def finish_alone(connection: Connection) -> None:
    """Let a connection finish views beside others that do."""
    await connection.execute(statements("finish_alone"), STATISTICS_TARGET, SORTING_MEMORY)


async def _index(connection: Connection, pairs: Sequence[Pair], *, are_keys: bool) -> None:
    """Make the keys that live tables have for the new ones, or all other indexes."""
    live, fresh = zip(*pairs, strict=True)
    for (statement,) in await connection.fetch(statements("read_indexes"), live, fresh, are_keys):
        await connection.execute(statement)
