"""One subject: its state at a moment, in each log that knows it, and every rectangle of its history."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.bodies import json_response
from api.cases import Seen, asked_cases
from api.queries import TIME_NAMES, one, read_query, read_time
from api.reading import note_rows
from api.service import Service
from api.windows import asked_moment
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.errors import Fault, NotFound, Refused
from ledger.store import read_streams
from projections.bitemporal import rectangles_of
from projections.moment import LogAt, Moment
from projections.rectangle import FOR_EVER, STILL_KNOWN, Rectangle, View
from projections.replay import item_of, state_at


@get("/v1/subject")
async def show(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Show the state of a subject at a moment, one for each log that knows it.

    Of a case that is shared in part, what is shared of it. No state holds a † value: those are in the events.
    """
    seen, moment, streams = await _streams(request, service)
    items = [
        _seen(item_of(at.log, facts[0].originator_id, state, moment), seen[at.log.log_id])
        for at, facts in streams
        if (state := state_at(facts, moment)) is not None
    ]
    note_rows(len(items))
    return json_response({"items": items, "next": None, **moment.describe()})


def _seen(item: dict[str, Any], seen: Seen) -> dict[str, Any]:
    return {**item, "state": seen.state(item["state"])}


@get("/v1/subject/history")
async def show_history(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Show every rectangle of a subject: what was believed of it, for when, and as known from which entries on."""
    _, moment, streams = await _streams(request, service, partly=False)
    items = [
        describe_rectangle(at, rectangle, facts)
        for at, facts in streams
        for rectangle in rectangles_of(
            facts[0].originator_id, facts, whole_view(facts[0].originator_id), [moment.certainty]
        )
    ]
    note_rows(len(items))
    return json_response({"items": items, "next": None, **moment.describe()})


def whole_view(subject: str) -> View:
    """Return the view of one kind of stream that has the whole state as its only row."""
    kind = kind_of(subject)
    return View(name=kind, kinds=(kind,), columns=("item",), rows=lambda _, item: {"": (item,)})


def describe_rectangle(at: LogAt, rectangle: Rectangle, facts: Sequence[Fact]) -> dict[str, Any]:
    """Return a rectangle as JSON values. Positions and instants of knowledge both: a range holds from its first on."""
    recorded = {fact.position: format_instant(fact.recordedtime) for fact in facts}
    return {
        "log": at.log.slug,
        "subject": rectangle.subject,
        "valid_from": format_instant(rectangle.valid_from),
        "valid_to": None if rectangle.valid_to == FOR_EVER else format_instant(rectangle.valid_to),
        "valid_to_known_from": None if rectangle.valid_to == FOR_EVER else recorded[rectangle.valid_to_known],
        "known_from": recorded[rectangle.known_from],
        "known_from_position": rectangle.known_from,
        "known_to": None if rectangle.known_to == STILL_KNOWN else recorded[rectangle.known_to],
        "known_to_position": None if rectangle.known_to == STILL_KNOWN else rectangle.known_to,
        "state": rectangle.row[0],
    }


async def _streams(
    request: Request[Any, Any, Any], service: Service, *, partly: bool = True
) -> tuple[dict[int, Seen], Moment, list[tuple[LogAt, list[Fact]]]]:
    """Return what is seen of a subject by log, the moment that is asked for, and the subject's events as of then.

    Without what is seen only `partly`, where that is not wanted. Raises NotFound where nothing is.
    """
    given = read_query(request, ("subject", "log", *TIME_NAMES))
    subject = asked_subject(given)
    reader = service.database.pool("reader")
    cases = await asked_cases(request, service, given.get("log"), subject)
    seen = {one.log.log_id: one for one in cases if partly or one.whole}
    moment = await asked_moment(request, service, read_time(given), [one.log for one in seen.values()], views=False)
    streams: list[tuple[LogAt, list[Fact]]] = []
    for at in moment.logs:
        facts = (await read_streams(reader, at.log.log_id, [subject], at.size)).get(subject)
        if facts:
            streams.append((at, facts))
    if not streams:
        raise unknown_subject(subject)
    return seen, moment, streams


def asked_subject(given: Mapping[str, Sequence[str]]) -> str:
    """Return the subject that a question is about. Raises Refused without one, NotFound for one of no kind."""
    subject = one(given, "subject")
    if subject is None:
        raise Refused((Fault("invalid-parameter", "/subject", "say which subject"),))
    if kind_of(subject) not in STREAMS:
        raise NotFound(f"there is no kind of subject {kind_of(subject)!r}: {', '.join(sorted(STREAMS))}")
    return subject


def unknown_subject(subject: str) -> NotFound:
    """Return the error that says that no asked log knows a subject."""
    return NotFound(f"no log that this token may read knows {subject!r}, as far as was asked")


ROUTES = (show, show_history)
