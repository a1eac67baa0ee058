"""A subject's timeline: its events in the order in which they count, as known at a moment, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import pytest

from ledger.domain.instants import format_instant, parse_instant
from tests.api.desk import OPEN, SHOP, Desk, Json, block, corrected, event, published, reinstated, voided

LISTING = "listing:shop:A"
LATER = "2026-06-01T00:00:00Z"


async def timeline(desk: Desk, **query: Json) -> list[dict[str, Json]]:
    """Return the items of the shop's listing."""
    question = {"subject": LISTING, "log": SHOP, "as_of": LATER} | query
    found: list[dict[str, Json]] = (await desk.get("/v1/subject/timeline", **question))["items"]
    return found


def ids(items: Sequence[Mapping[str, Json]]) -> list[Json]:
    return [item["id"] for item in items]


async def test_events_are_told_in_the_order_in_which_they_count(desk: Desk) -> None:
    day = {"timeprecision": "DAY", "timezone": "Asia/Jakarta"}
    (first, *_) = await desk.tell(block("A", "R1", "2026-01-10T05:00:00Z"), published("A"))
    await desk.tell(block("A", "R2", "2026-01-09T17:00:00Z") | day)
    items = await timeline(desk)
    assert ids(items) == ["pub-A", "block-A-R1", "block-A-R2"]
    assert ids(await timeline(desk, certainty="POSSIBLE")) == ["pub-A", "block-A-R2", "block-A-R1"]
    assert ids(await timeline(desk, as_of="2026-01-10T16:59:59.999998Z")) == ["pub-A", "block-A-R1"]
    recorded = parse_instant(first["recordedtime"])
    happened = parse_instant("2026-01-10T05:00:00Z")
    assert items[1] == {
        "log": SHOP,
        "subject": LISTING,
        "id": "block-A-R1",
        "type": "ListingBlocked",
        "at": "2026-01-10T05:00:00.000000Z",
        "time": "2026-01-10T05:00:00.000000Z",
        "timelatest": "2026-01-10T05:00:00.000000Z",
        "timeprecision": "INSTANT",
        "timezone": "Asia/Jakarta",
        "recordedtime": format_instant(recorded),
        "sourcetime": None,
        "lateness": msgspec.to_builtins(recorded - happened),
        "position": 0,
        "version": 1,
        "corrected_by": [],
        "voided_by": None,
        "flags": items[1]["flags"],
    }
    assert (items[2]["time"], items[2]["timelatest"], items[2]["at"]) == (
        "2026-01-09T17:00:00.000000Z",
        "2026-01-10T16:59:59.999999Z",
        "2026-01-10T16:59:59.999999Z",
    )


async def test_what_was_corrected_or_voided_is_told_as_it_was_known(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"), block("A", "R2", "2026-01-11T00:00:00Z"))
    await desk.tell(corrected("c1", LISTING, "block-A-R1", time="2026-01-20T00:00:00Z"))
    await desk.tell(corrected("c2", LISTING, "block-A-R1", data={"decision_facts": "counterfeit"}))
    await desk.tell(voided("v", LISTING, "block-A-R2"))

    def told(items: Sequence[Mapping[str, Json]]) -> list[tuple[Json, ...]]:
        return [(one["id"], one["time"][:10], one["corrected_by"], one["voided_by"]) for one in items]

    before: list[tuple[Json, ...]] = [
        ("pub-A", "2026-01-05", [], None),
        ("block-A-R1", "2026-01-10", [], None),
        ("block-A-R2", "2026-01-11", [], None),
    ]
    moved = ("block-A-R1", "2026-01-20", ["c1", "c2"], None)
    assert told(await timeline(desk, size=f"{SHOP}:3")) == before
    assert told(await timeline(desk, size=f"{SHOP}:4")) == [
        before[0],
        before[2],
        ("block-A-R1", "2026-01-20", ["c1"], None),
    ]
    assert told(await timeline(desk)) == [before[0], moved]
    whole = await timeline(desk, voided="true")
    assert told(whole) == [before[0], ("block-A-R2", "2026-01-11", [], "v"), moved]
    assert told(await timeline(desk, voided="true", size=f"{SHOP}:5")) == [before[0], before[2], moved]


async def test_on_the_basis_of_the_source_a_correction_counts_when_the_source_knew(desk: Desk) -> None:
    await desk.tell(block("A", "R1") | {"sourcetime": "2026-01-10T04:00:00Z"})
    correction = corrected("c1", LISTING, "block-A-R1", time="2026-01-09T00:00:00Z")
    await desk.tell(correction | {"sourcetime": "2026-01-12T00:00:00Z"})
    for known_at, expected in (("2026-01-11T00:00:00Z", []), ("2026-01-12T00:00:00Z", ["c1"])):
        (item,) = await timeline(desk, basis="SOURCE", known_at=known_at)
        assert item["corrected_by"] == expected
    response = await desk.ask(
        "GET", "/v1/subject/timeline", subject=LISTING, basis="SOURCE", known_at="2026-01-09T00:00:00Z"
    )
    assert response.status_code == 404


async def test_the_ledgers_own_events_count_from_when_they_were_recorded_and_are_never_late(desk: Desk) -> None:
    subject = "subject:c1"
    data = {"subject_id": subject, "request_ref": "r1", "received_at": "2026-01-01T00:00:00Z"}
    (receipt,) = await desk.tell(event("asked", "ErasureRequested", subject, "2026-01-01T00:00:00Z", **data))
    (item,) = (await desk.get("/v1/subject/timeline", subject=subject))["items"]
    assert datetime.fromisoformat(item["at"]) == datetime.fromisoformat(receipt["recordedtime"])
    assert item["lateness"] is None


async def test_an_event_has_the_flags_that_the_list_of_flags_gives_it(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"), block("A", "R2"))
    await desk.tell(voided("v", LISTING, "block-A-R2"))
    standing = ["OPEN", "UNDETERMINED", "RESOLVED"]
    listed = (await desk.get("/v1/flags", subject=LISTING, log=SHOP, as_of=LATER, status=standing))["items"]
    raised: dict[str, list[Json]] = {"pub-A": [], "block-A-R1": [], "block-A-R2": []}
    for flag in listed:
        raised[flag["event"]].append({name: flag[name] for name in flag if name not in {"log", "subject"}})
    assert {one["id"]: one["flags"] for one in await timeline(desk, voided="true")} == raised
    assert {flag["flag"] for flag in raised["block-A-R1"]} >= {"INCOMPLETE", "NO_REASONS"}
    assert {flag["status"] for flag in raised["block-A-R2"]} == {"RESOLVED"}


async def test_a_subject_has_a_timeline_in_each_log_that_knows_it(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"))
    await desk.tell(published("A", "2026-01-07T00:00:00Z"), log=OPEN)
    await desk.tell(reinstated("A", "R1"))
    answer = await desk.get("/v1/subject/timeline", subject=LISTING)
    assert [(one["log"], one["id"]) for one in answer["items"]] == [
        (SHOP, "pub-A"),
        (SHOP, "block-A-R1"),
        (SHOP, "lift-A-R1"),
        (OPEN, "pub-A"),
    ]
    assert (answer["next"], sorted(answer["logs"])) == (None, [OPEN, SHOP])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 422),
        ({"subject": LISTING, "voided": "maybe"}, 422),
        ({"subject": LISTING, "flag": "x"}, 422),
        ({"subject": "planet:shop:A"}, 404),
        ({"subject": "listing:shop:nobody"}, 404),
        ({"subject": LISTING, "log": "rival"}, 403),
    ],
)
async def test_a_timeline_that_is_not_there_is_told(shared_desk: Desk, query: dict[str, Json], status: int) -> None:
    response = await shared_desk.ask("GET", "/v1/subject/timeline", **query)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
