"""The edge cases of `domain.md` section 16 on policies, rules, agreements and flags, by their numbers.

The others are in `test_edge_cases.py`; where every row is tested: `test_edge_table.py`.
"""

import pytest

from tests.api.desk import SHOP, Desk, Event, Json, block, corrected, event, filed, published, registered, reinstated

LATER = "2026-02-01T00:00:00Z"
AKAR = "policy:id:akar"
CITED: Event = {"legal_basis": [{"instrument_id": AKAR}], "decision_facts": "Imported."}


def adopted(version: int, time: str, subject: str = AKAR, **data: Json) -> Event:
    """Return that a version of a policy was adopted, with its one rule in that version."""
    data = {"version": str(version), "adopted_on": "2026-01-01", **data}
    return event(f"{subject}-{version}", "PolicyVersionAdopted", subject, time, **data)


def prohibited(time: str, subject: str = AKAR, version: int = 1) -> Event:
    """Return the rule that what is shipped from abroad must not be visible."""
    when = {"field": "ship_from_country", "op": "ne", "value": "ID"}
    rule = {"rule_id": "imports", "version": str(version), "applies_to": "LISTING", "then": "PROHIBIT_VISIBLE"}
    return event(f"{subject}-rule-{version}", "PolicyRuleDefined", subject, time, when=when, **rule)


async def flags(desk: Desk, flag: str, **query: Json) -> list[tuple[str, str]]:
    """Return (event, status) of each flag of this name, resolved ones, too."""
    asked: Event = {"as_of": LATER, "flag": flag, "status": ["OPEN", "UNDETERMINED", "RESOLVED"], **query}
    return [(item["event"], item["status"]) for item in (await desk.get("/v1/flags", **asked))["items"]]


async def states(desk: Desk, as_of: str, **query: Json) -> dict[str, tuple[str | None, str | None, bool]]:
    """Return the status of each policy, its version in force, and whether it is enforced."""
    items = (await desk.get("/v1/policies", as_of=as_of, **query))["items"]
    return {item["subject"]: (item["status"], item["version_in_force"], item["enforced"]) for item in items}


async def test_7_a_block_before_the_first_publication_is_accepted_and_flagged(desk: Desk) -> None:
    await desk.tell(block("A", "R", "2026-01-04T00:00:00Z"), published("A", "2026-01-05T00:00:00Z"))
    await desk.tell(block("B", "R", "2026-01-06T00:00:00Z"), published("B", "2026-01-05T00:00:00Z"))
    assert await flags(desk, "BLOCK_BEFORE_PUBLICATION") == [("block-A-R", "OPEN")]


async def test_16_a_policy_repealed_and_replaced_on_one_day_leaves_no_gap_and_no_overlap(desk: Desk) -> None:
    noon, other = "2026-01-10T05:00:00Z", "policy:id:next"
    repealed = event("end", "PolicyRepealed", AKAR, noon, replaced_by=other)
    await desk.tell(adopted(1, "2026-01-01T00:00:00Z"), repealed, adopted(1, noon, other))
    assert await states(desk, "2026-01-10T04:59:59.999999Z") == {AKAR: ("IN_FORCE", "1", True)}
    assert await states(desk, noon) == {AKAR: ("REPEALED", None, False), other: ("IN_FORCE", "1", True)}


async def test_16_between_two_versions_there_may_be_a_gap_and_enforcement_may_come_after_force(desk: Desk) -> None:
    await desk.tell(
        adopted(1, "2026-01-01T00:00:00Z"),
        event("end", "PolicyRepealed", AKAR, "2026-01-10T00:00:00Z"),
        adopted(2, "2026-01-12T00:00:00Z", enforcement_from="2026-01-20"),
    )
    found = {day: (await states(desk, f"2026-01-{day}T12:00:00Z"))[AKAR] for day in ("05", "11", "13", "19", "20")}
    assert found == {
        "05": ("IN_FORCE", "1", True),
        "11": ("REPEALED", None, False),
        "13": ("IN_FORCE", "2", False),
        "19": ("IN_FORCE", "2", False),
        "20": ("IN_FORCE", "2", True),
    }


async def test_17_a_block_by_a_policy_of_later_is_flagged_until_a_correction_puts_the_policy_before_it(
    desk: Desk,
) -> None:
    await desk.tell(block("A", "R", "2026-01-10T00:00:00Z", **CITED), adopted(1, "2026-01-15T00:00:00Z"))
    size = await desk.size()
    assert await flags(desk, "BASIS_NOT_IN_FORCE") == [("block-A-R", "OPEN")]
    await desk.tell(corrected("c", AKAR, f"{AKAR}-1", time="2026-01-05T00:00:00Z"))
    assert await flags(desk, "BASIS_NOT_IN_FORCE") == []
    assert await flags(desk, "BASIS_NOT_IN_FORCE", size=f"{SHOP}:{size}", log=SHOP) == [("block-A-R", "OPEN")]


@pytest.mark.parametrize(("changed_on", "breached"), [("09", False), ("11", True)])
async def test_21_who_ships_from_elsewhere_the_day_before_a_closure_breaches_nothing_and_is_flagged(
    desk: Desk, changed_on: str, *, breached: bool
) -> None:
    moved = {"ship_from_country": {"from": "CN", "to": "ID"}}
    await desk.tell(
        published("A", "2026-01-01T00:00:00Z", ship_from_country="CN", destination_countries=["ID"]),
        prohibited("2026-01-10T00:00:00Z"),
        event("move", "ListingAttributesChanged", "listing:shop:A", f"2026-01-{changed_on}T00:00:00Z", changed=moved),
    )
    items = (await desk.get("/v1/breaches", as_of="2026-01-10T12:00:00Z"))["items"]
    assert [item["subject"] for item in items] == (["listing:shop:A"] if breached else [])
    assert await flags(desk, "EVASION_SIGNAL") == [("move", "OPEN")]


async def test_27_a_referral_keeps_the_basis_it_had_when_its_agreement_is_suspended_later(desk: Desk) -> None:
    agreement, parties = "agreement:m", ["party:a", "party:b"]
    scope = {"kind": "MOU", "scope": ["CROSS_BORDER_DISPUTE_REFERRAL"], "in_force_on_signature": True}
    named = {"to_party_id": "party:b", "agreement_id": agreement}
    await desk.tell(
        event("g", "AgreementSigned", agreement, "2026-01-01T00:00:00Z", parties=parties, **scope),
        *(filed(name) for name in ("D1", "D2", "D3")),
        event("d1", "DisputeReferred", "dispute:forum:D1", "2026-01-05T00:00:00Z", **named),
        event("s", "AgreementSuspended", agreement, "2026-01-10T00:00:00Z"),
        event("d2", "DisputeReferred", "dispute:forum:D2", "2026-01-12T00:00:00Z", **named),
        event("r", "AgreementEnteredIntoForce", agreement, "2026-01-15T00:00:00Z"),
        event("d3", "DisputeReferred", "dispute:forum:D3", "2026-01-20T00:00:00Z", **named),
    )
    for as_of, count in (("2026-01-11T00:00:00Z", 1), ("2026-01-13T00:00:00Z", 2), (LATER, 3)):
        items = (await desk.get("/v1/referrals", as_of=as_of))["items"]
        found = [(item["referred_by"], item["agreement_basis"]) for item in items]
        assert found == [("d1", "IN_FORCE"), ("d2", "NOT_IN_FORCE"), ("d3", "IN_FORCE")][:count]
    assert await flags(desk, "REFERRAL_WITHOUT_AGREEMENT") == [("d2", "OPEN")]


async def test_30_a_number_of_sixteen_digits_in_free_text_is_flagged_and_not_repeated(desk: Desk) -> None:
    number = "3171234567890123"
    await desk.tell(
        block("A", "R", decision_facts=f"The seller's NIK is {number}."),
        block("B", "R", decision_facts="The listing has 123456789012345 views."),
    )
    assert await flags(desk, "POSSIBLE_PII_IN_FREE_TEXT") == [("block-A-R", "OPEN")]
    assert number not in (await desk.ask("GET", "/v1/flags", flag="POSSIBLE_PII_IN_FREE_TEXT", as_of=LATER)).text


async def test_38_who_banned_a_seller_neither_lifts_the_ban_nor_decides_the_appeal_unseen(desk: Desk) -> None:
    ban = {"decision_account": "DECISION_ACCOUNT_TERMINATED", "decided_by": "officer-1"}
    decided = {"result": "UPHELD_DECISION", "human_review": True}
    await desk.tell(
        registered("S"),
        event("ban", "SellerBanned", "seller:shop:S", restriction_id="B", **ban),
        *(event(f"f{n}", "AppealFiled", f"appeal:shop:{n}", target_event_id="ban") for n in (1, 2)),
        *(
            event(
                f"d{n}",
                "AppealDecided",
                f"appeal:shop:{n}",
                "2026-01-12T00:00:00Z",
                decided_by=f"officer-{n}",
                **decided,
            )
            for n in (1, 2)
        ),
        block("A", "R", decided_by="officer-1"),
        reinstated("A", "R") | {"data": {"restriction_id": "R", "decided_by": "officer-1"}},
    )
    assert await flags(desk, "SAME_REVIEWER") == [("d1", "OPEN"), ("lift-A-R", "OPEN")]


async def test_40_what_is_to_come_is_known_of_policies_and_of_nothing_that_acts(desk: Desk) -> None:
    (receipt, *_) = await desk.tell(registered("S"), adopted(1, "2999-01-01T00:00:00Z"))
    asked = {"known_at": receipt["recordedtime"], "log": SHOP}
    assert await states(desk, "2998-12-31T00:00:00Z", **asked) == {}
    assert await states(desk, "2999-01-02T00:00:00Z", **asked) == {AKAR: ("IN_FORCE", "1", True)}
    before = {**asked, "known_at": "2020-01-01T00:00:00Z"}
    assert await states(desk, "2999-01-02T00:00:00Z", **before) == {}
    refused = await desk.send(block("A", "R", "2999-01-01T00:00:00Z"))
    assert [fault["code"] for fault in refused.json()["errors"]] == ["future-not-allowed"]
