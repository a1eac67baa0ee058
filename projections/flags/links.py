"""UNLINKED_ACTION: the two sides of one act that do not meet, and blocks that name no origin (domain.md 7.4, 7.7, 6.7).

A takedown and the restriction it made, a reversal and the reinstatement, an order and what gave it effect. "In the
same batch" means: known in the log (6). Of what nothing is known, nothing can be told.
"""

from collections.abc import Iterator, Mapping, Sequence

from ledger.domain.catalogue import SUBJECTS, kind_of
from ledger.domain.listing import ListingBlocked
from ledger.domain.order_events import OrderEffectGiven, OrderIssued, OrderRevoked
from ledger.domain.payload import Payload
from ledger.domain.predicate import Truth
from ledger.domain.restriction import RestrictionEnd, RestrictionPayload
from ledger.domain.takedown_events import TakedownActioned, TakedownReversed
from projections.flags.history import History
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised
from projections.inquiry import Known

VOLUNTARY = "SOURCE_VOLUNTARY"
OF_ACCOUNT = "ACCOUNT"
"""A measure whose restriction is the seller's, whom the case does not name."""


def need_cases(history: History) -> Needs:
    """Need the cases that blocks name."""
    return Needs(references=frozenset(case for _, block in history.of(ListingBlocked) if (case := _case(block))))


def _case(block: ListingBlocked) -> str | None:
    named = block.case_id or ""
    return named if kind_of(named) == "takedown_case" and SUBJECTS["takedown_case"].match(named) else None


def find_blocks(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find blocks that name none or several of case, order and rule, and those whose case did not action them."""
    for fact, block in history.of(ListingBlocked):
        origins = [one for one in (block.case_id, block.order_id, block.policy_rule_id) if one is not None]
        if len(origins) > 1 or (not origins and block.source_type != VOLUNTARY):
            detail = f"The block names {len(origins)} of case, order and rule as its origin, not one."
            yield Finding(fact=fact, detail=detail, related=tuple(origins), about="origin")
        if block.case_id is not None:
            case = around.resolved(_case(block))
            actioned = _acted(case, TakedownActioned, block.restriction_id)
            truth: Truth = "UNDETERMINED" if case is None else "FALSE" if actioned else "TRUE"
            detail = f"Its case did not action restriction {block.restriction_id}."
            yield from raised(truth, fact, detail, related=(block.case_id,), about="case")


def need_listings(history: History) -> Needs:
    """Need the listings that a case acted upon."""
    return Needs(references=frozenset(_listings(history).values()))


def _listings(history: History) -> Mapping[int, str]:
    """Return the listing of each item that was actioned, where it is one of this ledger."""
    found = {
        acted.item_no: acted.listing_id for _, acted in history.of(TakedownActioned) if acted.measure != OF_ACCOUNT
    }
    return {number: listing for number, listing in found.items() if kind_of(listing or "") == "listing" and listing}


def find_takedowns(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find takedowns whose listing has no such restriction, and reversals after which it still stands."""
    listings = _listings(history)
    for fact, actioned in history.of(TakedownActioned):
        listing = around.resolved(listings.get(actioned.item_no))
        linked = _acted(listing, RestrictionPayload, actioned.restriction_id)
        detail = f"Item {actioned.item_no} was actioned, but its listing has no such restriction."
        if actioned.item_no in listings and not linked:
            yield Finding(fact=fact, detail=detail, related=(listings[actioned.item_no],))
    for fact, reversal in history.of(TakedownReversed):
        listing = around.resolved(listings.get(reversal.item_no))
        made = {done.restriction_id for _, done in history.of(TakedownActioned) if done.item_no == reversal.item_no}
        ended = any(_acted(listing, RestrictionEnd, one) for one in {reversal.restriction_id or "", *made} if one)
        detail = f"Item {reversal.item_no} was reversed, but the restriction of its listing was not ended."
        if reversal.item_no in listings and not ended:
            yield Finding(fact=fact, detail=detail, related=(listings[reversal.item_no],))


def need_targets(history: History) -> Needs:
    """Need what an order is aimed at, once it was given effect."""
    return Needs(references=frozenset(_targets(history)) if history.of(OrderEffectGiven) else frozenset())


def _targets(history: History) -> list[str]:
    targets = [target for _, issued in history.of(OrderIssued) for target in issued.targets or ()]
    return [one for target in targets for one in (target.listing_id, target.seller_id) if one is not None]


def find_effects(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find effects by restrictions that no target has, and restrictions that outlive the order they obeyed."""
    targets = [known for one in _targets(history) if (known := around.resolved(one)) is not None]
    if not targets:
        return
    revoked = next((fact for fact, _ in history.of(OrderRevoked)), None)
    for fact, given in history.of(OrderEffectGiven):
        for restriction_id in given.restriction_ids or ():
            if not _any_acted(targets, RestrictionPayload, restriction_id):
                detail = f"No target of the order has restriction {restriction_id}."
                yield Finding(fact=fact, detail=detail, about=restriction_id)
            elif revoked is not None and not _any_acted(targets, RestrictionEnd, restriction_id):
                detail = f"The order was revoked, but restriction {restriction_id} was not ended."
                yield Finding(fact=revoked, detail=detail, related=(fact.id,), about=restriction_id)


def _any_acted(targets: Sequence[Known], shape: type[Payload], restriction_id: str) -> bool:
    return any(_acted(known, shape, restriction_id) for known in targets)


def _acted(known: Known | None, shape: type[Payload], restriction_id: str | None) -> bool:
    """Tell whether a stream has an event of this shape about a restriction, whenever that takes effect."""
    return known is not None and any(
        isinstance(fact.payload, shape) and getattr(fact.payload, "restriction_id", None) == restriction_id
        for fact in known.facts
    )


UNLINKED_BLOCK = Check(find=find_blocks, kinds=frozenset({"listing"}), needs=need_cases)
UNLINKED_TAKEDOWN = Check(find=find_takedowns, kinds=frozenset({"takedown_case"}), needs=need_listings)
UNLINKED_EFFECT = Check(find=find_effects, kinds=frozenset({"order"}), needs=need_targets)
