"""Bodies: alliances, committees, working groups, task forces, and their meetings (domain.md 6.9, 7.5)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.body_events import (
    BODY,
    ESTABLISHMENT,
    EVENTS,
    BodyAnnounced,
    BodyDissolved,
    BodyEstablished,
    BodyMandateAdopted,
    MeetingHeld,
    MeetingScheduled,
    RecommendationAdopted,
    WorkingGroupFormed,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.local_dates import local_date
from ledger.domain.rules import only_one
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

BodyState = Literal["ANNOUNCED", "ESTABLISHED", "DISSOLVED"]
YEAR_LENGTH = 4


class Mandate(Value, frozen=True, kw_only=True):
    """What a body is for, what it may do, who sits on it, and how often it is to meet."""

    objectives: tuple[str, ...] | None = None
    powers: tuple[str, ...] | None = None
    members: tuple[str, ...] | None = None
    per_year: int | None = None
    adopted_at: str


class WorkingGroup(Value, frozen=True, kw_only=True):
    """A working group that a body formed."""

    industry: str | None = None
    name: str | None = None
    working_group_id: str | None = None
    formed_at: str


class Meeting(Value, frozen=True, kw_only=True):
    """A meeting that was held; `date` is the local one, as far as it is known."""

    meeting_no: int
    meeting: str | None = None
    mode: str | None = None
    date: str
    attendee_count: int | None = None
    attendee_party_ids: tuple[str, ...] | None = None
    attendee_countries: tuple[str, ...] | None = None
    industries: tuple[str, ...] | None = None
    agenda: tuple[str, ...] | None = None
    minutes_sha256: str | None = None
    held_at: str
    held_by: str


class ScheduledMeeting(Value, frozen=True, kw_only=True):
    """A meeting that is to be held, as last scheduled."""

    meeting: str
    start_date: str
    end_date: str
    scheduled_by: str


class Recommendation(Value, frozen=True, kw_only=True):
    """What a body recommended."""

    ref: str
    text_sha256: str | None = None
    addressee: str | None = None
    due: str | None = None
    adopted_at: str
    adopted_by: str


class Body(State, frozen=True, kw_only=True):
    """State of a body. `state` is None while it is known only by what it does; `scheduled` is by meeting."""

    state: BodyState | None = None
    kind: str | None = None
    name: str | None = None
    parent_body_id: str | None = None
    intended_members: tuple[str, ...] | None = None
    mandate_source: str | None = None
    instrument_id: str | None = None
    host: str | None = None
    mandate: Mandate | None = None
    working_groups: tuple[WorkingGroup, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    scheduled: Mapping[str, ScheduledMeeting] = msgspec.field(default_factory=dict[str, ScheduledMeeting])
    recommendations: tuple[Recommendation, ...] = ()
    announced_at: str | None = None
    established_at: str | None = None
    dissolved_at: str | None = None


def begin(subject: str) -> Body:
    """Return the state before any event."""
    return Body(id=subject)


def apply(state: Body, fact: Fact) -> Body:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Body, fact: Fact) -> Body:
    at = format_instant(fact.time)
    match fact.payload:
        case BodyAnnounced() as announced:
            return _announced(state, announced, at)
        case BodyEstablished() as established:
            return _established(state, established, at)
        case BodyMandateAdopted() as adopted:
            return msgspec.structs.replace(state, mandate=_mandate(adopted, at))
        case BodyDissolved():
            return msgspec.structs.replace(state, state="DISSOLVED", dissolved_at=at)
        case WorkingGroupFormed(industry=industry, name=name, working_group_id=working_group_id):
            group = WorkingGroup(industry=industry, name=name, working_group_id=working_group_id, formed_at=at)
            return msgspec.structs.replace(state, working_groups=(*state.working_groups, group))
        case MeetingScheduled(meeting=meeting, start_date=start_date, end_date=end_date):
            planned = ScheduledMeeting(meeting=meeting, start_date=start_date, end_date=end_date, scheduled_by=fact.id)
            return msgspec.structs.replace(state, scheduled={**state.scheduled, meeting: planned})
        case MeetingHeld() as held:
            return msgspec.structs.replace(state, meetings=(*state.meetings, _meeting(held, fact, at)))
        case RecommendationAdopted(ref=ref, text_sha256=text_sha256, addressee=addressee, due=due):
            recommendation = Recommendation(
                ref=ref, text_sha256=text_sha256, addressee=addressee, due=due, adopted_at=at, adopted_by=fact.id
            )
            return msgspec.structs.replace(state, recommendations=(*state.recommendations, recommendation))
        case _:
            return state


def _announced(state: Body, announced: BodyAnnounced, at: str) -> Body:
    """Take an announcement in: it says what the body will be, unless the body is there and says itself."""
    return msgspec.structs.replace(
        state,
        state=state.state or "ANNOUNCED",
        kind=announced.kind if state.established_at is None else state.kind,
        name=(state.name if state.established_at is not None else None) or announced.name or state.name,
        parent_body_id=announced.parent_body_id or state.parent_body_id,
        intended_members=announced.intended_members,
        mandate_source=announced.mandate_source,
        announced_at=at,
    )


def _established(state: Body, established: BodyEstablished, at: str) -> Body:
    # What was established in some month is certain only at its end, when it may be dissolved again.
    dissolved = state.dissolved_at is not None and at <= state.dissolved_at
    return msgspec.structs.replace(
        state,
        state="DISSOLVED" if dissolved else "ESTABLISHED",
        kind=established.kind,
        name=established.name or state.name,
        parent_body_id=established.parent_body_id or state.parent_body_id,
        instrument_id=established.instrument_id,
        host=established.host,
        established_at=at,
        dissolved_at=state.dissolved_at if dissolved else None,
    )


def _mandate(adopted: BodyMandateAdopted, at: str) -> Mandate:
    return Mandate(
        objectives=adopted.objectives,
        powers=adopted.powers,
        members=adopted.members,
        per_year=None if adopted.cadence is None else adopted.cadence.per_year,
        adopted_at=at,
    )


def _meeting(held: MeetingHeld, fact: Fact, at: str) -> Meeting:
    return Meeting(
        meeting_no=held.meeting_no,
        meeting=held.meeting,
        mode=held.mode,
        date=local_date(fact),
        attendee_count=held.attendee_count,
        attendee_party_ids=held.attendee_party_ids,
        attendee_countries=held.attendee_countries,
        industries=held.industries,
        agenda=held.agenda,
        minutes_sha256=held.minutes_sha256,
        held_at=at,
        held_by=fact.id,
    )


def describe(state: Body, _moment: datetime) -> dict[str, Any]:
    """Return the body as JSON values, with how often it met in each local year; time alone changes nothing of it."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["state"] = state.state
    item["meetings"] = msgspec.to_builtins(state.meetings)
    item["meetings_per_year"] = dict(sorted(Counter(held.date[:YEAR_LENGTH] for held in state.meetings).items()))
    item["scheduled"] = [msgspec.to_builtins(planned) for _, planned in sorted(state.scheduled.items())]
    return item


STREAM = Stream(
    kind=BODY[0],
    pattern=r"^body:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={ESTABLISHMENT: only_one("the body's establishment", "/type")},
)
