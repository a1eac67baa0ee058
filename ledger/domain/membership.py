"""Memberships: applied for, admitted, tiered, suspended, ended; and the brands a member stands for (domain.md 6.8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.membership_events import (
    EVENTS,
    MEMBERSHIP,
    BrandAssociated,
    BrandDissociated,
    MembershipAdmitted,
    MembershipApplied,
    MembershipEnded,
    MembershipReinstated,
    MembershipSuspended,
    MembershipTierChanged,
    TierMetrics,
)
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

Status = Literal["APPLIED", "ACTIVE", "SUSPENDED", "ENDED"]


class Brand(Value, frozen=True, kw_only=True):
    """A brand that a member stands for."""

    brand_id: str
    name: str | None = None
    associated_at: str


class TierChange(Value, frozen=True, kw_only=True):
    """One change of tier, and the figures it was based on."""

    before: str | None = None
    after: str | None = None
    metrics: TierMetrics | None = None
    changed_at: str
    changed_by: str


class Membership(State, frozen=True, kw_only=True):
    """State of a membership. `status` is None while neither application nor admission nor end is known.

    It holds from `admitted_at` to `ended_at`. `ineligible_until` outlives a new admission, which it may speak against.
    """

    body: str
    status: Status | None = None
    body_id: str | None = None
    party_id: str | None = None
    tier: str | None = None
    display_name: str | None = None
    industries: tuple[str, ...] | None = None
    size_class: str | None = None
    criteria_result: Mapping[str, str | int | bool] | None = None
    brands: Mapping[str, Brand] = msgspec.field(default_factory=dict[str, Brand])
    tier_changes: tuple[TierChange, ...] = ()
    applied_at: str | None = None
    admitted_at: str | None = None
    suspended_at: str | None = None
    reinstated_at: str | None = None
    ended_at: str | None = None
    end_reason: str | None = None
    ineligible_until: str | None = None


def begin(subject: str) -> Membership:
    """Return the state before any event."""
    return Membership(id=subject, body=subject.partition(":")[2].partition(":")[0])


def apply(state: Membership, fact: Fact) -> Membership:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Membership, fact: Fact) -> Membership:
    at = format_instant(fact.time)
    match fact.payload:
        case MembershipApplied() as applied:
            return _applied(state, applied, at)
        case MembershipAdmitted() as admitted:
            return _admitted(state, admitted, at)
        case MembershipTierChanged() as changed:
            change = TierChange(
                before=changed.before, after=changed.after, metrics=changed.metrics, changed_at=at, changed_by=fact.id
            )
            tier = changed.after or state.tier
            return msgspec.structs.replace(state, tier=tier, tier_changes=(*state.tier_changes, change))
        case BrandAssociated(brand_id=brand_id, name=name):
            brand = Brand(brand_id=brand_id, name=name, associated_at=at)
            return msgspec.structs.replace(state, brands={**state.brands, brand_id: brand})
        case BrandDissociated(brand_id=brand_id):
            brands = {key: brand for key, brand in state.brands.items() if key != brand_id}
            return msgspec.structs.replace(state, brands=brands)
        case payload:
            return _halted(state, payload, at)


def _applied(state: Membership, applied: MembershipApplied, at: str) -> Membership:
    """Take an application in: it is one by who is no member, or was one before."""
    again = state.status == "ENDED" and state.ended_at is not None and at > state.ended_at
    return msgspec.structs.replace(
        state,
        status="APPLIED" if state.status is None or again else state.status,
        body_id=applied.body_or_programme_id or state.body_id,
        party_id=applied.party_id or state.party_id,
        applied_at=at,
    )


def _admitted(state: Membership, admitted: MembershipAdmitted, at: str) -> Membership:
    # What began in some month is certain only at its end, when more may be known of it: that it ended, or rests.
    first = state.admitted_at is None
    ended = first and state.ended_at is not None and at <= state.ended_at
    suspended = first and state.status == "SUSPENDED" and state.suspended_at is not None and at <= state.suspended_at
    moved = first and bool(state.tier_changes) and at <= state.tier_changes[-1].changed_at
    return msgspec.structs.replace(
        state,
        status="ENDED" if ended else "SUSPENDED" if suspended else "ACTIVE",
        body_id=admitted.body_id or state.body_id,
        party_id=admitted.party_id or state.party_id,
        tier=state.tier if moved else admitted.tier,
        display_name=admitted.display_name,
        industries=admitted.industries,
        size_class=admitted.size_class,
        criteria_result=admitted.criteria_result,
        admitted_at=at,
        suspended_at=state.suspended_at if suspended else None,
        reinstated_at=None,
        ended_at=state.ended_at if ended else None,
        end_reason=state.end_reason if ended else None,
    )


def _halted(state: Membership, payload: object, at: str) -> Membership:
    """Suspend, reinstate or end; what has ended is neither suspended nor reinstated, only admitted anew."""
    match payload:
        case MembershipSuspended() if state.status != "ENDED":
            return msgspec.structs.replace(state, status="SUSPENDED", suspended_at=at)
        case MembershipReinstated() if state.status != "ENDED":
            return msgspec.structs.replace(state, status="ACTIVE", reinstated_at=at)
        case MembershipEnded(reason=reason, ineligible_until=ineligible_until):
            return msgspec.structs.replace(
                state, status="ENDED", ended_at=at, end_reason=reason, ineligible_until=ineligible_until
            )
        case _:
            return state


def describe(state: Membership, _moment: datetime) -> dict[str, Any]:
    """Return the membership as JSON values; nothing of it changes by time alone."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["status"] = state.status
    item["brands"] = [msgspec.to_builtins(brand) for _, brand in sorted(state.brands.items())]
    return item


STREAM = Stream(
    kind=MEMBERSHIP[0],
    pattern=r"^membership:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
