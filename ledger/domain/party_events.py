"""What is said of a party: registered, numbered, classified, linked (domain.md 7.2)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from ledger.domain.codes import CountryCode, SizeClass
from ledger.domain.codes_party import IdentifierScheme, PartyKind, PartyRelation, SizeBasis
from ledger.domain.payload import (
    ID_MAX,
    NAME_MAX,
    NATIONAL_ID,
    TAX_NUMBER,
    Count,
    DateOrInstant,
    Identifier,
    Money,
    Name,
    PartyId,
    Payload,
    PersonalPayload,
    RuleKey,
    TimeClass,
    personal,
)

PARTY = ("party",)
REGISTRATION = "registration"
PRIVACY = "privacy"
NATURAL = "NATURAL"
NIK_TOKEN = "NIK_TOKEN"  # noqa: S105 - the name of a scheme
NPWP = "NPWP"
Confidence = Annotated[str, Meta(pattern=r"^(?:0(?:\.[0-9]{1,18})?|1(?:\.0{1,18})?)$(?!\n)", max_length=20)]
"""From 0 to 1, as a decimal string."""
FORMATS = {
    "NIB": (re.compile(r"[0-9]{13}"), "a NIB has 13 digits"),
    "LEI": (re.compile(r"[0-9A-Z]{18}[0-9]{2}"), "a LEI has 18 letters or digits and 2 check digits (ISO 17442)"),
    NIK_TOKEN: (re.compile(r"(?![0-9]{16}$)[^\n]+"), "a NIK itself is never taken, only a keyed token of it"),
}
"""What values of a scheme look like, and what to say of others."""


def is_personal(scheme: str, subject_id: str | None) -> bool:
    """Tell whether an identifier is personal: a token of a NIK, or the NPWP of a person."""
    return scheme == NIK_TOKEN or (scheme == NPWP and subject_id is not None)


class PartyRegistered(PersonalPayload, frozen=True, kw_only=True):
    """A party is on the register. The name is personal when it is a natural person's."""

    event_type: ClassVar[str] = "PartyRegistered"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PARTY

    kind: PartyKind
    name: Annotated[str, personal(NAME_MAX)] | None = None
    country: CountryCode | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A party is registered once. A firm whose name is in clear does not become a person."""
        return (RuleKey(REGISTRATION), *((RuleKey(PRIVACY),) if self.kind == NATURAL else ()))

    def check(self) -> None:
        """A natural person is a data subject; of a name without one the keys tell."""
        if self.kind == NATURAL and self.subject_id is None and self.name is None:
            raise ValueError("subject_id is needed of a natural person")

    @classmethod
    def personal_exempt(cls, data: Mapping[str, Any], /) -> frozenset[str]:
        """The name of a firm or an authority is kept in clear; that of who knows what, is not."""
        return frozenset() if data.get("kind", NATURAL) == NATURAL else frozenset({"name"})


class PartyIdentifierAdded(PersonalPayload, frozen=True, kw_only=True):
    """A register's number of a party; personal if a token of a NIK, or an NPWP with a `subject_id`: a person's."""

    event_type: ClassVar[str] = "PartyIdentifierAdded"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PARTY

    scheme: IdentifierScheme
    value: Annotated[str, personal(ID_MAX)]
    valid_from: DateOrInstant | None = None
    valid_to: DateOrInstant | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """What is kept in clear must be nobody's."""
        return () if is_personal(self.scheme, self.subject_id) else (RuleKey(PRIVACY),)

    def check(self) -> None:
        """A number looks as those of its register do."""
        expected = FORMATS.get(self.scheme)
        if not self.value:
            raise ValueError("value is empty")
        if expected is not None and not expected[0].fullmatch(self.value):
            raise ValueError(expected[1])

    @classmethod
    def personal_exempt(cls, data: Mapping[str, Any], /) -> frozenset[str]:
        """The numbers of firms are kept in clear."""
        personal_value = is_personal(data.get("scheme", NIK_TOKEN), data.get("subject_id"))
        return frozenset() if personal_value else frozenset({"value"})

    @classmethod
    def identifier_classes(cls, data: Mapping[str, Any], /) -> Mapping[str, str]:
        """A person's numbers are kept as tokens; those of firms are exempt."""
        return {"value": NATIONAL_ID if data.get("scheme") == NIK_TOKEN else TAX_NUMBER}


class PartyClassified(Payload, frozen=True, kw_only=True):
    """Somebody assessed how large a party is."""

    event_type: ClassVar[str] = "PartyClassified"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PARTY

    size_class: SizeClass | None = None
    size_basis: SizeBasis | None = None
    employees: Count | None = None
    turnover: Money | None = None
    assessed_by: Identifier | None = None


class PartiesLinked(Payload, frozen=True, kw_only=True):
    """Two parties were found to hang together."""

    event_type: ClassVar[str] = "PartiesLinked"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PARTY

    party_a: PartyId
    party_b: PartyId
    relation: PartyRelation
    confidence: Confidence | None = None
    method: Name | None = None

    def check(self) -> None:
        """A link is between two."""
        check_distinct(self.party_a, self.party_b)


class PartiesUnlinked(Payload, frozen=True, kw_only=True):
    """Two parties do not hang together, or no longer; without a `relation`, in no way."""

    event_type: ClassVar[str] = "PartiesUnlinked"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PARTY

    party_a: PartyId
    party_b: PartyId
    relation: PartyRelation | None = None

    def check(self) -> None:
        """A link is between two."""
        check_distinct(self.party_a, self.party_b)


def check_distinct(party_a: str, party_b: str) -> None:
    """Raise ValueError when the two are one."""
    if party_a == party_b:
        raise ValueError("party_a and party_b are the same")


EVENTS = (PartyRegistered, PartyIdentifierAdded, PartyClassified, PartiesLinked, PartiesUnlinked)
