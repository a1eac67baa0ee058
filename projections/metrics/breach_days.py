"""On how many local days something was in breach within a window (domain.md 13.2: breach_listing_days). Pure."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from ledger.domain.instants import TICK, zone
from projections.window import Window

MONTH_LENGTH = 7
"""How much of YYYY-MM-DD says the month."""
Span = tuple[datetime, datetime]
"""From when, and until before when."""


def clipped(span: Span, window: Window) -> Span | None:
    """Return the part of a span that lies in a window; None where there is none."""
    begin = span[0] if window.begin is None else max(span[0], window.begin)
    end = span[1] if window.end is None else min(span[1], window.end)
    return (begin, end) if begin < end else None


def breach_days(spans: Iterable[Span], window: Window, zone_name: str) -> Counter[str]:
    """Return on how many local days one member was in breach, by local month, YYYY-MM, of those in which it was.

    A part of a day is one, and no day counts twice.
    """
    found: Counter[str] = Counter()
    for first, last in _runs(spans, window, zone_name):
        begin = first
        while begin <= last:
            end = min(last, begin.replace(day=monthrange(begin.year, begin.month)[1]))
            found[begin.isoformat()[:MONTH_LENGTH]] += (end - begin).days + 1
            begin = end + timedelta(days=1)
    return found


def _runs(spans: Iterable[Span], window: Window, zone_name: str) -> Iterator[tuple[date, date]]:
    """Yield the first and the last local day of each run of days, none of which is in two of them."""
    place = zone(zone_name)
    counted = date.min
    for span in sorted(spans):
        part = clipped(span, window)
        if part is None:
            continue
        first = max(part[0].astimezone(place).date(), counted + timedelta(days=1))
        last = (part[1] - TICK).astimezone(place).date()
        if first <= last:
            yield first, last
            counted = last
