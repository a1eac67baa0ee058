"""Appeals: internal complaints against a decision (DSA article 20): filed, decided, withdrawn (domain.md 6.9, 7.7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.domain.codes_party import AppealResult
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import (
    TEXT_MAX,
    EventId,
    Identifier,
    PartyId,
    Payload,
    PersonalPayload,
    RuleKey,
    SellerId,
    Text,
    TimeClass,
    personal,
)
from ledger.domain.rules import IMPOSSIBLE, Breach
from ledger.domain.stream import State, Stream

APPEAL = ("appeal",)
FILING = "filing"
Statements = Text | Annotated[tuple[Text, ...], Meta(max_length=50)]
"""One statement, or several."""


class AppealFiled(PersonalPayload, frozen=True, kw_only=True):
    """Somebody contests a decision: the event `target_event_id`, wherever it is recorded."""

    event_type: ClassVar[str] = "AppealFiled"
    time_class: ClassVar[TimeClass] = TimeClass.RECEIPT
    streams: ClassVar[tuple[str, ...]] = APPEAL

    target_event_id: EventId
    appellant_seller_id: SellerId | None = None
    notifier_party_id: PartyId | None = None
    grounds: Statements | None = None
    text: Annotated[str, personal(TEXT_MAX)] | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """No decision comes before the filing."""
        return (RuleKey(FILING),)


class AppealDecided(Payload, frozen=True, kw_only=True):
    """An appeal was decided."""

    event_type: ClassVar[str] = "AppealDecided"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = APPEAL

    result: AppealResult
    decided_by: Identifier | None = None
    human_review: bool | None = None
    reasons: Statements | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """No decision comes before the filing."""
        return (RuleKey(FILING),)


class AppealWithdrawn(Payload, frozen=True, kw_only=True):
    """Who contested a decision no longer does."""

    event_type: ClassVar[str] = "AppealWithdrawn"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = APPEAL

    reason: Text | None = None


class Appeal(State, frozen=True, kw_only=True):
    """State of an appeal. Instants are the earliest at which the thing may have happened."""

    platform: str
    state: Literal["FILED", "DECIDED", "WITHDRAWN"] | None = None
    target_event_id: str | None = None
    appellant_seller_id: str | None = None
    notifier_party_id: str | None = None
    grounds: str | tuple[str, ...] | None = None
    result: str | None = None
    decided_by: str | None = None
    human_review: bool | None = None
    reasons: str | tuple[str, ...] | None = None
    withdrawn_reason: str | None = None
    filed_at: str | None = None
    filed_by: str | None = None
    decided_at: str | None = None
    decided_in: str | None = None
    withdrawn_at: str | None = None


def begin(subject: str) -> Appeal:
    """Return the state before any event."""
    return Appeal(id=subject, platform=subject.partition(":")[2].partition(":")[0])


def apply(state: Appeal, fact: Fact) -> Appeal:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Appeal, fact: Fact) -> Appeal:
    at = format_instant(fact.time)
    match fact.payload:
        case AppealFiled() as filed:
            # A filing of a day is certain only at midnight, when what came of it may be known already.
            return msgspec.structs.replace(
                state,
                state=state.state or "FILED",
                target_event_id=filed.target_event_id,
                appellant_seller_id=filed.appellant_seller_id,
                notifier_party_id=filed.notifier_party_id,
                grounds=filed.grounds,
                filed_at=at,
                filed_by=fact.id,
            )
        case AppealDecided() as decided:
            return msgspec.structs.replace(
                state,
                state="DECIDED",
                result=decided.result,
                decided_by=decided.decided_by,
                human_review=decided.human_review,
                reasons=decided.reasons,
                decided_at=at,
                decided_in=fact.id,
            )
        case AppealWithdrawn(reason=reason):
            after = state.state if state.state == "DECIDED" else "WITHDRAWN"
            return msgspec.structs.replace(state, state=after, withdrawn_reason=reason, withdrawn_at=at)
        case _:
            return state


def describe(state: Appeal, _moment: datetime) -> dict[str, Any]:
    """Return the appeal as JSON values; nothing of it changes by time alone."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["state"] = state.state
    item["result"] = state.result
    return item


def judge_filing(facts: Sequence[Fact]) -> Breach | None:
    """Judge what was decided: never before it was filed. A second decision is accepted; the last one counts."""
    filings = [fact for fact in facts if isinstance(fact.payload, AppealFiled)]
    for fact in facts:
        if isinstance(fact.payload, AppealDecided) and filings and all(fact.latest < one.time for one in filings):
            return Breach(IMPOSSIBLE, "/time", f"the appeal is filed only later, by event {filings[0].id}", fact.id)
    return None


STREAM = Stream(
    kind=APPEAL[0],
    pattern=r"^appeal:[!-~]+:[!-~]+$",
    events=(AppealFiled, AppealDecided, AppealWithdrawn),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={FILING: judge_filing},
)
