"""A subject's events in the order in which they count, as known at a moment, and what became of their record.

Pure. Corrections and voids are no events of a timeline: they stand with what they changed.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct

from ledger.domain.catalogue import read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Fact, known
from ledger.domain.instants import format_instant
from ledger.domain.payload import TimeClass
from projections.inquiry import Known


class Record(Struct, frozen=True, kw_only=True):
    """An event as it was known last, the corrections that made it so, in recorded order, and the void, if any."""

    fact: Fact
    corrected_by: tuple[str, ...]
    voided_by: str | None


def records_of(stream: Known, *, voided: bool = False) -> list[Record]:
    """Return the events of a stream that had happened, by (when, position); of those `voided`, too, if asked."""
    histories: dict[str, list[Fact]] = {}
    voids: dict[str, str] = {}
    for fact in stream.recorded:
        match fact.payload:
            case EventVoided(target_event_id=target):
                voids[target] = fact.id
            case EventCorrected(target_event_id=target):
                histories.get(target, []).append(fact)
            case _:
                histories[fact.id] = [fact]
    records = [_record(history, voids) for history in histories.values()]
    limit = stream.moment.as_of
    shown = [one for one in records if stream.when(one.fact) <= limit and (voided or one.voided_by is None)]
    return sorted(shown, key=lambda one: (stream.when(one.fact), one.fact.position))


def _record(history: Sequence[Fact], voids: Mapping[str, str]) -> Record:
    (fact,) = known(history, read_payload)
    corrections = tuple(correction.id for correction in history[1:])
    return Record(fact=fact, corrected_by=corrections, voided_by=voids.get(fact.id))


def describe(stream: Known, record: Record, flags: Sequence[Any]) -> dict[str, Any]:
    """Return a record as JSON values. `at` is when it counts; `lateness`, in ISO 8601, how long it took to record."""
    fact = record.fact
    lateness = lateness_of(fact)
    return {
        "log": stream.log.slug,
        "subject": stream.subject,
        "id": fact.id,
        "type": fact.type,
        "at": format_instant(stream.when(fact)),
        "time": format_instant(fact.time),
        "timelatest": format_instant(fact.latest),
        "timeprecision": fact.precision,
        "timezone": fact.timezone,
        "recordedtime": format_instant(fact.recordedtime),
        "sourcetime": None if fact.sourcetime is None else format_instant(fact.sourcetime),
        "lateness": None if lateness is None else msgspec.to_builtins(lateness),
        "position": fact.position,
        "version": fact.originator_version,
        "corrected_by": record.corrected_by,
        "voided_by": record.voided_by,
        "flags": flags,
    }


def lateness_of(fact: Fact) -> timedelta | None:
    """Return `recordedtime - time` (domain.md 2.2); None for the ledger's own events, which take effect as recorded."""
    return None if fact.payload.time_class is TimeClass.LEDGER else fact.recordedtime - fact.time
