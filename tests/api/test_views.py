"""The five views: every filter, paging and counts, and every time parameter."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.api.desk import (
    OPEN,
    RIVAL,
    SHOP,
    Desk,
    Event,
    Json,
    block,
    corrected,
    event,
    filed,
    outcome,
    published,
    registered,
    reinstated,
    voided,
)

LATER = "2026-02-01T00:00:00Z"
GROUND = "DECISION_GROUND_ILLEGAL_CONTENT"
CASE = "takedown_case:shop:N1"


def story() -> list[Event]:
    """Return the events from which every filter picks some."""
    basis = [{"instrument_id": "policy:id:akar"}, {"instrument_id": "policy:shop:terms"}]
    demoted: Event = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DEMOTED"]}
    fashion = {"cluster": "FASHION", "category_code": "c1", "ship_from_country": "ID", "goods_origin_country": "CN"}
    food = {"cluster": "FOOD", "category_code": "c2", "ship_from_country": "CN", "goods_origin_country": "ID"}
    items = [{"item_no": 1, "listing_id": "listing:shop:A"}, {"item_no": 2, "listing_id": "EXTERNAL"}]
    notice = {"notifier_party_id": "party:holder", "notifier_size_class": "SMALL", "notifier_tier": "GOOD_FAITH"}
    return [
        published("A", seller_id="seller:shop:S", **fashion),
        published("B", seller_id="seller:shop:T", **food),
        published("C"),
        block("A", "R1", decision_ground=GROUND, legal_basis=basis),
        block("B", "R2", **demoted, legal_basis=basis[1:]) | {"type": "ListingRestricted"},
        block("C", "R3"),
        reinstated("C", "R3"),
        registered("S", platform_id="platform:shop"),
        registered("T", platform_id="platform:tiktok"),
        registered("U"),
        event("ver", "SellerVerified", "seller:shop:S", verification_id="V1", entity_class="MICRO_ENTREPRENEUR"),
        event(
            "sus",
            "SellerSuspended",
            "seller:shop:T",
            restriction_id="R4",
            decision_account="DECISION_ACCOUNT_SUSPENDED",
        ),
        event("clo", "SellerAccountClosed", "seller:shop:U", by="SELLER"),
        event("n1", "NoticeReceived", CASE, items=items, regime="ID_GENERIC", **notice),
        event("n2", "NoticeReceived", "takedown_case:shop:N2", items=[{"item_no": 1}], regime="US_DMCA"),
        event(
            "act",
            "TakedownActioned",
            CASE,
            item_no=1,
            listing_id="listing:shop:A",
            restriction_id="R1",
            measure="REMOVED",
        ),
        filed("D1", claimant_country="MY", respondent_country="ID"),
        filed("D2", claimant_country="KR"),
        outcome("D1"),
    ]


@pytest.fixture(scope="module", autouse=True)
async def told(shared_desk: Desk) -> None:
    await shared_desk.tell(*story())
    await shared_desk.tell(published("A", cluster="FASHION"), filed("D1") | {"subject": "dispute:court:D9"}, log=OPEN)


FILTERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("listings", {}, ["shop A", "shop B", "shop C", "open-shop A"]),
    ("listings", {"log": SHOP}, ["shop A", "shop B", "shop C"]),
    ("listings", {"log": [SHOP, OPEN], "subject": "listing:shop:A"}, ["shop A", "open-shop A"]),
    ("listings", {"subject": ["listing:shop:A", "listing:shop:B"], "log": SHOP}, ["shop A", "shop B"]),
    ("listings", {"subject_prefix": "listing:shop:"}, ["shop A", "shop B", "shop C", "open-shop A"]),
    ("listings", {"subject_prefix": "listing:other"}, []),
    ("listings", {"seller": "seller:shop:S"}, ["shop A"]),
    ("listings", {"seller": ["seller:shop:S", "seller:shop:T"]}, ["shop A", "shop B"]),
    ("listings", {"cluster": "FASHION"}, ["shop A", "open-shop A"]),
    ("listings", {"cluster": "FASHION", "category": "c1"}, ["shop A"]),
    ("listings", {"category": "c2"}, ["shop B"]),
    ("listings", {"ship_from": "ID"}, ["shop A"]),
    ("listings", {"origin": "ID"}, ["shop B"]),
    ("listings", {"restricted": "true"}, ["shop A", "shop B"]),
    ("listings", {"restricted": "false"}, ["shop C", "open-shop A"]),
    ("listings", {"visible": "true"}, ["shop C", "open-shop A"]),
    ("listings", {"visible": "false", "country": "ID"}, ["shop A", "shop B"]),
    ("restrictions", {}, ["A R1", "B R2", "T R4"]),
    ("restrictions", {"in_force": "true"}, ["A R1", "B R2", "T R4"]),
    ("restrictions", {"in_force": "false"}, ["C R3"]),
    ("restrictions", {"kind": "BLOCKED"}, ["A R1"]),
    ("restrictions", {"kind": ["RESTRICTED", "SUSPENDED"]}, ["B R2", "T R4"]),
    ("restrictions", {"instrument": "policy:id:akar"}, ["A R1"]),
    ("restrictions", {"instrument": "policy:shop:terms"}, ["A R1", "B R2"]),
    ("restrictions", {"ground": GROUND}, ["A R1"]),
    ("restrictions", {"subject_prefix": "seller:"}, ["T R4"]),
    ("sellers", {}, ["S", "T", "U"]),
    ("sellers", {"status": "ACTIVE"}, ["S"]),
    ("sellers", {"status": ["SUSPENDED", "CLOSED"]}, ["T", "U"]),
    ("sellers", {"status": "BANNED"}, []),
    ("sellers", {"verification": "VERIFIED"}, ["S"]),
    ("sellers", {"verification": "UNVERIFIED"}, ["T", "U"]),
    ("sellers", {"entity_class": "MICRO_ENTREPRENEUR"}, ["S"]),
    ("sellers", {"platform": "platform:tiktok"}, ["T"]),
    ("takedowns", {}, ["N1 1", "N1 2", "N2 1"]),
    ("takedowns", {"case": CASE}, ["N1 1", "N1 2"]),
    ("takedowns", {"state": "ACTIONED"}, ["N1 1"]),
    ("takedowns", {"state": "RECEIVED"}, ["N1 2", "N2 1"]),
    ("takedowns", {"notifier": "party:holder"}, ["N1 1", "N1 2"]),
    ("takedowns", {"size_class": "SMALL"}, ["N1 1", "N1 2"]),
    ("takedowns", {"tier": "GOOD_FAITH"}, ["N1 1", "N1 2"]),
    ("takedowns", {"regime": "US_DMCA"}, ["N2 1"]),
    ("takedowns", {"listing": "listing:shop:A"}, ["N1 1"]),
    ("disputes", {}, ["D1", "D2", "D9"]),
    ("disputes", {"state": "FILED"}, ["D2", "D9"]),
    ("disputes", {"state": "OUTCOME"}, ["D1"]),
    ("disputes", {"outcome": "SETTLED"}, ["D1"]),
    ("disputes", {"forum": "court"}, ["D9"]),
    ("disputes", {"claimant_country": ["MY", "KR"]}, ["D1", "D2"]),
    ("disputes", {"respondent_country": "ID"}, ["D1"]),
]


def name_of(view: str, item: dict[str, Any]) -> str:
    """Return what the table above calls an item."""
    native = str(item["subject"]).rpartition(":")[2]
    if view == "listings":
        return f"{item['log']} {native}"
    return f"{native} {item.get('item_no') or item.get('restriction_id') or ''}".strip()


@pytest.mark.parametrize(("view", "query", "expected"), FILTERS)
@pytest.mark.parametrize("basis", ["LEDGER", "SOURCE"])
async def test_each_filter_of_each_view_leaves_what_it_asks_for(
    shared_desk: Desk, view: str, query: dict[str, Any], expected: list[str], basis: str
) -> None:
    answer = await shared_desk.get(f"/v1/{view}", as_of=LATER, basis=basis, **query)
    assert [name_of(view, item) for item in answer["items"]] == expected
    counted = await shared_desk.get(f"/v1/{view}", as_of=LATER, basis=basis, count="true", **query)
    assert counted == {"count": len(expected)} | {k: v for k, v in answer.items() if k not in {"items", "next"}}


@pytest.mark.parametrize("view", ["listings", "restrictions", "sellers", "takedowns", "disputes"])
@pytest.mark.parametrize("limit", [1, 2])
async def test_the_pages_of_a_view_are_its_whole_list(shared_desk: Desk, view: str, limit: int) -> None:
    whole = (await shared_desk.get(f"/v1/{view}", as_of=LATER))["items"]
    items: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await shared_desk.get(f"/v1/{view}", as_of=LATER, limit=limit, **cursor)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert items == whole
    assert (await shared_desk.get(f"/v1/{view}", as_of=LATER, count="true"))["count"] == len(whole)


BAD_QUERIES = [
    ({"as_of": "yesterday"}, "/as_of", "invalid-time"),
    ({"as_of": "2026-01-01T00:00:00"}, "/as_of", "invalid-time"),
    ({"as_of": "2026-02-30", "tz": "UTC"}, "/as_of", "invalid-time"),
    ({"as_of": "0001-01-01", "tz": "UTC"}, "/as_of", "invalid-time"),
    ({"as_of": "9999-12-31", "tz": "UTC"}, "/as_of", "invalid-time"),
    ({"as_of": "2026-01-01"}, "/as_of", "zone-needed"),
    ({"known_at": "2026-01-01"}, "/known_at", "zone-needed"),
    ({"known_at": "2999-01-01T00:00:00Z"}, "/known_at", "future-knowledge"),
    ({"tz": "Asia/Atlantis"}, "/tz", "invalid-zone"),
    ({"tz": "../UTC"}, "/tz", "invalid-zone"),
    ({"certainty": "MAYBE"}, "/certainty", "invalid-parameter"),
    ({"basis": "RUMOUR"}, "/basis", "invalid-parameter"),
    ({"size": "shop"}, "/size", "invalid-parameter"),
    ({"size": "shop:-1"}, "/size", "invalid-parameter"),
    ({"size": "shop:1000"}, "/size", "unknown-size"),
    ({"size": "nobody:1"}, "/size", "unknown-size"),
    ({"size": "open-shop:1", "log": "shop"}, "/size", "unknown-size"),
    ({"restricted": "yes"}, "/restricted", "invalid-filter"),
    ({"country": ["ID", "MY"]}, "/country", "invalid-filter"),
    ({"count": "yes"}, "/count", "invalid-parameter"),
    ({"limit": "1001"}, "/limit", "invalid-parameter"),
    ({"cursor": "!"}, "/cursor", "invalid-cursor"),
    ({"cursor": "Wzk5OTk5OTk5OTk5OTksImEiLCJiIl0="}, "/cursor", "invalid-cursor"),
    ({"cursor": "WzEsImFcdTAwMDAiLCJiIl0="}, "/cursor", "invalid-cursor"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), BAD_QUERIES)
async def test_a_question_that_makes_no_sense_is_refused(
    shared_desk: Desk, query: dict[str, Any], pointer: str, code: str
) -> None:
    assert await shared_desk.refusal("/v1/listings", **query) == (422, code, pointer)


async def test_dates_are_local_days_of_the_zone_asked_for_or_of_the_one_log(shared_desk: Desk) -> None:
    for query, instant, zone in (
        ({"tz": "Asia/Jakarta"}, "2026-01-10T16:59:59.999999Z", "Asia/Jakarta"),
        ({"tz": "Europe/London"}, "2026-01-10T23:59:59.999999Z", "Europe/London"),
        ({"log": SHOP}, "2026-01-10T16:59:59.999999Z", "Asia/Jakarta"),
        ({"log": OPEN}, "2026-01-10T23:59:59.999999Z", "Europe/London"),
    ):
        answer = await shared_desk.get("/v1/listings", as_of="2026-01-10", **query)
        assert (answer["as_of"], answer["tz"]) == (instant, zone)


async def test_an_instant_needs_no_zone(shared_desk: Desk) -> None:
    answer = await shared_desk.get("/v1/listings", as_of="2026-01-10T10:00:00+07:00")
    assert (answer["as_of"], answer["tz"]) == ("2026-01-10T03:00:00.000000Z", None)


async def test_a_state_begins_at_its_instant_and_not_before(shared_desk: Desk) -> None:
    for as_of, count in (("2026-01-10T02:59:59.999999Z", 0), ("2026-01-10T03:00:00Z", 1)):
        query = {"subject": "listing:shop:A", "restricted": "true", "as_of": as_of}
        assert (await shared_desk.get("/v1/listings", count="true", **query))["count"] == count


async def blocked(desk: Desk, **query: Json) -> list[str]:
    """Return which listings have a restriction of their own in force."""
    query = {"as_of": LATER, **query}
    items = (await desk.get("/v1/listings", restricted="true", **query))["items"]
    return [item["subject"].rpartition(":")[2] for item in items]


async def test_what_was_known_is_asked_by_clock_or_by_size(desk: Desk) -> None:
    (first,) = await desk.tell(block("A", "R1"))
    (second,) = await desk.tell(block("B", "R1", "2026-01-03T00:00:00Z"))
    (third,) = await desk.tell(voided("void", "listing:shop:A", "block-A-R1"))
    before = datetime.fromisoformat(first["recordedtime"]) - timedelta(microseconds=1)
    assert await blocked(desk) == ["B"]
    assert await blocked(desk, known_at=third["recordedtime"]) == ["B"]
    assert await blocked(desk, known_at=second["recordedtime"]) == ["A", "B"]
    assert await blocked(desk, known_at=first["recordedtime"]) == ["A"]
    assert await blocked(desk, known_at=before.isoformat()) == []
    for size, expected in ((0, []), (1, ["A"]), (2, ["A", "B"]), (3, ["B"])):
        assert await blocked(desk, size=f"{SHOP}:{size}") == expected
        assert await blocked(desk, size=f"{SHOP}:{size}", known_at=before.isoformat()) == expected
    assert await blocked(desk, as_of="2026-01-05T00:00:00Z", size=f"{SHOP}:2") == ["B"]


async def test_on_the_basis_of_the_source_it_counts_when_the_source_knew(desk: Desk) -> None:
    sources = {"A": "2026-01-11T00:00:00Z", "B": "2026-01-14T00:00:00Z"}
    await desk.tell(*[block(name, "R1") | {"sourcetime": said} for name, said in sources.items()], block("C", "R1"))
    assert await blocked(desk, basis="SOURCE") == ["A", "B", "C"]
    assert await blocked(desk, basis="SOURCE", known_at="2026-01-12T00:00:00Z") == ["A"]
    assert await blocked(desk, basis="SOURCE", known_at="2026-01-15T00:00:00Z") == ["A", "B"]
    assert await blocked(desk, known_at="2026-01-15T00:00:00Z") == []
    # With both, the entries below the size whose clock is at most known_at.
    assert await blocked(desk, basis="SOURCE", known_at="2026-01-15T00:00:00Z", size=f"{SHOP}:1") == ["A"]
    now = datetime.now(UTC).isoformat()
    assert await blocked(desk, basis="SOURCE", known_at=now, size=f"{SHOP}:2") == ["A", "B"]


async def test_a_fact_of_a_day_is_certain_at_its_end_and_possible_from_its_start(desk: Desk) -> None:
    await desk.tell(block("A", "R1", "2026-01-09T17:00:00Z") | {"timeprecision": "DAY"})
    for as_of, certain, possible in (
        ("2026-01-09T16:59:59Z", [], []),
        ("2026-01-09T17:00:00Z", [], ["A"]),
        ("2026-01-10T16:59:59.999998Z", [], ["A"]),
        ("2026-01-10T16:59:59.999999Z", ["A"], ["A"]),
    ):
        assert await blocked(desk, as_of=as_of) == certain
        assert await blocked(desk, as_of=as_of, certainty="POSSIBLE") == possible


QUESTIONS = (
    "/v1/listings",
    "/v1/restrictions",
    "/v1/sellers",
    "/v1/takedowns",
    "/v1/disputes",
    "/v1/subject?subject=listing:shop:A",
    "/v1/subject/history?subject=listing:shop:A",
)


@pytest.mark.parametrize("certainty", ["CERTAIN", "POSSIBLE"])
@pytest.mark.parametrize("basis", ["LEDGER", "SOURCE"])
async def test_the_same_question_with_the_answered_sizes_gives_the_same_bytes_later(
    desk: Desk, certainty: str, basis: str
) -> None:
    await desk.tell(*story())
    await desk.tell(published("A"), log=OPEN)
    asked: dict[str, bytes] = {}
    for path in QUESTIONS:
        mark = "&" if "?" in path else "?"
        first = await desk.get(f"{path}{mark}certainty={certainty}&basis={basis}")
        sizes = "".join(f"&size={slug}:{log['size']}" for slug, log in first["logs"].items())
        question = f"{path}{mark}certainty={certainty}&basis={basis}&as_of={first['as_of']}{sizes}"
        asked[question] = (await desk.ask("GET", question)).content
        assert msgspec.json.decode(asked[question]) == first
    await desk.tell(
        voided("v", "listing:shop:A", "block-A-R1"),
        corrected("c", "listing:shop:B", "block-B-R2", time="2026-01-02T00:00:00Z"),
        block("C", "R9", "2026-01-05T12:00:00Z"),
        event("u", "SellerSuspensionLifted", "seller:shop:T", restriction_id="R4"),
        *[published(f"X{number}") for number in range(300)],
    )
    for question, before in asked.items():
        assert (await desk.ask("GET", question)).content == before, question


async def test_without_known_at_an_answer_is_as_of_what_the_views_have_followed(desk: Desk) -> None:
    await desk.tell(block("A", "R1"))
    assert (await desk.send(block("B", "R1"))).status_code == 201
    answer = await desk.get("/v1/listings", as_of=LATER)
    assert [item["subject"] for item in answer["items"]] == ["listing:shop:A"]
    assert (answer["logs"][SHOP]["size"], (await desk.get(f"/v1/logs/{SHOP}"))["views_behind"]) == (1, 1)
    await desk.follow()
    assert (await desk.get("/v1/listings", as_of=LATER))["logs"][SHOP]["size"] == 2


async def test_views_that_do_not_get_there_are_told_to_be_asked_again(desk: Desk) -> None:
    assert (await desk.send(block("A", "R1"))).status_code == 201
    response = await desk.ask("GET", "/v1/listings", size=f"{SHOP}:1")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/busy")
    assert int(response.headers["retry-after"]) >= 1


async def test_answers_name_the_root_over_the_entries_they_are_from(desk: Desk) -> None:
    await desk.tell(block("A", "R1"), block("B", "R1"))
    log = await desk.get(f"/v1/logs/{SHOP}")
    answer = await desk.get("/v1/listings")
    assert answer["logs"] == {
        SHOP: {"size": 2, "root": log["root"]},
        OPEN: {"size": 0, "root": (await desk.get(f"/v1/logs/{OPEN}"))["root"]},
    }
    assert sorted((await desk.get("/v1/listings", who="operator"))["logs"]) == [OPEN, RIVAL, SHOP]
