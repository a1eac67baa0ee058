"""The outcome of a dispute: recorded, set aside; at most one is in force at a time (domain.md 6.5)."""

from collections.abc import Sequence

from ledger.domain.dispute_events import DisputeFiled, DisputeOutcomeRecorded, OutcomeSetAside
from ledger.domain.fact import Fact
from ledger.domain.payload import Money
from ledger.domain.rules import IMPOSSIBLE, Breach, plausible_orders
from ledger.domain.value import Value

POINTER = "/data/outcome"


class Outcome(Value, frozen=True, kw_only=True):
    """The outcome in force."""

    outcome: str
    outcome_by: str
    outcome_at: str
    stage: str | None = None
    method: str | None = None
    remedies: tuple[str, ...] | None = None
    amount_awarded: Money | None = None
    binding: bool | None = None
    decided_by: str | None = None
    text_sha256: str | None = None
    published: bool | None = None


def outcome_of(recorded: DisputeOutcomeRecorded, event_id: str, at: str) -> Outcome:
    """Return the outcome that an event recorded."""
    return Outcome(
        outcome=recorded.outcome,
        outcome_by=event_id,
        outcome_at=at,
        stage=recorded.stage,
        method=recorded.method,
        remedies=recorded.remedies,
        amount_awarded=recorded.amount_awarded,
        binding=recorded.binding,
        decided_by=recorded.decided_by,
        text_sha256=recorded.text_sha256,
        published=recorded.published,
    )


def judge_outcome(facts: Sequence[Fact]) -> Breach | None:
    """Judge the outcomes of a dispute: none before its filing, none while another is in force.

    A second one is accepted where the first may have been set aside before it.
    """
    filings = [fact for fact in facts if isinstance(fact.payload, DisputeFiled)]
    outcomes = [fact for fact in facts if isinstance(fact.payload, DisputeOutcomeRecorded)]
    for outcome in outcomes:
        if filings and all(outcome.latest < filing.time for filing in filings):
            return Breach(IMPOSSIBLE, "/time", f"the dispute is filed only later, by event {filings[0].id}", outcome.id)
    settled = [fact for fact in facts if not isinstance(fact.payload, DisputeFiled)]
    # Of events at one instant, what sets aside comes first.
    gentlest = sorted(settled, key=lambda fact: (fact.time, fact in outcomes, fact.position))
    first: Breach | None = None
    for order in (*plausible_orders(settled), gentlest):
        breach = _outcome_twice(order)
        if breach is None:
            return None
        first = first or breach
    return first


def _outcome_twice(order: Sequence[Fact]) -> Breach | None:
    in_force: Fact | None = None
    for fact in order:
        if isinstance(fact.payload, OutcomeSetAside):
            in_force = None
        elif in_force is None:
            in_force = fact
        else:
            earlier, later = sorted((in_force, fact), key=lambda one: one.position)
            return Breach("outcome-exists", POINTER, f"there is an outcome already, by event {earlier.id}", later.id)
    return None
