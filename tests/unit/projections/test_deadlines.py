"""Deadlines: what is due when, by which rule and calendar, and what came of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.calendar_days import Calendar, CalendarYear, is_working_day
from ledger.domain.catalogue import EVENTS
from ledger.domain.fact import Certainty
from ledger.domain.instants import TICK, end_of, parse_instant, zone
from ledger.domain.order_events import OrderIssued
from ledger.domain.policy import Policy
from ledger.domain.predicate import fields_of, parse_predicate
from projections.deadlines.deadline import Deadline, deadlines_of
from projections.deadlines.rules import Occasion, shipped_register, versions_of
from projections.deadlines.working_days import Limit, advanced, due_at, not_before, postponed, running
from tests.unit.domain.build import Story

DELIVERED_WAIT = "2020-10-30T03:00:00Z"
LATER = "2029-12-31T00:00:00Z"
JAKARTA = "Asia/Jakarta"
ZONES = ("UTC", JAKARTA, "Europe/London", "America/New_York", "Pacific/Apia", "America/Sao_Paulo")
WEEKEND = (6, 7)


def calendar(country: str, *years: int, holidays: Sequence[str] = ()) -> dict[str, Calendar]:
    name = f"calendar:{country}"
    known = {
        year: CalendarYear(
            year=year, holidays=tuple(day for day in holidays if day.startswith(str(year))), weekend=WEEKEND
        )
        for year in years
    }
    return {name: Calendar(id=name, version=len(known), years=known)}


def deadlines(  # the defaults are those of most tests
    story: Story,
    calendars: dict[str, Calendar] | None = None,
    as_of: str = LATER,
    certainty: Certainty = "CERTAIN",
    policies: Sequence[Policy] = (),
) -> dict[str, Deadline]:
    """Return what is due of a story's whole, by rule; of one with several keys by rule and key."""
    rules = versions_of(shipped_register(), policies).values()
    found = deadlines_of(story.known(), rules, calendars or {}, parse_instant(as_of), certainty)
    named = {f"{one.rule} {one.key}" if one.key not in ("", "1") else one.rule: one for one in found}
    assert len(named) == len(found)
    return named


def outcome(deadline: Deadline) -> tuple[str, str | None, timedelta | None]:
    """Return status, due instant and lag."""
    due = None if deadline.due is None else deadline.due.strftime("%Y-%m-%dT%H:%MZ")
    return deadline.status, due, deadline.lag


def counter_noticed(case: str = "takedown_case:tmall:T02", regime: str = "CN_ECL", tz: str = "UTC") -> Story:
    story = Story(case, tz)
    story.tell("NoticeReceived", "2020-10-10T03:00:00Z", regime=regime, items=[{"item_no": 1}])
    story.tell("CounterNoticeSubmitted", "2020-10-14T03:00:00Z", item_no=1, attempt=1)
    return story


def forwarded() -> Story:
    story = counter_noticed()
    story.tell("CounterNoticeForwarded", "2020-10-15T05:00:00Z", item_no=1, delivered_at="2020-10-15T03:00:00Z")
    return story


def filed(time: str = "2021-10-01T03:00:00Z") -> Story:
    story = Story("dispute:bpsk:D5", JAKARTA)
    story.tell("DisputeFiled", time, claimant_kind="CONSUMER")
    return story


def noticed(case: str = "takedown_case:alibaba-ipp:N1", time: str = "2021-06-01T02:00:00Z", items: int = 1) -> Story:
    story = Story(case, "Asia/Shanghai")
    numbers = [{"item_no": number} for number in range(1, items + 1)]
    story.tell("NoticeReceived", time, regime="PLATFORM", items=numbers)
    return story


def ordered(urgency: str | None, precision: str = "INSTANT") -> Story:
    story = Story("order:kominfo:O1", JAKARTA)
    issued = msgspec.convert({"kind": "TAKEDOWN", "number": "O1", "urgency": urgency}, OrderIssued)
    story.record(issued, "2022-08-01T01:00:00Z")
    if precision == "DAY":
        story.tell("OrderReceived", "2022-08-01T17:00:00Z", precision="DAY")
    else:
        story.tell("OrderReceived", "2022-08-02T01:00:00Z")
    return story


def test_a_takedown_in_china_is_reversed_fifteen_days_after_delivery_and_this_one_came_five_days_late() -> None:
    story = forwarded()
    waiting = deadlines(story, as_of="2020-10-30T03:00:00Z")["CN-ECL-43"]
    never = deadlines(story, as_of="2020-10-30T03:00:01Z")["CN-ECL-43"]
    reversal = story.tell("TakedownReversed", "2020-11-04T03:00:00Z", item_no=1)
    late = deadlines(story)["CN-ECL-43"]
    assert [outcome(one) for one in (waiting, never, late)] == [
        ("PENDING", "2020-10-30T03:00Z", None),
        ("MISSED", "2020-10-30T03:00Z", None),
        ("MET_LATE", "2020-10-30T03:00Z", timedelta(days=5)),
    ]
    assert late == Deadline(
        rule="CN-ECL-43",
        version="1",
        subject="takedown_case:tmall:T02",
        key="1",
        trigger="e3",
        triggered_at=parse_instant("2020-10-15T03:00:00Z"),
        status="MET_LATE",
        earliest=parse_instant("2020-10-30T03:00:00Z"),
        due=parse_instant("2020-10-30T03:00:00Z"),
        met_at=reversal.time,
        met_by=reversal.id,
        lag=timedelta(days=5),
    )
    assert deadlines(story, as_of="2020-11-01T00:00:00Z")["CN-ECL-43"].status == "MISSED"


@pytest.mark.parametrize(
    ("notified", "status"),
    [
        ("2020-10-28T03:00:00Z", "NOT_APPLICABLE"),
        ("2020-10-30T03:00:00Z", "NOT_APPLICABLE"),
        ("2020-10-30T03:01:00Z", "MISSED"),
    ],
)
def test_a_suit_within_the_wait_ends_the_duty_to_reverse_and_one_a_minute_later_does_not(
    notified: str, status: str
) -> None:
    story = forwarded()
    story.tell("LegalActionNotified", notified, item_no=1, filed_on="2020-10-28")
    assert deadlines(story)["CN-ECL-43"].status == status


def test_a_dispute_is_decided_within_21_working_days_and_this_one_was_not() -> None:
    story = filed()
    calendars = calendar("ID", 2021, holidays=["2021-10-20"])
    running_out = deadlines(story, calendars, "2021-11-02T16:59:59Z")["ID-UUPK-55"]
    missed = deadlines(story, calendars, "2021-11-02T17:00:00Z")["ID-UUPK-55"]
    story.tell("DisputeOutcomeRecorded", "2021-11-08T07:00:00Z", outcome="DECIDED_FOR_CLAIMANT")
    decided = deadlines(story, calendars)["ID-UUPK-55"]
    assert decided.due == end_of(date(2021, 11, 2), JAKARTA)
    assert [one.status for one in (running_out, missed, decided)] == ["PENDING", "MISSED", "MET_LATE"]
    assert (decided.calendar, decided.calendar_version) == ("calendar:ID", 1)


def test_the_seven_days_to_comply_run_out_before_the_fourteen_to_object_and_both_are_told() -> None:
    story = filed()
    story.tell("DisputeOutcomeRecorded", "2021-11-08T07:00:00Z", outcome="DECIDED_FOR_CLAIMANT")
    calendars = calendar("ID", 2021)
    between = deadlines(story, calendars, "2021-11-20T00:00:00Z")
    after = deadlines(story, calendars)
    assert outcome(between["ID-UUPK-56(1)"]) == ("MISSED", "2021-11-17T16:59Z", None)
    assert outcome(between["ID-UUPK-56(2)"]) == ("PENDING", "2021-11-26T16:59Z", None)
    assert after["ID-UUPK-56(2)"].status == "NOT_APPLICABLE"  # a right not used is no duty missed
    story.tell("OutcomeObjectionFiled", "2021-11-26T10:00:00Z", filed_at="2021-11-26T10:00:00Z")
    assert deadlines(story, calendars)["ID-UUPK-56(2)"].status == "MET"


def test_an_outcome_that_was_set_aside_is_not_complied_with_and_the_next_one_is() -> None:
    story = filed()
    story.tell("DisputeOutcomeRecorded", "2021-10-11T03:00:00Z", outcome="DECIDED_FOR_CLAIMANT")
    story.tell("OutcomeSetAside", "2021-10-12T03:00:00Z")
    story.tell("DisputeOutcomeRecorded", "2021-10-13T03:00:00Z", outcome="DECIDED_PARTIAL")
    rules = versions_of(shipped_register()).values()
    found = deadlines_of(story.known(), rules, calendar("ID", 2021), parse_instant("2021-10-14T00:00:00Z"), "CERTAIN")
    assert [(one.trigger, one.status) for one in found if one.rule == "ID-UUPK-56(1)"] == [
        ("e2", "NOT_APPLICABLE"),
        ("e4", "PENDING"),
    ]


def test_a_suit_of_before_the_counter_notice_keeps_a_takedown_up() -> None:
    story = counter_noticed()
    story.tell("LegalActionNotified", "2020-10-14T05:00:00Z", item_no=1, filed_on="2020-10-14")
    story.tell("CounterNoticeForwarded", "2020-10-15T05:00:00Z", item_no=1, delivered_at="2020-10-15T03:00:00Z")
    assert deadlines(story)["CN-ECL-43"].status == "NOT_APPLICABLE"


def test_a_dispute_that_is_withdrawn_in_time_needs_no_decision() -> None:
    story = filed()
    withdrawal = story.tell("DisputeWithdrawn", "2021-10-05T03:00:00Z")
    found = deadlines(story, calendar("ID", 2021))["ID-UUPK-55"]
    assert (found.status, found.instead_by) == ("NOT_APPLICABLE", withdrawal.id)


@pytest.mark.parametrize(("urgency", "rule", "hours"), [("NORMAL", "NORMAL", 24), ("URGENT", "URGENT", 4)])
def test_an_order_is_given_effect_within_24_hours_and_an_urgent_one_within_4(
    urgency: str, rule: str, hours: int
) -> None:
    name = f"ID-KOMINFO5-{rule}"
    received = parse_instant("2022-08-02T01:00:00Z")
    for lag, status in ((timedelta(0), "MET"), (timedelta(seconds=1), "MET_LATE")):
        story = ordered(urgency)
        at = (received + timedelta(hours=hours) + lag).isoformat()
        story.tell("OrderEffectGiven", "2022-08-02T02:00:00Z", extent="PARTIAL", effect_at="2022-08-02T02:00:00Z")
        story.tell("OrderEffectGiven", at, extent="FULL", effect_at=at)
        found = deadlines(story)
        assert list(found) == [name]
        assert (found[name].status, found[name].lag) == (status, lag)


def test_an_order_that_is_revoked_in_time_is_due_no_more_and_a_partial_effect_is_none() -> None:
    story = ordered("URGENT")
    story.tell("OrderEffectGiven", "2022-08-02T02:00:00Z", extent="PARTIAL", effect_at="2022-08-02T02:00:00Z")
    assert deadlines(story)["ID-KOMINFO5-URGENT"].status == "MISSED"
    story.tell("OrderRevoked", "2022-08-02T03:00:00Z")
    assert deadlines(story)["ID-KOMINFO5-URGENT"].status == "NOT_APPLICABLE"


def test_an_order_that_does_not_say_how_urgent_it_is_leaves_its_deadlines_undetermined() -> None:
    found = deadlines(ordered(None))
    assert {name: (one.status, one.undetermined_by) for name, one in found.items()} == {
        "ID-KOMINFO5-NORMAL": ("UNDETERMINED", "CONDITION"),
        "ID-KOMINFO5-URGENT": ("UNDETERMINED", "CONDITION"),
    }


def test_a_rule_that_was_not_in_force_at_the_trigger_makes_nothing_due() -> None:
    story = Story("order:kominfo:O1", JAKARTA)
    story.tell("OrderIssued", "2020-11-01T01:00:00Z", kind="TAKEDOWN", number="O1", urgency="NORMAL")
    story.tell("OrderReceived", "2020-11-23T16:59:59Z")
    assert deadlines(story) == {}
    story.tell("OrderReceived", "2020-11-23T17:00:00Z")
    assert list(deadlines(story)) == ["ID-KOMINFO5-NORMAL"]


def test_what_a_day_alone_leaves_open_is_undetermined() -> None:
    story = ordered("NORMAL", "DAY")  # on 2 August, in Jakarta
    name = "ID-KOMINFO5-NORMAL"
    assert deadlines(story, as_of="2022-08-02T16:00:00Z", certainty="POSSIBLE")[name].status == "PENDING"
    assert deadlines(story, as_of="2022-08-03T10:00:00Z")[name].undetermined_by == "PRECISION"
    assert deadlines(story, as_of="2022-08-03T17:00:00Z")[name].status == "MISSED"
    story.tell("OrderEffectGiven", "2022-08-02T17:00:00Z", precision="DAY", extent="FULL", effect_at="2022-08-03")
    assert deadlines(story)[name].undetermined_by == "PRECISION"
    late = ordered("NORMAL", "DAY")
    late.tell("OrderEffectGiven", "2022-08-03T17:00:00Z", precision="DAY", extent="FULL", effect_at="2022-08-04")
    assert deadlines(late)[name].status == "MET_LATE"


@pytest.mark.parametrize(
    ("restored", "status", "early"),
    [
        ("2020-10-27T03:59:59Z", "MET", True),  # the ninth business day, a minute to midnight in New York
        ("2020-10-27T04:00:00Z", "MET", False),
        ("2020-11-03T04:59:59Z", "MET", False),
        ("2020-11-03T05:00:00Z", "MET_LATE", False),
        (None, "MISSED", False),
    ],
)
def test_what_is_put_back_in_america_is_not_before_10_and_not_after_14_business_days(
    restored: str | None, status: str, early: bool
) -> None:
    story = counter_noticed("takedown_case:etsy:T1", "US_DMCA", "America/New_York")
    calendars = calendar("US", 2020)
    if restored is not None:
        story.tell("TakedownReversed", restored, item_no=1)
    found = deadlines(story, calendars)["US-DMCA-PUTBACK"]
    assert found.triggered_at == parse_instant("2020-10-14T03:00:00Z")  # the 13th, in New York
    assert (found.status, found.early) == (status, early)
    assert found.earliest == parse_instant("2020-10-27T04:00:00Z")


def test_a_suit_that_is_notified_in_time_keeps_down_what_would_be_put_back() -> None:
    for notified, status in (("2020-10-20T03:00:00Z", "NOT_APPLICABLE"), ("2020-11-03T05:00:00Z", "MISSED")):
        story = counter_noticed("takedown_case:etsy:T1", "US_DMCA", "America/New_York")
        story.tell("LegalActionNotified", notified, item_no=1, filed_on="2020-10-20")
        assert deadlines(story, calendar("US", 2020))["US-DMCA-PUTBACK"].status == status


def test_an_amended_calendar_moves_the_due_day_only_for_who_knows_it() -> None:
    story = noticed(time="2021-09-27T02:00:00Z")
    story.tell("CounterNoticeSubmitted", "2021-09-30T10:00:00Z", item_no=1, attempt=1)
    calendar_story = Story("calendar:CN", "Asia/Shanghai")
    calendar_story.tell("CalendarPublished", "2020-12-31T16:00:00Z", year=2021, holidays=["2021-09-28"], weekend=[6, 7])
    calendar_story.tell("CalendarAmended", "2020-12-31T16:00:00Z", year=2021, removed=["2021-09-28"])
    found: list[Deadline] = []
    for events in (1, 2):
        state = calendar_story.state(events=events)
        assert isinstance(state, Calendar)
        found.append(deadlines(story, {"calendar:CN": state})["ALI-IPP-COUNTER(1)"])
    assert [outcome(one)[:2] for one in found] == [("MET", "2021-10-01T15:59Z"), ("MET", "2021-09-30T15:59Z")]
    assert [one.calendar_version for one in found] == [1, 2]


def test_the_version_in_force_at_the_trigger_counts_the_days() -> None:
    calendars = calendar("CN", 2022)
    name = "ALI-IPP-COUNTER(2-3)"
    before = deadlines(noticed(time="2022-01-19T15:59:59Z"), calendars)[name]
    after = deadlines(noticed(time="2022-01-19T16:00:00Z"), calendars)[name]
    assert [(one.version, outcome(one)[1]) for one in (before, after)] == [
        ("1", "2022-03-02T15:59Z"),
        ("2", "2022-02-28T15:59Z"),
    ]


def test_every_item_of_a_notice_has_its_own_deadline() -> None:
    story = noticed(items=3)
    story.tell("TakedownActioned", "2021-06-01T12:00:00Z", item_no=2, measure="REMOVED")
    story.tell("NoticeRejected", "2021-06-03T12:00:00Z", item_nos=[1, 3])
    found = deadlines(story, calendar("CN", 2021))
    assert [found[name].status for name in ("ALI-IPP-24H", "ALI-IPP-24H 2", "ALI-IPP-24H 3")] == [
        "MET_LATE",
        "MET",
        "MET_LATE",
    ]


def test_the_clock_stands_still_while_a_notice_is_with_its_notifier() -> None:
    story = noticed(items=2)
    calendars = calendar("CN", 2021)
    story.tell("NoticeReturned", "2021-06-01T08:00:00Z", item_nos=[1])
    paused = deadlines(story, calendars, "2021-06-03T00:00:00Z")
    assert (paused["ALI-IPP-24H"].status, paused["ALI-IPP-24H"].paused_since) == (
        "PAUSED",
        parse_instant("2021-06-01T08:00:00Z"),
    )
    assert paused["ALI-IPP-24H 2"].status == "MISSED"
    assert paused["ALI-IPP-COUNTER(1)"].paused_since is None  # that rule knows no pauses
    story.tell("NoticeSupplemented", "2021-06-03T08:00:00Z")
    resumed = deadlines(story, calendars, "2021-06-03T09:00:00Z")["ALI-IPP-24H"]
    assert (outcome(resumed), resumed.paused) == (("PENDING", "2021-06-04T02:00Z", None), timedelta(days=2))
    story.tell("TakedownActioned", "2021-06-04T02:00:00Z", item_no=1, measure="REMOVED")
    story.tell("NoticeReturned", "2021-06-04T02:00:00Z", item_nos=[1])
    assert deadlines(story, calendars)["ALI-IPP-24H"].status == "MET"


def test_a_notice_that_is_returned_too_late_stops_no_clock() -> None:
    story = noticed()
    story.tell("NoticeReturned", "2021-06-02T03:00:00Z", item_nos=[1])
    found = deadlines(story, calendar("CN", 2021))["ALI-IPP-24H"]
    assert (found.status, found.paused_since) == ("MISSED", None)


@pytest.mark.parametrize(
    ("new_due", "years", "beyond"),
    [("2020-11-12", (2020,), False), ("2020-11-13", (2020,), True), ("2020-11-13", (), None)],
)
def test_an_extension_beyond_the_maximum_counts_and_is_marked(
    new_due: str, years: tuple[int, ...], beyond: bool | None
) -> None:
    story = forwarded()
    story.tell("DeadlineExtended", "2020-10-20T03:00:00Z", deadline_kind="CN-ECL-43", new_due=new_due)
    story.tell("DeadlineExtended", "2020-10-20T03:00:00Z", deadline_kind="SOMETHING-ELSE", new_due="2022-01-01")
    story.tell("DeadlineExtended", "2020-10-21T03:00:00Z", deadline_kind="CN-ECL-43", new_due="2020-10-22")
    found = deadlines(story, calendar("CN", *years), "2020-11-05T00:00:00Z")["CN-ECL-43"]
    assert found.due == end_of(date.fromisoformat(new_due), "Asia/Shanghai")
    assert found.extended_by == end_of(date.fromisoformat(new_due), "Asia/Shanghai") - parse_instant(DELIVERED_WAIT)
    assert (found.status, found.beyond_maximum) == ("PENDING", beyond)


def test_an_extension_revives_no_deadline_that_ran_out() -> None:
    story = forwarded()
    story.tell("DeadlineExtended", "2020-10-30T04:00:00Z", deadline_kind="CN-ECL-43", new_due="2020-11-10")
    found = deadlines(story, as_of="2020-11-01T00:00:00Z")["CN-ECL-43"]
    assert (outcome(found)[:2], found.extended_by) == (("MISSED", "2020-10-30T03:00Z"), None)


def test_an_extension_to_no_day_and_one_of_before_the_trigger_move_nothing() -> None:
    story = counter_noticed()
    story.tell("DeadlineExtended", "2020-10-14T04:00:00Z", deadline_kind="CN-ECL-43", new_due="2020-11-10")
    story.tell("CounterNoticeForwarded", "2020-10-15T05:00:00Z", item_no=1, delivered_at="2020-10-15T03:00:00Z")
    story.tell("DeadlineExtended", "2020-10-16T03:00:00Z", deadline_kind="CN-ECL-43", new_due="9999-12-31")
    found = deadlines(story)["CN-ECL-43"]
    assert (outcome(found)[:2], found.extended_by) == (("MISSED", "2020-10-30T03:00Z"), None)


def test_nothing_is_due_before_anything_happened_and_a_notice_without_items_is_due_as_a_whole() -> None:
    story = Story("takedown_case:alibaba-ipp:N1", "Asia/Shanghai")
    story.tell("NoticeReceived", "2021-06-01T02:00:00Z", regime="PLATFORM")
    story.tell("NoticeSupplemented", "2021-06-01T03:00:00Z")
    story.tell("TakedownActioned", "2021-06-01T12:00:00Z", item_no=2, measure="REMOVED")
    assert deadlines(story, as_of="2021-06-01T01:00:00Z") == {}
    found = deadlines(story, calendar("CN", 2021))["ALI-IPP-24H"]
    assert (found.key, found.status) == ("", "MET")


def test_a_data_subject_is_answered_within_72_hours_of_its_request() -> None:
    story = Story("subject:s1", JAKARTA)
    for number in (1, 2):
        story.tell(
            "ErasureRequested",
            subject_id="subject:s1",
            request_ref=f"Q{number}",
            received_at=f"2029-12-3{number - 1}T00:00:00Z",
        )
    story.tell("ErasureDeferred", until="2031-01-01", request_ref="Q1")
    found = deadlines(story, as_of="2030-01-02T23:59:59Z")
    assert {name: outcome(one)[:2] for name, one in found.items()} == {
        "ERASURE-72H Q1": ("MET", "2030-01-02T00:00Z"),
        "ERASURE-72H Q2": ("PENDING", "2030-01-03T00:00Z"),
    }


def test_a_calendar_that_does_not_know_the_next_year_leaves_a_deadline_undetermined() -> None:
    story = filed("2021-12-31T03:00:00Z")
    story.tell("DisputeOutcomeRecorded", "2022-01-03T03:00:00Z", outcome="SETTLED")
    for calendars in (calendar("ID", 2021), {}):
        found = deadlines(story, calendars)["ID-UUPK-55"]
        assert (outcome(found), found.undetermined_by) == (("UNDETERMINED", None, None), "CALENDAR")
    assert deadlines(story, calendar("ID", 2021, 2022))["ID-UUPK-55"].status == "MET"


def test_reasons_are_stated_when_a_restriction_is_imposed_and_only_europe_asks_for_them() -> None:
    def blocked(scope: str, told: str | None) -> Story:
        story = Story("listing:shop:L1", "Europe/Berlin")
        visibility = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
        story.tell(
            "ListingBlocked",
            "2024-06-01T10:00:00Z",
            restriction_id="R1",
            decision_visibility=visibility,
            territorial_scope=[scope],
        )
        if told is not None:
            story.tell("StatementOfReasonsIssued", told, sor_id="S1", restriction_id="R1", sent_at=told)
        return story

    name = "EU-DSA-17 R1"
    assert deadlines(blocked("ID", None)) == {}
    assert deadlines(blocked("DE", None))[name].status == "MISSED"
    assert deadlines(blocked("DE", "2024-06-01T09:59:00Z"))[name].status == "MET"
    assert outcome(deadlines(blocked("DE", "2024-06-01T10:01:00Z"))[name]) == (
        "MET_LATE",
        "2024-06-01T10:00Z",
        timedelta(minutes=1),
    )


def test_a_report_is_published_within_two_months_of_the_end_of_its_period() -> None:
    for published, status in (("2026-02-28T22:59:59Z", "MET"), ("2026-02-28T23:00:00Z", "MET_LATE")):
        story = Story("report:shop:2025", "Europe/Berlin")
        story.tell(
            "TransparencyReportPublished",
            published,
            period_start="2025-07-01",
            period_end="2025-12-31",
            template="DSA_2024_2835",
            figures_sha256="0" * 64,
        )
        assert deadlines(story)["DSA-REPORT"].status == status


def overriding(params: dict[str, object], *, rule: str = "ID-UUPK-55", repealed: str | None = None) -> list[Policy]:
    story = Story("policy:id-uupk", JAKARTA)
    when = {"field": "namespace", "op": "eq", "value": "bpsk"}
    story.tell(
        "PolicyRuleDefined",
        "2020-12-31T17:00:00Z",
        rule_id=rule,
        version="2",
        applies_to="DISPUTE",
        then="DEADLINE",
        when=when,
        params=params,
    )
    if repealed is not None:
        story.tell("PolicyRepealed", repealed)
    state = story.state()
    assert isinstance(state, Policy)
    return [state]


def test_a_policys_rule_goes_before_the_registers_from_its_own_time_until_its_repeal() -> None:
    shorter = overriding({"limit": {"length": "P5D"}})
    calendars = calendar("ID", 2020, 2021)
    found = deadlines(filed(), calendars, policies=shorter)["ID-UUPK-55"]
    assert (found.version, found.due) == ("2", end_of(date(2021, 10, 8), JAKARTA))
    before = deadlines(filed("2020-12-01T03:00:00Z"), calendars, policies=shorter)["ID-UUPK-55"]
    assert before.version == "1"
    repealed = overriding({"limit": {"length": "P5D"}}, repealed="2021-10-02T00:00:00Z")
    assert deadlines(filed(), calendars, policies=repealed)["ID-UUPK-55"].version == "2"
    assert deadlines(filed("2021-10-03T00:00:00Z"), calendars, policies=repealed)["ID-UUPK-55"].version == "1"


def test_a_policys_rule_that_says_nothing_readable_leaves_its_deadlines_undetermined() -> None:
    unreadable = overriding({"limit": "soon"})
    found = deadlines(filed(), calendar("ID", 2021), policies=unreadable)["ID-UUPK-55"]
    assert (found.status, found.undetermined_by) == ("UNDETERMINED", "LIMIT")
    assert "OWN-RULE" not in deadlines(filed(), policies=overriding({"limit": "soon"}, rule="OWN-RULE"))


def test_a_policy_may_bring_a_rule_that_the_register_does_not_know() -> None:
    params: dict[str, object] = {
        "trigger": {"events": ["DisputeFiled"]},
        "acts": [{"events": ["DisputeAcknowledged"]}],
        "limit": {"length": "P1D", "counting": "CLOCK"},
    }
    story = filed()
    story.tell("DisputeAcknowledged", "2021-10-02T03:00:01Z", case_no="1")
    found = deadlines(story, policies=overriding(params, rule="OWN-RULE"))["OWN-RULE"]
    assert outcome(found) == ("MET_LATE", "2021-10-02T03:00Z", timedelta(seconds=1))


def test_the_register_names_only_what_exists_and_no_version_twice() -> None:
    register = shipped_register()
    named = [
        (event, occasion)
        for rule in register.rules
        for occasion in (rule.trigger, *rule.acts, *rule.instead)
        for event in occasion.events
    ]
    assert {event for event, _ in named} <= set(EVENTS)
    for event, occasion in named:
        assert occasion.at is None or occasion.at in EVENTS[event].__struct_fields__
        if occasion.when is not None:
            assert fields_of(parse_predicate(occasion.when))
    versions = [(rule.id, rule.version) for rule in register.rules]
    assert len(versions) == len(set(versions))
    assert all(rule.source and rule.limit is not None for rule in register.rules)
    assert {one.id for one in register.informational}.isdisjoint(rule.id for rule in register.rules)
    assert Occasion(events=("DisputeFiled",)).holds({}) == "TRUE"


@pytest.mark.parametrize(
    "limit",
    [
        {"length": "PT3H", "counting": "CALENDAR_DAYS"},
        {"length": "P3D", "counting": "WORKING_DAYS"},
        {"length": "P0D", "counting": "WORKING_DAYS", "calendar": "calendar:ID"},
        {"length": "P1D", "counting": "CLOCK", "calendar": "calendar:ID"},
        {"length": "P", "counting": "CLOCK"},
        {"length": "soon", "counting": "CLOCK"},
    ],
)
def test_a_limit_that_cannot_be_counted_is_refused(limit: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(limit, Limit)


@pytest.mark.parametrize(
    ("trigger", "day", "hours"),
    [
        ("2021-03-27T12:00:00Z", "2021-03-28T11:00:00Z", "2021-03-28T12:00:00Z"),  # the day has 23 hours
        ("2021-10-30T11:00:00Z", "2021-10-31T12:00:00Z", "2021-10-31T11:00:00Z"),  # and this one 25
    ],
)
def test_a_day_is_as_long_as_the_zone_makes_it_and_24_hours_are_24_hours(trigger: str, day: str, hours: str) -> None:
    for length, due in (("P1D", day), ("PT24H", hours)):
        limit = Limit(length=length, counting="CLOCK")
        assert due_at(parse_instant(trigger), limit, "Europe/London", None) == parse_instant(due)


def test_calendar_days_end_with_a_day_that_is_worked_where_a_calendar_is_named() -> None:
    known = calendar("ID", 2021, holidays=["2021-10-18"])["calendar:ID"]
    trigger = parse_instant("2021-10-02T03:00:00Z")
    plain = Limit(length="P14D", counting="CALENDAR_DAYS")
    rolled = Limit(length="P14D", counting="CALENDAR_DAYS", calendar="calendar:ID")
    assert due_at(trigger, plain, JAKARTA, None) == end_of(date(2021, 10, 16), JAKARTA)
    assert due_at(trigger, rolled, JAKARTA, known) == end_of(date(2021, 10, 19), JAKARTA)
    assert due_at(trigger, rolled, JAKARTA, None) is None
    assert due_at(parse_instant("2021-12-20T03:00:00Z"), rolled, JAKARTA, known) is None
    pause = (trigger, trigger + timedelta(days=2))
    assert postponed(end_of(date(2021, 10, 16), JAKARTA), plain, pause, JAKARTA, None) == end_of(
        date(2021, 10, 18), JAKARTA
    )
    working = Limit(length="P3D", counting="WORKING_DAYS", calendar="calendar:ID")
    week = (parse_instant("2021-10-15T03:00:00Z"), parse_instant("2021-10-19T03:00:00Z"))
    due = end_of(date(2021, 10, 20), JAKARTA)
    assert postponed(due, working, week, JAKARTA, known) == end_of(date(2021, 10, 21), JAKARTA)
    assert postponed(due, working, (week[0], parse_instant("2022-01-02T00:00:00Z")), JAKARTA, known) is None


def test_a_limit_that_leaves_the_calendar_itself_has_no_end() -> None:
    last = parse_instant("9998-12-29T00:00:00Z")
    for limit in (
        Limit(length="P9999D", counting="CLOCK"),
        Limit(length="P9999M", counting="CALENDAR_DAYS"),
        Limit(length="PT99999H", counting="CLOCK"),
    ):
        assert due_at(last, limit, "UTC", None) is None
    far = parse_instant("9998-12-29T00:00:00Z")
    assert (
        postponed(far, Limit(length="P1D", counting="CALENDAR_DAYS"), (last - timedelta(9999), last), "UTC", None)
        is None
    )


def test_hours_of_business_days_stand_still_at_the_weekend() -> None:
    known = calendar("CN", 2021)["calendar:CN"]
    friday, saturday = parse_instant("2021-06-04T10:00:00Z"), parse_instant("2021-06-05T10:00:00Z")
    monday = parse_instant("2021-06-07T10:00:00Z")
    day = timedelta(hours=24)
    assert advanced(friday, day, "UTC", known) == monday
    assert advanced(saturday, day, "UTC", known) == parse_instant("2021-06-08T00:00:00Z") - TICK
    assert running(friday, monday, "UTC", known) == day
    assert running(parse_instant("2021-12-31T10:00:00Z"), parse_instant("2022-01-01T10:00:00Z"), "UTC", known) is None
    assert advanced(parse_instant("2021-12-31T10:00:00Z"), day, "UTC", known) is None


def limits() -> st.SearchStrategy[Limit]:
    number = st.integers(1, 60)
    name = "calendar:ID"
    return st.one_of(
        number.map(lambda n: Limit(length=f"P{n}D", counting="WORKING_DAYS", calendar=name)),
        number.map(lambda n: Limit(length=f"P{n}D", counting="CALENDAR_DAYS", calendar=name)),
        number.map(lambda n: Limit(length=f"PT{n}H", counting="CLOCK", calendar=name)),
        number.map(lambda n: Limit(length=f"P{n % 12}M{n}D", counting="CALENDAR_DAYS")),
        number.map(lambda n: Limit(length=f"P{n}DT{n}H", counting="CLOCK")),
    )


TRIGGERS = st.datetimes(datetime(2011, 1, 1), datetime(2012, 6, 30)).map(lambda at: parse_instant(f"{at.isoformat()}Z"))  # noqa: DTZ001 - made an instant of UTC
HOLIDAYS = st.lists(st.dates(date(2011, 1, 1), date(2012, 12, 31)).map(date.isoformat), max_size=30)


def worked(holidays: Sequence[str]) -> Calendar:
    return calendar("ID", 2011, 2012, holidays=holidays)["calendar:ID"]


@given(TRIGGERS, limits(), st.sampled_from(ZONES), HOLIDAYS)
def test_nothing_is_due_before_its_trigger_and_what_working_days_count_ends_on_one(
    trigger: datetime, limit: Limit, zone_name: str, holidays: Sequence[str]
) -> None:
    known = worked(holidays)
    due = due_at(trigger, limit, zone_name, known)
    if due is None:
        assert limit.calendar is not None  # the year after the last one known
        return
    assert due >= trigger
    earliest = not_before(trigger, limit, zone_name, known)
    assert earliest is not None
    assert earliest <= due
    if limit.calendar is not None:
        assert is_working_day(known, due.astimezone(zone(zone_name)).date())


@given(TRIGGERS, limits(), st.sampled_from(ZONES), HOLIDAYS, HOLIDAYS)
def test_more_holidays_never_make_anything_due_earlier(
    trigger: datetime, limit: Limit, zone_name: str, holidays: Sequence[str], more: Sequence[str]
) -> None:
    before = due_at(trigger, limit, zone_name, worked(holidays))
    after = due_at(trigger, limit, zone_name, worked([*holidays, *more]))
    assert after is None or (before is not None and after >= before)
