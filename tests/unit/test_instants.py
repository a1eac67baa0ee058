"""Instants and local days: zones without midnight, skipped days, days of 23 and 25 hours, ends of periods."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.instants import (
    EARLIEST,
    LATEST,
    TICK,
    Precision,
    end_of,
    end_of_period,
    format_instant,
    parse_instant,
    start_of,
    zone,
)
from tests.unit.domain.build import Story

FIRST, LAST = EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)
ZONES = (
    "UTC",
    "Asia/Jakarta",
    "Europe/London",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
    "Africa/Monrovia",
    "America/St_Johns",
    "Asia/Beirut",
    "Atlantic/Azores",
    "Antarctica/Troll",
)
DAYS = [
    ("Asia/Jakarta", "2021-09-01", "2021-08-31T17:00:00Z", "2021-09-01T17:00:00Z"),
    ("Europe/London", "2021-03-28", "2021-03-28T00:00:00Z", "2021-03-28T23:00:00Z"),  # 23 hours
    ("Europe/London", "2021-10-31", "2021-10-30T23:00:00Z", "2021-11-01T00:00:00Z"),  # 25 hours
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),  # no midnight
    ("America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"),  # midnight twice
    ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z", "2022-03-27T21:00:00Z"),  # no midnight
    ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),  # the day that was skipped
    ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
    ("Asia/Kathmandu", "2021-01-01", "2020-12-31T18:15:00Z", "2021-01-01T18:15:00Z"),
    ("UTC", "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
]


@pytest.mark.parametrize(("name", "day", "start", "after"), DAYS)
def test_a_local_day_runs_from_its_first_instant_to_the_one_before_the_next(
    name: str, day: str, start: str, after: str
) -> None:
    local = date.fromisoformat(day)
    assert start_of(local, name) == parse_instant(start)
    assert end_of(local, name) == parse_instant(after) - TICK


def test_the_first_of_a_skipped_day_is_the_transition_itself() -> None:
    transition = parse_instant("2011-12-30T10:00:00Z")
    assert start_of(date(2011, 12, 30), "Pacific/Apia") == start_of(date(2011, 12, 31), "Pacific/Apia") == transition


@given(name=st.sampled_from(ZONES), day=st.dates(date(1900, 1, 2), date(2100, 1, 1)))
def test_days_follow_each_other_without_gap_and_hold_their_own_instants(name: str, day: date) -> None:
    start, end = start_of(day, name), end_of(day, name)
    assert end + TICK == start_of(day + timedelta(days=1), name)
    assert start.tzinfo is UTC
    if start <= end:
        assert start.astimezone(zone(name)).date() == end.astimezone(zone(name)).date() == day
    assert (start - TICK).astimezone(zone(name)).date() < day


PERIODS: list[tuple[str, Precision, str, str]] = [
    ("2021-08-02T17:00:00Z", "INSTANT", "Asia/Jakarta", "2021-08-02T17:00:00Z"),
    ("2021-08-02T17:00:00Z", "DAY", "Asia/Jakarta", "2021-08-03T17:00:00Z"),
    ("2021-08-02T16:59:59.999999Z", "DAY", "Asia/Jakarta", "2021-08-02T17:00:00Z"),
    ("2021-08-02T17:00:00Z", "MONTH", "Asia/Jakarta", "2021-08-31T17:00:00Z"),
    ("2021-11-30T17:00:00Z", "MONTH", "Asia/Jakarta", "2021-12-31T17:00:00Z"),
    ("2019-12-31T17:00:00Z", "YEAR", "Asia/Jakarta", "2020-12-31T17:00:00Z"),
    ("2019-12-31T16:59:59Z", "YEAR", "Asia/Jakarta", "2019-12-31T17:00:00Z"),
    ("2020-02-01T00:00:00Z", "MONTH", "UTC", "2020-03-01T00:00:00Z"),
    ("2021-03-28T12:00:00Z", "DAY", "Europe/London", "2021-03-28T23:00:00Z"),
    ("2021-10-15T00:00:00Z", "MONTH", "Europe/London", "2021-11-01T00:00:00Z"),
    ("2018-11-03T12:00:00Z", "DAY", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("2011-12-30T09:59:59Z", "DAY", "Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("2011-12-15T00:00:00Z", "YEAR", "Pacific/Apia", "2011-12-31T10:00:00Z"),
]


@pytest.mark.parametrize(("time", "precision", "name", "after"), PERIODS)
def test_a_period_ends_with_its_last_local_instant(time: str, precision: Precision, name: str, after: str) -> None:
    last = parse_instant(after) if precision == "INSTANT" else parse_instant(after) - TICK
    assert end_of_period(parse_instant(time), precision, name) == last


@given(
    moment=st.datetimes(FIRST, LAST, timezones=st.just(UTC)),
    precision=st.sampled_from(["INSTANT", "DAY", "MONTH", "YEAR"]),
    name=st.sampled_from(ZONES),
)
def test_whatever_the_calendar_takes_has_an_end_of_its_period(
    moment: datetime, precision: Precision, name: str
) -> None:
    end = end_of_period(moment, precision, name)
    assert moment <= end < moment + timedelta(days=367)
    assert precision == "INSTANT" or end_of_period(end, precision, name) == end


@pytest.mark.parametrize("moment", [EARLIEST, LATEST])
def test_the_ends_of_the_calendar_lie_within_every_zone(moment: datetime) -> None:
    for name in ZONES:
        for precision in ("DAY", "MONTH", "YEAR"):
            assert end_of_period(moment, precision, name) >= moment


def test_the_default_of_the_latest_moment_follows_class_and_precision() -> None:
    listing, platform = Story("listing:a:b", "Asia/Jakarta"), Story("platform:a", "Asia/Jakarta")
    time, end_of_day = "2021-08-02T17:00:00Z", "2021-08-03T16:59:59.999999Z"
    latest: list[tuple[Precision, str, str]] = [
        ("INSTANT", time, time),
        ("DAY", end_of_day, time),
        ("MONTH", "2021-08-31T16:59:59.999999Z", "2021-08-31T16:59:59.999999Z"),
        ("YEAR", "2021-12-31T16:59:59.999999Z", "2021-12-31T16:59:59.999999Z"),
    ]
    for precision, of_act, of_legal_effect in latest:
        act = listing.tell("ListingPublished", time, precision=precision)
        effect = platform.tell("PlatformRegistered", time, precision=precision, slug="a")
        assert (act.latest, effect.latest) == (parse_instant(of_act), parse_instant(of_legal_effect))
    said = platform.tell("PlatformRegistered", time, precision="YEAR", latest=end_of_day, slug="a")
    assert said.latest == parse_instant(end_of_day)


@given(st.datetimes(FIRST, LAST, timezones=st.timezones()))
def test_an_instant_is_written_in_utc_with_six_digits_and_read_back(moment: datetime) -> None:
    text = format_instant(moment)
    assert (len(text), text[10], text[19], text[-1]) == (27, "T", ".", "Z")
    assert parse_instant(text) == moment.astimezone(UTC)


def test_instants_sort_as_their_texts_do() -> None:
    moments = [EARLIEST, parse_instant("0999-12-31T00:00:00Z"), parse_instant("1000-01-01T00:00:00Z"), LATEST]
    texts = [format_instant(moment) for moment in moments]
    assert texts == sorted(texts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-01T00:00:00",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:01Z",
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_what_is_no_instant_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the class is the contract
        parse_instant(text)


def test_an_offset_is_taken_into_account() -> None:
    assert parse_instant("2026-01-10T10:00:00.5+07:00") == datetime(2026, 1, 10, 3, 0, 0, 500_000, tzinfo=UTC)
    jakarta = datetime(2026, 1, 10, 10, tzinfo=timezone(timedelta(hours=7)))
    assert format_instant(jakarta) == "2026-01-10T03:00:00.000000Z"


@pytest.mark.parametrize(
    "name", ["", "Asia", "Asia/Atlantis", "../UTC", "/etc/localtime", "UTC\0", "asia/jakarta\n", "é"]
)
def test_what_is_no_zone_is_a_value_error(name: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        zone(name)
