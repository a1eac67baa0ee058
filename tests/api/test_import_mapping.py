"""The language of mappings: what a row comes to, and what is said of a mapping that cannot be used."""

import hashlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
import pytest

from api.importing.compiling import compile_mapping
from api.importing.mapping import MappingError, parse_mapping
from api.importing.references import RowFault

ZONE = "Asia/Jakarta"
EVENTS_HEAD = """
[[events]]
type = "ListingPublished"
id = "shop:{no|escape}:published"
subject = "listing:shop:{no}"
time = { column = "at" }
"""
HEAD = """
format = "ndjson"
columns = ["no", "at", "state", "price", "seller", "tags", "name"]
source = "/shop/export"
[codes.sales]
live = "YES"
gone = "NO"
[codes.lenient]
live = true
"*" = false
"""
ROW = {"no": "L/1", "at": "2025-03-01", "state": "live", "price": "12.50", "seller": {"id": "S1", "tags": ["a", "b"]}}


Event: TypeAlias = dict[str, Any]
Bad: TypeAlias = tuple[str, str]
"""Code and detail of what is bad."""


def made(text: str, row: Mapping[str, Any]) -> list[Event | Bad]:
    """Return what a mapping makes of a row: events, and what is bad."""
    mapper = compile_mapping(parse_mapping(text), ZONE)
    return [
        (one.code, one.detail) if isinstance(one, RowFault) else msgspec.json.decode(one)
        for one in mapper.events_of(row)
    ]


def data_of(lines: str, row: Mapping[str, Any] = ROW) -> Event | Bad | None:
    """Return the data that these lines of `extra` make of a row, or what is bad."""
    (event,) = made(f"{HEAD}{EVENTS_HEAD}[events.data.extra]\n{lines}", row)
    return event if isinstance(event, tuple) else event["data"].get("extra")


def time_of(value: object, lines: str) -> tuple[str, ...]:
    """Return (time, timeprecision, timezone) of a row whose date is `value`, or what is bad."""
    text = HEAD + EVENTS_HEAD.replace('{ column = "at" }', f'{{ column = "at"{lines} }}')
    (event,) = made(text, {**ROW, "at": value})
    return event if isinstance(event, tuple) else (event["time"], event["timeprecision"], event["timezone"])


def problems_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(MappingError) as raised:
        compile_mapping(parse_mapping(text), ZONE)
    return raised.value.problems


def test_a_row_becomes_an_event_as_a_client_sends_it() -> None:
    assert made(HEAD + EVENTS_HEAD, ROW) == [
        {
            "specversion": "1.0",
            "id": "shop:L:2F1:published",
            "source": "/shop/export",
            "type": "ListingPublished",
            "subject": "listing:shop:L/1",
            "time": "2025-02-28T17:00:00.000000Z",
            "timeprecision": "DAY",
            "timezone": ZONE,
            "data": {},
        }
    ]


@pytest.mark.parametrize(
    ("value", "lines", "expected"),
    [
        ("2025", "", ("2024-12-31T17:00:00.000000Z", "YEAR", ZONE)),
        ("2025-03", "", ("2025-02-28T17:00:00.000000Z", "MONTH", ZONE)),
        ("2025-03-01T09:00:00", "", ("2025-03-01T02:00:00.000000Z", "INSTANT", ZONE)),
        ("2025-03-01T09:00:00+01:00", "", ("2025-03-01T08:00:00.000000Z", "INSTANT", ZONE)),
        ("2025-03-01 09:00:00", ', precision = "DAY"', ("2025-02-28T17:00:00.000000Z", "DAY", ZONE)),
        ("2025-03-01T20:00:00Z", ', precision = "DAY"', ("2025-03-01T17:00:00.000000Z", "DAY", ZONE)),
        ("01.03.2025", ', formats = ["%d.%m.%Y"]', ("2025-02-28T17:00:00.000000Z", "DAY", ZONE)),
        ("March 2025", ', formats = ["%d %B %Y", "%B %Y"]', ("2025-02-28T17:00:00.000000Z", "MONTH", ZONE)),
        ("2025-03-01", ', timezone = "UTC"', ("2025-03-01T00:00:00.000000Z", "DAY", "UTC")),
        (1740794400, ', formats = ["unix"]', ("2025-03-01T02:00:00.000000Z", "INSTANT", ZONE)),
        ("1740794400123", ', formats = ["unix-milliseconds"]', ("2025-03-01T02:00:00.123000Z", "INSTANT", ZONE)),
        # Of two moments that a clock shows alike, the earlier: New York, 2 November 2025, in daylight saving time.
        (
            "2025-11-02T01:30",
            ', timezone = "America/New_York"',
            ("2025-11-02T05:30:00.000000Z", "INSTANT", "America/New_York"),
        ),
        # Cairo has no midnight on 25 April 2025: the day begins at one.
        ("2025-04-25", ', timezone = "Africa/Cairo"', ("2025-04-24T22:00:00.000000Z", "DAY", "Africa/Cairo")),
        ("2025-02-30", "", ("bad-date", "at is no date of the form ISO 8601: '2025-02-30'")),
        ("20250301", "", ("bad-date", "at is no date of the form ISO 8601: '20250301'")),
        ("1/3", ', formats = ["%d.%m.%Y", "%Y"]', ("bad-date", "at is no date of the form %d.%m.%Y or %Y: '1/3'")),
        ("", "", ("missing-value", "time: the row has no at")),
    ],
)
def test_a_date_is_read_in_its_zone_and_as_exactly_as_it_is_known(value: object, lines: str, expected: object) -> None:
    assert time_of(value, lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('a = "{no}-{/seller/id}"', {"a": "L/1-S1"}),
        ('a = "{{{no|lower}}}"', {"a": "{l/1}"}),
        ('a = "{no|sha256}"', {"a": hashlib.sha256(b"L/1").hexdigest()}),
        ('a = "{name}"\nb = 1\nc = true', {"b": 1, "c": True}),
        ('a = { b = "{name}" }\nc = ["{name}", "{no}"]', {"c": ["L/1"]}),
        ('a = { column = "/seller/tags" }', {"a": ["a", "b"]}),
        ('a = { column = "/seller/tags/1" }', {"a": "b"}),
        ('a = { column = "/seller/tags/7", default = "none" }', {"a": "none"}),
        ('a = { column = "state", codes = "sales" }', {"a": "YES"}),
        ('a = { column = "price", codes = "lenient" }', {"a": False}),
        (
            'a = { column = "price", codes = "sales" }',
            ("unknown-code", "price has '12.50', which the code map does not name"),
        ),
        ('a = { column = "price", type = "integer", scale = 2 }', {"a": 1250}),
        (
            'a = { column = "price", type = "integer" }',
            ("bad-value", "price has more than 0 digits behind the point: '12.50'"),
        ),
        ('a = { column = "no", type = "integer" }', ("bad-value", "no is no number: 'L/1'")),
        ('a = { column = "at", type = "date" }', {"a": "2025-03-01"}),
        ('a = { column = "at", type = "instant" }', ("bad-date", "at is not known so exactly: '2025-03-01'")),
        ('a = { column = "price", split = "." }', {"a": ["12", "50"]}),
        (
            'a = { column = "seller", type = "text" }',
            ("bad-value", "seller is no text: {'id': 'S1', 'tags': ['a', 'b']}"),
        ),
        ('a = { column = "name", required = true }', ("missing-value", "the row has no name")),
        ('a = { column = "no", when = [{ column = "state", equals = "gone" }] }', None),
        ('a = { column = "no", when = [{ column = "state", one_of = ["gone", "live"] }] }', {"a": "L/1"}),
        ('a = { column = "no", when = [{ column = "name", present = false }] }', {"a": "L/1"}),
    ],
)
def test_a_member_is_what_its_line_says(lines: str, expected: object) -> None:
    assert data_of(lines) == expected


def test_one_row_makes_several_events_and_a_bad_one_leaves_the_others() -> None:
    second = """
[[events]]
type = "ListingWithdrawn"
id = "shop:{no|escape}:delisted"
subject = "listing:shop:{no}"
time = { column = "price" }
when = [{ column = "state", equals = "gone" }]
"""
    text = HEAD + EVENTS_HEAD + second
    kinds = [[one[0] if isinstance(one, tuple) else one["type"] for one in made(text, {**ROW, **to})] for to in CHANGES]
    assert kinds == [["ListingPublished"], ["ListingPublished", "bad-date"], ["ListingPublished", "ListingWithdrawn"]]


CHANGES: tuple[dict[str, str], ...] = ({}, {"state": "gone"}, {"state": "gone", "price": "2025-04-01"})


def test_an_id_needs_all_of_its_template() -> None:
    assert made(HEAD + EVENTS_HEAD, {**ROW, "no": " "}) == [("missing-value", "id: the row has no no")]


def test_escaped_ids_of_different_texts_differ() -> None:
    texts = ["a/b", "a:b", "a:2Fb", "a b", "a\u00e9", "A/B", "a.b", "a_b", "a-b"]
    ids = [
        one["id"] for text in texts for one in made(HEAD + EVENTS_HEAD, {**ROW, "no": text}) if isinstance(one, dict)
    ]
    assert len({*ids}) == len(texts)
    assert ids[:3] == ["shop:a:2Fb:published", "shop:a:3Ab:published", "shop:a:3A2Fb:published"]


def test_everything_that_is_wrong_with_a_mapping_is_told_with_its_place() -> None:
    text = """
format = "ndjson"
columns = ["no", "at"]
source = "/shop/export"
timezone = "Asia/Jakata"
[[events]]
type = "ListingPublished"
id = "shop:{number}"
subject = "seller:shop:{no}"
time = { column = "at", formats = ["%d.%m", "%Y-%m"], precision = "DAY" }
when = [{ column = "at" }]
[events.data]
colour = "red"
extra = { a = "{no|trim}", b = "{no", c = { column = "no", codes = "x" }, d = { column = "no", kind = "y" }, e = 1.5 }
[[events]]
type = "ListingFlew"
id = "x"
subject = "{no}"
time = { column = "at" }
"""
    assert [(place, detail.split(":")[0]) for place, detail in problems_of(text)] == [
        ("/timezone", "'Asia/Jakata' is no zone of the IANA time zone database"),
        ("/events/0/subject", "ListingPublished is about a listing, not about a seller"),
        ("/events/0/data/colour", "this member is not known"),
        ("/events/0/id", "'number' is not among `columns`"),
        ("/events/0/time/formats/0", "'%d.%m' has no year (%Y)"),
        ("/events/0/time/precision", "'%Y-%m' tells no more than the month"),
        ("/events/0/when/0", "asks nothing"),
        ("/events/0/data/extra/a", "there is no filter 'trim'"),
        ("/events/0/data/extra/b", "the brace at character 1 has no other"),
        ("/events/0/data/extra/c/codes", "there is no code map [codes.x]"),
        ("/events/0/data/extra/d/kind", "this member is not known"),
        ("/events/0/data/extra/e", "is neither text, integer nor truth"),
        ("/events/1/type", "there is no event type 'ListingFlew'"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("format = ", [("", "is no TOML: Invalid value (at end of document)")]),
        (
            HEAD.replace("columns", "colums") + EVENTS_HEAD,
            [("/colums", "this member is not known"), ("/columns", "is required")],
        ),
        (HEAD, [("/events", "is required")]),
        (HEAD.replace('"ndjson"', '"xml"') + EVENTS_HEAD, [("/format", "is not one of the codes")]),
    ],
)
def test_a_text_that_is_no_mapping_is_refused(text: str, expected: list[tuple[str, str]]) -> None:
    assert problems_of(text) == expected
