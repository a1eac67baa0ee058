"""Which flags a stream has: open, undetermined or resolved; a pure function of what is known at a moment (domain.md 9).

Flags are never appended. A flag is RESOLVED when the event that cures it is known, or when what was known before an
earlier commit of its stream would have raised it, and what is known now does not: the event that changed that is its
`resolved_by`. What was known of other streams is taken as it is known at the moment, for past stages too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct

from ledger.domain.catalogue import read_payload
from ledger.domain.fact import known as known_facts
from ledger.domain.instants import format_instant
from projections.flags.history import History
from projections.flags.lookup import Lookup
from projections.flags.rule import Finding, Needs, Rule, Surroundings
from projections.inquiry import Inquiry, Known

Status: TypeAlias = Literal["OPEN", "UNDETERMINED", "RESOLVED"]
STAGES_MAX = 100
"""Past stages of one stream that are looked at: its newest commits. What was resolved before them is not told."""
STAGED_EVENTS_MAX = 20_000
"""Events that the past stages of one stream come to: fewer stages are looked at of a long one (a taxonomy, say)."""
Identity: TypeAlias = tuple[str, str, str]
"""A flag, the event that raised it, and what it is about there."""


class Flag(Struct, frozen=True, kw_only=True):
    """One flag at a moment. `owner` is the role that has to act; APPENDER's are those of who keeps the log."""

    flag: str
    rule: str
    status: Status
    severity: str
    owner: str
    event: str
    position: int
    type: str
    at: str
    detail: str
    about: str | None
    related: tuple[str, ...]
    determined: bool
    resolved_by: str | None


async def flags_of(
    inquiry: Inquiry, streams: Sequence[Known], rules: Iterable[Rule], *, resolved: bool = True
) -> list[list[Flag]]:
    """Return the flags of each of these streams, in order of position and name; of past stages only if `resolved`."""
    lookup = Lookup(inquiry)
    return await flags_with(lookup, streams, tuple(rules), resolved=resolved)


async def flags_with(
    lookup: Lookup, streams: Sequence[Known], rules: Sequence[Rule], *, resolved: bool
) -> list[list[Flag]]:
    """Return the same, with what was read already at hand."""
    pasts = [list(stages(known)) if resolved else [] for known in streams]
    needs: dict[int, Needs] = {}
    for known, past in zip(streams, pasts, strict=True):
        for history in (History(known), *past):
            for rule in _about(rules, history):
                needs[known.log.log_id] = needs.get(known.log.log_id, Needs()) | rule.check.needs(history)
    around = {log_id: await lookup.surroundings(log_id, needed) for log_id, needed in needs.items()}
    return [
        flags_at(History(known), past, rules, around.get(known.log.log_id, Surroundings()))
        for known, past in zip(streams, pasts, strict=True)
    ]


def flags_at(now: History, past: Sequence[History], rules: Sequence[Rule], around: Surroundings) -> list[Flag]:
    """Return the flags of one stream, given its past stages in order."""
    current = _findings(now, rules, around)
    flags = [_flag(now.known, rule, finding, _cured(finding)) for rule, finding in current.values()]
    for index, history in reversed(list(enumerate(past))):
        for identity, (rule, finding) in _findings(history, rules, around).items():
            if identity not in current:
                current[identity] = rule, finding
                after = past[index + 1] if index + 1 < len(past) else now
                flags.append(_flag(now.known, rule, finding, _resolver(history, after, rule, identity, around)))
    return sorted(flags, key=lambda one: (one.position, one.flag, one.about or ""))


def stages(known: Known) -> Iterator[History]:
    """Yield what was known of a stream before each of its newest commits, up to that commit's own instant."""
    recorded = known.recorded
    commits = [i for i in range(1, len(recorded)) if recorded[i].recordedtime != recorded[i - 1].recordedtime]
    looked_at = min(len(commits), STAGES_MAX, STAGED_EVENTS_MAX // len(recorded))
    for size in commits[len(commits) - looked_at :]:
        as_of = min(known.moment.as_of, recorded[size].clock(known.moment.basis))
        yield History(first(known, size, as_of))


def first(known: Known, size: int, as_of: datetime) -> Known:
    """Return a stream as its first `size` events let one know it, up to `as_of`."""
    recorded = known.recorded[:size]
    moment = msgspec.structs.replace(known.moment, as_of=as_of)
    facts = known_facts(recorded, read_payload)
    return msgspec.structs.replace(known, recorded=recorded, facts=facts, moment=moment)


def _about(rules: Iterable[Rule], history: History) -> Iterator[Rule]:
    return (rule for rule in rules if rule.check.kinds is None or history.kind in rule.check.kinds)


def _findings(history: History, rules: Iterable[Rule], around: Surroundings) -> dict[Identity, tuple[Rule, Finding]]:
    """Return what the rules find, by identity; the first rule that finds it names it."""
    found: dict[Identity, tuple[Rule, Finding]] = {}
    for rule in _about(rules, history):
        for finding in rule.check.find(history, around):
            found.setdefault((rule.flag, finding.fact.id, finding.about), (rule, finding))
    return found


def _cured(finding: Finding) -> tuple[Status, str | None]:
    if finding.cured_by is not None:
        return "RESOLVED", finding.cured_by
    return ("OPEN" if finding.determined else "UNDETERMINED"), None


def _resolver(
    before: History, after: History, rule: Rule, identity: Identity, around: Surroundings
) -> tuple[Status, str | None]:
    """Return the event of the commit between two stages with which a flag went; the first one where none alone did."""
    whole = after.known
    start, end = len(before.known.recorded), len(whole.recorded)
    for size in range(start + 1, end + 1):
        if identity not in _findings(History(first(whole, size, after.as_of)), [rule], around):
            return "RESOLVED", whole.recorded[size - 1].id
    return "RESOLVED", whole.recorded[start].id


def _flag(known: Known, rule: Rule, finding: Finding, verdict: tuple[Status, str | None]) -> Flag:
    fact = finding.fact
    return Flag(
        flag=rule.flag,
        rule=rule.rule,
        status=verdict[0],
        severity=rule.severity,
        owner=known.log.kind if rule.owner == "APPENDER" else rule.owner,
        event=fact.id,
        position=fact.position,
        type=fact.type,
        at=format_instant(known.when(fact)),
        detail=finding.detail,
        about=finding.about or None,
        related=finding.related,
        determined=finding.determined,
        resolved_by=verdict[1],
    )


def describe(flag: Flag) -> dict[str, Any]:
    """Return a flag as JSON values, every member always there."""
    described: dict[str, Any] = msgspec.to_builtins(flag)
    return described
