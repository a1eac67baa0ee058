"""What is drawn up of views, written to their tables: a page while the next one is taken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from ledger.binary_copy import copied
from ledger.database import AnyConnection
from ledger.statements import Statements
from projections.course import Point
from projections.packed_rows import END_COLUMNS, RECTANGLE_COLUMNS
from projections.points import write_points
from projections.rectangle import View, history_of, tables_of
from projections.tallies import COLUMNS as TALLY_COLUMNS
from projections.tallies import TALLY
from projections.written import Written

statements = Statements("projections")
Page = TypeVar("Page")


class Taken(Struct, frozen=True, kw_only=True):
    """What a page changes in views, and where its streams have come to, where that is enough to go on."""

    written: Sequence[Written]
    points: Sequence[Point]


async def write_behind(pages: AsyncIterable[Page], write: Callable[[Page], Coroutine[Any, Any, None]]) -> None:
    """Write pages, each while the next one is taken.

    Whatever is raised, nothing is being written afterwards.
    """
    writes: asyncio.Task[None] | None = None
    try:
        async for page in pages:
            if writes is not None:
                await writes
            writes = asyncio.create_task(write(page), name="write views")
        if writes is not None:
            await writes
    finally:
        await settled(writes)


async def settled(task: asyncio.Task[Any] | None) -> None:
    """Return when a task has ended, however it did: what failed first is told, and that may be another."""
    if task is not None:
        await asyncio.wait([task])
        _ = task.cancelled() or task.exception()


def replacing_of(table: str) -> str:
    """Return the temporary table of what is to replace the newest rectangles of a view's table."""
    return f"{table}_replacing"


def of_columns(statement: str, view: View) -> str:
    """Return a statement with a view's own columns."""
    for owner in ("replacing", "replaced"):
        statement = statement.replace(f"{owner}_columns", ", ".join(f"{owner}.{column}" for column in view.columns))
    return statement.replace("view_columns", ", ".join(view.columns))


async def copy(connection: AnyConnection, table: str, view: View, rows: bytes, more: Sequence[str] = ()) -> None:
    """Add rows of a view, packed, to a table, which may have `more` columns."""
    columns = (*RECTANGLE_COLUMNS, *view.columns, *more)
    await connection.copy_to_table(table, source=_parts(rows), columns=columns, format="binary")


async def _parts(rows: bytes) -> AsyncGenerator[bytes]:
    for part in copied(rows):
        yield part


class Writer:
    """Writes what pages change to the tables of some views, on one connection."""

    def __init__(self, connection: AnyConnection, log_id: int, tables: Mapping[str, str]) -> None:
        """Take the connection, the log, and the table of each view, by name."""
        self._connection = connection
        self._log_id = log_id
        self._tables = tables
        self._made: set[str] = set()

    async def write(self, taken: Taken) -> None:
        """Write what a page changes, all or nothing."""
        if self._connection.is_in_transaction():
            await self._write(taken)
        else:
            async with self._connection.transaction():
                await self._write(taken)

    async def _write(self, taken: Taken) -> None:
        for written in taken.written:
            await self._write_view(self._tables[written.view.name], written)
        tallied = [
            row
            for written in taken.written
            if written.tally is not None
            for row in written.tally.rows(self._log_id, self._tables[written.view.name])
        ]
        if tallied:
            await self._connection.copy_records_to_table(TALLY, records=tallied, columns=TALLY_COLUMNS)
        await write_points(self._connection, self._log_id, taken.points)

    async def _write_view(self, table: str, written: Written) -> None:
        """Write what changed in one view to its table and its history."""
        view = written.view
        if written.moved:  # first: what is replaced goes to the history as it is
            moves = list(map(list, zip(*written.moved, strict=True)))
            for each in tables_of(table):
                await self._execute(statements("move_rectangles").replace("view_any", each), *moves)
        if written.ended:
            ends = map(list, zip(*written.ended, strict=True))
            await self._execute(statements("end_rectangles").replace("view_any", table), *ends)
        if written.later:
            await self._replace(table, written)
        if written.first:
            await copy(self._connection, table, view, b"".join(written.first))
        if written.earlier:
            await copy(self._connection, history_of(table), view, b"".join(written.earlier))

    async def _replace(self, table: str, written: Written) -> None:
        """Put newer rectangles in the place of the newest, and those into the history."""
        if table not in self._made:
            await self._connection.execute(statements("make_replacing").replace("view_any", table))
            self._made.add(table)
        view = written.view
        await copy(self._connection, replacing_of(table), view, b"".join(written.later), END_COLUMNS)
        said = await self._execute(of_columns(statements("replace_rectangles"), view).replace("view_any", table))
        is_less = said != f"UPDATE {len(written.later)}"
        await self._execute(of_columns(statements("add_rectangles"), view).replace("view_any", table), is_less)

    async def _execute(self, statement: str, *arguments: object) -> str:
        return await self._connection.execute(statement, self._log_id, *arguments)
