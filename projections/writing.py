"""What is drawn up of views, written to their tables: a page while the next one is taken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from ledger.database import AnyConnection
from ledger.statements import Statements
from projections.binary_copy import pack_rows
from projections.course import Point
from projections.points import write_points
from projections.rectangle import FOR_EVER, STILL_KNOWN, View
from projections.tallies import COLUMNS as TALLY_COLUMNS
from projections.tallies import TALLY
from projections.written import RECTANGLE_COLUMNS, Written

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


async def write(connection: AnyConnection, log_id: int, table: str, written: Written) -> None:
    """Write what changed in one view to its table."""
    if written.ended:  # first: what is ended may have been moved since
        statement = statements("end_rectangles").replace("view_any", table)
        ends = map(list, zip(*written.ended, strict=True))
        await connection.execute(statement, log_id, *ends, FOR_EVER, STILL_KNOWN)
    if written.moved:
        statement = statements("move_rectangles").replace("view_any", table)
        await connection.execute(statement, log_id, *map(list, zip(*written.moved, strict=True)))
    if written.added:
        await copy(connection, table, written.view, pack_rows(written.added))


async def copy(connection: AnyConnection, table: str, view: View, rows: bytes) -> None:
    """Add rows of a view, as `pack_rows` gives them, to a table."""
    columns = (*RECTANGLE_COLUMNS, *view.columns)
    await connection.copy_to_table(table, source=_at_once(rows), columns=columns, format="binary")


async def _at_once(data: bytes) -> AsyncGenerator[bytes]:
    yield data


async def write_taken(connection: AnyConnection, log_id: int, tables: Mapping[str, str], taken: Taken) -> None:
    """Write what a page changes; `tables` are those of views, by name."""
    for written in taken.written:
        await write(connection, log_id, tables[written.view.name], written)
    tallied = [
        row
        for written in taken.written
        if written.tally is not None
        for row in written.tally.rows(log_id, tables[written.view.name])
    ]
    if tallied:
        await connection.copy_records_to_table(TALLY, records=tallied, columns=TALLY_COLUMNS)
    await write_points(connection, log_id, taken.points)
