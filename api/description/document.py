"""The OpenAPI 3.1 document, made of the routes that there are and of what each says of itself."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler

from api.description.operation import Answer, Operation, operation_id
from api.description.parameters import SHARED
from api.description.register import OPERATIONS, TAGS
from api.description.schema import ref
from api.description.shapes import components
from api.problems import BATCH_REJECTED, HTTP_PROBLEMS, MEDIA_TYPE, PROBLEMS, REFUSED_TITLE, Problem, describe

VERSION = "0.1.0"
ABOUT = (
    "A compliance ledger for marketplaces: nothing is changed or lost, and anyone can check it. Times are RFC 3339; "
    "lists are `{items, next}`; every answer about a moment carries the size and root of each log, and asked again "
    "with those sizes it is the same bytes. Errors are RFC 9457 problems, each explained at the address that is its "
    "type. /docs has the guide."
)
_TYPED = re.compile(r"\{(\w+):\w+\}")
SECURITY: Mapping[str, list[dict[str, list[str]]]] = {"OPEN": [], "EITHER": [{}, {"bearer": []}]}
"""What is asked of who comes without a token; everything else needs one."""
RETURNING = {"Retry-After": "In how many seconds to come again."}
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: RETURNING,
    503: RETURNING,
}
REFUSALS = (
    Problem(409, "version-conflict", REFUSED_TITLE),
    Problem(422, BATCH_REJECTED, REFUSED_TITLE),
)
"""Examples of what comes of faults of the events sent."""


def openapi(handlers: Iterable[HTTPRouteHandler]) -> dict[str, Any]:
    """Return the document about these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for handler in handlers:
        for method, path, operation in operations_of(handler):
            paths.setdefault(path, {})[method.lower()] = _describe(handler, method, path, operation)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "Jejak", "version": VERSION, "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": says} for name, says in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "parameters": dict(SHARED),
            "schemas": dict(components()),
            "responses": {_problem_name(status): _problem_answer(status) for status in _problem_statuses()},
        },
    }


def operations_of(handler: HTTPRouteHandler) -> Iterator[tuple[str, str, Operation]]:
    """Yield method, documented path and description of each operation of a route; none of one that says nothing.

    HEAD is answered as GET is, and is not described apart.
    """
    for path in sorted(handler.paths):
        for method in sorted(handler.http_methods):
            said = OPERATIONS.get(f"{method} {path}", ())
            for operation in (said,) if isinstance(said, Operation) else said:
                yield method, operation.path or _TYPED.sub(r"{\1}", path), operation


def _describe(handler: HTTPRouteHandler, method: str, path: str, operation: Operation) -> dict[str, Any]:
    first, _, rest = (inspect.getdoc(handler.fn) or "").partition("\n")
    summary = operation.summary or handler.summary or first
    answers: dict[str, Any] = {str(status): answer.describe() for status, answer in operation.answers.items()}
    for status in sorted(set(operation.problems) - operation.answers.keys()):
        answers[str(status)] = {"$ref": f"#/components/responses/{_problem_name(status)}"}
    said: dict[str, Any] = {
        "operationId": operation_id(f"{method} {path}"),
        "tags": [operation.tag],
        "summary": summary.removesuffix("."),
        "description": operation.description or " ".join(rest.split()) or summary,
        "parameters": list(operation.parameters),
        "responses": answers,
    }
    if operation.body is not None:
        content = {media: one.describe() for media, one in operation.body.items()}
        said["requestBody"] = {"required": True, "content": content}
    if operation.access in SECURITY:
        said["security"] = SECURITY[operation.access]
    return said


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _problem_statuses() -> list[int]:
    said = [one for many in OPERATIONS.values() for one in (many if isinstance(many, tuple) else (many,))]
    return sorted({status for operation in said for status in operation.problems})


def _problem_answer(status: int) -> dict[str, Any]:
    """Return the answer of all problems of a status, with an example of each."""
    found = {one.type: one for one in (*PROBLEMS.values(), *HTTP_PROBLEMS.values(), *REFUSALS) if one.status == status}
    said = Answer(means="; ".join(dict.fromkeys(one.title for one in found.values())), headers=HEADERS.get(status, {}))
    examples = {name: {"value": describe(one, one.title)} for name, one in found.items()}
    return {**said.describe(), "content": {MEDIA_TYPE: {"schema": ref("Problem"), "examples": examples}}}
