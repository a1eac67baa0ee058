"""Remarks of domain.md 7 that have no flag of their own, each under the flag that fits.

INCOMPLETE: a claim that nothing can be asked of, purchasers told of too short a time, a neutral who is not
independent. NO_BEGINNING: a programme that had not begun. COUNTER_LATE: an appeal later than anybody must hear it.
"""

from collections.abc import Iterator
from datetime import datetime

from ledger.domain.appeal import AppealFiled
from ledger.domain.bounds import first_instant
from ledger.domain.claim_events import ClaimPredicateAttached, ClaimPublished
from ledger.domain.dispute_events import NeutralAppointed, NeutralReplaced
from ledger.domain.instants import TICK, parse_instant
from ledger.domain.listing import PurchasersNotified
from ledger.domain.predicate import NEGATION
from ledger.domain.programme import Programme
from ledger.domain.seller_events import SellerOnboarded
from projections.deadlines.terms import last_instant
from projections.deadlines.working_days import Limit, due_at
from projections.flags.history import History, Span, holds, later, span_of
from projections.flags.reviews import need_target
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised

NEUTRALS = NeutralAppointed | NeutralReplaced
LOOKBACK = Limit(length="P6M", counting="CLOCK")
"""How far back purchasers are told (DSA article 32)."""
APPEALABLE = Limit(length="P6M", counting="CALENDAR_DAYS")
"""How long a decision can be appealed against at least (DSA article 20(1))."""


def find_inaskable(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find claims without a predicate: they cannot be evaluated. One that is attached later makes it good."""
    attached = [fact.id for fact, _ in history.of(ClaimPredicateAttached)]
    for fact, claim in history.of(ClaimPublished):
        if claim.predicate_id is None and not attached:
            yield Finding(fact=fact, detail="No predicate says what is claimed.", about="predicate")


def find_short(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find purchasers told of a time that goes back less than six months."""
    for fact, told in history.of(PurchasersNotified):
        first = first_instant(told.period_from, fact.timezone)
        end = last_instant(told.period_to, fact.timezone)
        enough = None if first is None else due_at(parse_instant(first), LOOKBACK, fact.timezone, None)
        if end is not None and enough is not None and end + TICK < enough:
            yield Finding(fact=fact, detail="The purchasers were told of less than six months.", about="lookback")


def find_dependent(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find neutrals who made no statement of independence; that none is known is another finding."""
    for fact in history.facts:
        said = fact.payload.independence_statement if isinstance(fact.payload, NEUTRALS) else None
        if said is False:
            yield Finding(fact=fact, detail="The neutral made no statement of independence.", about="independence")


def need_programmes(history: History) -> Needs:
    """Need the programmes through which a seller came."""
    named = (onboarded.programme_id for _, onboarded in history.of(SellerOnboarded))
    return Needs(references=frozenset(one for one in named if one is not None))


def find_premature(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find sellers who came through a programme before it began. Of one that is not known, nothing is found."""
    for fact, onboarded in history.of(SellerOnboarded):
        programme = around.resolved(onboarded.programme_id)
        if programme is not None:
            early = NEGATION[holds(programme, Programme, history.span(fact), _has_started)]
            detail = "The programme had not started."
            yield from raised(early, fact, detail, related=(onboarded.programme_id,), about="programme")


def _has_started(programme: Programme | None, _moment: datetime) -> bool:
    return programme is not None and programme.started_at is not None


def find_late_appeals(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find appeals filed more than six months after the decision."""
    for fact, filed in history.of(AppealFiled):
        decision = around.events.get(filed.target_event_id)
        end = None if decision is None else _appealable(span_of(decision), fact.timezone)
        if decision is not None and end is not None:
            late = later(history.span(fact), end)
            yield from raised(late, fact, "The appeal came six months after the decision.", related=(decision.id,))


def _appealable(decision: Span, zone_name: str) -> Span | None:
    """Return the last instants of the term, for the first and the last instant of the decision."""
    first, last = (due_at(instant, APPEALABLE, zone_name, None) for instant in decision)
    return None if first is None or last is None else (first, last)


CLAIM_WITHOUT_PREDICATE = Check(find=find_inaskable, kinds=frozenset({"claim"}))
SHORT_LOOKBACK = Check(find=find_short, kinds=frozenset({"listing"}))
DEPENDENT_NEUTRAL = Check(find=find_dependent, kinds=frozenset({"dispute"}))
PREMATURE_ONBOARDING = Check(find=find_premature, kinds=frozenset({"seller"}), needs=need_programmes)
LATE_APPEAL = Check(find=find_late_appeals, kinds=frozenset({"appeal"}), needs=need_target)
