"""Policies, their versions and rules: `domain.md` 6.6. A rule is in force from its definition, adopted or not."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, here_from, over_from, picked, reached, written


class _Policy:
    """A policy while its events are told."""

    def __init__(self) -> None:
        self.versions: list[Item] = []
        self.rules: list[Item] = []
        self.graces: list[Item] = []
        self.suspended = False
        self.repealed_at: datetime | None = None
        self.announced: Item = {}

    def tell(self, event: Event) -> None:
        data, at = event["data"], begins(event)
        match event["type"]:
            case "PolicyAnnounced":
                self.announced = picked(data, "kind", "title", "statement", "intended_from")
            case "PolicyVersionAdopted":
                ends = {"enforced": here_from(data.get("enforcement_from"), event)}
                ends["grace_over"] = over_from(data.get("grace_until"), event)
                self.versions.append({**self._begun(at), **picked(data, "version", "adopted_on"), **ends, "of": data})
            case "PolicyRuleDefined":
                self.rules.append({**self._begun(at), **picked(data, "rule_id", "version", "then", "applies_to")})
            case "PolicySuspended" | "PolicyResumed":
                self.suspended = event["type"] == "PolicySuspended"
            case "PolicyRepealed":
                self.repealed_at = at
                for one in (*self.versions, *self.rules):
                    one["repealed"] = True
            case "EnforcementGraceGranted":
                grace = picked(data, "until", "addressee", "source")
                self.graces.append({**grace, "over": over_from(data["until"], event)})
            case _:
                pass

    def _begun(self, at: datetime) -> Item:
        """Of what began before a repeal that is known already, nothing is in force."""
        return {"from": at, "repealed": self.repealed_at is not None and at < self.repealed_at}


def policy_of(events: Sequence[Event], as_of: datetime) -> Item:
    """Return what a policy is, and which of its versions and rules are in force."""
    policy = _Policy()
    for event in events:
        policy.tell(event)
    version = _last(policy.versions, as_of)
    rules = {name: _last([rule for rule in policy.rules if rule["rule_id"] == name], as_of) for name in _ids(policy)}
    in_force = {} if policy.suspended else {name: rule for name, rule in rules.items() if rule is not None}
    status = _status(policy, version, in_force)
    return {
        **(policy.announced or dict.fromkeys(("kind", "title"))),
        "status": status,
        "enforced": status == "IN_FORCE" and _enforced(policy, version, as_of),
        "version_in_force": None if version is None or policy.suspended else version["version"],
        "rules_in_force": list(in_force),
        "versions": [
            {**picked(one, "version", "adopted_on"), "effective_from": written(one["from"]), "status": said}
            for one in sorted(policy.versions, key=lambda one: one["from"])
            for said in [_of_version(policy, one, version, as_of)]
        ],
        "rules": [
            {**picked(rule, "rule_id", "version", "then"), "in_force": any(rule is one for one in in_force.values())}
            for rule in sorted(policy.rules, key=lambda one: (one["rule_id"], one["from"]))
        ],
        "graces": [
            {**picked(grace, "until", "addressee"), "runs": not reached(grace["over"], as_of)}
            for grace in policy.graces
        ],
        "replaced_by": _last_replacement(events),
    }


def _ids(policy: _Policy) -> list[str]:
    return sorted({rule["rule_id"] for rule in policy.rules})


def _last(told: Iterable[Item], as_of: datetime) -> Item | None:
    """Return what took effect last, and was not repealed."""
    begun = [one for one in told if not one["repealed"] and one["from"] <= as_of]
    begun.sort(key=lambda one: one["from"])
    return begun[-1] if begun else None


def _status(policy: _Policy, version: Item | None, in_force: Item) -> str | None:
    stands = any(not one["repealed"] for one in (*policy.versions, *policy.rules))
    if policy.repealed_at is not None and not stands:
        return "REPEALED"
    if policy.suspended:
        return "SUSPENDED"
    if version is not None or in_force:
        return "IN_FORCE"
    if stands:
        return "ADOPTED"
    return "ANNOUNCED" if policy.announced else None


def _enforced(policy: _Policy, version: Item | None, as_of: datetime) -> bool:
    if any(grace["addressee"] is None and not reached(grace["over"], as_of) for grace in policy.graces):
        return False
    if version is None:
        return True
    begun = version["of"].get("enforcement_from") is None or reached(version["enforced"], as_of)
    return begun and (version["of"].get("grace_until") is None or reached(version["grace_over"], as_of))


def _of_version(policy: _Policy, one: Item, current: Item | None, as_of: datetime) -> str:
    if one["from"] > as_of:
        return "ADOPTED"
    if one["repealed"]:
        return "REPEALED"
    if one is not current:
        return "SUPERSEDED"
    return "SUSPENDED" if policy.suspended else "IN_FORCE"


def _last_replacement(events: Sequence[Event]) -> str | None:
    repeals = [event["data"].get("replaced_by") for event in events if event["type"] == "PolicyRepealed"]
    return repeals[-1] if repeals else None
