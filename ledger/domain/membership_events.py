"""What happens in a membership: applied for, admitted, tiered, suspended, ended; brands (domain.md 7.5)."""

from typing import Annotated, ClassVar

from msgspec import Meta, field

from ledger.domain.codes import SizeClass
from ledger.domain.codes_party import Industry, MembershipEndReason
from ledger.domain.payload import (
    INTEGER_MAX,
    NAME_MAX,
    Block,
    Code,
    Count,
    DateOrInstant,
    Decimal,
    Duration,
    Identifier,
    Name,
    PartyId,
    Payload,
    StreamReference,
    Text,
    TimeClass,
)

MEMBERSHIP = ("membership",)
Industries = Annotated[tuple[Industry, ...], Meta(max_length=100)]
Measured = Annotated[str, Meta(max_length=NAME_MAX)] | Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | bool
"""The value of a criterion; decimals are strings."""


class TierMetrics(Block, frozen=True, kw_only=True):
    """The figures that a change of tier rests on; `denominators` say what each rate is a share of (domain.md D16)."""

    takedown_rate: Decimal | None = None
    counter_rate: Decimal | None = None
    window: Duration | None = None
    denominators: Annotated[dict[Code, Count], Meta(max_length=50)] | None = None


class MembershipApplied(Payload, frozen=True, kw_only=True):
    """A party applied for membership."""

    event_type: ClassVar[str] = "MembershipApplied"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    body_or_programme_id: StreamReference | None = None
    party_id: PartyId | None = None


class MembershipAdmitted(Payload, frozen=True, kw_only=True):
    """A party is a member. The size class is the one it had then."""

    event_type: ClassVar[str] = "MembershipAdmitted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    body_id: StreamReference | None = None
    party_id: PartyId | None = None
    tier: Code | None = None
    display_name: Name | None = None
    industries: Industries | None = None
    size_class: SizeClass | None = None
    criteria_result: Annotated[dict[Code, Measured], Meta(max_length=100)] | None = None


class MembershipTierChanged(Payload, frozen=True, kw_only=True):
    """A member is in another tier."""

    event_type: ClassVar[str] = "MembershipTierChanged"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    before: Code | None = field(name="from", default=None)
    after: Code | None = field(name="to", default=None)
    metrics: TierMetrics | None = None


class BrandAssociated(Payload, frozen=True, kw_only=True):
    """A member stands for a brand."""

    event_type: ClassVar[str] = "BrandAssociated"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    brand_id: Identifier
    name: Name | None = None


class BrandDissociated(Payload, frozen=True, kw_only=True):
    """A member no longer stands for a brand."""

    event_type: ClassVar[str] = "BrandDissociated"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    brand_id: Identifier


class MembershipSuspended(Payload, frozen=True, kw_only=True):
    """A membership rests."""

    event_type: ClassVar[str] = "MembershipSuspended"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    reason: Text | None = None


class MembershipReinstated(Payload, frozen=True, kw_only=True):
    """A membership that rested no longer does."""

    event_type: ClassVar[str] = "MembershipReinstated"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP

    reason: Text | None = None


class MembershipEnded(Payload, frozen=True, kw_only=True):
    """A party is no longer a member, and may not be one again before `ineligible_until`."""

    event_type: ClassVar[str] = "MembershipEnded"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = MEMBERSHIP
    ends: ClassVar[bool] = True

    reason: MembershipEndReason | None = None
    ineligible_until: DateOrInstant | None = None


EVENTS = (
    MembershipApplied,
    MembershipAdmitted,
    MembershipTierChanged,
    BrandAssociated,
    BrandDissociated,
    MembershipSuspended,
    MembershipReinstated,
    MembershipEnded,
)
