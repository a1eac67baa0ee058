"""The limit of `append`: asyncpg's binary COPY of the very rows stored, with the same indexes, on the same server."""

import gc
import time
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

from msgspec import Struct

from ledger.binary_copy import EVENT_COLUMNS
from ledger.database import Connection
from ledger.intake import LogInfo

STEPS = (1_000, 10_000)
"""Rows in a COPY, which is a transaction of its own."""
COPY_SECONDS_MAX = 60.0
TABLE_PREFIX = "event_copy_"
COMMITS = 0
"""In place of a step: as many rows in each COPY as the append had in each of its commits."""
TABLES = {step: f"{TABLE_PREFIX}{step}" for step in (*STEPS, COMMITS)}
"""A table for each, which grows as `event` does: what is appended to has the size of what it is compared with."""
Row = tuple[object, ...]
_recordedtime = itemgetter(EVENT_COLUMNS.index("recordedtime"))


class Copied(Struct, frozen=True):
    """How many rows were copied, and in what time."""

    rows: int
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """The rate."""
        return self.rows / self.seconds


async def make_tables(connection: Connection) -> None:
    """Make tables with the columns, constraints and indexes of `event`, where a kept ledger has none."""
    for table in TABLES.values():
        await connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (LIKE event INCLUDING ALL)")


async def read_rows(connection: Connection, log: LogInfo, start: int, end: int) -> list[Row]:
    """Return the rows of these positions, as they are stored."""
    query = f"SELECT {', '.join(EVENT_COLUMNS)} FROM event WHERE log_id = $1 AND position >= $2 AND position < $3"
    return [tuple(row) for row in await connection.fetch(f"{query} ORDER BY position", log.log_id, start, end)]


def parts_of(rows: Sequence[Row], step: int) -> list[Sequence[Row]]:
    """Return the rows of each COPY. Those of one commit are known by their recordedtime, which is the commit's."""
    if step == COMMITS:
        return [list(commit) for _, commit in groupby(rows, _recordedtime)]
    return [rows[start : start + step] for start in range(0, len(rows), step)]


async def copy_rows(connection: Connection, rows: Sequence[Row], step: int) -> Copied:
    """Copy the rows into the step's table, `step` in each transaction, for at most COPY_SECONDS_MAX."""
    parts = parts_of(rows, step)
    copied = 0
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for part in parts:
            await connection.copy_records_to_table(TABLES[step], records=part, columns=EVENT_COLUMNS)
            copied += len(part)
            if time.perf_counter() - started > COPY_SECONDS_MAX:
                break
        return Copied(copied, time.perf_counter() - started)
    finally:
        gc.enable()
