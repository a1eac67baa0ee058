"""A subject's history as a drawing: where its rectangles lie, which are chosen, and what they say."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from api.pages.rectangles import (
    DRAWN_MAX,
    TICK_WIDTH,
    draw,
    ever_known,
    is_known,
    says,
    valid_until,
)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def written(number: int | None) -> str | None:
    return None if number is None else f"2026-01-{number:02}T00:00:00.000000Z"


def rectangle(
    valid: tuple[int, int | None], known: tuple[int, int | None], end_known: int | None = None, status: str = "ACTIVE"
) -> dict[str, Any]:
    return {
        "valid_from": written(valid[0]),
        "valid_to": written(valid[1]),
        "valid_to_known_from": written(end_known),
        "known_from": written(known[0]),
        "known_to": written(known[1]),
        "state": {"status": status},
    }


UNTIL_CLOSED = rectangle((2, 10), (2, None), 12)
"""Active from the 2nd; on the 12th it became known that this had ended on the 10th."""
CLOSED = rectangle((10, None), (12, None), status="CLOSED")


def test_an_end_that_was_recorded_later_counts_for_those_who_ask_later() -> None:
    assert (valid_until(UNTIL_CLOSED, day(11)), valid_until(UNTIL_CLOSED, day(12))) == (None, day(10))
    assert valid_until(CLOSED, day(20)) is None


def test_knowledge_lasts_from_its_first_instant_until_before_its_last() -> None:
    known = rectangle((2, None), (3, 5))
    assert [is_known(known, day(number)) for number in (2, 3, 4, 5)] == [False, True, True, False]
    assert ever_known(known)
    assert not ever_known(rectangle((2, None), (3, 3)))


def test_the_rectangle_is_chosen_in_which_the_dates_lie() -> None:
    for as_of, known_at, chosen in ((11, 11, [1]), (11, 12, [2]), (9, 12, [1]), (1, 12, []), (11, 1, [])):
        picture = draw([UNTIL_CLOSED, CLOSED], day(as_of), day(known_at))
        assert [shape.number for shape in picture.shapes if shape.chosen] == chosen


def corners(path: str) -> list[tuple[float, float]]:
    places = path.removeprefix("M").removesuffix(" Z").split(" L")
    return [(float(x), float(y)) for x, y in (place.split(" ") for place in places)]


def test_an_end_known_later_bends_the_shape_and_the_two_share_their_edges() -> None:
    picture = draw([UNTIL_CLOSED, CLOSED], day(11), day(11))
    bent, closed = (corners(shape.path) for shape in picture.shapes)
    assert (len(bent), len(closed)) == (6, 6)
    _, (right, low), (_, bend), (end, _), (_, top), _ = bent
    assert closed[0] == (end, bend)
    assert closed[1] == (right, bend)
    assert top < bend < low
    assert [shape.label for shape in picture.shapes] == ["1 ACTIVE", "2 CLOSED"]
    assert picture.shapes[0].tone != picture.shapes[1].tone


def test_the_dates_cross_where_they_lie_and_their_order_is_kept() -> None:
    picture = draw([UNTIL_CLOSED, CLOSED], day(11), day(11))
    (_, closed) = picture.shapes
    (left, low) = corners(closed.path)[0]
    assert picture.x > left
    assert picture.y > low  # further up is later
    places = [tick.place for tick in picture.across]
    assert places == sorted(places)
    assert all(later - earlier >= TICK_WIDTH for earlier, later in pairwise(places))


def test_of_too_many_rectangles_the_newest_are_drawn_with_the_numbers_of_the_table() -> None:
    many = [rectangle((2, None), (2 + number % 28, None)) for number in range(DRAWN_MAX + 5)]
    picture = draw(many, day(3), day(3))
    assert (len(picture.shapes), picture.left_out) == (DRAWN_MAX, 5)
    assert all(many[shape.number - 1] is shape.item for shape in picture.shapes)


def test_a_state_says_its_status_and_what_restricts_it() -> None:
    assert says({"lifecycle": "PUBLISHED", "restricted": True}) == "PUBLISHED restricted"
    assert says({"status": None, "state": "FILED", "restricted": False}) == "FILED"
    assert says({"id": "party:p"}) == ""
