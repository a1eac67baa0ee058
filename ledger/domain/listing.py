"""Listings: published, changed, blocked, reinstated, withdrawn (domain.md 6.2, 7.4).

A listing is a lifecycle times a set of restrictions. Whether it is visible also depends on its seller and its
platform's service; that is derived when asked, never appended.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import compress
from operator import itemgetter
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, field

from ledger.domain.codes import ConformityMark, CountryCode, CurrencyCode, PriceBasis, ReversalGround
from ledger.domain.fact import Fact
from ledger.domain.payload import (
    Block,
    CalendarDate,
    Code,
    Count,
    Countries,
    DateOrInstant,
    Decimal,
    DecisionPayload,
    Gtin,
    HsCode,
    Identifier,
    ListingId,
    Money,
    Name,
    Payload,
    SellerId,
    Sha256,
    Text,
    TimeClass,
)
from ledger.domain.restriction import (
    RULE,
    Restriction,
    RestrictionAmended,
    RestrictionEnd,
    RestrictionPayload,
    StatementOfReasonsIssued,
    apply_restriction,
    in_force_at,
    judge_restriction,
    restriction_expiries,
)
from ledger.domain.steps import Steps
from ledger.domain.stream import State, Stream

LISTING = ("listing",)
_in_force = itemgetter("in_force")
Lifecycle = Literal["PUBLISHED", "REFUSED", "WITHDRAWN"]
T = TypeVar("T")


class ForeignExchange(Block, frozen=True, kw_only=True):
    """The rate at which a price was converted, by whom, on which day."""

    quote: CurrencyCode
    rate: Decimal
    rate_source: Name | None = None
    rate_date: CalendarDate | None = None


class Conformity(Block, frozen=True, kw_only=True):
    """A mark of conformity that goods carry."""

    mark: ConformityMark
    number: Name | None = None
    valid_to: DateOrInstant | None = None


Conformities = Annotated[tuple[Conformity, ...], Meta(max_length=100)]


class ListingPublished(Payload, frozen=True, kw_only=True):
    """A listing went live."""

    event_type: ClassVar[str] = "ListingPublished"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    seller_id: SellerId | None = None
    title: Annotated[str, Meta(max_length=300)] | None = None
    category_code: Code | None = None
    taxonomy_version: Code | None = None
    cluster: Code | None = None
    hs_code: HsCode | None = None
    gtin: Gtin | None = None
    brand: Name | None = None
    ship_from_country: CountryCode | None = None
    goods_origin_country: CountryCode | None = None
    destination_countries: Countries | None = None
    price: Money | None = None
    fx: ForeignExchange | None = None
    price_basis: PriceBasis | None = None
    conformity: Conformities | None = None
    content_sha256: Sha256 | None = None
    relist_of: ListingId | None = None


class Change(Block, Generic[T], frozen=True, kw_only=True):
    """One attribute before and after; absent means it was, or is now, not stated."""

    before: T | None = field(name="from", default=None)
    after: T | None = field(name="to", default=None)


class ListingChanges(Block, frozen=True, kw_only=True):
    """The attributes that changed."""

    title: Change[Annotated[str, Meta(max_length=300)]] | None = None
    category_code: Change[Code] | None = None
    taxonomy_version: Change[Code] | None = None
    cluster: Change[Code] | None = None
    hs_code: Change[HsCode] | None = None
    gtin: Change[Gtin] | None = None
    brand: Change[Name] | None = None
    ship_from_country: Change[CountryCode] | None = None
    goods_origin_country: Change[CountryCode] | None = None
    destination_countries: Change[Countries] | None = None
    price: Change[Money] | None = None
    fx: Change[ForeignExchange] | None = None
    price_basis: Change[PriceBasis] | None = None
    conformity: Change[Conformities] | None = None
    content_sha256: Change[Sha256] | None = None


class ListingAttributesChanged(Payload, frozen=True, kw_only=True):
    """Attributes of a listing changed."""

    event_type: ClassVar[str] = "ListingAttributesChanged"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    changed: ListingChanges


class ListingPublicationRefused(DecisionPayload, frozen=True, kw_only=True):
    """A listing was refused before it went live."""

    event_type: ClassVar[str] = "ListingPublicationRefused"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    candidate_id: Identifier
    seller_id: SellerId | None = None


class ListingBlocked(RestrictionPayload, frozen=True, kw_only=True):
    """A listing was taken out of sight, or otherwise blocked."""

    event_type: ClassVar[str] = "ListingBlocked"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING
    kind: ClassVar[str] = "BLOCKED"

    seller_id: SellerId | None = None
    case_id: Identifier | None = None
    order_id: Identifier | None = None
    policy_rule_id: Identifier | None = None
    sales_before_block: Count | None = None


class ListingRestricted(RestrictionPayload, frozen=True, kw_only=True):
    """A listing was demoted, labelled, or restricted by age or interaction."""

    event_type: ClassVar[str] = "ListingRestricted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING
    kind: ClassVar[str] = "RESTRICTED"

    seller_id: SellerId | None = None
    case_id: Identifier | None = None
    order_id: Identifier | None = None
    policy_rule_id: Identifier | None = None


class ListingReinstated(RestrictionEnd, frozen=True, kw_only=True):
    """A restriction of a listing ended."""

    event_type: ClassVar[str] = "ListingReinstated"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    ground: ReversalGround | None = None
    decided_by: Identifier | None = None
    compensation: Money | None = None


class ListingWithdrawn(Payload, frozen=True, kw_only=True):
    """A listing was taken down by its seller, or by the system; no sanction."""

    event_type: ClassVar[str] = "ListingWithdrawn"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    by: Literal["SELLER", "SYSTEM"] | None = None
    reason: Text | None = None


class ListingRelisted(Payload, frozen=True, kw_only=True):
    """A withdrawn listing is live again."""

    event_type: ClassVar[str] = "ListingRelisted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    reason: Text | None = None


class PurchasersNotified(Payload, frozen=True, kw_only=True):
    """Those who bought were told (DSA article 32)."""

    event_type: ClassVar[str] = "PurchasersNotified"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = LISTING

    period_from: DateOrInstant
    period_to: DateOrInstant
    listing_id: ListingId | None = None
    count: Count | None = None
    channel: Name | None = None


class Listing(State, frozen=True, kw_only=True):
    """State of a listing. `lifecycle` is None while only restrictions are known of it."""

    lifecycle: Lifecycle | None = None
    seller_id: str | None = None
    title: str | None = None
    category_code: str | None = None
    taxonomy_version: str | None = None
    cluster: str | None = None
    hs_code: str | None = None
    gtin: str | None = None
    brand: str | None = None
    ship_from_country: str | None = None
    goods_origin_country: str | None = None
    destination_countries: tuple[str, ...] | None = None
    price: Money | None = None
    fx: ForeignExchange | None = None
    price_basis: str | None = None
    conformity: tuple[Conformity, ...] | None = None
    content_sha256: str | None = None
    relist_of: str | None = None
    restrictions: Mapping[str, Restriction] = msgspec.field(default_factory=dict[str, Restriction])


ATTRIBUTES = ListingChanges.__struct_fields__


def begin(subject: str) -> Listing:
    """Return the state before any event."""
    return Listing(id=subject, restrictions={})


def apply(state: Listing, fact: Fact) -> Listing:
    """Return the state after one more event."""
    payload = fact.payload
    return _steps[type(payload)](state, payload, fact)


def _published(state: Listing, published: ListingPublished, _: Fact) -> Listing:
    # Member by member: a loop over their names takes twice as long, and most streams begin with one.
    return msgspec.structs.replace(
        state,
        version=state.version + 1,
        lifecycle="PUBLISHED",
        seller_id=published.seller_id,
        title=published.title,
        category_code=published.category_code,
        taxonomy_version=published.taxonomy_version,
        cluster=published.cluster,
        hs_code=published.hs_code,
        gtin=published.gtin,
        brand=published.brand,
        ship_from_country=published.ship_from_country,
        goods_origin_country=published.goods_origin_country,
        destination_countries=published.destination_countries,
        price=published.price,
        fx=published.fx,
        price_basis=published.price_basis,
        conformity=published.conformity,
        content_sha256=published.content_sha256,
        relist_of=published.relist_of,
    )


def _changed(state: Listing, payload: ListingAttributesChanged, _: Fact) -> Listing:
    changed = payload.changed
    stated = compress(ATTRIBUTES, msgspec.structs.astuple(changed))  # most are not
    changes = {name: getattr(changed, name).after for name in stated}
    return msgspec.structs.replace(state, version=state.version + 1, **changes)


def _refused(state: Listing, refused: ListingPublicationRefused, _: Fact) -> Listing:
    seller_id = refused.seller_id or state.seller_id
    return msgspec.structs.replace(state, version=state.version + 1, lifecycle="REFUSED", seller_id=seller_id)


def _withdrawn(state: Listing, _payload: ListingWithdrawn, _: Fact) -> Listing:
    return msgspec.structs.replace(state, version=state.version + 1, lifecycle="WITHDRAWN")


def _relisted(state: Listing, _payload: ListingRelisted, _: Fact) -> Listing:
    return msgspec.structs.replace(state, version=state.version + 1, lifecycle="PUBLISHED")


def _restricted(state: Listing, payload: Payload, fact: Fact) -> Listing:
    seller_id = state.seller_id or getattr(payload, "seller_id", None)
    restrictions = apply_restriction(state.restrictions, fact)
    return msgspec.structs.replace(state, version=state.version + 1, seller_id=seller_id, restrictions=restrictions)


_steps = Steps(
    {
        ListingPublished: _published,
        ListingAttributesChanged: _changed,
        ListingPublicationRefused: _refused,
        ListingWithdrawn: _withdrawn,
        ListingRelisted: _relisted,
    },
    _restricted,
)


def describe(state: Listing, moment: datetime) -> dict[str, Any]:
    """Return the listing at `moment` as JSON values; each restriction says whether it is in force then."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    restrictions = item["restrictions"] = in_force_at(moment, state.restrictions, item.get("restrictions", {}))
    item["restricted"] = any(map(_in_force, restrictions))
    return item


def expiries(state: Listing) -> list[datetime]:
    """Return when restrictions run out."""
    return restriction_expiries(state.restrictions)


STREAM = Stream(
    kind="listing",
    pattern=r"^listing:[!-~]+:[!-~]+$",
    events=(
        ListingPublished,
        ListingAttributesChanged,
        ListingPublicationRefused,
        ListingBlocked,
        ListingRestricted,
        RestrictionAmended,
        ListingReinstated,
        ListingWithdrawn,
        ListingRelisted,
        StatementOfReasonsIssued,
        PurchasersNotified,
    ),
    begin=begin,
    apply=apply,
    describe=describe,
    expiries=expiries,
    rules={RULE: judge_restriction},
)
