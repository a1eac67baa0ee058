"""Programmes: announced, started, what they do and report, ended (domain.md 7.5)."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta

from ledger.domain.codes_party import ProgrammeActivity
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import (
    Code,
    Count,
    Countries,
    DateOrInstant,
    Decimal,
    Money,
    Name,
    Payload,
    Text,
    TimeClass,
)
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

PROGRAMME = ("programme",)
Names = Annotated[tuple[Name, ...], Meta(max_length=500)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=200)]
TERMS = ("name", "owner", "partners", "objectives", "countries", "cost_to_participant", "funding", "funder")


class ProgrammeTerms(Payload, frozen=True, kw_only=True):
    """Base of what says who runs a programme, with whom, what for and at whose cost."""

    name: Name | None = None
    owner: Name | None = None
    partners: Names | None = None
    objectives: Texts | None = None
    countries: Countries | None = None
    cost_to_participant: Money | None = None
    funding: Money | None = None
    funder: Name | None = None


class ProgrammeAnnounced(ProgrammeTerms, frozen=True, kw_only=True):
    """Somebody said that there will be a programme. It has not started by that (domain.md D18)."""

    event_type: ClassVar[str] = "ProgrammeAnnounced"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = PROGRAMME


class ProgrammeStarted(ProgrammeTerms, frozen=True, kw_only=True):
    """A programme runs."""

    event_type: ClassVar[str] = "ProgrammeStarted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PROGRAMME


class ProgrammeActivityHeld(Payload, frozen=True, kw_only=True):
    """A programme did something on a day."""

    event_type: ClassVar[str] = "ProgrammeActivityHeld"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = PROGRAMME

    kind: ProgrammeActivity
    date: DateOrInstant
    place: Name | None = None
    participants: Count | None = None


class ProgrammeMetricReported(Payload, frozen=True, kw_only=True):
    """Somebody reported a figure of a programme: what it was at the reference time."""

    event_type: ClassVar[str] = "ProgrammeMetricReported"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = PROGRAMME

    metric: Code
    value: Decimal
    reference_time: DateOrInstant
    unit: Code | None = None
    method: Text | None = None
    source: Text | None = None


class ProgrammeEnded(Payload, frozen=True, kw_only=True):
    """A programme runs no longer."""

    event_type: ClassVar[str] = "ProgrammeEnded"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = PROGRAMME

    reason: Text | None = None


class Activity(Value, frozen=True, kw_only=True):
    """What a programme did."""

    kind: str
    date: str
    place: str | None = None
    participants: int | None = None
    held_by: str


class Metric(Value, frozen=True, kw_only=True):
    """A figure that was reported."""

    metric: str
    value: str
    unit: str | None = None
    reference_time: str
    method: str | None = None
    source: str | None = None
    reported_at: str
    reported_by: str


class Programme(State, frozen=True, kw_only=True):
    """State of a programme. `state` is None while it is known only by what it does."""

    state: Literal["ANNOUNCED", "STARTED", "ENDED"] | None = None
    name: str | None = None
    owner: str | None = None
    partners: tuple[str, ...] | None = None
    objectives: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    cost_to_participant: Money | None = None
    funding: Money | None = None
    funder: str | None = None
    activities: tuple[Activity, ...] = ()
    metrics: tuple[Metric, ...] = ()
    announced_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    end_reason: str | None = None


def begin(subject: str) -> Programme:
    """Return the state before any event."""
    return Programme(id=subject)


def apply(state: Programme, fact: Fact) -> Programme:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Programme, fact: Fact) -> Programme:
    at = format_instant(fact.time)
    match fact.payload:
        case ProgrammeAnnounced() as announced:
            return _announced(state, announced, at)
        case ProgrammeStarted() as started:
            return _started(state, started, at)
        case ProgrammeActivityHeld(kind=kind, date=date, place=place, participants=participants):
            activity = Activity(kind=kind, date=date, place=place, participants=participants, held_by=fact.id)
            return msgspec.structs.replace(state, activities=(*state.activities, activity))
        case ProgrammeMetricReported() as reported:
            return msgspec.structs.replace(state, metrics=(*state.metrics, _metric(reported, fact.id, at)))
        case ProgrammeEnded(reason=reason):
            return msgspec.structs.replace(state, state="ENDED", ended_at=at, end_reason=reason)
        case _:
            return state


def _announced(state: Programme, announced: ProgrammeAnnounced, at: str) -> Programme:
    """Take an announcement in. Of a programme that has started it adds what the start left out."""
    terms: dict[str, Any] = {}
    for name in TERMS:
        said, had = getattr(announced, name), getattr(state, name)
        first, second = (said, had) if state.started_at is None else (had, said)
        terms[name] = second if first is None else first
    return msgspec.structs.replace(state, state=state.state or "ANNOUNCED", announced_at=at, **terms)


def _started(state: Programme, started: ProgrammeStarted, at: str) -> Programme:
    # What started in some month is certain only at its end, when it may have ended.
    ended = state.ended_at is not None and state.started_at is None and at <= state.ended_at
    terms = {name: said for name in TERMS if (said := getattr(started, name)) is not None}
    return msgspec.structs.replace(
        state,
        state="ENDED" if ended else "STARTED",
        started_at=at,
        ended_at=state.ended_at if ended else None,
        end_reason=state.end_reason if ended else None,
        **terms,
    )


def _metric(reported: ProgrammeMetricReported, event_id: str, at: str) -> Metric:
    return Metric(
        metric=reported.metric,
        value=reported.value,
        unit=reported.unit,
        reference_time=reported.reference_time,
        method=reported.method,
        source=reported.source,
        reported_at=at,
        reported_by=event_id,
    )


def describe(state: Programme, _moment: datetime) -> dict[str, Any]:
    """Return the programme as JSON values; `participants` adds up those that its activities state, null if none do."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    stated = [activity.participants for activity in state.activities if activity.participants is not None]
    item["state"] = state.state
    item["activities"] = msgspec.to_builtins(state.activities)
    item["metrics"] = msgspec.to_builtins(state.metrics)
    item["participants"] = sum(stated) if stated else None
    return item


STREAM = Stream(
    kind=PROGRAMME[0],
    pattern=r"^programme:[!-~]+$",
    events=(ProgrammeAnnounced, ProgrammeStarted, ProgrammeActivityHeld, ProgrammeMetricReported, ProgrammeEnded),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
