"""On how many local days something was in breach within a window (domain.md 13.2: breach_listing_days). Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from ledger.domain.instants import TICK, zone
from projections.window import Window

Span = tuple[datetime, datetime]
"""From when, and until before when."""


def clipped(span: Span, window: Window) -> Span | None:
    """Return the part of a span that lies in a window; None where there is none."""
    begin = span[0] if window.begin is None else max(span[0], window.begin)
    end = span[1] if window.end is None else min(span[1], window.end)
    return (begin, end) if begin < end else None


def breach_days(spans: Iterable[Span], window: Window, zone_name: str) -> int:
    """Return on how many local days one member was in breach: a part of a day is one, and no day counts twice."""
    place = zone(zone_name)
    days = 0
    counted: date | None = None
    for span in sorted(spans):
        part = clipped(span, window)
        if part is None:
            continue
        first = part[0].astimezone(place).date()
        last = (part[1] - TICK).astimezone(place).date()
        if counted is not None:
            first = max(first, counted + timedelta(days=1))
        if first <= last:
            days += (last - first).days + 1
            counted = last
    return days
