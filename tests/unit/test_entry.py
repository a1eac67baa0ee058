"""An entry: one form, canonical whatever is said; masking never touches what a client wrote."""

import re
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.fact import schema_version
from ledger.domain.instants import EARLIEST, LATEST
from ledger.entry import (
    LEDGER_ATTRIBUTES,
    Draft,
    client_content,
    fact_of,
    fact_of_draft,
    masked,
    read_entry,
    same_content,
    seal,
)
from ledger.errors import Refused
from ledger.intake import Author, EventData, Intake, LogInfo, check_event
from ledger.tlog.bundle import ENTRY_MAX_BYTES

Json: TypeAlias = Any
"""Any JSON value."""

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
AUTHOR = Author(authid="0123456789abcdef", authrole="PLATFORM_WRITER")
FIRST, LAST = EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)
CIPHERTEXT = "enc:v1:AbC_-9:" + "QUJD" * 6 + "=="
TEXTS = st.text(max_size=60).filter(lambda text: "\0" not in text and not text.startswith("enc:"))
# What looks like ciphertext, or like the JSON around it, without being any.
NEAR = st.lists(
    st.sampled_from(['"', "\\", ",", ":", "[", "enc:v1:", CIPHERTEXT, f'"{CIPHERTEXT}"', f',"{CIPHERTEXT}"', "x", " "]),
    max_size=6,
).map(lambda parts: "x" + "".join(parts))
NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8).filter(lambda n: n[:4] != "enc:")
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS | NEAR
EXTRA = st.dictionaries(
    NAMES,
    st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=3), max_leaves=8),
    max_size=4,
)
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC)).map(datetime.isoformat)


def log(data_class: str = "CONFIDENTIAL") -> LogInfo:
    """Return a log that nobody keeps."""
    return LogInfo(
        log_id=1,
        slug="shop",
        kind="PLATFORM",
        timezone="Asia/Jakarta",
        jurisdiction="ID",
        data_class=data_class,
        origin="ledger/shop",
        created=NOW,
    )


def drafted(data_class: str = "CONFIDENTIAL", **said: Json) -> Draft:
    """Return the draft of a listing's block, with what else is said of it."""
    data = {
        "restriction_id": "R1",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        **said.pop("data", {}),
    }
    event: dict[str, Json] = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/tests",
        "type": "ListingBlocked",
        "subject": "listing:a:b",
    }
    event |= {"time": "2026-01-01T00:00:00Z", "data": data, **said}
    (read,) = Intake().read_one(msgspec.json.encode(event))
    assert isinstance(read, EventData), read
    return check_event(read, log(data_class), AUTHOR)


def sealed(draft: Draft, position: int = 7, version: int = 3) -> bytes:
    """Return the entry of a draft."""
    return seal(draft, position, version, b"2026-03-01T12:00:00.123456Z")


@given(
    extra=EXTRA,
    text=TEXTS | NEAR,
    time=MOMENTS,
    precision=st.sampled_from(["INSTANT", "DAY", "MONTH", "YEAR"]),
    sourcetime=MOMENTS | st.none(),
    nativeseq=st.integers(-(2**53) + 1, 2**53 - 1) | st.none(),
    data_class=st.sampled_from(["PUBLIC", "CONFIDENTIAL"]),
    place=st.tuples(st.integers(0, 2**62), st.integers(1, 2**31 - 1)),
)
def test_an_entry_is_canonical_and_gives_the_fact_that_its_draft_gives(
    *,
    extra: dict[str, Any],
    text: str,
    time: str,
    precision: str,
    sourcetime: str | None,
    nativeseq: int | None,
    data_class: str,
    place: tuple[int, int],
) -> None:
    try:
        draft = drafted(
            data_class,
            time=time,
            timeprecision=precision,
            sourcetime=sourcetime,
            nativeseq=nativeseq,
            data={"extra": extra, "decision_facts": text},
        )
    except Refused as refused:
        if {fault.pointer for fault in refused.faults} == {"/data/extra"}:  # over 4 KiB
            return
        raise
    entry = sealed(draft, *place)
    document = msgspec.json.decode(entry)
    assert rfc8785.dumps(document) == entry
    assert document["data"] | {"extra": extra, "decision_facts": text} == document["data"]
    assert fact_of(entry) == fact_of_draft(draft, *place, NOW)
    assert masked(entry) == entry
    assert masked(entry, frozenset({b"AbC_-9"})) == entry
    assert same_content(entry, draft)
    assert ("salt" in document) == (data_class != "PUBLIC")


def test_an_entry_holds_every_attribute_in_canonical_order() -> None:
    draft = drafted(
        timelatest="2026-01-02T00:00:00Z",
        sourcetime="2026-01-03T00:00:00Z",
        nativeseq=5,
        correlationid="c 1",
        causationid="e0",
        datacontenttype="application/json",
        dataschema="/schemas/ListingBlocked/1",
        timezone="Europe/London",
        timeprecision="DAY",
        expectedversion=2,
    )
    document = msgspec.json.decode(sealed(draft))
    assert re.fullmatch("[0-9a-f]{32}", document.pop("salt"))
    assert document == {
        "authid": AUTHOR.authid,
        "authrole": "PLATFORM_WRITER",
        "causationid": "e0",
        "correlationid": "c 1",
        "data": {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"], "restriction_id": "R1"},
        "datacontenttype": "application/json",
        "dataschema": "/schemas/ListingBlocked/1",
        "id": "e1",
        "log": "shop",
        "nativeseq": 5,
        "recordedtime": "2026-03-01T12:00:00.123456Z",
        "sequence": "00000000000000000007",
        "source": "/tests",
        "sourcetime": "2026-01-03T00:00:00.000000Z",
        "specversion": "1.0",
        "streamversion": 3,
        "subject": "listing:a:b",
        "time": "2026-01-01T00:00:00.000000Z",
        "timelatest": "2026-01-02T00:00:00.000000Z",
        "timeprecision": "DAY",
        "timezone": "Europe/London",
        "type": "ListingBlocked",
    }
    assert list(document) == sorted(document)
    assert schema_version(read_entry(sealed(draft)).dataschema) == 1


def test_the_same_content_is_told_whatever_the_ledger_adds() -> None:
    entry = sealed(drafted())
    assert same_content(entry, drafted())  # with another salt
    assert same_content(sealed(drafted(), 99, 12), drafted(expectedversion=4))
    assert not same_content(entry, drafted(nativeseq=1))
    assert not same_content(entry, drafted(data={"sales_before_block": 0}))
    assert not client_content(entry).keys() & LEDGER_ATTRIBUTES


def test_a_draft_of_the_greatest_length_is_an_entry_within_the_bound() -> None:
    def of_length(length: int) -> dict[str, Any]:
        evidence = [{"evidence_id": f"E{n}", "sha256": "0" * 64, "uri": "x" * 5_000} for n in range(12)]
        return {"evidence": [*evidence, {"evidence_id": "last", "sha256": "0" * 64, "uri": "x" * length}]}

    low, high = 0, 5_000
    while high - low > 1:
        middle = (low + high) // 2
        try:
            drafted(data=of_length(middle))
            low = middle
        except Refused as refused:
            if [(fault.code, fault.pointer) for fault in refused.faults] != [("entry-too-large", "")]:
                raise
            high = middle
    entry = seal(drafted(data=of_length(low)), 10**20 - 1, 2**31 - 1, b"9999-12-31T23:59:59.999999Z")
    assert ENTRY_MAX_BYTES - 16 <= len(entry) <= ENTRY_MAX_BYTES


def with_ciphertext(data: dict[str, Any]) -> bytes:
    """Return an entry as the ledger writes it: canonical, ciphertext in the data."""
    document = msgspec.json.decode(sealed(drafted()))
    return rfc8785.dumps(document | {"data": data})


@given(name=NAMES, before=NEAR | TEXTS, after=NEAR | TEXTS, listed=st.booleans())
def test_masking_covers_every_ciphertext_and_nothing_else(name: str, before: str, after: str, listed: bool) -> None:
    data: dict[str, Any] = {"a": before, "b": [before, after], name + "c": after, "z": {name: after}}
    hidden: Any = ["first", CIPHERTEXT, CIPHERTEXT] if listed else CIPHERTEXT
    shown: Any = ["first", "[MASKED]", "[MASKED]"] if listed else "[MASKED]"
    for place in ("a0", "z0", f"{name}d"):
        entry = with_ciphertext(data | {place: hidden})
        assert masked(entry) == with_ciphertext_of(entry, data | {place: shown})
        erased = msgspec.json.decode(msgspec.json.encode(shown).replace(b"MASKED", b"ERASED"))
        assert masked(entry, frozenset({b"AbC_-9"})) == with_ciphertext_of(entry, data | {place: erased})
        assert masked(entry, frozenset({b"another"})) == with_ciphertext_of(entry, data | {place: shown})


def with_ciphertext_of(entry: bytes, data: dict[str, Any]) -> bytes:
    """Return the same entry with other data."""
    document: dict[str, Any] = msgspec.json.decode(entry)
    return rfc8785.dumps(document | {"data": data})


@pytest.mark.parametrize("entry", [b"", b"{}", b"[]", b"\xff", b'{"data":' + b"[" * 5_000])
def test_what_is_no_entry_is_a_decode_error(entry: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, RecursionError)):
        read_entry(entry)
