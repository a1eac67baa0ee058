"""Rules in force in a period, and for how long listings broke them (R6; Q3)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.domain.instants import TICK, format_instant, parse_instant
from ledger.domain.policy import Policy, is_enforced
from projections.breaches import DERIVATION as BREACHES
from projections.breaches import spans_of
from projections.derived import Narrowing, select
from projections.metrics.breach_days import Span, breach_days, clipped
from projections.reports.report import Asked, Part, Row, Sections
from projections.rule_spans import RuleSpan
from projections.window import Window

FILTERS = {
    "policy": "this policy alone (sections rules, breaches, breach_months)",
    "rule": "this rule alone (sections rules, breaches, breach_months)",
}
WHENEVER = ("true", "false")
"""Breaches that have ended and those that go on: the exposure (see projections/breaches.py)."""


class Exposed(NamedTuple):
    """What breaches are added up by."""

    log: str
    policy: str
    rule: str
    cluster: str
    status: str


async def exposure(asked: Asked) -> Sections:
    """Return the rules' timeline, and the breaches by rule and cluster with their days: in all, and by month."""
    return {"rules": await _rules(asked), **await _breaches(asked)}


async def _rules(asked: Asked) -> list[Row]:
    as_of = asked.inquiry.moment.as_of
    rows: list[Row] = []
    for at in asked.inquiry.asked:
        for span in await spans_of(asked.inquiry, at, asked.given):
            until = as_of + TICK if span.interval.end is None else span.interval.end
            if clipped((span.interval.start, until), asked.period) is not None:
                rows.append({"log": at.log.slug, **_rule(span)})
    return rows


def _rule(span: RuleSpan) -> Row:
    policy, end = span.policy.state(), span.interval.end
    return {
        "policy": span.policy.subject,
        "rule": span.rule.rule_id,
        "version": span.rule.version,
        "applies_to": span.rule.applies_to,
        "in_force_from": format_instant(span.interval.start),
        "in_force_to": None if end is None else format_instant(end),
        "enforced": isinstance(policy, Policy) and is_enforced(policy, span.policy.moment.as_of),
    }


async def _breaches(asked: Asked) -> Sections:
    own = {name: values for name, values in asked.given.items() if name in FILTERS}
    narrowing = Narrowing(filters={**own, "ended": WHENEVER})
    found: dict[Exposed, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    zones: dict[str, str] = {}
    async for item in select(BREACHES, asked.inquiry, narrowing):
        log, said = asked.inquiry.log_at(item.log_id).log, item.item
        until = asked.inquiry.moment.as_of + TICK if said["to"] is None else parse_instant(said["to"])
        span = (parse_instant(said["from"]), until)
        if clipped(span, asked.period) is not None:
            name = Exposed(log.slug, said["policy"], said["rule"], said["cluster"] or "UNKNOWN", said["status"])
            found[name][item.subject].append(span)
            zones[log.slug] = log.timezone
    exposed = sorted(found.items())
    months = {name: _by_month(spans.values(), asked.period, zones[name.log]) for name, spans in exposed}
    return {
        "breaches": [
            {**name._asdict(), "members": len(spans), "breach_listing_days": _days(months[name])}
            for name, spans in exposed
        ],
        "breach_months": [
            {"month": month, **name._asdict(), "members": len(days), "breach_listing_days": sum(days)}
            for name, _ in exposed
            for month, days in sorted(months[name].items())
        ],
    }


def _by_month(members: Iterable[Sequence[Span]], period: Window, zone_name: str) -> dict[str, list[int]]:
    """Return the days of each member that has any in a local month, by month."""
    found: dict[str, list[int]] = defaultdict(list)
    for spans in members:
        for month, days in breach_days(spans, period, zone_name).items():
            found[month].append(days)
    return found


def _days(months: Mapping[str, Sequence[int]]) -> int:
    return sum(map(sum, months.values()))


PART = Part(sections=("rules", "breaches", "breach_months"), work_out=exposure)
