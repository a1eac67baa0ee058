"""Streams about the use of a ledger: data subjects and audits, and the holds that they share (domain.md 4, 7.10).

Instants are those of the ledger's clock. Of what may happen without end (accesses, replays, exports) a state
keeps the count and the last: the events themselves are the record.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.audit_events import (
    AUDIT_EVENTS,
    SUBJECT_EVENTS,
    AuditFindingRecorded,
    ErasureDeferred,
    ErasureExecuted,
    ErasureRequested,
    ExportProduced,
    LegalHoldPlaced,
    LegalHoldReleased,
    RecordsAccessed,
    ReplayExecuted,
)
from ledger.domain.bounds import has_come
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

ErasureStatus = Literal["REQUESTED", "DEFERRED", "DUE", "ERASED"]


class Hold(Value, frozen=True, kw_only=True):
    """A legal hold; `over_at` is the first instant at which `until` has passed."""

    placed_by: str
    placed_at: str
    scope: str | tuple[str, ...] | None = None
    authority: str | None = None
    until: str | None = None
    over_at: str | None = None
    released_by: str | None = None
    released_at: str | None = None

    def in_force(self, moment: datetime) -> bool:
        """Tell whether it holds at `moment`."""
        return self.released_by is None and not has_come(self.over_at, moment)


class Held(State, frozen=True, kw_only=True):
    """State of what may be under legal holds."""

    holds: tuple[Hold, ...] = ()


class Request(Value, frozen=True, kw_only=True):
    """A request for erasure."""

    requested_by: str
    recorded_at: str
    request_ref: str
    received_at: str


class Deferral(Value, frozen=True, kw_only=True):
    """An erasure put off; `over_at` is the first instant at which `until` has passed."""

    deferred_by: str
    deferred_at: str
    until: str
    over_at: str | None = None
    ground: str | None = None
    restricted: bool | None = None
    request_ref: str | None = None


class Erasure(Value, frozen=True, kw_only=True):
    """A key that was destroyed."""

    executed_by: str
    executed_at: str
    key_id: str
    backups_expire_on: str
    basis: str | None = None
    fields_count: int | None = None
    request_ref: str | None = None


class Subject(Held, frozen=True, kw_only=True):
    """State of a data subject: holds, requests and what came of them."""

    requests: tuple[Request, ...] = ()
    deferrals: tuple[Deferral, ...] = ()
    erasures: tuple[Erasure, ...] = ()


class Finding(Value, frozen=True, kw_only=True):
    """What an auditor found."""

    found_by: str
    found_at: str
    finding_id: str | None = None
    finding: str | None = None
    severity: str | None = None
    confidence: str | None = None
    subject_refs: tuple[str, ...] | None = None
    event_ids: tuple[str, ...] | None = None
    recommendation: str | None = None
    due: str | None = None


class Audit(State, frozen=True, kw_only=True):
    """State of an audit: what was read, worked out and taken away in it, and what it found."""

    accesses: int = 0
    rows: int = 0
    pii_unmasked: int = 0
    last_access_at: str | None = None
    replays: int = 0
    last_replay_at: str | None = None
    exports: int = 0
    last_export_at: str | None = None
    findings: tuple[Finding, ...] = ()


def begin_subject(subject: str) -> Subject:
    """Return the state before any event."""
    return Subject(id=subject)


def begin_audit(subject: str) -> Audit:
    """Return the state before any event."""
    return Audit(id=subject)


def apply_subject(state: Subject, fact: Fact) -> Subject:
    """Return the state after one more event."""
    state = msgspec.structs.replace(state, version=state.version + 1, holds=held_after(state.holds, fact))
    at = format_instant(fact.recordedtime)
    match fact.payload:
        case ErasureRequested(request_ref=request_ref, received_at=received_at):
            request = Request(requested_by=fact.id, recorded_at=at, request_ref=request_ref, received_at=received_at)
            return msgspec.structs.replace(state, requests=(*state.requests, request))
        case ErasureDeferred() as deferred:
            deferral = Deferral(
                deferred_by=fact.id,
                deferred_at=at,
                until=deferred.until,
                over_at=passed_from(deferred.until, fact.timezone),
                ground=deferred.ground,
                restricted=deferred.restricted,
                request_ref=deferred.request_ref,
            )
            return msgspec.structs.replace(state, deferrals=(*state.deferrals, deferral))
        case ErasureExecuted() as executed:
            return msgspec.structs.replace(state, erasures=(*state.erasures, _erasure(executed, fact.id, at)))
        case _:
            return state


def _erasure(executed: ErasureExecuted, event_id: str, at: str) -> Erasure:
    return Erasure(
        executed_by=event_id,
        executed_at=at,
        key_id=executed.key_id,
        backups_expire_on=executed.backups_expire_on,
        basis=executed.basis,
        fields_count=executed.fields_count,
        request_ref=executed.request_ref,
    )


def held_after(holds: tuple[Hold, ...], fact: Fact) -> tuple[Hold, ...]:
    """Return the holds after one more event of their stream."""
    at = format_instant(fact.recordedtime)
    match fact.payload:
        case LegalHoldPlaced(scope=scope, authority=authority, until=until):
            hold = Hold(
                placed_by=fact.id,
                placed_at=at,
                scope=scope,
                authority=authority,
                until=until,
                over_at=passed_from(until, fact.timezone),
            )
            return (*holds, hold)
        case LegalHoldReleased(scope=scope):
            return tuple(
                msgspec.structs.replace(hold, released_by=fact.id, released_at=at)
                if hold.released_by is None and scope in (None, hold.scope)
                else hold
                for hold in holds
            )
        case _:
            return holds


def apply_audit(state: Audit, fact: Fact) -> Audit:
    """Return the state after one more event."""
    version = state.version + 1
    at = format_instant(fact.recordedtime)
    match fact.payload:
        case RecordsAccessed(rows=rows, pii_unmasked=pii_unmasked):
            return msgspec.structs.replace(
                state,
                version=version,
                accesses=state.accesses + 1,
                rows=state.rows + (rows or 0),
                pii_unmasked=state.pii_unmasked + (pii_unmasked or 0),
                last_access_at=at,
            )
        case ReplayExecuted():
            return msgspec.structs.replace(state, version=version, replays=state.replays + 1, last_replay_at=at)
        case ExportProduced():
            return msgspec.structs.replace(state, version=version, exports=state.exports + 1, last_export_at=at)
        case AuditFindingRecorded() as recorded:
            finding = _finding(recorded, fact.id, at)
            return msgspec.structs.replace(state, version=version, findings=(*state.findings, finding))
        case _:
            return msgspec.structs.replace(state, version=version)


def _finding(recorded: AuditFindingRecorded, event_id: str, at: str) -> Finding:
    return Finding(
        found_by=event_id,
        found_at=at,
        finding_id=recorded.finding_id,
        finding=recorded.finding,
        severity=recorded.severity,
        confidence=recorded.confidence,
        subject_refs=recorded.subject_refs,
        event_ids=recorded.event_ids,
        recommendation=recorded.recommendation,
        due=recorded.due,
    )


def is_held(state: Held, moment: datetime) -> bool:
    """Tell whether a hold is in force at `moment`."""
    return any(hold.in_force(moment) for hold in state.holds)


def erasure_status(state: Subject, moment: datetime) -> ErasureStatus | None:
    """Return what became of the erasure of a subject at `moment`; None while nobody asked for it.

    Of what came last: a request that is not answered is REQUESTED, one put off is DEFERRED, and DUE once that time
    has passed. What is erased stays so.
    """
    if state.erasures:
        return "ERASED"
    last_asked = state.requests[-1].recorded_at if state.requests else ""
    if state.deferrals and state.deferrals[-1].deferred_at >= last_asked:
        return "DUE" if has_come(state.deferrals[-1].over_at, moment) else "DEFERRED"
    return "REQUESTED" if state.requests else None


def is_restricted(state: Subject, moment: datetime) -> bool:
    """Tell whether the data of a subject is kept from use: its erasure is deferred, and its use restricted until then.

    Whoever may unmask otherwise reads `[MASKED]` of it meanwhile.
    """
    return erasure_status(state, moment) == "DEFERRED" and state.deferrals[-1].restricted is True


def describe_subject(state: Subject, moment: datetime) -> dict[str, Any]:
    """Return the data subject at `moment` as JSON values; nothing in it is personal data."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["status"] = erasure_status(state, moment)
    item["restricted"] = is_restricted(state, moment)
    item["held"] = is_held(state, moment)
    item["holds"] = describe_holds(state.holds, moment)
    return item


def describe_holds(holds: tuple[Hold, ...], moment: datetime) -> list[dict[str, Any]]:
    """Return holds at `moment` as JSON values."""
    return [{**msgspec.to_builtins(hold), "in_force": hold.in_force(moment)} for hold in holds]


def describe_audit(state: Audit, _moment: datetime) -> dict[str, Any]:
    """Return the audit as JSON values; nothing of it changes by time alone."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    counts = ("accesses", "rows", "pii_unmasked", "replays", "exports")
    return {**item, **{name: getattr(state, name) for name in counts}}


def subject_expiries(state: Subject) -> list[datetime]:
    """Return when holds run out, and deferrals."""
    of_deferrals = (deferral.over_at for deferral in state.deferrals)
    return [*hold_expiries(state), *(parse_instant(instant) for instant in of_deferrals if instant is not None)]


def hold_expiries(state: Held) -> list[datetime]:
    """Return when holds run out by themselves."""
    return [
        parse_instant(hold.over_at) for hold in state.holds if hold.over_at is not None and hold.released_by is None
    ]


SUBJECT_STREAM = Stream(
    kind="subject",
    pattern=r"^subject:[!-~]+$",
    events=SUBJECT_EVENTS,
    begin=begin_subject,
    apply=apply_subject,
    describe=describe_subject,
    expiries=subject_expiries,
    rules={},
)
AUDIT_STREAM = Stream(
    kind="audit",
    pattern=r"^audit:[!-~]+$",
    events=AUDIT_EVENTS,
    begin=begin_audit,
    apply=apply_audit,
    describe=describe_audit,
    rules={},
)
