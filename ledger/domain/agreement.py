"""Agreements: negotiated, signed, in force, suspended, terminated, expired (domain.md 6.9, 7.8)."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.agreement_events import (
    AGREEMENT,
    EVENTS,
    AgreementAmended,
    AgreementEnteredIntoForce,
    AgreementNegotiationOpened,
    AgreementSigned,
    AgreementSuspended,
    AgreementTerminated,
    CooperationActivityHeld,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import local_date, passed_from
from ledger.domain.payload import Payload
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

Status = Literal["NEGOTIATING", "SIGNED", "IN_FORCE", "SUSPENDED", "TERMINATED", "EXPIRED"]
AGREED = frozenset({"SIGNED", "IN_FORCE", "SUSPENDED"})
"""What an agreement that has an end runs out of."""


class Amendment(Value, frozen=True, kw_only=True):
    """One amendment; the terms after it are those of the state."""

    amended_at: str
    amended_by: str
    reason: str | None = None
    text_sha256: str | None = None


class Cooperation(Value, frozen=True, kw_only=True):
    """What parties did together; `date` is the local one, as far as it is known."""

    kind: str
    date: str
    parties: tuple[str, ...] | None = None
    place: str | None = None
    held_by: str


class Agreement(State, frozen=True, kw_only=True):
    """State of an agreement. `status` is None while only activities are known.

    It is in force from `in_force_at` to `terminated_at` or `expires_from` (the instant from which `valid_to` has
    passed), except while suspended.
    """

    status: Status | None = None
    kind: str | None = None
    parties: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    scope: tuple[str, ...] | None = None
    in_force_on_signature: bool | None = None
    mode: str | None = None
    text_sha256: str | None = None
    data_clause: tuple[str, ...] | None = None
    valid_to: str | None = None
    expires_from: str | None = None
    amendments: tuple[Amendment, ...] = ()
    activities: tuple[Cooperation, ...] = ()
    negotiation_at: str | None = None
    signed_at: str | None = None
    in_force_at: str | None = None
    suspended_at: str | None = None
    suspension_reason: str | None = None
    terminated_at: str | None = None
    termination_reason: str | None = None
    notice_period: str | None = None


def begin(subject: str) -> Agreement:
    """Return the state before any event."""
    return Agreement(id=subject)


def apply(state: Agreement, fact: Fact) -> Agreement:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Agreement, fact: Fact) -> Agreement:
    at = format_instant(fact.time)
    match fact.payload:
        case AgreementNegotiationOpened() as opened:
            return _negotiated(state, opened, at)
        case AgreementSigned() as signed:
            return _signed(state, signed, fact.timezone, at)
        case AgreementEnteredIntoForce():
            return _in_force(state, at)
        case AgreementAmended() as amended:
            return _amended(state, amended, fact, at)
        case CooperationActivityHeld(kind=kind, parties=parties, place=place):
            activity = Cooperation(kind=kind, date=local_date(fact), parties=parties, place=place, held_by=fact.id)
            return msgspec.structs.replace(state, activities=(*state.activities, activity))
        case payload:
            return _halted(state, payload, at)


def _negotiated(state: Agreement, opened: AgreementNegotiationOpened, at: str) -> Agreement:
    """Take the opening in: it names kind and parties where no signature has."""
    return msgspec.structs.replace(
        state,
        status=state.status or "NEGOTIATING",
        kind=state.kind or opened.kind,
        parties=opened.parties if state.parties is None else state.parties,
        countries=opened.countries if state.countries is None else state.countries,
        negotiation_at=at,
    )


def _signed(state: Agreement, signed: AgreementSigned, zone_name: str, at: str) -> Agreement:
    # Signed in some month is certain only at its end, when more may have come of it already.
    stays = state.status in ("IN_FORCE", "SUSPENDED") or (state.terminated_at is not None and at <= state.terminated_at)
    after = msgspec.structs.replace(
        state,
        status=state.status if stays else "SIGNED",
        kind=signed.kind,
        parties=signed.parties or state.parties,
        countries=signed.countries or state.countries,
        scope=signed.scope,
        in_force_on_signature=signed.in_force_on_signature,
        mode=signed.mode,
        text_sha256=signed.text_sha256,
        data_clause=signed.data_clause,
        valid_to=signed.valid_to,
        expires_from=passed_from(signed.valid_to, zone_name),
        signed_at=at,
    )
    return _in_force(after, at) if signed.in_force_on_signature else after


def _in_force(state: Agreement, at: str) -> Agreement:
    # What began in some month is certain only at its end, when it may have stopped: it certainly is not in force.
    first = state.in_force_at is None
    terminated = first and state.terminated_at is not None and at <= state.terminated_at
    suspended = first and state.suspended_at is not None and at <= state.suspended_at
    stopped: Status | None = "TERMINATED" if terminated else "SUSPENDED" if suspended else None
    return msgspec.structs.replace(
        state,
        status=stopped or "IN_FORCE",
        in_force_at=at if first or state.status == "TERMINATED" else state.in_force_at,
        suspended_at=state.suspended_at if suspended else None,
        suspension_reason=state.suspension_reason if suspended else None,
        terminated_at=state.terminated_at if terminated else None,
        termination_reason=state.termination_reason if terminated else None,
        notice_period=state.notice_period if terminated else None,
    )


def _amended(state: Agreement, amended: AgreementAmended, fact: Fact, at: str) -> Agreement:
    names = ("parties", "countries", "scope", "text_sha256", "data_clause", "valid_to")
    terms = {name: said for name in names if (said := getattr(amended, name)) is not None}
    if amended.valid_to is not None:
        terms["expires_from"] = passed_from(amended.valid_to, fact.timezone)
    amendment = Amendment(amended_at=at, amended_by=fact.id, reason=amended.reason, text_sha256=amended.text_sha256)
    return msgspec.structs.replace(state, amendments=(*state.amendments, amendment), **terms)


def _halted(state: Agreement, payload: Payload, at: str) -> Agreement:
    """Suspend or terminate; what is terminated is not suspended."""
    match payload:
        case AgreementSuspended(reason=reason) if state.status != "TERMINATED":
            return msgspec.structs.replace(state, status="SUSPENDED", suspended_at=at, suspension_reason=reason)
        case AgreementTerminated(reason=reason, notice_period=notice_period):
            return msgspec.structs.replace(
                state,
                status="TERMINATED",
                terminated_at=at,
                termination_reason=reason,
                notice_period=notice_period,
            )
        case _:
            return state


def describe(state: Agreement, moment: datetime) -> dict[str, Any]:
    """Return the agreement at `moment` as JSON values, with the `status` it has then."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["status"] = status(state, moment)
    item["activities"] = msgspec.to_builtins(state.activities)
    return item


def status(state: Agreement, moment: datetime) -> Status | None:
    """Return what an agreement is at `moment`: expired where its end has passed."""
    if state.status in AGREED and state.expires_from is not None and moment >= parse_instant(state.expires_from):
        return "EXPIRED"
    return state.status


def expiries(state: Agreement) -> list[datetime]:
    """Return when the agreement runs out."""
    return [] if state.expires_from is None else [parse_instant(state.expires_from)]


STREAM = Stream(
    kind=AGREEMENT[0],
    pattern=r"^agreement:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules={},
)
