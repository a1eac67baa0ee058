"""Breaches of policies' rules: who, from when until when, and what cannot be told (domain.md 7.6, Q1 to Q3, Q35)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.desk import OPEN, SHOP, Desk, Event, Json, block, corrected, event, published, registered, reinstated
from tests.api.storied import tell_story
from tests.histories import append_plain
from tests.shared import needs_shared

LATER = "2026-02-01T00:00:00Z"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ALL: dict[str, Json] = {"ended": ["true", "false"]}
Found = tuple[str, str, str, str | None]
"""Native id, status, from, to; instants without what is always zero."""


def rule(name: str, when: Event, time: str = "2026-01-01T00:00:00Z", number: int = 1, **data: Json) -> Event:
    """Return that a version of the one rule of a policy was defined."""
    data = {"applies_to": "LISTING", "then": "PROHIBIT_VISIBLE", **data}
    subject, version = f"policy:shop:{name}", str(number)
    return event(
        f"rule-{name}-{number}", "PolicyRuleDefined", subject, time, rule_id=name, version=version, when=when, **data
    )


def is_in(cluster: str) -> Event:
    return {"field": "cluster", "op": "eq", "value": cluster}


def imported(cluster: str) -> Event:
    """Return the predicate of a cluster that is closed to imports."""
    return {
        "all": [
            is_in(cluster),
            {"field": "ship_from_country", "op": "ne", "value": "ID"},
            {"field": "destination_countries", "op": "contains", "value": "ID"},
        ]
    }


def offered(name: str, cluster: str, time: str = "2026-01-05T00:00:00Z", **data: Json) -> Event:
    """Return that a listing of a cluster went live, shipped from China to Indonesia."""
    data = {"cluster": cluster, "ship_from_country": "CN", "destination_countries": ["ID"], **data}
    return published(name, time, **{member: value for member, value in data.items() if value is not None})


def told_of(event_id: str, event_type: str, subject: str, day: int, **data: Json) -> Event:
    return event(event_id, event_type, subject, f"2026-01-{day:02}T00:00:00Z", **data)


async def asked(desk: Desk, name: str, as_of: str = LATER, **query: Json) -> list[Found]:
    """Return what is found of a policy's breaches; the count must be theirs."""
    query = {"policy": f"policy:shop:{name}", "as_of": as_of, **query}
    answer = await desk.get("/v1/breaches", **query)
    assert (await desk.get("/v1/breaches", count="true", **query))["count"] == len(answer["items"])
    return [
        (item["subject"].rpartition(":")[2], item["status"], short(item["from"]), short(item["to"]))
        for item in answer["items"]
    ]


def short(instant: str | None) -> Any:  # noqa: ANN401 - text or None
    return instant and instant.removesuffix(":00.000000Z").replace("2026-01-", "")


async def test_a_breach_lasts_while_rule_visibility_and_predicate_meet(shared_desk: Desk) -> None:
    await shared_desk.tell(
        rule("meet", imported("MEET"), "2026-01-08T00:00:00Z"),
        offered("M1", "MEET"),
        offered("M2", "MEET", "2026-01-20T00:00:00Z"),
        offered("M3", "MEET", ship_from_country="ID"),
        offered("M4", "MEET", ship_from_country=None),
        offered("M5", "OTHER"),
        block("M1", "K1", "2026-01-10T03:00:00Z"),
        reinstated("M1", "K1", "2026-01-12T03:00:00Z"),
        told_of("m4", "ListingAttributesChanged", "listing:shop:M4", 15, changed={"ship_from_country": {"to": "CN"}}),
    )
    assert await asked(shared_desk, "meet", **ALL) == [
        ("M1", "VIOLATING", "08T00:00", "10T03:00"),
        ("M1", "VIOLATING", "12T03:00", None),
        ("M2", "VIOLATING", "20T00:00", None),
        ("M4", "UNDETERMINED", "08T00:00", "15T00:00"),
        ("M4", "VIOLATING", "15T00:00", None),
    ]
    assert await asked(shared_desk, "meet", as_of="2026-01-11T00:00:00Z") == [("M4", "UNDETERMINED", "08T00:00", None)]
    assert await asked(shared_desk, "meet", as_of="2026-01-10T02:59:59Z", status="VIOLATING") == [
        ("M1", "VIOLATING", "08T00:00", None)
    ]
    assert await asked(shared_desk, "meet", as_of="2026-01-07T23:59:59Z", **ALL) == []
    assert await asked(shared_desk, "meet", ended="true", status="UNDETERMINED") == [
        ("M4", "UNDETERMINED", "08T00:00", "15T00:00")
    ]


async def test_an_item_says_all_that_is_known_of_a_breach(shared_desk: Desk) -> None:
    await shared_desk.tell(
        rule("whole", imported("WHOLE"), severity="BREACH"),
        offered("W1", "WHOLE", "2026-01-05T20:00:00Z", ship_from_country=None, seller_id="seller:shop:W"),
        block("W1", "K1", "2026-01-07T16:59:59.999999Z"),
    )
    (item,) = (await shared_desk.get("/v1/breaches", subject="listing:shop:W1", as_of=LATER, ended="true"))["items"]
    assert item == {
        "log": SHOP,
        "subject": "listing:shop:W1",
        "policy": "policy:shop:whole",
        "policy_log": SHOP,
        "rule": "whole",
        "rule_version": "1",
        "severity": "BREACH",
        "status": "UNDETERMINED",
        "from": "2026-01-05T20:00:00.000000Z",
        "to": "2026-01-07T16:59:59.999999Z",
        "ended": True,
        "enforced": True,
        "seller": "seller:shop:W",
        "cluster": "WHOLE",
        "missing": ["ship_from_country"],
        "listing_days": 2,  # in Jakarta it began on the 6th and ended on the 7th
    }
    (going_on,) = (await shared_desk.get("/v1/breaches", subject="listing:shop:W1", as_of="2026-01-05T23:00:00Z"))[
        "items"
    ]
    assert going_on == {**item, "to": None, "ended": False, "listing_days": 1}


async def test_a_rule_that_is_suspended_superseded_or_repealed_is_not_breached(shared_desk: Desk) -> None:
    policy = "policy:shop:life"
    await shared_desk.tell(
        offered("F1", "LIFE", "2026-01-01T00:00:00Z"),
        rule("life", is_in("LIFE"), "2026-01-03T00:00:00Z"),
        told_of("life-a", "PolicyAnnounced", policy, 2, kind="PLATFORM_TERMS"),
        told_of("life-s", "PolicySuspended", policy, 5),
        told_of("life-r", "PolicyResumed", policy, 7),
        rule("life", is_in("LIFE"), "2026-01-09T00:00:00Z", 2),
        rule("life", imported("NOBODY"), "2026-01-11T00:00:00Z", 3),
        rule("life", is_in("LIFE"), "2026-01-13T00:00:00Z", 4),
        told_of("life-x", "PolicyRepealed", policy, 15),
        rule("life", is_in("LIFE"), "2026-01-17T00:00:00Z", 5),
        told_of("life-g", "EnforcementGraceGranted", policy, 17, until="2026-01-19T00:00:00Z"),
    )
    assert await asked(shared_desk, "life", **ALL) == [
        ("F1", "VIOLATING", "03T00:00", "05T00:00"),
        ("F1", "VIOLATING", "07T00:00", "09T00:00"),
        ("F1", "VIOLATING", "09T00:00", "11T00:00"),
        ("F1", "VIOLATING", "13T00:00", "15T00:00"),
        ("F1", "VIOLATING", "17T00:00", None),
    ]
    answer = await shared_desk.get("/v1/breaches", policy=policy, as_of="2026-01-18T00:00:00Z", **ALL)
    assert [item["rule_version"] for item in answer["items"]] == ["1", "1", "2", "4", "5"]
    assert [item["enforced"] for item in answer["items"]] == [False] * 5
    assert (await shared_desk.get("/v1/breaches", policy=policy, as_of=LATER))["items"][0]["enforced"]


async def test_everything_that_hides_a_listing_ends_its_breach(shared_desk: Desk) -> None:
    ban: Event = {"restriction_id": "B", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    hold: Event = {
        "restriction_id": "H",
        "decision_account": "DECISION_ACCOUNT_SUSPENDED",
        "end_at": "2026-01-20T00:00:00Z",
    }
    held: Event = {"restriction_id": "P", "decision_monetary": "DECISION_MONETARY_SUSPENSION"}
    stop: Event = {"service": "MARKETPLACE", "country": "ID"}
    demoted: Event = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DEMOTED"]}
    await shared_desk.tell(
        rule("hide", is_in("HIDE")),
        offered("H1", "HIDE", seller_id="seller:shop:HB"),
        offered("H2", "HIDE", seller_id="seller:shop:HS"),
        offered("H3", "HIDE") | {"subject": "listing:mall:H3"},
        offered("H4", "HIDE"),
        offered("H5", "HIDE"),
        offered("H6", "HIDE"),
        told_of("hide-1", "SellerBanned", "seller:shop:HB", 10, **ban),
        told_of("hide-2", "SellerSuspended", "seller:shop:HS", 10, **hold),
        told_of("hide-3", "ServiceSuspended", "platform:mall", 10, **stop),
        offered("H7", "HIDE", seller_id="seller:shop:HP"),
        told_of("hide-5", "SellerPaymentsRestricted", "seller:shop:HP", 8, **held),
        told_of("hide-6", "ServiceSuspended", "platform:mall", 8, service="CHECKOUT", country="ID"),
        told_of("hide-4", "ListingWithdrawn", "listing:shop:H4", 10),
        block("H5", "K1", territorial_scope=["MY"]),
        block("H6", "K1", **demoted),
    )
    assert await asked(shared_desk, "hide", **ALL) == [
        ("H3", "VIOLATING", "05T00:00", "10T00:00"),
        ("H1", "VIOLATING", "05T00:00", "10T00:00"),
        ("H2", "VIOLATING", "05T00:00", "10T00:00"),
        ("H2", "VIOLATING", "20T00:00", None),
        ("H4", "VIOLATING", "05T00:00", "10T00:00"),
        ("H5", "VIOLATING", "05T00:00", None),
        ("H6", "VIOLATING", "05T00:00", None),
        ("H7", "VIOLATING", "05T00:00", None),
    ]
    for as_of in ("2026-01-09T00:00:00Z", "2026-01-15T00:00:00Z", LATER):
        visible = await shared_desk.get("/v1/listings", cluster="HIDE", visible="true", country="ID", as_of=as_of)
        violating = await shared_desk.get("/v1/breaches", rule="hide", as_of=as_of)
        assert [one["subject"] for one in visible["items"]] == [one["subject"] for one in violating["items"]]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["ID"]),
        ({"country": "MY"}, ["MY"]),
        ({"jurisdiction": ["MY", "SG"]}, ["MY", "SG"]),
        ({"country": "GB"}, []),
    ],
)
async def test_a_rule_is_breached_only_where_it_holds(shared_desk: Desk, params: Event, found: list[str]) -> None:
    name = f"where-{'-'.join(str(value) for value in params.values())}".translate({ord(mark): None for mark in "[]', "})
    await shared_desk.tell(
        rule(name, is_in(name), params=params),
        *(offered(f"{name}-{country}", name, destination_countries=[country]) for country in ("ID", "MY", "SG")),
    )
    assert [row[0] for row in await asked(shared_desk, name)] == [f"{name}-{country}" for country in found]


async def test_a_law_holds_in_the_country_of_its_version_in_force(shared_desk: Desk) -> None:
    version = {"version": "1", "adopted_on": "2026-01-01", "jurisdiction": ["MY"]}
    await shared_desk.tell(
        rule("law", is_in("LAW")),
        told_of("law-v", "PolicyVersionAdopted", "policy:shop:law", 10, **version),
        offered("A1", "LAW"),
        offered("A2", "LAW", destination_countries=["MY"]),
    )
    assert await asked(shared_desk, "law", **ALL) == [
        ("A1", "VIOLATING", "05T00:00", "10T00:00"),
        ("A2", "VIOLATING", "10T00:00", None),
    ]


def money(amount_minor: int, currency: str) -> Event:
    return {"amount_minor": amount_minor, "currency": currency}


@pytest.mark.parametrize("then", ["PROHIBIT_VISIBLE", "PRICE_FLOOR"])
async def test_a_price_floor_is_in_dollars_at_the_listings_own_rate(shared_desk: Desk, then: str) -> None:
    name = f"floor-{then.lower()}"
    cheap: Event = {"field": "price_usd", "op": "lt", "value": "100.00"}
    when = {"all": [is_in(name), cheap]} if then == "PROHIBIT_VISIBLE" else is_in(name)
    rate: Event = {"quote": "USD", "rate": "0.0001", "rate_date": "2026-01-05"}
    prices: dict[str, Event] = {
        "a": {"price": money(9999, "USD")},
        "b": {"price": money(10000, "USD")},  # exactly 100.00 is allowed
        "c": {"price": money(99_999_999, "IDR"), "fx": rate},  # rupiah have two digits in ISO 4217: 99.99 dollars
        "d": {"price": money(100_000_000, "IDR"), "fx": rate},
        "e": {"price": money(1_000_000, "JPY"), "fx": rate},  # yen have none
        "f": {"price": money(1, "IDR")},
        "g": {"price": money(1, "IDR"), "fx": {"quote": "SGD", "rate": "0.0001"}},
        "h": {},
    }
    await shared_desk.tell(
        rule(name, when, then=then, params={"usd": "100.00"}),
        *(offered(f"{name}-{key}", name, **price) for key, price in prices.items()),
    )
    found = [(row[0][-1], row[1]) for row in await asked(shared_desk, name)]
    violating, undetermined = "ac", "fgh"
    assert found == [(key, "VIOLATING") for key in violating] + [(key, "UNDETERMINED") for key in undetermined]


async def test_goods_on_the_positive_list_of_the_version_then_in_force_are_free(shared_desk: Desk) -> None:
    def unless(*codes: str) -> Event:
        return {"all": [is_in("GOODS"), {"field": "hs_code", "op": "nin", "value": list(codes)}]}

    await shared_desk.tell(
        rule("goods", unless("49019990", "85234999")),
        rule("goods", unless("49019990"), "2026-01-10T00:00:00Z", 2),
        offered("G1", "GOODS", hs_code="85234999"),
        offered("G2", "GOODS", hs_code="49019990"),
        offered("G3", "GOODS"),
    )
    assert await asked(shared_desk, "goods") == [
        ("G1", "VIOLATING", "10T00:00", None),
        ("G3", "UNDETERMINED", "10T00:00", None),
    ]


async def test_a_rule_may_ask_something_of_every_visible_listing(shared_desk: Desk) -> None:
    marked: Event = {"any": [{"not": is_in("MARK")}, {"field": "conformity", "op": "contains", "value": "SNI"}]}
    first, second = {"seller_id": "seller:shop:K1"}, {"seller_id": "seller:shop:K2"}
    ban: Event = {"restriction_id": "B", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    await shared_desk.tell(
        rule("mark", marked, then="REQUIRE"),
        offered("K1", "MARK", conformity=[{"mark": "SNI", "valid_to": "2026-01-09"}, {"mark": "HALAL"}], **first),
        offered("K2", "MARK", conformity=[{"mark": "SNI"}], **first),
        offered("K3", "MARK", **first),
        offered("K3", "MARK", "2026-01-12T00:00:00Z", **second) | {"id": "pub-K3-again"},
        told_of("mark-ban", "SellerBanned", "seller:shop:K1", 10, **ban),
    )
    assert await asked(shared_desk, "mark", subject_prefix="listing:shop:K", **ALL) == [
        ("K1", "VIOLATING", "09T17:00", "10T00:00"),  # a date holds to its end in Jakarta
        ("K3", "UNDETERMINED", "05T00:00", "10T00:00"),
        ("K3", "UNDETERMINED", "12T00:00", None),
    ]
    assert [row[0] for row in await asked(shared_desk, "mark", seller="seller:shop:K2")] == ["K3"]


async def test_a_cluster_is_that_of_the_taxonomy_in_force_where_none_is_declared(desk: Desk) -> None:
    taxonomy = "taxonomy:shop:catalogue"
    await desk.tell(
        rule("tax", is_in("TAX")),
        told_of("tax-1", "TaxonomyVersionPublished", taxonomy, 1, version="1"),
        told_of("tax-2", "CategoryMapped", taxonomy, 1, category_code="c7", to_cluster="TAX", version="1"),
        told_of("tax-3", "CategoryMapped", taxonomy, 1, category_code="c7", to_cluster="FREE", version="2"),
        told_of("tax-4", "TaxonomyVersionPublished", taxonomy, 12, version="2"),
        offered("T1", "DECLARED", category_code="c7"),
        published("T2", category_code="c7"),
        published("T3", category_code="c8"),
    )
    assert await asked(desk, "tax", **ALL) == [
        ("T2", "VIOLATING", "05T00:00", "12T00:00"),
        ("T3", "UNDETERMINED", "05T00:00", None),
    ]
    assert await asked(desk, "tax", as_of="2026-01-11T00:00:00Z", cluster="TAX") == [
        ("T2", "VIOLATING", "05T00:00", None)
    ]


async def test_a_rule_may_ask_something_of_every_active_seller(shared_desk: Desk) -> None:
    said: Event = {
        "any": [
            {"field": "entity_class", "op": "eq", "value": "MICRO_ENTREPRENEUR"},
            {"field": "checks", "op": "contains", "value": "LICENCE"},
        ]
    }
    local = {"field": "country", "op": "eq", "value": "XA"}
    docs = {"any": [{"not": local}, said, {"field": "verification_status", "op": "eq", "value": "VERIFIED"}]}
    await shared_desk.tell(
        rule("docs", docs, "2026-01-04T00:00:00Z", applies_to="SELLER", then="REQUIRE"),
        registered("D1", country="ID"),
        registered("D2", country="ID"),
        told_of("docs-1", "SellerAccountClosed", "seller:shop:D2", 10),
        registered("D3"),
    )
    assert await asked(shared_desk, "docs", subject_prefix="seller:shop:D") == [
        ("D3", "UNDETERMINED", "04T00:00", None),
    ]
    must: Event = {"field": "verification_status", "op": "eq", "value": "VERIFIED"}
    await shared_desk.tell(
        rule("must", must, "2026-01-04T00:00:00Z", applies_to="SELLER", then="REQUIRE"),
        rule("abroad", must, applies_to="SELLER", then="REQUIRE", params={"country": "MY"}),
        told_of("must-1", "SellerVerified", "seller:shop:D1", 8, verification_id="V1", valid_to="2026-01-20T00:00:00Z"),
    )
    assert await asked(shared_desk, "must", subject_prefix="seller:shop:D", **ALL) == [
        ("D1", "VIOLATING", "04T00:00", "08T00:00"),
        ("D1", "VIOLATING", "20T00:00", None),
        ("D2", "VIOLATING", "04T00:00", "10T00:00"),
        ("D3", "VIOLATING", "04T00:00", None),
    ]
    assert [row[0] for row in await asked(shared_desk, "must", seller="seller:shop:D3")] == ["D3"]
    assert await asked(shared_desk, "abroad", **ALL) == []  # the sellers of this log are in Indonesia


async def test_a_social_commerce_platform_may_be_asked_for_its_services(shared_desk: Desk) -> None:
    takes_payment: Event = {
        "all": [
            {"field": "business_model", "op": "eq", "value": "SOCIAL_COMMERCE"},
            {"not": {"field": "service.CHECKOUT.ID", "op": "eq", "value": "SUSPENDED"}},
        ]
    }
    checkout: Event = {"service": "CHECKOUT", "country": "ID"}
    subject = "platform:social"
    await shared_desk.tell(
        rule("pay", takes_payment, applies_to="PLATFORM"),
        told_of("pay-1", "PlatformRegistered", subject, 3, slug="social", business_model="SOCIAL_COMMERCE"),
        told_of("pay-2", "ServiceSuspended", subject, 5, **checkout),
        told_of("pay-3", "ServiceResumed", subject, 9, **checkout),
    )
    assert await asked(shared_desk, "pay", subject=subject, **ALL) == [
        ("social", "UNDETERMINED", "03T00:00", "05T00:00"),
        ("social", "VIOLATING", "09T00:00", None),
    ]


async def test_certainty_decides_from_when_a_day_counts(shared_desk: Desk) -> None:
    day = {"timeprecision": "DAY"}
    await shared_desk.tell(
        rule("sure", is_in("SURE")),
        offered("S1", "SURE", "2026-01-05T17:00:00Z") | day,
        block("S1", "K1", "2026-01-09T17:00:00Z") | day,
    )
    assert await asked(shared_desk, "sure", **ALL) == [
        ("S1", "VIOLATING", "06T16:59:59.999999Z", "10T16:59:59.999999Z"),
    ]
    assert await asked(shared_desk, "sure", certainty="POSSIBLE", **ALL) == [
        ("S1", "VIOLATING", "05T17:00", "09T17:00"),
    ]


async def test_a_correction_changes_what_was_known_from_then_on_only(shared_desk: Desk) -> None:
    await shared_desk.tell(rule("late", is_in("LATE"), "2026-01-15T00:00:00Z"), offered("L1", "LATE"))
    size = await shared_desk.size()
    to: Event = {"time": "2026-01-07T00:00:00Z"}
    await shared_desk.tell(corrected("late-fix", "policy:shop:late", "rule-late-1", **to))
    assert await asked(shared_desk, "late") == [("L1", "VIOLATING", "07T00:00", None)]
    assert await asked(shared_desk, "late", size=f"{SHOP}:{size}", log=SHOP) == [("L1", "VIOLATING", "15T00:00", None)]


async def test_on_the_basis_of_the_source_only_what_it_knew_counts(shared_desk: Desk) -> None:
    early, late = {"sourcetime": "2026-01-05T00:00:00Z"}, {"sourcetime": "2026-01-15T00:00:00Z"}
    await shared_desk.tell(
        rule("source", is_in("SOURCE")) | early, offered("B1", "SOURCE") | early, block("B1", "K1") | late
    )
    query: dict[str, Json] = {"basis": "SOURCE", **ALL}
    assert await asked(shared_desk, "source", **query) == [("B1", "VIOLATING", "05T00:00", "10T03:00")]
    before = {**query, "known_at": "2026-01-14T00:00:00Z"}
    assert await asked(shared_desk, "source", **before) == [("B1", "VIOLATING", "05T00:00", None)]


async def test_policies_of_a_register_hold_and_the_logs_own_go_first(desk: Desk) -> None:
    register = await desk.service.create_log("laws", "REGISTER", "UTC", "MY", "PUBLIC")
    laws = [rule("reg", is_in("REG")), rule("own", is_in("OWN"))]
    await append_plain(desk.service.appender, register, [(EPOCH, laws)])
    await desk.tell(
        rule("own", is_in("ELSE")),
        offered("R1", "REG", destination_countries=["MY"]),  # the law holds where its register is
        offered("R2", "OWN"),
        offered("R3", "ELSE"),
        offered("R4", "REG", destination_countries=["ID"]),
    )
    items = (await desk.get("/v1/breaches", who="operator", log=SHOP, as_of=LATER))["items"]
    assert [(item["subject"], item["policy"], item["policy_log"]) for item in items] == [
        ("listing:shop:R1", "policy:shop:reg", "laws"),
        ("listing:shop:R3", "policy:shop:own", SHOP),
    ]


async def test_the_list_is_read_page_by_page_and_by_log(shared_desk: Desk) -> None:
    await shared_desk.tell(
        rule("page", is_in("PAGE")),
        *(offered(f"P{number}", "PAGE") for number in range(3)),
        block("P1", "K1", "2026-01-08T00:00:00Z"),
        reinstated("P1", "K1", "2026-01-09T00:00:00Z"),
    )
    query: dict[str, Json] = {"rule": "page", "as_of": LATER, **ALL}
    whole = (await shared_desk.get("/v1/breaches", **query))["items"]
    pages: list[Json] = []
    cursor: dict[str, Json] = {}
    while not pages or cursor["cursor"] is not None:
        page = await shared_desk.get("/v1/breaches", limit=1, **query, **cursor)
        pages += page["items"]
        cursor = {"cursor": page["next"]}
    assert pages == whole
    assert len(whole) == 4
    assert await asked(shared_desk, "page", log=OPEN) == []
    assert await asked(shared_desk, "page", log=SHOP, subject="listing:shop:P1", **ALL) == [
        ("P1", "VIOLATING", "05T00:00", "08T00:00"),
        ("P1", "VIOLATING", "09T00:00", None),
    ]
    assert (await shared_desk.refusal("/v1/breaches", colour="red"))[0] == 422


@needs_shared
async def test_the_closed_clusters_of_the_story_are_breached_by_these_listings(clocked_desk: Desk) -> None:
    await tell_story(clocked_desk, "lazada-id")
    textile = {"rule": "akar-textile_fashion"}

    async def listed(as_of: str, known_at: str, **query: Json) -> tuple[list[str], list[str]]:
        when = {"as_of": as_of, "known_at": known_at, "tz": "Asia/Jakarta", "log": "lazada-id"}
        items = (await clocked_desk.get("/v1/breaches", who="operator", **when, **query))["items"]
        names: dict[str, list[str]] = {"VIOLATING": [], "UNDETERMINED": []}
        for item in items:
            names[item["status"]].append(item["subject"].rpartition(":")[2])
        return names["VIOLATING"], names["UNDETERMINED"]

    assert await listed("2021-09-01", "2021-09-02", **textile) == (["L01", "L11", "L12"], ["L10"])  # A16
    assert await listed("2021-09-01", "2021-10-01", **textile) == (["L01", "L11"], ["L10"])  # A17
    assert await listed("2021-09-01", "2021-10-01") == (["L01", "L05", "L11"], ["L10"])  # A18
    assert await listed("2021-07-15", "2021-08-04", **textile) == ([], [])  # A19
    assert await listed("2021-07-15", "2021-08-06", **textile) == (["L01", "L02", "L09", "L12"], ["L10"])
