"""Reading the rows of a log: what whatever goes through a whole log is set beside.

The rows are those of `event` with all of their columns, through asyncpg, a page at a time as the product reads: in the
order of the log, the cheapest one, or stream by stream, as a fold needs them. Nothing is made of them.
"""

import contextlib
import os
import time
from collections.abc import Generator

from msgspec import Struct

from ledger.binary_copy import EVENT_COLUMNS
from ledger.database import AnyConnection
from ledger.intake import LogInfo
from ledger.store import PAGE_EVENTS
from tests.benchmarks.server import NotAsStored

READ = (
    f"SELECT {', '.join(EVENT_COLUMNS)} FROM event "
    "WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position"
)

READ_BY_SUBJECT = (
    f"SELECT {', '.join(EVENT_COLUMNS)} FROM event "
    "WHERE log_id = $1 AND (subject, version) > ($2, $3) ORDER BY subject, version LIMIT $4"
)


class Read(Struct, frozen=True, kw_only=True):
    """How many rows were read, in what time, and the processor time of this process in it."""

    rows: int
    seconds: float
    cpu_seconds: float

    @property
    def rows_per_second(self) -> float:
        """The rate."""
        return self.rows / self.seconds


async def read_rows(connection: AnyConnection, log: LogInfo, size: int) -> Read:
    """Read the first `size` rows of a log. Raises NotAsStored where there are fewer."""
    rows = 0
    cpu, started = time.process_time(), time.perf_counter()
    for start in range(0, size, PAGE_EVENTS):
        rows += len(await connection.fetch(READ, log.log_id, start, min(start + PAGE_EVENTS, size)))
    read = Read(rows=rows, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - cpu)
    if rows != size:
        raise NotAsStored(f"{rows} rows of {size} are there")
    return read


async def read_rows_by_subject(connection: AnyConnection, log: LogInfo, size: int) -> Read:
    """Read all rows of a log of this size stream by stream. Raises NotAsStored where there are fewer or more."""
    rows, after = 0, ("", 0)
    cpu, started = time.process_time(), time.perf_counter()
    while page := await connection.fetch(READ_BY_SUBJECT, log.log_id, *after, PAGE_EVENTS):
        rows += len(page)
        after = page[-1]["subject"], page[-1]["version"]
    read = Read(rows=rows, seconds=time.perf_counter() - started, cpu_seconds=time.process_time() - cpu)
    if rows != size:
        raise NotAsStored(f"{rows} rows of {size} are there")
    return read


@contextlib.contextmanager
def on_one_core() -> Generator[None]:
    """Keep this process on one core meanwhile; the database has the others, on whichever side."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
