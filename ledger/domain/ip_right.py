"""Rights of intellectual property: recorded, validated or rejected, assigned, lapsed (domain.md 7.5).

A right, and a validation, also run out by themselves: that is derived when asked, never appended.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.domain.codes import IpRightType
from ledger.domain.codes_party import LapseGround
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.payload import (
    CalendarDate,
    DateOrInstant,
    Identifier,
    Name,
    PartyId,
    Payload,
    Sha256,
    Territories,
    Text,
    TimeClass,
)
from ledger.domain.stream import State, Stream

IP_RIGHT = ("ip_right",)
EXPIRED = "EXPIRED"
Status = Literal["RECORDED", "VALIDATED", "REJECTED", "LAPSED"]
NiceClass = Annotated[int, Meta(ge=1, le=45)]


class IpRightRecorded(Payload, frozen=True, kw_only=True):
    """A right is in the vault."""

    event_type: ClassVar[str] = "IpRightRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = IP_RIGHT

    type: IpRightType
    office: Name | None = None
    number: Name | None = None
    owner_party_id: PartyId | None = None
    territories: Territories | None = None
    nice_classes: Annotated[tuple[NiceClass, ...], Meta(max_length=45)] | None = None
    registered_on: CalendarDate | None = None
    expires_on: CalendarDate | None = None
    mark_sha256: Sha256 | None = None


class IpRightValidated(Payload, frozen=True, kw_only=True):
    """Somebody checked the right, and found it good."""

    event_type: ClassVar[str] = "IpRightValidated"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = IP_RIGHT

    validator: Identifier | None = None
    valid_to: DateOrInstant | None = None


class IpRightValidationRejected(Payload, frozen=True, kw_only=True):
    """Somebody checked the right, and did not find it good."""

    event_type: ClassVar[str] = "IpRightValidationRejected"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = IP_RIGHT

    reason: Text | None = None


class IpRightAssigned(Payload, frozen=True, kw_only=True):
    """A right went to another owner."""

    event_type: ClassVar[str] = "IpRightAssigned"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = IP_RIGHT

    to_party_id: PartyId | None = None


class IpRightLapsed(Payload, frozen=True, kw_only=True):
    """A right is no more."""

    event_type: ClassVar[str] = "IpRightLapsed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = IP_RIGHT

    ground: LapseGround | None = None


class IpRight(State, frozen=True, kw_only=True):
    """State of a right. `expires_from` and `validation_until` are the instants from which its dates have passed."""

    status: Status | None = None
    type: str | None = None
    office: str | None = None
    number: str | None = None
    owner_party_id: str | None = None
    territories: tuple[str, ...] | None = None
    nice_classes: tuple[int, ...] | None = None
    registered_on: str | None = None
    expires_on: str | None = None
    mark_sha256: str | None = None
    expires_from: str | None = None
    validator: str | None = None
    valid_to: str | None = None
    validation_until: str | None = None
    rejection_reason: str | None = None
    lapse_ground: str | None = None
    recorded_at: str | None = None
    validated_at: str | None = None
    rejected_at: str | None = None
    assigned_at: str | None = None
    lapsed_at: str | None = None


def begin(subject: str) -> IpRight:
    """Return the state before any event."""
    return IpRight(id=subject)


def apply(state: IpRight, fact: Fact) -> IpRight:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: IpRight, fact: Fact) -> IpRight:
    at = format_instant(fact.time)
    # A right that lapsed stays so, whatever a platform finds of it, until it is recorded anew.
    lapsed = state.status == "LAPSED"
    match fact.payload:
        case IpRightRecorded() as recorded:
            return _recorded(state, recorded, fact.timezone, at)
        case IpRightValidated(validator=validator, valid_to=valid_to):
            return msgspec.structs.replace(
                state,
                status="LAPSED" if lapsed else "VALIDATED",
                validator=validator,
                valid_to=valid_to,
                validation_until=passed_from(valid_to, fact.timezone),
                validated_at=at,
            )
        case IpRightValidationRejected(reason=reason):
            return msgspec.structs.replace(
                state, status="LAPSED" if lapsed else "REJECTED", rejection_reason=reason, rejected_at=at
            )
        case IpRightAssigned(to_party_id=to_party_id):
            return msgspec.structs.replace(state, owner_party_id=to_party_id or state.owner_party_id, assigned_at=at)
        case IpRightLapsed(ground=ground):
            return msgspec.structs.replace(state, status="LAPSED", lapse_ground=ground, lapsed_at=at)
        case _:
            return state


def _recorded(state: IpRight, recorded: IpRightRecorded, zone_name: str, at: str) -> IpRight:
    # A record of a month is certain only at its end, when more may be known of the right already.
    first = state.recorded_at is None
    lapsed = state.lapsed_at is not None and first and at <= state.lapsed_at
    assigned = state.assigned_at is not None and first and at <= state.assigned_at
    stays = lapsed or state.status in ("VALIDATED", "REJECTED")
    return msgspec.structs.replace(
        state,
        status=state.status if stays else "RECORDED",
        type=recorded.type,
        office=recorded.office,
        number=recorded.number,
        owner_party_id=(state.owner_party_id if assigned else None) or recorded.owner_party_id,
        territories=recorded.territories,
        nice_classes=recorded.nice_classes,
        registered_on=recorded.registered_on,
        expires_on=recorded.expires_on,
        expires_from=passed_from(recorded.expires_on, zone_name),
        mark_sha256=recorded.mark_sha256,
        lapse_ground=state.lapse_ground if stays else None,
        lapsed_at=state.lapsed_at if stays else None,
        recorded_at=at,
    )


def describe(state: IpRight, moment: datetime) -> dict[str, Any]:
    """Return the right at `moment` as JSON values: lapsed where it ran out; recorded where only its validation did."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["status"] = state.status
    if _passed(state.expires_from, moment) and state.status != "LAPSED":
        item["status"] = "LAPSED"
        item["lapse_ground"] = EXPIRED
        item["lapsed_at"] = state.expires_from
    elif _passed(state.validation_until, moment) and state.status == "VALIDATED":
        item["status"] = "RECORDED"
    return item


def _passed(instant: str | None, moment: datetime) -> bool:
    return instant is not None and moment >= parse_instant(instant)


def expiries(state: IpRight) -> list[datetime]:
    """Return when the right, and its validation, run out."""
    return [parse_instant(instant) for instant in (state.expires_from, state.validation_until) if instant is not None]


STREAM = Stream(
    kind=IP_RIGHT[0],
    pattern=r"^ip_right:[!-~]+:[!-~]+:[!-~]+$",
    events=(IpRightRecorded, IpRightValidated, IpRightValidationRejected, IpRightAssigned, IpRightLapsed),
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules={},
)
