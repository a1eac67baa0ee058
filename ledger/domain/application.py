"""Aggregates of applications written with the `eventsourcing` library: its stored events, each kept whole as an event.

What they mean is the application's affair: `state` is bytes that only its mapper reads, `topic` names what reads them,
and `originator_version` counts as the library counts, apart from the version of our stream. There are no hard rules:
an id is made of the aggregate and its version, so that a version stands once.
"""

import re
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from ledger.domain.fact import Fact
from ledger.domain.payload import INTEGER_MAX, Payload, TimeClass
from ledger.domain.stream import State, Stream

KIND = "aggregate"
STATE_MAX_BYTES = 45_000
"""60,000 characters of base64, so that with the longest name and topic the entry nearly always fits 65,535 bytes."""
ORIGINATOR_ID_MAX = 1_000
TOPIC_MAX = 1_000
VERSION_DIGITS = len(str(INTEGER_MAX))
HASHED = "sha256:"

# With subject and event id around it, the longest stays within their 200 characters.
_PLAIN = re.compile(rf"(?!enc:|{HASHED})[A-Za-z0-9._:-]{{1,160}}")


class ApplicationEventStored(Payload, frozen=True, kw_only=True):
    """An application stored an event of one of its aggregates."""

    event_type: ClassVar[str] = "ApplicationEventStored"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = (KIND,)

    originator_id: Annotated[str, Meta(max_length=ORIGINATOR_ID_MAX)]
    originator_version: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
    topic: Annotated[str, Meta(max_length=TOPIC_MAX)]
    state: Annotated[bytes, Meta(max_length=STATE_MAX_BYTES)]


class Aggregate(State, frozen=True, kw_only=True):
    """What the ledger knows of an aggregate: its id, the last version stored, and what reads that."""

    originator_id: str | None = None
    originator_version: int | None = None
    topic: str | None = None


def format_subject(originator_id: str) -> str:
    """Return the subject of an aggregate: its id, or the SHA-256 of an id that has other than plain characters."""
    return f"{KIND}:{_name(originator_id)}"


def format_event_id(originator_id: str, originator_version: int) -> str:
    """Return the id of an aggregate's event: no other aggregate or version has it.

    The version has a fixed width, so that an aggregate's ids sort (by code point) as its versions do.
    """
    return f"{_name(originator_id)}:{originator_version:0{VERSION_DIGITS}d}"


def _name(originator_id: str) -> str:
    if _PLAIN.fullmatch(originator_id):
        return originator_id
    return HASHED + sha256(originator_id.encode()).hexdigest()


def begin(subject: str) -> Aggregate:
    """Return the state before any event."""
    return Aggregate(id=subject)


def apply(state: Aggregate, fact: Fact) -> Aggregate:
    """Return the state after one more event."""
    version = state.version + 1
    match fact.payload:
        case ApplicationEventStored(originator_id=originator_id, originator_version=originator_version, topic=topic):
            return msgspec.structs.replace(
                state,
                version=version,
                originator_id=originator_id,
                originator_version=originator_version,
                topic=topic,
            )
        case _:
            return msgspec.structs.replace(state, version=version)


def describe(state: Aggregate, moment: datetime) -> dict[str, Any]:  # noqa: ARG001 - nothing follows from time alone
    """Return the aggregate as JSON values."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    return item


STREAM = Stream(
    kind=KIND,
    pattern=rf"^{KIND}:[A-Za-z0-9._:-]+$(?!\n)",
    events=(ApplicationEventStored,),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
