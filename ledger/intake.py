"""From what a client sent to a draft: shape, defaults, bounds and marks checked, everything said of what is wrong.

Pure. What needs the log's state (ids, versions, hard rules, the clock) is judged later, in the sequencer.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from ledger.domain.catalogue import EVENTS, SUBJECTS, decode_payload, decoder, kind_of, may_have
from ledger.domain.instants import EARLIEST, LATEST, Precision, format_instant, zone
from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import EXTRA_MAX_BYTES, INTEGER_MAX, EventId, Payload
from ledger.entry import (
    ENTRY_MAX_BYTES,
    LEDGER_ATTRIBUTES,
    OPEN,
    SEALED_MAX_BYTES,
    Draft,
    Unsealed,
    cut,
    encode_canonical,
)
from ledger.errors import Fault, Refused, Unreadable
from ledger.shape import INVALID, Member, check_format, faults_of, marked_by_name, values_at

BATCH_MAX_EVENTS = 10_000
BODY_MAX_BYTES = 16 * 1024 * 1024
SALT_BYTES = 16
UNKNOWN_TYPE = "unknown-event-type"
_DATASCHEMA = re.compile(r"^/schemas/([A-Za-z]{1,100})/([0-9]{1,4})$(?!\n)")

Moment = Annotated[datetime, Meta(tz=True)]


class EventData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event as a client sends it: CloudEvents 1.0 with the extensions of the contract, section 1."""

    specversion: Literal["1.0"]
    id: EventId
    source: Annotated[str, Meta(pattern=r"^(?!enc:)[!-~]{1,500}$(?!\n)", max_length=500)]
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    subject: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}:[!-~]{1,198}$(?!\n)", max_length=200)]
    time: Moment
    data: Raw = Raw(b"{}")
    timeprecision: Precision = "INSTANT"
    timelatest: Moment | None = None
    timezone: Annotated[str, Meta(max_length=64)] | None = None
    sourcetime: Moment | None = None
    nativeseq: Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | None = None
    correlationid: Annotated[str, Meta(pattern=r"^(?!enc:)[ -~]{1,200}$(?!\n)", max_length=200)] | None = None
    causationid: EventId | None = None
    expectedversion: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    dataschema: Annotated[str, Meta(max_length=120)] | None = None
    datacontenttype: Literal["application/json"] | None = None


class ClockedEventData(EventData, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same on a ledger with a test clock, where an appender may say when the ledger records."""

    recordedtime: Moment | None = None


class LogInfo(Struct, frozen=True, kw_only=True):
    """What is known of a log and never changes."""

    log_id: int
    slug: str
    kind: str
    timezone: str
    jurisdiction: str | None
    data_class: str
    origin: str
    created: datetime

    @property
    def public(self) -> bool:
        """Tell whether the log's entries are open; all others are salted."""
        return self.data_class == "PUBLIC"


class Author(Struct, frozen=True, kw_only=True):
    """Who appends: the credential, never a person's name, and its role."""

    authid: str
    authrole: str


class Intake:
    """Reads request bodies. A ledger with a test clock takes one attribute more."""

    def __init__(self, *, test_clock: bool = False) -> None:
        """Take whether the ledger was created with a test clock."""
        self._shape: type[EventData] = ClockedEventData if test_clock else EventData
        self._one = msgspec.json.Decoder(self._shape)
        self._many = msgspec.json.Decoder(list[self._shape])  # type: ignore[name-defined]

    def read_one(self, body: bytes) -> list[EventData]:
        """Read one event. Raises Unreadable or Refused."""
        _check_text(body)
        try:
            return [self._one.decode(body)]
        except msgspec.ValidationError:
            raise Refused(tuple(self._faults(body))) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the body is no JSON: {error}") from error

    def read_array(self, body: bytes) -> list[EventData]:
        """Read a batch: a JSON array of events. Raises Unreadable or Refused (every fault of every event)."""
        _check_text(body)
        try:
            return self._many.decode(body)
        except msgspec.ValidationError:
            if body.lstrip()[:1] != b"[":
                raise Unreadable("a batch is a JSON array of events") from None
            return self._each(_raws.decode(body))
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the body is no JSON: {error}") from error

    def read_lines(self, body: bytes) -> list[EventData]:
        """Read NDJSON: one event a line; empty lines are passed over. Raises Unreadable (with the line) or Refused."""
        _check_text(body)
        try:
            return self._one.decode_lines(body)
        except (msgspec.MsgspecError, RecursionError):
            lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
        for number, line in lines:
            try:
                msgspec.json.decode(line)
            except (msgspec.DecodeError, RecursionError) as error:
                raise Unreadable(f"no JSON: {error}", number) from error
        return self._each([Raw(line) for _, line in lines])

    def _each(self, raws: Sequence[Raw]) -> list[EventData]:
        events: list[EventData] = []
        faults: list[Fault] = []
        for index, raw in enumerate(raws):
            try:
                events.append(self._one.decode(raw))
            except msgspec.ValidationError:
                faults += [fault.at(index) for fault in self._faults(bytes(raw))]
        if faults:
            raise Refused(tuple(faults))
        return events

    def _faults(self, raw: bytes) -> list[Fault]:
        value = msgspec.json.decode(raw)
        faults = faults_of(value, self._shape)
        for index, fault in enumerate(faults):
            if fault.pointer.removeprefix("/") in LEDGER_ATTRIBUTES:
                faults[index] = Fault(INVALID, fault.pointer, "is given by the ledger, never by the client")
        if is_object(value) and isinstance(value.get("type"), str) and is_object(value.get("data", {})):
            event = EVENTS.get(value["type"])
            if event is not None:
                faults += faults_of(value.get("data", {}), event, "/data")
        return faults


_raws = msgspec.json.Decoder(list[Raw])


def _check_text(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is no UTF-8 at byte {error.start}") from error


def check_event(event: EventData, log: LogInfo, author: Author) -> Draft:
    """Return the draft of an event for a log, with † fields still in clear.

    Raises:
        Refused: everything that is wrong with it, as faults of index 0.
    """
    payload, version = _payload(event)
    faults = _faults(event, payload)
    # An older shape is kept as it was sent: only what is read of it is upcast.
    current = version == type(payload).class_version
    data = encode_canonical(payload if current else msgspec.json.decode(event.data))
    faults += _text_faults(data, payload)
    if faults:
        raise Refused(tuple(faults))
    return compose(event, log, author, payload, version, data)


def compose(event: EventData, log: LogInfo, author: Author, payload: Payload, version: int, data: bytes) -> Draft:
    """Put a checked event and its canonical data together as a draft. Raises Refused when it is too long."""
    time = event.time.astimezone(UTC)
    timelatest = event.timelatest.astimezone(UTC) if event.timelatest else None
    sourcetime = event.sourcetime.astimezone(UTC) if event.sourcetime else None
    timezone = event.timezone or log.timezone
    pieces = cut(
        Unsealed(
            authid=author.authid,
            authrole=author.authrole,
            causationid=event.causationid,
            correlationid=event.correlationid,
            data=Raw(data),
            datacontenttype=event.datacontenttype,
            dataschema=f"/schemas/{event.type}/{version}",
            id=event.id,
            log=log.slug,
            nativeseq=event.nativeseq,
            recordedtime=OPEN,
            salt=None if log.public else token_hex(SALT_BYTES),
            sequence=OPEN,
            source=event.source,
            sourcetime=format_instant(sourcetime) if sourcetime else None,
            specversion=event.specversion,
            streamversion=OPEN,
            subject=event.subject,
            time=format_instant(time),
            timelatest=format_instant(timelatest) if timelatest else None,
            timeprecision=event.timeprecision,
            timezone=timezone,
            type=event.type,
        )
    )
    if sum(map(len, pieces)) + SEALED_MAX_BYTES > ENTRY_MAX_BYTES:
        raise Refused((Fault("entry-too-large", "", f"the entry would pass {ENTRY_MAX_BYTES} bytes: split the event"),))
    return Draft(
        id=event.id,
        type=event.type,
        subject=event.subject,
        schema_version=version,
        time=time,
        timelatest=timelatest,
        precision=event.timeprecision,
        timezone=timezone,
        sourcetime=sourcetime,
        causationid=event.causationid,
        expectedversion=event.expectedversion,
        payload=payload,
        data=data,
        pieces=pieces,
    )


def _payload(event: EventData) -> tuple[Payload, int]:
    shape = EVENTS.get(event.type)
    if shape is None:
        raise Refused((Fault(UNKNOWN_TYPE, "/type", "there is no such type: see /schemas"),))
    version = shape.class_version
    if event.dataschema is not None:
        match = _DATASCHEMA.match(event.dataschema)
        if not match or match[1] != event.type or not 1 <= int(match[2]) <= version:
            detail = f"names no schema of this type: it is /schemas/{event.type}/{version}"
            raise Refused((Fault(INVALID, "/dataschema", detail),))
        version = int(match[2])
    try:
        if version == shape.class_version:
            return decoder(event.type).decode(event.data), version
        return decode_payload(event.type, version, bytes(event.data)), version
    except (msgspec.ValidationError, RecursionError):
        raise Refused(tuple(faults_of(msgspec.json.decode(event.data), shape, "/data"))) from None


def _faults(event: EventData, payload: Payload) -> list[Fault]:
    faults: list[Fault] = []
    kind = kind_of(event.subject)
    pattern = SUBJECTS.get(kind)
    if pattern is None or not pattern.match(event.subject):
        faults.append(Fault(INVALID, "/subject", "is no subject the ledger knows: kind:namespace:native"))
    elif not may_have(type(payload), kind):
        expected = " or ".join(type(payload).streams)
        faults.append(Fault(INVALID, "/subject", f"{event.type} is about a {expected}, not about a {kind}"))
    for name, moment in (("time", event.time), ("timelatest", event.timelatest), ("sourcetime", event.sourcetime)):
        if moment is not None and not EARLIEST <= moment <= LATEST:
            faults.append(Fault(INVALID, f"/{name}", "is outside the calendar"))
    if event.timelatest is not None and event.timelatest < event.time:
        faults.append(Fault(INVALID, "/timelatest", "is before time"))
    if event.timezone is not None:
        try:
            zone(event.timezone)
        except ValueError as error:
            faults.append(Fault(INVALID, "/timezone", str(error)))
    try:
        payload.check()
    except ValueError as error:
        faults.append(Fault(INVALID, "/data", str(error)))
    return faults


def _text_faults(data: bytes, payload: Payload) -> list[Fault]:
    """Check what types cannot: marked members, U+0000, ciphertext of a client, and the free `extra`."""
    faults: list[Fault] = []
    value: Any = None
    for name, members in marked_by_name(type(payload)):
        if getattr(payload, name) is not None:
            value = value or msgspec.json.decode(data)
            faults += [fault for member in members for fault in _marked_faults(member, value)]
    if payload.extra is not None and len(encode_canonical(payload.extra)) > EXTRA_MAX_BYTES:
        faults.append(Fault(INVALID, "/data/extra", f"is over {EXTRA_MAX_BYTES} bytes"))
    if payload.extra is not None or b"\\u0000" in data or b'"enc:' in data or b'"set":' in data:
        faults += free_faults(value or msgspec.json.decode(data), "/data")
    return faults


def _marked_faults(member: Member, value: Any) -> Iterator[Fault]:  # noqa: ANN401 - decoded JSON
    for pointer, _, _, text in values_at(value, member.path, "/data"):
        if member.mark == "personal":
            if len(text) > member.bound:
                yield Fault(INVALID, pointer, f"is longer than {member.bound} characters")
            continue
        try:
            check_format(member.mark, text)
        except ValueError:
            what = member.mark.replace("-", " ")
            yield Fault(INVALID, pointer, f"is no {what} of the calendar, with its offset where it is an instant")


def free_faults(value: Any, pointer: str) -> list[Fault]:  # noqa: ANN401 - any JSON value
    """Return what is wrong in free JSON: U+0000, `enc:`, numbers that are no integers, names that are not ASCII."""
    if isinstance(value, str):
        if "\0" in value:
            return [Fault(INVALID, pointer, "holds U+0000")]
        return (
            [Fault(INVALID, pointer, "begins with enc:, which only the ledger writes")] if value[:4] == "enc:" else []
        )
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        return [Fault(INVALID, pointer, "is no integer within 2^53: write decimals as strings")]
    faults: list[Fault] = []
    if is_object(value):
        for name, inner in value.items():
            if not name.isascii() or not name.isprintable() or name[:4] == "enc:":
                faults.append(Fault(INVALID, pointer, "has a member whose name is not printable ASCII, or begins enc:"))
            faults += free_faults(inner, f"{pointer}/{name}")
    elif is_array(value):
        for index, inner in enumerate(value):
            faults += free_faults(inner, f"{pointer}/{index}")
    return faults
