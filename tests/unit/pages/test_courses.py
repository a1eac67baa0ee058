"""What lasted from when to when, as known at one date."""

from typing import Any

from api.pages.courses import Stretch, Track, draw_course, tracks_of
from tests.unit.pages.test_rectangles import CLOSED, UNTIL_CLOSED, day, rectangle


def with_parts(one: dict[str, Any], **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {**one, "state": {**one["state"], **parts}}


def test_what_was_known_then_decides_how_long_it_lasted() -> None:
    items = [UNTIL_CLOSED, CLOSED]
    went_on = Stretch(start=day(2), end=None, says="ACTIVE")
    assert tracks_of(items, day(11)) == [Track(name="", kind="", stretches=(went_on,))]
    ended, closed = Stretch(start=day(2), end=day(10), says="ACTIVE"), Stretch(start=day(10), end=None, says="CLOSED")
    assert tracks_of(items, day(12)) == [Track(name="", kind="", stretches=(ended, closed))]
    assert tracks_of(items, day(1)) == []


def test_neighbours_that_say_the_same_are_one_bar() -> None:
    items = [rectangle((2, 5), (2, None), 5), rectangle((5, None), (5, None))]
    (track,) = tracks_of(items, day(6))
    assert track.stretches == (Stretch(start=day(2), end=None, says="ACTIVE"),)


def test_each_restriction_has_a_bar_while_it_is_in_force() -> None:
    first, second = rectangle((2, 5), (2, None), 5), rectangle((5, None), (5, None))
    blocked = {"restriction_id": "R1", "kind": "BLOCKED", "in_force": True}
    items = [
        with_parts(first, restrictions=[blocked]),
        with_parts(second, restrictions=[{**blocked, "in_force": False}, {"no": "name"}]),
    ]
    _, restriction = tracks_of(items, day(6))
    assert restriction == Track(
        name="R1", kind="restrictions", stretches=(Stretch(start=day(2), end=day(5), says="BLOCKED"),)
    )


def test_each_item_of_a_notice_has_its_own_stages() -> None:
    first, second = rectangle((2, 5), (2, None), 5), rectangle((5, None), (5, None))
    items = [
        with_parts(first, items=[{"item_no": 1, "state": "RECEIVED"}]),
        with_parts(second, items=[{"item_no": 1, "state": "ACTIONED", "restriction_id": "R1"}]),
    ]
    _, stages = tracks_of(items, day(6))
    assert (stages.name, [stretch.says for stretch in stages.stretches]) == ("1", ["RECEIVED", "ACTIONED"])


def test_bars_stand_in_order_and_what_goes_on_reaches_the_edge() -> None:
    drawn = draw_course(tracks_of([UNTIL_CLOSED, CLOSED], day(12)), day(11))
    assert drawn is not None
    ((_, (active, closed)),) = drawn.tracks
    assert active.x + active.width == closed.x < drawn.x < closed.x + closed.width == 936
    assert draw_course([], day(11)) is None
