"""The lists of the views against `tests/oracle.py`, at random dates, sizes, certainties, bases and filters."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import msgspec
import pytest
from msgspec import Struct

from ledger.database import Database
from ledger.domain.instants import format_instant
from ledger.embedded import EmbeddedServer
from ledger.errors import Refused
from ledger.feed import Feed
from ledger.store import read_entries, read_heads
from projections.cursors import read_cursor
from projections.lists import LISTS, Cursor, count_items, list_items, read_filters
from projections.moment import Moment, TimeParameters, resolve
from projections.replay import Manifest, replay
from projections.runner import Runner
from projections.views import VIEWS
from tests.conftest import copied_database
from tests.histories import COUNTRIES, append_commits, make_appender, make_log, moments, told
from tests.oracle import Seen

LOGS = 3
EVENTS = 260
KINDS = ("listing", "listing", "seller", "seller", "takedown_case", "dispute", "platform")
Json = dict[str, Any]
Answer = list[tuple[Any, ...]]


class World(Struct, frozen=True):
    """A database with some logs, and what was recorded in each."""

    database: Database
    entries: Mapping[str, list[bytes]]
    events: Mapping[str, list[Json]]


@pytest.fixture(scope="module")
async def world(
    server: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[World]:
    async with copied_database(server, template, test_clock=True) as database:
        appender = make_appender(database, tmp_path_factory.mktemp("views"))
        for number in range(LOGS):
            log = await make_log(database, f"log{number}")
            await append_commits(appender, log, told(number, EVENTS, KINDS, log=log).commits)
        await appender.close()
        await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
        entries: dict[str, list[bytes]] = {}
        for head in await read_heads(database.pool("reader")):
            pages = read_entries(database.pool("reader"), head.log.log_id, 0, head.size)
            entries[head.log.slug] = [stored.entry async for page in pages for stored in page]
        yield World(database, entries, {slug: [msgspec.json.decode(e) for e in es] for slug, es in entries.items()})


def as_key(value: object) -> object:
    """Return a JSON value as one that can be compared in a set."""
    return tuple(map(as_key, cast("list[object]", value))) if isinstance(value, list) else value


def picked(where: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(as_key(where.get(name)) for name in names)


LISTING: tuple[str, ...] = (
    "lifecycle",
    "seller_id",
    "ship_from_country",
    "cluster",
    "category_code",
    "goods_origin_country",
    "destination_countries",
    "restricted",
    "visible",
    "hidden_by",
)
RESTRICTION = ("kind", "in_force", "decision_ground", "territorial_scope", "end_at", "decision_visibility")
TAKEDOWN = ("state", "listing_id", "notifier_party_id", "notifier_size_class", "notifier_tier", "regime")
DISPUTE = ("state", "outcome", "claimant_country", "respondent_country")
SELLER = ("status", "verification", "entity_class", "platform_id")


def listed(name: str, item: Json) -> tuple[Any, ...]:
    """Return what is compared of a list's item."""
    place = (item["log"], item["subject"])
    match name:
        case "listings":
            return (*place, *picked(item, *LISTING))
        case "restrictions":
            return (*place, item["restriction_id"], *picked(item, *RESTRICTION), as_key(item.get("instruments", [])))
        case "sellers":
            return (*place, *picked(item, *SELLER))
        case "takedowns":
            return (*place, item["item_no"], *picked(item, *TAKEDOWN))
        case _:
            return (*place, *picked(item, *DISPUTE))


def expected(name: str, slug: str, seen: Seen, country: str | None) -> dict[tuple[Any, ...], Json]:
    """Return the same of what the oracle says, with all that a filter may ask for."""
    match name:
        case "listings":
            found = seen.listings(country)
            return {(slug, subject, *picked(one, *LISTING)): one for subject, one in found.items()}
        case "restrictions":
            return {
                (slug, *key, *picked(one, *RESTRICTION), as_key(one["instruments"])): one
                for key, one in seen.restrictions().items()
            }
        case "sellers":
            return {(slug, subject, *picked(one, *SELLER)): one for subject, one in seen.sellers().items()}
        case "takedowns":
            return {
                (slug, *key, *picked(one, *TAKEDOWN)): one
                for key, one in seen.takedown_items().items()
                if one["state"] is not None
            }
        case _:
            return {
                (slug, subject, *picked(one, *DISPUTE)): one
                for subject, one in seen.disputes().items()
                if one["state"] is not None
            }


FILTERS: Mapping[str, Mapping[str, Callable[[str, Json], Any]]] = {
    "listings": {
        "seller": lambda _, one: one["seller_id"],
        "cluster": lambda _, one: one["cluster"],
        "category": lambda _, one: one["category_code"],
        "ship_from": lambda _, one: one["ship_from_country"],
        "origin": lambda _, one: one["goods_origin_country"],
        "restricted": lambda _, one: one["restricted"],
        "visible": lambda _, one: one["visible"],
    },
    "restrictions": {
        "in_force": lambda _, one: one["in_force"],
        "kind": lambda _, one: one["kind"],
        "instrument": lambda _, one: one["instruments"],
        "ground": lambda _, one: one["decision_ground"],
    },
    "sellers": {
        "status": lambda _, one: one["status"],
        "verification": lambda _, one: one["verification"],
        "entity_class": lambda _, one: one["entity_class"],
        "platform": lambda _, one: one["platform_id"],
    },
    "takedowns": {
        "case": lambda subject, _: subject,
        "state": lambda _, one: one["state"],
        "notifier": lambda _, one: one["notifier_party_id"],
        "size_class": lambda _, one: one["notifier_size_class"],
        "tier": lambda _, one: one["notifier_tier"],
        "regime": lambda _, one: one["regime"],
        "listing": lambda _, one: one["listing_id"],
    },
    "disputes": {
        "state": lambda _, one: one["state"],
        "outcome": lambda _, one: one["outcome"],
        "forum": lambda subject, _: subject.split(":")[1],
        "claimant_country": lambda _, one: one["claimant_country"],
        "respondent_country": lambda _, one: one["respondent_country"],
    },
}


def each(said: object) -> list[object]:
    """Return what is said of an item one by one: an item may have several."""
    return cast("list[object]", said) if isinstance(said, list) else [said]


def matches(said: object, wanted: Sequence[str]) -> bool:
    """Tell whether what is said of an item is any of what is wanted."""
    if isinstance(said, bool):
        return str(said).lower() in wanted
    return any(one in wanted for one in each(said))


def random_filters(name: str, random: Random, answers: Mapping[tuple[Any, ...], Json]) -> dict[str, list[str]]:
    """Return up to two filters, mostly with values that there are."""
    given: dict[str, list[str]] = {}
    for filter_name in random.sample(sorted(FILTERS[name]), random.choice((0, 0, 1, 2))):
        said = [FILTERS[name][filter_name](key[1], one) for key, one in answers.items()]
        flat = sorted({str(value) for one in said for value in each(one) if value is not None})
        if filter_name in {"in_force", "restricted", "visible"}:
            given[filter_name] = [random.choice(("true", "false"))]
        elif flat:
            given[filter_name] = random.sample(flat, min(len(flat), random.randint(1, 2)))
    if random.random() < 0.2:
        given["subject_prefix"] = [random.choice(("listing:p1:l1", "seller:p1:", "dispute:", "takedown_case:p1:c2"))]
    return given


def random_time(random: Random, world: World, *, basis: str) -> TimeParameters:
    """Return random time parameters: at, before and between the instants that the histories speak of."""
    entries = [entry for es in world.entries.values() for entry in es]
    as_of, known_at = moments(random, entries, 2)
    certainty = random.choice(("CERTAIN", "POSSIBLE"))
    sizes = {slug: random.randint(0, len(es)) for slug, es in world.entries.items() if random.random() < 0.5}
    return TimeParameters(
        as_of=format_instant(as_of),
        known_at=format_instant(recorded(random, world) if random.random() < 0.5 else known_at)
        if random.random() < 0.6
        else None,
        certainty="CERTAIN" if certainty == "CERTAIN" else "POSSIBLE",
        basis="SOURCE" if basis == "SOURCE" else "LEDGER",
        size=sizes if random.random() < 0.7 else {},
    )


def recorded(random: Random, world: World) -> datetime:
    """Return an instant at or just beside one at which something was recorded."""
    event = random.choice(random.choice(sorted(world.events.items()))[1])
    return datetime.fromisoformat(event["recordedtime"]) + timedelta(microseconds=random.randint(-1, 1))


def seen_by_oracle(world: World, time: TimeParameters) -> dict[str, Seen]:
    """Ask the oracle what a question of time means: a size goes before known_at, but on basis SOURCE both apply."""
    found: dict[str, Seen] = {}
    assert time.as_of is not None
    for slug, events in world.events.items():
        size = time.size.get(slug)
        known_at = datetime.fromisoformat(time.known_at) if time.known_at else None
        if size is not None and time.basis == "LEDGER":
            known_at = None
        found[slug] = Seen(
            events,
            datetime.fromisoformat(time.as_of),
            size=size,
            known_at=known_at,
            certainty=time.certainty,
            basis=time.basis,
        )
    return found


async def whole_list(
    world: World, name: str, moment: Moment, given: Mapping[str, Sequence[str]], limit: int
) -> list[Json]:
    """Return all items of a list, page by page."""
    pool, filters = world.database.pool("reader"), read_filters(LISTS[name], given)
    items: list[Json] = []
    cursor = None
    while True:
        page = await list_items(pool, LISTS[name], moment, filters, cursor, limit)
        items += [msgspec.json.decode(item) for item in page.items]
        if page.next is None:
            assert await count_items(pool, LISTS[name], moment, filters) == len(items)
            return items
        assert len(page.items) == limit
        cursor = read_cursor(page.next, Cursor)


async def resolved(world: World, time: TimeParameters) -> Moment:
    pool = world.database.pool("reader")
    return await resolve(pool, time, await read_heads(pool))


async def compare(world: World, name: str, random: Random, *, basis: str) -> int:
    """Compare one list at one random moment with the oracle; return how many items it has."""
    time = random_time(random, world, basis=basis)
    country = random.choice((None, *COUNTRIES)) if name == "listings" else None
    answers = {
        key: one
        for slug, seen in seen_by_oracle(world, time).items()
        for key, one in expected(name, slug, seen, country).items()
    }
    given = random_filters(name, random, answers)
    wanted = {
        key
        for key, one in answers.items()
        if all(matches(FILTERS[name][n](key[1], one), values) for n, values in given.items() if n in FILTERS[name])
        and key[1].startswith(tuple(given.get("subject_prefix", ("",))))
        and (name != "restrictions" or "in_force" in given or one["in_force"])
    }
    asked = {**given, "country": [country]} if country is not None else given
    items = await whole_list(world, name, await resolved(world, time), asked, random.choice((1000, 1000, 3)))
    found: Answer = [listed(name, item) for item in items]
    assert len(set(found)) == len(found)
    assert set(found) == wanted, (time, asked)
    return len(found)


@pytest.mark.parametrize("name", sorted(FILTERS))
async def test_a_list_by_the_ledgers_clock_is_what_the_oracle_says(world: World, name: str) -> None:
    random = Random(f"{name} ledger")
    sizes = [await compare(world, name, random, basis="LEDGER") for _ in range(200)]
    assert sum(size > 0 for size in sizes) > 80


@pytest.mark.parametrize("name", sorted(FILTERS))
async def test_a_list_by_the_sources_clock_is_what_the_oracle_says(world: World, name: str) -> None:
    random = Random(f"{name} source")
    sizes = [await compare(world, name, random, basis="SOURCE") for _ in range(25)]
    assert sum(size > 0 for size in sizes) > 5


async def replayed(world: World, moment: Moment) -> dict[tuple[str, str], Json]:
    """Return the state of every stream, by log and subject, as a replay gives it."""
    items = replay(world.database.pool("reader"), moment, Manifest(moment, None))
    states = [msgspec.json.decode(msgspec.json.encode(item), type=dict[str, Any]) async for item in items]
    return {(state["log"], state["subject"]): state["state"] for state in states}


def referred(state: Json) -> Json:
    """Return what the list of referrals says of a dispute."""
    last = state["referrals"][-1]
    answer = {None: "REFERRED", True: "ACCEPTED", False: "DECLINED"}[last.get("accepted")]
    whole = {name: state.get(name) for name in ("forum", "claimant_country", "respondent_country", "referrals")}
    return {**whole, **last, "state": answer, "dispute_state": state["state"]}


def of_replay(states: Mapping[tuple[str, str], Json]) -> dict[str, list[Json]]:
    """Return what each list would say, from the states of a replay."""
    found: dict[str, list[Json]] = {name: [] for name in (*FILTERS, "services", "referrals")}
    for (log, subject), state in states.items():
        place = {"log": log, "subject": subject}
        match subject.partition(":")[0]:
            case "listing":
                found["listings"].append({**place, **state})
                found["restrictions"] += [{**place, **one} for one in state["restrictions"]]
            case "seller":
                found["sellers"].append({**place, **state})
                found["restrictions"] += [{**place, **one} for one in state["restrictions"]]
            case "takedown_case":
                case = {**state, "case_state": state["state"]}
                items = case.pop("items")
                found["takedowns"] += [{**case, **one, **place} for one in items if one.get("state")]
            case "platform":
                found["services"] += [{**place, **one} for one in (*state["services"], *state["features"])]
            case "dispute":
                if state["state"] is not None:
                    found["disputes"].append({**place, **state})
                if "referrals" in state:
                    found["referrals"].append({**place, **referred(state)})
            case _:
                pass
    return found


def sorted_json(items: Sequence[Json], without: Sequence[str] = ()) -> list[bytes]:
    kept = [{name: value for name, value in item.items() if name not in without} for item in items]
    return sorted(msgspec.json.encode(item, order="sorted") for item in kept)


@pytest.mark.parametrize(("basis", "rounds"), [("LEDGER", 30), ("SOURCE", 6)])
async def test_a_replay_says_what_the_lists_say(world: World, basis: str, rounds: int) -> None:
    random = Random(basis)
    for _ in range(rounds):
        moment = await resolved(world, random_time(random, world, basis=basis))
        states = of_replay(await replayed(world, moment))
        for name in states:
            items = [
                item
                for truth in (("true", "false") if name == "restrictions" else ("",))
                for item in await whole_list(world, name, moment, {"in_force": [truth]} if truth else {}, 1000)
            ]
            hiding = ("visible", "hidden_by") if name == "listings" else ()
            assert sorted_json(items, hiding) == sorted_json(states[name]), (name, moment)


async def test_closing_an_account_does_not_bring_back_what_its_ban_hides(
    clocked_database: Database, tmp_path: Path
) -> None:
    log = await make_log(clocked_database, "shop")
    appender = make_appender(clocked_database, tmp_path)
    ban = {"restriction_id": "B1", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    acts: list[tuple[str, str, Json]] = [
        ("ListingPublished", "listing:p1:l1", {"seller_id": "seller:p1:s1"}),
        ("SellerBanned", "seller:p1:s1", ban),
        ("SellerAccountClosed", "seller:p1:s1", {}),
    ]
    events: list[Json] = [
        {"specversion": "1.0", "id": f"e{day}", "source": "/t", "type": kind, "subject": subject, "data": data}
        | {"time": f"2024-01-0{day}T00:00:00Z"}
        for day, (kind, subject, data) in enumerate(acts, 1)
    ]
    await append_commits(appender, log, [(datetime.fromisoformat("2024-02-01T00:00:00Z"), events)])
    await appender.close()
    await Runner(clocked_database, Feed(clocked_database.pool("reader")), VIEWS).catch_up()
    heads = await read_heads(clocked_database.pool("reader"))
    found: list[tuple[bool, list[str]]] = []
    for day in (1, 2, 3):
        time = TimeParameters(as_of=f"2024-01-0{day}T12:00:00Z")
        moment = await resolve(clocked_database.pool("reader"), time, heads)
        filters = read_filters(LISTS["listings"], {})
        page = await list_items(clocked_database.pool("reader"), LISTS["listings"], moment, filters, None, 10)
        (item,) = [msgspec.json.decode(item) for item in page.items]
        found.append((item["visible"], item["hidden_by"]))
    assert found == [(True, []), (False, ["SELLER_BANNED"]), (False, ["SELLER_CLOSED"])]


async def test_a_cursor_that_is_none_is_refused() -> None:
    for text in ("", "x", "AAAA", "W10="):
        with pytest.raises(Refused) as refused:
            read_cursor(text, Cursor)
        assert [fault.code for fault in refused.value.faults] == ["invalid-cursor"]
