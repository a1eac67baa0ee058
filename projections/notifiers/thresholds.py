"""Which tier a notifier is due, by the rules of policies (domain.md 6.8, Q16): thresholds are data, and versioned.

A rule THEN=THRESHOLD is one: its predicate says what must be true of the notifier's figures (and so which denominator
a rate has), `params.tier` which tier that gives, `params.window` over how long a time before the moment they are
taken (ISO 8601: P3M; without it over all time).
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from ledger.domain.policy import Policy, rules_in_force
from ledger.domain.predicate import Predicate, Record, Truth, evaluate, parse_predicate
from projections.deadlines.working_days import Limit, due_at
from projections.inquiry import Known

THRESHOLD = "THRESHOLD"


class Params(Struct, frozen=True, kw_only=True):
    """What a threshold's parameters must say; more is not read."""

    tier: str
    window: str | None = None


class TierThreshold(Struct, frozen=True, kw_only=True):
    """A version of a rule that gives a tier to whoever meets it."""

    policy: str
    rule_id: str
    version: str
    tier: str
    window: Limit | None
    when: Predicate

    def describe(self) -> dict[str, str | None]:
        """Return which rule it is, and over how long a time it looks, as JSON values."""
        return {
            "policy": self.policy,
            "rule_id": self.rule_id,
            "version": self.version,
            "tier": self.tier,
            "window": None if self.window is None else self.window.length,
        }

    def covers(self, instant: datetime, as_of: datetime, zone_name: str) -> bool:
        """Tell whether what happened at `instant` is within the window that ends at `as_of`."""
        if self.window is None:
            return instant <= as_of
        over = due_at(instant, self.window, zone_name, None)
        return instant <= as_of and (over is None or as_of < over)

    def met(self, figures: Record) -> Truth:
        """Say whether a notifier's figures meet it; UNDETERMINED where one it asks for is not there."""
        return evaluate(self.when, figures)


def thresholds_in_force(policies: Iterable[Known], as_of: datetime) -> list[TierThreshold]:
    """Return the thresholds of the policies that are in force at `as_of`, by policy and rule.

    A rule whose parameters name no tier, or a window that is no length of time, is no threshold of a tier.
    """
    found: list[TierThreshold] = []
    for known in policies:
        state = known.state(as_of)
        for rule in rules_in_force(state, as_of) if isinstance(state, Policy) else ():
            if rule.then != THRESHOLD:
                continue
            try:
                params = msgspec.convert(rule.params, Params)
                window = None if params.window is None else Limit(length=params.window, counting="CLOCK")
            except (ValueError, msgspec.ValidationError):
                continue
            threshold = TierThreshold(
                policy=known.subject,
                rule_id=rule.rule_id,
                version=rule.version,
                tier=params.tier,
                window=window,
                when=parse_predicate(rule.when),
            )
            found.append(threshold)
    return sorted(found, key=lambda one: (one.policy, one.rule_id))
