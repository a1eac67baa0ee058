"""From when until when each rule of a policy was in force, and what it asks (domain.md 6.6, 7.6).

Suspended, repealed and superseded versions end a span; an announcement never begins one (D18).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from ledger.domain.json_values import is_array
from ledger.domain.policy import Policy, PolicyRule, rules_in_force, version_in_force
from ledger.domain.predicate import (
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Predicate,
    PredicateError,
    Record,
    Truth,
    evaluate,
    parse_predicate,
)
from projections.inquiry import Known
from projections.members.course import Interval, course_of, intervals

Status = Literal["VIOLATING", "UNDETERMINED"]
PRICE_FLOOR = "PRICE_FLOOR"
WRONG: Mapping[str, Truth] = {"PROHIBIT_VISIBLE": "TRUE", PRICE_FLOOR: "TRUE", "REQUIRE": "FALSE"}
"""What the predicate of a rule must not be of an active member, by effect; other effects cannot be breached by one."""
COUNTRIES_IN = ("country", "jurisdiction")
"""Parameters that say where a rule holds: a country, or a list of countries."""
FLOOR_IN = "usd"
"""The parameter that says below which price in US dollars a PRICE_FLOOR is broken."""


class RuleInForce(Struct, frozen=True):
    """One version of a rule. `countries` are those in which it holds; none: wherever its members are."""

    rule: PolicyRule
    countries: frozenset[str]


class RuleSpan(Struct, frozen=True, kw_only=True):
    """A version of a rule while it was in force, and what it asks."""

    policy: Known
    interval: Interval[RuleInForce]
    predicate: Predicate

    @property
    def rule(self) -> PolicyRule:
        """The rule, in its version."""
        return self.interval.held.rule

    def judge(self, record: Record) -> Status | None:
        """Say what an active member with this record does to the rule; None: it keeps it."""
        truth = evaluate(self.predicate, record)
        if truth == "UNDETERMINED":
            return "UNDETERMINED"
        return "VIOLATING" if truth == WRONG[self.rule.then] else None


def rule_spans(policy: Known) -> list[RuleSpan]:
    """Return every span of every rule of a policy that a member can breach, up to the question's moment."""
    steps = [(instant, _in_force(state, instant, policy)) for instant, state in course_of(policy).steps]
    names = sorted({name for _, in_force in steps for name in in_force})
    found: list[RuleSpan] = []
    for name in names:
        for interval in intervals((instant, in_force.get(name)) for instant, in_force in steps):
            predicate = _predicate(interval.held.rule)
            if predicate is not None:
                found.append(RuleSpan(policy=policy, interval=interval, predicate=predicate))
    return found


def undetermined_fields(predicate: Predicate, record: Record) -> frozenset[str]:
    """Return the fields that a record lacks, or holds as what cannot be compared, of those a predicate asks for."""
    match predicate:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset[str]().union(*(undetermined_fields(part, record) for part in parts))
        case Not(part=part):
            return undetermined_fields(part, record)
        case Leaf(field=field):
            return frozenset({field}) if evaluate(predicate, record) == "UNDETERMINED" else frozenset()


def _in_force(state: object, moment: datetime, policy: Known) -> dict[str, RuleInForce]:
    if not isinstance(state, Policy):
        return {}
    return {
        rule.rule_id: RuleInForce(rule, _countries(rule, state, moment, policy))
        for rule in rules_in_force(state, moment)
        if rule.then in WRONG
    }


def _countries(rule: PolicyRule, state: Policy, moment: datetime, policy: Known) -> frozenset[str]:
    """Return where a rule holds: as it says itself, else as its policy's version does, else where its log is."""
    for name in COUNTRIES_IN:
        said = (rule.params or {}).get(name)
        if isinstance(said, str):
            return frozenset({said})
        if is_array(said):
            return frozenset(country for country in said if isinstance(country, str))
    version = version_in_force(state, moment)
    if version is not None and version.jurisdiction:
        return frozenset(version.jurisdiction)
    return frozenset() if policy.log.jurisdiction is None else frozenset({policy.log.jurisdiction})


def _predicate(rule: PolicyRule) -> Predicate | None:
    """Return what a rule asks, with the floor of a PRICE_FLOOR; None where it cannot be read.

    That is so only where some of a rule's corrections are known and others are not (basis SOURCE).
    """
    try:
        predicate = parse_predicate(rule.when)
        floor = (rule.params or {}).get(FLOOR_IN) if rule.then == PRICE_FLOOR else None
        if floor is None:
            return predicate
        return AllOf((predicate, parse_predicate({"field": "price_usd", "op": "lt", "value": floor})))
    except PredicateError:
        return None
