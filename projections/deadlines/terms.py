"""The term of one deadline: from its trigger, over pauses and extensions, to its due instant; and what it comes to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct

from ledger.domain.calendar_days import Calendar
from ledger.domain.fact import Fact
from ledger.domain.instants import end_of, parse_instant
from ledger.domain.local_dates import DATE_LENGTH
from ledger.domain.takedown_events import DeadlineExtended
from projections.deadlines.rules import DeadlineRule
from projections.deadlines.working_days import NO_TIME, Limit, due_at, not_before, postponed

Span: TypeAlias = tuple[datetime, datetime]
"""The first and the last instant at which something may have been."""
Verdict = Literal["PENDING", "MET", "MET_LATE", "MISSED", "INSTEAD", "CALENDAR", "PRECISION"]


class Term(Struct, kw_only=True):
    """When a deadline is due, and what moved it. `due` is None where a calendar does not know."""

    earliest: datetime | None
    due: datetime | None
    extended_by: timedelta | None = None
    beyond_maximum: bool | None = None
    paused: timedelta | None = None
    paused_since: datetime | None = None


def term_of(
    rule: DeadlineRule,
    trigger: datetime,
    events: Iterable[Fact],
    zone_name: str,
    calendars: Mapping[str, Calendar],
) -> Term:
    """Return the term of a rule from a trigger on, moved by the `events` about it, in the order in which they count.

    What comes after the due instant moves it no more: a deadline that ran out stays so. Nothing brings it forward.
    """

    def counted(limit: Limit | None) -> datetime | None:
        return None if limit is None else due_at(trigger, limit, zone_name, calendars.get(limit.calendar or ""))

    wait, maximum = rule.earliest, counted(rule.maximum)
    calendar = calendars.get(wait.calendar or "") if wait is not None else None
    earliest = None if wait is None else not_before(trigger, wait, zone_name, calendar)
    term = Term(earliest=earliest, due=counted(rule.limit))
    for fact in events:
        if term.due is None or fact.time < trigger:
            continue
        if isinstance(fact.payload, DeadlineExtended):
            if fact.payload.deadline_kind in rule.extension_kinds:
                _extend(term, fact, fact.payload.new_due, maximum, zone_name)
        elif rule.limit is not None:
            _pause(term, fact, rule, rule.limit, zone_name, calendars.get(rule.limit.calendar or ""))
    return term


def _extend(term: Term, fact: Fact, new_due: str, maximum: datetime | None, zone_name: str) -> None:
    new = last_instant(new_due, zone_name)
    if new is None or term.due is None or new <= term.due or (fact.time > term.due and term.paused_since is None):
        return
    term.extended_by = (term.extended_by or NO_TIME) + (new - term.due)
    term.beyond_maximum = None if maximum is None else new > maximum
    term.due = new


def _pause(term: Term, fact: Fact, rule: DeadlineRule, limit: Limit, zone_name: str, calendar: Calendar | None) -> None:
    if term.due is None:
        return
    if term.paused_since is None:
        begins = any(fact.type in pause.begins for pause in rule.pauses)
        term.paused_since = fact.time if begins and fact.time <= term.due else None
    elif any(fact.type in pause.ends for pause in rule.pauses):
        end = max(fact.time, term.paused_since)
        term.paused = (term.paused or NO_TIME) + (end - term.paused_since)
        term.due = postponed(term.due, limit, (term.paused_since, end), zone_name, calendar)
        term.paused_since = None


def last_instant(text: str, zone_name: str) -> datetime | None:
    """Return the last instant of a date in a zone, or the instant itself; None where there is none."""
    try:
        return end_of(date.fromisoformat(text), zone_name) if len(text) <= DATE_LENGTH else parse_instant(text)
    except (ValueError, OverflowError):
        return None


def judge(dues: Sequence[datetime | None], act: Span | None, instead: Span | None, as_of: datetime) -> Verdict:
    """Say what a deadline comes to, given its due instants (for the first and last instant of its trigger)."""
    known = [due for due in dues if due is not None]
    if len(known) < len(dues):
        return "CALENDAR"
    first, last = min(known), max(known)
    if instead is not None and instead[0] <= last and (act is None or instead[0] < act[0]):
        return "INSTEAD" if instead[1] <= first else "PRECISION"
    begin, end = act or (as_of, as_of)
    if end <= first:
        return "PENDING" if act is None else "MET"
    if begin > last:
        return "MISSED" if act is None else "MET_LATE"
    return "PRECISION"
