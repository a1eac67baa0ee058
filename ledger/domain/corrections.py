"""EventCorrected and EventVoided: how what was known changes (domain.md 2.4, 7.10).

A correction says the record was wrong; a reversal is a new fact and has events of its own.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from ledger.domain.codes import CorrectionReason
from ledger.domain.instants import Precision
from ledger.domain.payload import Block, EventId, Identifier, Payload, Text, TimeClass

ANY_STREAM = ("*",)
Moment = Annotated[datetime, Meta(tz=True)]


class CorrectionSet(Block, frozen=True, kw_only=True):
    """What a correction sets: envelope attributes, and `data` as a JSON Merge Patch (RFC 7396)."""

    time: Moment | UnsetType = UNSET
    timelatest: Moment | UnsetType | None = UNSET
    timeprecision: Precision | UnsetType = UNSET
    timezone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    data: dict[str, Any] | UnsetType = UNSET


class EventCorrected(Payload, frozen=True, kw_only=True):
    """An earlier event of the same stream was recorded wrongly; from here on it is known as corrected."""

    event_type: ClassVar[str] = "EventCorrected"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = ANY_STREAM
    stands_alone: ClassVar[bool] = False

    target_event_id: EventId
    set: CorrectionSet
    reason_code: CorrectionReason
    source: Text | None = None
    approved_by: Identifier | None = None


class EventVoided(Payload, frozen=True, kw_only=True):
    """An earlier event of the same stream should never have been recorded; from here on it is not known."""

    event_type: ClassVar[str] = "EventVoided"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = ANY_STREAM
    stands_alone: ClassVar[bool] = False

    target_event_id: EventId
    reason_code: CorrectionReason
    source: Text | None = None
    approved_by: Identifier | None = None


EVENTS = (EventCorrected, EventVoided)
TYPES = frozenset(event.event_type for event in EVENTS)
"""The types of event that change what is known of others."""
