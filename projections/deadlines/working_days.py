"""When a time limit ends: hours, calendar days and working days, counted in a zone by a calendar (domain.md 8). Pure.

The day of the trigger is not counted. What is counted in days ends with the last one of them, and where a calendar is
named a day that is not worked moves to the next that is. A calendar that does not know a year gives no answer.
"""

import calendar as gregorian
import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ledger.domain.calendar_days import Calendar, is_working_day
from ledger.domain.instants import MONTHS_IN_YEAR, TICK, end_of, start_of, zone

Counting = Literal["CLOCK", "CALENDAR_DAYS", "WORKING_DAYS"]
"""CLOCK: to the very instant; hours run only on working days where a calendar is named, a day is one of the wall clock
(23 hours long where it has 23). CALENDAR_DAYS, WORKING_DAYS: to the end of a local day."""
CalendarId = Annotated[str, Meta(pattern=r"^calendar:[!-~]+$(?!\n)", max_length=200)]
LENGTH = r"^P(?=.)(?:([0-9]{1,4})M)?(?:([0-9]{1,4})D)?(?:T([0-9]{1,5})H)?$(?!\n)"
NO_TIME = timedelta(0)
DAY = timedelta(days=1)
_length = re.compile(LENGTH)


class Limit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A time limit: how long (ISO 8601: PT24H, P15D, P2M; of working days P21D), and how it is counted."""

    length: Annotated[str, Meta(pattern=LENGTH, max_length=20)]
    counting: Counting
    calendar: CalendarId | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a length that cannot be counted so."""
        months, days, hours = self.parts()
        if self.counting != "CLOCK" and hours:
            raise ValueError("hours are counted by the clock")
        if self.counting == "CLOCK" and self.calendar is not None and (months or days):
            raise ValueError("by a calendar the clock counts hours; days are CALENDAR_DAYS or WORKING_DAYS")
        if self.counting == "WORKING_DAYS" and (self.calendar is None or months or not days):
            raise ValueError("working days are a number of days of a calendar")

    def parts(self) -> tuple[int, int, int]:
        """Return months, days and hours; ValueError when the length is none."""
        found = _length.fullmatch(self.length)
        if found is None:
            raise ValueError(f"{self.length!r} is no length of time")
        months, days, hours = (int(part or 0) for part in found.groups())
        return months, days, hours


def due_at(trigger: datetime, limit: Limit, zone_name: str, calendar: Calendar | None) -> datetime | None:
    """Return the last instant that keeps a limit; None when the calendar does not know, or the days run out.

    `calendar` is the state of the limit's calendar, None when nothing is known of it.
    """
    if limit.calendar is None:
        calendar = None
    elif calendar is None:
        return None
    months, days, hours = limit.parts()
    try:
        if limit.counting == "CLOCK":
            start = _same_time(trigger, months, days, zone_name) if months or days else trigger
            return advanced(start, timedelta(hours=hours), zone_name, calendar)
        day = _day_of(trigger, zone_name)
        if limit.counting == "WORKING_DAYS" and calendar is not None:
            return _end(nth_working_day(calendar, day, days), zone_name)
        return _end(_worked(_later(day, months, days), calendar), zone_name)
    except (OverflowError, ValueError):
        return None  # the end of the calendar itself


def not_before(trigger: datetime, limit: Limit, zone_name: str, calendar: Calendar | None) -> datetime | None:
    """Return the first instant at which a waiting period is over: its last day counts where it is counted in days."""
    due = due_at(trigger, limit, zone_name, calendar)
    return due if due is None or limit.counting == "CLOCK" else start_of(_day_of(due, zone_name), zone_name)


def postponed(
    due: datetime, limit: Limit, pause: tuple[datetime, datetime], zone_name: str, calendar: Calendar | None
) -> datetime | None:
    """Return a due instant moved by a pause of the clock: by as much as would have run, or been counted, within it."""
    if limit.calendar is None:
        calendar = None
    begin, end = pause
    try:
        if limit.counting == "CLOCK":
            lost = running(begin, end, zone_name, calendar)
            return None if lost is None else advanced(due, lost, zone_name, calendar)
        first, last, day = (_day_of(instant, zone_name) for instant in (begin, end, due))
        if limit.counting == "WORKING_DAYS" and calendar is not None:
            count = working_days_between(calendar, first, last)
            return None if count is None else _end(nth_working_day(calendar, day, count), zone_name)
        return _end(_worked(day + (last - first), calendar), zone_name)
    except (OverflowError, ValueError):
        return None


def nth_working_day(calendar: Calendar, day: date, count: int) -> date | None:
    """Return the `count`-th working day after a day; None where the calendar does not know a year on the way."""
    while count:
        day += DAY
        worked = is_working_day(calendar, day)
        if worked is None:
            return None
        count -= worked
    return day


def working_days_between(calendar: Calendar, first: date, last: date) -> int | None:
    """Return how many working days are after `first`, up to and with `last`; None where the calendar does not know."""
    count = 0
    while first < last:
        first += DAY
        worked = is_working_day(calendar, first)
        if worked is None:
            return None
        count += worked
    return count


def advanced(start: datetime, span: timedelta, zone_name: str, calendar: Calendar | None) -> datetime | None:
    """Return the instant at which `span` has run since `start`: always, or on the working days of a calendar."""
    if calendar is None:
        return start + span
    now, day = start, _day_of(start, zone_name)
    while True:
        worked = is_working_day(calendar, day)
        if worked is None:
            return None
        midnight = start_of(day + DAY, zone_name)
        if worked:
            if span <= midnight - now:
                return min(now + span, midnight - TICK)
            span -= midnight - now
        now, day = midnight, day + DAY


def running(begin: datetime, end: datetime, zone_name: str, calendar: Calendar | None) -> timedelta | None:
    """Return how much of a span the clock runs: all of it, or what is on the working days of a calendar."""
    if calendar is None:
        return end - begin
    total, now, day = NO_TIME, begin, _day_of(begin, zone_name)
    while now < end:
        worked = is_working_day(calendar, day)
        if worked is None:
            return None
        until = min(start_of(day + DAY, zone_name), end)
        total += until - now if worked else NO_TIME
        now, day = until, day + DAY
    return total


def _day_of(instant: datetime, zone_name: str) -> date:
    return instant.astimezone(zone(zone_name)).date()


def _end(day: date | None, zone_name: str) -> datetime | None:
    return None if day is None else end_of(day, zone_name)


def _worked(day: date, calendar: Calendar | None) -> date | None:
    """Return the day, or the next one that is worked; without a calendar every day will do."""
    while calendar is not None and (worked := is_working_day(calendar, day)) is not True:
        if worked is None:
            return None
        day += DAY
    return day


def _later(day: date, months: int, days: int) -> date:
    """Return the day so many months, then days later; a month that is too short gives its last day."""
    years, month = divmod(day.month - 1 + months, MONTHS_IN_YEAR)
    year, month = day.year + years, month + 1
    if year > date.max.year:
        raise OverflowError("the calendar has no such year")
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1])) + timedelta(days=days)


def _same_time(trigger: datetime, months: int, days: int, zone_name: str) -> datetime:
    """Return the same time of the wall clock on a later day."""
    local = trigger.astimezone(zone(zone_name))
    later = datetime.combine(_later(local.date(), months, days), local.time(), tzinfo=zone(zone_name))
    return later.astimezone(UTC)
