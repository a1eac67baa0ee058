"""Platforms: registered, licensed, represented; their features and services by country (domain.md 7.1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from ledger.domain.codes import BusinessModel, CountryCode, FeatureStatus, LicenceKind, SuspensionCause
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import (
    INTEGER_MAX,
    NAME_MAX,
    TEXT_MAX,
    Code,
    Count,
    DateOrInstant,
    Identifier,
    Name,
    PartyId,
    Payload,
    PersonalPayload,
    RuleKey,
    Text,
    TimeClass,
    personal,
)
from ledger.domain.rules import IMPOSSIBLE, Breach, only_one, plausible_orders
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

PLATFORM = ("platform",)
REGISTRATION = "registration"
SERVICE = "service"
POINTER = "/data/service"
SourceSequence = Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]


class PlatformRegistered(Payload, frozen=True, kw_only=True):
    """A platform is on the register: one service in one country."""

    event_type: ClassVar[str] = "PlatformRegistered"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    slug: Identifier
    legal_entity: PartyId | None = None
    country: CountryCode | None = None
    business_model: BusinessModel | None = None
    url: Text | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A platform is registered once."""
        return (RuleKey(REGISTRATION),)


class PlatformLicenceRecorded(Payload, frozen=True, kw_only=True):
    """A platform holds a licence."""

    event_type: ClassVar[str] = "PlatformLicenceRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    licence_kind: LicenceKind
    valid_from: DateOrInstant
    authority: Name | None = None
    number: Name | None = None
    valid_to: DateOrInstant | None = None


class PlatformRepresentativeAppointed(PersonalPayload, frozen=True, kw_only=True):
    """A foreign platform appointed its representative."""

    event_type: ClassVar[str] = "PlatformRepresentativeAppointed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    party_id: PartyId | None = None
    address: Annotated[str, personal(TEXT_MAX)] | None = None
    contact: Annotated[str, personal(NAME_MAX)] | None = None


class ServiceFeatureStatusDeclared(Payload, frozen=True, kw_only=True):
    """Somebody declared whether a feature is offered in a country."""

    event_type: ClassVar[str] = "ServiceFeatureStatusDeclared"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    feature: Code
    country: CountryCode
    status: FeatureStatus
    declared_by: Identifier | None = None


class ServiceSuspended(Payload, frozen=True, kw_only=True):
    """A service stopped in a country."""

    event_type: ClassVar[str] = "ServiceSuspended"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    service: Code
    country: CountryCode
    cause: SuspensionCause | None = None
    order_id: Identifier | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """It is what a resumption of the same service in the same country ends."""
        return (RuleKey(SERVICE, service_key(self.service, self.country)),)


class ServiceResumed(Payload, frozen=True, kw_only=True):
    """A service that had stopped in a country runs again."""

    event_type: ClassVar[str] = "ServiceResumed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = PLATFORM
    stands_alone: ClassVar[bool] = False

    service: Code
    country: CountryCode
    conditions: Text | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What is resumed must be suspended."""
        return (RuleKey(SERVICE, service_key(self.service, self.country)),)


class SubmissionPeriodClosed(Payload, frozen=True, kw_only=True):
    """A platform attests that it has sent everything of a period, with control totals by event type."""

    event_type: ClassVar[str] = "SubmissionPeriodClosed"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = PLATFORM

    period_start: DateOrInstant
    period_end: DateOrInstant
    totals: Annotated[dict[Code, Count], Meta(max_length=500)] | None = None
    first_native_seq: SourceSequence | None = None
    last_native_seq: SourceSequence | None = None
    nil_return: bool | None = None
    attested_by: Identifier | None = None


class Licence(Value, frozen=True, kw_only=True):
    """A licence that a platform holds."""

    licence_kind: str
    valid_from: str
    valid_to: str | None = None
    authority: str | None = None
    number: str | None = None


class Feature(Value, frozen=True, kw_only=True):
    """What was last declared of a feature in a country."""

    feature: str
    country: str
    status: str
    declared_by: str | None = None
    since: str


class Service(Value, frozen=True, kw_only=True):
    """A service that was suspended, or resumed, in a country. A service without such an event runs."""

    service: str
    country: str
    suspended: bool
    since: str
    cause: str | None = None
    order_id: str | None = None
    conditions: str | None = None


class Period(Value, frozen=True, kw_only=True):
    """A period that was closed."""

    period_start: str
    period_end: str
    totals: Mapping[str, int] | None = None
    first_native_seq: int | None = None
    last_native_seq: int | None = None
    nil_return: bool | None = None
    attested_by: str | None = None
    closed_by: str
    closed_at: str


class Platform(State, frozen=True, kw_only=True):
    """State of a platform. `features` and `services` are by name and country (`service_key`)."""

    slug: str | None = None
    legal_entity: str | None = None
    country: str | None = None
    business_model: str | None = None
    url: str | None = None
    registered_at: str | None = None
    licences: tuple[Licence, ...] = ()
    representatives: tuple[str, ...] = ()
    features: Mapping[str, Feature] = msgspec.field(default_factory=dict[str, Feature])
    services: Mapping[str, Service] = msgspec.field(default_factory=dict[str, Service])
    periods: tuple[Period, ...] = ()


def service_key(name: str, country: str) -> str:
    """Return the key of a service, or of a feature, in a country."""
    return f"{name}|{country}"


def begin(subject: str) -> Platform:
    """Return the state before any event."""
    return Platform(id=subject)


def apply(state: Platform, fact: Fact) -> Platform:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Platform, fact: Fact) -> Platform:
    at = format_instant(fact.time)
    match fact.payload:
        case PlatformRegistered() as registered:
            return msgspec.structs.replace(
                state,
                slug=registered.slug,
                legal_entity=registered.legal_entity,
                country=registered.country,
                business_model=registered.business_model,
                url=registered.url,
                registered_at=at,
            )
        case PlatformLicenceRecorded() as recorded:
            licence = Licence(**{name: getattr(recorded, name) for name in Licence.__struct_fields__})
            return msgspec.structs.replace(state, licences=(*state.licences, licence))
        case PlatformRepresentativeAppointed(party_id=str() as party_id):
            return msgspec.structs.replace(state, representatives=(*state.representatives, party_id))
        case ServiceFeatureStatusDeclared() as declared:
            feature = Feature(
                feature=declared.feature,
                country=declared.country,
                status=declared.status,
                declared_by=declared.declared_by,
                since=at,
            )
            key = service_key(declared.feature, declared.country)
            return msgspec.structs.replace(state, features={**state.features, key: feature})
        case ServiceSuspended() | ServiceResumed() as changed:
            key = service_key(changed.service, changed.country)
            return msgspec.structs.replace(state, services={**state.services, key: _service(changed, at)})
        case SubmissionPeriodClosed() as closed:
            return msgspec.structs.replace(state, periods=(*state.periods, _period(closed, fact.id, at)))
        case _:
            return state


def _service(changed: ServiceSuspended | ServiceResumed, at: str) -> Service:
    if isinstance(changed, ServiceSuspended):
        return Service(
            service=changed.service,
            country=changed.country,
            suspended=True,
            since=at,
            cause=changed.cause,
            order_id=changed.order_id,
        )
    return Service(
        service=changed.service,
        country=changed.country,
        suspended=False,
        since=at,
        conditions=changed.conditions,
    )


def _period(closed: SubmissionPeriodClosed, event_id: str, at: str) -> Period:
    return Period(
        period_start=closed.period_start,
        period_end=closed.period_end,
        totals=closed.totals,
        first_native_seq=closed.first_native_seq,
        last_native_seq=closed.last_native_seq,
        nil_return=closed.nil_return,
        attested_by=closed.attested_by,
        closed_by=event_id,
        closed_at=at,
    )


def describe(state: Platform, _moment: datetime) -> dict[str, Any]:
    """Return the platform as JSON values; nothing of it changes by time alone."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["features"] = [msgspec.to_builtins(feature) for _, feature in sorted(state.features.items())]
    item["services"] = [msgspec.to_builtins(service) for _, service in sorted(state.services.items())]
    return item


def judge_service(facts: Sequence[Fact]) -> Breach | None:
    """Judge what was said of one service in one country: it is resumed only while suspended.

    Suspending it again while it is suspended says nothing new, and is accepted.
    """
    first: Breach | None = None
    # Of events at one instant the suspension comes first, and a resumption as late as it may.
    gentlest = sorted(
        facts, key=lambda fact: (fact.latest if _resumes(fact) else fact.time, _resumes(fact), fact.position)
    )
    for order in (*plausible_orders(facts), gentlest):
        breach = _resumed_while_running(order)
        if breach is None:
            return None
        first = first or breach
    return first


def _resumes(fact: Fact) -> bool:
    return isinstance(fact.payload, ServiceResumed)


def _resumed_while_running(order: Sequence[Fact]) -> Breach | None:
    suspended = False
    resumed: Fact | None = None
    for fact in order:
        if not _resumes(fact):
            suspended = True
        elif suspended:
            suspended, resumed = False, fact
        elif resumed is not None:
            earlier, later = sorted((resumed, fact), key=lambda one: one.position)
            return Breach("unknown-reference", POINTER, f"it was resumed already, by event {earlier.id}", later.id)
        else:
            return _never_suspended(order, fact)
    return None


def _never_suspended(order: Sequence[Fact], resumed: Fact) -> Breach:
    for fact in order:
        if not _resumes(fact):
            return Breach(IMPOSSIBLE, "/time", f"it stops only later, by event {fact.id}", resumed.id)
    return Breach("unknown-reference", POINTER, "it never stopped, or its suspension was voided", resumed.id)


STREAM = Stream(
    kind="platform",
    pattern=r"^platform:[!-~]+$",
    events=(
        PlatformRegistered,
        PlatformLicenceRecorded,
        PlatformRepresentativeAppointed,
        ServiceFeatureStatusDeclared,
        ServiceSuspended,
        ServiceResumed,
        SubmissionPeriodClosed,
    ),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={REGISTRATION: only_one("the platform's registration", "/data/slug"), SERVICE: judge_service},
)
