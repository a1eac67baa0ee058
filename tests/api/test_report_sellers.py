"""What reports add up about sellers, of questions that lists answer one by one: Q18, Q20, Q38, Q39."""

from tests.api.asking import Row, on, record
from tests.api.desk import Desk, Event, Json, block, event, published, registered
from tests.api.reporting import section, share

BAN: Event = {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
AKAR = "programme:akar"


def of_seller(name: str, event_type: str, time: str, **data: Json) -> Event:
    """Return what happened to a seller; the event is called by both."""
    return event(f"{event_type}-{name}", event_type, f"seller:shop:{name}", time, **data)


def banned(name: str, time: str, **data: Json) -> Event:
    """Return that a seller was banned, by a restriction of its name."""
    return of_seller(name, "SellerBanned", time, **{"restriction_id": f"B-{name}", **BAN, **data})


async def test_the_share_of_banned_parties_that_came_back_is_told_by_log(desk: Desk) -> None:
    await desk.tell(
        *(registered(name, on("01-01"), party_id=f"party:{party}") for name, party in (("A", "ana"), ("B", "budi"))),
        *(published(name, on("01-02"), seller_id="seller:shop:A") for name in ("L1", "L2", "L3")),
        *(block(name, "R", on("01-03")) for name in ("L1", "L2", "L3")),
        banned("A", on("01-04")),
        banned("B", on("01-04")),
        registered("A2", on("01-20"), party_id="party:ana"),
        published("L9", on("01-21"), seller_id="seller:shop:A2"),
        block("L9", "R", on("01-22")),
    )
    names = ("log", "parties", "repeat_infringers", *share("recidivism")[:2], *share("re_entry_rate")[:2])

    async def again(as_of: str) -> list[Row]:
        return await section(desk, "transparency", "recidivism", names, as_of)

    assert await again("01-10") == [("shop", 2, 1, 0, 2, 0, 2)]
    assert await again("01-21") == [("shop", 2, 1, 0, 2, 1, 2)]
    assert await again("01-31") == [("shop", 2, 1, 1, 2, 1, 2)]


async def test_bans_without_warning_or_reasons_are_counted_and_the_median_lag_of_reasons_told(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk

    def told(name: str, time: str) -> Event:
        said = {"sor_id": f"S-{name}", "restriction_id": f"B-{name}", "sent_at": time}
        return of_seller(name, "StatementOfReasonsIssued", time, **said)

    await record(
        desk,
        "01-15",
        of_seller("A", "SellerWarned", on("01-02"), warning_id="W"),
        banned("A", on("01-10")),
        told("A", on("01-10", 13)),
        banned("B", on("01-10")),
        told("B", on("01-10", 19)),
        banned("C", on("01-10"), decision_facts="Sold counterfeits."),
        banned("D", on("01-12")),
    )
    await record(desk, "01-20", told("D", on("01-14", 9)))
    names = ("value", "decisions", "without_warning", "without_reasons", "late_reasons")
    lag = (f"lag_of_reasons.{name}" for name in ("n", "median", "values"))
    asked = (*names, *lag)

    async def bans(as_of: str, known_at: str) -> list[Row]:
        rows = await section(desk, "transparency", "reasons", asked, as_of, known_at=known_at)
        return [row for row in rows if row[0] == "BANNED"]

    assert await bans("01-11", "01-15") == [("BANNED", 3, 2, 0, 2, 2, "7", ["4", "10"])]
    assert await bans("01-31", "01-15") == [("BANNED", 4, 3, 1, 2, 2, "7", ["4", "10"])]
    assert await bans("01-31", "01-20") == [("BANNED", 4, 3, 0, 3, 3, "10", ["4", "10", "48"])]


async def test_active_sellers_are_counted_by_how_they_were_verified(desk: Desk) -> None:
    def verified(name: str, method: str, **data: Json) -> Event:
        said = {"verification_id": "V", "verification_method": method, "document_type": "NIB", **data}
        return of_seller(name, "SellerVerified", on("01-05"), **said)

    await desk.tell(
        *(registered(name, on("01-02")) for name in ("A", "B", "C", "D")),
        verified("A", "REGISTRY_LOOKUP_OSS"),
        verified("B", "REGISTRY_LOOKUP_OSS", valid_to=on("01-20", 0)),
        verified("C", "VIDEO"),
        banned("C", on("01-15")),
    )
    names = ("verification", "verification_method", "document_type", "sellers")

    async def counted(as_of: str) -> list[Row]:
        return await section(desk, "policy-compliance", "verification", names, as_of)

    none = ("UNVERIFIED", "UNKNOWN", "UNKNOWN", 1)
    assert await counted("01-10") == [
        none,
        ("VERIFIED", "REGISTRY_LOOKUP_OSS", "NIB", 2),
        ("VERIFIED", "VIDEO", "NIB", 1),
    ]
    assert await counted("01-31") == [
        ("EXPIRED", "REGISTRY_LOOKUP_OSS", "NIB", 1),
        none,
        ("VERIFIED", "REGISTRY_LOOKUP_OSS", "NIB", 1),
    ]


async def test_onboarded_sellers_are_counted_by_size_with_the_share_still_active_after_ninety_days(desk: Desk) -> None:
    def brought(name: str, size_class: str, time: str) -> list[Event]:
        data = {"programme_id": AKAR, "size_class": size_class}
        return [registered(name, on("01-05")), of_seller(name, "SellerOnboarded", time, **data)]

    await desk.tell(
        *brought("A", "MICRO", on("01-10")),
        *brought("B", "MICRO", on("01-10")),
        *brought("C", "MICRO", on("01-20")),
        *brought("D", "SMALL", on("01-20")),
        of_seller("B", "SellerAccountClosed", on("03-01")),
        banned("D", on("05-01")),
    )
    names = ("programme", "size_class", "onboarded", *share("retention_90_days"))

    async def kept(as_of: str) -> list[Row]:
        return await section(desk, "policy-compliance", "programmes", names, as_of)

    assert await kept("01-15") == [(AKAR, "MICRO", 2, 0, 0, 2)]
    assert await kept("04-12") == [(AKAR, "MICRO", 3, 1, 2, 1), (AKAR, "SMALL", 1, 0, 0, 1)]
    assert await kept("05-31") == [(AKAR, "MICRO", 3, 2, 3, 0), (AKAR, "SMALL", 1, 1, 1, 0)]
