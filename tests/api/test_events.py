"""Finding events: every filter gives the same, wherever the search has come to; words by stem, in two languages."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec
import pytest

from ledger.database import Database
from ledger.server.embedded import EmbeddedServer
from projections import event_list, event_search
from projections.event_search import EventSearch
from tests.api.desk import CLOUDEVENTS, NDJSON, OPEN, SHOP, Desk, Event, Json, block, filed, open_desk, published
from tests.api.desk import registered as seller
from tests.conftest import copied_database

EVENTS = f"/v1/logs/{SHOP}/events"
PAGE, PIECE, STRETCH = 7, 4, 9
"""Small, so that questions go over the edges of what is taken in, looked through and passed over at once."""
TITLES = {
    "A": "Kemeja batik dijual murah",
    "B": "Penjualan sepatu, 100% ASLI",
    "C": "Counterfeited goods <b>R-17/a.b</b>",
    "D": "the good shoe by jual@toko.example, +62",
    "E": "naïve café 3e20",
}


def told() -> list[Event]:
    """Return sixty events of three types, about sixty streams, at sixty times, in an order of their own."""
    events: list[Event] = [
        published(f"{name}{number}", f"2026-01-{1 + (number * 7) % 28:02}T00:00:00Z", title=f"{title} nr {number}")
        for number in range(8)
        for name, title in TITLES.items()
    ]
    events += [block(f"A{number}", f"R{number}", decision_facts="barang palsu") for number in range(8)]
    events += [seller(f"S{number}", f"2026-01-{number + 1:02}T12:00:00Z") for number in range(12)]
    return events


def follower(desk: Desk) -> EventSearch:
    return EventSearch(desk.service.database, desk.service.feed)


@pytest.fixture(scope="module", params=["not at all", "in part", "wholly"])
async def searched(request: pytest.FixtureRequest, server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    """Yield a desk with events in two logs, of which the search has taken in nothing, some, or all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_list, "PIECE_EVENTS", PIECE)
        patch.setattr(event_list, "STRETCH_EVENTS", STRETCH)
        patch.setattr(event_search, "PAGE_EVENTS", PAGE)
        async with copied_database(server, template, test_clock=False) as database, open_desk(database) as desk:
            for events in (told()[:30], told()[30:]):
                assert (await desk.send(events, media=CLOUDEVENTS)).status_code == 201
            assert (await desk.send(told()[:20], media=CLOUDEVENTS, log=OPEN)).status_code == 201
            steps = {"not at all": 0, "in part": 4, "wholly": 100}[request.param]
            for _ in range(steps):
                await follower(desk).step()
            yield desk


async def found(desk: Desk, path: str = EVENTS, **query: Json) -> list[dict[str, Any]]:
    """Return the events of all pages."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.get(path, **query, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}


def fits(event: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Tell whether an event is one that a question without words asks for: the plain meaning of the filters."""

    def values(name: str) -> list[str] | None:
        asked = query.get(name)
        return [asked] if isinstance(asked, str) else asked

    types, subjects, prefixes = values("type"), values("subject"), values("subject_prefix")
    return all(
        (
            types is None or event["type"] in types,
            subjects is None or event["subject"] in subjects,
            prefixes is None or any(event["subject"].startswith(prefix) for prefix in prefixes),
            query.get("time_from", "") <= event["time"] <= query.get("time_to", "9"),
            query.get("recorded_from", "") <= event["recordedtime"] <= query.get("recorded_to", "9"),
        )
    )


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"type": "ListingBlocked"},
    {"type": ["ListingBlocked", "SellerRegistered"]},
    {"type": "Nothing"},
    {"subject": "listing:shop:A3"},
    {"subject": ["listing:shop:A3", "seller:shop:S1"], "type": "ListingBlocked"},
    {"subject_prefix": "listing:shop:A"},
    {"subject_prefix": ["listing:shop:C", "listing:", "seller:shop:S1"]},
    {"subject_prefix": "listing:shop:B", "type": "ListingPublished"},
    {"time_from": "2026-01-10T03:00:00.000000Z"},
    {"time_to": "2026-01-08T00:00:00.000000Z", "type": "ListingPublished"},
    {"time_from": "2026-01-05T00:00:00.000000Z", "time_to": "2026-01-06T00:00:00.000000Z"},
]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [3, 1000])
async def test_every_filter_finds_what_it_means_wherever_the_search_has_come_to(
    searched: Desk, order: str, limit: int
) -> None:
    everything = (await searched.get(EVENTS, limit=1000))["items"]
    assert [int(event["sequence"]) for event in everything] == list(range(60))
    second = everything[30]["recordedtime"]
    recorded: list[dict[str, Json]] = [
        {"recorded_from": second},
        {"recorded_from": second, "type": "ListingPublished"},
        {"recorded_from": second, "time_to": "2026-01-05T00:00:00.000000Z"},
        {"recorded_to": everything[0]["recordedtime"], "type": "ListingPublished"},
    ]
    for query in [*QUESTIONS, *recorded]:
        expected = [event["id"] for event in everything if fits(event, query)]
        if order == "desc":
            expected.reverse()
        assert [event["id"] for event in await found(searched, limit=limit, order=order, **query)] == expected, query


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_questions_over_several_logs_take_one_after_the_other(searched: Desk, order: str) -> None:
    for query in ({}, {"type": "ListingPublished"}, {"q": "goods"}, {"type": "SellerRegistered"}):
        parts = [await found(searched, f"/v1/logs/{log}/events", order=order, **query) for log in (SHOP, OPEN)]
        expected = [event for part in (parts if order == "asc" else parts[::-1]) for event in part]
        assert await found(searched, "/v1/events", order=order, limit=7, **query) == expected


WORDS: list[tuple[Any, str]] = [
    ("penjualan", "ABD"),
    ("MENJUAL", "ABD"),
    ("jual", "ABD"),
    ("good", "CD"),
    ("shoes", "D"),
    ("counterfeits", "C"),
    ("counterfeit penjual", ""),
    ("sepatu jual", "B"),
    (["sepatu", "jual"], "B"),
    ("the", "D"),
    ("17", "C"),
    ("R-17", "C"),
    ("R-17/a.b", "C"),
    ("<b>R", "C"),
    ("toko", "D"),
    ("jual@toko.example", "D"),
    ("62", "D"),
    ("café", "E"),
    ("100%", "B"),
    ("3e20", "E"),
    ("title", ""),
    ("bat", ""),
    ("--", ""),
    ("seller", ""),
]


@pytest.mark.parametrize(("asked", "names"), WORDS)
async def test_a_word_is_found_by_its_stem_in_either_language(searched: Desk, asked: Json, names: str) -> None:
    subjects = {event["subject"] for event in await found(searched, q=asked)}
    assert subjects == {f"listing:shop:{name}{number}" for name in names for number in range(8)}


async def test_words_go_with_every_other_filter(searched: Desk) -> None:
    query = {"q": "palsu", "subject_prefix": "listing:shop:A", "time_from": "2026-01-10T03:00:00Z"}
    assert [event["id"] for event in await found(searched, limit=2, order="desc", **query)] == [
        f"block-A{number}-R{number}" for number in reversed(range(8))
    ]
    assert await found(searched, type="ListingPublished", **query) == []


async def test_a_page_that_runs_out_of_time_says_where_to_go_on(
    searched: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_list, "LOOKING_SECONDS", 0.0)
    for order in ("asc", "desc"):
        for query in ({"type": "SellerRegistered"}, {"q": "sepatu"}, {"q": "nowhere"}):
            assert await found(searched, order=order, **query) == await found(
                searched, order=order, **query, limit=1000
            )
    numbers = {int(event["sequence"]) for event in await found(searched, type="SellerRegistered")}
    assert numbers == set(range(48, 60))


async def test_what_is_personal_is_no_word(desk: Desk) -> None:
    names = {"claimant_name": "Sulastri Wulandari", "claimant_contact": "sulastri@example.org"}
    await desk.tell(filed("D1", claimant_subject_id="subject:consumer-1", extra={"note": "open"}, **names))
    for _ in range(2):
        for word in ("Sulastri", "wulandari", "sulastri@example.org", "enc", "v1", "MASKED"):
            assert (await desk.get(EVENTS, q=word))["items"] == [], word
        assert len((await desk.get(EVENTS, q="open consumers"))["items"]) == 1
        await follower(desk).catch_up()


async def test_two_followers_take_in_every_event_once(desk: Desk) -> None:
    await desk.send(told(), media=CLOUDEVENTS)
    first, second = follower(desk), follower(desk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_search, "PAGE_EVENTS", PAGE)
        while await first.step() or await second.step():
            pass
    rows = await desk.service.database.pool("reader").fetch("SELECT position FROM event_search ORDER BY position")
    assert [row["position"] for row in rows] == list(range(60))


async def test_a_log_whose_entries_cannot_be_read_stops_alone(desk: Desk, database: Database) -> None:
    await desk.send(told(), media=CLOUDEVENTS)
    log = await desk.service.find_log(OPEN)
    async with database.owner() as connection:
        await connection.execute(
            "INSERT INTO event VALUES ($1, 0, 1, now(), 'x', 'x', 'x', sha256(''), 'no JSON')", log.log_id
        )
        await connection.execute("UPDATE log_head SET size = 1, frontier = sha256('') WHERE log_id = $1", log.log_id)
    await desk.service.search.catch_up()
    assert list(desk.service.search.stopped.reasons) == [log.log_id]
    assert len(await found(desk, q="palsu")) == 8
    ready = await desk.ask("GET", "/health/ready", who=None)
    assert (ready.json()["status"], ready.json()["searches_stopped"]) == ("ready", 1)
    assert "\njejak_searches_stopped 1\n" in (await desk.ask("GET", "/metrics", who="operator")).text
    async with database.owner() as connection:
        await connection.execute("ALTER TABLE event DISABLE TRIGGER ALL")
        mended = msgspec.json.encode(published("mended"))
        await connection.execute("UPDATE event SET entry = $2 WHERE log_id = $1", log.log_id, mended)
    assert await desk.service.search.step() is False  # it waits first
    await desk.service.search.catch_up()
    assert desk.service.search.stopped.reasons == {}


async def test_all_was_recorded_between_the_ends_of_the_calendar(desk: Desk) -> None:
    await desk.send(told(), media=CLOUDEVENTS)
    for order in ("asc", "desc"):
        query = {"recorded_from": "0001-01-01T00:00:00Z", "recorded_to": "9999-12-31T23:59:59Z", "order": order}
        assert len(await found(desk, **query)) == 60


async def test_pages_after_the_first_are_of_its_size(desk: Desk) -> None:
    await desk.send(told(), media=CLOUDEVENTS)
    first = await desk.get(EVENTS, limit=10)
    await desk.send([published("later")], media=CLOUDEVENTS)
    second = await desk.get(EVENTS, limit=1000, cursor=first["next"])
    assert (second["logs"], second["next"]) == (first["logs"], None)
    assert [int(event["sequence"]) for event in first["items"] + second["items"]] == list(range(60))


async def test_a_cursor_shows_no_log_that_is_not_asked_for(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        await desk.send(told(), media=CLOUDEVENTS, log=log)
    first = await desk.get("/v1/events", limit=10)
    assert {event["log"] for event in await found(desk, "/v1/events", log=OPEN, cursor=first["next"])} == {OPEN}
    other = await desk.get("/v1/events", who="other", cursor=first["next"])
    assert (other["items"], other["next"], other["logs"]) == ([], None, {})


async def test_csv_has_the_same_columns_on_every_page(desk: Desk) -> None:
    await desk.send([published("A"), filed("D1")], media=CLOUDEVENTS)
    heads: set[bytes] = set()
    for event_type in ("ListingPublished", "DisputeFiled", "Nothing"):
        response = await desk.ask("GET", EVENTS, headers={"Accept": "text/csv"}, type=event_type)
        heads.add(response.content.splitlines()[0])
    (head,) = heads
    assert head.startswith(b"id,log,sequence,recordedtime,time,type,subject,data,authid,")
    assert (await desk.ask("GET", EVENTS, headers={"Accept": NDJSON}, type="Nothing")).content == b""
