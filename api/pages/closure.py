"""The story of a closure: what was announced, came into force, was enforced and reviewed, in order. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

Item = Mapping[str, Any]
DAY = timedelta(days=1)
LATE = timedelta(days=1)
"""What is recorded later than that after it took effect was known late."""
OF_TIME = {"ENFORCED": "enforced_from", "GRACE_OVER": "grace_over"}
"""Steps that no event is for: they come when an instant has passed that a version named (domain.md 6.6)."""


class Step(Struct, frozen=True, kw_only=True):
    """A step: what happened when, by which event, known since when, and how many days after the step before it.

    `late_days` are whole days from its time to its recording, where that took longer than LATE.
    """

    kind: str
    name: str | None
    at: str
    log: str
    event: str
    recorded: str
    late_days: int | None
    after_days: int | None
    corrected_by: Sequence[str]


def closure_of(policies: Sequence[Item], timeline: Sequence[Item], as_of: str) -> list[Step]:
    """Return the steps of a policy up to an instant: `policies` are its states by log, `timeline` its events."""
    names = {(policy["log"], event): name for policy in policies for event, name in _names(policy)}
    happened = ((event["at"], event["type"], names.get((event["log"], event["id"])), event) for event in timeline)
    found = sorted((*happened, *_of_time(policies, timeline, as_of)), key=lambda one: one[0])
    before = [None, *(_instant(at) for at, *_ in found)]
    return [
        Step(
            kind=kind,
            name=name,
            at=at,
            log=event["log"],
            event=event["id"],
            recorded=event["recordedtime"],
            late_days=_late_days(event),
            after_days=None if last is None else (_instant(at) - last) // DAY,
            corrected_by=event["corrected_by"],
        )
        for (at, kind, name, event), last in zip(found, before, strict=False)
    ]


def _names(policy: Item) -> Iterator[tuple[str, str]]:
    """Yield which event defined which rule, or adopted which version."""
    for rule in policy["rules"]:
        yield rule["defined_by"], rule["rule_id"]
    for version in policy["versions"]:
        yield version["adopted_by"], version["version"]


def _of_time(
    policies: Sequence[Item], timeline: Sequence[Item], as_of: str
) -> Iterator[tuple[str, str, str | None, Item]]:
    events = {(event["log"], event["id"]): event for event in timeline}
    for policy in policies:
        for version in policy["versions"]:
            event = events.get((policy["log"], version["adopted_by"]))
            for kind, member in OF_TIME.items():
                at = version.get(member)
                if event is not None and at is not None and at <= as_of:
                    yield at, kind, version["version"], event


def _late_days(event: Item) -> int | None:
    late = _instant(event["recordedtime"]) - _instant(event["at"])
    return late // DAY if late > LATE else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
