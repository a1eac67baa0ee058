"""Who and what decided: SAME_REVIEWER, AUTOMATED_APPEAL, UNREVIEWED_AI_OUTCOME, VOID_INSTEAD_OF_REVERSAL (3, 7.7, 7.8).

A decision is looked at again by somebody else, by a person, and is undone in the open.
"""

from collections.abc import Iterator

from ledger.domain.appeal import AppealDecided, AppealFiled
from ledger.domain.corrections import EventVoided
from ledger.domain.dispute_events import AutomatedAssistanceUsed, DisputeOutcomeRecorded
from ledger.domain.payload import Payload
from ledger.domain.predicate import NEGATION
from ledger.domain.restriction import RestrictionEnd, RestrictionPayload
from projections.flags.history import History, later, none_before, span_of
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised

DECIDERS = ("decided_by", "reviewer", "verified_by")
"""The members that name who decided."""
PROPOSAL = "PROPOSAL"


def decider(payload: Payload) -> str | None:
    """Return who decided, as an event names them."""
    return next((who for name in DECIDERS if (who := getattr(payload, name, None)) is not None), None)


def find_own_reversals(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find restrictions that were ended by who imposed them."""
    imposed = {payload.restriction_id: fact for fact, payload in history.of(RestrictionPayload)}
    for fact, end in history.of(RestrictionEnd):
        begin = imposed.get(end.restriction_id)
        if begin is not None and decider(end) is not None and decider(end) == decider(begin.payload):
            detail = f"Restriction {end.restriction_id} was reviewed by who imposed it."
            yield Finding(fact=fact, detail=detail, related=(begin.id,))


def need_target(history: History) -> Needs:
    """Need the decision that is appealed against."""
    return Needs(events=frozenset(filed.target_event_id for _, filed in history.of(AppealFiled)))


def find_own_appeals(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find appeals that were decided by who took the decision."""
    targets = [around.events.get(filed.target_event_id) for _, filed in history.of(AppealFiled)]
    for fact, decided in history.of(AppealDecided):
        for target in targets:
            if target is not None and decided.decided_by is not None and decided.decided_by == decider(target.payload):
                yield Finding(
                    fact=fact, detail="The appeal was decided by who took the decision.", related=(target.id,)
                )


def find_automated(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find appeals decided by no person (DSA article 20(6))."""
    for fact, decided in history.of(AppealDecided):
        if decided.human_review is False:
            yield Finding(fact=fact, detail="The appeal was decided without human review.")


def find_unreviewed(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find outcomes after a machine's proposal that no person looked at."""
    proposals = [
        fact
        for fact, used in history.of(AutomatedAssistanceUsed)
        if used.purpose == PROPOSAL and used.human_reviewed_by is None
    ]
    for fact, _ in history.of(DisputeOutcomeRecorded):
        for proposal in proposals:
            # A proposal that came after the outcome did not lead to it.
            came = NEGATION[later(span_of(proposal), history.span(fact))]
            detail = "The outcome follows a machine's proposal that no person reviewed."
            yield from raised(came, fact, detail, related=(proposal.id,), about=proposal.id)


def need_appeals(history: History) -> Needs:
    """Need every appeal, where something was voided."""
    voided = any(isinstance(fact.payload, EventVoided) for fact in history.corrections)
    return Needs(kinds=frozenset({"appeal"})) if voided else Needs()


def find_voids(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find decisions that were voided after an appeal against them: what was wrong in itself is reversed (D5)."""
    for fact in history.corrections:
        if not isinstance(fact.payload, EventVoided):
            continue
        for appeal in around.kinds.get("appeal", ()):
            for filed in appeal.facts:
                if not isinstance(filed.payload, AppealFiled):
                    continue
                appealed = filed.payload.target_event_id == fact.payload.target_event_id
                void = history.span(fact)
                if appealed and none_before([(filed.time, filed.time)], void) == "FALSE":
                    detail = "A decision was voided after an appeal against it was filed."
                    related = (fact.payload.target_event_id, filed.id)
                    yield Finding(fact=fact, detail=detail, related=related, about=filed.id)


SAME_REVIEWER = Check(find=find_own_reversals, kinds=frozenset({"listing", "seller"}))
SAME_REVIEWER_OF_APPEAL = Check(find=find_own_appeals, kinds=frozenset({"appeal"}), needs=need_target)
AUTOMATED_APPEAL = Check(find=find_automated, kinds=frozenset({"appeal"}))
UNREVIEWED_AI_OUTCOME = Check(find=find_unreviewed, kinds=frozenset({"dispute"}))
VOID_INSTEAD_OF_REVERSAL = Check(find=find_voids, needs=need_appeals)
