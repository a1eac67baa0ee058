"""Each metric of domain.md 13.2 against a value that was worked out by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.domain.appeal import Appeal
from ledger.domain.codes import CurrencyCode
from ledger.domain.listing import ListingBlocked
from ledger.domain.payload import Money
from ledger.domain.restriction import Restriction
from ledger.domain.takedown import Item, Pause
from projections.metrics.breach_days import breach_days
from projections.metrics.currency_sums import currency_sums
from projections.metrics.decisions import (
    Decision,
    appeal_overturn_rate,
    error_rate,
    reversal_rate,
    zero_sale_rate,
)
from projections.metrics.definitions import DEFINITIONS, definitions_of
from projections.metrics.durations import Durations
from projections.metrics.order_statistics import median, nearest_rank
from projections.metrics.takedown_times import PROMISE, Wait, share_within, time_to_action, wait_of
from projections.reports.catalogue import REPORTS
from projections.window import Window

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Window(asked={}, begin=None, end=None)
JANUARY = Window(asked={}, begin=FIRST, end=datetime(2026, 2, 1, tzinfo=UTC))


def hours(*values: float) -> list[timedelta]:
    return [timedelta(hours=value) for value in values]


def days(*values: float) -> list[timedelta]:
    return [timedelta(days=value) for value in values]


def at(hour: float) -> datetime:
    return FIRST + timedelta(hours=hour)


def written(hour: float) -> str:
    return at(hour).isoformat()


def received(decided: float | None = None, **said: object) -> Item:
    """Return an item whose notice came at hour 0."""
    ended = None if decided is None else written(decided)
    return Item(item_no=1, received_at=written(0), decided_at=ended, **said)  # type: ignore[arg-type]


def waits(*ended: float | None, begun: float = 0) -> list[Wait]:
    return [
        Wait(begun=at(begun), ended=None if end is None else at(begun + end), paused=timedelta(), dropped=False)
        for end in ended
    ]


def decided(ground: str | None = None, *, ended: bool = False, sales: int | None = None) -> Decision:
    restriction = Restriction(
        restriction_id="R",
        kind="BLOCKED",
        ended_by="end" if ended or ground else None,
        end_ground=ground,
        sales_before_block=sales,
    )
    payload = ListingBlocked(restriction_id="R")
    return Decision(log="shop", subject="listing:shop:L", at=FIRST, restriction=restriction, payload=payload)


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        (hours(), None),
        (hours(5), timedelta(hours=5)),
        (hours(30, 5, 9), timedelta(hours=9)),
        (hours(5, 9, 20, 22, 30, 50), timedelta(hours=21)),
    ],
)
def test_the_median_of_an_even_number_is_the_mean_of_the_two_middle_ones(
    values: list[timedelta], middle: timedelta | None
) -> None:
    assert median(values) == middle


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [
        (hours(), 90, None),
        (hours(7), 50, timedelta(hours=7)),
        (hours(5, 9, 20, 22, 30, 50), 90, timedelta(hours=50)),
        (hours(10, 6, 2, 26, 4), 50, timedelta(hours=6)),
        (hours(*range(1, 11)), 90, timedelta(hours=9)),
        (hours(*range(1, 11)), 91, timedelta(hours=10)),
        (hours(*range(1, 101)), 29, timedelta(hours=29)),
        (hours(*range(1, 101)), 100, timedelta(hours=100)),
    ],
)
def test_a_percentile_is_the_value_at_its_nearest_rank(
    values: list[timedelta], percent: int, found: timedelta | None
) -> None:
    assert nearest_rank(values, percent) == found


def test_durations_show_few_values_and_the_ages_of_what_is_open_the_oldest_first() -> None:
    assert Durations(over=hours(9, 5, 20.5), open=hours(1, 30)).describe("hours") == {
        "unit": "hours",
        "n": 3,
        "median": "9",
        "p90": "20.5",
        "values": ["5", "9", "20.5"],
        "n_open": 2,
        "open_ages": ["30", "1"],
    }


@pytest.mark.parametrize(("count", "shown"), [(0, []), (1, ["1"]), (9, [str(day) for day in range(1, 10)]), (10, None)])
def test_of_fewer_than_ten_values_all_are_shown(count: int, shown: list[str] | None) -> None:
    described = Durations(over=days(*range(1, count + 1))).describe("days", (50, 95))
    assert (described["n"], described["values"]) == (count, shown)
    assert set(described) == {"unit", "n", "median", "p50", "p95", "values", "n_open", "open_ages"}


def test_a_duration_is_written_to_four_places_below_zero_too() -> None:
    over = [timedelta(minutes=20), timedelta(minutes=-90), timedelta()]
    assert Durations(over=over).describe("hours")["values"] == ["-1.5", "0", "0.3333"]


def test_time_to_action_leaves_out_the_spans_in_which_the_notice_was_with_its_notifier() -> None:
    pause = Pause(returned_at=written(2), supplemented_at=written(12))
    waited = wait_of(received(30, pauses=(pause,)), at(100))
    assert waited is not None
    assert time_to_action([waited], at(100)) == Durations(over=hours(20))
    assert time_to_action([waited], at(100), unpaused=True) == Durations(over=hours(30))


def test_a_pause_that_nobody_ended_runs_until_the_decision_or_the_moment() -> None:
    pauses = (Pause(returned_at=written(10)),)
    decided_one, open_one = wait_of(received(30, pauses=pauses), at(100)), wait_of(received(pauses=pauses), at(100))
    assert decided_one is not None
    assert open_one is not None
    assert time_to_action([decided_one, open_one], at(100)) == Durations(over=hours(10), open=hours(10))


def test_what_was_rejected_or_taken_back_is_neither_decided_nor_open() -> None:
    dropped = [wait_of(received(rejected_at=written(5)), at(9)), wait_of(received(withdrawn_at=written(5)), at(9))]
    assert time_to_action([one for one in dropped if one is not None], at(9)) == Durations()


def test_an_item_whose_notice_is_not_known_to_have_come_waits_for_nothing() -> None:
    assert wait_of(Item(item_no=1, decided_at=written(3)), at(9)) is None


def test_the_share_within_24_hours_leaves_out_what_is_open_and_not_due_and_counts_older_ones_as_failures() -> None:
    within = share_within([*waits(5, 24, 24.5, None), *waits(None, begun=40)], PROMISE, ALWAYS, at(50))
    assert (within.numerator, within.denominator, within.censored) == (2, 4, 1)
    assert (within.numerator_is, within.denominator_is, within.clock) == (
        "decided_within_24_hours",
        "items_due",
        "due_at",
    )


def test_the_share_within_24_hours_is_of_what_was_due_in_the_period() -> None:
    eve = waits(30, begun=-12)  # comes the day before, and is due within the period
    last = waits(5, begun=30 * 24 + 12)  # comes within, and is due after it
    within = share_within([*eve, *last], PROMISE, JANUARY, at(2000))
    assert (within.numerator, within.denominator) == (0, 1)


def test_the_share_within_24_hours_counts_pauses_out() -> None:
    waited = wait_of(received(30, pauses=(Pause(returned_at=written(2), supplemented_at=written(9)),)), at(100))
    assert waited is not None
    assert share_within([waited], PROMISE, ALWAYS, at(100)).value == 1


def test_the_reversal_rate_is_of_all_decisions_whatever_the_ground_of_the_reversal() -> None:
    cohort = [decided(), decided("POLICY_REPEALED"), decided("PLATFORM_ERROR"), decided(ended=True)]
    assert (reversal_rate(cohort).numerator, reversal_rate(cohort).denominator) == (3, 4)
    assert (error_rate(cohort).numerator, error_rate(cohort).denominator) == (1, 4)


def test_the_rate_of_nothing_is_no_number() -> None:
    assert reversal_rate([]).describe()["decimal"] is None


def test_the_zero_sale_rate_leaves_out_removals_whose_sales_are_not_known() -> None:
    rate = zero_sale_rate([decided(sales=0), decided(sales=0), decided(sales=7), decided()])
    assert (rate.numerator, rate.denominator, rate.censored) == (2, 3, 1)


def test_the_appeal_overturn_rate_counts_partial_ones_and_of_decided_ones_alone() -> None:
    results = ("OVERTURNED", "PARTIAL", "UPHELD_DECISION")
    appeals = [
        Appeal(id=f"appeal:shop:{result}", platform="shop", state="DECIDED", result=result) for result in results
    ]
    appeals += [Appeal(id="appeal:shop:A", platform="shop", state="FILED")]
    appeals += [Appeal(id="appeal:shop:B", platform="shop", state="WITHDRAWN")]
    rate = appeal_overturn_rate(appeals)
    assert (rate.numerator, rate.denominator, rate.censored) == (2, 3, 1)


def test_sums_of_money_are_kept_apart_by_currency() -> None:
    idr: CurrencyCode = "IDR"
    amounts = [Money(amount_minor=5, currency=idr), None, Money(amount_minor=7, currency="USD")]
    assert currency_sums([*amounts, Money(amount_minor=-2, currency=idr)]) == {"IDR": 3, "USD": 7}


@pytest.mark.parametrize(
    ("spans", "count"),
    [
        ([(30, 31)], 1),  # an hour is a day
        ([(0, 24)], 2),  # 7:00 to 7:00 in Jakarta
        ([(-7, 17)], 1),  # midnight to midnight there
        ([(0, 5), (6, 10), (20, 30)], 2),  # no day counts twice
        ([(-100, -8)], 0),  # before the period
        ([(-100, 1)], 1),  # begins before it
        ([(0, 48), (10, 20)], 3),  # one within another
    ],
)
def test_days_in_breach_are_local_ones_and_clipped_to_the_period(spans: list[tuple[float, float]], count: int) -> None:
    period = Window(asked={}, begin=at(-7), end=at(31 * 24 - 7))
    assert breach_days([(at(begin), at(end)) for begin, end in spans], period, "Asia/Jakarta").total() == count


def test_days_in_breach_are_told_by_local_month() -> None:
    spans = [(at(-7), at(1)), (at(20 * 24), at(60 * 24))]  # from midnight in Jakarta; then at 7:00, 40 days
    assert breach_days(spans, ALWAYS, "Asia/Jakarta") == {"2026-01": 1 + 11, "2026-02": 28, "2026-03": 2}


def test_every_report_defines_what_it_shows_and_every_definition_is_some_reports() -> None:
    shown = {name for report in REPORTS for name in definitions_of(report.metrics)}
    assert sorted(shown) == sorted(DEFINITIONS)
