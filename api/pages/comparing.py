"""A page's answer beside the same as it was known at another date: what the API is asked for it.

Where both pages begin and end at the same place they are laid beside each other. Else each is laid beside what the
other date has of its subjects: so no item is called new or gone because it stands on another page.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from litestar import Request
from msgspec import Struct

from api.pages.asking import Answer, Parameters, try_asking
from api.pages.differences import Item, Row, compare, explain, sources_of, targets_of
from api.pages.times import Times
from api.pages.zoned import ask_at
from ledger.domain.instants import TICK, format_instant, parse_instant

ITEMS_MAX = 1_000
"""Items of the other date that are looked at for the subjects of a page, and events for the causes: a page of lists.

Of subjects that have more, what is missing is not called so.
"""
TARGETS_MAX = 20
"""Corrected events that are looked at, to tell which part of a stream they are of; of others it stays open."""
NOW = "now"
"""A date of knowledge that is compared with: all that is known."""
SOURCE = "SOURCE"
NARROWS = frozenset({"subject", "cursor", "limit"})
"""Parameters that a question about a page's own subjects says itself."""


class Comparison(Struct, frozen=True, kw_only=True):
    """The rows of both dates, and the events between them, as far as the API tells of them."""

    rows: list[Row]
    events: Answer | None = None


def other_date(times: Times) -> str:
    """Return the date of knowledge that a page compares with, as the API takes it: nothing for now."""
    return "" if times.against == NOW else times.against


async def compare_pages(
    request: Request[Any, Any, Any],
    path: str,
    times: Times,
    pages: tuple[Answer, Answer],
    parameters: Parameters,
    identity: Sequence[str],
) -> Comparison:
    """Return what differs between a page of a list and one of the same list as known at the other date.

    `parameters` are those of the list, without time, and where each of both pages begins (`cursor`, maybe empty).
    """
    here, there = pages
    begins = {value for name, value in parameters if name == "cursor"}
    if len(begins) <= 1 and here.document["next"] == there.document["next"]:
        rows = compare(here.items, there.items, identity)
    else:
        narrowed = [(name, value) for name, value in parameters if name not in NARROWS]
        ours, theirs = await asyncio.gather(
            _beside(request, path, times, narrowed, here.items, other_date(times), identity),
            _beside(request, path, times, narrowed, there.items, times.known_at, identity),
        )
        gone = [
            msgspec.structs.replace(row, difference="ONLY_THERE") for row in theirs if row.difference == "ONLY_HERE"
        ]
        rows = [*ours, *gone]
    return await with_causes(request, times, pages, rows)


async def _beside(
    request: Request[Any, Any, Any],
    path: str,
    times: Times,
    parameters: Parameters,
    items: Sequence[Item],
    known_at: str,
    identity: Sequence[str],
) -> list[Row]:
    """Return the items of a page beside those that the other date has of their subjects."""
    subjects = dict.fromkeys(str(item["subject"]) for item in items)
    if not subjects:
        return []
    named = [("subject", subject) for subject in subjects]
    answer = await ask_at(request, path, times, [*parameters, *named, ("limit", str(ITEMS_MAX))], known_at=known_at)
    rows = [row for row in compare(items, answer.items, identity) if row.difference != "ONLY_THERE"]
    if answer.good and answer.document["next"] is None:
        return rows
    return [row if row.other is not None else msgspec.structs.replace(row, difference="NONE") for row in rows]


async def with_causes(
    request: Request[Any, Any, Any], times: Times, pages: tuple[Answer, Answer], rows: list[Row]
) -> Comparison:
    """Return rows with the events that made their differences: those recorded between the two dates of knowledge.

    On basis SOURCE the API has no filter for the sources' clock, and the events are narrowed to it here.
    """
    first, last = _between(pages)
    subjects = sources_of(rows)
    if not subjects or first is None:
        return Comparison(rows=rows)
    by_source = times.basis == SOURCE
    span: list[tuple[str, str]] = [] if by_source else [("recorded_from", format_instant(first + TICK))]
    if last is not None and not by_source:
        span.append(("recorded_to", format_instant(last)))
    named = [("subject", subject) for subject in subjects]
    events = await try_asking(request, "/v1/events", [*named, *span, ("limit", str(ITEMS_MAX))])
    if not events.good:
        return Comparison(rows=rows)
    found = [event for event in events.items if not by_source or _is_between(event, first, last)]
    targets = await _targets(request, found)
    return Comparison(rows=explain(rows, found, targets, pages[0].document["as_of"]), events=events)


async def _targets(request: Request[Any, Any, Any], recorded: Sequence[Item]) -> dict[str, Item]:
    """Return the events whose record was changed by these, by id, as far as they are seen and the first of many."""
    places = targets_of(recorded)[:TARGETS_MAX]
    answers = await asyncio.gather(*(try_asking(request, f"/v1/logs/{log}/events/{name}") for log, name in places))
    return {answer.document["id"]: answer.document for answer in answers if answer.good}


def _between(pages: tuple[Answer, Answer]) -> tuple[datetime | None, datetime | None]:
    """Return the earlier and the later date of knowledge; None for the later is now, for the earlier: both are now."""
    known = [page.document["known_at"] for page in pages]
    dates = sorted(parse_instant(one) for one in known if one is not None)
    return (dates[0] if dates else None), (dates[1] if len(dates) == len(pages) else None)


def _is_between(event: Item, first: datetime, last: datetime | None) -> bool:
    clock = parse_instant(event.get("sourcetime") or event["recordedtime"])
    return first < clock and (last is None or clock <= last)
