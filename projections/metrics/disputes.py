"""How disputes went: how long, settled or decided, with a machine's help reviewed or not (domain.md 13.2). Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from ledger.domain.dispute import Dispute
from ledger.domain.instants import parse_instant
from projections.metrics.durations import Durations
from projections.metrics.rates import Rate

STAGES: Mapping[str, str] = {
    "FILED": "filed_at",
    "REGISTERED": "acknowledged_at",
    "ADMITTED": "admissibility_decided_at",
    "NOTIFIED": "notified_at",
    "RESPONDED": "responded_at",
    "DEFAULTED": "defaulted_at",
    "NEGOTIATION": "negotiation_at",
    "FACILITATION": "facilitation_at",
    "FINAL": "final_at",
    "REFERRED": "referred_at",
}
"""The stages of a dispute, and what of its state says when it was entered."""
FILED, SETTLED, CLOSED = "filed_at", "SETTLED", "CLOSED"
Stage = tuple[str, datetime, datetime | None]
"""A stage: from when, until when; None: the dispute is in it."""


def time_to_outcome(states: Iterable[Dispute], as_of: datetime) -> Durations:
    """Return the time from filing to the outcome in force; a dispute that was closed without one is in neither."""
    times = Durations()
    for state in states:
        if state.filed_at is None:
            continue
        filed = parse_instant(state.filed_at)
        if state.outcome is not None:
            times.over.append(parse_instant(state.outcome.outcome_at) - filed)
        elif state.state != CLOSED:
            times.open.append(as_of - filed)
    return times


def stages_of(state: Dispute) -> Iterator[Stage]:
    """Yield each stage that a dispute entered, in order.

    One ends where the next that was entered begins, the last with the outcome in force, or the end of the dispute.
    What is entered after that (a final stage begun in appeal, say) is no stage on the way to it.
    """
    entered = [(parse_instant(at), name) for name, field in STAGES.items() if (at := getattr(state, field)) is not None]
    over = state.outcome.outcome_at if state.outcome is not None else state.closed_at
    end = None if over is None else parse_instant(over)
    ordered = sorted(one for one in entered if end is None or one[0] <= end)
    begins: list[datetime | None] = [begin for begin, _ in ordered[1:]]
    for (begin, name), until in zip(ordered, [*begins, end], strict=False):
        yield name, begin, until


def stage_days(states: Iterable[Dispute], as_of: datetime) -> dict[str, Durations]:
    """Return how long disputes were in each stage that one of them entered, in the stages' own order."""
    found = {name: Durations() for name in STAGES}
    for state in states:
        for name, begin, end in stages_of(state):
            if end is None:
                found[name].open.append(as_of - begin)
            else:
                found[name].over.append(end - begin)
    return {name: times for name, times in found.items() if times.over or times.open}


def settlement_rate(states: Collection[Dispute]) -> Rate:
    """Return which share of the outcomes in force are settlements."""
    outcomes = [state.outcome.outcome for state in states if state.outcome is not None]
    return Rate(
        numerator=sum(one == SETTLED for one in outcomes),
        denominator=len(outcomes),
        numerator_is="settled",
        denominator_is="outcomes",
        clock=FILED,
        censored=len(states) - len(outcomes),
    )


def human_review_rate(assisted: Collection[Dispute]) -> Rate:
    """Return in which share of these disputes, which have an outcome, a human reviewed every use of a machine."""
    return Rate(
        numerator=sum(all(use.human_reviewed_by for use in state.assistance) for state in assisted),
        denominator=len(assisted),
        numerator_is="reviewed_by_a_human",
        denominator_is="outcomes_with_assistance",
        clock=FILED,
        censored=0,
    )
