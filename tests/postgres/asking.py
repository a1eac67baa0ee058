"""Questions to the views and to replay, at random moments, of logs whose histories were made up."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from msgspec import Struct

from ledger.database import Database
from ledger.domain.instants import format_instant
from ledger.feed import Feed
from ledger.store import read_heads
from projections.cursors import read_cursor
from projections.derivations import DERIVATIONS
from projections.derived import Narrowing, select, write_item
from projections.inquiry import Inquiry
from projections.list_count import count_items
from projections.lists import LISTS, Cursor, list_items, read_filters
from projections.moment import Moment, TimeParameters, resolve
from projections.replay import Manifest, replay
from projections.runner import Runner
from projections.views import VIEWS
from tests.histories import append_commits, beside, make_appender, make_log, spoken_of, told

Json = dict[str, Any]
BY_STREAM = {
    "appeal": "appeals",
    "policy": "policies",
    "agreement": "agreements",
    "membership": "memberships",
    "body": "bodies",
    "programme": "programmes",
    "party": "parties",
    "ip_right": "ip-rights",
    "order": "authority-orders",
    "investigation": "investigations",
    "claim": "claims",
}
"""Lists that have one item for each stream of a kind."""
OF_THE_SUBJECT = frozenset({"id", "version", "body", "platform", "authority"})
"""What a state has though nothing is known of it; and every investigation has a `state`."""


class World(Struct, frozen=True):
    """A database with some logs, and what was recorded in each."""

    database: Database
    entries: Mapping[str, list[bytes]]
    events: Mapping[str, list[Json]]
    spoken: Sequence[datetime]
    """The instants that the histories speak of."""


@asynccontextmanager
async def told_world(
    database: Database, folder: Path, seeds: Iterable[int], events: int, kinds: Sequence[str]
) -> AsyncGenerator[World]:
    """Yield a world with a log for each seed, which the views have followed. The database has the test clock."""
    appender = make_appender(database, folder)
    entries: dict[str, list[bytes]] = {}
    for number, seed in enumerate(seeds):
        log = await make_log(database, f"log{number}")
        teller = told(seed, events, kinds, log=log)
        await append_commits(appender, log, teller.commits)
        entries[log.slug] = teller.entries
    await appender.close()
    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    decoded = {slug: [msgspec.json.decode(entry) for entry in log] for slug, log in entries.items()}
    yield World(database, entries, decoded, spoken_of(entry for log in entries.values() for entry in log))


def random_time(random: Random, world: World, *, basis: str) -> TimeParameters:
    """Return random time parameters: at, before and between the instants that the histories speak of."""
    as_of, known_at = beside(random, world.spoken, 2)
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


async def resolved(world: World, time: TimeParameters) -> Moment:
    """Return the moment that time parameters mean."""
    pool = world.database.pool("reader")
    return await resolve(pool, time, await read_heads(pool))


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


async def derived_list(world: World, name: str, moment: Moment, given: Mapping[str, Sequence[str]]) -> list[Json]:
    """Return all items of a list that is worked out at query time, of every log of the moment."""
    (derivation,) = (one for one in DERIVATIONS if one.name == name)
    inquiry = Inquiry(world.database.pool("reader"), moment, [at.log.slug for at in moment.logs])
    filters = {name: values for name, values in given.items() if name != "subject_prefix"}
    narrowing = Narrowing(prefixes=given.get("subject_prefix"), filters=filters)
    found = select(derivation, inquiry, narrowing)
    return [msgspec.json.decode(write_item(inquiry, item)) async for item in found]


async def replayed(world: World, moment: Moment, prefix: str = "") -> dict[tuple[str, str], Json]:
    """Return the state of every stream, by log and subject, as a replay gives it."""
    items = replay(world.database.pool("reader"), moment, Manifest(moment, prefix or None), prefix)
    states = [msgspec.json.decode(msgspec.json.encode(item), type=dict[str, Any]) async for item in items]
    return {(state["log"], state["subject"]): state["state"] for state in states}


def of_replay(states: Mapping[tuple[str, str], Json]) -> Mapping[str, list[Json]]:
    """Return what each list would say, from the states of a replay; listings without where they are visible."""
    found = defaultdict[str, list[Json]](list)
    for (log, subject), state in states.items():
        for name, item in _of_state(subject.partition(":")[0], state):
            found[name].append({**item, "log": log, "subject": subject})
    return found


def _of_state(kind: str, state: Json) -> Iterator[tuple[str, Json]]:
    """Yield what each list says of one stream, but its log and subject."""
    match kind:
        case "listing" | "seller":
            yield f"{kind}s", state
            yield from (("restrictions", one) for one in state["restrictions"])
        case "takedown_case":
            case = {**state, "case_state": state["state"]}
            yield from (("takedowns", {**case, **one}) for one in case.pop("items") if one.get("state"))
        case "platform":
            yield from (("services", one) for one in (*state["services"], *state["features"]))
        case "dispute":
            if state["state"] is not None:
                yield "disputes", state
            yield from (("referrals", _referred(one, state)) for one in state.get("referrals", ()))
        case _:
            if _is_told(kind, state):
                yield BY_STREAM[kind], state
            yield from (*_requests(state), *_meetings(state))


def _is_told(kind: str, state: Json) -> bool:
    """Tell whether a list has an item for a stream: something is known of it that its state holds."""
    if kind == "order":
        return state.get("state") is not None or bool(state.get("sanctions"))
    without = {*OF_THE_SUBJECT, "state"} if kind == "investigation" else OF_THE_SUBJECT
    return any(value for name, value in state.items() if name not in without)


def _referred(referral: Json, state: Json) -> Json:
    answer = {None: "REFERRED", True: "ACCEPTED", False: "DECLINED"}[referral.get("accepted")]
    whole = {name: state.get(name) for name in ("forum", "claimant_country", "respondent_country")}
    named = {"to": referral.get("to_party_id"), "agreement": referral.get("agreement_id")}
    return {**whole, **named, **referral, "state": answer, "dispute_state": state["state"]}


def _requests(state: Json) -> Iterator[tuple[str, Json]]:
    of_order = {name: state.get(name) for name in ("authority", "addressee_platform_id")}
    yield from (("information-requests", {**of_order, **one}) for one in state.get("requests", ()))


def _meetings(state: Json) -> Iterator[tuple[str, Json]]:
    of_body = {"body_kind": state.get("kind"), "body_name": state.get("name")}
    scheduled = {one["meeting"]: one for one in state.get("scheduled", ())}
    for one in state.get("meetings", ()):
        yield "meetings", {**of_body, **scheduled.get(one.get("meeting"), {}), **one, "state": "HELD"}
    for name in scheduled.keys() - {one.get("meeting") for one in state.get("meetings", ())}:
        yield "meetings", {**of_body, **scheduled[name], "state": "SCHEDULED"}


def sorted_json(items: Sequence[Json], without: Sequence[str] = ()) -> list[bytes]:
    """Return items as bytes in one order, to be compared whole."""
    kept = [{name: value for name, value in item.items() if name not in without} for item in items]
    return sorted(msgspec.json.encode(item, order="sorted") for item in kept)
