"""A recorded event as the domain sees it, what was known of it at a moment, and when it counts.

This is domain.md 2.3 and 2.4: corrections and voids change what is known, never what was recorded.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct, field

from ledger.domain import corrections
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.instants import Precision, end_of_period
from ledger.domain.json_values import is_object
from ledger.domain.payload import Payload, TimeClass

Certainty = Literal["CERTAIN", "POSSIBLE"]
Basis = Literal["LEDGER", "SOURCE"]
Decode = Callable[[str, int, bytes | Raw], Payload]
"""Reads (event type, version of its shape, JSON of its data) as the newest payload; ValueError when it is none."""
_OF_THE_LEDGER = TimeClass.LEDGER  # looked up once: of an enum, a function does it each time
UNREAD = Payload()
"""What stands in a fact until its payload is read."""
SCHEMAS_MAX = 1_024
"""Schemas that are kept: several times as many as there are."""
_type = attrgetter("type")


@lru_cache(maxsize=SCHEMAS_MAX)
def schema_version(dataschema: str) -> int:
    """Return the version in `/schemas/<type>/<version>`."""
    return int(dataschema.rpartition("/")[2])


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """One event of a stream: what the domain asks of its entry, in the order in which it stands there, and the payload.

    `originator_id` is the subject and `originator_version` its place in the stream: the names are those of the
    `eventsourcing` library's DomainEventProtocol. `timelatest` is as sent, or None.
    """

    data: Raw
    """The data's JSON as recorded, in the version it was recorded in."""
    dataschema: str
    id: str
    recordedtime: datetime
    sequence: str
    """The position in twenty digits: in the same order."""
    sourcetime: datetime | None = None
    originator_version: int = field(name="streamversion")
    originator_id: str = field(name="subject")
    time: datetime
    timelatest: datetime | None = None
    precision: Precision = field(name="timeprecision")
    timezone: str
    type: str
    payload: Payload = UNREAD

    @property
    def position(self) -> int:
        """Its place in the log."""
        return int(self.sequence)

    @property
    def schema_version(self) -> int:
        """The version of the shape in which its data was recorded."""
        return schema_version(self.dataschema)

    @property
    def latest(self) -> datetime:
        """The last instant at which the fact may have taken effect: as sent, or its default (contract 1)."""
        if self.timelatest is not None:
            return self.timelatest
        if self.precision == "INSTANT":
            return self.time
        if self.precision == "DAY" and self.payload.time_class is TimeClass.LEGAL_EFFECT:
            return self.time
        return end_of_period(self.time, self.precision, self.timezone)

    def clock(self, basis: Basis) -> datetime:
        """When it became known: by the ledger's clock, or by what the source says of its own."""
        if basis == "SOURCE" and self.sourcetime is not None:
            return self.sourcetime
        return self.recordedtime

    def when(self, certainty: Certainty, basis: Basis = "LEDGER") -> datetime:
        """From when it counts. Beginnings certainly count from their last instant, ends possibly from theirs."""
        payload = self.payload
        if payload.time_class is _OF_THE_LEDGER:
            return self.clock(basis)
        if (self.timelatest is None and self.precision == "INSTANT") or payload.ends is (certainty == "CERTAIN"):
            return self.time
        return self.latest


def known(facts: Iterable[Fact], decode: Decode) -> list[Fact]:
    """Return what `facts` (in recorded order) let one know: corrected, without the voided, without the corrections.

    The caller leaves out what was not known yet. Order is kept: by position.
    """
    facts = list(facts)
    if corrections.TYPES.isdisjoint(map(_type, facts)):
        return facts
    current: dict[str, Fact] = {}
    for fact in facts:
        payload = fact.payload
        if isinstance(payload, EventCorrected):
            target = current.get(payload.target_event_id)
            if target is not None:
                current[target.id] = corrected(target, payload, decode)
        elif isinstance(payload, EventVoided):
            current.pop(payload.target_event_id, None)
        else:
            current[fact.id] = fact
    return list(current.values())


def corrected(target: Fact, correction: EventCorrected, decode: Decode) -> Fact:
    """Return `target` with a correction applied: envelope attributes set, data merged (RFC 7396).

    Whether the corrected instants make sense is judged when a correction is appended, not here: with only some of an
    event's corrections known (basis SOURCE) they need not, and a fold never fails on what was accepted.

    Raises:
        ValueError: the corrected data is no valid payload; the text says why.
    """
    change = correction.set
    data = target.data
    payload = target.payload
    if change.data is not msgspec.UNSET:
        data = Raw(msgspec.json.encode(merge_patch(msgspec.json.decode(target.data), change.data), order="sorted"))
        payload = decode(target.type, target.schema_version, data)
    return msgspec.structs.replace(
        target,
        time=target.time if change.time is msgspec.UNSET else change.time,
        timelatest=target.timelatest if change.timelatest is msgspec.UNSET else change.timelatest,
        precision=target.precision if change.timeprecision is msgspec.UNSET else change.timeprecision,
        timezone=target.timezone if change.timezone is msgspec.UNSET else change.timezone,
        data=data,
        payload=payload,
    )


def merge_patch(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Apply a JSON Merge Patch (RFC 7396 section 2) and return the result; arguments are left as they were."""
    if not is_object(patch):
        return patch
    result: dict[str, Any] = dict(target) if is_object(target) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def in_valid_order(facts: Sequence[Fact], certainty: Certainty, basis: Basis = "LEDGER") -> list[Fact]:
    """Return known facts in the order in which they count: by (when, position)."""
    return sorted(facts, key=lambda fact: (fact.when(certainty, basis), fact.sequence))
