"""The edge cases of `domain.md` section 16, by their numbers. Those on policies, rules and flags: `test_edge_rules.py`.

Where every row is tested: `test_edge_table.py`.
"""

from typing import Any

import msgspec
import pytest

from api.questions.notices import times_to_action
from ledger.store import LogHead, consistency_proof, inclusion_proof, read_heads
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.proof import check_consistency, check_inclusion
from tests.api.desk import (
    OPEN,
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
    voided,
)

DAY: Event = {"timeprecision": "DAY"}


async def blocked(desk: Desk, as_of: str, **query: Json) -> list[str]:
    """Return which listings have a restriction in force."""
    items = (await desk.get("/v1/restrictions", as_of=as_of, **query))["items"]
    return [item["subject"].rpartition(":")[2] for item in items]


async def refused(desk: Desk, *events: Event) -> list[tuple[int, str, str]]:
    """Return (status, pointer, code) of each fault of events that must be refused."""
    response = await desk.send(events)
    return [(response.status_code, fault["pointer"], fault["code"]) for fault in response.json()["errors"]]


async def test_1_the_last_instant_of_a_local_day_is_of_it_and_the_next_is_not(desk: Desk) -> None:
    await desk.tell(block("A", "R", "2026-01-10T23:59:59.999+07:00"), block("B", "R", "2026-01-11T00:00:00+07:00"))
    assert await blocked(desk, "2026-01-10", tz="Asia/Jakarta") == ["A"]
    assert await blocked(desk, "2026-01-11", tz="Asia/Jakarta") == ["A", "B"]
    assert await blocked(desk, "2026-01-10", tz="UTC") == ["A", "B"]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2025-03-30", "2025-03-30T00:00:00Z", "2025-03-30T22:59:59.999999Z"),  # 23 hours
        ("2025-10-26", "2025-10-25T23:00:00Z", "2025-10-26T23:59:59.999999Z"),  # 25
    ],
)
async def test_2_a_day_of_23_or_25_hours_ends_where_the_next_begins(
    desk: Desk, day: str, first: str, last: str
) -> None:
    await desk.tell(block("A", "R", first) | DAY, block("B", "R", last), log=OPEN)
    await desk.tell(block("C", "R", last.replace("59.999999", "59.999998")) | {"id": "c"}, log=OPEN)
    answer = await desk.get("/v1/restrictions", as_of=day, log=OPEN)
    assert (answer["as_of"], [item["subject"][-1] for item in answer["items"]]) == (last, ["A", "B", "C"])
    assert await blocked(desk, last.replace("59.999999", "59.999998"), log=OPEN) == ["C"]
    assert await blocked(desk, first, log=OPEN, certainty="POSSIBLE") == ["A"]


async def test_5_what_was_known_of_a_block_that_is_recorded_late_depends_on_when_one_asks(clocked_desk: Desk) -> None:
    await clocked_desk.tell(published("L12", "2026-01-01T00:00:00Z") | {"recordedtime": "2026-01-02T00:00:00Z"})
    await clocked_desk.tell(block("L12", "R", "2026-01-04T00:00:00Z") | {"recordedtime": "2026-02-10T00:00:00Z"})
    visible = {
        known_at: [item["visible"] for item in (await clocked_desk.get("/v1/listings", **asked))["items"]]
        for known_at in ("2026-02-09T00:00:00Z", "2026-02-11T00:00:00Z")
        for asked in [{"as_of": "2026-02-01T00:00:00Z", "known_at": known_at}]
    }
    assert visible == {"2026-02-09T00:00:00Z": [True], "2026-02-11T00:00:00Z": [False]}


async def test_6_corrections_add_up_a_void_ends_them_and_neither_is_corrected_itself(desk: Desk) -> None:
    subject = "listing:shop:A"
    await desk.tell(block("A", "R", "2026-01-10T00:00:00Z"))
    await desk.tell(corrected("c1", subject, "block-A-R", time="2026-01-05T00:00:00Z"))
    assert await refused(desk, corrected("c2", subject, "c1", time="2026-01-06T00:00:00Z")) == [
        (422, "/data/target_event_id", "invalid-event")
    ]
    await desk.tell(corrected("c3", subject, "block-A-R", time="2026-01-08T00:00:00Z"))
    asked = ("2026-01-04T00:00:00Z", "2026-01-07T00:00:00Z", "2026-01-09T00:00:00Z")
    for size, counts in ((1, (0, 0, 0)), (2, (0, 1, 1)), (3, (0, 0, 1))):
        found = [len(await blocked(desk, as_of, size=f"{SHOP}:{size}", log=SHOP)) for as_of in asked]
        assert tuple(found) == counts, size
    await desk.tell(voided("v1", subject, "block-A-R"))
    assert await blocked(desk, "2026-02-01T00:00:00Z") == []
    for again in (corrected("c4", subject, "block-A-R", time=asked[0]), voided("v2", subject, "block-A-R")):
        assert await refused(desk, again) == [(422, "/data/target_event_id", "unknown-reference")]


async def test_11_a_notice_has_300_items_and_not_301(desk: Desk) -> None:
    def notice(count: int) -> Event:
        items = [{"item_no": number} for number in range(1, count + 1)]
        return event(f"n{count}", "NoticeReceived", "takedown_case:shop:N", items=items)

    assert await refused(desk, notice(301)) == [(422, "/data/items", "invalid-event")]
    await desk.tell(notice(300))
    assert (await desk.get("/v1/takedowns", count="true"))["count"] == 300


async def test_12_items_of_one_notice_come_to_different_ends(desk: Desk) -> None:
    case, acted = "takedown_case:shop:N", {"listing_id": "EXTERNAL", "restriction_id": "R", "measure": "REMOVED"}
    await desk.tell(
        event("n", "NoticeReceived", case, items=[{"item_no": number} for number in (1, 2, 3, 4)]),
        event("a", "TakedownActioned", case, "2026-01-11T00:00:00Z", item_no=1, **acted),
        event("d", "TakedownDeclined", case, "2026-01-11T00:00:00Z", item_no=2, reasons=["NOT_INFRINGING"]),
        event("r", "NoticeReturned", case, "2026-01-11T00:00:00Z", item_nos=[3], reasons=["MISSING_LOCATION"]),
    )
    items = (await desk.get("/v1/takedowns", as_of="2026-02-01T00:00:00Z"))["items"]
    assert [(item["item_no"], item["state"]) for item in items] == [
        (1, "ACTIONED"),
        (2, "DECLINED"),
        (3, "RETURNED"),
        (4, "RECEIVED"),
    ]
    assert {item["case_state"] for item in items} == {"ACTIONED"}


async def test_24_a_forged_a_revoked_and_an_expired_verification_have_different_pasts(desk: Desk) -> None:
    async def verification(name: str, as_of: str) -> str:
        items = (await desk.get("/v1/sellers", as_of=as_of, subject=f"seller:shop:{name}"))["items"]
        return str(items[0]["verification"])

    names, verified = ("forged", "revoked", "expired"), dict[str, Any](verification_id="V", entity_class="INDIVIDUAL")
    for name in names:
        limit = {"valid_to": "2026-01-20T00:00:00Z"} if name == "expired" else {}
        subject = f"seller:shop:{name}"
        await desk.tell(registered(name), event(f"ver-{name}", "SellerVerified", subject, **verified, **limit))
    await desk.tell(
        voided("void", "seller:shop:forged", "ver-forged"),
        event("end", "SellerVerificationRevoked", "seller:shop:revoked", "2026-01-20T00:00:00Z", verification_id="V"),
    )
    before, after = "2026-01-15T00:00:00Z", "2026-01-25T00:00:00Z"
    assert {name: (await verification(name, before), await verification(name, after)) for name in names} == {
        "forged": ("UNVERIFIED", "UNVERIFIED"),
        "revoked": ("VERIFIED", "REVOKED"),
        "expired": ("VERIFIED", "EXPIRED"),
    }


async def test_29_an_erasure_waits_for_a_hold_to_end_and_changes_no_replay_and_no_proof(desk: Desk) -> None:
    body = msgspec.json.encode({"subject": "subject:c1", "basis": "law", "request_ref": "DSR-1"})
    past = {"size": f"{SHOP}:2", "log": SHOP, "as_of": "2026-02-01T00:00:00Z"}
    await desk.tell(filed("D1", claimant_subject_id="subject:c1", claimant_name="Aminah binti Ali"), outcome("D1"))
    await desk.tell(event("hold", "LegalHoldPlaced", "subject:c1"))
    held = await desk.ask("POST", "/v1/erasures", who="operator", content=body)
    assert (held.status_code, held.json()["type"]) == (423, "/problems/legal-hold")
    await desk.tell(event("over", "LegalHoldReleased", "subject:c1"))
    before, old = await desk.get("/v1/disputes", **past), await head(desk)
    done = await desk.ask("POST", "/v1/erasures", who="operator", content=body)
    assert done.status_code == 201
    assert await desk.get("/v1/disputes", **past) == before
    assert (await desk.get(f"/v1/logs/{SHOP}/events/filed-D1"))["data"]["claimant_name"] == "[ERASED]"
    new = await head(desk)
    assert (old.size, new.size) == (4, 5)
    reader, log_id, leaf = desk.service.database.pool("reader"), new.log.log_id, leaf_hash(await desk.entry("filed-D1"))
    check_inclusion(leaf, 0, 5, await inclusion_proof(reader, log_id, 0, 5), new.root)
    check_consistency(4, old.root, 5, new.root, await consistency_proof(reader, log_id, 4, 5))


async def head(desk: Desk) -> LogHead:
    return (await read_heads(desk.service.database.pool("reader"), [SHOP]))[0]


async def test_31_an_act_may_lie_four_minutes_ahead_of_the_ledgers_clock_and_not_six(clocked_desk: Desk) -> None:
    recorded: Event = {"recordedtime": "2026-01-10T00:00:00Z"}
    assert await refused(clocked_desk, block("A", "R", "2026-01-10T00:06:00Z") | recorded) == [
        (422, "/time", "future-not-allowed")
    ]
    await clocked_desk.tell(block("A", "R", "2026-01-10T00:04:00Z") | recorded)


async def test_32_what_was_imported_later_was_known_then_to_the_source_and_not_to_the_ledger(desk: Desk) -> None:
    ban = dict[str, Any](restriction_id="B", decision_account="DECISION_ACCOUNT_TERMINATED")
    banned = event("ban", "SellerBanned", "seller:shop:S", "2013-05-01T00:00:00Z", **ban)
    (receipt,) = await desk.tell(banned | {"sourcetime": "2013-05-01T01:00:00Z"})
    asked: list[tuple[str, str, list[str]]] = [
        ("LEDGER", "2013-06-01T00:00:00Z", []),
        ("SOURCE", "2013-06-01T00:00:00Z", ["S"]),
        ("SOURCE", "2013-05-01T00:30:00Z", []),
        ("LEDGER", receipt["recordedtime"], ["S"]),
    ]
    for basis, known_at, expected in asked:
        found = await blocked(desk, "2013-06-01T00:00:00Z", basis=basis, known_at=known_at, log=SHOP)
        assert found == expected, (basis, known_at)


async def test_36_a_firm_that_has_grown_since_is_counted_as_it_was_when_it_gave_notice(desk: Desk) -> None:
    holder, notice = "party:holder", dict[str, Any](items=[{"item_no": 1}], notifier_party_id="party:holder")
    await desk.tell(
        event("p1", "PartyClassified", holder, "2026-01-01T00:00:00Z", size_class="SMALL"),
        event("n", "NoticeReceived", "takedown_case:shop:N", **notice, notifier_size_class="SMALL"),
        event("p2", "PartyClassified", holder, "2026-01-20T00:00:00Z", size_class="LARGE"),
    )
    later = "2026-02-01T00:00:00Z"
    assert (await desk.get("/v1/parties", as_of=later))["items"][0]["size_class"] == "LARGE"
    for size_class, count in (("SMALL", 1), ("LARGE", 0)):
        assert (await desk.get("/v1/takedowns", as_of=later, size_class=size_class, count="true"))["count"] == count


async def test_37_a_country_and_a_currency_that_are_no_more_stay_in_history_and_unknown_ones_are_refused(
    desk: Desk,
) -> None:
    price = {"amount_minor": 100, "currency": "HRK"}
    await desk.tell(published("old", "2010-01-01T00:00:00Z", ship_from_country="AN", price=price))
    assert (await desk.get("/v1/listings", ship_from="AN"))["items"][0]["price"] == price
    assert await refused(desk, published("never", ship_from_country="ZZ")) == [
        (422, "/data/ship_from_country", "invalid-event")
    ]
    assert await refused(desk, published("nothing", price={**price, "currency": "ABC"})) == [
        (422, "/data/price/currency", "invalid-event")
    ]


@pytest.mark.parametrize(
    ("hours", "middle", "ninth_tenth"),
    [
        ((), None, None),
        ((7,), 7, 7),
        ((9, 1, 8, 2, 7, 3, 6, 4, 5), 5, 9),
        ((9, 1, 8, 2, 7, 3, 6, 4, 5, 10), 5.5, 9),
    ],
)
def test_39_a_percentile_is_the_nearest_rank_and_of_nothing_there_is_none(
    hours: tuple[int, ...], middle: float | None, ninth_tenth: int | None
) -> None:
    came = {"item_no": 1, "received_at": "2026-01-01T00:00:00Z"}
    items = [{**came, "decided_at": f"2026-01-01T{hour:02}:00:00Z"} for hour in hours]
    assert times_to_action([*items, came]) == {
        "n": len(hours),
        "median_h": middle,
        "p90_nearest_rank_h": ninth_tenth,
        "open": 1,
    }
