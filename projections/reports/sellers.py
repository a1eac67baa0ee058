"""Sellers: how they were verified, and whom programmes brought and kept (R6, R3; Q38, Q39)."""

from collections import Counter
from datetime import datetime

from msgspec import Struct

from ledger.domain.seller import Seller, describe, status
from ledger.domain.seller_events import SellerOnboarded
from projections.inquiry import Known
from projections.metrics.sellers import KEPT_AFTER, retention_rate
from projections.reports.report import Asked, Part, Row, Sections

SELLER = ("seller",)
ACTIVE, UNKNOWN = "ACTIVE", "UNKNOWN"
VERIFIED_BY = ("verification", "verification_method", "document_type")


class Onboarded(Struct, frozen=True, kw_only=True):
    """A seller that a programme brought; `kept` says whether it was active 90 days later, None: that is to come."""

    programme: str
    size_class: str
    kept: bool | None


async def sellers(asked: Asked) -> Sections:
    """Return the active sellers by verification, at the question's moment, and those onboarded in the period."""
    as_of = asked.inquiry.moment.as_of
    verified: Counter[tuple[str, ...]] = Counter()
    onboarded: dict[tuple[str, str], list[Onboarded]] = {}
    async for known in asked.inquiry.streams(SELLER):
        state = known.state()
        if isinstance(state, Seller) and status(state, as_of) == ACTIVE:
            said = describe(state, as_of)
            verified[known.log.slug, *(said.get(name) or UNKNOWN for name in VERIFIED_BY)] += 1
        for one in _onboarded(known, asked):
            onboarded.setdefault((one.programme, one.size_class), []).append(one)
    return {
        "verification": [
            {**dict(zip(("log", *VERIFIED_BY), names, strict=True)), "sellers": count}
            for names, count in sorted(verified.items())
        ],
        "programmes": [_programme(*names, members) for names, members in sorted(onboarded.items())],
    }


def _onboarded(known: Known, asked: Asked) -> list[Onboarded]:
    return [
        Onboarded(
            programme=fact.payload.programme_id or UNKNOWN,
            size_class=fact.payload.size_class or UNKNOWN,
            kept=_kept(known, fact.time + KEPT_AFTER),
        )
        for fact in known.happened()
        if isinstance(fact.payload, SellerOnboarded) and asked.period.holds(fact.time)
    ]


def _kept(known: Known, due: datetime) -> bool | None:
    if due > known.moment.as_of:
        return None
    state = known.state(due)
    return isinstance(state, Seller) and status(state, due) == ACTIVE


def _programme(programme: str, size_class: str, members: list[Onboarded]) -> Row:
    return {
        "programme": programme,
        "size_class": size_class,
        "onboarded": len(members),
        "retention_90_days": retention_rate([one.kept for one in members]).describe(),
    }


PART = Part(sections=("verification", "programmes"), work_out=sellers)
