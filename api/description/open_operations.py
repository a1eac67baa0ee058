"""What is open to everybody: health, schemas, this description, problems, pages. And the operator's metrics."""

from collections.abc import Mapping

from api.description.operation import JSON, Answer, Content, Operation, answered
from api.description.parameters import path
from api.description.schema import Schema, choice, each, members, ref, text, whole
from api.description.shapes import NEXT
from api.description.statuses import TOKEN
from api.pages_layout import GUIDES, HTML
from api.schemas import MEDIA_TYPE as SCHEMA

HEALTH, SCHEMAS, PAGES = "Health", "Schemas", "Documentation"
STATUS = members({"status": text()})
TYPE = path("event_type", text(), "A type of event.", "ListingBlocked")
A_SCHEMA: Schema = {"type": "object", "description": "JSON Schema 2020-12."}
A_PAGE = answered(text(), "A page", media=HTML)
NAMES = [guide.name for guide in GUIDES if guide.name != "reference"]
EXPLAINED = members(
    {**{name: text() for name in ("type", "title", "when", "do")}, "status": whole(), "example": ref("Problem")}
)


def _either(schema: Schema) -> Answer:
    """Return the answer of what is a page for a browser, and JSON for a program."""
    contents = {JSON: Content(schema=schema), HTML: Content(schema=text())}
    return Answer(means="JSON; a page where that is accepted", contents=contents)


def _read(tag: str, answer: Answer, *parameters: Schema, missing: bool = False) -> Operation:
    problems = (404,) if missing else ()
    return Operation(tag=tag, access="OPEN", answers={200: answer}, problems=problems, parameters=parameters)


OPERATIONS: Mapping[str, Operation] = {
    "GET /health/live": _read(HEALTH, answered(STATUS)),
    "GET /health/ready": Operation(
        tag=HEALTH,
        access="OPEN",
        answers={
            200: answered(STATUS, "It can be used; what has stopped and stops nothing else is told"),
            503: answered(STATUS, "It cannot be used: the database is away, or a log is halted or lost"),
        },
        problems=(),
    ),
    "GET /metrics": Operation(
        tag=HEALTH,
        answers={200: answered(text(), "Prometheus' text format", media="text/plain")},
        problems=(*TOKEN, 403),
    ),
    "GET /schemas": _read(SCHEMAS, answered(members({"items": each(ref("EventType")), "next": NEXT}))),
    "GET /schemas/{event_type:str}": _read(SCHEMAS, answered(A_SCHEMA, media=SCHEMA), TYPE, missing=True),
    "GET /schemas/{event_type:str}/{version:str}": _read(
        SCHEMAS, answered(A_SCHEMA, media=SCHEMA), TYPE, path("version", text(), "Its version.", "1"), missing=True
    ),
    "GET /docs": _read(PAGES, A_PAGE),
    "GET /docs/style.css": _read(PAGES, answered(text(), "The style sheet", media="text/css")),
    "GET /docs/{name:str}": _read(PAGES, A_PAGE, path("name", choice(NAMES), "A page.", "time"), missing=True),
    "GET /docs/reference": _read(PAGES, A_PAGE),
    "GET /problems": _read(PAGES, _either(members({"items": each(EXPLAINED), "next": NEXT}))),
    "GET /problems/{name:str}": _read(
        PAGES, _either(EXPLAINED), path("name", text(), "The last part of a problem's type.", "busy"), missing=True
    ),
    "GET /schema/openapi.json": _read(PAGES, answered({"type": "object"}, "This document")),
}
