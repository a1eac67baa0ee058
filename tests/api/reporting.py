"""How the tests of reports ask: sections over January 2026, reduced to what names their rows and what answers."""

from collections.abc import Sequence
from typing import Any

from tests.api.asking import ZONE, Row, day
from tests.api.desk import Desk, Json

JANUARY = {"from": day("01-01"), "to": day("01-31")}


async def report(desk: Desk, name: str, **asked: Json) -> dict[str, Any]:
    """Return a report over January."""
    answer: dict[str, Any] = await desk.get(
        f"/v1/reports/{name}", **{"who": "operator", "tz": ZONE, **JANUARY, **asked}
    )
    return answer


async def section(desk: Desk, of: str, name: str, names: Sequence[str], as_of: str, **asked: Json) -> list[Row]:
    """Return these members of every row of a report's section."""
    days = {key: day(value) for key, value in asked.items() if key == "known_at"}
    answer = await report(desk, of, **{**asked, **days, "as_of": day(as_of), "section": name})
    assert list(answer["sections"]) == [name]
    return [members_of(row, names) for row in answer["sections"][name]]


def members_of(row: dict[str, Any], names: Sequence[str]) -> Row:
    """Return these members of a row; `a.b` is the member of an object."""
    return tuple(_said(row, name) for name in names)


def _said(row: dict[str, Any], name: str) -> Json:
    first, _, rest = name.partition(".")
    value = row[first]
    return _said(value, rest) if rest else value


def share(of: str) -> tuple[str, str, str]:
    """Return the names of a rate's numbers."""
    return f"{of}.numerator", f"{of}.denominator", f"{of}.censored"


def parts(rows: list[Row], *by: str) -> list[Row]:
    """Return the rows by some attributes."""
    return [row for row in rows if row[0] in by]
