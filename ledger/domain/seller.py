"""Sellers: registered, verified, warned, sanctioned, closed (domain.md 6.3).

A seller is an account: a lifecycle times sets of verifications and restrictions, with counters of points and strikes.
† members are in no state: who may read them reads the event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.restriction import RULE as RESTRICTION
from ledger.domain.restriction import (
    Restriction,
    apply_restriction,
    describe_restrictions,
    judge_restriction,
    restriction_expiries,
)
from ledger.domain.rules import only_one
from ledger.domain.seller_events import (
    EVENTS,
    REGISTRATION,
    SellerAccountClosed,
    SellerBanned,
    SellerOnboarded,
    SellerPointsAssessed,
    SellerPointsCleared,
    SellerRegistered,
    SellerStrikeRecorded,
    SellerStrikeRescinded,
    SellerSuspended,
    SellerWarned,
)
from ledger.domain.stream import State, Stream
from ledger.domain.verification import RULE as VERIFICATION
from ledger.domain.verification import (
    Verification,
    apply_verification,
    describe_verifications,
    effective,
    judge_verification,
    verification_expiries,
)


class Strike(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One strike of a seller. It may be rescinded before it is certain to have been given: it never counts then."""

    severity: str | None = None
    case_id: str | None = None
    recorded_at: str | None = None
    rescinded_at: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it was given and not rescinded."""
        return self.recorded_at is not None and self.rescinded_at is None


class Seller(State, frozen=True, kw_only=True, omit_defaults=True):
    """State of a seller.

    `lifecycle` is None while only other things are known of it: it may have been registered elsewhere. `points` may
    be below zero while points are cleared that are not yet certain to have been given.
    """

    lifecycle: Literal["REGISTERED", "CLOSED"] | None = None
    platform_id: str | None = None
    party_id: str | None = None
    country: str | None = None
    account_type: str | None = None
    store_kind: str | None = None
    registered_at: str | None = None
    closed_at: str | None = None
    closed_by: str | None = None
    programme_ids: tuple[str, ...] = ()
    size_class: str | None = None
    warnings: int = 0
    points: int = 0
    strikes: Mapping[int, Strike] = msgspec.field(default_factory=dict[int, Strike])
    verifications: Mapping[str, Verification] = msgspec.field(default_factory=dict[str, Verification])
    restrictions: Mapping[str, Restriction] = msgspec.field(default_factory=dict[str, Restriction])


def begin(subject: str) -> Seller:
    """Return the state before any event."""
    return Seller(id=subject)


def apply(state: Seller, fact: Fact) -> Seller:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Seller, fact: Fact) -> Seller:
    match fact.payload:
        case SellerRegistered() as registered:
            return _registered(state, registered, format_instant(fact.time))
        case SellerAccountClosed(by=by):
            return msgspec.structs.replace(state, lifecycle="CLOSED", closed_at=format_instant(fact.time), closed_by=by)
        case SellerOnboarded(programme_id=programme_id, size_class=size_class):
            programmes = () if programme_id is None or programme_id in state.programme_ids else (programme_id,)
            return msgspec.structs.replace(
                state,
                programme_ids=(*state.programme_ids, *programmes),
                size_class=size_class or state.size_class,
            )
        case SellerWarned():
            return msgspec.structs.replace(state, warnings=state.warnings + 1)
        case SellerPointsAssessed(points=points):
            return msgspec.structs.replace(state, points=state.points + (points or 0))
        case SellerPointsCleared(points=points):
            return msgspec.structs.replace(state, points=state.points - (points or 0))
        case SellerStrikeRecorded() | SellerStrikeRescinded() as struck:
            return msgspec.structs.replace(state, strikes=_struck(state.strikes, struck, format_instant(fact.time)))
        case _:
            return msgspec.structs.replace(
                state,
                verifications=apply_verification(state.verifications, fact, state.version + 1),
                restrictions=apply_restriction(state.restrictions, fact),
            )


def _registered(state: Seller, registered: SellerRegistered, at: str) -> Seller:
    # A registration of a day is certain only at midnight, when the account may be closed again.
    closed = state.closed_at is not None and at <= state.closed_at
    return msgspec.structs.replace(
        state,
        lifecycle="CLOSED" if closed else "REGISTERED",
        platform_id=registered.platform_id,
        party_id=registered.party_id,
        country=registered.country,
        account_type=registered.account_type,
        store_kind=registered.store_kind,
        registered_at=at,
    )


def _struck(
    strikes: Mapping[int, Strike], payload: SellerStrikeRecorded | SellerStrikeRescinded, at: str
) -> Mapping[int, Strike]:
    before = strikes.get(payload.strike_no) or Strike()
    if isinstance(payload, SellerStrikeRescinded):
        after = msgspec.structs.replace(before, rescinded_at=at)
    else:
        after = msgspec.structs.replace(before, severity=payload.severity, case_id=payload.case_id, recorded_at=at)
    return {**strikes, payload.strike_no: after}


def describe(state: Seller, moment: datetime) -> dict[str, Any]:
    """Return the seller at `moment` as JSON values, with the `status` and the `verification` it has then.

    `entity_class`, `document_type` and the like are those of the verification that `verification` is about.
    """
    item: dict[str, Any] = msgspec.to_builtins(state)
    counted = [strike for strike in state.strikes.values() if strike.counts]
    item["status"] = status(state, moment)
    verification = effective(state.verifications, moment)
    item["verification"] = "UNVERIFIED"
    if verification is not None:
        item["verification"] = verification.status_at(moment)
        for name in ("entity_class", "document_type", "document_country", "verification_method", "valid_to"):
            item[name] = getattr(verification, name)
    item["warnings"] = state.warnings
    item["points"] = max(state.points, 0)
    item["strikes"] = len(counted)
    item["serious_strikes"] = sum(strike.severity == "SERIOUS" for strike in counted)
    item["verifications"] = describe_verifications(state.verifications, moment)
    item["restrictions"] = describe_restrictions(state.restrictions, moment)
    return item


def status(state: Seller, moment: datetime) -> Literal["ACTIVE", "SUSPENDED", "BANNED", "CLOSED"]:
    """Return what the account is at `moment`: closed, banned, suspended, or none of these."""
    kinds = {restriction.kind for restriction in state.restrictions.values() if restriction.in_force(moment)}
    if state.lifecycle == "CLOSED":
        return "CLOSED"
    if SellerBanned.kind in kinds:
        return "BANNED"
    return "SUSPENDED" if SellerSuspended.kind in kinds else "ACTIVE"


def expiries(state: Seller) -> list[datetime]:
    """Return when restrictions and verifications run out."""
    return [*restriction_expiries(state.restrictions), *verification_expiries(state.verifications)]


STREAM = Stream(
    kind="seller",
    pattern=r"^seller:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules={
        RESTRICTION: judge_restriction,
        VERIFICATION: judge_verification,
        REGISTRATION: only_one("the seller's registration", "/type"),
    },
)
