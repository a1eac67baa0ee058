"""What reports add up of questions that lists answer one by one: Q3, Q23, Q31, Q42."""

from tests.api.asking import Row, day, on, record
from tests.api.desk import Desk, Event, Json, block, corrected, event, published, voided
from tests.api.reporting import section, share

POLICY = "policy:shop:akar"


def prohibited(rule: str, cluster: str, time: str) -> Event:
    """Return a rule by which goods of a cluster that are shipped from abroad may not be visible."""
    when: Event = {
        "all": [
            {"field": "cluster", "op": "eq", "value": cluster},
            {"field": "ship_from_country", "op": "ne", "value": "ID"},
        ]
    }
    data = {
        "version": "1",
        "applies_to": "LISTING",
        "when": when,
        "then": "PROHIBIT_VISIBLE",
        "params": {"country": "ID"},
    }
    return event(f"rule-{rule}", "PolicyRuleDefined", POLICY, time, rule_id=rule, **data)


async def test_listing_days_in_breach_are_summed_by_cluster_and_clipped_to_the_period(clocked_desk: Desk) -> None:
    desk = clocked_desk
    textile: Event = {"cluster": "TEXTILE", "destination_countries": ["ID"], "ship_from_country": "CN"}
    await record(
        desk,
        "01-20",
        prohibited("textile", "TEXTILE", on("01-05", 0)),
        prohibited("craft", "CRAFT", on("01-05", 0)),
        published("L1", on("01-01"), **textile),
        published("L2", on("01-08"), **textile),
        published("L3", on("01-08"), **{**textile, "ship_from_country": None}),
        published("L4", on("01-08"), **{**textile, "cluster": "CRAFT"}),
        block("L4", "R", on("01-09")),
    )
    await record(desk, "01-25", block("L1", "R", on("01-10")))
    names = ("rule", "cluster", "status", "members", "breach_listing_days")

    async def exposure(as_of: str, known_at: str, **period: str) -> list[Row]:
        return await section(desk, "policy-compliance", "breaches", names, as_of, known_at=known_at, **period)

    craft, unknown = ("craft", "CRAFT", "VIOLATING", 1, 2), ("textile", "TEXTILE", "UNDETERMINED", 1, 8)
    assert await exposure("01-15", "01-20") == [craft, unknown, ("textile", "TEXTILE", "VIOLATING", 2, 11 + 8)]
    assert await exposure("01-15", "01-25") == [craft, unknown, ("textile", "TEXTILE", "VIOLATING", 2, 6 + 8)]
    week = {"from": day("01-09"), "to": day("01-11")}
    assert await exposure("01-15", "01-25", **week) == [
        ("craft", "CRAFT", "VIOLATING", 1, 1),
        ("textile", "TEXTILE", "UNDETERMINED", 1, 3),
        ("textile", "TEXTILE", "VIOLATING", 2, 2 + 3),
    ]
    by_month = ("month", "rule", "status", "members", "breach_listing_days")
    asked = {"known_at": "02-15", "to": day("02-28"), "rule": "textile"}
    assert await section(desk, "policy-compliance", "breach_months", by_month, "02-03", **asked) == [
        ("2026-01", "textile", "UNDETERMINED", 1, 24),
        ("2026-02", "textile", "UNDETERMINED", 1, 3),
        ("2026-01", "textile", "VIOLATING", 2, 6 + 24),
        ("2026-02", "textile", "VIOLATING", 1, 3),
    ]


async def test_the_deadlines_of_orders_are_told_by_authority_with_how_late_effect_was_given(clocked_desk: Desk) -> None:
    desk = clocked_desk

    def ordered(number: str, time: str, authority: str = "kominfo", **data: Json) -> list[Event]:
        subject = f"order:{authority}:{number}"
        law = [{"instrument_id": "policy:id-permenkominfo-5-2020"}]
        said = {"kind": "TAKEDOWN", "number": number, "urgency": "NORMAL", "legal_basis": law, **data}
        return [
            event(f"issued-{authority}-{number}", "OrderIssued", subject, time, **said),
            event(f"received-{authority}-{number}", "OrderReceived", subject, time),
        ]

    def given(number: str, time: str, authority: str = "kominfo") -> Event:
        said = {"extent": "FULL", "effect_at": time}
        return event(f"given-{authority}-{number}", "OrderEffectGiven", f"order:{authority}:{number}", time, **said)

    await record(
        desk,
        "01-15",
        *ordered("1", on("01-10", 0)),
        given("1", on("01-10", 20)),
        *ordered("2", on("01-10", 0)),
        given("2", on("01-11", 6)),
        *ordered("3", on("01-12", 0)),
        *ordered("1", on("01-14", 0), "bpom"),
    )
    await record(desk, "01-20", given("3", on("01-14", 0)))
    names = ("rule", "of", "deadlines", "met", "met_late", "missed", "n_open", "lag.values")

    async def kept(as_of: str, known_at: str) -> list[Row]:
        return await section(desk, "transparency", "deadlines", names, as_of, known_at=known_at)

    rule = "ID-KOMINFO5-NORMAL"
    assert await kept("01-14", "01-15") == [
        (rule, "bpom", 1, 0, 0, 0, 1, []),
        (rule, "kominfo", 3, 1, 1, 1, 0, ["6"]),
    ]
    assert await kept("01-20", "01-20") == [
        (rule, "bpom", 1, 0, 0, 1, 0, []),
        (rule, "kominfo", 3, 1, 2, 0, 0, ["6", "24"]),
    ]
    orders = ("by", "value", "orders", "given_effect", "time_to_effect.median", "time_to_effect.open_ages")
    rows = await section(desk, "transparency", "orders", orders, "01-14", known_at="01-15")
    assert [row[1:] for row in rows if row[0] == "authority"] == [
        ("bpom", 1, 0, None, ["24"]),
        ("kominfo", 3, 2, "25", ["72"]),
    ]


async def test_members_and_brands_are_drawn_month_by_month_certainly_and_possibly(clocked_desk: Desk) -> None:
    desk = clocked_desk
    month: Event = {"timeprecision": "MONTH", "timezone": "Asia/Jakarta"}

    def member(number: int, event_type: str, time: str, **data: Json) -> Event:
        name = data.pop("name", event_type)
        return event(f"{name}-{number}", event_type, f"membership:aaca:{number}", time, **data)

    joined: Event = {"body_id": "body:aaca", "tier": "MEMBER", "industries": ["TOYS"]}
    await record(
        desk,
        "03-31",
        member(1, "MembershipAdmitted", on("01-05"), party_id="party:1", **joined),
        member(1, "BrandAssociated", on("01-10"), brand_id="brand-a"),
        member(
            2, "MembershipAdmitted", on("02-01", 0), party_id="party:2", **{**joined, "industries": ["HOME", "TOYS"]}
        )
        | month,
        member(2, "BrandAssociated", on("03-02"), brand_id="brand-a"),
        member(2, "BrandAssociated", on("03-02"), brand_id="brand-b", name="second"),
        member(1, "MembershipEnded", on("03-20"), reason="LEFT"),
    )
    await record(desk, "04-05", voided("void", "membership:aaca:1", "MembershipEnded-1"))
    quarter = {"from": day("01-01"), "to": day("03-31")}
    names = ("month", "members_certain", "members_possible", "brands_certain", "brands_possible")

    async def curve(as_of: str, known_at: str) -> list[Row]:
        return await section(desk, "alliance", "growth", names, as_of, known_at=known_at, **quarter)

    begun, february = ("2026-01", 1, 1, 1, 1), ("2026-02", 2, 2, 1, 1)
    assert await curve("02-15", "03-31") == [begun, ("2026-02", 1, 2, 1, 1)]
    assert await curve("03-31", "03-31") == [begun, february, ("2026-03", 1, 1, 2, 2)]
    assert await curve("03-31", "04-05") == [begun, february, ("2026-03", 2, 2, 2, 2)]
    joiners = await section(desk, "alliance", "joiners", ("industry", "joined"), "03-31", **quarter)
    assert joiners == [("ALL", 2), ("HOME", 1), ("TOYS", 2)]


async def test_removals_of_the_platforms_own_accord_are_told_with_the_share_before_the_first_sale(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    own: Event = {"source_type": "SOURCE_VOLUNTARY", "automated_detection": True}
    await record(
        desk,
        "01-31",
        block("L1", "R", on("01-05"), sales_before_block=0, **own),
        block("L2", "R", on("01-05"), sales_before_block=12, **own),
        block("L3", "R", on("01-15"), sales_before_block=0, source_type="X_SOURCE_RESTOCK_MATCH"),
        block("L4", "R", on("01-05"), sales_before_block=0, source_type="SOURCE_ARTICLE_16"),
        block("L5", "R", on("01-15"), **own),
    )
    await record(desk, "02-05", corrected("fix", "listing:shop:L2", "block-L2-R", data={"sales_before_block": 0}))
    names = ("by", "value", "removals", *share("zero_sale_rate"))

    async def unsold(as_of: str, known_at: str) -> list[Row]:
        rows = await section(desk, "transparency", "own_initiative", names, as_of, known_at=known_at)
        return [row for row in rows if row[0] in ("all", "automated_detection")]

    assert await unsold("01-10", "01-31") == [
        ("all", "all", 2, 1, 2, 0),
        ("automated_detection", "true", 2, 1, 2, 0),
    ]
    unsaid = ("automated_detection", "UNKNOWN", 1, 1, 1, 0)
    assert await unsold("01-31", "01-31") == [
        ("all", "all", 4, 2, 3, 1),
        unsaid,
        ("automated_detection", "true", 3, 1, 2, 1),
    ]
    assert await unsold("01-31", "02-05") == [
        ("all", "all", 4, 3, 3, 1),
        unsaid,
        ("automated_detection", "true", 3, 2, 2, 1),
    ]
