"""Sections of a report as tables of a page: columns, the rows that are shown, and a chart where one helps. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from api.pages import charts
from api.pages.asking import Answer
from api.pages.formats import Formats
from api.pages.months import series_of
from api.pages.wording import Wording
from ledger.domain.local_dates import DATE_LENGTH

ROWS_MAX = 200
"""Rows of a section on a page: whoever wants more takes the file."""
BARS_MAX = 12
"""Bars of a chart: more are read better in the table."""
GROWTH, BREACHES = "growth", "breach_months"
"""Sections over months: of a course that goes on until it changes, and of counts of each month."""
BARS: Mapping[str, tuple[Sequence[str], str]] = {
    "breaches": (("rule", "status"), "breach_listing_days"),
    "blocks": (("instrument",), "restrictions"),
    "joiners": (("industry",), "joined"),
    "verification": (("verification",), "sellers"),
    "corrections": (("kind", "reason"), "n"),
    "forums": (("forum",), "filed"),
}
"""Sections whose lines are compared: by which names, and which figure."""
WHOLES = frozenset({"ALL", "all"})
"""Lines over everything, beside which its parts would be short bars."""
Row = Mapping[str, Any]


class Section(Struct, frozen=True, kw_only=True):
    """A section: its columns, the rows that are shown, how many there are, and a chart or nothing."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Row]
    count: int
    chart: Markup


def rows_of(answer: Answer | None, section: str) -> Sequence[Row]:
    """Return the rows of a report's section; none where it was not answered, or not yet."""
    rows: Sequence[Row] = answer.document["sections"][section] if answer is not None and answer.good else ()
    return rows


def sections_of(document: Row, t: Wording, formats: Formats) -> list[Section]:
    """Return the sections of a report."""
    return [
        Section(
            name=name,
            columns=list(dict.fromkeys(column for row in rows for column in row)),
            rows=rows[:ROWS_MAX],
            count=len(rows),
            chart=_chart(name, rows, t, formats),
        )
        for name, rows in document["sections"].items()
    ]


def _chart(section: str, rows: Sequence[Row], t: Wording, formats: Formats) -> Markup:
    name = t("reports.chart")
    if section == GROWTH:
        return charts.lines(name, _courses(rows), formats.number, formats.day)
    if section == BREACHES:
        counted = [
            {**row, "group": _label(row, BARS["breaches"][0]), "count": row["breach_listing_days"]} for row in rows
        ]
        return charts.lines(name, series_of(counted, "group", t("reports.others")), formats.number, formats.day)
    if section in BARS:
        bars = _compared(rows, *BARS[section])
        return charts.bars(name, bars, formats.number) if len(bars) <= BARS_MAX else Markup()
    return Markup()


def _courses(rows: Sequence[Row]) -> dict[str, list[charts.Dated]]:
    """Return how many members each body had at the end of the months in which that changed."""
    found: dict[str, list[charts.Dated]] = {}
    for row in rows:
        found.setdefault(row["body"], []).append(
            (date.fromisoformat(row["until"][:DATE_LENGTH]), row["members_certain"])
        )
    return {body: course for body, course in found.items() if len(course) > 1}


def _compared(rows: Sequence[Row], by: Sequence[str], figure: str) -> list[tuple[str, float]]:
    """Return the sum of a figure by name, the largest first."""
    found: dict[str, float] = {}
    for row in rows:
        label = _label(row, by)
        if label not in WHOLES:
            found[label] = found.get(label, 0) + float(row[figure])
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _label(row: Row, by: Sequence[str]) -> str:
    return " ".join(str(row[name] or "—") for name in by)
