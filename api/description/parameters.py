"""Parameters: those that many operations share, once, and how one of an operation's own is described."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from api.bodies import FORMAT, FORMATS
from api.description.schema import Schema, choice, each, text, truth, whole
from ledger.domain.fact import Basis, Certainty
from projections.lists import DEFAULT_LIMIT, LIST_LIMIT

COMPONENTS = "#/components/parameters/"
DATE_OR_INSTANT = "an RFC 3339 instant, or a date: its end, in `tz`"
SHARED_LOG = "lazada-id"
"""The log of the demonstration that examples ask where nothing else is said."""
Place = Literal["query", "path", "header"]


def parameter(
    name: str, schema: Schema, says: str, *, place: Place = "query", example: object = None, needed: bool = False
) -> Schema:
    """Return a parameter as OpenAPI has it. What stands in a path is always needed."""
    said: Schema = {"name": name, "in": place, "description": says, "schema": schema}
    if needed or place == "path":
        said["required"] = True
    if example is not None:
        said["example"] = example
    return said


def query(name: str, schema: Schema, says: str, **more: Any) -> Schema:  # noqa: ANN401 - example, needed
    """Return a parameter of a query."""
    return parameter(name, schema, says, **more)


def path(name: str, schema: Schema, says: str, example: object = None) -> Schema:
    """Return a parameter of a path; one without an example is what an answer of another operation leads to."""
    return parameter(name, schema, says, place="path", example=example)


def many(name: str, says: str, example: str | None = None, schema: Schema | None = None) -> Schema:
    """Return a parameter that may be repeated: any of its values counts."""
    of_one = schema or text(minLength=1)
    shown = None if example is None else [example]
    return query(name, each(of_one), f"{says} May be repeated: any of them.", example=shown)


def yes_or_no(name: str, says: str, *, default: bool | None = None) -> Schema:
    """Return a parameter that is true or false; None: without it, both are meant."""
    return query(name, {**truth(), **({} if default is None else {"default": default})}, says)


def in_log(example: str = SHARED_LOG) -> Schema:
    """Return the parameter that says which logs are asked."""
    return many("log", "A log that is asked; without it, all that the token may read.", example)


def in_path(example: str = SHARED_LOG) -> Schema:
    """Return the part of a path that says which log is meant."""
    return path("slug", text(), "The log.", example)


def shared(names: Iterable[str]) -> list[Schema]:
    """Return what stands for these shared parameters."""
    return [{"$ref": COMPONENTS + name} for name in names]


TIME: Mapping[str, Schema] = {
    "as_of": query("as_of", text(), f"When it was so: {DATE_OR_INSTANT}. Without it, now.", example="2023-09-01"),
    "known_at": query(
        "known_at",
        text(),
        f"When somebody knew: {DATE_OR_INSTANT}. Without it, all that the views have followed.",
        example="2023-10-01",
    ),
    "tz": query(
        "tz",
        text(maxLength=64),
        "The IANA zone in which dates are meant. Without it, that of the logs asked, where they share one.",
        example="Asia/Jakarta",
    ),
    "certainty": query(
        "certainty",
        {**choice(get_args(Certainty)), "default": "CERTAIN"},
        "CERTAIN: what was surely so, by the latest possible instants; POSSIBLE: what may have been so.",
    ),
    "basis": query(
        "basis",
        {**choice(get_args(Basis)), "default": "LEDGER"},
        "Whose clock `known_at` is on: the ledger's (`recordedtime`), or the sources' (`sourcetime`).",
    ),
    "size": query(
        "size",
        each(text(pattern=r"^[a-z0-9-]+:[0-9]{1,15}$")),
        "The first so many entries of a log, `<log>:<size>`, as an earlier answer says: the same bytes come again. "
        "May be repeated, once for each log; it wins over `known_at`.",
    ),
}
"""The parameters that say when a question is about, and what was known (contract section 2)."""
PAGING: Mapping[str, Schema] = {
    "limit": query(
        "limit", whole(minimum=1, maximum=LIST_LIMIT, default=DEFAULT_LIMIT), "How many items a page has at most."
    ),
    "cursor": query("cursor", text(minLength=1), "Where a page begins: `next` of the page before."),
    FORMAT: query(FORMAT, choice(FORMATS), "The form of the answer, before what Accept says: for a link."),
    "count": yes_or_no(
        "count",
        "Whether only the number of items is wanted. A RESEARCHER or PUBLIC has it of one closed log, by `log` and the "
        "date `as_of` alone: null below ten.",
        default=False,
    ),
}
STREAMS: Mapping[str, Schema] = {
    "subject": many("subject", "A stream, such as `listing:lazada-id:L07`."),
    "subject_prefix": many("subject_prefix", "How the names of streams begin."),
}
SHARED: Mapping[str, Schema] = {**TIME, **PAGING, **STREAMS}
"""The components of the document."""
