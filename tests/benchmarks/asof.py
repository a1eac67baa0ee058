"""`asof`: the same questions, with as_of and known_at, of a log of ten thousand events and of a large one.

The large log begins as the small one does, and both are asked what was known when they had that size: so an answer has
the same items, and only the log behind it has grown. Both services run, and are asked in turns.
"""

import random
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from ledger.domain.instants import format_instant
from tests.benchmarks.append import CONNECTIONS
from tests.benchmarks.figures import Limit, Result
from tests.benchmarks.grown import SMALL_EVENTS
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product
from tests.benchmarks.sides import ROUNDS, Pair, ask_in_turns, compared, two_sides
from tests.benchmarks.workload import FIRST_TIME, SEED, STEP

QUESTIONS = 300
"""Of each kind, in a round: three of them are above the 99th percentile."""
WARM_UP_QUESTIONS = 50
PAGE_ITEMS = 100
LIMIT = Limit(at_most=1.3)
"""How many times longer than the small log's the large log's 99th percentile may be at most."""

KINDS = ("listing", "page", "count")
"""One listing by its subject; a page of restricted ones; how many one seller has."""
SUBJECTS = "SELECT DISTINCT subject FROM event WHERE log_id = $1 AND position < $2 ORDER BY subject"
KNOWN_AT = "SELECT recordedtime FROM event WHERE log_id = $1 AND position = $2"


class Known(Struct, frozen=True, kw_only=True):
    """What the questions are about: the listings and sellers that were known at `known_at`."""

    known_at: str
    listings: list[str]
    sellers: list[str]


async def run(options: Options) -> Result:
    """Measure and return the ratios of the 99th percentiles. Raises NotDurable, NoRoom, NotAsStored, RequestFailed."""
    async with two_sides(options) as sides:
        known = await _known(sides.small), await _known(sides.large)
        await ask_in_turns(sides, asked(known, WARM_UP_QUESTIONS, 0), answer_of)
        rounds = [
            await ask_in_turns(sides, asked(known, QUESTIONS, number), answer_of) for number in range(1, ROUNDS + 1)
        ]
        ratios, figures = compared(rounds, "asof")
        limits = dict.fromkeys(ratios, LIMIT)
        return Result(ratios=ratios, limits=limits, figures={**figures, **await sides.describe()})


async def _known(product: Product) -> Known:
    """Return what can be asked about a log as it was at its first SMALL_EVENTS events."""
    pool, log_id = product.database.pool("reader"), product.log.log_id
    known_at: datetime | None = await pool.fetchval(KNOWN_AT, log_id, SMALL_EVENTS - 1)
    if known_at is None:
        raise NotAsStored("the log is too small")
    subjects = [row["subject"] for row in await pool.fetch(SUBJECTS, log_id, SMALL_EVENTS)]
    return Known(
        known_at=format_instant(known_at),
        listings=[subject for subject in subjects if subject.startswith("listing:")],
        sellers=[subject for subject in subjects if subject.startswith("seller:")],
    )


def asked(known: tuple[Known, Known], count: int, number: int) -> dict[str, list[Pair]]:
    """Return a round's questions to both logs, by kind."""
    small, large = known
    return {
        kind: list(zip(questions(small, kind, count, number), questions(large, kind, count, number), strict=True))
        for kind in KINDS
    }


def questions(known: Known, kind: str, count: int, number: int) -> list[str]:
    """Return the paths of a round's questions of one kind; the same for the same number, but for `known_at`."""
    chance = random.Random(f"{SEED}/{kind}/{number}")
    return [_question(known, kind, chance) for _ in range(count)]


def _question(known: Known, kind: str, chance: random.Random) -> str:
    steps = chance.randrange(SMALL_EVENTS // CONNECTIONS // 2, SMALL_EVENTS // CONNECTIONS)
    time = {"as_of": format_instant(FIRST_TIME + steps * STEP), "known_at": known.known_at}
    about = {
        "listing": {"subject": chance.choice(known.listings)},
        "page": {"restricted": "true", "limit": str(PAGE_ITEMS)},
        "count": {"seller": chance.choice(known.sellers), "count": "true"},
    }
    return f"/v1/listings?{urlencode({**about[kind], **time})}"


def answer_of(body: bytes) -> object:
    """Return what an answer says beside its moment: items, or how many there are."""
    answer = msgspec.json.decode(body)
    return answer["count"] if "count" in answer else answer["items"]
