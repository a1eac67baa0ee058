"""`count`: how many items a list has as of some dates, beside `count(*)` of as many rows.

The rows are what somebody would keep who wants to know only what is so now: a table with one row, as long as ours, for
each item. That is counted in process by the same server. Ours goes over HTTP, and is asked of any date.
"""

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from ledger.database import Connection
from ledger.domain.instants import format_instant
from projections.rectangle import STILL_KNOWN
from tests.benchmarks.asking import Asker, asking
from tests.benchmarks.figures import Limit, Result, machine, spread
from tests.benchmarks.grown import grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product
from tests.benchmarks.sides import SETTLE

ROUNDS = 5
DEFAULT_EVENTS = 1_000_000
"""Of a smaller log the request alone takes longer than to count the rows in process."""
DATES = (0.25, 0.5, 0.75, 1.0)
"""The dates that are asked about, as parts of the time that the log covers."""
REPEATED = 3
"""How often each date is asked about in a round; the quickest counts."""
MILLISECONDS = 1e3
LIMIT = Limit(at_least=0.5)
FIRST_AND_LAST = "SELECT min(valid_from), max(valid_from) FROM view_listing WHERE log_id = $1"


class Counted(Struct, frozen=True, kw_only=True):
    """A list that is counted: its name and filters, and the same of its view's rows: table and condition."""

    path: str
    table: str
    filters: dict[str, str] = {}
    condition: str = "true"


LISTS = {
    "listings": Counted(path="listings", table="view_listing"),
    "listings_restricted": Counted(
        path="listings", table="view_listing", filters={"restricted": "true"}, condition="restricted"
    ),
    "restrictions": Counted(path="restrictions", table="view_restriction", condition="in_force"),
    "sellers": Counted(path="sellers", table="view_seller"),
}


class Round(Struct, frozen=True, kw_only=True):
    """By list: the items counted at each date and the seconds of each answer, then those of all rows by `count(*)`."""

    items: dict[str, list[int]]
    seconds: dict[str, list[float]]
    rows: dict[str, int]
    row_seconds: dict[str, float]

    def ratio(self, name: str) -> float:
        """Return the rate of counting items as a part of that of counting rows."""
        return sum(self.items[name]) / sum(self.seconds[name]) / (self.rows[name] / self.row_seconds[name])


async def run(options: Options) -> Result:
    """Measure and return the ratios of the rates. Raises NotDurable, NoRoom, NotAsStored or RequestFailed."""
    async with (
        grown_product(options, DEFAULT_EVENTS) as product,
        asking(product.port, product.token) as asker,
        product.database.owner() as connection,
    ):
        dates = await _dates(product)
        for name in LISTS:
            await _make_rows(connection, product, name, dates[-1])
        await connection.execute(SETTLE)
        try:
            await _round(asker, connection, dates)
            rounds = [await _round(asker, connection, dates) for _ in range(ROUNDS)]
        finally:
            for name in LISTS:
                await connection.execute(f"DROP TABLE IF EXISTS {_rows_of(name)}")
        return _result(rounds, {"events": await product.size(), **machine(await product.postgresql())})


async def _dates(product: Product) -> list[datetime]:
    row = await product.database.pool("reader").fetchrow(FIRST_AND_LAST, product.log.log_id)
    if row is None or row["min"] is None:
        raise NotAsStored("there are no listings")
    return [row["min"] + part * (row["max"] - row["min"]) for part in DATES]


def _rows_of(name: str) -> str:
    return f"counted_{name}"


async def _make_rows(connection: Connection, product: Product, name: str, date: datetime) -> None:
    """Make a table of the items at a date: their rows as the view has them."""
    counted, table = LISTS[name], _rows_of(name)
    await connection.execute(f"DROP TABLE IF EXISTS {table}")
    await connection.execute(f"CREATE TABLE {table} (LIKE {counted.table})")
    await connection.execute(
        f"INSERT INTO {table} SELECT * FROM {counted.table} "
        f"WHERE log_id = $1 AND valid_from <= $2 AND $2 < valid_to AND known_to = $3 AND {counted.condition}",
        product.log.log_id,
        date,
        STILL_KNOWN,
    )


async def _round(asker: Asker, connection: Connection, dates: list[datetime]) -> Round:
    """Count every list at every date, and the rows after each list. Raises NotAsStored where they are not as many."""
    found = Round(items={}, seconds={}, rows={}, row_seconds={})
    for name in LISTS:
        answers = [await _quickest(asker, name, date) for date in dates]
        found.items[name] = [items for items, _ in answers]
        found.seconds[name] = [seconds for _, seconds in answers]
        found.rows[name], found.row_seconds[name] = min(
            [await _count_rows(connection, name) for _ in range(REPEATED)], key=lambda counted: counted[1]
        )
        if found.rows[name] != found.items[name][-1]:
            raise NotAsStored(f"{name}: {found.items[name][-1]} were counted, and there are {found.rows[name]}")
    return found


async def _quickest(asker: Asker, name: str, date: datetime) -> tuple[int, float]:
    answers = [await asker.ask(address(LISTS[name], date)) for _ in range(REPEATED)]
    return msgspec.json.decode(answers[0][0])["count"], min(seconds for _, seconds in answers)


def address(counted: Counted, date: datetime) -> str:
    """Return the address of a count."""
    return f"/v1/{counted.path}?{urlencode({**counted.filters, 'as_of': format_instant(date), 'count': 'true'})}"


async def _count_rows(connection: Connection, name: str) -> tuple[int, float]:
    started = time.perf_counter()
    # All rows of the answer at once: only so the server may count in several processes.
    ((rows,),) = await connection.fetch(f"SELECT count(*) FROM {_rows_of(name)}")
    return rows, time.perf_counter() - started


def _result(rounds: list[Round], more: dict[str, Any]) -> Result:
    ratios: dict[str, float] = {}
    figures: dict[str, Any] = {}
    for name in LISTS:
        figures[f"count_{name}/rows"] = spread([each.ratio(name) for each in rounds])
        ratios[f"count_{name}/rows"] = figures[f"count_{name}/rows"]["median"]
        figures[f"{name}_by_date"] = dict(zip(map(str, DATES), rounds[-1].items[name], strict=True))
        figures[f"{name}_milliseconds_by_date"] = {
            str(part): spread([each.seconds[name][number] * MILLISECONDS for each in rounds])["median"]
            for number, part in enumerate(DATES)
        }
        figures[f"{name}_rows_milliseconds"] = spread([each.row_seconds[name] * MILLISECONDS for each in rounds])
    return Result(ratios=ratios, limits=dict.fromkeys(ratios, LIMIT), figures={**figures, **more})
