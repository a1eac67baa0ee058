"""The list of deadlines: what is due of every stream, by the rule, policies and calendar known then (domain.md D13, 8).

Rules are the shipped register's, and those THEN=DEADLINE of the policies that a log's events may refer to; calendars
resolve likewise: the log's own before those of REGISTER logs. Neither is kept: an amended calendar changes every
answer that knows it, and none that does not.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from ledger.domain.calendar_days import Calendar
from ledger.domain.catalogue import EVENTS
from ledger.domain.instants import format_instant, zone
from ledger.domain.policy import Policy
from ledger.domain.stream import State
from projections.deadlines.deadline import Deadline, deadlines_of
from projections.deadlines.rules import DeadlineRule, Versions, shipped_register, versions_of
from projections.derived import Derivation, Item, Narrowing, of_streams
from projections.inquiry import Inquiry, Known

S = TypeVar("S", bound=State)
KEY_LENGTH_DIGITS = 3
"""Enough to write the length of any id (`payload.ID_MAX`): keys that are numbers then sort as numbers."""


class Law(Struct, frozen=True, kw_only=True):
    """What the deadlines of one log are worked out by, at a moment: rules and calendars are by id."""

    calendars: Mapping[str, Calendar]
    rules: Mapping[str, Versions]


async def law_of(inquiry: Inquiry, log_id: int) -> Law:
    """Return the law that the events of a log may refer to: policies and calendars at the question's moment."""
    policies = await _states(inquiry, log_id, "policy", Policy)
    calendars = await _states(inquiry, log_id, "calendar", Calendar)
    return Law(calendars=calendars, rules=versions_of(shipped_register(), policies.values()))


async def _states(inquiry: Inquiry, log_id: int, kind: str, shape: type[S]) -> dict[str, S]:
    """Return the states of a kind by id; of several definitions the log's own, then the first register's."""
    states: dict[str, S] = {}
    for found in await inquiry.all_of(kind, log_id):
        state = found.state()
        if isinstance(state, shape):
            states.setdefault(found.subject, state)
    return states


def deadlines_in(stream: Known, law: Law) -> list[Deadline]:
    """Return the deadlines of one stream at its moment."""
    moment = stream.moment
    return deadlines_of(stream.facts, law.rules.values(), law.calendars, moment.as_of, moment.certainty, moment.basis)


async def deadline_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield every deadline, in order of log, stream, trigger, rule and key.

    Only streams of kinds that some wanted rule's trigger may be about are read.
    """
    laws = {at.log.log_id: await law_of(inquiry, at.log.log_id) for at in inquiry.asked}
    triggers = {log_id: _triggers(law, narrowing) for log_id, law in laws.items()}
    kinds = {kind for types in triggers.values() for event_type in types for kind in EVENTS[event_type].streams}

    def items(stream: Known) -> Iterator[Item]:
        log_id = stream.log.log_id
        if any(fact.type in triggers[log_id] for fact in stream.facts):
            yield from _items(stream, laws[log_id])

    async for item in of_streams(inquiry, narrowing, kinds, items):
        yield item


def _triggers(law: Law, narrowing: Narrowing) -> Collection[str]:
    """Return the types of event that trigger a rule which the question asks for."""
    wanted = narrowing.filters.get("rule", tuple(law.rules))
    rules = [rule for rule_id in wanted if rule_id in law.rules for rule in _each(law.rules[rule_id])]
    return {event_type for rule in rules for event_type in rule.trigger.events if event_type in EVENTS}


def _each(versions: Versions) -> tuple[DeadlineRule, ...]:
    return (*versions.overriding, *versions.registered)


def _items(stream: Known, law: Law) -> Iterator[Item]:
    zones = {fact.id: fact.timezone for fact in stream.facts}
    for deadline in deadlines_in(stream, law):
        rule = law.rules[deadline.rule].at(deadline.triggered_at)
        yield Item(
            log_id=stream.log.log_id,
            subject=stream.subject,
            key=_place(deadline),
            item=_describe(deadline, _due_on(deadline, rule, zones[deadline.trigger])),
        )


def _place(deadline: Deadline) -> str:
    """Return a deadline's key among those of its stream: they sort by trigger, rule and key."""
    key = f"{len(deadline.key):0{KEY_LENGTH_DIGITS}}{deadline.key}"
    return f"{format_instant(deadline.triggered_at)}|{deadline.rule}|{key}|{deadline.trigger}"


def _due_on(deadline: Deadline, rule: DeadlineRule | None, trigger_zone: str) -> str | None:
    """Return the local date on which a limit that is counted in days ends: in the rule's zone, else the trigger's."""
    if deadline.due is None or rule is None or rule.limit is None or rule.limit.counting == "CLOCK":
        return None
    return deadline.due.astimezone(zone(rule.zone or trigger_zone)).date().isoformat()


def _describe(deadline: Deadline, due_on: str | None) -> dict[str, Any]:
    """Return a deadline as JSON values: every member always there, durations in ISO 8601 (`P5D`, `-PT21600S`)."""
    said = {name: _plain(getattr(deadline, name)) for name in Deadline.__struct_fields__ if name != "subject"}
    return {**said, "key": deadline.key or None, "due_on": due_on}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return format_instant(value)
    return msgspec.to_builtins(value) if isinstance(value, timedelta) else value


DERIVATION = Derivation(name="deadlines", filters=("rule", "status", "key"), items=deadline_items)
