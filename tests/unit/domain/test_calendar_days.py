from datetime import date
from typing import Any

import msgspec
import pytest

from ledger.domain.calendar_days import Calendar, is_working_day
from tests.unit.domain.build import Story, payload

ID = "calendar:ID"
PUBLISHED: dict[str, Any] = {"year": 2021, "holidays": ["2021-10-20"], "weekend": [7, 6]}


def worked(story: Story, as_of: str, *days: str) -> list[bool | None]:
    state = story.state(as_of)
    assert isinstance(state, Calendar)
    return [is_working_day(state, date.fromisoformat(day)) for day in days]


def published() -> Story:
    story = Story(ID, "Asia/Jakarta")
    story.tell("CalendarPublished", "2020-12-31T17:00:00Z", **PUBLISHED)
    return story


def test_a_calendar_is_described_in_full() -> None:
    assert published().described() == {
        "id": ID,
        "version": 1,
        "years": [
            {
                "year": 2021,
                "holidays": ["2021-10-20"],
                "weekend": [6, 7],
                "published_by": "e1",
                "published_at": "2020-12-31T17:00:00.000000Z",
            }
        ],
    }


def test_weekends_and_holidays_are_not_worked_and_other_years_are_not_known() -> None:
    days = ("2021-10-19", "2021-10-20", "2021-10-23", "2021-10-24", "2021-10-25", "2022-01-03")

    assert worked(published(), "2021-10-01T00:00:00Z", *days) == [True, False, False, False, True, None]


def test_a_holiday_is_moved_by_an_amendment_from_its_time_on() -> None:
    story = published()
    story.tell("CalendarAmended", "2021-10-05T00:00:00Z", year=2021, removed=["2021-10-20"], added=["2021-10-21"])

    days = ("2021-10-20", "2021-10-21")
    assert worked(story, "2021-10-04T00:00:00Z", *days) == [False, True]
    assert worked(story, "2021-10-05T00:00:00Z", *days) == [True, False]
    assert story.described()["years"][0]["amended_by"] == ["e2"]


def test_an_amendment_may_replace_holidays_and_weekend() -> None:
    story = published()
    story.tell("CalendarAmended", "2021-10-05T00:00:00Z", year=2021, holidays=["2021-12-25"], weekend=[5])

    days = ("2021-10-20", "2021-12-25", "2021-12-24", "2021-12-26")
    assert worked(story, "2021-10-06T00:00:00Z", *days) == [True, False, False, True]


def test_a_year_of_which_only_an_amendment_is_known_is_not_known() -> None:
    story = Story(ID)
    story.tell("CalendarAmended", "2021-10-05T00:00:00Z", year=2021, added=["2021-10-21"])

    assert story.breach() is None
    assert worked(story, "2021-10-06T00:00:00Z", "2021-10-21", "2021-10-22") == [None, None]


@pytest.mark.parametrize(
    ("event_type", "data", "fault"),
    [
        ("CalendarPublished", {**PUBLISHED, "holidays": ["2021-02-30"]}, "/holidays/0: is no day of the calendar"),
        (
            "CalendarPublished",
            {**PUBLISHED, "holidays": ["2021-01-01", "2022-01-01"]},
            "/holidays/1: is no day of 2021",
        ),
        ("CalendarAmended", {"year": 2021, "added": ["2020-12-31"]}, "/added/0: is no day of 2021"),
        ("CalendarAmended", {"year": 2021, "removed": ["2021-13-01"]}, "/removed/0: is no day of the calendar"),
    ],
)
def test_a_day_that_is_none_of_the_year_is_refused(event_type: str, data: dict[str, Any], fault: str) -> None:
    payload("CalendarPublished", **PUBLISHED).check()
    with pytest.raises(ValueError, match=fault):
        payload(event_type, **data).check()


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("CalendarPublished", PUBLISHED, {**PUBLISHED, "weekend": [0]}),
        ("CalendarPublished", PUBLISHED, {**PUBLISHED, "weekend": [8]}),
        ("CalendarPublished", {**PUBLISHED, "holidays": []}, {"year": 2021, "weekend": [7]}),
        ("CalendarAmended", {"year": 2021}, {"added": ["2021-10-21"]}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
