"""Charts as SVG in the page: columns, bars, and lines over time. The one place that knows the library that draws them.

What the library draws is made ours: its colours and fonts become classes (`static/charts.css`), so that both themes
work, and a chart gets a name for who cannot see it. The figures stand as a table beside each chart.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup

Point = tuple[str, float]
"""A label, and how much."""
Dated = tuple[date, float]
"""A day, and how much."""
Write = Callable[[float], str]
"""How a number is written: as the reader's language has it."""
SVG = "http://www.w3.org/2000/svg"
WIDTH, HEIGHT = 640, 260
"""Units of a chart's own grid; a page scales it."""
BAR_HEIGHT, BARS_MARGIN = 30, 110
"""Units for each bar that lies, and for what stands around them."""
LABELS_MAX = 10
"""Labels below the columns: more would run into each other, so only each second, third ... is written then."""
LEGEND_MARK = 24
"""Units of a line's mark in a legend: long enough to show how it is dashed."""
LEGEND_RISE = 4
"""Units from the foot of a legend's text to its middle."""
SERIES_MAX = 5
"""Lines of one chart: more can be told apart by nobody."""
OURS = "series-"
"""What a series' colour is called: the class that stands for it."""
PAINT = ("fill", "stroke", "stroke-width", "font-family", "font-size")
"""What the library paints with, which is the style sheet's to say."""

leather: Any = import_module("leather")  # it has no types
leather.theme.legend_bubble_size = LEGEND_MARK


def columns(name: str, points: Sequence[Point], write: Write) -> Markup:
    """Return a chart of a column for each point, as they are given; nothing where there is nothing to compare."""
    if not _comparable([value for _, value in points]):
        return Markup()
    chart = leather.Chart()
    chart.add_columns(points, fill_color=f"{OURS}1")
    chart.add_y_scale(0, max(value for _, value in points))
    chart.add_y_axis(tick_formatter=_writing(write))
    chart.add_x_axis(tick_formatter=_every(-(-len(points) // LABELS_MAX)))
    return _drawn(chart, name, HEIGHT)


def bars(name: str, points: Sequence[Point], write: Write) -> Markup:
    """Return a chart of a lying bar for each point, the first on top; nothing where there is nothing to compare."""
    if not _comparable([value for _, value in points]):
        return Markup()
    chart = leather.Chart()
    chart.add_bars([(value, label) for label, value in points], fill_color=f"{OURS}1")
    chart.add_x_scale(0, max(value for _, value in points))
    chart.add_x_axis(tick_formatter=_writing(write))
    return _drawn(chart, name, BARS_MARGIN + BAR_HEIGHT * len(points))


def lines(name: str, series: Mapping[str, Sequence[Dated]], write: Write, day: Callable[[str], str]) -> Markup:
    """Return a chart of lines over time by their names; `day` says how a date is written.

    Nothing where there is nothing to compare, or more than can be told apart.
    """
    values = [value for points in series.values() for _, value in points]
    days = {day for points in series.values() for day, _ in points}
    if not _comparable(values) or len(series) > SERIES_MAX or len(days) < 2:  # noqa: PLR2004 - a line has two ends
        return Markup()
    chart = leather.Chart()
    for number, (label, points) in enumerate(series.items(), start=1):
        chart.add_line(points, name=label, stroke_color=f"{OURS}{number}")
    chart.add_y_scale(0, max(values))
    chart.add_y_axis(tick_formatter=_writing(write))
    chart.add_x_axis(tick_formatter=_dating(day))
    return _drawn(chart, name, HEIGHT)


def _comparable(values: Sequence[float]) -> bool:
    return len(values) > 1 and max(values) > 0


def _writing(write: Write) -> Callable[[float, int, int], str]:
    return lambda value, _index, _count: write(value)


def _dating(day: Callable[[str], str]) -> Callable[[date, int, int], str]:
    return lambda at, _index, _count: day(at.isoformat())


def _every(step: int) -> Callable[[str, int, int], str]:
    """Return what writes one label of so many."""
    return lambda label, index, _count: "" if index % step else label


def _drawn(chart: Any, name: str, height: int) -> Markup:  # noqa: ANN401 - the library's chart
    """Return a chart as an element of the page: with a name, without colours or sizes of its own."""
    ET.register_namespace("", SVG)
    drawn = ET.fromstring(chart.to_svg(width=WIDTH, height=height))  # noqa: S314 - what was made just now
    for parent in list(drawn.iter()):
        for element in list(parent):
            if element.get("fill") == leather.theme.background_color:
                parent.remove(element)
            else:
                _repaint(element)
    drawn.attrib = {"viewBox": f"0 0 {WIDTH} {height}", "class": "chart", "role": "img"}
    title = ET.Element(f"{{{SVG}}}title")
    title.text = name
    drawn.insert(0, title)
    return Markup(ET.tostring(drawn, encoding="unicode"))  # noqa: S704 - the library escapes what it writes


def _repaint(element: ET.Element) -> None:
    """Give an element the class of its series instead of a colour, and nothing else of paint."""
    series = next((value for name in ("fill", "stroke") if (value := element.get(name, "")).startswith(OURS)), None)
    for paint in PAINT:
        element.attrib.pop(paint, None)
    if series is not None:
        element.set("class", series)
    if element.get("width") == str(LEGEND_MARK):
        element.tag = f"{{{SVG}}}line"  # dashed as what it stands for
        middle = str(-LEGEND_RISE)
        element.attrib = {"x1": "0", "y1": middle, "x2": str(LEGEND_MARK), "y2": middle, "class": series or ""}
