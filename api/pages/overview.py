"""The overview: what the logs hold, how far it is sealed, what came over time, and what needs somebody's eye."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, get
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import ask, find_soon
from api.pages.charts import lines
from api.pages.months import series_of
from api.pages.rendering import formats_of, render, wording_of
from api.sessions import HOME
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.note import NoteError, parse_note

SHOWN = 5
"""Flags and missed deadlines on the overview: it says that there are some, their lists say which."""
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


@get(HOME)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show the overview."""
    clock = request.query_params.get(CLOCK_FIELD, CLOCKS[0])
    logs, counts, flags, missed = await asyncio.gather(
        ask(request, LOGS_PATH),
        ask(request, COUNTS_PATH, [(CLOCK_FIELD, clock if clock in CLOCKS else CLOCKS[0])]),
        find_soon(request, "/v1/flags", [], SHOWN),
        find_soon(request, "/v1/deadlines", [("status", "MISSED")], SHOWN),
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
        flags=flags,
        missed=missed,
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
