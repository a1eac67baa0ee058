"""`pages`: every page of the workbench and its sliders, over a log of a million events, at the server.

A page is asked for as a browser does after signing in, one after the other, each time about something else. The limits
are times, since a person waits: the ratio says how much of its limit a page's 99th percentile takes. Beside them stands
a page that asks nothing of the ledger: what the framework and the template take.
"""

import random
from collections.abc import Callable
from urllib.parse import quote, urlencode

from msgspec import Struct

from ledger.domain.instants import format_instant
from ledger.rights import OPERATOR
from ledger.tokens import create_token
from tests.benchmarks.append import CONNECTIONS
from tests.benchmarks.asking import Asker, asking
from tests.benchmarks.figures import Limit, Result, machine, spread
from tests.benchmarks.grown import grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.server import Product
from tests.benchmarks.sides import percentile
from tests.benchmarks.workload import FIRST_TIME, LOG, SEED, STEP

DEFAULT_EVENTS = 1_000_000
ROUNDS = 5
TIMES_ASKED = 40
"""Each page, in a round; its 99th percentile is of all rounds."""
WARM_UP_TIMES = 5
PAGE_LIMIT_SECONDS, SLIDER_LIMIT_SECONDS = 0.3, 0.1
SLIDERS = "slider "
"""How the name begins of what the sliders ask for."""
SUBJECTS = """
SELECT DISTINCT subject FROM event
WHERE log_id = $1 AND position % 997 = 0 AND subject LIKE $2 ORDER BY subject LIMIT 500
"""
IDS = "SELECT id FROM event WHERE log_id = $1 AND position % 997 = 0 ORDER BY position LIMIT 500"
SIGN_IN = "/workbench/sign-in"


class Known(Struct, frozen=True, kw_only=True):
    """What is in the log that can be asked about."""

    listings: list[str]
    sellers: list[str]
    ids: list[str]
    steps: int


def addresses(known: Known) -> dict[str, Callable[[random.Random], str]]:
    """Return the pages by name, each as a function that says for chance which address is asked for."""

    def times(chance: random.Random) -> dict[str, str]:
        as_of, known_at = sorted(FIRST_TIME + chance.randrange(1, known.steps) * STEP for _ in range(2))
        return {"as_of": format_instant(as_of), "known_at": "", "against": format_instant(known_at)}

    def then(chance: random.Random) -> str:
        return urlencode({"as_of": times(chance)["as_of"]})

    def subject(chance: random.Random) -> str:
        return f"/workbench/subject?subject={quote(chance.choice((*known.listings, *known.sellers)))}&{then(chance)}"

    lists = (
        "listings",
        "sellers",
        "restrictions",
        "takedowns",
        "appeals",
        "disputes",
        "breaches",
        "deadlines",
        "flags",
    )
    return {
        "overview": lambda _: "/",
        "time": lambda chance: f"/workbench/time?{then(chance)}",
        **{
            f"{SLIDERS}{name}": lambda chance, name=name: f"/workbench/lists/{name}?{then(chance)}"  # type: ignore[misc]
            for name in lists
        },
        "subject": subject,
        "event": lambda chance: f"/workbench/events/{LOG}/{quote(chance.choice(known.ids))}",
        "search by word": lambda chance: f"/workbench/search?q={chance.choice(('fabric', 'mark', 'seller'))}",
        "search by subject": lambda chance: f"/workbench/search?subject={quote(chance.choice(known.listings))}",
        "search by type": lambda _: "/workbench/search?type=ListingBlocked&order=desc",
        "policies": lambda _: "/workbench/policies",
        "claims": lambda _: "/workbench/claims",
        "durations": lambda _: "/workbench/durations",
        "reports": lambda _: "/workbench/reports",
        "jobs": lambda _: "/workbench/jobs",
        "tokens": lambda _: "/workbench/tokens",
        "nothing asked": lambda _: SIGN_IN,
    }


async def run(options: Options) -> Result:
    """Measure and return how much of its limit each page takes. Raises NotDurable, NotAsStored or RequestFailed."""
    async with grown_product(options, DEFAULT_EVENTS, searched=True) as product:
        pages = addresses(await _known(product))
        token = await create_token(product.database.pool("keeper"), OPERATOR, [], None)
        async with asking(product.port, token) as asker:
            await _ask(asker, pages, WARM_UP_TIMES, 0)
            rounds = [await _ask(asker, pages, TIMES_ASKED, number) for number in range(1, ROUNDS + 1)]
        return _result(rounds, await product.size(), await product.postgresql())


async def _known(product: Product) -> Known:
    pool, log_id = product.database.pool("reader"), product.log.log_id
    listings = [row["subject"] for row in await pool.fetch(SUBJECTS, log_id, "listing:%")]
    sellers = [row["subject"] for row in await pool.fetch(SUBJECTS, log_id, "seller:%")]
    ids = [row["id"] for row in await pool.fetch(IDS, log_id)]
    return Known(listings=listings, sellers=sellers, ids=ids, steps=await product.size() // CONNECTIONS)


async def _ask(
    asker: Asker, pages: dict[str, Callable[[random.Random], str]], count: int, number: int
) -> dict[str, list[float]]:
    """Return the seconds of each answer by page; the pages are asked in turns."""
    chance = random.Random(f"{SEED}/pages/{number}")
    found: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(count):
        for name, address in pages.items():
            _, took = await asker.ask(address(chance))
            found[name].append(took)
    return found


def _result(rounds: list[dict[str, list[float]]], size: int, postgresql: str) -> Result:
    figures: dict[str, object] = {"events": size}
    ratios: dict[str, float] = {}
    for name in rounds[0]:
        limit = SLIDER_LIMIT_SECONDS if name.startswith(SLIDERS) else PAGE_LIMIT_SECONDS
        whole = [seconds for each in rounds for seconds in each[name]]
        ratios[name] = round(percentile(whole, 99) / (limit * 1e3), 3)
        figures[name] = {
            "p50_ms": round(percentile(whole, 50), 1),
            "p99_ms": round(percentile(whole, 99), 1),
            "limit_ms": limit * 1e3,
            "p99_of_a_round": spread([percentile(each[name], 99) for each in rounds])["median"],
        }
    limits = dict.fromkeys(ratios, Limit(at_most=1.0))
    return Result(ratios=ratios, limits=limits, figures={**figures, **machine(postgresql)})
