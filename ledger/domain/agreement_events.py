"""What happens to an agreement: negotiated, signed, in force, suspended, terminated (domain.md 7.8)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_party import AgreementKind, AgreementScope, CooperationActivity, SigningMode
from ledger.domain.payload import (
    Code,
    Countries,
    DateOrInstant,
    Duration,
    Name,
    PartyId,
    Payload,
    Sha256,
    Text,
    TimeClass,
)

AGREEMENT = ("agreement",)
Parties = Annotated[tuple[PartyId, ...], Meta(min_length=2, max_length=200)]


class AgreementPayload(Payload, frozen=True, kw_only=True):
    """Base of what says between whom an agreement is."""

    parties: Parties | None = None
    countries: Countries | None = None

    def check(self) -> None:
        """Nobody agrees with nobody but themselves."""
        if self.parties is not None and len(set(self.parties)) == 1:
            raise ValueError("parties are one and the same: an agreement has two or more")


class AgreementTerms(AgreementPayload, frozen=True, kw_only=True):
    """Base of what says what an agreement is; `valid_to` is the last date, or the instant, up to which it holds."""

    scope: Annotated[tuple[AgreementScope, ...], Meta(max_length=50)] | None = None
    text_sha256: Sha256 | None = None
    data_clause: Annotated[tuple[Code, ...], Meta(max_length=200)] | None = None
    valid_to: DateOrInstant | None = None


class AgreementNegotiationOpened(AgreementPayload, frozen=True, kw_only=True):
    """Parties negotiate. Nothing is agreed by that (domain.md D18)."""

    event_type: ClassVar[str] = "AgreementNegotiationOpened"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT

    kind: AgreementKind


class AgreementSigned(AgreementTerms, frozen=True, kw_only=True):
    """An agreement was signed; whether it is in force by that, it says itself."""

    event_type: ClassVar[str] = "AgreementSigned"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT

    kind: AgreementKind
    in_force_on_signature: bool | None = None
    mode: SigningMode | None = None


class AgreementEnteredIntoForce(Payload, frozen=True, kw_only=True):
    """An agreement is in force, for the first time or again."""

    event_type: ClassVar[str] = "AgreementEnteredIntoForce"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT


class AgreementAmended(AgreementTerms, frozen=True, kw_only=True):
    """Terms of an agreement changed: those stated."""

    event_type: ClassVar[str] = "AgreementAmended"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT

    reason: Text | None = None


class AgreementSuspended(Payload, frozen=True, kw_only=True):
    """An agreement is out of force for a time."""

    event_type: ClassVar[str] = "AgreementSuspended"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT

    reason: Text | None = None


class AgreementTerminated(Payload, frozen=True, kw_only=True):
    """An agreement is out of force for good, from the event's time on."""

    event_type: ClassVar[str] = "AgreementTerminated"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT
    ends: ClassVar[bool] = True

    reason: Text | None = None
    notice_period: Duration | None = None


class CooperationActivityHeld(Payload, frozen=True, kw_only=True):
    """Parties did something together, under an agreement or before one."""

    event_type: ClassVar[str] = "CooperationActivityHeld"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = AGREEMENT

    kind: CooperationActivity
    parties: Annotated[tuple[PartyId, ...], Meta(max_length=200)] | None = None
    place: Name | None = None


EVENTS = (
    AgreementNegotiationOpened,
    AgreementSigned,
    AgreementEnteredIntoForce,
    AgreementAmended,
    AgreementSuspended,
    AgreementTerminated,
    CooperationActivityHeld,
)
