"""What became of decisions: reversed, contested, taken before the first sale (domain.md 13.2). Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct

from ledger.domain.appeal import Appeal
from ledger.domain.restriction import Restriction, RestrictionPayload
from projections.metrics.durations import Durations
from projections.metrics.rates import Rate

IMPOSED, FILED = "imposed_from", "filed_at"
"""The instants by which a decision, and an appeal, belong to a period."""
OVERTURNING = frozenset({"OVERTURNED", "PARTIAL"})
"""Results of an appeal by which the decision did not stand as it was."""
PLATFORM_ERROR = "PLATFORM_ERROR"


class Decision(Struct, frozen=True, kw_only=True):
    """A restriction that was imposed, and what of it its state does not say.

    `payload` is that of the event that imposed it, `told_at` when its first statement of reasons was sent, `notifier`
    who gave the notice that it answers.
    """

    log: str
    subject: str
    at: datetime
    restriction: Restriction
    payload: RestrictionPayload
    told_at: datetime | None = None
    notifier: str | None = None

    @property
    def is_reversed(self) -> bool:
        """Whether somebody ended it, on whichever ground. Running out at its own time is no reversal."""
        return self.restriction.ended_by is not None


def lag_of_reasons(decisions: Iterable[Decision]) -> Durations:
    """Return how long after each decision its addressee was first told why; below zero where that was before it."""
    return Durations(over=[one.told_at - one.at for one in decisions if one.told_at is not None])


def reversal_rate(decisions: Collection[Decision]) -> Rate:
    """Return which share of the decisions of a cohort were reversed by the question's moment, on any ground."""
    return _of_decisions("reversed", sum(one.is_reversed for one in decisions), decisions)


def error_rate(decisions: Collection[Decision]) -> Rate:
    """Return which share were reversed because the platform erred, as it said itself."""
    errors = sum(one.restriction.end_ground == PLATFORM_ERROR for one in decisions)
    return _of_decisions("reversed_as_error", errors, decisions)


def _of_decisions(name: str, count: int, decisions: Collection[Decision]) -> Rate:
    return Rate(
        numerator=count,
        denominator=len(decisions),
        numerator_is=name,
        denominator_is="decisions",
        clock=IMPOSED,
        censored=0,
    )


def zero_sale_rate(decisions: Iterable[Decision]) -> Rate:
    """Return which share of removals came before the first sale; those whose sales are not known are left out."""
    sales = [one.restriction.sales_before_block for one in decisions]
    known = [count for count in sales if count is not None]
    return Rate(
        numerator=sum(count == 0 for count in known),
        denominator=len(known),
        numerator_is="removed_before_the_first_sale",
        denominator_is="removed_with_known_sales",
        clock=IMPOSED,
        censored=len(sales) - len(known),
    )


def appeal_overturn_rate(appeals: Iterable[Appeal]) -> Rate:
    """Return which share of the appeals that were decided did not leave the decision as it was."""
    states = [(appeal.state, appeal.result) for appeal in appeals]
    decided = [result for state, result in states if state == "DECIDED"]
    return Rate(
        numerator=sum(result in OVERTURNING for result in decided),
        denominator=len(decided),
        numerator_is="overturned_or_partial",
        denominator_is="appeals_decided",
        clock=FILED,
        censored=sum(state == "FILED" for state, _ in states),
    )
