"""Every kind of stream and every event the ledger knows: the one table from stored names to types."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import msgspec
from msgspec import Raw

from ledger.domain import (
    agreement,
    appeal,
    application,
    audit,
    body,
    calendar_days,
    claim,
    corrections,
    dispute,
    investigation,
    ip_right,
    ledger_stream,
    listing,
    membership,
    order,
    party,
    platform,
    policy,
    programme,
    report,
    seller,
    statement,
    takedown,
    taxonomy,
)
from ledger.domain.corrections import ANY_STREAM
from ledger.domain.fact import SCHEMAS_MAX, schema_version
from ledger.domain.payload import Payload
from ledger.domain.stream import Stream
from ledger.domain.unchecked import unchecked

STREAMS: dict[str, Stream] = {
    stream.kind: stream
    for stream in (
        platform.STREAM,
        seller.STREAM,
        listing.STREAM,
        takedown.STREAM,
        dispute.STREAM,
        application.STREAM,
        party.STREAM,
        ip_right.STREAM,
        membership.STREAM,
        body.STREAM,
        programme.STREAM,
        appeal.STREAM,
        agreement.STREAM,
        policy.STREAM,
        taxonomy.STREAM,
        calendar_days.STREAM,
        order.STREAM,
        investigation.STREAM,
        claim.STREAM,
        report.STREAM,
        statement.STREAM,
        audit.SUBJECT_STREAM,
        audit.AUDIT_STREAM,
        ledger_stream.LEDGER_STREAM,
    )
}
EVENTS: dict[str, type[Payload]] = {
    event.event_type: event
    for events in (corrections.EVENTS, *(stream.events for stream in STREAMS.values()))
    for event in events
}
CORRECTIONS = corrections.TYPES
RULED = CORRECTIONS | {name for name, event in EVENTS.items() if event.rule_keys is not Payload.rule_keys}
"""The types of event that a hard rule may ask for, with those that change what is known of them."""
SUBJECTS: dict[str, re.Pattern[str]] = {kind: re.compile(stream.pattern) for kind, stream in STREAMS.items()}


def kind_of(subject: str) -> str:
    """Return the kind of a subject: what stands before its first colon."""
    return subject.partition(":")[0]


def may_have(event: type[Payload], kind: str) -> bool:
    """Tell whether an event of this type may be about a subject of this kind."""
    return kind in event.streams or event.streams == ANY_STREAM


@cache
def decoder(event_type: str) -> msgspec.json.Decoder[Payload]:
    """Return the decoder of the newest shape of an event's data."""
    return msgspec.json.Decoder(EVENTS[event_type])


@lru_cache(maxsize=SCHEMAS_MAX)
def reader_of(dataschema: str) -> Callable[[bytes | Raw], Payload]:
    """Return the reader of data of the shape that `/schemas/<type>/<version>` names."""
    _, _, event_type, _ = dataschema.split("/")
    return reader(event_type, schema_version(dataschema))


@lru_cache(maxsize=SCHEMAS_MAX)
def reader(event_type: str, schema_version: int) -> Callable[[bytes | Raw], Payload]:
    """Return what reads data that was checked when it was recorded, in a shape of that version: see `read_payload`."""
    event = EVENTS[event_type]
    shape: type[Payload] = unchecked(event)
    if schema_version == event.class_version:
        return msgspec.json.Decoder(shape).decode
    return lambda data: msgspec.convert(_upcast(event, schema_version, data), shape)


def decode_payload(event_type: str, schema_version: int, data: bytes | Raw) -> Payload:
    """Read and check an event's data as the newest payload, upcast where it is of an older shape.

    Raises:
        ValueError: the data has not the shape of its version (msgspec.ValidationError is one).
    """
    event = EVENTS[event_type]
    if schema_version == event.class_version:
        return decoder(event_type).decode(data)
    return msgspec.convert(_upcast(event, schema_version, data), event)


def read_payload(event_type: str, schema_version: int, data: bytes | Raw) -> Payload:
    """Read data that was checked when it was recorded: the same payload, in a fifth of the time."""
    return reader(event_type, schema_version)(data)


def _upcast(event: type[Payload], schema_version: int, data: bytes | Raw) -> dict[str, Any]:
    """Return data in the newest shape, step by step from the one it was recorded in."""
    state: dict[str, Any] = msgspec.json.decode(data)
    for version in range(schema_version, event.class_version):
        getattr(event, f"upcast_v{version}_v{version + 1}")(state)
    return state
