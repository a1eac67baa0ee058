"""What happens to an authority's order: issued, received, given effect or not, sanctioned (domain.md 7.9)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_public import EffectExtent, InformationExtent, OrderKind, SanctionStep, Urgency
from ledger.domain.payload import (
    Block,
    Code,
    DateOrInstant,
    DecisionPayload,
    Duration,
    EventId,
    Identifier,
    ListingId,
    Money,
    Name,
    Payload,
    PlatformId,
    Redress,
    SellerId,
    Sha256,
    Text,
    TimeClass,
)

ORDER = ("order",)
STEPS_MAX = 20
Texts = Annotated[tuple[Text, ...], Meta(max_length=300)]


class OrderTarget(Block, frozen=True, kw_only=True):
    """One thing that an order is aimed at."""

    listing_id: ListingId | None = None
    url_sha256: Sha256 | None = None
    seller_id: SellerId | None = None


class OrderIssued(Payload, frozen=True, kw_only=True):
    """An authority issued an order; its own side of the fact."""

    event_type: ClassVar[str] = "OrderIssued"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ORDER

    kind: OrderKind
    number: Identifier
    authority: Name | None = None
    addressee_platform_id: PlatformId | None = None
    targets: Annotated[tuple[OrderTarget, ...], Meta(max_length=300)] | None = None
    urgency: Urgency | None = None
    due_within: Duration | None = None
    reasons: Text | Texts | None = None
    redress: Text | Annotated[tuple[Redress, ...], Meta(max_length=50)] | None = None


class OrderReceived(Payload, frozen=True, kw_only=True):
    """A platform received an order, at the event's time; from here on the clock runs."""

    event_type: ClassVar[str] = "OrderReceived"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = ORDER


class OrderAcknowledged(Payload, frozen=True, kw_only=True):
    """A platform told the authority that it has the order."""

    event_type: ClassVar[str] = "OrderAcknowledged"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = ORDER


class OrderEffectGiven(Payload, frozen=True, kw_only=True):
    """A platform gave effect to an order, by these restrictions."""

    event_type: ClassVar[str] = "OrderEffectGiven"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ORDER

    extent: EffectExtent
    effect_at: DateOrInstant
    restriction_ids: Annotated[tuple[Identifier, ...], Meta(max_length=300)] | None = None


class OrderRefused(Payload, frozen=True, kw_only=True):
    """A platform will not do as ordered."""

    event_type: ClassVar[str] = "OrderRefused"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ORDER

    reason: Text | None = None


class OrderChallenged(Payload, frozen=True, kw_only=True):
    """A platform went to a court, or to another body, against an order."""

    event_type: ClassVar[str] = "OrderChallenged"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ORDER

    forum: Name | None = None


class OrderRevoked(Payload, frozen=True, kw_only=True):
    """An order was taken back."""

    event_type: ClassVar[str] = "OrderRevoked"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ORDER

    reason: Text | None = None


class InformationRequested(Payload, frozen=True, kw_only=True):
    """An authority asked for information. The event's id is the request's."""

    event_type: ClassVar[str] = "InformationRequested"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = ORDER

    due: DateOrInstant
    items: Texts | None = None
    period: Name | None = None
    addressee: Identifier | None = None


class InformationProvided(Payload, frozen=True, kw_only=True):
    """A request for information was answered."""

    event_type: ClassVar[str] = "InformationProvided"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = ORDER

    request_event_id: EventId
    extent: InformationExtent
    content_sha256: Sha256 | None = None


class SanctionImposed(DecisionPayload, frozen=True, kw_only=True):
    """An authority went one step up, or several, on a ladder of sanctions."""

    event_type: ClassVar[str] = "SanctionImposed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = ORDER

    step: SanctionStep | Annotated[int, Meta(ge=1, le=STEPS_MAX)]
    ladder: Code | None = None
    order_id: Identifier | None = None
    fine: Money | None = None


class SanctionLifted(Payload, frozen=True, kw_only=True):
    """A sanction, or where no step is named all of the order's, ended."""

    event_type: ClassVar[str] = "SanctionLifted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = ORDER

    step: SanctionStep | Annotated[int, Meta(ge=1, le=STEPS_MAX)] | None = None
    ladder: Code | None = None
    order_id: Identifier | None = None
    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    OrderIssued,
    OrderReceived,
    OrderAcknowledged,
    OrderEffectGiven,
    OrderRefused,
    OrderChallenged,
    OrderRevoked,
    InformationRequested,
    InformationProvided,
    SanctionImposed,
    SanctionLifted,
)
