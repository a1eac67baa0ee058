"""`rebuild`: all views are rebuilt beside the live ones and swapped, beside reading the rows.

It is what `jejak rebuild` does to every view (the search of events, which is none, is not in it): the log is read, all
rectangles are made, written to new tables, and these put in the place of the live ones. Both sides are done in turns.
In the end the views are what the log gives.
"""

import time

from msgspec import Struct

from ledger.garbage import spare_collections
from projections.rebuild import rebuild
from projections.views import VIEWS
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.grown import check_grown, grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.reading import Read, read_rows
from tests.benchmarks.server import NotAsStored, Product

ROUNDS = 5
DEFAULT_EVENTS = 300_000
"""Of fewer, which take two seconds, it is as much measured how soon another process draws."""
LIMIT = Limit(at_least=0.1)
"""The part of the rate of reading the rows at which views are to be rebuilt."""


class Round(Struct, frozen=True, kw_only=True):
    """All views rebuilt, and the rows read, of the same log."""

    seconds: float
    cpu_seconds: float
    postgres_cpu: float
    read: Read

    @property
    def ratio(self) -> float:
        """The rate of the rebuild as a part of that of reading."""
        return self.read.seconds / self.seconds


async def run(options: Options) -> Result:
    """Measure and return the ratio to reading the rows. Raises NotDurable, NotAsStored or RequestFailed."""
    async with grown_product(options, DEFAULT_EVENTS) as product:
        size = await product.size()
        spare_collections()  # as the command does
        await _round(product, size)
        rounds = [await _round(product, size) for _ in range(ROUNDS)]
        await check_grown(product, size)
        return _result(rounds, size, await product.postgresql())


async def _round(product: Product, size: int) -> Round:
    async with product.database.owner() as connection:
        read = await read_rows(connection, product.log, size)
    postgres = product.cpu()[1]
    cpu, started = time.process_time(), time.perf_counter()
    followed = await rebuild(product.database, VIEWS)
    if followed != size:
        raise NotAsStored(f"the views were rebuilt from {followed} of {size} events")
    return Round(
        seconds=time.perf_counter() - started,
        cpu_seconds=time.process_time() - cpu,
        postgres_cpu=product.cpu()[1] - postgres,
        read=read,
    )


def _result(rounds: list[Round], size: int, postgresql: str) -> Result:
    ratio = spread([each.ratio for each in rounds])
    figures = {
        "rebuild/read": ratio,
        "events_per_second": spread([size / each.seconds for each in rounds]),
        "read_rows_per_second": spread([each.read.rows_per_second for each in rounds]),
        "cpu_us_per_event": spread([per_event(each.cpu_seconds, size) for each in rounds]),
        "postgres_cpu_us_per_event": spread([per_event(each.postgres_cpu, size) for each in rounds]),
        "read_cpu_us_per_row": spread([per_event(each.read.cpu_seconds, size) for each in rounds]),
        "size": size,
        **machine(postgresql),
    }
    return Result(ratios={"rebuild/read": ratio["median"]}, limits={"rebuild/read": LIMIT}, figures=figures)
