"""`asof`: the same questions, with as_of and known_at, of a log of ten thousand events and of a large one.

The large log begins as the small one does, and both are asked what was known when they had that size: so an answer has
the same items, and only the log behind it has grown. Both services run, and are asked in turns.
"""

import random
import statistics
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from ledger.domain.instants import format_instant
from ledger.store import read_heads
from tests.benchmarks.append import CONNECTIONS, Sender
from tests.benchmarks.asking import Asker, asking
from tests.benchmarks.client import RequestFailed
from tests.benchmarks.figures import Result, machine, spread
from tests.benchmarks.following import following
from tests.benchmarks.project import append
from tests.benchmarks.server import NotAsStored, Product, running_product
from tests.benchmarks.workload import FIRST_TIME, SEED, STEP

SMALL_EVENTS = 12_000
"""Ten thousand, in whole batches of every connection."""
DEFAULT_EVENTS = 100_000
"""Events of the large log."""
DEFAULT_SECONDS = 3_600.0
ROUNDS = 5
QUESTIONS = 300
"""Of each kind, in a round: three of them are above the 99th percentile."""
WARM_UP_QUESTIONS = 50
PAGE_ITEMS = 100
LIMIT = 1.5
"""How many times longer than the small log's the large log's 99th percentile may be at most."""

KINDS = ("listing", "page", "count")
"""One listing by its subject; a page of restricted ones; how many one seller has."""
SUBJECTS = "SELECT DISTINCT subject FROM event WHERE log_id = $1 ORDER BY subject"

Latencies = dict[str, list[float]]


class Known(Struct, frozen=True, kw_only=True):
    """What the questions are about: the listings and sellers that were known at `known_at`."""

    known_at: str
    listings: list[str]
    sellers: list[str]


class Round(Struct, frozen=True, kw_only=True):
    """The seconds of each answer, by kind of question."""

    small: Latencies
    large: Latencies


async def run(events: int | None = None, seconds: float | None = None) -> Result:
    """Measure and return the ratios of the 99th percentiles. Raises NotDurable, NotAsStored or RequestFailed."""
    async with running_product() as small, running_product() as large:
        senders = Sender(small), Sender(large)
        for product, sender in zip((small, large), senders, strict=True):
            await _fill(product, sender, SMALL_EVENTS, seconds or DEFAULT_SECONDS)
        known = await _known(small), await _known(large)
        await _fill(large, senders[1], (events or DEFAULT_EVENTS) - SMALL_EVENTS, seconds or DEFAULT_SECONDS)
        async with asking(small.port, small.token) as first, asking(large.port, large.token) as second:
            await _round(first, second, known, WARM_UP_QUESTIONS, 0)
            rounds = [await _round(first, second, known, QUESTIONS, number) for number in range(1, ROUNDS + 1)]
        sizes = {"small": await small.size(), "large": await large.size()}
        return _result(rounds, sizes, await large.postgresql())


async def _fill(product: Product, sender: Sender, events: int, seconds: float) -> None:
    """Append, and let the views follow."""
    if events > 0:
        await append(sender, events, seconds)
        async with following(product):
            pass  # the views have followed by then


async def _known(product: Product) -> Known:
    """Return what can be asked about a log as it is now."""
    pool = product.database.pool("reader")
    (head,) = await read_heads(pool, [product.log.slug])
    if head.last_recordedtime is None:
        raise NotAsStored("the log is empty")
    subjects = [row["subject"] for row in await pool.fetch(SUBJECTS, product.log.log_id)]
    return Known(
        known_at=format_instant(head.last_recordedtime),
        listings=[subject for subject in subjects if subject.startswith("listing:")],
        sellers=[subject for subject in subjects if subject.startswith("seller:")],
    )


def questions(known: Known, kind: str, count: int, number: int) -> list[str]:
    """Return the paths of a round's questions of one kind; the same for the same number, but for `known_at`."""
    chance = random.Random(f"{SEED}/{kind}/{number}")
    return [_question(known, kind, chance) for _ in range(count)]


def _question(known: Known, kind: str, chance: random.Random) -> str:
    steps = chance.randrange(SMALL_EVENTS // CONNECTIONS // 2, SMALL_EVENTS // CONNECTIONS)
    time = {"as_of": format_instant(FIRST_TIME + steps * STEP), "known_at": known.known_at}
    asked = {
        "listing": {"subject": chance.choice(known.listings)},
        "page": {"restricted": "true", "limit": str(PAGE_ITEMS)},
        "count": {"seller": chance.choice(known.sellers), "count": "true"},
    }
    return f"/v1/listings?{urlencode({**asked[kind], **time})}"


async def _round(first: Asker, second: Asker, known: tuple[Known, Known], count: int, number: int) -> Round:
    """Ask both in turns. Raises RequestFailed when they do not say the same."""
    small: Latencies = {kind: [] for kind in KINDS}
    large: Latencies = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for one, other in zip(*(questions(each, kind, count, number) for each in known), strict=True):
            said, seconds = await first.ask(one)
            small[kind].append(seconds)
            repeated, seconds = await second.ask(other)
            large[kind].append(seconds)
            if answer_of(said) != answer_of(repeated):
                raise RequestFailed(f"{one} is answered otherwise by the large log")
    return Round(small=small, large=large)


def answer_of(body: bytes) -> object:
    """Return what an answer says beside its moment: items, or how many there are."""
    answer = msgspec.json.decode(body)
    return answer["count"] if "count" in answer else answer["items"]


def percentile(latencies: list[float], percent: int) -> float:
    """Return a percentile of some latencies, in milliseconds."""
    return statistics.quantiles(latencies, n=100)[percent - 1] * 1e3


def _result(rounds: list[Round], sizes: dict[str, int], postgresql: str) -> Result:
    figures: dict[str, object] = {"limit": LIMIT, **{f"{name}_events": size for name, size in sizes.items()}}
    ratios: dict[str, float] = {}
    for kind in KINDS:
        ratio = spread([percentile(each.large[kind], 99) / percentile(each.small[kind], 99) for each in rounds])
        ratios[f"asof_{kind}_p99"] = ratio["median"]
        figures[f"asof_{kind}_p99"] = ratio
        for percent in (50, 99):
            for name, asked in (("small", [r.small for r in rounds]), ("large", [r.large for r in rounds])):
                figures[f"{kind}_p{percent}_milliseconds_{name}"] = spread(
                    [percentile(each[kind], percent) for each in asked]
                )
    return Result(ratios=ratios, figures={**figures, **machine(postgresql)})
