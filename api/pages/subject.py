"""One subject of any kind: its state at two dates, its history drawn, its stages, its events and their flags."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, get
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import Answer, Declined
from api.pages.comparing import Comparison, other_date, with_causes
from api.pages.courses import Course, draw_course, tracks_of
from api.pages.differences import Item, Row, compare
from api.pages.rectangles import Picture, draw, ever_known, says
from api.pages.rendering import render
from api.pages.times import Times, sliders, times_of
from api.pages.zoned import ask_at
from ledger.domain.instants import parse_instant

CORRECTIONS_MAX = 200
"""Corrections of one subject that are told beside its events; of others the event's own page tells."""
LATE = timedelta(hours=24)
"""From when on an event is said to have been recorded late: the usual promise of reporting (domain.md 2.2)."""
HEADS = frozenset({"log", "kind", "subject"})
"""Members of an item of `/v1/subject` beside its state."""


class Answers(Struct, frozen=True, kw_only=True):
    """What the API answered of a subject; `there` is the state at the other date of knowledge, where one is chosen."""

    state: Answer
    history: Answer
    timeline: Answer
    corrections: Answer
    there: Answer | None


class InLog(Struct, frozen=True, kw_only=True):
    """A subject as one log has it: how it stands in a word, its rectangles and stages drawn, its events."""

    log: str
    row: Row | None
    says: str
    picture: Picture | None
    history: list[Item]
    course: Course | None
    events: list[Item]


@get("/workbench/subject")
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show a subject at the chosen times."""
    times = times_of(request)
    asked = [(name, str(value)) for name, value in request.query_params.multi_items() if name in {"subject", "log"}]
    answers = await _ask(request, times, asked)
    if not answers.history.good and not answers.state.good:
        raise Declined(answers.state)
    problem = answers.state if answers.state.status not in {200, 404} else None
    if problem is None and answers.there is not None and answers.there.status not in {200, 404}:
        problem = answers.there
    found = Comparison(rows=[]) if problem else await _compared(request, times, answers)
    return render(
        request,
        "subject.html",
        status=200 if problem is None else problem.status,
        name=next((value for one, value in asked if one == "subject"), ""),
        hidden=asked,
        times=times,
        sliders=sliders(times),
        answers=answers,
        moment=_moment(answers),
        problem=problem,
        comparison=found,
        logs=[] if problem else _by_log(answers, found.rows),
        reasons=_reasons(answers.corrections),
        lateness=lateness,
        says=says,
        chosen=chosen,
        compares=answers.there is not None,
    )


async def _ask(request: Request[Any, Any, Any], times: Times, asked: Sequence[tuple[str, str]]) -> Answers:
    """Ask all that the page tells of; the history without dates, since it is drawn whole and the dates across it."""
    whole = Times(certainty=times.certainty)
    state, history, timeline, corrections = await asyncio.gather(
        ask_at(request, "/v1/subject", times, asked),
        ask_at(request, "/v1/subject/history", whole, asked),
        ask_at(request, "/v1/subject/timeline", times, [*asked, ("voided", "true")]),
        ask_at(request, "/v1/corrections", times, [*asked, ("limit", str(CORRECTIONS_MAX))]),
    )
    other = await ask_at(request, "/v1/subject", times, asked, known_at=other_date(times)) if times.against else None
    return Answers(state=state, history=history, timeline=timeline, corrections=corrections, there=other)


async def _compared(request: Request[Any, Any, Any], times: Times, answers: Answers) -> Comparison:
    """Return the state in each log, beside that of the other date of knowledge where one is chosen."""
    here = _states(answers.state)
    if answers.there is None:
        return Comparison(rows=[Row(item=item) for item in here])
    rows = compare(here, _states(answers.there), ())
    known = [answer for answer in (answers.state, answers.corrections) if answer.good]
    if not known or not answers.there.good:
        return Comparison(rows=rows)
    return await with_causes(request, times, (known[0], answers.there), rows)


def _states(answer: Answer) -> list[Item]:
    """Return the states of an answer as items of a list; none where nothing was known."""
    items = answer.items if answer.good else []
    return [{**{name: item[name] for name in HEADS if name in item}, **item["state"]} for item in items]


def _moment(answers: Answers) -> Mapping[str, Any]:
    """Return what the API says of the chosen times, by whichever answer does."""
    known = (answer for answer in (answers.state, answers.corrections, answers.history) if answer.good)
    document: Mapping[str, Any] = next(known).document
    return document


def _by_log(answers: Answers, rows: Sequence[Row]) -> list[InLog]:
    history, events = _items(answers.history), _items(answers.timeline)
    logs = dict.fromkeys(item["log"] for item in (*(row.item for row in rows), *history, *events))
    moment = _moment(answers)
    as_of = parse_instant(moment["as_of"])
    known_at = datetime.now(UTC) if moment["known_at"] is None else parse_instant(moment["known_at"])
    return [_in_log(log, rows, history, events, as_of, known_at) for log in logs]


def _items(answer: Answer) -> list[Item]:
    return answer.items if answer.good else []


def _in_log(
    log: str, rows: Sequence[Row], history: Sequence[Item], events: Sequence[Item], as_of: datetime, known_at: datetime
) -> InLog:
    row = next((one for one in rows if one.item["log"] == log), None)
    known = [item for item in history if item["log"] == log and ever_known(item)]
    return InLog(
        log=log,
        row=row,
        says="" if row is None else says(row.item),
        picture=draw(known, as_of, known_at) if known else None,
        history=known,
        course=draw_course(tracks_of(known, known_at), as_of),
        events=[event for event in events if event["log"] == log],
    )


def _reasons(corrections: Answer) -> dict[str, Item]:
    """Return the corrections and voids of the subject by their ids, as far as the API tells of them."""
    return {item["id"]: item for item in _items(corrections)}


def chosen(picture: Picture | None) -> list[int]:
    """Return the numbers of the rectangles in which the chosen times lie."""
    return [shape.number for shape in picture.shapes if shape.chosen] if picture else []


def lateness(event: Item) -> timedelta | None:
    """Return how long after it took effect an event was recorded, where that is long."""
    late = parse_instant(event["recordedtime"]) - parse_instant(event["time"])
    return late if late > LATE else None


ROUTES = (show,)
