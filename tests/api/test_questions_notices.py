"""Section 12's questions about notices, and those who send them: Q12 to Q14, Q16, Q51."""

from ledger.tokens import create_token
from tests.api.asking import Row, found, on, record
from tests.api.desk import Desk, Event, Json, corrected, event

HOLDER_LOG, CASE = "holder", "takedown_case:shop"
HOLDER, GOOD = "party:holder", "GOOD_FAITH"
WAITED, RESTORED = "CN-ECL-43", "US-DMCA-PUTBACK"


def notice(name: str, time: str, items: int = 1, **data: Json) -> Event:
    """Return that the platform received a notice of the holder's."""
    numbered = [{"item_no": number} for number in range(1, items + 1)]
    data = {"notifier_party_id": HOLDER, "items": numbered, **data}
    return event(f"notice-{name}", "NoticeReceived", f"{CASE}:{name}", time, **data)


def act(name: str, event_type: str, time: str, item_no: int = 1, **data: Json) -> Event:
    """Return what was done about an item of a case; the event is called by all three."""
    return event(f"{event_type}-{name}-{item_no}", event_type, f"{CASE}:{name}", time, item_no=item_no, **data)


def actioned(name: str, time: str, item_no: int = 1) -> Event:
    """Return that an item was taken down."""
    return act(name, "TakedownActioned", time, item_no, measure="REMOVED")


def countered(name: str, regime: str, time: str, items: int = 1) -> list[Event]:
    """Return a case whose items were taken down, and all countered and forwarded at a time."""
    events = [notice(name, on("01-02"), items, regime=regime)]
    for number in range(1, items + 1):
        events += [
            actioned(name, on("01-03"), number),
            act(name, "CounterNoticeSubmitted", time, number, attempt=1),
            act(name, "CounterNoticeForwarded", time, number, delivered_at=time),
        ]
    return events


def restored(name: str, time: str, item_no: int = 1) -> Event:
    """Return that a takedown was undone."""
    return act(name, "TakedownReversed", time, item_no, ground="WAITING_PERIOD_ELAPSED")


def sued(name: str, time: str, item_no: int = 1) -> Event:
    """Return that the holder told of having gone to law on that day."""
    return act(name, "LegalActionNotified", time, item_no, forum="COURT", filed_on=time[:10])


async def test_q12_which_notices_the_platform_never_acknowledged(clocked_desk: Desk) -> None:
    desk = clocked_desk
    await desk.service.create_log(HOLDER_LOG, "HOLDER", "Asia/Jakarta", "ID", "CONFIDENTIAL")
    holder = await create_token(desk.service.database.pool("keeper"), "PLATFORM_WRITER", [HOLDER_LOG], None)
    sent = [
        event(f"sent-{ref}", "NoticeSubmitted", f"takedown_case:holder:{ref}", on("01-10"), notice_ref=ref)
        | {"recordedtime": on("01-11")}
        for ref in ("N1", "N2", "N3")
    ]
    both = Desk(desk.service, desk.client, {**desk.tokens, "holder": holder})
    assert (await both.send(sent, log=HOLDER_LOG, who="holder")).status_code == 201
    await record(desk, "01-20", notice("A", on("01-10"), notice_ref="N1"))
    await record(desk, "01-25", notice("B", on("01-15"), notice_ref="N2"))

    async def acknowledged(as_of: str, known_at: str) -> list[Row]:
        names = ("notice_ref", "status", "late", "received_by")
        return await found(desk, "completeness", names, as_of, kind="NOTICE", known_at=known_at)

    received, never = ("N1", "COMPLETE", False, "notice-A"), ("N3", "INCOMPLETE", None, None)
    assert await acknowledged("01-10", "01-20") == [
        received,
        *((name, "PENDING", None, None) for name in ("N2", "N3")),
    ]
    assert await acknowledged("01-18", "01-20") == [received, ("N2", "INCOMPLETE", None, None), never]
    assert await acknowledged("01-18", "01-25") == [received, ("N2", "COMPLETE", True, "notice-B"), never]


async def test_q13_which_counter_notices_ran_past_the_waiting_period_and_came_back_late_or_never(desk: Desk) -> None:
    year: Event = {"year": 2026, "holidays": ["2026-01-19"], "weekend": [6, 7]}
    await desk.tell(
        event("calendar", "CalendarPublished", "calendar:US", on("01-01"), **year),
        *countered("A", "CN_ECL", on("01-05"), 3),
        restored("A", on("01-22"), 1),
        sued("A", on("01-12"), 2),
        *countered("B", "US_DMCA", on("01-05")),
        restored("B", on("01-29")),
    )
    names = ("subject", "key", "rule", "status", "met_by", "due_on")
    query = {"rule": [WAITED, RESTORED], "status": ["MISSED", "MET_LATE"]}
    back = ("A", "1", WAITED, "MET_LATE", "TakedownReversed-A-1", None)
    never = ("A", "3", WAITED, "MISSED", None, None)
    assert await found(desk, "deadlines", names, "01-19", **query) == []
    assert await found(desk, "deadlines", names, "01-27", **query) == [
        back,
        never,
        ("B", "1", RESTORED, "MISSED", None, "2026-01-26"),
    ]
    assert await found(desk, "deadlines", names, "01-29", **query) == [
        back,
        never,
        ("B", "1", RESTORED, "MET_LATE", "TakedownReversed-B-1", "2026-01-26"),
    ]


async def test_q14_which_items_came_back_although_suit_was_notified_in_time(desk: Desk) -> None:
    await desk.tell(
        *countered("A", "CN_ECL", on("01-05"), 3),
        sued("A", on("01-10"), 1),
        sued("A", on("01-10"), 2),
        sued("A", on("01-21"), 3),
        restored("A", on("01-22"), 1),
        restored("A", on("01-22"), 3),
    )

    async def came_back(as_of: str) -> list[Row]:
        reversed_ = await found(desk, "takedowns", ("item_no", "filed_on", "legal_forum"), as_of, state="REVERSED")
        in_time = await found(desk, "deadlines", ("key",), as_of, rule=WAITED, status="NOT_APPLICABLE")
        return [row for row in reversed_ if (str(row[0]),) in in_time]

    assert await came_back("01-21") == []
    assert await came_back("01-22") == [(1, "2026-01-10", "COURT")]


async def test_q16_which_right_holders_no_longer_met_the_thresholds_then_in_force_and_kept_the_tier(desk: Desk) -> None:
    def threshold(version: str, time: str, most: str) -> Event:
        when: Event = {"field": "upheld_counter_rate", "op": "lte", "value": most}
        data = {"rule_id": "good-faith", "version": version, "applies_to": "CASE", "when": when, "then": "THRESHOLD"}
        params = {"tier": GOOD, "window": "P3M"}
        return event(f"rule-{version}", "PolicyRuleDefined", "policy:shop:tiers", time, params=params, **data)

    await desk.tell(
        threshold("1", on("01-01"), "0.10"),
        threshold("2", on("01-15"), "0.05"),
        event("member", "MembershipAdmitted", "membership:good:1", on("01-01"), party_id=HOLDER, tier=GOOD),
        notice("A", on("01-02"), 10),
        *(actioned("A", on("01-03"), number) for number in range(1, 11)),
        act("A", "CounterNoticeSubmitted", on("01-08")),
        act("A", "TakedownReversed", on("01-10"), ground="COUNTER_NOTICE_UPHELD"),
        event("left", "MembershipEnded", "membership:good:1", on("01-25"), reason="REMOVED_THRESHOLD"),
    )
    names = ("subject", "tier_held", "tier_due", "mismatch")
    assert await found(desk, "notifiers", names, "01-14") == [("holder", [GOOD], [GOOD], False)]
    assert await found(desk, "notifiers", names, "01-20") == [("holder", [GOOD], [], True)]
    assert await found(desk, "notifiers", names, "01-25") == [("holder", [], [], False)]


async def test_q51_whether_abusive_notifiers_were_warned_then_suspended_and_how_many_notices_that_affected(
    clocked_desk: Desk,
) -> None:
    desk = clocked_desk

    def abuse(name: str, time: str, **data: Json) -> Event:
        return event(f"abuse-{name}", "NoticeFoundAbusive", f"{CASE}:{name}", time, finding="UNFOUNDED", **data)

    aside: Event = {"measure": "PROCESSING_SUSPENDED_UNTIL", "suspended_until": "2026-01-25"}
    await record(
        desk,
        "01-31",
        notice("A", on("01-02")),
        abuse("A", on("01-05"), measure="WARNING"),
        notice("B", on("01-06")),
        abuse("B", on("01-10"), **aside),
        notice("C", on("01-15")),
        notice("D", on("01-15"), notifier_party_id="party:other"),
        abuse("D", on("01-16"), notifier_party_id="party:other", **aside),
    )
    later: Event = {"suspended_until": "2026-01-12"}
    await record(desk, "02-05", corrected("fix", f"{CASE}:B", "abuse-B", data=later))
    names = ("subject", "warnings", "suspensions", "warned_before_suspension", "suspended", "notices_while_suspended")

    async def treated(as_of: str, known_at: str) -> list[Row]:
        return await found(desk, "notifiers", names, as_of, known_at=known_at)

    unwarned: Row = ("other", 0, 1, False, True, 0)
    assert await treated("01-09", "01-31") == [("holder", 1, 0, None, False, 0)]
    assert await treated("01-20", "01-31") == [("holder", 1, 1, True, True, 1), unwarned]
    assert await treated("01-20", "02-05") == [("holder", 1, 1, True, False, 0), unwarned]
