"""The decisions of a period: every restriction that was imposed in it, and the flags on those who were restricted."""

from collections.abc import AsyncIterator, Collection, Iterator

from ledger.domain.instants import parse_instant
from ledger.domain.listing import Listing
from ledger.domain.restriction import Restriction, RestrictionPayload, StatementOfReasonsIssued
from ledger.domain.seller import Seller
from ledger.domain.takedown import TakedownCase
from ledger.domain.takedown_events import TAKEDOWN
from projections.derived import Item, Narrowing, select
from projections.flag_list import DERIVATION as FLAGS
from projections.inquiry import Known
from projections.metrics.decisions import Decision
from projections.reports.report import Asked

RESTRICTED = ("listing", "seller")
"""Kinds of streams that carry restrictions."""
SUBJECTS_MAX = 5_000
"""Streams that are looked up one by one for their flags; of more, all are read in their order, which holds none."""
Notifiers = dict[tuple[int, str, str], str]
"""Who gave the notice that a restriction answers, by log_id, listing and restriction."""


async def decisions(asked: Asked) -> list[Decision]:
    """Return the restrictions that were imposed in the period, in order of log, stream and id."""
    notifiers = await _notifiers(asked)
    found: list[Decision] = []
    async for known in asked.inquiry.streams(RESTRICTED):
        found += [one for one in _decisions(known, notifiers) if asked.period.holds(one.at)]
    return found


async def flags_on(asked: Asked, subjects: Collection[str], *flags: str) -> AsyncIterator[tuple[str, Item]]:
    """Yield log and item of each of these flags that stands on a stream, of these subjects at least."""
    narrowed = sorted(set(subjects)) if len(subjects) <= SUBJECTS_MAX else None
    async for item in select(FLAGS, asked.inquiry, Narrowing(subjects=narrowed, filters={"flag": flags})):
        yield asked.inquiry.log_at(item.log_id).log.slug, item


async def _notifiers(asked: Asked) -> Notifiers:
    found: Notifiers = {}
    async for known in asked.inquiry.streams(TAKEDOWN):
        state = known.state()
        for item in state.items.values() if isinstance(state, TakedownCase) else ():
            notifier, listing, restriction = item.notifier_party_id, item.listing_id, item.restriction_id
            if notifier is not None and listing is not None and restriction is not None:
                found[known.log.log_id, listing, restriction] = notifier
    return found


def _decisions(known: Known, notifiers: Notifiers) -> Iterator[Decision]:
    state = known.state()
    if not isinstance(state, Listing | Seller) or not state.restrictions:
        return
    facts = {fact.id: fact for fact in known.facts}
    for name, restriction in sorted(state.restrictions.items()):
        imposing = facts.get(restriction.imposed_by or "")
        if imposing is not None and isinstance(imposing.payload, RestrictionPayload):
            told = [parse_instant(sent_at) for sent_at in _told(known, restriction)]
            yield Decision(
                log=known.log.slug,
                subject=known.subject,
                at=imposing.time,
                restriction=restriction,
                payload=imposing.payload,
                told_at=min(told, default=None),
                notifier=notifiers.get((known.log.log_id, known.subject, name)),
            )


def _told(known: Known, restriction: Restriction) -> Iterator[str]:
    """Yield when the statements of reasons for a restriction were sent."""
    for fact in known.happened() if restriction.reasons else ():
        payload = fact.payload
        if isinstance(payload, StatementOfReasonsIssued) and payload.restriction_id == restriction.restriction_id:
            yield payload.sent_at
