"""Calendars: which days of a year are worked, in a country (domain.md 7.6, 8). Deadlines are counted by them.

A year that no event speaks of is not known: whether one of its days is worked is undetermined, never guessed.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.payload import CalendarDate, Payload, TimeClass
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

CALENDAR = ("calendar",)
Year = Annotated[int, Meta(ge=1, le=9998)]
Holidays = Annotated[tuple[CalendarDate, ...], Meta(max_length=366)]
Weekdays = Annotated[tuple[Annotated[int, Meta(ge=1, le=7)], ...], Meta(max_length=7)]
"""Days of the week after ISO 8601: 1 is Monday, 7 Sunday."""


class CalendarPublished(Payload, frozen=True, kw_only=True):
    """The holidays and weekend days of a year are known."""

    event_type: ClassVar[str] = "CalendarPublished"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = CALENDAR

    year: Year
    holidays: Holidays
    weekend: Weekdays

    def check(self) -> None:
        """Every holiday is a day of the year."""
        check_days("holidays", self.holidays, self.year)


class CalendarAmended(Payload, frozen=True, kw_only=True):
    """Days of a year changed: `holidays` and `weekend` replace what was, then days are added and removed."""

    event_type: ClassVar[str] = "CalendarAmended"
    time_class: ClassVar[TimeClass] = TimeClass.LEGAL_EFFECT
    streams: ClassVar[tuple[str, ...]] = CALENDAR

    year: Year
    holidays: Holidays | None = None
    weekend: Weekdays | None = None
    added: Holidays | None = None
    removed: Holidays | None = None

    def check(self) -> None:
        """Every day named is a day of the year."""
        check_days("holidays", self.holidays, self.year)
        check_days("added", self.added, self.year)
        check_days("removed", self.removed, self.year)


class CalendarYear(Value, frozen=True, kw_only=True):
    """The days of one year that are not worked. `weekend` is None where only an amendment of the year is known."""

    year: int
    holidays: tuple[str, ...] = ()
    weekend: tuple[int, ...] | None = None
    published_by: str | None = None
    published_at: str | None = None
    amended_by: tuple[str, ...] = ()


class Calendar(State, frozen=True, kw_only=True):
    """State of a calendar: its years."""

    years: Mapping[int, CalendarYear] = msgspec.field(default_factory=dict[int, CalendarYear])


def check_days(name: str, days: Iterable[str] | None, year: int) -> None:
    """Raise ValueError for a day that the calendar has not, or that is of another year."""
    for index, day in enumerate(days or ()):
        try:
            of_year = date.fromisoformat(day).year == year
        except ValueError as error:
            raise ValueError(f"/{name}/{index}: is no day of the calendar") from error
        if not of_year:
            raise ValueError(f"/{name}/{index}: is no day of {year}")


def begin(subject: str) -> Calendar:
    """Return the state before any event."""
    return Calendar(id=subject)


def apply(state: Calendar, fact: Fact) -> Calendar:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Calendar, fact: Fact) -> Calendar:
    match fact.payload:
        case CalendarPublished(year=year, holidays=holidays, weekend=weekend):
            published = CalendarYear(
                year=year,
                holidays=_in_order(holidays),
                weekend=tuple(sorted(set(weekend))),
                published_by=fact.id,
                published_at=format_instant(fact.time),
            )
            return msgspec.structs.replace(state, years={**state.years, year: published})
        case CalendarAmended(year=year) as amended:
            before = state.years.get(year) or CalendarYear(year=year)
            return msgspec.structs.replace(state, years={**state.years, year: _amended(before, amended, fact.id)})
        case _:
            return state


def _amended(before: CalendarYear, amended: CalendarAmended, event_id: str) -> CalendarYear:
    holidays = set(before.holidays if amended.holidays is None else amended.holidays)
    holidays = (holidays | set(amended.added or ())) - set(amended.removed or ())
    return msgspec.structs.replace(
        before,
        holidays=_in_order(holidays),
        weekend=before.weekend if amended.weekend is None else tuple(sorted(set(amended.weekend))),
        amended_by=(*before.amended_by, event_id),
    )


def _in_order(days: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(days)))


def is_working_day(state: Calendar, day: date) -> bool | None:
    """Tell whether a day is worked; None where the calendar does not know its year."""
    year = state.years.get(day.year)
    if year is None or year.weekend is None:
        return None
    return day.isoweekday() not in year.weekend and day.isoformat() not in year.holidays


def describe(state: Calendar, _moment: datetime) -> dict[str, Any]:
    """Return the calendar as JSON values; nothing of it changes by time alone."""
    return {
        "id": state.id,
        "version": state.version,
        "years": [msgspec.to_builtins(year) for _, year in sorted(state.years.items())],
    }


STREAM = Stream(
    kind="calendar",
    pattern=r"^calendar:[!-~]+$",
    events=(CalendarPublished, CalendarAmended),
    begin=begin,
    apply=apply,
    describe=describe,
    rules={},
)
