"""What is drawn up of views, written to their tables: a page while the next one is taken."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ledger.database import AnyConnection
from ledger.statements import Statements
from projections.binary_copy import pack_rows
from projections.course import Point
from projections.points import write_points
from projections.rectangle import FOR_EVER, STILL_KNOWN
from projections.tallies import COLUMNS as TALLY_COLUMNS
from projections.tallies import TALLY
from projections.written import RECTANGLE_COLUMNS, Written

statements = Statements("projections")


class Taken(Struct, frozen=True, kw_only=True):
    """What a page changes in views, and where its streams have come to, where that is enough to go on."""

    written: Sequence[Written]
    points: Sequence[Point]


async def write_behind(
    connection: AnyConnection, log_id: int, tables: Mapping[str, str], pages: AsyncIterable[Taken]
) -> None:
    """Write what pages of a log change, each page while the next one is taken; `tables` are those of views, by name.

    Whatever is raised, nothing is under way on the connection afterwards.
    """
    writes: asyncio.Task[None] | None = None
    try:
        async for taken in pages:
            if writes is not None:
                await writes
            writes = asyncio.create_task(_write_all(connection, log_id, tables, taken), name="write views")
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
        columns = (*RECTANGLE_COLUMNS, *written.view.columns)
        rows = _at_once(pack_rows(written.added))
        await connection.copy_to_table(table, source=rows, columns=columns, format="binary")


async def _at_once(data: bytes) -> AsyncGenerator[bytes]:
    yield data


async def _write_all(connection: AnyConnection, log_id: int, tables: Mapping[str, str], taken: Taken) -> None:
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
