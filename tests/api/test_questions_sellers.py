"""Section 12's questions about sellers and what was decided against them: Q5, Q18 to Q21, Q38, Q39, Q42."""

from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, Json, block, event, published, registered, reinstated, voided

BAN: Event = {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
HOLD: Event = {"decision_account": "DECISION_ACCOUNT_SUSPENDED"}
BASES = ("LEDGER", "SOURCE")
AKAR, SCHEME = "programme:akar", "policy:shop:points"


def of_seller(name: str, event_type: str, time: str, **data: Json) -> Event:
    """Return what happened to a seller; the event is called by both."""
    return event(f"{event_type}-{name}", event_type, f"seller:shop:{name}", time, **data)


def banned(name: str, time: str, **data: Json) -> Event:
    """Return that a seller was banned, by a restriction of its name."""
    return of_seller(name, "SellerBanned", time, **{"restriction_id": f"B-{name}", **BAN, **data})


def revoked(name: str, time: str) -> Event:
    """Return that this ban ended."""
    return of_seller(name, "SellerBanRevoked", time, restriction_id=f"B-{name}")


def verified(name: str, **data: Json) -> Event:
    """Return that a seller was verified, by a document that was looked up unless it says otherwise."""
    by: Event = {"verification_method": "REGISTRY_LOOKUP_OSS", "document_type": "NIB"}
    return of_seller(name, "SellerVerified", on("01-05"), **{"verification_id": "V1", **by, **data})


async def test_q05_which_sellers_were_banned_as_known_to_the_ledger_and_to_its_sources(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await record(
        desk,
        "02-01",
        banned("A", on("01-10")) | {"sourcetime": on("01-11")},
        banned("B", on("01-12")) | {"sourcetime": on("01-25")},
        banned("C", on("01-12")),
    )
    await record(desk, "02-10", revoked("A", on("01-18")) | {"sourcetime": on("01-28")})

    async def at_the_twentieth(known_at: str) -> dict[str, list[Row]]:
        query = {"status": "BANNED", "known_at": known_at}
        return {basis: await found(desk, "sellers", ("subject",), "01-20", basis=basis, **query) for basis in BASES}

    assert await at_the_twentieth("01-20") == {"LEDGER": [], "SOURCE": [("A",)]}
    assert await at_the_twentieth("01-26") == {"LEDGER": [], "SOURCE": [("A",), ("B",)]}
    assert await at_the_twentieth("02-05") == {"LEDGER": [("A",), ("B",), ("C",)], "SOURCE": [("B",), ("C",)]}
    assert await at_the_twentieth("02-10") == {"LEDGER": [("B",), ("C",)], "SOURCE": [("B",), ("C",)]}


async def test_q18_who_infringed_three_times_in_a_year_and_who_came_back_after_a_ban(desk: Desk) -> None:
    times = {"L1": "01-03", "L2": "01-05", "L3": "01-15"}
    await desk.tell(
        registered("A", on("01-01"), party_id="party:ana"),
        registered("B", on("01-01"), party_id="party:budi"),
        *(published(name, on("01-02"), seller_id="seller:shop:A") for name in times),
        *(block(name, "R", on(time)) for name, time in times.items()),
        banned("B", on("01-04")),
        registered("C", on("01-20"), party_id="party:budi"),
    )
    names = ("subject", "infringements_in_365_days", "repeat_infringer", "sanctioned", "accounts", "re_entered")
    assert await found(desk, "recidivism", names, "01-14") == [
        ("ana", 2, False, False, 1, False),
        ("budi", 0, False, True, 1, False),
    ]
    assert await found(desk, "recidivism", names, "01-20") == [
        ("ana", 3, True, False, 1, False),
        ("budi", 0, False, True, 2, True),
    ]


async def test_q19_who_had_three_serious_strikes_or_48_points_and_no_ban_within_three_days(desk: Desk) -> None:
    scheme: Event = {"rule_id": "points", "version": "1", "applies_to": "SELLER", "then": "THRESHOLD"}
    scheme |= {"when": {"field": "points", "op": "gte", "value": 48}, "params": {"thresholds": [48]}}

    def strikes(name: str) -> list[Event]:
        serious = [{"strike_no": number, "severity": "SERIOUS"} for number in (1, 2, 3)]
        return [
            of_seller(f"{name}{data['strike_no']}", "SellerStrikeRecorded", on("01-10"), **data)
            | {"subject": f"seller:shop:{name}"}
            for data in serious
        ]

    await desk.tell(
        event("scheme", "PolicyRuleDefined", SCHEME, on("01-01"), **scheme),
        *strikes("A"),
        *strikes("B"),
        banned("B", on("01-12")),
        of_seller("C", "SellerPointsAssessed", on("01-11"), points=48, scheme_policy_id=SCHEME),
        banned("C", on("01-20")),
    )
    names = ("subject", "event", "status", "resolved_by")
    query = {"flag": "SANCTION_NOT_APPLIED", "status": ["OPEN", "RESOLVED"]}
    struck = ("A", "SellerStrikeRecorded-A3", "OPEN", None)
    assert await found(desk, "flags", names, "01-12", **query) == []
    assert await found(desk, "flags", names, "01-15", **query) == [
        struck,
        ("C", "SellerPointsAssessed-C", "OPEN", None),
    ]
    assert await found(desk, "flags", names, "01-21", **query) == [
        struck,
        ("C", "SellerPointsAssessed-C", "RESOLVED", "SellerBanned-C"),
    ]


async def test_q20_which_bans_came_without_a_warning_and_which_without_a_statement_of_reasons(desk: Desk) -> None:
    said: Event = {"sor_id": "S1", "restriction_id": "B-B", "sent_at": on("01-20")}
    await desk.tell(
        banned("A", on("01-10")),
        of_seller("B", "SellerWarned", on("01-05"), warning_id="W1"),
        banned("B", on("01-10")),
        of_seller("B", "StatementOfReasonsIssued", on("01-20"), **said),
        banned("C", on("01-12"), decision_facts="Copies."),
    )
    names = ("subject", "flag", "event")
    query = {"flag": ["NO_PRIOR_WARNING", "NO_REASONS", "LATE_REASONS"]}
    of_a = [("A", flag, "SellerBanned-A") for flag in ("NO_PRIOR_WARNING", "NO_REASONS")]
    of_c = ("C", "NO_PRIOR_WARNING", "SellerBanned-C")
    assert await found(desk, "flags", names, "01-15", **query) == [*of_a, ("B", "NO_REASONS", "SellerBanned-B"), of_c]
    assert await found(desk, "flags", names, "01-21", **query) == [
        *of_a,
        ("B", "LATE_REASONS", "StatementOfReasonsIssued-B"),
        of_c,
    ]


async def test_q21_which_listings_only_the_ban_or_suspension_of_their_seller_hid(desk: Desk) -> None:
    of = {name: {"seller_id": f"seller:shop:{name}"} for name in ("A", "B")}
    await desk.tell(
        published("L1", on("01-02"), **of["A"]),
        published("L2", on("01-02"), **of["A"]),
        published("L3", on("01-02"), **of["B"]),
        block("L2", "R2", on("01-05")),
        banned("A", on("01-10")),
        of_seller("B", "SellerSuspended", on("01-10"), restriction_id="H", end_at=on("01-20"), **HOLD),
        published("L4", on("01-15"), **of["A"]),
    )

    async def hidden(as_of: str) -> list[list[Row]]:
        live = {"restricted": "false", "visible": "false"}
        return [
            await found(desk, "listings", ("subject", "hidden_by"), as_of, **live),
            await found(desk, "flags", ("subject", "event"), as_of, flag="PUBLISHED_BY_BANNED_SELLER"),
        ]

    by_ban = ("L1", ["SELLER_BANNED"])
    assert await hidden("01-09") == [[], []]
    assert await hidden("01-12") == [[by_ban, ("L3", ["SELLER_SUSPENDED"])], []]
    assert await hidden("01-20") == [[by_ban, ("L4", ["SELLER_BANNED"])], [("L4", "pub-L4")]]


async def test_q38_how_sellers_were_verified_and_who_is_active_though_it_expired_was_revoked_or_void(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk
    await record(
        desk,
        "01-31",
        *(registered(name, on("01-02")) for name in ("A", "B", "C", "D", "E")),
        verified("A"),
        verified("B", valid_to="2026-01-19"),
        verified("C", verification_method="VIDEO", document_type="PASSPORT"),
        of_seller("C", "SellerVerificationRevoked", on("01-25"), verification_id="V1", reason="Forged."),
        verified("D", verification_method="NONE", document_type="SELF_CERTIFICATION"),
    )
    await record(desk, "02-05", voided("void", "seller:shop:A", "SellerVerified-A"))
    names = ("subject", "verification", "verification_method", "document_type")
    looked_up, nothing = ("REGISTRY_LOOKUP_OSS", "NIB"), ("UNVERIFIED", None, None)
    declared = ("D", "VERIFIED", "NONE", "SELF_CERTIFICATION")
    never: Row = ("E", *nothing)

    async def active(as_of: str, known_at: str) -> list[Row]:
        return await found(desk, "sellers", names, as_of, known_at=known_at, status="ACTIVE")

    assert await active("01-15", "02-01") == [
        ("A", "VERIFIED", *looked_up),
        ("B", "VERIFIED", *looked_up),
        ("C", "VERIFIED", "VIDEO", "PASSPORT"),
        declared,
        never,
    ]
    gone: list[Row] = [("B", "EXPIRED", *looked_up), ("C", "REVOKED", "VIDEO", "PASSPORT"), declared, never]
    assert await active("01-31", "02-01") == [("A", "VERIFIED", *looked_up), *gone]
    assert await active("01-31", "02-05") == [("A", *nothing), *gone]


async def test_q39_whom_a_programme_brought_and_who_is_still_active_after_ninety_days(desk: Desk) -> None:
    def brought(name: str, size_class: str) -> list[Event]:
        data = {"programme_id": AKAR, "size_class": size_class}
        return [registered(name, on("01-05")), of_seller(name, "SellerOnboarded", on("01-10"), **data)]

    await desk.tell(
        *brought("A", "MICRO"),
        *brought("B", "SMALL"),
        *brought("C", "MICRO"),
        registered("D", on("01-05")),
        of_seller("B", "SellerAccountClosed", on("03-01")),
        banned("C", on("04-01")),
    )

    async def onboarded(as_of: str) -> list[Row]:
        names = ("subject", "status", "size_class", "programme_ids")
        sellers = await found(desk, "sellers", names, as_of)
        return [(name, status, size) for name, status, size, programmes in sellers if AKAR in (programmes or ())]

    assert await onboarded("01-09") == []
    assert await onboarded("01-10") == [("A", "ACTIVE", "MICRO"), ("B", "ACTIVE", "SMALL"), ("C", "ACTIVE", "MICRO")]
    assert await onboarded("04-10") == [("A", "ACTIVE", "MICRO"), ("B", "CLOSED", "SMALL"), ("C", "BANNED", "MICRO")]


async def test_q42_which_removals_of_the_platforms_own_accord_came_before_the_first_sale(clocked_desk: Desk) -> None:
    desk = clocked_desk
    own: Event = {"source_type": "SOURCE_VOLUNTARY"}
    await record(
        desk,
        "01-31",
        block("L1", "R1", on("01-05"), sales_before_block=0, **own),
        block("L2", "R2", on("01-05"), sales_before_block=12, **own),
        block("L3", "R3", on("01-15"), sales_before_block=0, **own),
        block("L4", "R4", on("01-05"), sales_before_block=0, source_type="SOURCE_ARTICLE_16"),
        block("L5", "R5", on("01-15"), **own),
        reinstated("L2", "R2", on("01-10")),
    )
    await record(desk, "02-05", voided("void", "listing:shop:L3", "block-L3-R3"))

    async def sold_before(as_of: str, known_at: str) -> list[Row]:
        """Return the sales before each removal of the platform's own accord, in force or not."""
        names = ("restriction_id", "sales_before_block", "source_type")
        removals: list[Row] = []
        for in_force in ("true", "false"):
            removals += await found(desk, "restrictions", names, as_of, known_at=known_at, in_force=in_force)
        return sorted((name, sales) for name, sales, source_type in removals if source_type == "SOURCE_VOLUNTARY")

    assert await sold_before("01-12", "02-01") == [("R1", 0), ("R2", 12)]
    assert await sold_before("01-20", "02-01") == [("R1", 0), ("R2", 12), ("R3", 0), ("R5", None)]
    assert await sold_before("01-20", "02-05") == [("R1", 0), ("R2", 12), ("R5", None)]
