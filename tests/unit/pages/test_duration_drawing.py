"""Durations drawn group beside group, on one scale that can be read."""

from typing import Any

import pytest

from api.pages.duration_drawing import WIDTH, draw


def durations(*values: str, median: str | None, p90: str | None) -> dict[str, Any]:
    return {"values": list(values), "median": median, "p90": p90}


def test_values_median_and_percentile_stand_on_one_scale() -> None:
    drawn = draw(
        [
            ("SME", durations("5", "50", median="21", p90="50")),
            ("LARGE", {"values": None, "median": "6", "p90": "26"}),
            ("UNKNOWN", durations(median=None, p90=None)),
        ]
    )
    assert drawn is not None
    assert [mark.amount for mark in drawn.scale] == [0, 15, 30, 45, 60]
    assert [(strip.label, strip.values, strip.median, strip.percentile) for strip in drawn.strips] == [
        ("SME", [60, 600], 252, 600),
        ("LARGE", [], 72, 312),
        ("UNKNOWN", [], None, None),
    ]
    assert [mark.x for mark in drawn.scale] == [0, WIDTH / 4, WIDTH / 2, WIDTH * 3 / 4, WIDTH]


@pytest.mark.parametrize(("longest", "whole"), [("0", 4), ("0.5", 4), ("50", 60), ("53.2", 60), ("472", 600)])
def test_the_scale_is_round_and_holds_the_longest(longest: str, whole: float) -> None:
    drawn = draw([("one", durations(median=longest, p90=longest))])
    assert drawn is not None
    assert drawn.scale[-1].amount == whole


def test_nothing_that_is_over_is_not_drawn() -> None:
    assert draw([("one", durations(median=None, p90=None))]) is None
    assert draw([]) is None
