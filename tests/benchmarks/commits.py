"""How long the disk takes to keep anything at all: the least a durable commit costs on this server, in this run."""

import statistics
import time

from ledger.database import Connection

COMMITS = 50
TABLE = "commit_probe"


async def make_probe(connection: Connection) -> None:
    """Make the table that `commit_milliseconds` writes to."""
    await connection.execute(f"CREATE TABLE {TABLE} (number integer)")


async def commit_milliseconds(connection: Connection) -> float:
    """Return the median time of a transaction that stores one number."""
    times: list[float] = []
    for _ in range(COMMITS):
        started = time.perf_counter()
        await connection.execute(f"INSERT INTO {TABLE} VALUES (1)")
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e3
