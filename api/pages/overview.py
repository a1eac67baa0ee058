"""The overview: what the logs hold, how far it is sealed, what came over time, and what needs somebody's eye."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, get
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import Answer, ask, find_soon
from api.pages.charts import lines
from api.pages.months import series_of
from api.pages.rendering import formats_of, render, wording_of
from api.sessions import HOME
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.note import NoteError, parse_note

LOOKED_THROUGH = 100
"""Flags and missed deadlines, the first ones, of which the overview says how many there are of each kind."""
CLOCK_FIELD = "clock"
CLOCKS = ("EFFECT", "RECORDED")
GROUPS = ("type", "log")
LOGS_PATH, COUNTS_PATH = "/v1/logs", "/v1/counts"


class Seal(Struct, frozen=True, kw_only=True):
    """How far a log is sealed: the size of its newest checkpoint, and which witnesses cosigned that."""

    size: int
    witnesses: Sequence[str]


def seal_of(log: Mapping[str, Any]) -> Seal | None:
    """Return how far a log, as the API describes it, is sealed; None where nothing is signed yet."""
    text = log.get("checkpoint")
    if not text:
        return None
    try:
        note = parse_note(text.encode())
        size = parse_checkpoint(note.text).size
    except NoteError:
        return None
    return Seal(size=size, witnesses=[one.name for one in note.signatures if one.name != log["origin"]])


class Kind(Struct, frozen=True, kw_only=True):
    """What needs an eye, of one kind: which, how many of them, and the first."""

    name: str
    count: int
    first: Mapping[str, Any]


def kinds_of(answer: Answer | None, member: str) -> list[Kind]:
    """Return the items of a list by the kind that a member says, the most frequent first."""
    items = answer.items if answer is not None else []
    counted = Counter(str(item[member]) for item in items)
    first = {str(item[member]): item for item in reversed(items)}
    return [Kind(name=name, count=count, first=first[name]) for name, count in counted.most_common()]


@get(HOME)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show the overview."""
    clock = request.query_params.get(CLOCK_FIELD, CLOCKS[0])
    logs, counts, flags, missed = await asyncio.gather(
        ask(request, LOGS_PATH),
        ask(request, COUNTS_PATH, [(CLOCK_FIELD, clock if clock in CLOCKS else CLOCKS[0])]),
        find_soon(request, "/v1/flags", [], LOOKED_THROUGH),
        find_soon(request, "/v1/deadlines", [("status", "MISSED")], LOOKED_THROUGH),
    )
    t, formats = wording_of(request), formats_of(request)
    charts = {
        group: lines(t(f"overview.by_{group}"), series, formats.number, formats.day)
        for group in GROUPS
        if (series := series_of(counts.items, group, t("overview.others")))
    }
    return render(
        request,
        "overview.html",
        charts=charts,
        months=_table(counts.items),
        logs=logs,
        seals={log["slug"]: seal_of(log) for log in logs.items},
        counts=counts,
        clock=counts.document["clock"],
        clocks=CLOCKS,
        attention=(
            ("missed", "/workbench/lists/deadlines?status=MISSED", missed, kinds_of(missed, "rule")),
            ("flags", "/workbench/lists/flags", flags, kinds_of(flags, "flag")),
        ),
        events=sum(log["size"] for log in logs.items),
        behind=sum(log["views_behind"] for log in logs.items),
    )


def _table(items: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Return (year, type, count), the newest year first: the figures of the charts, short enough to read."""
    counted = Counter[tuple[str, str]]()
    for item in items:
        counted[item["month"][:4], item["type"]] += item["count"]
    return sorted(
        ((year, kind, count) for (year, kind), count in counted.items()), key=lambda one: (-int(one[0]), one[1])
    )


ROUTES = (show,)
