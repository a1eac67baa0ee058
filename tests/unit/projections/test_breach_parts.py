"""What breaches are made of: prices, intervals, local days, courses, and the fields that a predicate lacks."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from ledger.domain.codes import CurrencyCode
from ledger.domain.instants import parse_instant
from ledger.domain.listing import ForeignExchange
from ledger.domain.payload import Money
from ledger.domain.predicate import parse_predicate
from projections.breaches import local_days
from projections.members.course import Interval, course_of, intervals
from projections.members.prices import amount_of, dollars_of
from projections.rule_spans import undetermined_fields
from tests.unit.domain.build import Story
from tests.unit.projections.asking import at, known

EVALUATED: dict[str, Any] = {
    "as_of": "2026-01-01",
    "known_at": "2026-01-01",
    "predicate_id": "P",
    "verdict": "UNDETERMINED",
    "population_n": 0,
    "tested_n": 0,
    "coverage": "0",
    "counterexamples_n": 0,
    "undetermined_n": 0,
}


@pytest.mark.parametrize(
    ("amount_minor", "currency", "amount"),
    [(999, "USD", "9.99"), (999, "IDR", "9.99"), (999, "JPY", "999"), (999, "KWD", "0.999"), (-1, "CLF", "-0.0001")],
)
def test_an_amount_is_in_major_units_of_its_currency(amount_minor: int, currency: CurrencyCode, amount: str) -> None:
    assert amount_of(Money(amount_minor=amount_minor, currency=currency)) == Decimal(amount)


def test_a_price_is_in_dollars_only_at_a_rate_to_dollars() -> None:
    rupiah = Money(amount_minor=150_000_000, currency="IDR")
    assert dollars_of(rupiah, None) is None
    assert dollars_of(rupiah, ForeignExchange(quote="SGD", rate="0.0001")) is None
    assert dollars_of(rupiah, ForeignExchange(quote="USD", rate="0.00006")) == Decimal(90)
    dollars = Money(amount_minor=9_999, currency="USD")
    assert dollars_of(dollars, ForeignExchange(quote="IDR", rate="15000")) == Decimal("99.99")


def test_what_holds_the_same_is_one_interval() -> None:
    steps = [(at(1), None), (at(2), "a"), (at(3), "a"), (at(4), "b"), (at(5), None), (at(6), "b"), (at(7), "b")]
    assert intervals(steps) == [
        Interval(at(2), at(4), "a"),
        Interval(at(4), at(5), "b"),
        Interval(at(6), None, "b"),
    ]
    assert intervals(steps[:1]) == []


@pytest.mark.parametrize(
    ("start", "end", "zone_name", "days"),
    [
        ("2026-01-05T17:00:00Z", "2026-01-06T17:00:00Z", "Asia/Jakarta", 1),
        ("2026-01-05T16:59:59Z", "2026-01-06T17:00:00Z", "Asia/Jakarta", 2),
        ("2026-01-05T17:00:00Z", "2026-01-06T17:00:01Z", "Asia/Jakarta", 2),
        ("2026-01-05T00:00:00Z", "2026-01-05T00:00:00.000001Z", "UTC", 1),
        ("2026-03-28T12:00:00Z", "2026-03-29T23:00:00Z", "Europe/London", 2),  # a day of 23 hours
        ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "UTC", 31),
    ],
)
def test_a_part_of_a_local_day_is_a_day(start: str, end: str, zone_name: str, days: int) -> None:
    assert local_days(parse_instant(start), parse_instant(end), zone_name) == days


def test_the_fields_for_want_of_which_a_predicate_is_open_are_named() -> None:
    predicate = parse_predicate(
        {
            "all": [
                {"any": [{"field": "a", "op": "eq", "value": 1}, {"not": {"field": "b", "op": "lt", "value": 2}}]},
                {"field": "c", "op": "exists"},
                {"field": "d", "op": "lt", "value": 3},
            ]
        }
    )
    assert undetermined_fields(predicate, {"a": 2, "d": "text"}) == {"b", "d"}
    assert undetermined_fields(predicate, {"a": 2, "b": 3, "d": 1}) == frozenset()


def test_a_course_ends_at_the_moment_and_goes_by_its_basis() -> None:
    story = Story("claim:shop:c")
    said = story.tell("ClaimEvaluated", **EVALUATED)
    story.facts[0] = msgspec.structs.replace(said, sourcetime=datetime(2026, 1, 7, tzinfo=UTC))
    assert course_of(known(story, "2029-01-01T00:00:00Z")).instants == []
    assert course_of(known(story, "2031-01-01T00:00:00Z")).instants == [said.recordedtime]
    assert course_of(known(story, basis="SOURCE")).instants == [at(7)]
    assert course_of(None).at(at(7)) is None
