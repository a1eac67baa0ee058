"""What happens to a body: announced, established, given a mandate; meetings, recommendations (domain.md 7.5)."""

from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_party import BodyKind, Industry, MeetingMode
from ledger.domain.payload import (
    Block,
    CalendarDate,
    Count,
    Countries,
    DateOrInstant,
    ItemNumber,
    Name,
    PartyId,
    Payload,
    RuleKey,
    Sha256,
    StreamReference,
    Text,
    TimeClass,
    reference,
)

BODY = ("body",)
ESTABLISHMENT = "establishment"
BodyId = Annotated[str, reference("body")]
Names = Annotated[tuple[Name, ...], Meta(max_length=500)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=200)]


class Cadence(Block, frozen=True, kw_only=True):
    """How often a body is to meet."""

    per_year: Annotated[int, Meta(ge=1, le=366)]


class BodyAnnounced(Payload, frozen=True, kw_only=True):
    """Somebody said that there will be a body. It is not established by that (domain.md D18)."""

    event_type: ClassVar[str] = "BodyAnnounced"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    kind: BodyKind
    name: Name | None = None
    parent_body_id: BodyId | None = None
    intended_members: Names | None = None
    mandate_source: Text | None = None


class BodyEstablished(Payload, frozen=True, kw_only=True):
    """A body exists."""

    event_type: ClassVar[str] = "BodyEstablished"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    kind: BodyKind
    name: Name | None = None
    parent_body_id: BodyId | None = None
    instrument_id: StreamReference | None = None
    host: Name | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A body is established once."""
        return (RuleKey(ESTABLISHMENT),)


class BodyMandateAdopted(Payload, frozen=True, kw_only=True):
    """What a body is for, what it may do, and who sits on it; it replaces the mandate before."""

    event_type: ClassVar[str] = "BodyMandateAdopted"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    objectives: Texts | None = None
    powers: Texts | None = None
    cadence: Cadence | None = None
    members: Names | None = None


class WorkingGroupFormed(Payload, frozen=True, kw_only=True):
    """A body formed a working group; `working_group_id` is where the group has a stream of its own."""

    event_type: ClassVar[str] = "WorkingGroupFormed"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    industry: Industry | None = None
    name: Name | None = None
    working_group_id: BodyId | None = None


class BodyDissolved(Payload, frozen=True, kw_only=True):
    """A body is no more."""

    event_type: ClassVar[str] = "BodyDissolved"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    reason: Text | None = None


class MeetingScheduled(Payload, frozen=True, kw_only=True):
    """A meeting is to be held; scheduling it again moves it. It is not held by that."""

    event_type: ClassVar[str] = "MeetingScheduled"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = BODY

    meeting: Name
    start_date: CalendarDate
    end_date: CalendarDate


class MeetingHeld(Payload, frozen=True, kw_only=True):
    """A body met; `meeting` is the name under which the meeting was scheduled."""

    event_type: ClassVar[str] = "MeetingHeld"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = BODY

    meeting_no: ItemNumber
    meeting: Name | None = None
    mode: MeetingMode | None = None
    attendee_count: Count | None = None
    attendee_party_ids: Annotated[tuple[PartyId, ...], Meta(max_length=500)] | None = None
    attendee_countries: Countries | None = None
    industries: Annotated[tuple[Industry, ...], Meta(max_length=100)] | None = None
    agenda: Texts | None = None
    minutes_sha256: Sha256 | None = None


class RecommendationAdopted(Payload, frozen=True, kw_only=True):
    """A body recommended something to somebody."""

    event_type: ClassVar[str] = "RecommendationAdopted"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = BODY

    ref: Name
    text_sha256: Sha256 | None = None
    addressee: Name | None = None
    due: DateOrInstant | None = None


EVENTS = (
    BodyAnnounced,
    BodyEstablished,
    BodyMandateAdopted,
    WorkingGroupFormed,
    BodyDissolved,
    MeetingScheduled,
    MeetingHeld,
    RecommendationAdopted,
)
