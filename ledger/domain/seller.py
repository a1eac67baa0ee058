"""Sellers: registered, verified, warned, sanctioned, closed (domain.md 6.3).

A seller is an account: a lifecycle times sets of verifications and restrictions, with counters of points and strikes.
† members are in no state: who may read them reads the event.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import Payload
from ledger.domain.restriction import RULE as RESTRICTION
from ledger.domain.restriction import (
    Restriction,
    apply_restriction,
    in_force_at,
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
from ledger.domain.steps import Steps
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value
from ledger.domain.verification import RULE as VERIFICATION
from ledger.domain.verification import (
    Verification,
    apply_verification,
    describe_verifications,
    effective,
    judge_verification,
    verification_expiries,
)


class Strike(Value, frozen=True, kw_only=True):
    """One strike of a seller. It may be rescinded before it is certain to have been given: it never counts then."""

    severity: str | None = None
    case_id: str | None = None
    recorded_at: str | None = None
    rescinded_at: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it was given and not rescinded."""
        return self.recorded_at is not None and self.rescinded_at is None


class Seller(State, frozen=True, kw_only=True):
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
    payload = fact.payload
    return msgspec.structs.replace(_steps[type(payload)](state, payload, fact), version=state.version + 1)


def _registered(state: Seller, registered: SellerRegistered, fact: Fact) -> Seller:
    at = format_instant(fact.time)
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


def _closed(state: Seller, closed: SellerAccountClosed, fact: Fact) -> Seller:
    at = format_instant(fact.time)
    return msgspec.structs.replace(state, lifecycle="CLOSED", closed_at=at, closed_by=closed.by)


def _onboarded(state: Seller, onboarded: SellerOnboarded, _: Fact) -> Seller:
    programme_id, size_class = onboarded.programme_id, onboarded.size_class or state.size_class
    programmes = () if programme_id is None or programme_id in state.programme_ids else (programme_id,)
    return msgspec.structs.replace(state, programme_ids=(*state.programme_ids, *programmes), size_class=size_class)


def _warned(state: Seller, _payload: SellerWarned, _: Fact) -> Seller:
    return msgspec.structs.replace(state, warnings=state.warnings + 1)


def _assessed(state: Seller, assessed: SellerPointsAssessed, _: Fact) -> Seller:
    return msgspec.structs.replace(state, points=state.points + (assessed.points or 0))


def _cleared(state: Seller, cleared: SellerPointsCleared, _: Fact) -> Seller:
    return msgspec.structs.replace(state, points=state.points - (cleared.points or 0))


def _struck(state: Seller, struck: SellerStrikeRecorded, fact: Fact) -> Seller:
    at = format_instant(fact.time)
    before = state.strikes.get(struck.strike_no) or Strike()
    after = msgspec.structs.replace(before, severity=struck.severity, case_id=struck.case_id, recorded_at=at)
    return msgspec.structs.replace(state, strikes={**state.strikes, struck.strike_no: after})


def _rescinded(state: Seller, rescinded: SellerStrikeRescinded, fact: Fact) -> Seller:
    before = state.strikes.get(rescinded.strike_no) or Strike()
    after = msgspec.structs.replace(before, rescinded_at=format_instant(fact.time))
    return msgspec.structs.replace(state, strikes={**state.strikes, rescinded.strike_no: after})


def _judged(state: Seller, _payload: Payload, fact: Fact) -> Seller:
    """Take in what is said of the seller's verification or restrictions; or what changes nothing."""
    return msgspec.structs.replace(
        state,
        verifications=apply_verification(state.verifications, fact, state.version + 1),
        restrictions=apply_restriction(state.restrictions, fact),
    )


_steps = Steps(
    {
        SellerRegistered: _registered,
        SellerAccountClosed: _closed,
        SellerOnboarded: _onboarded,
        SellerWarned: _warned,
        SellerPointsAssessed: _assessed,
        SellerPointsCleared: _cleared,
        SellerStrikeRecorded: _struck,
        SellerStrikeRescinded: _rescinded,
    },
    _judged,
)


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
    item["restrictions"] = in_force_at(moment, state.restrictions, item.get("restrictions", {}))
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
