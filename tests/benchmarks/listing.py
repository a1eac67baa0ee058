"""`list`: pages of the same size from the beginning, the middle and the end of every list, of a small and a large log.

Lists are those that the workload fills: kept as rectangles (listings, sellers, restrictions), worked out at query time
(flags, deadlines) and of the log itself (events, by type and by words too). A page of the middle begins where a page
before it may have ended; the last ones are walked to by the cursors that the service gives.
"""

import random
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from projections.cursors import write_cursor
from projections.derived import AFTER_ALL_KEYS
from projections.derived import Cursor as AfterItem
from projections.event_list import Cursor as AtPosition
from tests.benchmarks.asking import Asker
from tests.benchmarks.figures import Limit, Result
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product
from tests.benchmarks.sides import ROUNDS, Pair, ask_in_turns, compared, two_sides
from tests.benchmarks.workload import CATEGORIES, SEED

QUESTIONS = 20
"""Of each place of each list, in a round."""
WARM_UP_QUESTIONS = 5
PAGE_ITEMS = 100
TAIL_STREAMS = 250
"""Streams before the end of a list from which its last pages are walked to."""
TAIL_EVENTS = 2_000
"""Events of those streams at most."""
PLACES_KNOWN = 1_000
"""Places in the middle of a list, spread evenly over the log."""
LIMIT = Limit(at_most=2.0)

LISTING, SELLER = "listing", "seller"
MIDDLES = "SELECT DISTINCT subject FROM event WHERE log_id = $1 AND position = ANY($2::bigint[]) ORDER BY subject"
TAIL = """
SELECT DISTINCT subject FROM (
    SELECT subject FROM event WHERE log_id = $1 AND subject < $2 ORDER BY subject DESC, version DESC LIMIT $3
) AS last ORDER BY subject
"""


class Listed(Struct, frozen=True, kw_only=True):
    """A list: its path after `/v1`, filters, and the kind of stream it ends with; None for events, by position."""

    path: str
    kind: str | None = LISTING
    filters: dict[str, str] = {}


LISTS = {
    "listings": Listed(path="listings"),
    "listings_restricted": Listed(path="listings", filters={"restricted": "true"}),
    "listings_visible": Listed(path="listings", filters={"visible": "true", "country": "ID"}),
    "listings_of_category": Listed(path="listings", filters={"category": CATEGORIES[0]}),
    "restrictions": Listed(path="restrictions"),
    "restrictions_ended": Listed(path="restrictions", filters={"in_force": "false"}),
    "sellers": Listed(path="sellers", kind=SELLER),
    "flags": Listed(path="flags", kind=SELLER),
    "deadlines": Listed(path="deadlines", kind=SELLER),
    "events": Listed(path="events", kind=None),
    "events_newest_first": Listed(path="events", kind=None, filters={"order": "desc"}),
    "events_of_type": Listed(path="events", kind=None, filters={"type": "ListingBlocked"}),
    "events_with_words": Listed(path="events", kind=None, filters={"q": "rajawali"}),
}


class Places(Struct, frozen=True, kw_only=True):
    """Cursors of one list: to pages in its middle, and to its last pages."""

    middle: list[str]
    last: list[str]


async def run(options: Options) -> Result:
    """Measure and return the ratios of the 99th percentiles. Raises NotDurable, NoRoom, NotAsStored, RequestFailed."""
    async with two_sides(options, searched=True) as sides:
        small, large = await _places(sides.small, sides.of_small), await _places(sides.large, sides.of_large)
        await ask_in_turns(sides, asked(small, large, WARM_UP_QUESTIONS, 0))
        rounds = [await ask_in_turns(sides, asked(small, large, QUESTIONS, n)) for n in range(1, ROUNDS + 1)]
        for name in LISTS:
            await _check(sides.of_small, name)
        ratios, figures = compared(rounds, "list")
        limits = dict.fromkeys(ratios, LIMIT)
        return Result(ratios=ratios, limits=limits, figures={**figures, **await sides.describe()})


async def _places(product: Product, asker: Asker) -> dict[str, Places]:
    """Return where the pages of each list begin."""
    return {name: await _places_of(product, asker, name) for name in LISTS}


async def _places_of(product: Product, asker: Asker, name: str) -> Places:
    listed, log_id, size = LISTS[name], product.log.log_id, await product.size()
    positions = [number * (size - 1) // PLACES_KNOWN for number in range(PLACES_KNOWN)]
    if listed.kind is None:
        backwards = listed.filters.get("order") == "desc"
        cursors = [write_cursor(AtPosition(position, ((log_id, size),))) for position in positions]
        near = 2 * TAIL_EVENTS if backwards else size - 2 * TAIL_EVENTS
        tail = write_cursor(AtPosition(near, ((log_id, size),)))
        return Places(middle=cursors[1:], last=await _walk(asker, name, tail))
    reader = product.database.pool("reader")
    middle = [row["subject"] for row in await reader.fetch(MIDDLES, log_id, positions)]
    end = f"{listed.kind};"  # what comes after every subject that begins with the kind and a colon
    last = [row["subject"] for row in await reader.fetch(TAIL, log_id, end, TAIL_EVENTS)]
    begin = last[-TAIL_STREAMS] if len(last) > TAIL_STREAMS else last[0]
    return Places(
        middle=[_after(log_id, subject) for subject in middle if subject.startswith(listed.kind)],
        last=await _walk(asker, name, _after(log_id, begin)),
    )


def _after(log_id: int, subject: str) -> str:
    return write_cursor(AfterItem(log_id, subject, AFTER_ALL_KEYS))


async def _walk(asker: Asker, name: str, cursor: str | None) -> list[str]:
    """Return the cursors of the pages from one on to the list's end; the last two of them."""
    met: list[str] = []
    while cursor is not None:
        met.append(cursor)
        cursor = (await _page(asker, name, cursor))["next"]
    return met[-2:]


async def _page(asker: Asker, name: str, cursor: str | None) -> dict[str, Any]:
    body, _ = await asker.ask(address(LISTS[name], cursor))
    page: dict[str, Any] = msgspec.json.decode(body)
    return page


def address(listed: Listed, cursor: str | None) -> str:
    """Return the address of a page of a list."""
    place = {} if cursor is None else {"cursor": cursor}
    return f"/v1/{listed.path}?{urlencode({**listed.filters, 'limit': str(PAGE_ITEMS), **place})}"


def asked(small: dict[str, Places], large: dict[str, Places], count: int, number: int) -> dict[str, list[Pair]]:
    """Return a round's questions to both logs, by list: `count` of each place, the same for the same number."""
    chance = random.Random(f"{SEED}/list/{number}")
    return {
        name: [
            (address(listed, one), address(listed, other))
            for _ in range(count)
            for one, other in (
                (None, None),
                (chance.choice(small[name].middle), chance.choice(large[name].middle)),
                (chance.choice(small[name].last), chance.choice(large[name].last)),
            )
        ]
        for name, listed in LISTS.items()
    }


async def _check(asker: Asker, name: str) -> None:
    """Raise NotAsStored unless the pages of a list, walked by cursor, hold each of its items once."""
    page = await _page(asker, name, None)
    items = [msgspec.json.encode(item) for item in page["items"]]
    while page["next"] is not None:
        page = await _page(asker, name, page["next"])
        items += [msgspec.json.encode(item) for item in page["items"]]
    if len(set(items)) != len(items):
        raise NotAsStored(f"{name}: an item of {len(items)} came twice")
    if LISTS[name].kind is not None:
        counted, _ = await asker.ask(address(LISTS[name], None) + "&count=true")
        if msgspec.json.decode(counted)["count"] != len(items):
            raise NotAsStored(f"{name}: {len(items)} items were walked to, and {counted!r} is said")
