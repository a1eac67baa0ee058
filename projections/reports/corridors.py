"""Disputes filed in a period: by corridor, forum and stage, by a machine's help, and the money (R7; Q27, Q29, Q30)."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime

from ledger.domain.dispute import Dispute
from ledger.domain.dispute_events import DISPUTE
from ledger.domain.instants import parse_instant
from projections.metrics.currency_sums import currency_sums
from projections.metrics.disputes import human_review_rate, settlement_rate, stage_days, time_to_outcome
from projections.reports.report import Asked, Part, Row, Sections

COMPLIED, CLOSED = "COMPLIED", "CLOSED"
ANYWHERE = ("ALL", "ALL")
"""The corridor that stands for all of them."""
UNKNOWN = "UNKNOWN"
FILTERS = {"forum": "disputes before this forum alone", "issue": "disputes about this alone"}
Corridor = tuple[str, str]


async def corridors(asked: Asked) -> Sections:
    """Return the disputes by corridor and by forum, the stages of each corridor, and what came of help and money."""
    as_of = asked.inquiry.moment.as_of
    cohort = [state async for state in _disputes(asked)]
    by_corridor: dict[Corridor, list[Dispute]] = {}
    by_forum: dict[str, list[Dispute]] = {}
    for state in cohort:
        by_forum.setdefault(state.forum, []).append(state)
        corridor = (state.claimant_country or UNKNOWN, state.respondent_country or UNKNOWN)
        by_corridor.setdefault(corridor, []).append(state)
    parts = [(ANYWHERE, cohort), *sorted(by_corridor.items())]
    return {
        "corridors": [{**_named(corridor), **_tally(states, as_of)} for corridor, states in parts],
        "forums": [{"forum": forum, **_tally(states, as_of)} for forum, states in sorted(by_forum.items())],
        "stages": [row for corridor, states in parts for row in _stages(corridor, states, as_of)],
        "assistance": [_assistance(states, assisted=assisted) for assisted, states in _by_assistance(cohort)],
        "amounts": list(_amounts(cohort)),
    }


async def _disputes(asked: Asked) -> AsyncIterator[Dispute]:
    async for known in asked.inquiry.streams(DISPUTE):
        state = known.state()
        if (
            isinstance(state, Dispute)
            and state.filed_at is not None
            and asked.period.holds(parse_instant(state.filed_at))
            and all(asked.wants(name, getattr(state, name)) for name in FILTERS)
        ):
            yield state


def _named(corridor: Corridor) -> Row:
    claimant, respondent = corridor
    known = UNKNOWN not in corridor and corridor != ANYWHERE
    return {
        "claimant_country": claimant,
        "respondent_country": respondent,
        "cross_border": claimant != respondent if known else None,
    }


def _tally(states: Sequence[Dispute], as_of: datetime) -> Row:
    outcomes = Counter(state.outcome.outcome for state in states if state.outcome is not None)
    return {
        "filed": len(states),
        "admitted": sum(state.admissible is True for state in states),
        "outcomes": dict(sorted(outcomes.items())),
        "closed_without_outcome": sum(state.state == CLOSED and state.outcome is None for state in states),
        "complied": sum(state.compliance == COMPLIED for state in states),
        "settlement_rate": settlement_rate(states).describe(),
        "time_to_outcome": time_to_outcome(states, as_of).describe("days"),
    }


def _stages(corridor: Corridor, states: Sequence[Dispute], as_of: datetime) -> Iterator[Row]:
    for name, days in stage_days(states, as_of).items():
        yield {**_named(corridor), "stage": name, "stage_days": days.describe("days")}


def _by_assistance(cohort: Sequence[Dispute]) -> Iterator[tuple[bool, list[Dispute]]]:
    """Yield the disputes that have an outcome: those with a machine's help, and those without."""
    for assisted in (True, False):
        yield assisted, [one for one in cohort if one.outcome is not None and bool(one.assistance) is assisted]


def _assistance(states: Sequence[Dispute], *, assisted: bool) -> Row:
    return {
        "assisted": assisted,
        "outcomes": len(states),
        "human_review_rate": human_review_rate(states).describe() if assisted else None,
        "settlement_rate": settlement_rate(states).describe(),
    }


def _amounts(cohort: Sequence[Dispute]) -> Iterator[Row]:
    """Yield a line for each currency: each sum is of the amounts in it, and none is converted."""
    claimed = currency_sums(state.amount for state in cohort)
    awarded = currency_sums(state.outcome.amount_awarded for state in cohort if state.outcome is not None)
    recovered = currency_sums(state.amount_paid for state in cohort)
    for currency in sorted({*claimed, *awarded, *recovered}):
        yield {
            "currency": currency,
            "disputes": sum(state.amount is not None and state.amount.currency == currency for state in cohort),
            "claimed_minor": claimed.get(currency, 0),
            "awarded_minor": awarded.get(currency, 0),
            "recovered_minor": recovered.get(currency, 0),
        }


PART = Part(sections=("corridors", "forums", "stages", "assistance", "amounts"), work_out=corridors)
