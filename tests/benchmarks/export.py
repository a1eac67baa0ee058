"""`export`: the events of a log over HTTP, as NDJSON and as CSV, beside reading the same rows in process.

Reading is what an export cannot do without: the same rows in the same order, through asyncpg, and nothing made of them.
The service masks, frames and sends them, and holds a page of them at a time, which its memory shows.
"""

import time
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from ledger.domain.instants import format_instant
from ledger.store import PAGE_EVENTS
from tests.benchmarks.downloading import Downloaded, download
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.grown import grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.processes import cpu_seconds, family_memory
from tests.benchmarks.server import NotAsStored, Product

ROUNDS = 5
DEFAULT_EVENTS = 100_000
EXPORTED_EVENTS = 1_000_000
"""Of a larger log about the first so many are exported: those recorded until then."""
MEGABYTE = 1e6
FORMS = ("ndjson", "csv")
LIMITS = {"ndjson": Limit(at_least=0.2), "csv": Limit(at_least=0.04)}
"""Of the rate of reading. CSV takes each entry apart, and is for spreadsheets, which hold a million rows at most."""
READ = "SELECT position, entry FROM event WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position"
RECORDED = "SELECT recordedtime FROM event WHERE log_id = $1 AND position = $2"
EVENTS_UNTIL = "SELECT count(*) FROM event WHERE log_id = $1 AND recordedtime <= $2"


class Part(Struct, frozen=True, kw_only=True):
    """What of the log is exported: its events up to an instant, and how many they are."""

    slug: str
    recorded_to: str
    events: int

    def path(self, form: str) -> str:
        """Return where it is had in a form."""
        return f"/v1/logs/{self.slug}/export?{urlencode({'format': form, 'recorded_to': self.recorded_to})}"


class Round(Struct, frozen=True, kw_only=True):
    """The exports by form, what each cost the service, its memory after them, and reading."""

    exported: dict[str, Downloaded]
    service_cpu: dict[str, float]
    memory: int
    read_seconds: float

    def ratio(self, form: str) -> float:
        """Return the rate of an export as a part of that of reading."""
        return self.read_seconds / self.exported[form].seconds


async def run(options: Options) -> Result:
    """Measure and return the ratios to reading. Raises NotDurable, NoRoom, NotAsStored or RequestFailed."""
    async with grown_product(options, DEFAULT_EVENTS) as product:
        part = await _part(product)
        started_with = family_memory(product.process)
        await _round(product, part)
        rounds = [await _round(product, part) for _ in range(ROUNDS)]
        more = {"events": part.events, "size": await product.size(), **machine(await product.postgresql())}
        return _result(rounds, part, started_with, more)


async def _part(product: Product) -> Part:
    """Return what is exported: recordedtime grows with positions, so an instant of it bounds them."""
    reader, log_id = product.database.pool("reader"), product.log.log_id
    last = min(await product.size(), EXPORTED_EVENTS) - 1
    recorded = await reader.fetchval(RECORDED, log_id, last)
    events = await reader.fetchval(EVENTS_UNTIL, log_id, recorded)
    return Part(slug=product.log.slug, recorded_to=format_instant(recorded), events=events)


async def _round(product: Product, part: Part) -> Round:
    exported: dict[str, Downloaded] = {}
    service_cpu: dict[str, float] = {}
    for form in FORMS:
        before = cpu_seconds(product.process)
        exported[form] = await download(product.port, product.token, part.path(form))
        service_cpu[form] = cpu_seconds(product.process) - before
        if exported[form].events != part.events:
            raise NotAsStored(f"{form}: {exported[form].events} events were exported, and not {part.events}")
    memory = family_memory(product.process)
    return Round(exported=exported, service_cpu=service_cpu, memory=memory, read_seconds=await _read(product, part))


async def _read(product: Product, part: Part) -> float:
    """Return the seconds that reading the rows takes, a page at a time. Raises NotAsStored where they are not there."""
    rows, started = 0, time.perf_counter()
    async with product.database.owner() as connection:
        for start in range(0, part.events, PAGE_EVENTS):
            end = min(start + PAGE_EVENTS, part.events)
            rows += len(await connection.fetch(READ, product.log.log_id, start, end))
    if rows != part.events:
        raise NotAsStored(f"{rows} rows were read, and not {part.events}")
    return time.perf_counter() - started


def _result(rounds: list[Round], part: Part, started_with: int, more: dict[str, Any]) -> Result:
    ratios: dict[str, float] = {}
    figures: dict[str, Any] = {}
    for form in FORMS:
        name = f"export_{form}/read"
        figures[name] = spread([each.ratio(form) for each in rounds])
        ratios[name] = figures[name]["median"]
        figures[f"{form}_events_per_second"] = spread([part.events / each.exported[form].seconds for each in rounds])
        cpu = sum(each.service_cpu[form] for each in rounds)
        figures[f"{form}_service_cpu_us_per_event"] = per_event(cpu, part.events * len(rounds))
    figures["read_rows_per_second"] = spread([part.events / each.read_seconds for each in rounds])
    figures["memory_growth_megabytes"] = spread([(each.memory - started_with) / MEGABYTE for each in rounds])
    limits = {f"export_{form}/read": LIMITS[form] for form in FORMS}
    return Result(ratios=ratios, limits=limits, figures={**figures, **more})
