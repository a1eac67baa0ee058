"""Claims held against what is known: verdicts, coverage, counterexamples, their record (domain.md D10, Q6 to Q8)."""

import hashlib
from collections.abc import Sequence

import msgspec
import pytest

from api.audit import SLUG
from ledger.entry import read_entry
from tests.api.desk import OPEN, RIVAL, SHOP, Desk, Event, Json, block, event, published, registered
from tests.api.storied import tell_story
from tests.shared import needs_shared

LATER = "2026-02-01T00:00:00Z"
CLAIM = "claim:shop:all"
VERIFIED: Event = {"field": "verification", "op": "eq", "value": "VERIFIED"}
LOCAL: Event = {"field": "country", "op": "eq", "value": "ID"}
SHIPPED_HERE: Event = {"field": "ship_from_country", "op": "eq", "value": "ID"}


def attached(name: str, predicate: Event, claim: str = CLAIM, **data: Json) -> Event:
    """Return that a predicate was attached to a claim: of active sellers, unless it says otherwise."""
    data = {"reading": "LITERAL", "applies_to": "SELLER", "population": {"log": SHOP, "status": "ACTIVE"}, **data}
    return event(f"{name}-of-{claim}", "ClaimPredicateAttached", claim, predicate_id=name, predicate=predicate, **data)


def verified(name: str, time: str = "2026-01-03T00:00:00Z") -> Event:
    return event(f"ver-{name}", "SellerVerified", f"seller:shop:{name}", time, verification_id="V1")


async def evaluate(desk: Desk, name: str, *, who: str = "operator", **body: Json) -> Json:
    """Return the answer to an evaluation that must be good."""
    asked = {"claim": CLAIM, "predicate_id": name, "as_of": LATER, **body}
    response = await desk.ask("POST", "/v1/claims/evaluations", who=who, content=msgspec.json.encode(asked))
    assert response.status_code == 200, response.text
    return response.json()


async def refused(desk: Desk, who: str = "operator", **body: Json) -> tuple[int, str]:
    """Return the status and the code of the problem that an evaluation meets."""
    asked = {"claim": CLAIM, "predicate_id": "P", **body}
    response = await desk.ask("POST", "/v1/claims/evaluations", who=who, content=msgspec.json.encode(asked))
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def figures(answer: Json) -> tuple[Json, ...]:
    return tuple(answer[name] for name in ("verdict", "population_n", "tested_n", "coverage"))


@pytest.fixture
async def claimed(desk: Desk) -> Desk:
    """Return a desk with three active sellers, two of them verified, one of an unknown country."""
    await desk.tell(
        registered("A", country="ID"),
        registered("B", country="ID"),
        registered("C"),
        registered("D", country="CN"),
        verified("A"),
        verified("C"),
        event("closed", "SellerAccountClosed", "seller:shop:D", "2026-01-08T00:00:00Z"),
    )
    return desk


async def test_one_counterexample_falsifies_a_claim_whatever_else_is_not_known(claimed: Desk) -> None:
    await claimed.tell(attached("BOTH", {"all": [VERIFIED, LOCAL]}, size_claimed=1000))
    answer = await evaluate(claimed, "BOTH")
    assert figures(answer) == ("FALSIFIED", 3, 2, "0.003")
    assert answer["counterexamples"] == ["seller:shop:B"]
    assert answer["undetermined"] == [{"subject": "seller:shop:C", "missing": ["country"]}]
    assert (answer["counterexamples_n"], answer["undetermined_n"]) == (1, 1)
    assert answer["counterexamples_sha256"] == hashlib.sha256(b"seller:shop:B\n").hexdigest()


@pytest.mark.parametrize(
    ("predicate", "size_claimed", "expected"),
    [
        ({"any": [VERIFIED, LOCAL]}, None, ("CONFIRMED", 3, 3, "1")),
        ({"any": [VERIFIED, LOCAL]}, 3, ("CONFIRMED", 3, 3, "1")),
        ({"any": [VERIFIED, LOCAL]}, 2, ("CONFIRMED", 3, 3, "1")),
        ({"any": [VERIFIED, LOCAL]}, 4, ("NOT_FALSIFIED", 3, 3, "0.75")),
        ({"any": [VERIFIED, LOCAL]}, 3_000_000_001, ("NOT_FALSIFIED", 3, 3, "0")),
        ({"any": [VERIFIED, LOCAL]}, 7, ("NOT_FALSIFIED", 3, 3, "0.428571428")),
        (LOCAL, None, ("UNDETERMINED", 3, 2, "1")),  # all were asked, and one cannot be told
        (LOCAL, 4, ("UNDETERMINED", 3, 2, "0.75")),
        (VERIFIED, None, ("FALSIFIED", 3, 3, "1")),
    ],
)
async def test_a_verdict_follows_from_counterexamples_gaps_and_coverage(
    claimed: Desk, predicate: Event, size_claimed: int | None, expected: Sequence[Json]
) -> None:
    claimed_size: Event = {} if size_claimed is None else {"size_claimed": size_claimed}
    await claimed.tell(attached("P", predicate, **claimed_size))
    assert figures(await evaluate(claimed, "P")) == expected


async def test_the_size_that_the_claim_itself_states_counts_where_its_reading_states_none(claimed: Desk) -> None:
    said: Event = {"reference_time": "2026", "population": {"size_claimed": 6}}
    await claimed.tell(event("said", "ClaimPublished", CLAIM, **said), attached("P", {"any": [VERIFIED, LOCAL]}))
    assert figures(await evaluate(claimed, "P")) == ("NOT_FALSIFIED", 3, 3, "0.5")


async def test_of_nobody_nothing_is_determined(desk: Desk) -> None:
    await desk.tell(attached("P", VERIFIED))
    assert figures(await evaluate(desk, "P")) == ("UNDETERMINED", 0, 0, "0")


async def test_a_population_is_that_of_the_date_and_of_what_was_known(claimed: Desk) -> None:
    await claimed.tell(attached("P", VERIFIED))
    size = await claimed.size()
    assert figures(await evaluate(claimed, "P", as_of="2026-01-05T00:00:00Z")) == ("FALSIFIED", 4, 4, "1")
    await claimed.tell(verified("B"))
    sizes = {SHOP: size, OPEN: 0, RIVAL: 0}
    assert figures(await evaluate(claimed, "P")) == ("CONFIRMED", 3, 3, "1")
    before = await evaluate(claimed, "P", sizes={SHOP: size})
    assert figures(before) == ("FALSIFIED", 3, 3, "1")
    assert before["logs"][SHOP]["size"] == size
    assert await refused(claimed, sizes=sizes) == (422, "unknown-size")


async def test_the_same_question_has_the_same_manifest(claimed: Desk) -> None:
    await claimed.tell(attached("P", VERIFIED))
    first = await evaluate(claimed, "P")
    second = await evaluate(claimed, "P", sizes={SHOP: first["logs"][SHOP]["size"]})
    assert second.pop("recorded") != first.pop("recorded")
    assert second == first
    manifest = first["manifest"]
    assert first["manifest_sha256"] == hashlib.sha256(msgspec.json.encode(manifest, order="sorted")).hexdigest()
    assert {name: manifest[name] for name in ("claim", "predicate_id", "population", "subject_count", "as_of")} == {
        "claim": CLAIM,
        "predicate_id": "P",
        "population": {"log": SHOP, "status": "ACTIVE"},
        "subject_count": 3,
        "as_of": "2026-02-01T00:00:00.000000Z",
    }
    assert manifest["counterexamples_sha256"] == first["counterexamples_sha256"]


async def test_every_evaluation_is_recorded_in_the_audit_log(claimed: Desk) -> None:
    await claimed.tell(attached("P", VERIFIED, size_claimed=10))
    known_at = (await claimed.get(f"/v1/logs/{SHOP}"))["last_recordedtime"]
    first, answer = [await evaluate(claimed, "P", known_at=known_at) for _ in range(2)]
    places = [(one["recorded"]["log"], one["recorded"]["position"]) for one in (first, answer)]
    assert places == [(SLUG, 0), (SLUG, 1)]
    path = f"/v1/logs/{SLUG}/events/{answer['recorded']['id']}/entry"
    entry = (await claimed.ask("GET", path, who="operator")).content
    recorded = read_entry(entry)
    assert (recorded.type, recorded.subject, recorded.authrole) == ("ClaimEvaluated", CLAIM, "SYSTEM")
    names = ("predicate_id", "verdict", "population_n", "tested_n", "coverage", "counterexamples_n", "undetermined_n")
    hashes = ("counterexamples_sha256", "manifest_sha256")
    assert msgspec.json.decode(recorded.data) == {
        **{name: answer[name] for name in (*names, *hashes)},
        "as_of": "2026-02-01T00:00:00.000000Z",
        "known_at": known_at,
    }
    log = await claimed.get(f"/v1/logs/{SLUG}", who="operator")
    assert (log["kind"], log["data_class"], log["timezone"], log["jurisdiction"]) == (
        "AUDIT",
        "RESTRICTED",
        "UTC",
        None,
    )
    assert (await claimed.ask("GET", f"/v1/logs/{SLUG}")).status_code == 403
    await claimed.follow()
    (item,) = (await claimed.get("/v1/claims", who="operator", log=SLUG))["items"]
    assert (item["subject"], item["state"], item["verdict"]) == (CLAIM, "EVALUATED", "FALSIFIED")
    # The audit log is in UTC, and makes no date of the others' ambiguous.
    await claimed.get("/v1/sellers", who="operator", as_of="2026-01-05", log=[SHOP, SLUG])


async def test_a_claim_about_listings_sees_what_is_visible(desk: Desk) -> None:
    of_listings: Event = {"applies_to": "LISTING", "population": {"log": SHOP, "status": "VISIBLE"}}
    local_seller: Event = {"field": "seller.country", "op": "eq", "value": "ID"}
    await desk.tell(
        registered("S", country="ID"),
        published("L1", ship_from_country="ID", seller_id="seller:shop:S"),
        published("L2", ship_from_country="CN", seller_id="seller:shop:S"),
        published("L3", ship_from_country="SG"),
        block("L3", "K1"),
        attached("SHIP", SHIPPED_HERE, **of_listings),
        attached("SELLER", local_seller, **of_listings),
    )
    answer = await evaluate(desk, "SHIP")
    assert (figures(answer), answer["counterexamples"]) == (("FALSIFIED", 2, 2, "1"), ["listing:shop:L2"])
    assert figures(await evaluate(desk, "SELLER")) == ("CONFIRMED", 2, 2, "1")
    earlier = await evaluate(desk, "SELLER", as_of="2026-01-06T00:00:00Z")
    assert figures(earlier) == ("UNDETERMINED", 3, 2, "1")


async def test_the_first_counterexample_of_a_time_is_found(desk: Desk) -> None:
    of_listings: Event = {"applies_to": "LISTING", "population": {"log": SHOP, "status": "PUBLISHED"}}
    moved: Event = {"ship_from_country": {"to": "ID"}}
    await desk.tell(
        published("L1", "2026-01-08T00:00:00Z", ship_from_country="CN"),
        published("L2", "2026-01-06T20:00:00Z", ship_from_country="CN"),
        published("L3", "2026-01-10T00:00:00Z", ship_from_country="CN"),
        event("gone-3", "ListingWithdrawn", "listing:shop:L3", "2026-01-11T00:00:00Z"),
        event("back", "ListingAttributesChanged", "listing:shop:L2", "2026-01-07T00:00:00Z", changed=moved),
        event("gone", "ListingWithdrawn", "listing:shop:L1", "2026-01-09T00:00:00Z"),
        attached("SHIP", SHIPPED_HERE, **of_listings),
    )
    answer = await evaluate(desk, "SHIP", **{"from": "2026-01-07"})  # begins at 17:00 UTC of the day before
    assert figures(answer) == ("CONFIRMED", 1, 1, "1")
    assert answer["from"] == "2026-01-06T17:00:00.000000Z"
    assert answer["first_counterexample"] == {"at": "2026-01-06T20:00:00.000000Z", "subject": "listing:shop:L2"}
    later = await evaluate(desk, "SHIP", **{"from": "2026-01-08T12:00:00Z"})
    assert later["first_counterexample"] == {"at": "2026-01-08T12:00:00.000000Z", "subject": "listing:shop:L1"}
    assert (await evaluate(desk, "SHIP", **{"from": "2026-01-12"}))["first_counterexample"] is None
    assert "first_counterexample" not in await evaluate(desk, "SHIP")


async def test_what_cannot_be_evaluated_is_refused(desk: Desk) -> None:
    nowhere: Event = {"population": {"log": "nowhere", "status": "ACTIVE"}}
    rivals: Event = {"population": {"log": RIVAL, "status": "ACTIVE"}}
    await desk.tell(
        event("said", "ClaimPublished", CLAIM, reference_time="2026"),
        attached("P", VERIFIED, "claim:shop:other"),
        attached("NOWHERE", VERIFIED, **nowhere),
        attached("RIVALS", VERIFIED, **rivals),
    )
    await desk.tell(attached("P", VERIFIED, "claim:shop:twice"))
    await desk.tell(attached("P", VERIFIED, "claim:shop:twice"), log=OPEN)
    assert await refused(desk) == (422, "not-evaluable")
    assert await refused(desk, predicate_id="NOWHERE") == (422, "not-evaluable")
    assert await refused(desk, who="writer", predicate_id="RIVALS") == (403, "forbidden")
    assert await refused(desk, claim="claim:shop:none") == (404, "not-found")
    assert await refused(desk, claim="claim:shop:twice") == (422, "ambiguous-claim")
    assert await refused(desk, claim="claim:shop:twice", log="nowhere") == (404, "unknown-log")
    assert await refused(desk, who="other", log=SHOP) == (403, "forbidden")
    assert await refused(desk, claim="claim:shop:other", known_at="2020-01-01") == (422, "not-evaluable")
    assert await refused(desk, claim="claim:shop:other", as_of="2026-01-01", **{"from": "2026-01-03"}) == (
        422,
        "invalid-time",
    )
    bad: list[Event] = [
        {"claim": "seller:x"},
        {"predicate_id": 7},
        {"colour": "red"},
        {"sizes": {SHOP: -1}},
        {"from": "x"},
    ]
    for body in bad:
        assert await refused(desk, **body) == (422, "invalid-event")
    response = await desk.ask("POST", "/v1/claims/evaluations", who="operator", content=b"{")
    assert response.status_code == 400


@needs_shared
async def test_the_claim_of_the_story_holds_until_what_is_known_changes(clocked_desk: Desk) -> None:
    await tell_story(clocked_desk, "tiktok-shop-id", "public-record")

    async def asked(reading: str, known_at: str) -> tuple[str, int, str, list[str]]:
        when = {"as_of": "2023-07-26", "known_at": known_at}
        claim = {"claim": "claim:tiktok:c1-literal", **when}
        answer = await evaluate(clocked_desk, f"P_VERIFIED_LOCAL_{reading}", **claim)
        names = [subject.rpartition(":")[2] for subject in answer["counterexamples"]]
        return answer["verdict"], answer["population_n"], answer["coverage"], names

    assert await asked("LITERAL", "2023-07-27") == ("NOT_FALSIFIED", 2000, "0.001", [])  # A24
    assert await asked("LITERAL", "2023-09-01") == ("FALSIFIED", 2000, "0.001", ["TT0001", "TT0002"])  # A25
    assert await asked("STRICT", "2023-07-27") == ("FALSIFIED", 2000, "0.001", ["TT0104", "TT0105"])  # A26
