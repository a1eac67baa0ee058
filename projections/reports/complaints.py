"""Complaints of a period: appeals within the platform, and disputes about its decisions outside (R1; DSA 20, 21)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.appeal import APPEAL, Appeal
from ledger.domain.dispute import Dispute
from ledger.domain.dispute_events import DISPUTE
from ledger.domain.instants import parse_instant
from projections.metrics.decisions import appeal_overturn_rate
from projections.metrics.disputes import time_to_outcome
from projections.metrics.durations import Durations
from projections.reports.groups import Said, groups
from projections.reports.report import Asked, Part, Row, Sections

ABOUT_DECISIONS = "PLATFORM_DECISION"
"""The issue of a dispute about what a platform decided."""


class Filed(Struct, frozen=True, kw_only=True):
    """An appeal that was filed, and where it is recorded."""

    log: str
    appeal: Appeal
    at: datetime


def _appellant(filed: Filed) -> str | None:
    if filed.appeal.appellant_seller_id is not None:
        return "SELLER"
    return None if filed.appeal.notifier_party_id is None else "NOTIFIER"


ATTRIBUTES: Mapping[str, Callable[[Filed], Said]] = {
    "log": lambda one: one.log,
    "platform": lambda one: one.appeal.platform,
    "appellant": _appellant,
    "human_review": lambda one: one.appeal.human_review,
}


async def complaints(asked: Asked) -> Sections:
    """Return the appeals, all of them and by each attribute, and the disputes about decisions by forum."""
    as_of = asked.inquiry.moment.as_of
    cohort: list[Filed] = []
    disputes: dict[str, list[Dispute]] = {}
    async for known in asked.inquiry.streams((*APPEAL, *DISPUTE)):
        state = known.state()
        if isinstance(state, Appeal) and _in_period(state.filed_at, asked):
            cohort.append(Filed(log=known.log.slug, appeal=state, at=parse_instant(state.filed_at or "")))
        if isinstance(state, Dispute) and state.issue == ABOUT_DECISIONS and _in_period(state.filed_at, asked):
            disputes.setdefault(state.forum, []).append(state)
    return {
        "complaints": [_row(one.by, one.value, one.members, as_of) for one in groups(cohort, ATTRIBUTES)],
        "out_of_court": [_outside(forum, states, as_of) for forum, states in sorted(disputes.items())],
    }


def _in_period(filed_at: str | None, asked: Asked) -> bool:
    return filed_at is not None and asked.period.holds(parse_instant(filed_at))


def _row(by: str, value: str, members: Sequence[Filed], as_of: datetime) -> Row:
    appeals = [one.appeal for one in members]
    states = Counter(one.state for one in appeals)
    results = Counter(one.result for one in appeals if one.state == "DECIDED")
    times = Durations()
    for one in members:
        if one.appeal.state == "DECIDED" and one.appeal.decided_at is not None:
            times.over.append(parse_instant(one.appeal.decided_at) - one.at)
        elif one.appeal.state == "FILED":
            times.open.append(as_of - one.at)
    return {
        "by": by,
        "value": value,
        "filed": len(members),
        "decided": states["DECIDED"],
        "withdrawn": states["WITHDRAWN"],
        "results": {name: count for name, count in sorted(results.items(), key=str) if name is not None},
        "appeal_overturn_rate": appeal_overturn_rate(appeals).describe(),
        "time_to_decision": times.describe("days"),
    }


def _outside(forum: str, states: Sequence[Dispute], as_of: datetime) -> Row:
    outcomes = Counter(state.outcome.outcome for state in states if state.outcome is not None)
    return {
        "forum": forum,
        "disputes": len(states),
        "outcomes": dict(sorted(outcomes.items())),
        "complied": sum(state.compliance == "COMPLIED" for state in states),
        "time_to_decision": time_to_outcome(states, as_of).describe("days"),
    }


PART = Part(sections=("complaints", "out_of_court"), work_out=complaints)
