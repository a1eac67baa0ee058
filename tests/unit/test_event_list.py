"""Over which part of a log events are looked for next: piece by piece, then a stretch, then ever greater strides."""

from datetime import UTC, datetime

import pytest

from projections.event_list import (
    MIXED_MAX_EVENTS,
    PIECE_EVENTS,
    STRETCH_EVENTS,
    STRIDE,
    EventFilters,
    Part,
    next_part,
    stride_after,
)

LONG = 100_000_000
STRETCHED = STRETCH_EVENTS * STRIDE
"""Events of the first part that is looked up."""

PARTS: list[tuple[tuple[int, int, int], int, bool, Part]] = [
    ((0, LONG, LONG), 0, False, Part(0, STRETCH_EVENTS, "find")),
    ((0, LONG, LONG), 0, True, Part(LONG - STRETCH_EVENTS, LONG, "find")),
    ((7, LONG, LONG), STRETCH_EVENTS, False, Part(7, 7 + STRETCHED, "seek")),
    ((0, LONG - 7, LONG), STRETCH_EVENTS, True, Part(LONG - 7 - STRETCHED, LONG - 7, "seek")),
    ((3, 50, LONG), STRETCH_EVENTS, False, Part(3, 50, "seek")),
    ((3, 50, LONG), STRETCH_EVENTS, True, Part(3, 50, "seek")),
    ((3, LONG, 50), 0, False, Part(3, 50, "find")),
    ((50, LONG, 50), STRETCH_EVENTS, False, Part(50, 50 + PIECE_EVENTS, "list")),
    ((3, 60, 50), 0, True, Part(50, 60, "list")),
    ((55, 60, 50), 0, True, Part(55, 60, "list")),
]


@pytest.mark.parametrize(("bounds", "passed", "backwards", "part"), PARTS)
def test_the_next_part_is_as_long_as_what_was_passed_asks_for(
    bounds: tuple[int, int, int], passed: int, backwards: bool, part: Part
) -> None:
    assert next_part(*bounds, backwards=backwards, passed=passed) == part


@pytest.mark.parametrize("backwards", [False, True])
def test_a_hundred_million_events_are_looked_up_in_few_parts(backwards: bool) -> None:
    low, high, passed, parts = 0, LONG, 0, list[Part]()
    while low < high:
        part = next_part(low, high, LONG, backwards=backwards, passed=passed)
        parts.append(part)
        passed += part.end - part.start
        low, high = (low, part.start) if backwards else (part.end, high)
    assert [part.way for part in parts] == ["find", "seek", "seek", "seek", "seek"]
    assert sum(part.end - part.start for part in parts) == LONG


NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("filters", "mixed"),
    [
        (EventFilters(), False),
        (EventFilters(words=["batik", "kemeja"]), False),
        (EventFilters(time_from=NOON, time_to=NOON), False),
        (EventFilters(types=["ListingBlocked"], recorded_from=NOON), False),
        (EventFilters(words=["batik"], types=["ListingBlocked"]), True),
        (EventFilters(time_to=NOON, prefixes=["listing:"]), True),
    ],
)
def test_strides_are_bounded_where_several_things_are_asked(filters: EventFilters, mixed: bool) -> None:
    longest = MIXED_MAX_EVENTS if mixed else STRIDE * MIXED_MAX_EVENTS
    assert stride_after(MIXED_MAX_EVENTS, mixed=filters.mixed) == longest
