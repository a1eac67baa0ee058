"""The deadline register: rules as versioned data (`register.json`), and rules of policies that override it (8, 7.6).

Rules of one id are its versions; one holds from `valid_from` (a date of the rule's zone, or an instant; None: always)
until the next, or the instant `valid_to`. A policy's rule THEN=DEADLINE of the same id goes before the register's from
its own time on: its parameters are laid over the register's rule of that time (RFC 7396), its predicate replaces the
condition.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, cached_property
from importlib import resources
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ledger.domain.bounds import first_instant, has_come
from ledger.domain.fact import merge_patch
from ledger.domain.free_json import FreeObject
from ledger.domain.instants import parse_instant, zone
from ledger.domain.json_values import is_object
from ledger.domain.policy import Policy, PolicyRule
from ledger.domain.predicate import Predicate, Record, Truth, evaluate, parse_predicate
from projections.deadlines.working_days import Limit

DEADLINE = "DEADLINE"
EventTypes = Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]


class Occasion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """Events of these types, of which a predicate is true (None: any).

    `at` names the member of a trigger's data that says when it was; without it, it is the event's own time. What
    answers a trigger comes after it, unless it `may_precede`.
    """

    events: EventTypes
    when: FreeObject | None = None
    at: str | None = None
    may_precede: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError where the predicate is none."""
        _ = self._predicate

    @cached_property
    def _predicate(self) -> Predicate | None:
        """The condition, read once for all the records that it is asked of."""
        return None if self.when is None else parse_predicate(self.when)

    def holds(self, record: Record) -> Truth:
        """Say whether the condition is true of a record."""
        return "TRUE" if self._predicate is None else evaluate(self._predicate, record)


class PauseRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stops the clock, and what lets it run on."""

    begins: EventTypes
    ends: EventTypes


class DeadlineRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of a rule.

    `acts` keep the deadline; `instead` makes it not applicable, if it comes in time. `key` is the member that ties an
    act to its trigger (`item_no`, `restriction_id`); `limit` None says that the rule could not be read. A rule that is
    `optional` gives a right: who lets it pass missed nothing. `zone` is the jurisdiction's; without one days are those
    of the trigger's own zone.
    """

    id: str
    version: str
    trigger: Occasion
    acts: Annotated[tuple[Occasion, ...], Meta(min_length=1, max_length=20)]
    source: str
    limit: Limit | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    zone: str | None = None
    key: str | None = None
    earliest: Limit | None = None
    pauses: tuple[PauseRule, ...] = ()
    instead: tuple[Occasion, ...] = ()
    extension_kinds: tuple[str, ...] = ()
    maximum: Limit | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for a zone that is none."""
        if self.zone is not None:
            zone(self.zone)


class Informational(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of domain.md 8 that no deadline is derived from, and why not."""

    id: str
    text: str
    reason: str
    source: str


class Register(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The register, in one version of its data."""

    version: int
    rules: tuple[DeadlineRule, ...]
    informational: tuple[Informational, ...]


class Versions(Struct, frozen=True):
    """All versions of one rule: those of policies, which go first, and those of the register."""

    overriding: tuple[DeadlineRule, ...]
    registered: tuple[DeadlineRule, ...]

    def at(self, moment: datetime) -> DeadlineRule | None:
        """Return the version in force at a moment."""
        return _latest(self.overriding, moment) or _latest(self.registered, moment)


@cache
def shipped_register() -> Register:
    """Return the register that is part of the product; read once."""
    text = (resources.files("projections.deadlines") / "register.json").read_bytes()
    return msgspec.json.decode(text, type=Register)


def versions_of(register: Register, policies: Iterable[Policy] = ()) -> dict[str, Versions]:
    """Return the versions of every rule by id, in order: the register's, and what policies say of deadlines."""
    registered: dict[str, list[DeadlineRule]] = {}
    for rule in register.rules:
        registered.setdefault(rule.id, []).append(rule)
    overriding: dict[str, list[DeadlineRule]] = {}
    for policy in policies:
        for defined in (one for versions in policy.rules.values() for one in versions if one.then == DEADLINE):
            own = overridden(defined, policy, registered.get(defined.rule_id, ()))
            overriding.setdefault(defined.rule_id, []).extend([own] if own is not None else [])
    return {
        rule_id: Versions(tuple(overriding.get(rule_id, ())), tuple(registered.get(rule_id, ())))
        for rule_id in sorted(registered.keys() | overriding.keys())
    }


def overridden(defined: PolicyRule, policy: Policy, registered: Sequence[DeadlineRule]) -> DeadlineRule | None:
    """Return a policy's rule as a rule of deadlines; it holds until the policy's repeal, or the suspension that runs.

    Parameters that say nothing readable leave the register's rule without a limit (its deadlines are undetermined
    from then on); None where the register knows nothing of the rule either.
    """
    base = _latest(registered, parse_instant(defined.effective_from)) or (registered[0] if registered else None)
    own = {
        "id": defined.rule_id,
        "version": defined.version,
        "valid_from": defined.effective_from,
        "valid_to": policy.repealed_at if defined.repealed else policy.suspended_at,
    }
    said = {"source": f"{policy.id} {defined.defined_by}", **(defined.params or {})}
    patched: FreeObject = {**merge_patch({} if base is None else msgspec.to_builtins(base), said), **own}
    trigger = patched.get("trigger")
    if is_object(trigger):
        patched["trigger"] = {**trigger, "when": defined.when}
    try:
        return msgspec.convert(patched, DeadlineRule)
    except msgspec.ValidationError:
        return None if base is None else msgspec.structs.replace(base, limit=None, **own)


def _latest(rules: Iterable[DeadlineRule], moment: datetime) -> DeadlineRule | None:
    """Return the rule that holds at a moment: of several the one that began last, then the one named last."""
    held = [rule for rule in rules if _holds(rule, moment)]
    return max(reversed(held), key=lambda rule: _begin(rule) or "") if held else None


def _holds(rule: DeadlineRule, moment: datetime) -> bool:
    begin = _begin(rule)
    return (begin is None or has_come(begin, moment)) and not has_come(rule.valid_to, moment)


def _begin(rule: DeadlineRule) -> str | None:
    return first_instant(rule.valid_from, rule.zone or "UTC")
