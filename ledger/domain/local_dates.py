"""Dates as people of a zone write them: when a thing was, as far as is known, and when a stated date has passed."""

from datetime import date, timedelta

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant, parse_instant, start_of, zone

DATE_LENGTH = 10
KNOWN_LENGTH = {"INSTANT": 10, "DAY": 10, "MONTH": 7, "YEAR": 4}
"""How much of YYYY-MM-DD is known, by precision."""


def local_date(fact: Fact) -> str:
    """Return the local date of an event as precisely as it is known: 2020-09-24, 2021-08 or 2019."""
    return fact.time.astimezone(zone(fact.timezone)).date().isoformat()[: KNOWN_LENGTH[fact.precision]]


def passed_from(text: str | None, zone_name: str) -> str | None:
    """Return the instant from which a stated date or instant has passed: a date holds to its end in the zone.

    A date at the end of the calendar (9999-12-31, "for ever") has no such instant, nor has what is no date.
    """
    if text is None:
        return None
    try:
        if len(text) > DATE_LENGTH:
            return format_instant(parse_instant(text))
        return format_instant(start_of(date.fromisoformat(text) + timedelta(days=1), zone_name))
    except (ValueError, OverflowError):
        return None
