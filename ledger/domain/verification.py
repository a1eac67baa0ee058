"""The verification of a seller: submitted, verified or rejected, ended (domain.md 6.3). A seller carries a set of them.

As with restrictions, an end wins over the beginning it names, in whatever order the two are folded (domain.md 2.3).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.domain.codes import (
    CountryCode,
    DocumentType,
    EntityClass,
    VerificationCheck,
    VerificationMethod,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.payload import (
    ID_MAX,
    NAME_MAX,
    NATIONAL_ID,
    TEXT_MAX,
    Block,
    CalendarDate,
    DateOrInstant,
    Identifier,
    Payload,
    PersonalPayload,
    RuleKey,
    Text,
    TimeClass,
    personal,
)
from ledger.domain.rules import IMPOSSIBLE, Breach, judge_life, only_one
from ledger.domain.value import Value

SELLER = ("seller",)
RULE = "verification"
POINTER = "/data/verification_id"
CODE = "unknown-reference"
Status = Literal["SUBMITTED", "VERIFIED", "REJECTED", "EXPIRED", "REVOKED"]


class VerificationDocument(Block, frozen=True, kw_only=True):
    """A document that a seller submitted."""

    document_type: DocumentType | None = None
    document_country: CountryCode | None = None
    number: Annotated[str, personal(ID_MAX)] | None = None
    issued_on: CalendarDate | None = None
    expires_on: CalendarDate | None = None
    evidence_id: Identifier | None = None


class SellerVerificationSubmitted(PersonalPayload, frozen=True, kw_only=True):
    """A seller handed in documents to be verified."""

    event_type: ClassVar[str] = "SellerVerificationSubmitted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER

    verification_id: Identifier
    documents: Annotated[tuple[VerificationDocument, ...], Meta(max_length=50)] | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A verification id is submitted once."""
        return (RuleKey(RULE, self.verification_id),)


class SellerVerified(PersonalPayload, frozen=True, kw_only=True):
    """A seller is verified, from the event's time on and until `valid_to`."""

    event_type: ClassVar[str] = "SellerVerified"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = SELLER

    verification_id: Identifier
    entity_class: EntityClass | None = None
    document_type: DocumentType | None = None
    document_country: CountryCode | None = None
    verification_method: VerificationMethod | None = None
    checks: Annotated[tuple[VerificationCheck, ...], Meta(max_length=20)] | None = None
    valid_to: DateOrInstant | None = None
    verified_by: Identifier | None = None
    name: Annotated[str, personal(NAME_MAX)] | None = None
    address: Annotated[str, personal(TEXT_MAX)] | None = None
    national_id_token: Annotated[str, personal(ID_MAX)] | None = None

    @classmethod
    def identifier_classes(cls, _data: Mapping[str, Any], /) -> Mapping[str, str]:
        """A person's number in a national register is kept as a token."""
        return {"national_id_token": NATIONAL_ID}

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A verification id is verified once."""
        return (RuleKey(RULE, self.verification_id),)


class SellerVerificationRejected(Payload, frozen=True, kw_only=True):
    """What a seller handed in did not do."""

    event_type: ClassVar[str] = "SellerVerificationRejected"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = SELLER
    stands_alone: ClassVar[bool] = False

    verification_id: Identifier
    reasons: Annotated[tuple[Text, ...], Meta(max_length=50)] | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What is rejected is known."""
        return (RuleKey(RULE, self.verification_id),)


class VerificationEnd(Payload, frozen=True, kw_only=True):
    """Base of what ends a verification. `ended` is what it is from then on."""

    ends: ClassVar[bool] = True
    ended: ClassVar[Literal["EXPIRED", "REVOKED"]]
    stands_alone: ClassVar[bool] = False

    verification_id: Identifier

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What ends a verification must find it known, and not ended."""
        return (RuleKey(RULE, self.verification_id),)


class SellerVerificationExpired(VerificationEnd, frozen=True, kw_only=True):
    """A verification ran out."""

    event_type: ClassVar[str] = "SellerVerificationExpired"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = SELLER
    ended: ClassVar[Literal["EXPIRED", "REVOKED"]] = "EXPIRED"


class SellerVerificationRevoked(VerificationEnd, frozen=True, kw_only=True):
    """A verification was taken back, from the event's time on; one that never held is voided instead."""

    event_type: ClassVar[str] = "SellerVerificationRevoked"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = SELLER
    ended: ClassVar[Literal["EXPIRED", "REVOKED"]] = "REVOKED"

    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    SellerVerificationSubmitted,
    SellerVerified,
    SellerVerificationRejected,
    SellerVerificationExpired,
    SellerVerificationRevoked,
)


class Verification(Value, frozen=True, kw_only=True):
    """One verification of a seller.

    It may have ended before it is certain to have begun: `status` is None until then. `valid_until` is the first
    instant at which `valid_to` has passed; `at_version` says when it last changed.
    """

    verification_id: str
    status: Literal["SUBMITTED", "VERIFIED", "REJECTED"] | None = None
    at_version: int = 0
    entity_class: str | None = None
    document_type: str | None = None
    document_country: str | None = None
    verification_method: str | None = None
    checks: tuple[str, ...] | None = None
    valid_to: str | None = None
    valid_until: str | None = None
    verified_by: str | None = None
    submitted_at: str | None = None
    verified_at: str | None = None
    rejected_at: str | None = None
    reasons: tuple[str, ...] | None = None
    ended: Literal["EXPIRED", "REVOKED"] | None = None
    ended_by: str | None = None
    ended_at: str | None = None
    end_reason: str | None = None

    def status_at(self, moment: datetime) -> Status | None:
        """Return what it is at `moment`, given that this state is the one that holds then; None: not begun."""
        if self.status is None or self.ended is not None:
            return None if self.status is None else self.ended
        passed = self.valid_until is not None and moment >= parse_instant(self.valid_until)
        return "EXPIRED" if self.status == "VERIFIED" and passed else self.status


Verifications = Mapping[str, Verification]


def apply_verification(verifications: Verifications, fact: Fact, version: int) -> Verifications:
    """Return the set of verifications after the seller's event number `version`; other events change nothing."""
    match fact.payload:
        case (
            SellerVerificationSubmitted(verification_id=name)
            | SellerVerified(verification_id=name)
            | SellerVerificationRejected(verification_id=name)
            | VerificationEnd(verification_id=name)
        ):
            before = verifications.get(name) or Verification(verification_id=name)
            return {**verifications, name: msgspec.structs.replace(_changed(before, fact), at_version=version)}
        case _:
            return verifications


def _changed(before: Verification, fact: Fact) -> Verification:
    at = format_instant(fact.time)
    match fact.payload:
        case SellerVerificationSubmitted():
            # A submission of a day is certain only at midnight, when what came of it may be known already.
            return msgspec.structs.replace(before, status=before.status or "SUBMITTED", submitted_at=at)
        case SellerVerified() as verified:
            return msgspec.structs.replace(
                before,
                status="VERIFIED",
                verified_at=at,
                entity_class=verified.entity_class,
                document_type=verified.document_type,
                document_country=verified.document_country,
                verification_method=verified.verification_method,
                checks=verified.checks,
                valid_to=verified.valid_to,
                valid_until=passed_from(verified.valid_to, fact.timezone),
                verified_by=verified.verified_by,
            )
        case SellerVerificationRejected(reasons=reasons):
            return msgspec.structs.replace(before, status="REJECTED", rejected_at=at, reasons=reasons)
        case VerificationEnd() as end:
            reason: str | None = getattr(end, "reason", None)
            return msgspec.structs.replace(before, ended=end.ended, ended_by=fact.id, ended_at=at, end_reason=reason)
        case _:
            return before


def effective(verifications: Verifications, moment: datetime) -> Verification | None:
    """Return the one that says what the seller is at `moment`: the newest that verifies, else the newest."""
    begun = [verification for verification in verifications.values() if verification.status is not None]
    in_force = [verification for verification in begun if verification.status_at(moment) == "VERIFIED"]
    return max(in_force or begun, key=lambda verification: verification.at_version, default=None)


def verification_expiries(verifications: Verifications) -> list[datetime]:
    """Return the instants at which verifications run out by themselves."""
    return [
        parse_instant(verification.valid_until)
        for verification in verifications.values()
        if verification.valid_until is not None and verification.ended is None
    ]


def describe_verifications(verifications: Verifications, moment: datetime) -> list[dict[str, Any]]:
    """Return those verifications that have begun, in order of id, each with its `status` at `moment`."""
    return [
        {**msgspec.to_builtins(verification), "status": verification.status_at(moment)}
        for _, verification in sorted(verifications.items())
        if verification.status is not None
    ]


def judge_verification(facts: Sequence[Fact]) -> Breach | None:
    """Judge everything said of one verification id: submitted once, verified once, ended once.

    It is rejected or ended not before it began. An end is of what was verified; of a submission only where nothing
    was.
    """
    submitted = [fact for fact in facts if isinstance(fact.payload, SellerVerificationSubmitted)]
    verified = [fact for fact in facts if isinstance(fact.payload, SellerVerified)]
    ends = [fact for fact in facts if isinstance(fact.payload, VerificationEnd)]
    breach = (
        only_one("a submission of this id", POINTER)(submitted)
        or only_one("a verification of this id", POINTER)(verified)
        or judge_life(next(iter((*verified, *submitted)), None), (), ends, CODE, POINTER)
    )
    if breach is not None:
        return breach
    begins = (*submitted, *verified)
    for fact in facts:
        if not isinstance(fact.payload, SellerVerificationRejected):
            continue
        if not begins:
            return Breach(CODE, POINTER, "nothing was submitted under this id, or it was voided", fact.id)
        if all(fact.latest < begin.time for begin in begins):
            return Breach(IMPOSSIBLE, "/time", f"it is submitted only later, by event {begins[0].id}", fact.id)
    return None
