"""Charts: what the library draws without its colours, with a name, and nothing where nothing can be compared."""

import re
from collections import Counter
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from api.pages.charts import LABELS_MAX, SERIES_MAX, bars, columns, lines

NAME = "Goods <b>by month</b> & rule"
FIRST, SECOND = date(2021, 1, 1), date(2021, 2, 1)
CHARTS = {
    "columns": columns(NAME, [("2021-01", 3), ("2021-02", 5)], str),
    "bars": bars(NAME, [("small <firms>", 21), ("large", 6)], str),
    "lines": lines(NAME, {"one": [(FIRST, 1), (SECOND, 2)], "two": [(FIRST, 2), (SECOND, 1)]}, str, str),
}


def shapes(chart: Markup) -> Counter[str]:
    """Return how many shapes of which series a chart has."""
    classes = (element.get("class", "") for element in ET.fromstring(chart).iter())
    return Counter(name for name in classes if name.startswith("series-"))


def words(chart: Markup) -> list[str]:
    return [element.text for element in ET.fromstring(chart).iter() if element.tag.endswith("}text") and element.text]


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_has_a_name_and_neither_colour_nor_size_nor_font_of_its_own(kind: str) -> None:
    drawn = ET.fromstring(CHARTS[kind])
    assert (drawn.get("role"), drawn[0].text) == ("img", NAME)
    paint = re.compile(r"(fill|stroke|style|font|color)", re.ASCII)
    assert [name for element in drawn.iter() for name in element.attrib if paint.match(name)] == []
    assert "width" not in drawn.attrib


def test_each_point_is_a_shape_and_each_line_is_also_in_the_legend() -> None:
    assert {kind: shapes(chart) for kind, chart in CHARTS.items()} == {
        "columns": {"series-1": 2},
        "bars": {"series-1": 2},
        "lines": {"series-1": 2, "series-2": 2},
    }
    assert {"one", "two"} <= set(words(CHARTS["lines"]))
    assert "small <firms>" in words(CHARTS["bars"])


def test_of_many_columns_only_as_many_are_labelled_as_can_be_read() -> None:
    labels = [f"2021-{number:02}" for number in range(1, 31)]
    written = [word for word in words(columns(NAME, [(label, 1) for label in labels], str)) if word in labels]
    assert written == labels[:: len(labels) // LABELS_MAX]


@pytest.mark.parametrize(
    "chart",
    [
        columns(NAME, [], str),
        columns(NAME, [("alone", 3)], str),
        bars(NAME, [("none", 0), ("nothing", 0)], str),
        lines(NAME, {}, str, str),
        lines(NAME, {str(one): [(FIRST, 1), (SECOND, 2)] for one in range(SERIES_MAX + 1)}, str, str),
    ],
)
def test_nothing_is_drawn_of_nothing_of_one_of_zeros_and_of_more_than_can_be_told_apart(chart: Markup) -> None:
    assert chart == ""


def test_lines_over_one_day_alone_are_no_chart() -> None:
    assert lines("Events", {"A": [(date(2026, 1, 1), 3.0)], "B": [(date(2026, 1, 1), 1.0)]}, str, str) == ""
