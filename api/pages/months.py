"""Counts of months as series for a chart: the largest groups by name, all others as one. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

GROUPS_MAX = 4
"""Groups that have a line of their own; the others share one."""
Dated = tuple[date, float]


def series_of(items: Iterable[Mapping[str, Any]], group: str, others: str) -> dict[str, Sequence[Dated]]:
    """Return (first day of month, count) of each group over all months from the first to the last, largest first.

    `items` have `month` (2021-09), `count` and a member `group`; `others` is what the rest is called, if there is any.
    """
    counted = [(str(item[group]), date.fromisoformat(f"{item['month']}-01"), int(item["count"])) for item in items]
    if not counted:
        return {}
    totals = Counter[str]()
    for name, _, count in counted:
        totals[name] += count
    ranked = [name for name, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))]
    own = ranked[:GROUPS_MAX] if len(ranked) > GROUPS_MAX + 1 else ranked
    months = list(_months(min(month for _, month, _ in counted), max(month for _, month, _ in counted)))
    found = {name: dict.fromkeys(months, 0) for name in (*own, *((others,) if len(own) < len(ranked) else ()))}
    for name, month, count in counted:
        found[name if name in own else others][month] += count
    return {name: list(points.items()) for name, points in found.items()}


def _months(first: date, last: date) -> Iterable[date]:
    month = first
    while month <= last:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
