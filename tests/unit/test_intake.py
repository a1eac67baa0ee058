"""Reading bodies: every encoding to the same events, every fault of a shape, and what is no JSON at all."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Refused, TooLarge, Unreadable
from ledger.free_values import NESTING_MAX, free_faults
from ledger.intake import (
    BATCH_MAX_EVENTS,
    Author,
    ClockedEventData,
    EventData,
    Intake,
    LogInfo,
    Read,
    check_event,
)

Json: TypeAlias = Any
"""Any JSON value."""
LOG = LogInfo(
    log_id=1,
    slug="shop",
    kind="PLATFORM",
    timezone="Asia/Jakarta",
    jurisdiction=None,
    data_class="PUBLIC",
    origin="ledger/shop",
    created=datetime(2026, 1, 1, tzinfo=UTC),
)
AUTHOR = Author(authid="a", authrole="PLATFORM_WRITER")
GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e1",
    "source": "/tests",
    "type": "ListingWithdrawn",
    "subject": "listing:shop:A",
    "time": "2026-01-01T00:00:00Z",
    "data": {"by": "SELLER"},
}
encode = msgspec.json.encode


def faults(read: Read) -> list[tuple[int, str, str]]:
    """Return (index, pointer, code) of what is wrong with the shape of an event."""
    assert isinstance(read, Refused), read
    return [(fault.index, fault.pointer, fault.code) for fault in read.faults]


def checked(**said: Json) -> list[tuple[str, str]]:
    """Return (pointer, code) of what is wrong with an event whose shape is right."""
    (read,) = Intake().read_one(encode(GOOD | said))
    assert isinstance(read, EventData), read
    try:
        check_event(read, LOG, AUTHOR)
    except Refused as refused:
        return [(fault.pointer, fault.code) for fault in refused.faults]
    return []


@given(st.lists(st.sampled_from([GOOD, GOOD | {"id": "e2", "nativeseq": 5}, GOOD | {"time": 5}, 5, None]), max_size=8))
def test_every_encoding_reads_the_same(values: list[Any]) -> None:
    intake = Intake()
    array = intake.read_array(encode(values))
    lines = intake.read_lines(b"\n".join(encode(value) for value in values))
    ones = [intake.read_one(encode(value))[0] for value in values]
    assert [said(read) for read in array] == [said(read) for read in lines] == [said(read) for read in ones]


def said(read: Read) -> Json:
    """Return what can be compared of an event, or of what is wrong with it."""
    return faults(read) if isinstance(read, Refused) else read


def test_one_bad_shape_leaves_the_others_read() -> None:
    read = Intake().read_array(encode([GOOD, GOOD | {"colour": 1, "id": ""}, GOOD]))
    assert [isinstance(one, EventData) for one in read] == [True, False, True]
    assert faults(read[1]) == [(0, "/colour", "invalid-event"), (0, "/id", "invalid-event")]


def test_faults_of_envelope_and_data_are_told_together() -> None:
    (read,) = Intake().read_one(encode(GOOD | {"colour": 1, "data": {"by": "NOBODY", "size": 1}}))
    assert faults(read) == [
        (0, "/colour", "invalid-event"),
        (0, "/data/size", "invalid-event"),
        (0, "/data/by", "invalid-event"),
    ]
    (unknown,) = Intake().read_one(encode(GOOD | {"type": "Nothing", "id": 5}))
    assert faults(unknown) == [(0, "/id", "invalid-event"), (0, "/type", "unknown-event-type")]
    assert checked(type="Nothing", timezone="Asia/Atlantis") == [
        ("/timezone", "invalid-event"),
        ("/type", "unknown-event-type"),
    ]
    assert checked(data={"by": "NOBODY"}, subject="seller:a:b", timelatest="2025-01-01T00:00:00Z") == [
        ("/subject", "invalid-event"),
        ("/timelatest", "invalid-event"),
        ("/data/by", "invalid-event"),
    ]
    assert checked() == []


READERS: list[Callable[[Intake, bytes], list[Read]]] = [Intake.read_one, Intake.read_array, Intake.read_lines]


@given(body=st.binary(max_size=200))
@pytest.mark.parametrize("reader", READERS)
def test_any_bytes_are_read_or_are_unreadable(reader: Callable[[Intake, bytes], list[Read]], body: bytes) -> None:
    try:
        read = reader(Intake(), body)
    except Unreadable as error:
        if not str(error):
            raise
    else:
        assert all(isinstance(one, EventData | Refused) for one in read)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"{", 1),
        (b"\n\n{\n", 3),
        (encode(GOOD) + b"\n" + encode(GOOD)[:-1] + b"\n" + encode(GOOD), 2),
        (encode(GOOD) + encode(GOOD), 1),
        (msgspec.json.format(encode(GOOD)), 1),
        (encode(GOOD) + b"\n" + b"[" * 100_000, 2),
        (encode(GOOD | {"id": 5}) + b"\nx", 2),
    ],
)
def test_a_line_that_is_no_json_is_told_by_its_number(body: bytes, line: int) -> None:
    with pytest.raises(Unreadable) as error:
        Intake().read_lines(body)
    assert error.value.line == line
    assert str(error.value).startswith(f"line {line}: ")


def test_more_events_than_the_bound_are_too_large_whatever_they_are() -> None:
    for value in (GOOD, 5, {}):
        good, body = encode(value), encode([value] * (BATCH_MAX_EVENTS + 1))
        with pytest.raises(TooLarge, match="10001 events at once"):
            Intake().read_array(body)
        with pytest.raises(TooLarge, match="10001 events at once"):
            Intake().read_lines((good + b"\n") * (BATCH_MAX_EVENTS + 1))
    assert len(Intake().read_array(encode([GOOD] * BATCH_MAX_EVENTS))) == BATCH_MAX_EVENTS


def test_recordedtime_is_the_ledgers_unless_it_has_a_test_clock() -> None:
    body = encode(GOOD | {"recordedtime": "2026-01-01T00:00:00Z"})
    (refused,) = Intake().read_one(body)
    assert faults(refused) == [(0, "/recordedtime", "invalid-event")]
    (read,) = Intake(test_clock=True).read_one(body)
    assert isinstance(read, ClockedEventData)
    assert read.recordedtime == datetime(2026, 1, 1, tzinfo=UTC)


def nested(depth: int) -> Json:
    """Return objects and arrays in each other."""
    value: Any = 1
    for level in range(depth):
        value = {"n": value} if level % 2 else [value]
    return value


@pytest.mark.parametrize("depth", [NESTING_MAX - 2, NESTING_MAX - 1, 200, 480])
def test_free_json_is_bounded_in_depth(depth: int) -> None:
    found = checked(data={"extra": {"a": nested(depth)}})
    assert bool(found) == (depth > NESTING_MAX - 2)
    assert {code for _, code in found} <= {"invalid-event"}


FREE: list[tuple[Any, list[str]]] = [
    ({"a": [1, "x", None, True, {"b": -(2**53)}]}, []),
    ({"a": "\0"}, ["/x/a"]),
    ({"a": "enc:"}, ["/x/a"]),
    ({"a": " enc:"}, []),
    ({"a": 0.5}, ["/x/a"]),
    ({"a": 2**53 + 1, "b": -(2**53) - 1}, ["/x/a", "/x/b"]),
    ({"a/b": {"~": 0.5}}, ["/x/a~1b/~0"]),
    ({"\u00e9": 1}, ["/x"]),
    ({"a\0": 0.5}, ["/x", "/x/a\0"]),
    ([[], [0.5, "\0"]], ["/x/1/0", "/x/1/1"]),
]


@pytest.mark.parametrize(("value", "pointers"), FREE)
def test_what_is_wrong_in_free_json_is_told(value: Json, pointers: list[str]) -> None:
    assert [fault.pointer for fault in free_faults(value, "/x")] == pointers
