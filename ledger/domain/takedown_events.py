"""What happens in a takedown case: notice, decision, counter-notice, end (domain.md 7.7)."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from ledger.domain.codes import (
    AbuseFinding,
    AutomatedDecision,
    IpRightType,
    LegalForum,
    NoticeChannel,
    NoticePriority,
    NoticeReason,
    NotifierTier,
    Regime,
    ReversalGround,
    SizeClass,
    TakedownMeasure,
)
from ledger.domain.payload import (
    ID_MAX,
    NAME_MAX,
    Block,
    CalendarDate,
    Code,
    Count,
    DateOrInstant,
    Identifier,
    Instant,
    ItemNumber,
    Name,
    PartyId,
    Payload,
    PersonalPayload,
    PlatformId,
    Sha256,
    Text,
    TimeClass,
    personal,
    reference,
)

TAKEDOWN = ("takedown_case",)
ITEMS_MAX = 300
"""Items of one notice (domain.md 7.7)."""
ATTEMPTS_MAX = 3
ItemListing = Annotated[str, Meta(pattern=r"^(?:listing:[!-~]+|EXTERNAL)$(?!\n)", max_length=ID_MAX)]
"""A listing, or EXTERNAL where it is none of this ledger."""
ItemNumbers = Annotated[tuple[ItemNumber, ...], Meta(max_length=ITEMS_MAX)]
Reasons = Annotated[tuple[NoticeReason, ...], Meta(max_length=50)]
RightId = Annotated[str, reference("ip_right")]


class NoticeItem(Block, frozen=True, kw_only=True):
    """One thing that a notice complains of."""

    item_no: ItemNumber
    listing_id: ItemListing | None = None
    variant_no: ItemNumber | None = None
    listing_url_sha256: Sha256 | None = None
    url_sha256: Sha256 | None = None


NoticeItems = Annotated[tuple[NoticeItem, ...], Meta(max_length=ITEMS_MAX)]


class NoticeSubmitted(PersonalPayload, frozen=True, kw_only=True):
    """A right holder sent a notice; its own side of the fact."""

    event_type: ClassVar[str] = "NoticeSubmitted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    notice_ref: Identifier
    platform_id: PlatformId | None = None
    ip_right_id: RightId | None = None
    items: NoticeItems | None = None
    explanation: Text | None = None
    good_faith_statement: bool | None = None
    accuracy_statement: bool | None = None
    authority_statement: bool | None = None
    signature: Annotated[str, personal(NAME_MAX)] | None = None
    contact: Annotated[str, personal(NAME_MAX)] | None = None


class NoticeReceived(PersonalPayload, frozen=True, kw_only=True):
    """A platform received a notice; its own side of the fact. Size class and tier are those of that time."""

    event_type: ClassVar[str] = "NoticeReceived"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    notice_ref: Identifier | None = None
    channel: NoticeChannel | None = None
    notifier_party_id: PartyId | None = None
    notifier_size_class: SizeClass | None = None
    notifier_tier: NotifierTier | None = None
    ip_right_type: IpRightType | None = None
    ip_right_id: RightId | None = None
    items: NoticeItems | None = None
    regime: Regime | None = None
    priority: NoticePriority | None = None
    notifier_name: Annotated[str, personal(NAME_MAX)] | None = None
    notifier_email: Annotated[str, personal(NAME_MAX)] | None = None


class NoticeReturned(Payload, frozen=True, kw_only=True):
    """Items were sent back to the notifier, to be completed."""

    event_type: ClassVar[str] = "NoticeReturned"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_nos: ItemNumbers
    reasons: Reasons | None = None
    cure_by: DateOrInstant | None = None


class NoticeSupplemented(Payload, frozen=True, kw_only=True):
    """The notifier completed what was sent back: the items named, or all of them."""

    event_type: ClassVar[str] = "NoticeSupplemented"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_nos: ItemNumbers | None = None
    explanation: Text | None = None


class NoticeRejected(Payload, frozen=True, kw_only=True):
    """Items were refused without a decision on them."""

    event_type: ClassVar[str] = "NoticeRejected"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_nos: ItemNumbers
    reasons: Reasons | None = None


class NoticeWithdrawn(Payload, frozen=True, kw_only=True):
    """The notice was taken back for these items."""

    event_type: ClassVar[str] = "NoticeWithdrawn"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_nos: ItemNumbers
    by: Name | None = None


class TakedownActioned(Payload, frozen=True, kw_only=True):
    """An item was taken down; the listing's own event says with what restriction."""

    event_type: ClassVar[str] = "TakedownActioned"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    measure: TakedownMeasure
    listing_id: ItemListing | None = None
    restriction_id: Identifier | None = None
    decided_by: Identifier | None = None
    automated_decision: AutomatedDecision | None = None
    sales_before_action: Count | None = None


class TakedownDeclined(Payload, frozen=True, kw_only=True):
    """It was decided to leave an item up."""

    event_type: ClassVar[str] = "TakedownDeclined"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    reasons: Reasons | None = None
    decided_by: Identifier | None = None


class CounterNoticeSubmitted(PersonalPayload, frozen=True, kw_only=True):
    """A seller answered the notice."""

    event_type: ClassVar[str] = "CounterNoticeSubmitted"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    attempt: Annotated[int, Meta(ge=1, le=ATTEMPTS_MAX)] | None = None
    grounds: Reasons | None = None
    statement_under_penalty: bool | None = None
    jurisdiction_consent: bool | None = None
    signature: Annotated[str, personal(NAME_MAX)] | None = None
    contact: Annotated[str, personal(NAME_MAX)] | None = None


class CounterNoticeRejected(Payload, frozen=True, kw_only=True):
    """A counter-notice did not do."""

    event_type: ClassVar[str] = "CounterNoticeRejected"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    reasons: Annotated[tuple[Code, ...], Meta(max_length=50)] | None = None


class CounterNoticeForwarded(Payload, frozen=True, kw_only=True):
    """A counter-notice reached the right holder; the waiting period runs from `delivered_at`."""

    event_type: ClassVar[str] = "CounterNoticeForwarded"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    delivered_at: Instant


class LegalActionNotified(Payload, frozen=True, kw_only=True):
    """The right holder told of having gone to law."""

    event_type: ClassVar[str] = "LegalActionNotified"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    filed_on: CalendarDate
    forum: LegalForum | None = None
    reference: Name | None = None


class DeadlineExtended(Payload, frozen=True, kw_only=True):
    """More time was given."""

    event_type: ClassVar[str] = "DeadlineExtended"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    deadline_kind: Code
    new_due: DateOrInstant
    reason: Text | None = None


class MeasureMaintained(Payload, frozen=True, kw_only=True):
    """A takedown stays, after all that was said against it."""

    event_type: ClassVar[str] = "MeasureMaintained"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    ground: Code | None = None


class TakedownReversed(Payload, frozen=True, kw_only=True):
    """A takedown was undone; the listing's own event ends the restriction."""

    event_type: ClassVar[str] = "TakedownReversed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    item_no: ItemNumber
    restriction_id: Identifier | None = None
    ground: ReversalGround | None = None


class NoticeFoundAbusive(Payload, frozen=True, kw_only=True):
    """A notice turned out to be abusive."""

    event_type: ClassVar[str] = "NoticeFoundAbusive"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    finding: AbuseFinding
    notifier_party_id: PartyId | None = None
    measure: Literal["WARNING", "PROCESSING_SUSPENDED_UNTIL"] | None = None
    suspended_until: DateOrInstant | None = None


class TakedownCaseClosed(Payload, frozen=True, kw_only=True):
    """A case was closed."""

    event_type: ClassVar[str] = "TakedownCaseClosed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = TAKEDOWN

    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    NoticeSubmitted,
    NoticeReceived,
    NoticeReturned,
    NoticeSupplemented,
    NoticeRejected,
    NoticeWithdrawn,
    TakedownActioned,
    TakedownDeclined,
    CounterNoticeSubmitted,
    CounterNoticeRejected,
    CounterNoticeForwarded,
    LegalActionNotified,
    DeadlineExtended,
    MeasureMaintained,
    TakedownReversed,
    NoticeFoundAbusive,
    TakedownCaseClosed,
)
