"""From what a client sent to a draft: shape, defaults, bounds and marks checked, everything said of what is wrong.

Pure. What needs the log's state (ids, versions, hard rules, the clock) is judged later, in the sequencer.
"""

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw, Struct

from ledger.domain.catalogue import EVENTS, SUBJECTS, decode_payload, decoder, kind_of, may_have
from ledger.domain.instants import EARLIEST, LATEST, Precision, zone
from ledger.domain.json_values import is_object
from ledger.domain.payload import EXTRA_MAX_BYTES, INTEGER_MAX, EventId, Payload, RuleKey
from ledger.entry import (
    LEDGER_ATTRIBUTES,
    SEALED_MAX_BYTES,
    Draft,
    encode_canonical,
    frame_of,
    write_pieces,
)
from ledger.errors import FORBIDDEN_ROLE, Fault, Refused, TooLarge, Unreadable
from ledger.free_values import TOO_DEEP, free_faults
from ledger.rights import may_append
from ledger.shape import (
    INVALID,
    Member,
    checks,
    faults_of,
    marked_members,
    values_at,
)
from ledger.tlog.bundle import ENTRY_MAX_BYTES

BATCH_MAX_EVENTS = 10_000
BODY_MAX_BYTES = 16 * 1024 * 1024
SALT_BYTES = 16
SALTS_DRAWN = 256
UNKNOWN_TYPE = "unknown-event-type"
_INSTANTS = ("time", "timelatest", "sourcetime", "recordedtime")
_FREE = frozenset(shape for shape in EVENTS.values() if "set" in shape.__struct_fields__)
"""The shapes with a member that may hold what another event's data holds."""
_DATASCHEMA = re.compile(r"^/schemas/([A-Za-z]{1,100})/([0-9]{1,4})$(?!\n)")

Moment = Annotated[datetime, Meta(tz=True)]


class EventData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An event as a client sends it: CloudEvents 1.0 with the extensions of the contract, section 1."""

    specversion: Literal["1.0"]
    id: EventId
    source: Annotated[str, Meta(min_length=1, max_length=500)]
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    subject: Annotated[str, Meta(max_length=200)]
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


Form = Literal["one", "array", "lines"]
"""How events stand in a body: one alone, several in a JSON array, or as NDJSON."""
Examined: TypeAlias = tuple[int, bytes, tuple[RuleKey, ...]]
"""What is read of a sound event: its schema's version, its canonical data, and what it says to the rules."""
Read: TypeAlias = "EventData | Refused"
"""An event whose shape is right, or every fault of a shape that is not."""


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
    """Who appends: the credential, never a person's name, and its role.

    Who comes with a token is `bound` by the table of rights, and by `subjects` where it is for certain cases only. Not
    bound is the ledger itself, and whoever holds its data folder.
    """

    authid: str
    authrole: str
    bound: bool = False
    subjects: frozenset[str] | None = None


class Intake:
    """Reads request bodies. A ledger with a test clock takes one attribute more."""

    def __init__(self, *, test_clock: bool = False) -> None:
        """Take whether the ledger was created with a test clock."""
        self._shape: type[EventData] = ClockedEventData if test_clock else EventData
        self._one = msgspec.json.Decoder(self._shape)
        self._many = msgspec.json.Decoder(list[self._shape])  # type: ignore[name-defined]

    def read(self, form: Form, body: bytes) -> list[Read]:
        """Read the events of a body. Raises Unreadable or TooLarge."""
        if form == "one":
            return self.read_one(body)
        return self.read_array(body) if form == "array" else self.read_lines(body)

    def read_one(self, body: bytes) -> list[Read]:
        """Read one event. Raises Unreadable."""
        _check_text(body)
        return [self._read(body)]

    def read_array(self, body: bytes) -> list[Read]:
        """Read a batch: a JSON array of events. Raises Unreadable or TooLarge."""
        _check_text(body)
        try:
            return _bounded(self._many.decode(body))
        except msgspec.ValidationError:
            if body.lstrip()[:1] != b"[":
                raise Unreadable("a batch is a JSON array of events") from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the body is no JSON: {error}") from error
        try:
            raws = _raws.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"the body is no JSON: {error}") from error
        return [self._read(bytes(raw)) for raw in _bounded(raws)]

    def read_lines(self, body: bytes) -> list[Read]:
        """Read NDJSON: one event a line; empty lines are passed over. Raises Unreadable (with the line) or TooLarge."""
        _check_text(body)
        lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
        with contextlib.suppress(msgspec.MsgspecError, RecursionError):
            events = self._one.decode_lines(body)
            if len(events) == len(lines):  # it would take several events in one line, and one in several lines
                return _bounded(events)
        return [self._read(line, number) for number, line in _bounded(lines)]

    def _read(self, raw: bytes, line: int | None = None) -> Read:
        """Return an event, or every fault of its shape. Raises Unreadable."""
        try:
            try:
                return self._one.decode(raw)
            except msgspec.ValidationError:
                return Refused(tuple(self._faults(msgspec.json.decode(raw))))
        except (msgspec.DecodeError, RecursionError) as error:
            raise Unreadable(f"{'no' if line else 'the body is no'} JSON: {error}", line) from error

    def _faults(self, value: object) -> list[Fault]:
        faults = faults_of(value, self._shape)
        for index, fault in enumerate(faults):
            if fault.pointer.removeprefix("/") in LEDGER_ATTRIBUTES:
                faults[index] = Fault(INVALID, fault.pointer, "is given by the ledger, never by the client")
        if is_object(value) and isinstance(value.get("type"), str):
            shape = EVENTS.get(value["type"])
            if shape is None:
                faults.append(_unknown_type())
            else:
                faults += faults_of(value.get("data", {}), shape, "/data")
        return faults


_salts: list[str] = []
_raws = msgspec.json.Decoder(list[Raw])


def _bounded(events: list[Any]) -> list[Any]:
    if len(events) > BATCH_MAX_EVENTS:
        raise TooLarge(f"{len(events)} events at once are more than {BATCH_MAX_EVENTS}: send several requests")
    return events


def _check_text(body: bytes) -> None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is no UTF-8 at byte {error.start}") from error


def check_event(event: EventData, log: LogInfo, author: Author) -> Draft:
    """Return the draft of an event for a log, with † fields still in clear. Raises what `examine_event` does."""
    return compose(event, log, author, *examine_event(event, author))


def examine_event(event: EventData, author: Author) -> Examined:
    """Return what is read of an event, with † fields still in clear.

    Raises:
        Refused: everything that is wrong with it, each of no index yet.
    """
    try:
        return _examined(event, author)
    except RecursionError:
        raise Refused((Fault(INVALID, "/data", TOO_DEEP),)) from None


def _examined(event: EventData, author: Author) -> Examined:
    faults = [*_right_faults(event, author), *_envelope_faults(event)] if author.bound else _envelope_faults(event)
    try:
        payload, version = _payload(event)
    except Refused as refused:
        raise Refused((*faults, *refused.faults)) from None
    try:
        payload.check()
    except ValueError as error:
        faults.append(Fault(INVALID, "/data", str(error)))
    # An older shape is kept as it was sent: only what is read of it is upcast.
    current = version == type(payload).class_version
    data = encode_canonical(payload if current else msgspec.json.decode(event.data))
    faults += _text_faults(data, payload)
    if faults:
        raise Refused(tuple(faults))
    return version, data, payload.rule_keys()


def _right_faults(event: EventData, author: Author) -> Iterator[Fault]:
    """Say what a bound author has no right to; a type that does not exist is another fault."""
    if event.type in EVENTS and not may_append(author.authrole, event.type):
        yield Fault(FORBIDDEN_ROLE, "/type", f"{author.authrole} may not append {event.type}")
    if author.subjects is not None and event.subject not in author.subjects:
        yield Fault(FORBIDDEN_ROLE, "/subject", "is no case of this token")


def compose(
    event: EventData, log: LogInfo, author: Author, version: int, data: bytes, keys: tuple[RuleKey, ...]
) -> Draft:
    """Put a checked event and its canonical data together as a draft. Raises Refused when it is too long."""
    time = event.time.astimezone(UTC)
    timelatest = event.timelatest.astimezone(UTC) if event.timelatest else None
    sourcetime = event.sourcetime.astimezone(UTC) if event.sourcetime else None
    timezone = event.timezone or log.timezone
    frame = frame_of(
        author.authid,
        author.authrole,
        log.slug,
        event.source,
        event.type,
        version,
        event.timeprecision,
        timezone,
        event.datacontenttype,
    )
    pieces, data_span = write_pieces(
        frame,
        data,
        event_id=event.id,
        subject=event.subject,
        time=time,
        timelatest=timelatest,
        sourcetime=sourcetime,
        nativeseq=event.nativeseq,
        causationid=event.causationid,
        correlationid=event.correlationid,
        salt=None if log.public else _salt(),
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
        keys=keys,
        data_span=data_span,
        pieces=pieces,
        bound_role=author.authrole if author.bound else None,
    )


def _salt() -> str:
    """Return a new salt. They are drawn many at once: asking the system for each takes longer than an event."""
    try:
        return _salts.pop()
    except IndexError:
        drawn = token_hex(SALT_BYTES * SALTS_DRAWN)
        _salts.extend(drawn[at : at + 2 * SALT_BYTES] for at in range(0, len(drawn), 2 * SALT_BYTES))
        return _salts.pop()


def _payload(event: EventData) -> tuple[Payload, int]:
    shape = EVENTS.get(event.type)
    if shape is None:
        raise Refused((_unknown_type(),))
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
    except msgspec.ValidationError:
        raise Refused(tuple(faults_of(msgspec.json.decode(event.data), shape, "/data"))) from None


def _unknown_type() -> Fault:
    return Fault(UNKNOWN_TYPE, "/type", "there is no such type: see /schemas")


def _envelope_faults(event: EventData) -> list[Fault]:
    faults: list[Fault] = []
    shape = EVENTS.get(event.type)
    kind = kind_of(event.subject)
    pattern = SUBJECTS.get(kind)
    if pattern is None or not pattern.fullmatch(event.subject):
        faults.append(Fault(INVALID, "/subject", "is no subject the ledger knows: kind:namespace:native"))
    elif shape is not None and not may_have(shape, kind):
        expected = " or ".join(shape.streams)
        faults.append(Fault(INVALID, "/subject", f"{event.type} is about a {expected}, not about a {kind}"))
    source = event.source
    if not (source.isascii() and source.isprintable()) or " " in source or source.startswith("enc:"):
        faults.append(Fault(INVALID, "/source", "is no URI reference: printable ASCII without blanks, not enc:..."))
    for name in _INSTANTS:
        moment: datetime | None = getattr(event, name, None)
        if moment is not None and not EARLIEST <= moment <= LATEST:
            faults.append(Fault(INVALID, f"/{name}", "is outside the calendar"))
    if event.timelatest is not None and event.timelatest < event.time:
        faults.append(Fault(INVALID, "/timelatest", "is before time"))
    if event.timezone is not None:
        try:
            zone(event.timezone)
        except ValueError as error:
            faults.append(Fault(INVALID, "/timezone", str(error)))
    return faults


def _text_faults(data: bytes, payload: Payload) -> list[Fault]:
    """Check what types cannot: marked members, U+0000, ciphertext of a client, and the free `extra`."""
    faults: list[Fault] = []
    for name, bound, is_sound in checks(type(payload)):
        held = getattr(payload, name)
        if held is None or (bound and type(held) is str and len(held) <= bound):  # as almost every one
            continue
        if held is not UNSET and not is_sound(held):
            faults += marked_faults(type(payload), msgspec.json.decode(data), "/data")
            break
    if payload.extra is not None and len(encode_canonical(payload.extra)) > EXTRA_MAX_BYTES:
        faults.append(Fault(INVALID, "/data/extra", f"is over {EXTRA_MAX_BYTES} bytes"))
    nul = b"\\" in data and b"\\u0000" in data  # one byte is found sooner than six
    if nul or b'"enc:' in data or payload.extra is not None or type(payload) in _FREE:
        faults += free_faults(msgspec.json.decode(data), "/data")
    return faults


def marked_faults(shape: type[Payload], value: Any, pointer: str) -> list[Fault]:  # noqa: ANN401 - decoded JSON
    """Return what is wrong with the marked members that decoded data, or a patch of it, has: dates, instants, †."""
    return [fault for member in marked_members(shape) for fault in _marked_faults(member, value, pointer)]


def _marked_faults(member: Member, value: Any, place: str) -> Iterator[Fault]:  # noqa: ANN401 - decoded JSON
    for pointer, _, _, text in values_at(value, member.path, place):
        if not isinstance(text, str):
            yield Fault(INVALID, pointer, "is no text")
            continue
        if member.is_sound(text):
            continue
        if member.mark == "personal":
            yield Fault(INVALID, pointer, f"is longer than {member.bound} characters")
        else:
            what = member.mark.replace("-", " ")
            yield Fault(INVALID, pointer, f"is no {what} of the calendar, with its offset where it is an instant")
