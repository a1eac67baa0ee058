"""Event <-> canonical bytes: the only place that decides what is hashed.

An entry is the recorded event as canonical JSON (RFC 8785; all member names are ASCII, all numbers integers, so that
sorting by code point and msgspec's encoding give exactly its bytes). All of it but what only the commit knows is
written before the event queues; `seal` then joins the pieces. The stored bytes are the truth: nothing re-encodes them.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import force_setattr

from ledger.domain.catalogue import read_payload, reader_of
from ledger.domain.fact import Fact
from ledger.domain.instants import Precision, format_instant
from ledger.domain.payload import Payload, RuleKey

SEALED_MAX_BYTES = 70
"""At most what `seal` fills in: recordedtime, sequence and streamversion."""
LEDGER_ATTRIBUTES = frozenset({"recordedtime", "sequence", "log", "streamversion", "authid", "authrole", "salt"})
_CIPHERTEXT = re.compile(rb'(?<=[:\[,])"enc:v1:([A-Za-z0-9_-]+):[^"]*"')
FRAMES_MAX = 4_096
"""Frames kept: one for each type that a source sends, and a source may be anything that a client says."""
Pieces = tuple[bytes, bytes, bytes, bytes]
StreamEntries = tuple[str, bytes]
"""A subject, and the entries of its stream in order of version, a line each: so they come at once from the database."""
_encode = msgspec.json.Encoder(order=None).encode
encode_canonical = msgspec.json.Encoder(order="sorted").encode


class Draft(Struct, kw_only=True, gc=False, array_like=True):
    """A checked event on its way into a log: everything but position, version and recordedtime.

    `pieces` are the entry's bytes around what `seal` fills in; the data stands in the first of them, at `data_span`.
    `bound_role` is the role of an author whom the table of rights binds.
    """

    id: str
    type: str
    subject: str
    schema_version: int
    time: datetime
    timelatest: datetime | None
    precision: Precision
    timezone: str
    sourcetime: datetime | None
    causationid: str | None
    expectedversion: int | None
    keys: tuple[RuleKey, ...]
    data_span: tuple[int, int]
    pieces: Pieces
    bound_role: str | None = None

    @property
    def data(self) -> bytes:
        """The data's canonical JSON, † fields as ciphertext."""
        start, end = self.data_span
        return self.pieces[0][start:end]

    @property
    def payload(self) -> Payload:
        """The data, read. Only what a hard rule asks for, or a correction, is worth reading."""
        return read_payload(self.type, self.schema_version, self.data)


Frame = tuple[bytes, bytes, bytes, bytes, bytes]
"""The bytes that many entries have in common, of author, schema, log, source and type: around what differs."""


class RecordedEvent(Struct, kw_only=True, frozen=True):
    """An entry, read. `data` stays JSON; † fields in it are ciphertext."""

    authid: str
    authrole: str
    data: Raw
    dataschema: str
    id: str
    log: str
    recordedtime: datetime
    sequence: str
    source: str
    specversion: Literal["1.0"]
    streamversion: int
    subject: str
    time: datetime
    timeprecision: Precision
    timezone: str
    type: str
    causationid: str | None = None
    correlationid: str | None = None
    datacontenttype: str | None = None
    nativeseq: int | None = None
    salt: str | None = None
    sourcetime: datetime | None = None
    timelatest: datetime | None = None


_recorded = msgspec.json.Decoder(RecordedEvent)
_facts = msgspec.json.Decoder(Fact).decode_lines


@lru_cache(maxsize=FRAMES_MAX)
def frame_of(
    authid: str,
    authrole: str,
    log: str,
    source: str,
    event_type: str,
    version: int,
    precision: Precision,
    timezone: str,
    datacontenttype: str | None,
) -> Frame:
    """Return the frame of entries that share these attributes: an author's, a log's, a source's, a type's."""
    content_type = member("datacontenttype", datacontenttype)
    return (
        b'{"authid":%b,"authrole":%b,' % (_encode(authid), _encode(authrole)),
        b',%b"dataschema":%b,"id":' % (content_type, _encode(schema_of(event_type, version))),
        b',"log":%b,' % _encode(log),
        b',"source":%b,' % _encode(source),
        b'"timeprecision":"%b","timezone":%b,"type":%b}' % (precision.encode(), _encode(timezone), _encode(event_type)),
    )


def schema_of(event_type: str, version: int) -> str:
    """Return the reference to the schema of an event's data."""
    return f"/schemas/{event_type}/{version}"


def member(name: str, value: str | int | None) -> bytes:
    """Return an optional attribute as it stands before another one; nothing when it is not there."""
    return b"" if value is None else b'"%b":%b,' % (name.encode(), _encode(value))


def write_pieces(
    frame: Frame,
    data: bytes,
    *,
    event_id: str,
    subject: str,
    time: datetime,
    timelatest: datetime | None,
    sourcetime: datetime | None,
    nativeseq: int | None,
    causationid: str | None,
    correlationid: str | None,
    salt: str | None,
) -> tuple[Pieces, tuple[int, int]]:
    """Return an entry's bytes around what `seal` fills in, and where in the first of them the data stands.

    All attributes in the order of their names, which is the canonical one. `data` is canonical JSON, instants are UTC;
    an id is written as it is: no character that it may have is escaped in JSON.
    """
    author, schema, log, source, kind = frame
    if causationid is not None or correlationid is not None:
        author += member("causationid", causationid) + member("correlationid", correlationid)
    if nativeseq is not None:
        log += member("nativeseq", nativeseq)
    if sourcetime is not None:
        source += member("sourcetime", format_instant(sourcetime))
    if timelatest is not None:
        kind = member("timelatest", format_instant(timelatest)) + kind
    start = len(author) + len(b'"data":')
    pieces = (
        b'%b"data":%b%b"%b"%b"recordedtime":' % (author, data, schema, event_id.encode(), log),
        b"," + member("salt", salt) + b'"sequence":',
        source + b'"specversion":"1.0","streamversion":',
        b',"subject":%b,"time":"%b",%b' % (_encode(subject), format_instant(time).encode(), kind),
    )
    return pieces, (start, start + len(data))


def seal(draft: Draft, position: int, version: int, recordedtime: bytes) -> bytes:
    """Return the entry: the draft with its place in log and stream and the commit's instant written in."""
    first, second, third, fourth = draft.pieces
    return b'%b"%b"%b"%020d"%b%d%b' % (first, recordedtime, second, position, third, version, fourth)


def read_entry(entry: bytes) -> RecordedEvent:
    """Read an entry; msgspec.ValidationError or DecodeError when the bytes are none."""
    return _recorded.decode(entry)


def fact_of(entry: bytes) -> Fact:
    """Return a recorded event as the domain sees it."""
    (fact,) = facts_of(entry)
    return fact


def facts_of(entries: bytes) -> list[Fact]:
    """Return recorded events as the domain sees them, of entries in a line each: none has a line feed in it."""
    facts = _facts(entries)
    for fact in facts:
        # It is nobody's yet. To make another one with the payload would take a fifth of the time of all this.
        force_setattr(fact, "payload", reader_of(fact.dataschema)(fact.data))
    return facts


def fact_of_draft(draft: Draft, position: int, version: int, recordedtime: datetime) -> Fact:
    """Return the fact that a draft becomes at this place: equal to `fact_of` its entry."""
    return Fact(
        data=Raw(draft.data),
        dataschema=schema_of(draft.type, draft.schema_version),
        id=draft.id,
        recordedtime=recordedtime,
        sequence=f"{position:020d}",
        sourcetime=draft.sourcetime,
        originator_version=version,
        originator_id=draft.subject,
        time=draft.time,
        timelatest=draft.timelatest,
        precision=draft.precision,
        timezone=draft.timezone,
        type=draft.type,
        payload=draft.payload,
    )


def client_content(entry: bytes) -> dict[str, Any]:
    """Return what the client said of an event: its attributes and data after defaults, without the ledger's own."""
    event: dict[str, Any] = msgspec.json.decode(entry)
    return {name: value for name, value in event.items() if name not in LEDGER_ATTRIBUTES}


def draft_content(draft: Draft) -> dict[str, Any]:
    """Return `client_content` of the entry that a draft would become."""
    return client_content(seal(draft, 0, 0, format_instant(draft.time).encode()))


def same_content(entry: bytes, draft: Draft) -> bool:
    """Tell whether a draft repeats a recorded event (contract section 1, "Same content")."""
    return client_content(entry) == draft_content(draft)


def masked(entry: bytes, destroyed: frozenset[bytes] = frozenset()) -> bytes:
    """Return the entry as those read it who may not unmask: `[MASKED]`, or `[ERASED]` where the key is destroyed.

    Client values never begin with `enc:` and an inner quote is always escaped, so only ciphertext can match.
    """
    if b'"enc:v1:' not in entry:
        return entry
    return _CIPHERTEXT.sub(lambda match: b'"[ERASED]"' if match[1] in destroyed else b'"[MASKED]"', entry)


def unmasked(entry: bytes, clear: Mapping[str, str], destroyed: frozenset[bytes] = frozenset()) -> tuple[bytes, int]:
    """Return the entry with the clear text of ciphertexts written in, masked where there is none, and how many were."""
    shown = 0

    def write(match: re.Match[bytes]) -> bytes:
        nonlocal shown
        text = clear.get(match[0][1:-1].decode())
        if text is None:
            return masked(b":" + match[0], destroyed)[1:]
        shown += 1
        return _encode(text)

    return _CIPHERTEXT.sub(write, entry), shown


def count_sealed(entry: bytes, key_id: str) -> int:
    """Return how many values of an entry are encrypted under a key."""
    wanted = key_id.encode()
    return sum(1 for match in _CIPHERTEXT.finditer(entry) if match[1] == wanted)
