"""Instants, local days and zones: the only place that turns one into another.

A day is meant in a named IANA zone. Zones without midnight and skipped days exist, so the end of a day is worked out
here, never in SQL.
"""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

Precision = Literal["INSTANT", "DAY", "MONTH", "YEAR"]

TICK = timedelta(microseconds=1)
EARLIEST = datetime(1, 1, 3, tzinfo=UTC)
"""No instant before it is taken: a zone's offset must not leave the calendar."""
LATEST = datetime(9998, 12, 29, tzinfo=UTC)
"""No instant after it is taken: its day, month and year end within the calendar, in every zone."""
MONTHS_IN_YEAR = 12
ZONES_CACHED = 1024
_encode = msgspec.json.Encoder().encode


# Zones are those of the tzdata package, whose version stands in every manifest, never those of the machine.
zoneinfo.reset_tzpath(to=())
ZONES = frozenset(zoneinfo.available_timezones()) - {"Factory", "localtime", "posixrules"}


@lru_cache(maxsize=ZONES_CACHED)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone of this name; ValueError when there is none."""
    if name not in ZONES:
        raise ValueError(f"{name!r} is no zone of the IANA time zone database")
    return ZoneInfo(name)


def format_instant(moment: datetime) -> str:
    """Write an instant as RFC 3339 in UTC with six digits and `Z`: the form of every entry."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    written = _encode(moment).decode()  # in quotes, ending in Z, with six digits or none
    return written[1:-1] if moment.microsecond else written[1:-2] + ".000000Z"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 instant with offset; ValueError when it is naive or unreadable."""
    moment = datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is outside the calendar") from error


def start_of(day: date, zone_name: str) -> datetime:
    """Return the first instant, in UTC, that is on or after this local date in this zone.

    `fold=0` picks the first of two midnights, and the transition itself where midnight does not exist.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone(zone_name)).astimezone(UTC)


def end_of(day: date, zone_name: str) -> datetime:
    """Return the last instant of a local day: the one before the first of the next local day."""
    return start_of(day + timedelta(days=1), zone_name) - TICK


def end_of_period(moment: datetime, precision: Precision, zone_name: str) -> datetime:
    """Return the last instant of the local day, month or year that holds `moment`; of INSTANT, `moment` itself."""
    if precision == "INSTANT":
        return moment
    local = moment.astimezone(zone(zone_name)).date()
    if precision == "DAY":
        return end_of(local, zone_name)
    if precision == "MONTH" and local.month < MONTHS_IN_YEAR:
        return start_of(date(local.year, local.month + 1, 1), zone_name) - TICK
    return start_of(date(local.year + 1, 1, 1), zone_name) - TICK
