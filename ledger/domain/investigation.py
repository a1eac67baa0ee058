"""Investigations: opened, evidence secured, goods bought, leads referred, findings (domain.md 6.9, 7.9).

A lead is answered by the action that its authority reports; `order_ref` is a † member and in no state.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.domain.codes_public import Authenticity, InvestigationKind
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import (
    NAME_MAX,
    Code,
    Count,
    Identifier,
    ListingId,
    Money,
    Name,
    Payload,
    PersonalPayload,
    Sha256,
    Text,
    TimeClass,
    personal,
)
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

INVESTIGATION = ("investigation",)
Identifiers = Annotated[tuple[Identifier, ...], Meta(max_length=300)]
InvestigationState = Literal["OPEN", "FINDING", "CLOSED"]


class InvestigationOpened(Payload, frozen=True, kw_only=True):
    """An investigation began."""

    event_type: ClassVar[str] = "InvestigationOpened"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    kind: InvestigationKind
    subject_refs: Identifiers | None = None
    partners: Identifiers | None = None
    trigger: Text | None = None


class EvidenceSecured(Payload, frozen=True, kw_only=True):
    """Evidence was kept; the pieces are in `evidence`."""

    event_type: ClassVar[str] = "EvidenceSecured"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION


class TestPurchaseMade(PersonalPayload, frozen=True, kw_only=True):
    """Goods were bought to be looked at."""

    __test__: ClassVar[bool] = False  # pytest takes what is called Test for tests

    event_type: ClassVar[str] = "TestPurchaseMade"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    listing_id: ListingId | None = None
    price: Money | None = None
    authentic: Authenticity | None = None
    order_ref: Annotated[str, personal(NAME_MAX)] | None = None


class LeadReferred(Payload, frozen=True, kw_only=True):
    """Leads were handed to an authority."""

    event_type: ClassVar[str] = "LeadReferred"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    to_authority: Name | None = None
    count: Count | None = None
    content_sha256: Sha256 | None = None


class EnforcementActionReported(Payload, frozen=True, kw_only=True):
    """An authority's action was reported."""

    event_type: ClassVar[str] = "EnforcementActionReported"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    authority: Name | None = None
    suspects: Count | None = None
    premises: Count | None = None
    value: Money | None = None


class FindingRecorded(Payload, frozen=True, kw_only=True):
    """An investigation found something."""

    event_type: ClassVar[str] = "FindingRecorded"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    finding: Text
    confidence: Code | None = None


class InvestigationClosed(Payload, frozen=True, kw_only=True):
    """An investigation ended."""

    event_type: ClassVar[str] = "InvestigationClosed"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = INVESTIGATION

    result: Text


class Purchase(Value, frozen=True, kw_only=True):
    """Goods that were bought."""

    bought_by: str
    bought_at: str
    listing_id: str | None = None
    price: Money | None = None
    authentic: str | None = None


class Lead(Value, frozen=True, kw_only=True):
    """Leads handed to an authority."""

    referred_by: str
    referred_at: str
    to_authority: str | None = None
    count: int | None = None
    content_sha256: str | None = None


class Action(Value, frozen=True, kw_only=True):
    """An action that was reported."""

    reported_by: str
    reported_at: str
    authority: str | None = None
    suspects: int | None = None
    premises: int | None = None
    value: Money | None = None


class Finding(Value, frozen=True, kw_only=True):
    """What was found."""

    found_by: str
    found_at: str
    finding: str
    confidence: str | None = None


class Investigation(State, frozen=True, kw_only=True):
    """State of an investigation."""

    kind: str | None = None
    subject_refs: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None
    trigger: str | None = None
    opened_at: str | None = None
    evidence_ids: tuple[str, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    leads: tuple[Lead, ...] = ()
    actions: tuple[Action, ...] = ()
    findings: tuple[Finding, ...] = ()
    closed_at: str | None = None
    result: str | None = None

    @property
    def state(self) -> InvestigationState:
        """What it is: closed, else with a finding, else open. It may have been opened elsewhere."""
        if self.closed_at is not None:
            return "CLOSED"
        return "FINDING" if self.findings else "OPEN"


def begin(subject: str) -> Investigation:
    """Return the state before any event."""
    return Investigation(id=subject)


def apply(state: Investigation, fact: Fact) -> Investigation:
    """Return the state after one more event."""
    pieces = (piece.evidence_id for piece in fact.payload.evidence or ())
    changed = _changed(state, fact.payload, fact.id, format_instant(fact.time))
    return msgspec.structs.replace(
        changed, version=state.version + 1, evidence_ids=tuple(dict.fromkeys((*state.evidence_ids, *pieces)))
    )


def _changed(state: Investigation, payload: Payload, event_id: str, at: str) -> Investigation:
    match payload:
        case InvestigationOpened(kind=kind, subject_refs=subject_refs, partners=partners, trigger=trigger):
            return msgspec.structs.replace(
                state, kind=kind, subject_refs=subject_refs, partners=partners, trigger=trigger, opened_at=at
            )
        case TestPurchaseMade(listing_id=listing_id, price=price, authentic=authentic):
            purchase = Purchase(
                bought_by=event_id, bought_at=at, listing_id=listing_id, price=price, authentic=authentic
            )
            return msgspec.structs.replace(state, purchases=(*state.purchases, purchase))
        case InvestigationClosed(result=result):
            return msgspec.structs.replace(state, closed_at=at, result=result)
        case _:
            return _pursued(state, payload, event_id, at)


def _pursued(state: Investigation, payload: Payload, event_id: str, at: str) -> Investigation:
    match payload:
        case LeadReferred(to_authority=to_authority, count=count, content_sha256=content_sha256):
            lead = Lead(
                referred_by=event_id,
                referred_at=at,
                to_authority=to_authority,
                count=count,
                content_sha256=content_sha256,
            )
            return msgspec.structs.replace(state, leads=(*state.leads, lead))
        case EnforcementActionReported(authority=authority, suspects=suspects, premises=premises, value=value):
            action = Action(
                reported_by=event_id,
                reported_at=at,
                authority=authority,
                suspects=suspects,
                premises=premises,
                value=value,
            )
            return msgspec.structs.replace(state, actions=(*state.actions, action))
        case FindingRecorded(finding=text, confidence=confidence):
            finding = Finding(found_by=event_id, found_at=at, finding=text, confidence=confidence)
            return msgspec.structs.replace(state, findings=(*state.findings, finding))
        case _:
            return state


def describe(state: Investigation, _moment: datetime) -> dict[str, Any]:
    """Return the investigation as JSON values, with the values of actions summed by currency.

    A lead is ACTION_REPORTED once its authority's action is; a lead that names no authority never is.
    """
    item: dict[str, Any] = msgspec.to_builtins(state)
    reported = {action.authority for action in state.actions}
    item["state"] = state.state
    item["leads"] = [
        {
            **msgspec.to_builtins(lead),
            "state": "ACTION_REPORTED" if lead.to_authority and lead.to_authority in reported else "REFERRED",
        }
        for lead in state.leads
    ]
    values: dict[str, int] = {}
    for action in state.actions:
        if action.value is not None:
            values[action.value.currency] = values.get(action.value.currency, 0) + action.value.amount_minor
    item["values"] = values
    return item


STREAM = Stream(
    kind="investigation",
    pattern=r"^investigation:[!-~]+:[!-~]+$",
    events=(
        InvestigationOpened,
        EvidenceSecured,
        TestPurchaseMade,
        LeadReferred,
        EnforcementActionReported,
        FindingRecorded,
        InvestigationClosed,
    ),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
