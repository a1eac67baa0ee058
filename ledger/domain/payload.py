"""What every event's data is made of: the base of all payloads, the blocks they share, and their constraints.

A payload is a frozen Struct that refuses unknown members. Members that a rule needs are required; all others may be
absent and are flagged later: a ledger that refuses bad news hides it (domain.md D6).
"""

import enum
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from msgspec import Meta

from ledger.domain.codes import (
    AutomatedDecision,
    CountryCode,
    CurrencyCode,
    DecisionGround,
    Keyword,
    LegalGround,
    RedressKind,
    SourceType,
    StatementCategory,
    Territory,
)
from ledger.domain.value import Value

CLOCK_SKEW = timedelta(minutes=5)
"""How far an act's time may lie ahead of the ledger's clock (domain.md 2.2)."""
NATIONAL_ID, TAX_NUMBER = "NATIONAL_ID", "TAX_NUMBER"
"""Classes of identifiers of persons: the number of a national register (a NIK), and that of a taxpayer (an NPWP)."""
NO_IDENTIFIERS: Mapping[str, str] = MappingProxyType({})
INTEGER_MAX = 2**53
TEXT_MAX = 5000
NAME_MAX = 500
ID_MAX = 200
EXTRA_MAX_BYTES = 4096
"""Size of `data.extra` as canonical JSON."""
CIPHERTEXT_MAX = 65_535
"""A † field holds ciphertext in the ledger, longer than what the client may send."""


class TimeClass(enum.Enum):
    """What an event's `time` means (domain.md 2.2)."""

    ACT = "T1"
    LEGAL_EFFECT = "T2"
    RECEIPT = "T3"
    STATEMENT = "T4"
    LEDGER = "T5"


def reference(kind: str) -> Meta:
    """Return the constraint of a reference to a stream of this kind."""
    return Meta(pattern=f"^{kind}:[!-~]+$(?!\\n)", max_length=ID_MAX)


def personal(bound: int) -> Meta:
    """Mark a † field: at most `bound` characters from the client, ciphertext in the ledger."""
    return Meta(max_length=CIPHERTEXT_MAX, extra={"personal": bound}, extra_json_schema={"maxLength": bound})


def _bounded(maximum: int) -> Meta:
    return Meta(min_length=1, max_length=maximum)


Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Name = Annotated[str, _bounded(NAME_MAX)]
Code = Annotated[str, _bounded(110)]
Identifier = Annotated[str, Meta(pattern=r"^[!-~]{1,200}$(?!\n)", max_length=ID_MAX)]
"""An id that an event makes or names: printable ASCII without blanks."""
EventId = Annotated[str, Meta(pattern=r"^(?!enc:)[A-Za-z0-9._:-]{1,200}$(?!\n)", max_length=ID_MAX)]
StreamReference = Annotated[str, Meta(pattern=r"^[a-z_]+:[!-~]+$(?!\n)", max_length=ID_MAX)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", max_length=64)]
Decimal = Annotated[str, Meta(pattern=r"^-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,18})?$(?!\n)", max_length=60)]
CalendarDate = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)",
        max_length=10,
        extra={"format": "date"},
        extra_json_schema={"format": "date"},
    ),
]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$(?!\n)",
        max_length=40,
        extra={"format": "date-time"},
        extra_json_schema={"format": "date-time"},
    ),
]
"""RFC 3339 with an offset. Kept as sent: the ledger does not rewrite what a source said."""
DateOrInstant = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?$(?!\n)",
        max_length=40,
        extra={"format": "date-or-date-time"},
    ),
]
Duration = Annotated[str, Meta(pattern=r"^P(?=.)(?:[0-9]+[YMWD])*(?:T(?:[0-9]+[HMS])+)?$(?!\n)", max_length=40)]
DateOrDuration = Annotated[str, Meta(pattern=r"^[0-9PYMWDTHS:.Zz+-]+$(?!\n)", max_length=40)]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$(?!\n)", max_length=35)]
Count = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
ItemNumber = Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
HsCode = Annotated[str, Meta(pattern=r"^[0-9]{6,10}$(?!\n)", max_length=10)]
Gtin = Annotated[str, Meta(pattern=r"^(?:[0-9]{8}|[0-9]{12,14})$(?!\n)", max_length=14)]
SubjectId = Annotated[str, reference("subject")]
ListingId = Annotated[str, reference("listing")]
SellerId = Annotated[str, reference("seller")]
PartyId = Annotated[str, reference("party")]
PlatformId = Annotated[str, reference("platform")]
Territories = Annotated[tuple[Territory, ...], Meta(max_length=300)]
Countries = Annotated[tuple[CountryCode, ...], Meta(max_length=300)]


class Block(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of payloads and of the blocks in them: members that are not known are refused."""


class Money(Block, frozen=True, kw_only=True):
    """An amount in minor units of a currency (ISO 4217)."""

    amount_minor: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
    currency: CurrencyCode


class LegalBasis(Block, frozen=True, kw_only=True):
    """The versioned instrument that a decision cites (domain.md D8)."""

    instrument_id: Annotated[str, reference("policy")]
    ground: LegalGround | None = None
    jurisdiction: CountryCode | None = None
    version: Code | None = None
    article: Name | None = None


class Evidence(Block, frozen=True, kw_only=True):
    """A piece of evidence, by its hash: the content itself is kept elsewhere."""

    evidence_id: Identifier
    sha256: Sha256
    media_type: Name | None = None
    size_bytes: Count | None = None
    captured_at: Instant | None = None
    contains_pii: bool | None = None
    uri: Text | None = None


class Document(Block, frozen=True, kw_only=True):
    """Where a statement was taken from, and how directly."""

    kind: Literal["SYSTEM", "FORM", "IMPORT", "PRESS", "ADVERTORIAL", "COURT_RECORD", "GAZETTE"] | None = None
    uri: Text | None = None
    sha256: Sha256 | None = None
    retrieved_at: Instant | None = None
    quote: Annotated[str, Meta(max_length=500)] | None = None
    attribution: Literal["DIRECT_QUOTE", "PARAPHRASE", "HEADLINE"] | None = None


class Redress(Block, frozen=True, kw_only=True):
    """Where, and until when, a decision can be contested."""

    kind: RedressKind
    url: Text | None = None
    deadline: DateOrDuration | None = None


class RuleKey(NamedTuple):
    """What a hard rule is about within one stream: only events with the same key can contradict each other."""

    rule: str
    key: str = ""


class Payload(Block, frozen=True, kw_only=True):
    """Base of every event's data.

    `event_type` is the stored name, `class_version` the version of its shape (the `eventsourcing` library's
    convention: version n is read through the static methods `upcast_v1_v2` ... of the class), `streams` the kinds of
    subject it may have. `ends` marks what ends something (domain.md 2.3), `stands_alone` what breaks no hard rule
    while no other event of its stream shares a key with it.
    """

    event_type: ClassVar[str]
    time_class: ClassVar[TimeClass]
    streams: ClassVar[tuple[str, ...]]
    class_version: ClassVar[int] = 1
    ends: ClassVar[bool] = False
    stands_alone: ClassVar[bool] = True

    legal_basis: Annotated[tuple[LegalBasis, ...], Meta(max_length=50)] | None = None
    territorial_scope: Territories | None = None
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=100)] | None = None
    document: Document | None = None
    extra: dict[str, Any] | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """Return what this event says to the hard rules of its stream; most events say nothing."""
        return ()

    def check(self) -> None:
        """Raise ValueError for what the types alone cannot refuse. Its text is shown to the client."""

    @classmethod
    def personal_exempt(cls, _data: Mapping[str, Any], /) -> frozenset[str]:
        """Return the † members that are not personal in an event of this decoded data; mostly none.

        What is exempt is kept in clear and needs no data subject. It must not become personal by a correction: an
        event that exempts anything gives another rule key then (`rule_keys`), so that it is voided instead.
        """
        return frozenset()

    @classmethod
    def identifier_classes(cls, _data: Mapping[str, Any], /) -> Mapping[str, str]:
        """Return the † members that hold an identifier in an event of this decoded data, and its class; mostly none.

        Of those only a token is kept, which is the same wherever the same identifier of that class is (domain.md 4).
        """
        return NO_IDENTIFIERS


class PersonalPayload(Payload, frozen=True, kw_only=True):
    """Base of payloads with † fields: they are encrypted under the key of this data subject."""

    subject_id: SubjectId | None = None


class DecisionPayload(Payload, frozen=True, kw_only=True):
    """The `@decision` block: why, on what ground, by whom or what, and how to contest it."""

    decision_ground: DecisionGround | None = None
    category: StatementCategory | None = None
    category_specification: Annotated[tuple[Keyword, ...], Meta(max_length=100)] | None = None
    decision_facts: Text | None = None
    source_type: SourceType | None = None
    source_ref: Identifier | None = None
    automated_detection: bool | None = None
    automated_decision: AutomatedDecision | None = None
    decided_by: Identifier | None = None
    redress: Annotated[tuple[Redress, ...], Meta(max_length=50)] | None = None
