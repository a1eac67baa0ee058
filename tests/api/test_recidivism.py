"""Recidivism: clusters of accounts, what they did again, and who came back (domain.md 13.2, Q18, edge case 23)."""

from typing import Any

from tests.api.desk import OPEN, SHOP, Desk, Event, Json, block, event, published, registered, reinstated

SELLER = "seller:shop"
ANA, BUDI, CITRA = "party:ana", "party:budi", "party:citra"


def banned(name: str, time: str, restriction: str = "B1") -> Event:
    """Return that an account was banned."""
    data = {"restriction_id": restriction, "decision_account": "DECISION_ACCOUNT_TERMINATED"}
    return event(f"ban-{name}-{restriction}", "SellerBanned", f"{SELLER}:{name}", time, **data)


def linked(one: str, other: str, confidence: str, time: str = "2026-01-01T00:00:00Z") -> Event:
    """Return that two parties were found to be operated by one."""
    data = {"party_a": one, "party_b": other, "relation": "SAME_OPERATOR", "confidence": confidence}
    return event(f"link-{one[6:]}-{other[6:]}-{confidence}", "PartiesLinked", one, time, **data)


def sold(listing: str, seller: str) -> Event:
    """Return that a listing of an account went live."""
    return published(listing, "2024-01-01T00:00:00Z", seller_id=f"{SELLER}:{seller}")


def came_back() -> list[Event]:
    """Return the history of a seller who was banned, and went on under the account of somebody else."""
    return [
        registered("A", "2025-01-01T00:00:00Z", party_id=ANA),
        registered("B", "2025-12-20T00:00:00Z", party_id=BUDI),
        registered("C", "2025-12-20T00:00:00Z", party_id=CITRA),
        linked(ANA, BUDI, "0.8"),
        linked(BUDI, CITRA, "0.79"),
        sold("L1", "A"),
        sold("L2", "B"),
        block("L1", "R1", "2025-12-01T00:00:00Z"),
        banned("A", "2025-12-10T00:00:00Z"),
        block("L2", "R2", "2026-01-09T12:00:00Z", case_id="takedown_case:shop:N1"),
        event(
            "strike", "SellerStrikeRecorded", f"{SELLER}:B", "2026-01-09T13:00:00Z", strike_no=1,
            severity="SERIOUS", case_id="takedown_case:shop:N1",
        ),
        event("strike2", "SellerStrikeRecorded", f"{SELLER}:B", "2026-01-12T00:00:00Z", strike_no=2),
    ]  # fmt: skip


async def items(desk: Desk, **query: Json) -> list[dict[str, Any]]:
    """Return the items of the shop's list."""
    found: list[dict[str, Any]] = (await desk.get("/v1/recidivism", **{"log": SHOP, **query}))["items"]
    return found


async def said(desk: Desk, *names: str, **query: Json) -> list[list[Json]]:
    """Return some members of each item."""
    return [[item[name] for name in names] for item in await items(desk, **query)]


async def test_a_cluster_is_described_by_its_accounts_and_what_was_decided_against_them(desk: Desk) -> None:
    await desk.tell(*came_back())
    (item,) = await items(desk, as_of="2026-02-01T00:00:00Z")
    assert item == {
        "log": SHOP,
        "subject": ANA,
        "party": [ANA, BUDI],
        "account": [f"{SELLER}:A", f"{SELLER}:B"],
        "accounts": 2,
        "infringements": 3,
        "infringements_in_365_days": 3,
        "infringements_listed": [
            {
                "at": "2025-12-01T00:00:00.000000Z",
                "account": f"{SELLER}:A",
                "listing": "listing:shop:L1",
                "restriction_id": "R1",
            },
            {
                "at": "2026-01-09T12:00:00.000000Z",
                "account": f"{SELLER}:B",
                "listing": "listing:shop:L2",
                "restriction_id": "R2",
                "case_id": "takedown_case:shop:N1",
            },
            {"at": "2026-01-12T00:00:00.000000Z", "account": f"{SELLER}:B", "strike_no": 2},
        ],
        "days_between": [39, 2],
        "sanctions": 1,
        "sanctions_listed": [
            {
                "at": "2025-12-10T00:00:00.000000Z",
                "account": f"{SELLER}:A",
                "kind": "BANNED",
                "restriction_id": "B1",
                "upheld": True,
            }
        ],
        "days_from_sanction_to_infringement": 30,
        "re_entries": 1,
        "re_entries_listed": [
            {
                "account": f"{SELLER}:B",
                "registered_at": "2025-12-20T00:00:00.000000Z",
                "banned_account": f"{SELLER}:A",
                "restriction_id": "B1",
                "banned_at": "2025-12-10T00:00:00.000000Z",
                "days": 10,
            }
        ],
        "repeat_infringer": True,
        "sanctioned": True,
        "recidivist": True,
        "re_entered": True,
    }
    assert await said(desk, "subject", party=BUDI, account=f"{SELLER}:A", recidivist="true") == [[ANA]]
    assert await said(desk, "subject", re_entered="false") == []
    assert await items(desk, log=OPEN) == []


async def test_a_link_found_later_changes_who_came_back_for_those_who_know_of_it(desk: Desk) -> None:
    receipts = await desk.tell(
        registered("A", "2025-01-01T00:00:00Z", party_id=ANA),
        registered("B", "2025-12-20T00:00:00Z", party_id=BUDI),
        registered("C", "2025-12-21T00:00:00Z", party_id=BUDI),
        banned("A", "2025-12-10T00:00:00Z"),
    )
    before = receipts[-1]["recordedtime"]
    await desk.tell(linked(BUDI, ANA, "0.95"))
    names = ("subject", "accounts", "re_entries")
    assert await said(desk, *names, known_at=before) == [[ANA, 1, 0]]
    assert await said(desk, *names) == [[ANA, 3, 2]]
    assert await said(desk, *names, as_of="2025-12-31T00:00:00Z") == [[ANA, 1, 0]]
    unlinked = event(
        "unlink", "PartiesUnlinked", ANA, "2026-03-01T00:00:00Z", party_a=ANA, party_b=BUDI, relation="SAME_OPERATOR"
    )
    await desk.tell(unlinked)
    assert await said(desk, *names, as_of="2026-02-01T00:00:00Z") == [[ANA, 3, 2]]
    assert await said(desk, *names, as_of="2026-04-01T00:00:00Z") == [[ANA, 1, 0]]


async def test_a_link_that_does_not_say_how_sure_it_is_joins_nobody_and_one_may_take_back_all_between_two(
    desk: Desk,
) -> None:
    await desk.tell(
        registered("A", "2025-01-01T00:00:00Z", party_id=ANA),
        registered("B", "2025-01-01T00:00:00Z", party_id=BUDI),
        registered("C", "2025-01-01T00:00:00Z", party_id=CITRA),
        banned("A", "2025-12-10T00:00:00Z"),
        event("guess", "PartiesLinked", ANA, "2026-01-01T00:00:00Z", party_a=ANA, party_b=BUDI, relation="OWNS"),
        linked(ANA, CITRA, "0.9", "2026-01-02T00:00:00Z"),
        linked(BUDI, CITRA, "1", "2026-01-03T00:00:00Z"),
        event("all", "PartiesUnlinked", CITRA, "2026-01-04T00:00:00Z", party_a=CITRA, party_b=ANA),
    )
    days = ("2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04")
    parties = [await said(desk, "party", as_of=f"{day}T12:00:00Z") for day in days]
    assert parties == [[[found]] for found in ([ANA], [ANA, CITRA], [ANA, BUDI, CITRA], [ANA])]


async def test_what_was_undone_because_it_was_wrong_is_no_infringement_and_no_ban_to_come_back_from(desk: Desk) -> None:
    await desk.tell(
        registered("A", "2025-01-01T00:00:00Z", party_id=ANA),
        registered("B", "2025-12-20T00:00:00Z", party_id=ANA),
        sold("L1", "A"),
        block("L1", "R1", "2025-12-01T00:00:00Z"),
        block("L1", "R2", "2025-12-11T00:00:00Z"),
        banned("A", "2025-12-10T00:00:00Z"),
    )
    names = ("infringements", "sanctioned", "recidivist", "re_entered")
    later = "2026-02-01T00:00:00Z"
    assert await said(desk, *names, as_of=later) == [[2, True, True, True]]
    cured = reinstated("L1", "R1", "2026-01-01T00:00:00Z")
    cured["data"]["ground"] = "DEFECT_CURED"
    wrong = reinstated("L1", "R2", "2026-01-02T00:00:00Z")
    wrong["data"]["ground"] = "PLATFORM_ERROR"
    revoked = event(
        "revoked",
        "SellerBanRevoked",
        f"{SELLER}:A",
        "2026-01-03T00:00:00Z",
        restriction_id="B1",
        ground="APPEAL_UPHELD",
    )
    await desk.tell(cured, wrong, revoked)
    assert await said(desk, *names, as_of="2026-01-01T12:00:00Z") == [[2, True, True, True]]
    assert await said(desk, *names, as_of="2026-01-02T12:00:00Z") == [[1, True, False, True]]
    assert await said(desk, *names, as_of=later) == [[1, False, False, False]]


async def test_infringements_add_up_over_a_year_and_an_account_without_a_party_is_a_cluster_of_its_own(
    desk: Desk,
) -> None:
    await desk.tell(
        registered("A", "2024-01-01T00:00:00Z"),
        registered("B", "2024-01-01T00:00:00Z"),
        sold("L1", "A"),
        sold("L2", "unknown"),
        block("L1", "R1", "2025-01-10T00:00:00Z"),
        block("L1", "R2", "2025-06-10T00:00:00Z"),
        block("L1", "R3", "2026-01-09T00:00:00Z"),
        block("L2", "R4", "2026-01-09T00:00:00Z"),
    )
    names = ("subject", "party", "infringements", "infringements_in_365_days", "repeat_infringer")
    other: list[Json] = [f"{SELLER}:unknown", [], 1, 1, False]
    assert await said(desk, *names, as_of="2026-01-09T12:00:00Z") == [[f"{SELLER}:A", [], 3, 3, True], other]
    assert await said(desk, *names, as_of="2026-01-10T12:00:00Z") == [[f"{SELLER}:A", [], 3, 2, False], other]
    assert await said(desk, "subject", as_of="2026-01-09T12:00:00Z", repeat_infringer="true") == [[f"{SELLER}:A"]]


async def test_an_account_of_the_ninety_first_day_is_no_re_entry_and_an_infringement_of_the_next_year_no_recidivism(
    desk: Desk,
) -> None:
    await desk.tell(
        registered("A", "2024-01-01T00:00:00Z", party_id=ANA),
        banned("A", "2025-01-01T00:00:00Z"),
        registered("B", "2025-04-01T00:00:01Z", party_id=ANA),
        registered("C", "2025-04-01T00:00:00Z", party_id=ANA),
        sold("L1", "C"),
        block("L1", "R1", "2026-01-01T00:00:01Z"),
    )
    (item,) = await items(desk)
    assert [entry["account"] for entry in item["re_entries_listed"]] == [f"{SELLER}:C"]
    assert (item["days_from_sanction_to_infringement"], item["recidivist"]) == (365, False)


async def test_clusters_are_read_page_by_page_log_by_log(desk: Desk) -> None:
    for log in (SHOP, OPEN):
        party = event("party", "PartyRegistered", ANA, "2024-01-01T00:00:00Z", kind="LEGAL", country="ID")
        account = registered("A", "2024-01-01T00:00:00Z", party_id=ANA)
        await desk.tell(
            party, account, banned("A", "2025-01-01T00:00:00Z"), banned("B", "2025-01-01T00:00:00Z"), log=log
        )
    found: list[tuple[str, str]] = []
    cursor: dict[str, Json] = {}
    while not found or cursor["cursor"] is not None:
        page = await desk.get("/v1/recidivism", limit=1, **cursor)
        found += [(item["log"], item["subject"]) for item in page["items"]]
        cursor = {"cursor": page["next"]}
    assert found == [(log, subject) for log in (SHOP, OPEN) for subject in (ANA, f"{SELLER}:B")]
