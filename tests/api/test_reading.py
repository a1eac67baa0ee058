"""Reading events back: filters, pages, forms, one event; and what a log says of itself."""

import csv
import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.api.desk import (
    CLOUDEVENTS,
    NDJSON,
    OPEN,
    RIVAL,
    SHOP,
    Desk,
    Json,
    block,
    event,
    published,
    registered,
    reinstated,
)

EVENTS = f"/v1/logs/{SHOP}/events"


@pytest.fixture(scope="module", autouse=True)
async def told(shared_desk: Desk) -> list[str]:
    """Tell a few events in three commits; return the instants at which they were recorded."""
    first = await shared_desk.tell(published("A", title="Batik tulis"), published("AB", title="batik CAP, \u00e9toffe"))
    second = await shared_desk.tell(block("A", "R1", decision_facts='a=1 <b> "c" d\\e'), registered("S1"))
    third = await shared_desk.tell(reinstated("A", "R1"), published("B", "2026-01-06T00:00:00Z", title="=SUM(A1)"))
    await shared_desk.tell(published("A", title="London"), log=OPEN)
    return [receipts[0]["recordedtime"] for receipts in (first, second, third)]


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [0, 1, 2, 3, 4, 5]),
    ({"type": "ListingPublished"}, [0, 1, 5]),
    ({"type": ["ListingBlocked", "SellerRegistered"]}, [2, 3]),
    ({"type": "listingpublished"}, []),
    ({"subject": "listing:shop:A"}, [0, 2, 4]),
    ({"subject": ["listing:shop:B", "seller:shop:S1"]}, [3, 5]),
    ({"subject_prefix": "listing:shop:A"}, [0, 1, 2, 4]),
    ({"subject_prefix": ["seller:", "listing:shop:B"]}, [3, 5]),
    ({"subject_prefix": "%"}, []),
    ({"time_from": "2026-01-06T00:00:00Z"}, [2, 4, 5]),
    ({"time_from": "2026-01-06T00:00:00.000001Z"}, [2, 4]),
    ({"time_to": "2026-01-05T00:00:00Z"}, [0, 1, 3]),
    ({"time_to": "2026-01-05T06:59:59+07:00"}, [3]),
    ({"time_from": "2026-01-03T00:00:00Z", "time_to": "2026-01-06T00:00:00Z"}, [0, 1, 5]),
    ({"q": "batik"}, [0, 1]),
    ({"q": "BATIK cap"}, [1]),
    ({"q": ["batik", "tulis"]}, [0]),
    ({"q": "\u00e9toffe"}, [1]),
    ({"q": "nothing"}, []),
    ({"type": "ListingPublished", "q": "batik", "subject": "listing:shop:A"}, [0]),
    ({"order": "desc"}, [5, 4, 3, 2, 1, 0]),
    ({"order": "desc", "type": "ListingPublished"}, [5, 1, 0]),
    ({"limit": 2}, [0, 1]),
    ({"limit": 1000}, [0, 1, 2, 3, 4, 5]),
]


def positions(items: list[dict[str, Any]]) -> list[int]:
    """Return where the events of a list stand."""
    return [int(item["sequence"]) for item in items]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
async def test_each_filter_leaves_what_it_asks_for(
    shared_desk: Desk, query: dict[str, Any], expected: list[int]
) -> None:
    answer = await shared_desk.get(EVENTS, **query)
    assert positions(answer["items"]) == expected
    assert (answer["next"] is None) == ((len(expected) < 6 and "limit" not in query) or len(expected) == 6)


async def test_events_are_found_by_when_they_were_recorded(shared_desk: Desk, told: list[str]) -> None:
    cases: list[tuple[dict[str, str], list[int]]] = [
        ({"recorded_from": told[1]}, [2, 3, 4, 5]),
        ({"recorded_to": told[1]}, [0, 1, 2, 3]),
        ({"recorded_from": told[1], "recorded_to": told[1]}, [2, 3]),
        ({"recorded_from": "2999-01-01T00:00:00Z"}, []),
    ]
    for query, expected in cases:
        assert positions((await shared_desk.get(EVENTS, **query))["items"]) == expected


async def test_one_query_spans_every_log_that_one_may_read(shared_desk: Desk) -> None:
    both = await shared_desk.get("/v1/events", subject="listing:shop:A")
    assert [(item["log"], item["type"]) for item in both["items"]] == [
        (SHOP, "ListingPublished"),
        (SHOP, "ListingBlocked"),
        (SHOP, "ListingReinstated"),
        (OPEN, "ListingPublished"),
    ]
    assert sorted(both["logs"]) == [OPEN, SHOP]
    one = await shared_desk.get("/v1/events", log=OPEN)
    assert [item["log"] for item in one["items"]] == [OPEN]
    assert sorted((await shared_desk.get("/v1/events", who="operator"))["logs"]) == [OPEN, RIVAL, SHOP]
    unknown = await shared_desk.ask("GET", "/v1/events", log="nobody")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/unknown-log")


async def pages(desk: Desk, path: str, between: Callable[[int], Any], **query: Json) -> list[dict[str, Any]]:
    """Return the items of all pages; `between` is awaited after each."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for number in range(1_000):
        page = await desk.get(path, **query, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"cursor": page["next"]}
        await between(number)
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 7, 50])
async def test_pages_give_every_event_once_while_the_log_grows(desk: Desk, order: str, limit: int) -> None:
    await desk.tell(*[published(f"A{number}") for number in range(50)])

    async def grow(number: int) -> None:
        if number < 20:
            await desk.tell(published(f"B{number}"))

    items = await pages(desk, EVENTS, grow, order=order, limit=limit)
    seen = positions(items)
    assert seen == sorted(set(seen), reverse=order == "desc")
    assert set(range(50)) <= set(seen)
    if order == "desc":
        assert seen == list(range(49, -1, -1))


async def test_pages_over_several_logs_give_every_event_once(desk: Desk) -> None:
    await desk.tell(*[published(f"A{number}") for number in range(13)])
    await desk.tell(*[published(f"B{number}") for number in range(11)], log=OPEN)

    async def nothing(_: int) -> None:
        return

    for order in ("asc", "desc"):
        items = await pages(desk, "/v1/events", nothing, order=order, limit=5, type="ListingPublished")
        expected = [f"pub-A{number}" for number in range(13)] + [f"pub-B{number}" for number in range(11)]
        assert [item["id"] for item in items] == (expected if order == "asc" else expected[::-1])


BAD_QUERIES = [
    ({"limit": "0"}, "/limit", "invalid-parameter"),
    ({"limit": "1001"}, "/limit", "invalid-parameter"),
    ({"limit": "-1"}, "/limit", "invalid-parameter"),
    ({"limit": "1.0"}, "/limit", "invalid-parameter"),
    ({"limit": "\u0661"}, "/limit", "invalid-parameter"),
    ({"limit": "9" * 5_000}, "/limit", "invalid-parameter"),
    ({"limit": ["1", "2"]}, "/limit", "invalid-parameter"),
    ({"order": "up"}, "/order", "invalid-parameter"),
    ({"cursor": "!"}, "/cursor", "invalid-cursor"),
    ({"cursor": "W10="}, "/cursor", "invalid-cursor"),
    ({"cursor": "WzE2MDAwMDAwMDAwLDFd"}, "/cursor", "invalid-cursor"),
    ({"cursor": "WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ=="}, "/cursor", "invalid-cursor"),
    ({"time_from": "2026-01-01"}, "/time_from", "invalid-time"),
    ({"time_to": "2026-01-01T00:00:00"}, "/time_to", "invalid-time"),
    ({"recorded_from": "0001-01-01T00:00:00+23:59"}, "/recorded_from", "invalid-time"),
    ({"recorded_to": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]}, "/recorded_to", "invalid-parameter"),
    ({"type": ""}, "/type", "invalid-parameter"),
    ({"q": "a\0b"}, "/q", "invalid-parameter"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), BAD_QUERIES)
async def test_a_parameter_that_makes_no_sense_is_refused(
    shared_desk: Desk, query: dict[str, Any], pointer: str, code: str
) -> None:
    assert await shared_desk.refusal(EVENTS, **query) == (422, code, pointer)


@pytest.mark.parametrize(
    "path", [EVENTS, "/v1/events", "/v1/listings", "/v1/disputes", "/v1/subject", "/v1/subject/history"]
)
async def test_an_unknown_parameter_is_refused_and_the_known_ones_are_named(shared_desk: Desk, path: str) -> None:
    response = await shared_desk.ask("GET", path, subjet="listing:shop:A")
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["code"], fault["pointer"]) == (422, "unknown-parameter", "/subjet")
    assert "subject" in fault["detail"]


async def test_every_unknown_parameter_is_told(shared_desk: Desk) -> None:
    response = await shared_desk.ask("GET", EVENTS, one="1", two="2", limit="")
    assert [fault["pointer"] for fault in response.json()["errors"]] == ["/one", "/two", "/limit"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/html, application/x-ndjson;q=0.9", NDJSON),
        ("application/x-ndjson", NDJSON),
        ("text/csv", "text/csv"),
        ("Text/CSV; header=present", "text/csv"),
        ("image/png", "application/json"),
    ],
)
async def test_a_list_comes_in_the_form_that_is_accepted(shared_desk: Desk, accept: str, media: str) -> None:
    response = await shared_desk.ask("GET", EVENTS, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, media)


async def test_ndjson_and_json_hold_the_same(shared_desk: Desk) -> None:
    whole = await shared_desk.get(EVENTS)
    first = await shared_desk.ask("GET", EVENTS, headers={"Accept": NDJSON}, limit=4)
    rest = await shared_desk.ask("GET", EVENTS, headers={"Accept": NDJSON}, cursor=first.headers["jejak-next"])
    assert "jejak-next" not in rest.headers
    lines = first.content.splitlines() + rest.content.splitlines()
    assert [msgspec.json.decode(line) for line in lines] == whole["items"]
    assert msgspec.json.decode(first.headers["jejak-answer"]) == {"logs": whole["logs"]}


async def test_csv_has_a_column_for_each_member(shared_desk: Desk) -> None:
    response = await shared_desk.ask("GET", EVENTS, headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    items = (await shared_desk.get(EVENTS))["items"]
    assert len(rows) == len(items) == 6
    for row, item in zip(rows, items, strict=True):
        assert row["id"] == item["id"]
        assert msgspec.json.decode(row["data"]) == item["data"]
        assert row["streamversion"] == str(item["streamversion"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
async def test_a_spreadsheet_runs_no_cell(desk: Desk, start: str) -> None:
    title = f"{start}HYPERLINK(1)"
    await desk.tell(published("A", title=title), published("B", title="5 = 3+2 @ -1"))
    response = await desk.ask("GET", "/v1/listings", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    assert [row["title"] for row in rows] == ["'" + title, "5 = 3+2 @ -1"]
    assert not any(cell[:1] in set("=+-@\t\r\n") for row in rows for cell in row.values())


async def test_one_event_is_shown_by_its_id(shared_desk: Desk) -> None:
    (item,) = (await shared_desk.get(EVENTS, type="ListingBlocked"))["items"]
    assert await shared_desk.get(f"{EVENTS}/block-A-R1") == item


@pytest.mark.parametrize("event_id", ["nobody", "block-A-R2", "%00", "a%2Fb", "\u00e9"])
@pytest.mark.parametrize("below", ["", "/entry"])
async def test_an_unknown_event_is_not_found(shared_desk: Desk, event_id: str, below: str) -> None:
    response = await shared_desk.ask("GET", f"{EVENTS}/{event_id}{below}")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


async def test_an_event_of_another_log_is_not_found(shared_desk: Desk) -> None:
    response = await shared_desk.ask("GET", f"/v1/logs/{OPEN}/events/block-A-R1")
    assert response.status_code == 404


async def test_a_log_says_how_far_its_views_are_behind(desk: Desk) -> None:
    empty = await desk.get(f"/v1/logs/{SHOP}")
    assert (empty["size"], empty["views_behind"], empty["first_recordedtime"]) == (0, 0, None)
    await desk.send([published("A"), published("B")], media=CLOUDEVENTS)
    assert (await desk.get(f"/v1/logs/{SHOP}"))["views_behind"] == 2
    await desk.follow()
    log = await desk.get(f"/v1/logs/{SHOP}")
    assert (log["size"], log["views_behind"]) == (2, 0)
    assert log in (await desk.get("/v1/logs"))["items"]
    assert log["first_recordedtime"] == log["last_recordedtime"]


async def test_what_every_member_of_a_long_text_matches_is_found(desk: Desk) -> None:
    await desk.tell(event("w", "ListingWithdrawn", "listing:shop:A", reason='90% "off", it\'s _now_'))
    for words in ("90%", "_now_", "it's", '"off",'):
        assert len((await desk.get(EVENTS, q=words))["items"]) == 1, words
    assert (await desk.get(EVENTS, q="_no_"))["items"] == []
