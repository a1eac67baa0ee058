"""What happens to a seller: registered, warned, sanctioned, closed (domain.md 7.3); verification apart."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from ledger.domain.codes import AccountType, CountryCode, ReversalGround, SizeClass, StoreKind
from ledger.domain.payload import (
    NAME_MAX,
    Code,
    Count,
    DecisionPayload,
    Identifier,
    Instant,
    ItemNumber,
    ListingId,
    Money,
    PartyId,
    Payload,
    PersonalPayload,
    PlatformId,
    RuleKey,
    SellerId,
    Text,
    TimeClass,
    personal,
    reference,
)
from ledger.domain.restriction import RestrictionAmended, RestrictionEnd, RestrictionPayload, StatementOfReasonsIssued
from ledger.domain.verification import EVENTS as VERIFICATION_EVENTS
from ledger.domain.verification import SELLER

REGISTRATION = "registration"
ProgrammeId = Annotated[str, reference("programme")]
PolicyId = Annotated[str, reference("policy")]
RightId = Annotated[str, reference("ip_right")]


class SellerRegistered(PersonalPayload, frozen=True, kw_only=True):
    """A seller opened an account. `country` is where it is established."""

    event_type: ClassVar[str] = "SellerRegistered"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    platform_id: PlatformId | None = None
    party_id: PartyId | None = None
    country: CountryCode | None = None
    account_type: AccountType | None = None
    shop_name: Annotated[str, personal(NAME_MAX)] | None = None
    store_kind: StoreKind | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """An account is registered once."""
        return (RuleKey(REGISTRATION),)


class SellerOnboarded(Payload, frozen=True, kw_only=True):
    """A seller came in through a programme. The size class is the one it had then."""

    event_type: ClassVar[str] = "SellerOnboarded"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    programme_id: ProgrammeId | None = None
    cohort: Code | None = None
    size_class: SizeClass | None = None


class SellerWarned(DecisionPayload, frozen=True, kw_only=True):
    """A seller was warned."""

    event_type: ClassVar[str] = "SellerWarned"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    warning_id: Identifier
    reason_code: Code | None = None
    cure_by: Instant | None = None


class SellerPointsAssessed(Payload, frozen=True, kw_only=True):
    """A seller was given penalty points of a scheme."""

    event_type: ClassVar[str] = "SellerPointsAssessed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    points: Annotated[int, Meta(ge=1, le=48)] | None = None
    scheme_policy_id: PolicyId | None = None
    reason_code: Code | None = None
    listing_id: ListingId | None = None
    case_id: Identifier | None = None


class SellerPointsCleared(Payload, frozen=True, kw_only=True):
    """Penalty points were taken off."""

    event_type: ClassVar[str] = "SellerPointsCleared"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    points: Count | None = None
    ground: Literal["EXPIRY", "APPEAL"] | None = None


class SellerStrikeRecorded(Payload, frozen=True, kw_only=True):
    """A seller was given a strike."""

    event_type: ClassVar[str] = "SellerStrikeRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    strike_no: ItemNumber
    severity: Literal["SERIOUS", "GENERAL"] | None = None
    ip_right_id: RightId | None = None
    case_id: Identifier | None = None


class SellerStrikeRescinded(Payload, frozen=True, kw_only=True):
    """A strike was taken back."""

    event_type: ClassVar[str] = "SellerStrikeRescinded"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    strike_no: ItemNumber
    ground: ReversalGround | None = None


class SellerSuspended(RestrictionPayload, frozen=True, kw_only=True):
    """A seller's account was suspended, for a time or until lifted."""

    event_type: ClassVar[str] = "SellerSuspended"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER
    kind: ClassVar[str] = "SUSPENDED"

    reason_code: Code | None = None


class SellerSuspensionLifted(RestrictionEnd, frozen=True, kw_only=True):
    """A suspension ended."""

    event_type: ClassVar[str] = "SellerSuspensionLifted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    ground: ReversalGround | None = None


class SellerPaymentsRestricted(RestrictionPayload, frozen=True, kw_only=True):
    """A seller's money was held back."""

    event_type: ClassVar[str] = "SellerPaymentsRestricted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER
    kind: ClassVar[str] = "PAYMENTS_RESTRICTED"

    amount_withheld: Money | None = None


class SellerPaymentsReleased(RestrictionEnd, frozen=True, kw_only=True):
    """Money held back was let go."""

    event_type: ClassVar[str] = "SellerPaymentsReleased"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    amount: Money | None = None


class SellerBanned(RestrictionPayload, frozen=True, kw_only=True):
    """A seller was banned."""

    event_type: ClassVar[str] = "SellerBanned"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER
    kind: ClassVar[str] = "BANNED"

    reason_code: Code | None = None
    programme_id: ProgrammeId | None = None
    linked_accounts: Annotated[tuple[SellerId, ...], Meta(max_length=1000)] | None = None
    strikes_counted: Count | None = None
    permanent: bool | None = None


class SellerBanRevoked(RestrictionEnd, frozen=True, kw_only=True):
    """A ban ended."""

    event_type: ClassVar[str] = "SellerBanRevoked"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    ground: ReversalGround | None = None
    reviewer: Identifier | None = None


class SellerAccountClosed(Payload, frozen=True, kw_only=True):
    """An account was closed; no sanction."""

    event_type: ClassVar[str] = "SellerAccountClosed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    by: Literal["SELLER", "PLATFORM"] | None = None
    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    SellerRegistered,
    *VERIFICATION_EVENTS,
    SellerOnboarded,
    SellerWarned,
    SellerPointsAssessed,
    SellerPointsCleared,
    SellerStrikeRecorded,
    SellerStrikeRescinded,
    SellerSuspended,
    SellerSuspensionLifted,
    SellerPaymentsRestricted,
    SellerPaymentsReleased,
    SellerBanned,
    SellerBanRevoked,
    RestrictionAmended,
    StatementOfReasonsIssued,
    SellerAccountClosed,
)
