"""Section 12's questions about rules and restrictions: Q1 to Q4, Q22, Q34 to Q37, Q52."""

from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, Json, block, corrected, event, published, registered, reinstated

AKAR = "policy:shop:akar"
TEXTILE, CULINARY = "TEXTILE_FASHION", "CULINARY"
ENDED_OR_NOT = ["true", "false"]


def rule(name: str, time: str, when: Event, version: str = "1", then: str = "PROHIBIT_VISIBLE", **of: Json) -> Event:
    """Return that a rule of a policy about listings was defined."""
    data = {"applies_to": "LISTING", "when": when, "then": then, **of}
    return event(f"rule-{name}-{version}", "PolicyRuleDefined", AKAR, time, rule_id=name, version=version, **data)


def adopted(policy: str, time: str, version: str = "1", **data: Json) -> Event:
    """Return that a version of a policy is in force from a time on."""
    data = {"version": version, "adopted_on": "2026-01-01", **data}
    return event(f"adopted-{policy}-{version}", "PolicyVersionAdopted", policy, time, **data)


def imported(cluster: str) -> Event:
    """Return what is shipped into Indonesia from elsewhere, of a cluster."""
    return {
        "all": [
            {"field": "cluster", "op": "eq", "value": cluster},
            {"field": "ship_from_country", "op": "ne", "value": "ID"},
            {"field": "destination_countries", "op": "contains", "value": "ID"},
        ]
    }


def offered(name: str, time: str, ship_from: str | None = "CN", cluster: str = TEXTILE, **data: Json) -> Event:
    """Return that a listing went live, shipped to Indonesia."""
    shipped: Event = {} if ship_from is None else {"ship_from_country": ship_from}
    return published(name, time, cluster=cluster, destination_countries=["ID"], **shipped, **data)


def changed(name: str, time: str, **to: Json) -> Event:
    """Return that attributes of a listing changed."""
    changes = {attribute: {"to": value} for attribute, value in to.items()}
    return event(f"changed-{name}", "ListingAttributesChanged", f"listing:shop:{name}", time, changed=changes)


def citing(*policies: str) -> list[Event]:
    """Return the legal basis of what rests on these policies."""
    return [{"instrument_id": policy, "ground": "ILLEGAL_CONTENT", "jurisdiction": "ID"} for policy in policies]


async def test_q01_which_textiles_shipped_across_borders_were_visible_while_akar_was_in_force(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-20",
        rule("textile", on("01-10", 0), imported(TEXTILE)),
        offered("L1", on("01-05")),
        offered("L2", on("01-05"), "ID"),
        offered("L3", on("01-05"), None),
        offered("L4", on("01-05")),
        block("L4", "R4", on("01-15")),
        offered("L5", on("01-05"), cluster=CULINARY),
    )
    await record(desk, "01-25", corrected("fix", "listing:shop:L3", "pub-L3", data={"ship_from_country": "SG"}))
    names = ("subject", "status", "missing")
    undetermined = ("L3", "UNDETERMINED", ["ship_from_country"])
    violating: list[Row] = [(name, "VIOLATING", []) for name in ("L1", "L3", "L4")]
    assert await found(desk, "breaches", names, "01-09", policy=AKAR) == []
    assert await found(desk, "breaches", names, "01-12", policy=AKAR, known_at="01-20") == [
        violating[0],
        undetermined,
        violating[2],
    ]
    assert await found(desk, "breaches", names, "01-12", policy=AKAR, known_at="01-25") == violating
    assert await found(desk, "breaches", names, "01-20", policy=AKAR, known_at="01-25") == violating[:2]


async def test_q02_what_a_regulator_could_have_known_then_and_now_and_which_late_or_corrected_event_made_it_so(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-10",
        rule("textile", on("01-10", 0), imported(TEXTILE)),
        *(offered(name, on("01-10")) for name in ("L1", "L2", "L3")),
    )
    await record(desk, "01-20", block("L1", "R1", on("01-11")))
    to: Event = {"ship_from_country": "ID"}
    await record(desk, "01-21", corrected("fix", "listing:shop:L2", "pub-L2", data=to))

    async def answers(known_at: str) -> list[list[Row]]:
        query = {"as_of": "01-12", "known_at": known_at}
        return [
            await found(desk, "breaches", ("subject", "status"), policy=AKAR, **query),
            await found(desk, "flags", ("event", "type"), flag="LATE_APPEND", **query),
            await found(desk, "corrections", ("id", "target", "reason", "before", "after"), **query),
        ]

    violating: list[Row] = [(name, "VIOLATING") for name in ("L1", "L2", "L3")]
    assert await answers("01-12") == [violating, [], []]
    assert await answers("01-21") == [
        violating[2:],
        [("block-L1-R1", "ListingBlocked")],
        [("fix", "pub-L2", "CLERICAL", {"data": {"ship_from_country": "CN"}}, {"data": to})],
    ]


async def test_q03_on_how_many_days_listings_were_in_breach_between_force_and_enforcement(desk: Desk) -> None:
    await desk.tell(
        adopted(AKAR, on("01-10", 0), enforcement_from="2026-01-20"),
        rule("textile", on("01-10", 0), imported(TEXTILE)),
        rule("culinary", on("01-10", 0), imported(CULINARY)),
        offered("L1", on("01-05")),
        offered("L2", on("01-12"), cluster=CULINARY),
        block("L2", "R2", on("01-15")),
    )
    names = ("subject", "cluster", "listing_days", "enforced")
    query = {"policy": AKAR, "ended": ENDED_OR_NOT}
    assert await found(desk, "breaches", names, "01-14", **query) == [
        ("L1", TEXTILE, 5, False),
        ("L2", CULINARY, 3, False),
    ]
    assert await found(desk, "breaches", names, "01-19", **query) == [
        ("L1", TEXTILE, 10, False),
        ("L2", CULINARY, 4, False),
    ]
    assert await found(desk, "breaches", names, "01-20", **query) == [
        ("L1", TEXTILE, 11, True),
        ("L2", CULINARY, 4, True),
    ]


async def test_q04_which_closures_came_before_the_policy_they_cite_was_in_force_as_announced_and_as_corrected(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-20",
        adopted(AKAR, on("01-18")),
        block("L1", "R1", on("01-05"), legal_basis=citing(AKAR)),
        block("L2", "R2", on("01-15"), legal_basis=citing(AKAR)),
        block("L3", "R3", on("01-19"), legal_basis=citing(AKAR)),
    )
    await record(desk, "01-25", corrected("fix", AKAR, f"adopted-{AKAR}-1", time=on("01-10")))
    names = ("subject", "event", "status", "about")
    early = [("L1", "block-L1-R1", "OPEN", AKAR), ("L2", "block-L2-R2", "OPEN", AKAR)]
    query = {"flag": "BASIS_NOT_IN_FORCE"}
    assert await found(desk, "flags", names, "01-10", known_at="01-20", **query) == early[:1]
    assert await found(desk, "flags", names, "01-20", known_at="01-20", **query) == early
    assert await found(desk, "flags", names, "01-20", known_at="01-25", **query) == early[:1]


async def test_q22_what_was_still_blocked_on_no_ground_and_what_was_lifted_while_another_restriction_stood(
    desk: Desk,
) -> None:
    old, new = "policy:shop:old", "policy:shop:new"
    await desk.tell(
        adopted(old, on("01-02")),
        adopted(new, on("01-02")),
        *(published(name, on("01-03")) for name in ("L1", "L2", "L3")),
        block("L1", "R1", on("01-05"), legal_basis=citing(old)),
        block("L2", "R2", on("01-05"), legal_basis=citing(old, new)),
        block("L3", "R3", on("01-05"), legal_basis=citing(old)),
        block("L3", "R4", on("01-05"), legal_basis=citing(new)),
        reinstated("L3", "R3", on("01-12")),
        event("repealed", "PolicyRepealed", old, on("01-15")),
    )

    async def groundless(as_of: str) -> list[str]:
        repealed = {subject for (subject,) in await found(desk, "policies", ("id",), as_of, status="REPEALED")}
        standing = await found(desk, "restrictions", ("restriction_id", "instruments"), as_of)
        return [name for name, instruments in standing if repealed.issuperset(instruments)]

    async def lifted_in_part(as_of: str) -> list[Row]:
        ended = await found(desk, "restrictions", ("subject", "restriction_id"), as_of, in_force="false")
        restricted = await found(desk, "listings", ("subject", "visible"), as_of, restricted="true")
        return [(name, ids, visible) for name, ids in ended for listing, visible in restricted if listing == name]

    assert [await groundless("01-14"), await groundless("01-15")] == [[], ["R1"]]
    assert [await lifted_in_part("01-11"), await lifted_in_part("01-12")] == [[], [("L3", "R3", False)]]


async def test_q34_what_every_rule_is_on_a_day_and_which_version_applied_to_a_listing(desk: Desk) -> None:
    await desk.tell(
        event("announced", "PolicyAnnounced", AKAR, on("01-05"), kind="REGULATION"),
        adopted(AKAR, on("01-10"), grace_until="2026-01-20"),
        rule("textile", on("01-10"), imported(TEXTILE)),
        adopted(AKAR, on("02-01"), "2"),
        rule("textile", on("02-01"), imported(TEXTILE), "2"),
        event("repealed", "PolicyRepealed", AKAR, on("02-10")),
        offered("L1", on("01-05")),
    )

    async def stands(as_of: str) -> list[list[Row]]:
        names = ("status", "version_in_force", "rules_in_force", "enforced")
        applied = await found(desk, "breaches", ("subject", "rule", "rule_version"), as_of)
        return [await found(desk, "policies", names, as_of), applied]

    assert await stands("01-07") == [[("ANNOUNCED", None, [], False)], []]
    assert await stands("01-12") == [[("IN_FORCE", "1", ["textile"], False)], [("L1", "textile", "1")]]
    assert await stands("01-21") == [[("IN_FORCE", "1", ["textile"], True)], [("L1", "textile", "1")]]
    assert await stands("02-05") == [[("IN_FORCE", "2", ["textile"], True)], [("L1", "textile", "2")]]
    assert await stands("02-12") == [[("REPEALED", None, [], False)], []]


async def test_q35_which_imports_cost_less_than_the_floor_and_are_not_on_the_positive_list(desk: Desk) -> None:
    when: Event = {
        "all": [
            {"field": "ship_from_country", "op": "ne", "value": "ID"},
            {"field": "hs_code", "op": "nin", "value": ["49011000"]},
        ]
    }

    def priced(name: str, amount: int, currency: str = "USD", hs_code: str = "61091000", **data: Json) -> Event:
        price = {"amount_minor": amount, "currency": currency}
        return offered(name, on("01-05"), hs_code=hs_code, price=price, **data)

    def rate(source: str, value: str) -> Event:
        return {"quote": "USD", "rate": value, "rate_source": source, "rate_date": "2026-01-05"}

    bank, treasury = rate("Bank Indonesia", "0.00006"), rate("Kemenkeu", "0.00007")
    await desk.tell(
        rule("floor", on("01-10", 0), when, then="PRICE_FLOOR", params={"usd": "100.00"}),
        priced("L1", 9_999),
        priced("L2", 10_000),
        priced("L3", 1_000, hs_code="49011000"),
        priced("L4", 150_000_000, "IDR", fx=bank),
        priced("L5", 150_000_000, "IDR"),
        changed("L4", on("01-20"), fx=treasury),
    )

    async def below(as_of: str) -> list[list[Row]]:
        breaches = await found(desk, "breaches", ("subject", "status", "missing"), as_of)
        return [breaches, await found(desk, "listings", ("fx",), as_of, subject="listing:shop:L4")]

    cheap: Row = ("L1", "VIOLATING", [])
    unknown: Row = ("L5", "UNDETERMINED", ["price_usd"])
    assert await below("01-12") == [[cheap, ("L4", "VIOLATING", []), unknown], [(bank,)]]
    assert await below("01-21") == [[cheap, unknown], [(treasury,)]]


async def test_q36_which_listings_changed_where_they_ship_from_or_what_they_are_within_seven_days_of_a_rule(
    desk: Desk,
) -> None:
    await desk.tell(
        *(offered(name, on("01-01")) for name in ("L1", "L2", "L3", "L4")),
        rule("textile", on("01-10"), imported(TEXTILE)),
        changed("L1", on("01-12"), ship_from_country="ID"),
        changed("L2", on("01-16"), category_code="C2"),
        changed("L3", on("01-18"), ship_from_country="ID"),
        changed("L4", on("01-12"), title="T"),
    )
    names = ("subject", "event", "about", "status")
    near = [("L1", "changed-L1", AKAR, "OPEN"), ("L2", "changed-L2", AKAR, "OPEN")]
    assert await found(desk, "flags", names, "01-13", flag="EVASION_SIGNAL") == near[:1]
    assert await found(desk, "flags", names, "01-31", flag="EVASION_SIGNAL") == near


async def test_q37_which_foreign_merchants_lacked_a_legalised_licence_or_a_mark_of_conformity(desk: Desk) -> None:
    local: Event = {"field": "country", "op": "eq", "value": "ID"}
    licensed: Event = {"field": "document_type", "op": "eq", "value": "FOREIGN_LICENCE_LEGALISED"}
    marked: Event = {"field": "conformity", "op": "contains", "value": "SNI"}
    from_here: Event = {"field": "seller.country", "op": "eq", "value": "ID"}
    verified: Event = {"verification_id": "V1", "document_type": "FOREIGN_LICENCE_LEGALISED"}
    await desk.tell(
        rule("licence", on("01-10", 0), {"any": [local, licensed]}, then="REQUIRE", applies_to="SELLER"),
        rule("mark", on("01-10", 0), {"any": [from_here, marked]}, then="REQUIRE"),
        registered("S1", on("01-02"), country="ID"),
        registered("S2", on("01-02"), country="CN"),
        registered("S3", on("01-02")),
        published("L1", on("01-05"), seller_id="seller:shop:S1"),
        published("L2", on("01-05"), seller_id="seller:shop:S2", conformity=[]),
        published("L3", on("01-05"), seller_id="seller:shop:S2"),
        event("verified", "SellerVerified", "seller:shop:S2", on("01-15"), **verified),
        changed("L2", on("01-15"), conformity=[{"mark": "SNI"}]),
    )
    names = ("subject", "rule", "status", "missing")
    unmarked = ("L3", "mark", "UNDETERMINED", ["conformity"])
    assert await found(desk, "breaches", names, "01-12") == [
        ("L2", "mark", "VIOLATING", []),
        unmarked,
        ("S2", "licence", "UNDETERMINED", ["document_type"]),
        ("S3", "licence", "UNDETERMINED", ["country", "document_type"]),
    ]
    assert await found(desk, "breaches", names, "01-15") == [
        unmarked,
        ("S3", "licence", "UNDETERMINED", ["country", "document_type"]),
    ]


async def test_q52_which_restrictions_had_no_territory_or_a_wider_one_than_their_legal_basis(desk: Desk) -> None:
    law = "policy:shop:law"
    of_law: Event = {"legal_basis": citing(law)}
    narrowed: Event = {"restriction_id": "R2", "set": {"territorial_scope": ["ID"]}}
    await desk.tell(
        adopted(law, on("01-02"), jurisdiction=["ID"]),
        block("L1", "R1", on("01-05"), **of_law),
        block("L2", "R2", on("01-05"), territorial_scope=["WORLD"], **of_law),
        block("L3", "R3", on("01-05"), territorial_scope=["ID"], **of_law),
        block("L4", "R4", on("01-05"), territorial_scope=["ID", "MY"], **of_law),
        event("narrowed", "RestrictionAmended", "listing:shop:L2", on("01-15"), **narrowed),
    )

    async def too_wide(as_of: str) -> list[Row]:
        policies = await found(desk, "policies", ("id", "versions"), as_of, status="IN_FORCE")
        reach = {policy: set(version["jurisdiction"]) for policy, (version,) in policies}
        imposed = await found(desk, "restrictions", ("restriction_id", "territorial_scope", "instruments"), as_of)
        return [
            (name, scope) for name, scope, (basis,) in imposed if scope is None or not reach[basis].issuperset(scope)
        ]

    nowhere, wider = ("R1", None), ("R4", ["ID", "MY"])
    assert await too_wide("01-14") == [nowhere, ("R2", ["WORLD"]), wider]
    assert await too_wide("01-15") == [nowhere, wider]
