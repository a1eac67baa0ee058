"""Statements of reasons as the DSA Transparency Database takes them (DSA article 24(5); domain.md 5, 13.1 R2).

Each is the record of one decision, in its own words and codes, beside the restrictions that it imposes. It is submitted
once: its id, and the stream it is in, follow from the platform's identifier of it (puid), which may be longer than an
id of ours.
"""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from msgspec import Meta

from ledger.domain.codes import (
    AccountType,
    AutomatedDecision,
    DecisionAccount,
    DecisionGround,
    DecisionMonetary,
    DecisionProvision,
    Keyword,
    SourceType,
    StatementCategory,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.json_values import is_array
from ledger.domain.payload import CalendarDate, Payload, RuleKey, TimeClass
from ledger.domain.restriction import Visibilities
from ledger.domain.rules import only_one
from ledger.domain.statement_codes import SUCCESSORS, ContentType, YesOrNo
from ledger.domain.stream import State, Stream

KIND = "statement"
SUBMISSION = "submission"
PUID_MAX = 500
SHORT_MAX = 500
EXPLANATION_MAX = 2000
FACTS_MAX = 5000
LIST_MAX = 100
"""Codes of one list: more than any list has."""
_UUID_VERSION, _UUID_VARIANT = 8, 0b10

Puid = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,500}$(?!\n)", max_length=PUID_MAX)]
Short = Annotated[str, Meta(max_length=SHORT_MAX)]
Explanation = Annotated[str, Meta(max_length=EXPLANATION_MAX)]
Facts = Annotated[str, Meta(min_length=1, max_length=FACTS_MAX)]
ContentLanguage = Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", max_length=2)]
Ean13 = Annotated[str, Meta(pattern=r"^[0-9]{13}$(?!\n)", max_length=13)]
CODED = ("category", "category_addition", "category_specification")
"""The members whose codes were renamed or removed on 2025-07-01."""


class StatementSubmitted(Payload, frozen=True, kw_only=True):
    """A statement of reasons was submitted, as the DSA Transparency Database takes it."""

    event_type: ClassVar[str] = "StatementSubmitted"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = (KIND,)
    class_version: ClassVar[int] = 2

    puid: Puid
    decision_ground: DecisionGround
    category: StatementCategory
    content_type: Annotated[tuple[ContentType, ...], Meta(min_length=1, max_length=LIST_MAX)]
    content_date: CalendarDate
    application_date: CalendarDate
    decision_facts: Facts
    source_type: SourceType
    automated_detection: YesOrNo
    automated_decision: AutomatedDecision
    decision_visibility: Visibilities | None = None
    decision_visibility_other: Short | None = None
    end_date_visibility_restriction: CalendarDate | None = None
    decision_monetary: DecisionMonetary | None = None
    decision_monetary_other: Short | None = None
    end_date_monetary_restriction: CalendarDate | None = None
    decision_provision: DecisionProvision | None = None
    end_date_service_restriction: CalendarDate | None = None
    decision_account: DecisionAccount | None = None
    end_date_account_restriction: CalendarDate | None = None
    account_type: AccountType | None = None
    decision_ground_reference_url: Short | None = None
    illegal_content_legal_ground: Short | None = None
    illegal_content_explanation: Explanation | None = None
    incompatible_content_ground: Short | None = None
    incompatible_content_explanation: Explanation | None = None
    incompatible_content_illegal: YesOrNo | None = None
    category_addition: Annotated[tuple[StatementCategory, ...], Meta(max_length=LIST_MAX)] | None = None
    category_specification: Annotated[tuple[Keyword, ...], Meta(max_length=LIST_MAX)] | None = None
    category_specification_other: Short | None = None
    content_type_other: Short | None = None
    content_language: ContentLanguage | None = None
    content_id_ean: Ean13 | None = None
    source_identity: Short | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A stream has one statement."""
        return (RuleKey(SUBMISSION),)

    def check(self) -> None:
        """A statement is of a decision."""
        if not (self.decision_visibility or self.decision_monetary or self.decision_provision or self.decision_account):
            raise ValueError(
                "one of decision_visibility, decision_monetary, decision_provision or decision_account is needed"
            )

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Give codes of before 2025-07-01 their names of since; one without successor is kept as an extension."""
        for name in CODED:
            value = state.get(name)
            if isinstance(value, str):
                state[name] = SUCCESSORS.get(value, value)
            elif is_array(value):
                state[name] = [SUCCESSORS.get(code, code) if isinstance(code, str) else code for code in value]


def statement_id(puid: str) -> str:
    """Return the id of the event by which the statement of this puid is submitted: the same in every attempt."""
    return f"{KIND}:{sha256(puid.encode()).hexdigest()}"


def statement_uuid(slug: str, puid: str) -> UUID:
    """Return the UUID of a log's statement: of version 8, made of a SHA-256 (RFC 9562 section 5.8, appendix B.2)."""
    value = int.from_bytes(sha256(f"{slug}\n{puid}".encode()).digest()[:16])
    value = value & ~(0xF << 76) | _UUID_VERSION << 76
    return UUID(int=value & ~(0b11 << 62) | _UUID_VARIANT << 62)


def statement_subject(slug: str, uuid: UUID) -> str:
    """Return the stream of a log's statement."""
    return f"{KIND}:{slug}:{uuid}"


class Statement(State, frozen=True, kw_only=True):
    """State of a statement of reasons: what was submitted, by which event, when."""

    submitted_by: str | None = None
    submitted_at: str | None = None
    statement: StatementSubmitted | None = None


def begin(subject: str) -> Statement:
    """Return the state before any event."""
    return Statement(id=subject)


def apply(state: Statement, fact: Fact) -> Statement:
    """Return the state after one more event."""
    state = msgspec.structs.replace(state, version=state.version + 1)
    match fact.payload:
        case StatementSubmitted() as submitted:
            at = format_instant(fact.time)
            return msgspec.structs.replace(state, submitted_by=fact.id, submitted_at=at, statement=submitted)
        case _:
            return state


def describe(state: Statement, _moment: datetime) -> dict[str, Any]:
    """Return the statement as JSON values: its members beside those that every state has."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    said: dict[str, Any] = item.pop("statement", {})
    return {**said, **item}


STREAM = Stream(
    kind=KIND,
    pattern=rf"^{KIND}:[!-~]+:[!-~]+$",
    events=(StatementSubmitted,),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={SUBMISSION: only_one("a statement", "/data/puid")},
)
