"""What the append is set beside: the same rows, in fixed steps or in the append's own commits."""

from datetime import UTC, datetime, timedelta

from tests.benchmarks.append import ratio_of
from tests.benchmarks.copying import COMMITS, Row, parts_of

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def row(position: int, commit: int) -> Row:
    return (1, position, 1, FIRST + timedelta(microseconds=commit), f"id-{position}", "listing:shop:1", "T", b"", b"")


def test_rows_are_copied_in_steps_or_in_the_commits_they_had() -> None:
    rows = [row(0, 1), row(1, 1), row(2, 2), row(3, 4), row(4, 4)]
    assert parts_of(rows, 2) == [rows[:2], rows[2:4], rows[4:]]
    assert parts_of(rows, COMMITS) == [rows[:2], rows[2:3], rows[3:]]


def test_a_ratio_is_to_its_own_side_and_that_to_copy_is_to_the_faster_one() -> None:
    rates = {"append": 30.0, "copy_1000": 50.0, "copy_10000": 60.0, "copy_commits": 90.0, "umadb": 15.0}
    names = ("append/copy", "append/umadb", "append/copy_commits")
    assert [ratio_of(rates, name) for name in names] == [0.5, 2.0, 30 / 90]
