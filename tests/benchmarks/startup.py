"""`startup`: how long `jejak serve` takes over a ledger that is there, of twelve thousand events and of many.

From the start of its process, PostgreSQL's included, to the first good answer of /health/ready, and to the first page
of listings. Nothing else uses the ledger meanwhile, so each start is one from nothing. Beside it stands an application
of the same framework with one route that does nothing, to its first answer.
"""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from api.bodies import CLOUDEVENT
from tests.benchmarks.asking import asking
from tests.benchmarks.figures import Limit, Result, machine, spread
from tests.benchmarks.grown import SMALL_EVENTS, grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.server import running_child, serve_command
from tests.benchmarks.single import EMPTY
from tests.benchmarks.workload import LOG, Lane

ROUNDS = 5
DEFAULT_EVENTS = 100_000
LIST = "/v1/listings?limit=100"
READY = "/health/ready"
GROWTH = "startup_large/startup_small"
LIMITS = {GROWTH: Limit(at_most=2.0)}


class Ledger(Struct, frozen=True, kw_only=True):
    """A ledger that nobody serves: the command that does, and a token."""

    command: tuple[str, ...]
    token: str
    events: int
    postgresql: str


class Started(Struct, frozen=True, kw_only=True):
    """Seconds from the start of the process to an answer."""

    ready: float
    listed: float


async def run(options: Options) -> Result:
    """Measure and return the ratio. Raises NotDurable, NoRoom, NotAsStored or RequestFailed."""
    with ExitStack() as afterwards:
        folders = [Path(afterwards.enter_context(tempfile.TemporaryDirectory(prefix="jejak-bench-"))) for _ in range(2)]
        small = await _ledger(Options(data=folders[0]), SMALL_EVENTS)
        large = await _ledger(Options(events=options.events, data=options.data or folders[1]), DEFAULT_EVENTS)
        rounds: list[tuple[Started, Started, float]] = []
        for number in range(ROUNDS):
            first, second = (small, large) if number % 2 else (large, small)
            started = {first: await _start(first), second: await _start(second)}
            rounds.append((started[small], started[large], await _start_empty()))
        return _result(small, large, rounds)


async def _ledger(options: Options, default: int) -> Ledger:
    """Make a ledger, or use the one that is kept, and leave it."""
    async with grown_product(options, default) as product:
        await product.check(await product.size())
        return Ledger(
            command=serve_command(product.database, None),
            token=product.token,
            events=await product.size(),
            postgresql=await product.postgresql(),
        )


async def _start(ledger: Ledger) -> Started:
    began = time.perf_counter()
    async with running_child(ledger.command) as child, asking(child.port, ledger.token) as asker:
        await asker.ask(READY)
        ready = time.perf_counter() - began
        await asker.ask(LIST)
        return Started(ready=ready, listed=time.perf_counter() - began)


async def _start_empty() -> float:
    began = time.perf_counter()
    async with running_child(EMPTY) as child, asking(child.port, "") as asker:
        await asker.post(f"/v1/logs/{LOG}/events", CLOUDEVENT, Lane(0).take(1)[0])
        return time.perf_counter() - began


def _result(small: Ledger, large: Ledger, rounds: list[tuple[Started, Started, float]]) -> Result:
    ratio = spread([grown.listed / young.listed for young, grown, _ in rounds])
    figures = {
        GROWTH: ratio,
        "small_ready_seconds": spread([young.ready for young, _, _ in rounds]),
        "small_listed_seconds": spread([young.listed for young, _, _ in rounds]),
        "large_ready_seconds": spread([grown.ready for _, grown, _ in rounds]),
        "large_listed_seconds": spread([grown.listed for _, grown, _ in rounds]),
        "empty_seconds": spread([empty for _, _, empty in rounds]),
        "small_events": small.events,
        "large_events": large.events,
        **machine(large.postgresql),
    }
    return Result(ratios={GROWTH: ratio["median"]}, limits=LIMITS, figures=figures)
