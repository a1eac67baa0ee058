"""Policies: versions and rules in force, suspended, repealed; enforced or not yet (domain.md 6.6, 7.6).

A version, and a version of a rule, holds from its event's time until a later one of the same policy or rule, or until
the policy's repeal. What is adopted or defined from the repeal on is in force anew. Two at one instant: the one
recorded later supersedes the other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec

from ledger.domain.bounds import first_instant, has_come
from ledger.domain.fact import Fact
from ledger.domain.free_json import FreeObject
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.policy_events import (
    EVENTS,
    RULE,
    VERSION,
    EnforcementGraceGranted,
    PolicyAnnounced,
    PolicyInterpretationIssued,
    PolicyRepealed,
    PolicyResumed,
    PolicyReviewed,
    PolicyRuleDefined,
    PolicySuspended,
    PolicyVersionAdopted,
)
from ledger.domain.rules import Breach, Rule
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

Status = Literal["ANNOUNCED", "ADOPTED", "IN_FORCE", "SUSPENDED", "REPEALED"]
VersionStatus = Literal["ADOPTED", "IN_FORCE", "SUSPENDED", "SUPERSEDED", "REPEALED"]
POINTER = "/data/version"


class PolicyVersion(Value, frozen=True, kw_only=True):
    """A version of a policy.

    `enforced_from` and `grace_over` are the instants that `enforcement_from` and `grace_until` mean; a date at the end
    of the calendar has none, and never comes.
    """

    version: str
    adopted_by: str
    effective_from: str
    repealed: bool = False
    adopted_on: str | None = None
    promulgated_on: str | None = None
    text_sha256: str | None = None
    lang: str | None = None
    enforcement_from: str | None = None
    enforced_from: str | None = None
    grace_until: str | None = None
    grace_over: str | None = None
    replaces: str | None = None
    amends: str | None = None
    jurisdiction: tuple[str, ...] | None = None


class PolicyRule(Value, frozen=True, kw_only=True):
    """A version of a rule."""

    rule_id: str
    version: str
    defined_by: str
    effective_from: str
    repealed: bool = False
    applies_to: str
    scope: str | None = None
    when: FreeObject
    then: str
    params: FreeObject | None = None
    severity: str | None = None
    instruments: tuple[str, ...] = ()


class Review(Value, frozen=True, kw_only=True):
    """A review of a policy."""

    reviewed_by: str
    reviewed_at: str
    outcome: str
    trigger: str | None = None
    inputs: tuple[str, ...] | None = None
    next_review_due: str | None = None


class Grace(Value, frozen=True, kw_only=True):
    """Time given before a policy is enforced; `over_at` is the instant that `until` means."""

    granted_by: str
    granted_at: str
    until: str
    over_at: str | None = None
    addressee: str | None = None
    source: str | None = None

    def runs(self, moment: datetime) -> bool:
        """Tell whether it still runs at `moment`."""
        return not has_come(self.over_at, moment)


class Interpretation(Value, frozen=True, kw_only=True):
    """What somebody said an article means."""

    issued_by: str
    issued_at: str
    issuer: str | None = None
    article: str | None = None
    text_sha256: str | None = None
    binding: bool | None = None


class Policy(State, frozen=True, kw_only=True):
    """State of a policy. `versions`, and the versions of each rule, are in the order in which they take effect."""

    title: str | None = None
    kind: str | None = None
    statement: str | None = None
    intended_from: str | None = None
    announced_at: str | None = None
    versions: tuple[PolicyVersion, ...] = ()
    rules: Mapping[str, tuple[PolicyRule, ...]] = msgspec.field(default_factory=dict[str, tuple[PolicyRule, ...]])
    reviews: tuple[Review, ...] = ()
    graces: tuple[Grace, ...] = ()
    interpretations: tuple[Interpretation, ...] = ()
    suspended_at: str | None = None
    resumed_at: str | None = None
    repealed_at: str | None = None
    repealed_by: str | None = None
    replaced_by: str | None = None


V = TypeVar("V", PolicyVersion, PolicyRule)


def begin(subject: str) -> Policy:
    """Return the state before any event."""
    return Policy(id=subject)


def apply(state: Policy, fact: Fact) -> Policy:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Policy, fact: Fact) -> Policy:
    at = format_instant(fact.time)
    match fact.payload:
        case PolicyAnnounced() as announced:
            return msgspec.structs.replace(
                state,
                kind=announced.kind,
                title=announced.title,
                statement=announced.statement,
                intended_from=announced.intended_from,
                announced_at=at,
            )
        case PolicyVersionAdopted() as adopted:
            return msgspec.structs.replace(
                state, versions=_with(state.versions, _version(adopted, fact, at), state.repealed_at)
            )
        case PolicyRuleDefined() as defined:
            so_far = state.rules.get(defined.rule_id, ())
            rule = _with(so_far, _rule(defined, fact.id, at), state.repealed_at)
            return msgspec.structs.replace(state, rules={**state.rules, defined.rule_id: rule})
        case PolicySuspended():
            return msgspec.structs.replace(state, suspended_at=at, resumed_at=None)
        case PolicyResumed():
            return msgspec.structs.replace(state, suspended_at=None, resumed_at=at)
        case PolicyRepealed(replaced_by=replaced_by):
            return _repealed(state, replaced_by, fact.id, at)
        case _:
            return _noted(state, fact, at)


def _noted(state: Policy, fact: Fact, at: str) -> Policy:
    match fact.payload:
        case PolicyReviewed() as reviewed:
            return msgspec.structs.replace(state, reviews=(*state.reviews, _review(reviewed, fact.id, at)))
        case PolicyInterpretationIssued() as issued:
            interpretation = Interpretation(
                issued_by=fact.id,
                issued_at=at,
                issuer=issued.issuer,
                article=issued.article,
                text_sha256=issued.text_sha256,
                binding=issued.binding,
            )
            return msgspec.structs.replace(state, interpretations=(*state.interpretations, interpretation))
        case EnforcementGraceGranted(until=until, addressee=addressee, source=source):
            grace = Grace(
                granted_by=fact.id,
                granted_at=at,
                until=until,
                over_at=passed_from(until, fact.timezone),
                addressee=addressee,
                source=source,
            )
            return msgspec.structs.replace(state, graces=(*state.graces, grace))
        case _:
            return state


def _review(reviewed: PolicyReviewed, event_id: str, at: str) -> Review:
    return Review(
        reviewed_by=event_id,
        reviewed_at=at,
        outcome=reviewed.outcome,
        trigger=reviewed.trigger,
        inputs=reviewed.inputs,
        next_review_due=reviewed.next_review_due,
    )


def _version(adopted: PolicyVersionAdopted, fact: Fact, at: str) -> PolicyVersion:
    return PolicyVersion(
        version=adopted.version,
        adopted_by=fact.id,
        effective_from=at,
        adopted_on=adopted.adopted_on,
        promulgated_on=adopted.promulgated_on,
        text_sha256=adopted.text_sha256,
        lang=adopted.lang,
        enforcement_from=adopted.enforcement_from,
        enforced_from=first_instant(adopted.enforcement_from, fact.timezone),
        grace_until=adopted.grace_until,
        grace_over=passed_from(adopted.grace_until, fact.timezone),
        replaces=adopted.replaces,
        amends=adopted.amends,
        jurisdiction=adopted.jurisdiction,
    )


def _rule(defined: PolicyRuleDefined, event_id: str, at: str) -> PolicyRule:
    return PolicyRule(
        rule_id=defined.rule_id,
        version=defined.version,
        defined_by=event_id,
        effective_from=at,
        applies_to=defined.applies_to,
        scope=defined.scope,
        when=defined.when,
        then=defined.then,
        params=defined.params,
        severity=defined.severity,
        instruments=tuple(basis.instrument_id for basis in defined.legal_basis or ()),
    )


def _with(versions: Sequence[V], new: V, repealed_at: str | None) -> tuple[V, ...]:
    """Put a version among the others; one of before the repeal, certain only after it, was repealed with them."""
    if repealed_at is not None and new.effective_from < repealed_at:
        new = msgspec.structs.replace(new, repealed=True)
    ordered: list[V] = list(versions)
    ordered.append(new)
    ordered.sort(key=lambda version: version.effective_from)
    return tuple(ordered)


def _repealed(state: Policy, replaced_by: str | None, event_id: str, at: str) -> Policy:
    return msgspec.structs.replace(
        state,
        versions=_ended(state.versions),
        rules={name: _ended(versions) for name, versions in state.rules.items()},
        repealed_at=at,
        repealed_by=event_id,
        replaced_by=replaced_by,
    )


def _ended(versions: Sequence[V]) -> tuple[V, ...]:
    return tuple(msgspec.structs.replace(version, repealed=True) for version in versions)


def _current(versions: Iterable[V], moment: datetime) -> V | None:
    """Return the one that has taken effect last, of those not repealed."""
    begun = [version for version in versions if not version.repealed and has_come(version.effective_from, moment)]
    return begun[-1] if begun else None


def version_in_force(state: Policy, moment: datetime) -> PolicyVersion | None:
    """Return the version of a policy that is in force at `moment`."""
    return _current(state.versions, moment) if state.suspended_at is None else None


def rules_in_force(state: Policy, moment: datetime) -> list[PolicyRule]:
    """Return the rules of a policy that are in force at `moment`, each in its version then, by id."""
    if state.suspended_at is not None:
        return []
    current = (_current(versions, moment) for _, versions in sorted(state.rules.items()))
    return [rule for rule in current if rule is not None]


def status_of(state: Policy, moment: datetime) -> Status | None:
    """Return what a policy is at `moment`; None while only a review, a grace or an interpretation is known of it."""
    stands = [version for version in state.versions if not version.repealed]
    stands_in_rules = [rule for versions in state.rules.values() for rule in versions if not rule.repealed]
    if state.repealed_at is not None and not stands and not stands_in_rules:
        return "REPEALED"
    if state.suspended_at is not None:
        return "SUSPENDED"
    if version_in_force(state, moment) is not None or rules_in_force(state, moment):
        return "IN_FORCE"
    if stands or stands_in_rules:
        return "ADOPTED"
    return "ANNOUNCED" if state.announced_at is not None else None


def is_enforced(state: Policy, moment: datetime) -> bool:
    """Tell whether a policy is in force at `moment`, and its enforcement has begun: no grace runs for anybody."""
    if status_of(state, moment) != "IN_FORCE" or any(g.runs(moment) and g.addressee is None for g in state.graces):
        return False
    version = version_in_force(state, moment)
    return version is None or (
        (version.enforcement_from is None or has_come(version.enforced_from, moment))
        and (version.grace_until is None or has_come(version.grace_over, moment))
    )


def describe(state: Policy, moment: datetime) -> dict[str, Any]:
    """Return the policy at `moment` as JSON values: its status, and which versions and rules are in force then."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    version = version_in_force(state, moment)
    in_force = rules_in_force(state, moment)
    item["status"] = status_of(state, moment)
    item["enforced"] = is_enforced(state, moment)
    item["version_in_force"] = None if version is None else version.version
    item["versions"] = [
        {**msgspec.to_builtins(one), "status": _status_of_version(state, one, moment)} for one in state.versions
    ]
    item["rules"] = [
        {**msgspec.to_builtins(rule), "in_force": any(rule is one for one in in_force)}
        for _, versions in sorted(state.rules.items())
        for rule in versions
    ]
    item["rules_in_force"] = [rule.rule_id for rule in in_force]
    item["graces"] = [{**msgspec.to_builtins(grace), "runs": grace.runs(moment)} for grace in state.graces]
    return item


def _status_of_version(state: Policy, version: PolicyVersion, moment: datetime) -> VersionStatus:
    if not has_come(version.effective_from, moment):
        return "ADOPTED"
    if version.repealed:
        return "REPEALED"
    if _current(state.versions, moment) is not version:
        return "SUPERSEDED"
    return "IN_FORCE" if state.suspended_at is None else "SUSPENDED"


def expiries(state: Policy) -> list[datetime]:
    """Return when enforcement begins, and when graces are over."""
    of_versions = (instant for one in state.versions for instant in (one.enforced_from, one.grace_over))
    of_graces = (grace.over_at for grace in state.graces)
    return [parse_instant(instant) for instant in (*of_versions, *of_graces) if instant is not None]


def never_twice(what: str) -> Rule:
    """Return the rule that one version is there at most once: two would be in force at the same time."""

    def rule(facts: Sequence[Fact]) -> Breach | None:
        if len(facts) > 1:
            detail = f"{what} is there already, by event {facts[0].id}"
            return Breach("version-overlap", POINTER, detail, facts[-1].id)
        return None

    return rule


RULES: Mapping[str, Callable[[Sequence[Fact]], Breach | None]] = {
    VERSION: never_twice("this version of the policy"),
    RULE: never_twice("this version of the rule"),
}

STREAM = Stream(
    kind="policy",
    pattern=r"^policy:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules=RULES,
)
