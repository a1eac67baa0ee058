"""NO_REASONS and LATE_REASONS: whether the addressee of a restriction was told why, and when (DSA article 17).

The term is no span of time but the restriction itself: reasons are due at the latest when it is imposed, everywhere.
"""

from collections.abc import Iterator

from ledger.domain.restriction import RestrictionPayload, StatementOfReasonsIssued
from projections.flags.history import History, later
from projections.flags.rule import Check, Finding, Surroundings, raised

RESTRICTED = frozenset({"listing", "seller"})


def find_none(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find restrictions without reasons: no facts in the decision, and no statement of reasons in time.

    In time is: recorded with the restriction, or in effect by then. One that came later makes it good, late as it is.
    """
    statements = history.of(StatementOfReasonsIssued)
    for fact, imposed in history.of(RestrictionPayload):
        told = [one for one, said in statements if said.restriction_id == imposed.restriction_id]
        in_time = any(one.recordedtime == fact.recordedtime or one.time <= fact.latest for one in told)
        if not imposed.decision_facts and not in_time:
            detail = f"Restriction {imposed.restriction_id} was imposed without a statement of reasons."
            yield Finding(fact=fact, detail=detail, cured_by=told[0].id if told else None)


def find_late(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find statements of reasons that came after the restriction was imposed (DSA article 17(2))."""
    imposed = {payload.restriction_id: fact for fact, payload in history.of(RestrictionPayload)}
    for fact, said in history.of(StatementOfReasonsIssued):
        restriction = imposed.get(said.restriction_id)
        if restriction is not None:
            late = later(history.span(fact), history.span(restriction))
            detail = f"The statement of reasons came after restriction {said.restriction_id} was imposed."
            yield from raised(late, fact, detail, related=(restriction.id,))


NO_REASONS = Check(find=find_none, kinds=RESTRICTED)
LATE_REASONS = Check(find=find_late, kinds=RESTRICTED)
