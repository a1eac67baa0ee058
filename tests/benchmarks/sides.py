"""Two ledgers that are asked in turns, a small one and one that has grown: does an answer take longer as a log grows?

Each question is asked of both, one after the other, now the small one first and now the large one, so that whatever
else the machine does falls on both alike.
"""

import contextlib
import statistics
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

from msgspec import Struct

from tests.benchmarks.asking import Asker, asking
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.figures import machine, spread
from tests.benchmarks.grown import SMALL_EVENTS, grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.server import Product

DEFAULT_EVENTS = 100_000
"""Events of the large log."""
ROUNDS = 5
MILLISECONDS = 1e3
SETTLE = "VACUUM (ANALYZE)"
"""What the server does by itself within minutes: it must not begin while answers are timed."""

Latencies = dict[str, list[float]]
Pair = tuple[str, str]
"""The path of a question to the small ledger, and to the large one."""


class Sides(Struct, frozen=True, kw_only=True):
    """Both ledgers, and a connection to each."""

    small: Product
    large: Product
    of_small: Asker
    of_large: Asker

    @property
    def both(self) -> tuple[Product, Product]:
        """The small ledger, then the large one."""
        return self.small, self.large

    async def describe(self) -> dict[str, object]:
        """Return how many events each holds, and what they ran on."""
        sizes = {"small_events": await self.small.size(), "large_events": await self.large.size()}
        return {**sizes, **machine(await self.large.postgresql())}


class Round(Struct, frozen=True, kw_only=True):
    """The seconds of each answer, by kind of question."""

    small: Latencies
    large: Latencies


@contextlib.asynccontextmanager
async def two_sides(options: Options, *, searched: bool = False) -> AsyncGenerator[Sides]:
    """Yield a ledger of SMALL_EVENTS and the grown one, whose views have followed; with `searched`, their search too.

    Raises NotDurable, NoRoom, NotAsStored or RequestFailed.
    """
    little = Options(events=SMALL_EVENTS, seconds=options.seconds)
    async with (
        grown_product(options, DEFAULT_EVENTS, searched=searched) as large,
        grown_product(little, SMALL_EVENTS, searched=searched) as small,
        asking(small.port, small.token) as of_small,
        asking(large.port, large.token) as of_large,
    ):
        for product in (small, large):
            async with product.database.owner() as connection:
                await connection.execute(SETTLE)
        yield Sides(small=small, large=large, of_small=of_small, of_large=of_large)


async def ask_in_turns(
    sides: Sides, asked: Mapping[str, Sequence[Pair]], said: Callable[[bytes], object] = lambda _: None
) -> Round:
    """Ask every question of each kind. Raises RequestFailed where what is `said` by the answers differs."""
    found = Round(small={kind: [] for kind in asked}, large={kind: [] for kind in asked})
    for kind, pairs in asked.items():
        for number, (small, large) in enumerate(pairs):
            one, other = found.small[kind], found.large[kind]
            if number % 2:
                repeated = await _ask(sides.of_large, large, other)
                first = await _ask(sides.of_small, small, one)
            else:
                first = await _ask(sides.of_small, small, one)
                repeated = await _ask(sides.of_large, large, other)
            if said(first) != said(repeated):
                raise RequestFailed(f"{small} is answered otherwise by the large log: {large}")
    return found


async def _ask(asker: Asker, path: str, latencies: list[float]) -> bytes:
    body, seconds = await asker.ask(path)
    latencies.append(seconds)
    return body


def percentile(latencies: Sequence[float], percent: int) -> float:
    """Return a percentile of some latencies, in milliseconds."""
    return statistics.quantiles(latencies, n=100)[percent - 1] * MILLISECONDS


def compared(rounds: Sequence[Round], about: str) -> tuple[dict[str, float], dict[str, object]]:
    """Return the ratio of the 99th percentiles, large to small, by kind of question, and the figures it is made of."""
    ratios: dict[str, float] = {}
    figures: dict[str, object] = {}
    for kind in rounds[0].small:
        name = f"{about}_{kind}_p99"
        ratio = spread([percentile(each.large[kind], 99) / percentile(each.small[kind], 99) for each in rounds])
        ratios[name] = ratio["median"]
        figures[name] = ratio
        for percent in (50, 99):
            for side, asked in (("small", [r.small for r in rounds]), ("large", [r.large for r in rounds])):
                figures[f"{kind}_p{percent}_milliseconds_{side}"] = spread(
                    [percentile(each[kind], percent) for each in asked]
                )
    return ratios, figures
