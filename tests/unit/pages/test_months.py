"""Counts of months as series for a chart."""

from datetime import date

from api.pages.months import GROUPS_MAX, series_of


def counted(month: str, kind: str, count: int) -> dict[str, object]:
    return {"month": month, "type": kind, "count": count}


def test_every_series_has_every_month_between_the_first_and_the_last() -> None:
    series = series_of([counted("2020-12", "A", 2), counted("2021-02", "B", 1)], "type", "others")
    months = [date(2020, 12, 1), date(2021, 1, 1), date(2021, 2, 1)]
    assert series == {
        "A": list(zip(months, (2, 0, 0), strict=True)),
        "B": list(zip(months, (0, 0, 1), strict=True)),
    }


def test_the_largest_groups_have_a_line_of_their_own_and_the_rest_share_one() -> None:
    series = series_of([counted("2021-01", name, count) for count, name in enumerate("ABCDEFG", 1)], "type", "others")
    assert list(series) == ["G", "F", "E", "D", "others"]
    assert series["others"] == [(date(2021, 1, 1), 1 + 2 + 3)]


def test_one_group_more_than_have_a_line_has_one_too() -> None:
    items = [counted("2021-01", name, 1) for name in "ABCDE"]
    assert len(items) == GROUPS_MAX + 1
    assert list(series_of(items, "type", "others")) == list("ABCDE")


def test_a_group_in_two_logs_is_counted_together_and_nothing_is_no_chart() -> None:
    items = [{**counted("2021-01", "A", 1), "log": log} for log in ("shop", "open-shop")]
    assert series_of(items, "type", "others") == {"A": [(date(2021, 1, 1), 2)]}
    assert series_of([], "type", "others") == {}
