"""Deadlines, derived: rule in force at the trigger, calendar as known, trigger, and what came of it (domain.md D13, 8).

"Missed" is an answer, never an event. Only what moves a due instant is one: an extension, or a pause where the rule
knows pauses. What an imprecise instant, an unknown calendar or a missing member leaves open is UNDETERMINED (D11).
Pure: the caller folds the calendars, at the same moment and as known to the same asker.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.bounds import first_instant
from ledger.domain.calendar_days import Calendar
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.fact import Basis, Certainty, Fact, in_valid_order
from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import Payload, TimeClass
from projections.deadlines.rules import DeadlineRule, Occasion, Versions
from projections.deadlines.terms import Span, Term, Verdict, judge, last_instant, term_of

Status = Literal["PENDING", "MET", "MET_LATE", "MISSED", "PAUSED", "NOT_APPLICABLE", "UNDETERMINED"]
WHOLE = ""
"""The key of a deadline that is about its subject as a whole."""


class Deadline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One deadline at a moment.

    `due` is the last instant that keeps it; while it is PAUSED, as it would be had the clock gone on at once. `lag` is
    how long after it the act came, below zero when before. `early` says that the act came before `earliest`.
    `beyond_maximum`: extended past what the rule allows; None where it has no maximum or that cannot be told.
    `undetermined_by` says why: the rule's CONDITION, its LIMIT (unreadable), its CALENDAR, or an instant's PRECISION.
    """

    rule: str
    version: str
    subject: str
    key: str
    trigger: str
    triggered_at: datetime
    status: Status
    undetermined_by: Literal["CONDITION", "LIMIT", "CALENDAR", "PRECISION"] | None = None
    earliest: datetime | None = None
    due: datetime | None = None
    met_at: datetime | None = None
    met_by: str | None = None
    instead_by: str | None = None
    lag: timedelta | None = None
    early: bool = False
    extended_by: timedelta | None = None
    beyond_maximum: bool | None = None
    paused: timedelta | None = None
    paused_since: datetime | None = None
    calendar: str | None = None
    calendar_version: int | None = None


def deadlines_of(
    facts: Sequence[Fact],
    rules: Collection[Versions],
    calendars: Mapping[str, Calendar],
    as_of: datetime,
    certainty: Certainty,
    basis: Basis = "LEDGER",
) -> list[Deadline]:
    """Return the deadlines of one stream at `as_of`, in order of trigger, rule and key.

    `facts` are what is known of the stream; `rules` those of the register and of policies (`rules.versions_of`);
    `calendars` the states by id (`calendar:ID`). All are folded at the same `as_of`, as known to the same asker.
    """
    happened = in_valid_order([fact for fact in facts if fact.when(certainty, basis) <= as_of], certainty, basis)
    if not happened:
        return []
    history = _History(happened, calendars, as_of, certainty, basis)
    found = [deadline for versions in rules for deadline in history.deadlines(versions)]
    return sorted(found, key=lambda one: (one.triggered_at, one.rule, len(one.key), one.key, one.trigger))


class _History:
    """What had happened in one stream at a moment, asked about rules."""

    def __init__(
        self,
        happened: Sequence[Fact],
        calendars: Mapping[str, Calendar],
        as_of: datetime,
        certainty: Certainty,
        basis: Basis,
    ) -> None:
        self._facts = happened
        self._calendars = calendars
        self._as_of = as_of
        self._basis: Basis = basis
        self._subject = happened[0].originator_id
        stream = STREAMS[kind_of(self._subject)]
        state = stream.fold(happened, as_of, certainty, basis)
        self._described: dict[str, Any] = {}
        if state is not None:
            self._described = msgspec.to_builtins(stream.describe(state, as_of))

    def deadlines(self, versions: Versions) -> Iterator[Deadline]:
        """Yield the deadlines of one rule, each in the version in force at its trigger."""
        for rule in (*versions.overriding, *versions.registered):
            for fact in self._facts:
                if fact.type not in rule.trigger.events:
                    continue
                span = self._triggered(rule, fact)
                if versions.at(span[0]) is not rule:
                    continue
                for key in keys_of(fact.payload, rule.key) or (WHOLE,):
                    deadline = self._deadline(rule, fact, key, span)
                    if deadline is not None:
                        yield deadline

    def _deadline(self, rule: DeadlineRule, trigger: Fact, key: str, span: Span) -> Deadline | None:
        blank = Deadline(
            rule=rule.id,
            version=rule.version,
            subject=self._subject,
            key=key,
            trigger=trigger.id,
            triggered_at=span[0],
            status="UNDETERMINED",
        )
        truth = rule.trigger.holds(self._record(rule, trigger, key))
        if truth == "FALSE":
            return None
        if truth == "UNDETERMINED" or rule.limit is None:
            why: Literal["CONDITION", "LIMIT"] = "LIMIT" if rule.limit is None else "CONDITION"
            return msgspec.structs.replace(blank, undetermined_by=why)
        zone_name = rule.zone or trigger.timezone
        events = [fact for fact in self._facts if is_about(fact.payload, rule.key, key)]
        act = self._first(rule.acts, events, span[0])
        moving = events if act is None else events[: events.index(act)]
        terms = [term_of(rule, instant, moving, zone_name, self._calendars) for instant in dict.fromkeys(span)]
        instead = self._first(rule.instead, events, span[0])
        return self._judged(blank, rule, terms, act, instead)

    def _judged(
        self, blank: Deadline, rule: DeadlineRule, terms: Sequence[Term], act: Fact | None, instead: Fact | None
    ) -> Deadline:
        term = terms[0]
        verdict = judge(
            [one.due for one in terms],
            None if act is None else self._span(act),
            None if instead is None else self._span(instead),
            self._as_of,
        )
        met_at = None if act is None else self._span(act)[0]
        calendar = rule.limit.calendar if rule.limit is not None else None
        known = self._calendars.get(calendar or "")
        deadline = msgspec.structs.replace(
            blank,
            earliest=term.earliest,
            due=term.due,
            met_at=met_at,
            met_by=None if act is None else act.id,
            lag=None if met_at is None or term.due is None else met_at - term.due,
            early=met_at is not None and term.earliest is not None and met_at < term.earliest,
            extended_by=term.extended_by,
            beyond_maximum=term.beyond_maximum,
            paused=term.paused,
            paused_since=term.paused_since,
            calendar=calendar,
            calendar_version=None if known is None else known.version,
        )
        return _with_status(deadline, verdict, rule, instead)

    def _first(self, occasions: Iterable[Occasion], events: Iterable[Fact], since: datetime) -> Fact | None:
        """Return the first event that is such an occasion, and may have been no earlier than the trigger, `since`."""
        for fact in events:
            for occasion in occasions:
                if (
                    fact.type in occasion.events
                    and (occasion.may_precede or self._span(fact)[1] >= since)
                    and occasion.holds(msgspec.to_builtins(fact.payload)) == "TRUE"
                ):
                    return fact
        return None

    def _span(self, fact: Fact) -> Span:
        """Return the first and the last instant at which an event may have been."""
        if fact.payload.time_class is TimeClass.LEDGER:
            return fact.clock(self._basis), fact.clock(self._basis)
        return fact.time, max(fact.time, fact.latest)

    def _triggered(self, rule: DeadlineRule, fact: Fact) -> Span:
        said = getattr(fact.payload, rule.trigger.at, None) if rule.trigger.at is not None else None
        if isinstance(said, str):
            zone_name = rule.zone or fact.timezone
            first, last = first_instant(said, zone_name), last_instant(said, zone_name)
            if first is not None and last is not None:
                return parse_instant(first), last
        return self._span(fact)

    def _record(self, rule: DeadlineRule, trigger: Fact, key: str) -> dict[str, object]:
        """Return what a condition may ask for: the state, the item or restriction in it, the trigger's own data."""
        record: dict[str, object] = dict(self._described)
        for values in self._described.values() if rule.key is not None else ():
            for one in values if is_array(values) else ():
                if is_object(one) and str(one.get(rule.key or "")) == key:
                    record.update(one)
        record.update(msgspec.to_builtins(trigger.payload))
        stated: Any = self._described.get("instruments", ())
        cited = [basis.instrument_id for basis in trigger.payload.legal_basis or ()]
        record["instruments"] = [*cited, *stated]
        record["namespace"] = self._subject.split(":")[1]
        return record


def _with_status(deadline: Deadline, verdict: Verdict, rule: DeadlineRule, instead: Fact | None) -> Deadline:
    replace = msgspec.structs.replace
    if deadline.paused_since is not None and deadline.met_at is None and verdict in ("PENDING", "MISSED", "PRECISION"):
        return replace(deadline, status="PAUSED")
    match verdict:
        case "CALENDAR" | "PRECISION":
            return replace(deadline, status="UNDETERMINED", undetermined_by=verdict)
        case "INSTEAD":
            return replace(deadline, status="NOT_APPLICABLE", instead_by=None if instead is None else instead.id)
        case "MISSED" if rule.optional:
            return replace(deadline, status="NOT_APPLICABLE")
        case _:
            return replace(deadline, status=verdict)


def keys_of(payload: Payload, key: str | None) -> tuple[str, ...] | None:
    """Return which items, restrictions or requests an event is about; None where it does not say, or of everything."""
    if key is None:
        return None
    one, several = getattr(payload, key, None), getattr(payload, f"{key}s", None)
    if one is not None:
        return (str(one),)
    if several is None:
        several = [getattr(item, key, None) for item in getattr(payload, "items", None) or ()]
    return tuple(dict.fromkeys(str(each) for each in several)) or None


def is_about(payload: Payload, key: str | None, value: str) -> bool:
    """Tell whether an event is about this item, restriction or request, or about everything."""
    keys = keys_of(payload, key)
    return keys is None or value == WHOLE or value in keys
