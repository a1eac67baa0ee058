"""From when until when the rules and versions of policies were in force, and where that is drawn. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from typing import Any

from msgspec import Struct

Item = Mapping[str, Any]
"""A policy as `GET /v1/policies` has it."""
WIDTH = 720
"""Units across the drawing."""
ROW, TOP = 40, 26
"""Units for a row with its name, and for the dates above all of them."""
DATE_WIDTH = 80
"""Units that a written date takes."""
TICKS_MAX = 7
"""Dates above the drawing: more would run into each other."""
STEPS = (1, 3, 6, 12, 24, 60, 120)
"""Months between two dates above the drawing."""
LEAST_WIDTH = 2.0
"""Units of the shortest bar: it is seen."""
MONTHS = 12


class Span(Struct, frozen=True, kw_only=True):
    """A rule, or a version of a policy, from when until before when it held (instants); None: it holds still."""

    log: str
    policy: str
    title: str | None
    rule: str | None
    version: str
    then: str | None
    event: str
    begin: str
    end: str | None
    status: str


class Bar(Struct, frozen=True, kw_only=True):
    """Where a span is drawn."""

    span: Span
    y: int
    x: float
    width: float


class Tick(Struct, frozen=True, kw_only=True):
    """Where a date stands above the drawing; one that is `late` ends there, so that it is not cut off."""

    day: str
    x: float
    late: bool


class Drawing(Struct, frozen=True, kw_only=True):
    """Spans as bars over time, and the dates above them."""

    width: int
    height: int
    bars: Sequence[Bar]
    ticks: Sequence[Tick]


def spans_of(policies: Sequence[Item]) -> list[Span]:
    """Return the versions and rules of policies as spans of time."""
    return [span for policy in policies for span in (*_versions(policy), *_rules(policy))]


def _versions(policy: Item) -> Iterator[Span]:
    yield from _spans(policy, policy["versions"], None, "adopted_by")


def _rules(policy: Item) -> Iterator[Span]:
    for rule, versions in groupby(policy["rules"], key=lambda one: str(one["rule_id"])):
        yield from _spans(policy, list(versions), rule, "defined_by")


def _spans(policy: Item, versions: Sequence[Item], rule: str | None, event: str) -> Iterator[Span]:
    """Yield versions of one thing, each until the next one, or until the policy was repealed (domain.md 6.6)."""
    for version, following in pairwise([*versions, None]):
        if version is None:
            continue
        end = policy.get("repealed_at") if version.get("repealed") else None
        status = policy["status"] if end is None else "REPEALED"
        if following is not None and (end is None or following["effective_from"] < end):
            end, status = following["effective_from"], "SUPERSEDED"
        yield Span(
            log=policy["log"],
            policy=policy["subject"],
            title=policy.get("title"),
            rule=rule,
            version=version["version"],
            then=version.get("then"),
            event=version[event],
            begin=version["effective_from"],
            end=end,
            status=status,
        )


def draw(spans: Sequence[Span], as_of: str) -> Drawing | None:
    """Return where spans are drawn, up to an instant; None of nothing."""
    if not spans:
        return None
    begin = min(_instant(span.begin) for span in spans)
    end = max(_instant(as_of), *(_instant(span.end or span.begin) for span in spans))
    whole = (end - begin).total_seconds() or 1.0

    def x(instant: datetime) -> float:
        return round(WIDTH * (instant - begin).total_seconds() / whole, 1)

    bars = [
        Bar(
            span=span,
            y=TOP + ROW * number,
            x=x(_instant(span.begin)),
            width=max(x(end if span.end is None else _instant(span.end)) - x(_instant(span.begin)), LEAST_WIDTH),
        )
        for number, span in enumerate(spans)
    ]
    places = [(day, x(datetime(day.year, day.month, 1, tzinfo=UTC))) for day in _days(begin, end)]
    ticks = [Tick(day=day.isoformat(), x=place, late=place > WIDTH - DATE_WIDTH) for day, place in places]
    return Drawing(width=WIDTH, height=TOP + ROW * len(spans), bars=bars, ticks=ticks)


def _days(begin: datetime, end: datetime) -> list[date]:
    """Return the first days of months in a span of time: as many as can be read."""
    first, last = begin.year * MONTHS + begin.month, end.year * MONTHS + end.month - 1
    choices = [range(-(-first // step) * step, last + 1, step) for step in STEPS]
    months = next((months for months in choices if len(months) <= TICKS_MAX), choices[-1])
    return [date(month // MONTHS, month % MONTHS + 1, 1) for month in months]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
