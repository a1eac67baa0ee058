"""Flags and what was known when: corrections, voids, cures, bases; and what cannot be told (domain.md 9, D11)."""

from datetime import timedelta
from typing import Any

import msgspec

from ledger.domain.catalogue import EVENTS
from ledger.domain.fact import Fact
from ledger.domain.restriction import HIDING
from projections.flags.evaluation import Flag, flags_at
from projections.flags.history import History
from projections.flags.incomplete import EXPECTED
from projections.flags.stages import BEGINNINGS, BEGUN, SKIPPABLE
from projections.flags.table import RULES
from tests.unit.domain.build import Story
from tests.unit.projections.flag_histories import (
    AS_OF,
    LOG,
    Chronicle,
    at,
    brief,
    facts_of,
    flags_ever,
    flags_in,
    known_stream,
    surroundings,
    told,
)

LATER = at("2031-01-01T00:00:00Z")
S, L, D, P, A = "seller:shop:S", "listing:shop:L", "dispute:forum:D", "policy:shop:terms", "appeal:shop:A"
BANNED: dict[str, Any] = {"restriction_id": "R1", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
BLOCKED: dict[str, Any] = {"restriction_id": "R1", "decision_visibility": sorted(HIDING)}
BASIS = [{"instrument_id": P, "version": "1"}]
SECTION_9 = (
    "INCOMPLETE NO_BEGINNING STAGE_SKIPPED LATE_APPEND NO_REASONS LATE_REASONS NO_PRIOR_WARNING BASIS_NOT_IN_FORCE "
    "POLICY_VIOLATION_AT_PUBLICATION PUBLISHED_BY_BANNED_SELLER BLOCK_BEFORE_PUBLICATION UNLINKED_ACTION "
    "UNACKNOWLEDGED_NOTICE COUNTER_LATE LATE_SUIT_NOTICE REFERRAL_WITHOUT_AGREEMENT UNREVIEWED_AI_OUTCOME "
    "AUTOMATED_APPEAL SAME_REVIEWER LADDER_SKIPPED SANCTION_NOT_APPLIED UNVERIFIED_VERIFICATION TIER_RULE_MISMATCH "
    "INELIGIBLE_PERIOD IDENTIFIER_COLLISION EVASION_SIGNAL VOID_INSTEAD_OF_REVERSAL CONTROL_TOTAL_MISMATCH "
    "NATIVE_SEQ_GAP POSSIBLE_PII_IN_FREE_TEXT RETROACTIVE_RULE INSUFFICIENT_SOURCE AMBIGUOUS_REFERENCE"
)


def resolutions(flags: list[Flag]) -> list[tuple[str, str, str | None]]:
    return [(flag.event, flag.status, flag.resolved_by) for flag in flags]


def banned() -> Story:
    story = Story(S)
    story.tell("SellerBanned", "2029-01-10T00:00:00Z", **BANNED)
    return story


def test_every_flag_of_section_9_has_a_rule_and_no_other_flag_has_one() -> None:
    assert {rule.flag for rule in RULES} == set(SECTION_9.split())


def test_every_name_in_the_tables_is_one_that_events_have() -> None:
    assert {(name, member) for name, members in EXPECTED.items() for member in members if name in EVENTS} == {
        (name, member)
        for name, members in EXPECTED.items()
        for member in members
        if member in EVENTS[name].__struct_fields__
    }
    stages = [{name, *step.after} for table in (BEGUN, SKIPPABLE) for name, step in table.items()]
    assert (set().union(*stages, *BEGINNINGS.values()) | EXPECTED.keys()) - EVENTS.keys() == set()


def test_a_correction_that_supplies_the_reasons_clears_the_flag_from_then_on_and_not_before() -> None:
    story = banned()
    story.correct(story.facts[0], data={"decision_facts": "Copies were sold again."})
    assert resolutions(flags_ever(story.facts[:1], "NO_REASONS", LATER)) == [("e1", "OPEN", None)]
    assert resolutions(flags_ever(story.facts, "NO_REASONS", LATER)) == [("e1", "RESOLVED", "e2")]


def test_a_statement_that_comes_later_makes_good_what_lacked_reasons_and_is_late_itself() -> None:
    story = banned()
    issued: dict[str, Any] = {"sor_id": "SOR1", "restriction_id": "R1", "sent_at": "2029-01-12T00:00:00Z"}
    story.tell("StatementOfReasonsIssued", "2029-01-12T00:00:00Z", **issued)
    assert resolutions(flags_ever(story.facts, "NO_REASONS", LATER)) == [("e1", "RESOLVED", "e2")]
    assert resolutions(flags_ever(story.facts, "LATE_REASONS", LATER)) == [("e2", "OPEN", None)]
    before = at("2029-01-11T00:00:00Z")
    assert resolutions(flags_ever(story.facts, "NO_REASONS", before)) == [("e1", "OPEN", None)]


def test_a_void_resolves_what_the_voided_event_broke() -> None:
    story = banned()
    story.tell("SellerWarned", "2029-01-11T00:00:00Z", warning_id="W1")
    story.void(story.facts[0])
    assert resolutions(flags_ever(story.facts, "NO_PRIOR_WARNING", LATER)) == [("e1", "RESOLVED", "e3")]


def test_the_event_that_resolves_is_found_within_its_commit() -> None:
    story = banned()
    story.tell("SellerWarned", "2029-01-12T00:00:00Z", warning_id="W1")
    story.tell("SellerWarned", "2029-01-09T00:00:00Z", warning_id="W2")
    story.tell("SellerWarned", "2029-01-13T00:00:00Z", warning_id="W3")
    one_commit = [msgspec.structs.replace(fact, recordedtime=story.facts[3].recordedtime) for fact in story.facts[1:]]
    found = flags_ever([story.facts[0], *one_commit], "NO_PRIOR_WARNING", LATER)
    assert resolutions(found) == [("e1", "RESOLVED", "e3")]


def test_what_one_commit_told_together_was_never_open() -> None:
    story = banned()
    story.tell("SellerWarned", "2029-01-09T00:00:00Z", warning_id="W1")
    together = [msgspec.structs.replace(fact, recordedtime=story.facts[1].recordedtime) for fact in story.facts]
    assert flags_ever(together, "NO_PRIOR_WARNING", LATER) == []


def test_late_appends_are_measured_by_the_ledgers_clock_whatever_the_source_says() -> None:
    late = recorded_after(timedelta(hours=24, microseconds=1), sourced=timedelta(hours=1))
    assert brief(flags_ever([late], "LATE_APPEND", LATER)) == [("OPEN", "e1")]
    assert brief(flags_ever([late], "LATE_APPEND", at("2031-01-01T00:00:00Z", basis="SOURCE"))) == [("OPEN", "e1")]
    assert flags_ever([recorded_after(timedelta(hours=24))], "LATE_APPEND", LATER) == []


def recorded_after(lateness: timedelta, sourced: timedelta | None = None) -> Fact:
    fact = banned().facts[0]
    sourcetime = None if sourced is None else fact.time + sourced
    return msgspec.structs.replace(fact, recordedtime=fact.time + lateness, sourcetime=sourcetime)


def test_a_late_sanction_makes_good_what_was_not_applied_in_time() -> None:
    strikes = tuple(told("SellerStrikeRecorded", strike_no=number, severity="SERIOUS") for number in (1, 2, 3))
    for banned_on, status in {"2025-01-13T00:00:00Z": None, "2025-01-14T00:00:00Z": "RESOLVED"}.items():
        chronicle = Chronicle(subject=S, events=(*strikes, told("SellerBanned", banned_on, **BANNED)))
        found = [(flag.status, flag.resolved_by) for flag in flags_in(chronicle, "SANCTION_NOT_APPLIED")]
        assert found == ([] if status is None else [(status, "seller-4")])
        assert flags_in(chronicle, "SANCTION_NOT_APPLIED", "2025-01-12T00:00:00Z") == []


def test_what_was_done_in_time_was_never_open_though_it_was_recorded_later() -> None:
    days = (1, 2, 3)
    strikes = [told("SellerStrikeRecorded", f"2025-01-0{n}T00:00:00Z", strike_no=n, severity="SERIOUS") for n in days]
    recorded = facts_of(S, [*strikes, told("SellerBanned", "2025-01-05T00:00:00Z", **BANNED)])
    assert flags_ever(recorded, "SANCTION_NOT_APPLIED", LATER) == []


def test_a_statement_recorded_with_the_restriction_gives_its_reasons() -> None:
    issued: dict[str, Any] = {"sor_id": "SOR1", "restriction_id": "R1", "sent_at": "2025-01-10T01:00:00Z"}
    events = [told("SellerBanned", **BANNED), told("StatementOfReasonsIssued", "2025-01-10T01:00:00Z", **issued)]
    apart = facts_of(S, events)
    together = [msgspec.structs.replace(fact, recordedtime=apart[1].recordedtime) for fact in apart]
    assert flags_ever(together, "NO_REASONS", LATER) == []
    assert resolutions(flags_ever(apart, "NO_REASONS", LATER)) == [("seller-1", "RESOLVED", "seller-2")]


def test_a_decision_that_was_voided_after_an_appeal_should_have_been_reversed() -> None:
    story = Story(L)
    story.tell("ListingBlocked", "2029-01-10T00:00:00Z", **BLOCKED)
    story.void(story.facts[0])
    for target, filed, found in (
        ("e1", "2029-12-31T00:00:00Z", [("OPEN", "e2")]),
        ("e9", "2029-12-31T00:00:00Z", []),
        ("e1", "2030-02-01T00:00:00Z", []),
    ):
        appeal = known_stream(facts_of(A, [told("AppealFiled", filed, target_event_id=target)]), LATER)
        assert brief(flags_ever(story.facts, "VOID_INSTEAD_OF_REVERSAL", LATER, [appeal])) == found


def test_a_reference_that_the_log_and_a_register_define_is_ambiguous() -> None:
    register = msgspec.structs.replace(LOG, log_id=2, slug="laws", kind="REGISTER")
    policy = facts_of(P, [told("PolicyVersionAdopted", version="1", adopted_on="2025-01-01")])
    block = known_stream(facts_of(L, [told("ListingBlocked", legal_basis=BASIS, **BLOCKED)]), at(AS_OF))
    own, shared = known_stream(policy, at(AS_OF)), known_stream(policy, at(AS_OF), register)
    rules = [rule for rule in RULES if rule.flag == "AMBIGUOUS_REFERENCE"]
    assert flags_at(History(block), (), rules, surroundings([block, own])) == []
    found = flags_at(History(block), (), rules, surroundings([block, own, shared]))
    assert [(flag.detail, flag.related) for flag in found] == [
        (f"{P} is defined in shop and laws; the first is taken.", (P,))
    ]


def test_what_looks_like_personal_data_is_never_repeated() -> None:
    text = "NIK 3171234567890123, ani@example.co.id, +62 812-3456-7890"
    found = flags_in(Chronicle(subject=D, events=(told("DisputeClosed", reason=text),)), "POSSIBLE_PII_IN_FREE_TEXT")
    assert [(flag.detail, flag.about) for flag in found] == [
        ("Member reason holds what looks like a number of 16 digits.", "reason")
    ]
