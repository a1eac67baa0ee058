"""LATE_APPEND, COUNTER_LATE and LATE_SUIT_NOTICE: what came too late (domain.md 2.2, 6.4, 7.7).

The first compares the two clocks of one event; the others are what the deadlines say (`projections.deadlines`).
"""

from collections.abc import Iterator
from datetime import timedelta

from ledger.domain.payload import TimeClass
from ledger.domain.predicate import Truth
from ledger.domain.takedown_events import CounterNoticeSubmitted, LegalActionNotified
from projections.deadlines.deadline import WHOLE, Deadline, is_about
from projections.deadlines.listing import deadlines_in
from projections.deadlines.rules import DeadlineRule
from projections.flags.history import History, further_than, span_of
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised

CASES = frozenset({"takedown_case"})
PROMPT = frozenset({TimeClass.ACT, TimeClass.RECEIPT})
"""The classes of time that the promise to report is about."""
APPENDED_WITHIN = timedelta(hours=24)
"""The promise to report, PT24H (domain.md 2.2)."""


def find_late_appends(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find events recorded more than a day after they took effect, by the ledger's clock, whatever the source says."""
    for fact in history.facts:
        if fact.payload.time_class in PROMPT:
            recorded = fact.recordedtime, fact.recordedtime
            late = further_than(recorded, APPENDED_WITHIN, span_of(fact))
            yield from raised(late, fact, "The event was recorded more than 24 hours after it took effect.")


def need_law(history: History) -> Needs:
    """Need what deadlines are worked out by, where anything hangs on them."""
    return Needs(law=bool(history.of(CounterNoticeSubmitted) or history.of(LegalActionNotified)))


def find_late_counters(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find counter-notices that came after their deadline."""
    countered = {fact.id: fact for fact, _ in history.of(CounterNoticeSubmitted)}
    for deadline in deadlines_in(history.known, around.law) if countered else ():
        fact = countered.get(deadline.met_by or "")
        if fact is not None and deadline.status in ("MET_LATE", "UNDETERMINED"):
            truth: Truth = "TRUE" if deadline.status == "MET_LATE" else "UNDETERMINED"
            detail = f"The counter-notice came after its deadline by {deadline.rule}."
            yield from raised(truth, fact, detail, related=(deadline.trigger,), about=_about(deadline))


def find_late_suits(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find legal action that was notified after the wait, or after the takedown was reversed."""
    suits = history.of(LegalActionNotified)
    for deadline in deadlines_in(history.known, around.law) if suits else ():
        rule = _rule_of(deadline, around)
        if rule is None or not any(LegalActionNotified.event_type in one.events for one in rule.instead):
            continue
        for fact, _ in suits:
            # Only the first is judged: one in time is enough.
            if is_about(fact.payload, rule.key, deadline.key or WHOLE):
                if deadline.instead_by != fact.id:
                    truth: Truth = "UNDETERMINED" if deadline.status == "UNDETERMINED" else "TRUE"
                    detail = f"Legal action was notified after the wait by {deadline.rule}."
                    yield from raised(truth, fact, detail, related=(deadline.trigger,), about=_about(deadline))
                break


def _rule_of(deadline: Deadline, around: Surroundings) -> DeadlineRule | None:
    versions = around.law.rules.get(deadline.rule)
    return None if versions is None else versions.at(deadline.triggered_at)


def _about(deadline: Deadline) -> str:
    return f"{deadline.rule} {deadline.key}".strip()


LATE_APPEND = Check(find=find_late_appends)
COUNTER_LATE = Check(find=find_late_counters, kinds=CASES, needs=need_law)
LATE_SUIT_NOTICE = Check(find=find_late_suits, kinds=CASES, needs=need_law)
