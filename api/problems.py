"""Errors as HTTP answers: RFC 9457 problem details. One table says which error is which problem."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from api.answers import WholeAnswer
from ledger import errors
from ledger.errors import FORBIDDEN_ROLE, Fault, JejakError, Refused

MEDIA_TYPE = "application/problem+json"
BATCH_REJECTED = "batch-rejected"
REFUSED_TITLE = "The request was refused"
NOTHING_STORED = "nothing of it was stored"
"""What is said of refused events; a question that is refused would have stored nothing anyway."""
HALTED_RETRY_SECONDS = 300
"""When to come again to a log that is halted: a person has to look at it first."""
OWN_FAULT = "the ledger failed; its operator finds the reason in its log"
"""What a client is told of a failure of our own: nothing of it."""
CONFLICTS = frozenset({"version-conflict", "id-reused", "timeline-impossible", "outcome-exists", "version-overlap"})


class Unauthorised(JejakError):
    """There is no token, or none that counts."""


class Forbidden(JejakError):
    """The token counts, but not for this."""


class UnsupportedMedia(JejakError):
    """The body is of a media type that is not taken here."""


class TooManyAtOnce(JejakError):
    """A token has as many requests or jobs under way as it may; nothing of this one was kept."""

    def __init__(self, detail: str, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Problem(Struct, frozen=True):
    """What an error is to a client: HTTP status, stable type and title."""

    status: int
    type: str
    title: str


PROBLEMS: dict[type[JejakError], Problem] = {
    errors.Unreadable: Problem(400, "unreadable", "The body cannot be read"),
    Unauthorised: Problem(401, "unauthorised", "A token is needed"),
    Forbidden: Problem(403, "forbidden", "This token may not do this"),
    errors.UnknownLog: Problem(404, "unknown-log", "There is no such log"),
    errors.NotFound: Problem(404, "not-found", "There is no such thing"),
    errors.LogExists: Problem(409, "log-exists", "The slug is taken"),
    errors.TooLarge: Problem(413, "too-large", "The request is too large"),
    UnsupportedMedia: Problem(415, "unsupported-media-type", "This media type is not taken here"),
    errors.Held: Problem(423, "legal-hold", "A legal hold forbids it; nothing was erased"),
    errors.Deferred: Problem(423, "erasure-deferred", "The erasure was put off; nothing was erased"),
    errors.InputError: Problem(422, "invalid-input", "The request is not valid"),
    TooManyAtOnce: Problem(429, "too-many-requests", "Too much at once; nothing was stored"),
    errors.Busy: Problem(503, "busy", "There is no room now; nothing was stored"),
    errors.LogHalted: Problem(503, "log-halted", "The log contradicts what it has signed; nothing was stored"),
    errors.OutcomeUnknown: Problem(503, "outcome-unknown", "The outcome is not known; send the same ids again"),
    errors.VaultError: Problem(503, "vault-unavailable", "What is kept outside the database cannot be reached"),
    JejakError: Problem(500, "internal", "The ledger cannot answer"),
}
HTTP_PROBLEMS = {
    400: Problem(400, "unreadable", "The request cannot be read"),
    404: Problem(404, "not-found", "There is no such thing"),
    405: Problem(405, "method-not-allowed", "This method is not taken here"),
    413: Problem(413, "too-large", "The request is too large"),
}


def problem_of(error: JejakError) -> Problem:
    """Return the problem of an error: that of its nearest class in the table."""
    for cls in type(error).__mro__:
        if cls in PROBLEMS:
            return PROBLEMS[cls]
    return PROBLEMS[JejakError]


def refused_problem(refused: Refused) -> Problem:
    """Return the problem of a refused request: the one code its faults share, else `batch-rejected`."""
    codes = {fault.code for fault in refused.faults}
    if FORBIDDEN_ROLE in codes:  # whatever else is wrong with it
        return Problem(403, FORBIDDEN_ROLE, "This token's role may not append this")
    status = 409 if codes <= CONFLICTS else 422
    code = codes.pop() if len(codes) == 1 else BATCH_REJECTED
    return Problem(status, code, REFUSED_TITLE)


def describe(problem: Problem, detail: str, faults: tuple[Fault, ...] = ()) -> dict[str, Any]:
    """Return the members of a problem document."""
    document: dict[str, Any] = {
        "type": f"/problems/{problem.type}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
    }
    if faults:
        document["errors"] = [
            {"index": fault.index, "pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
            for fault in faults
        ]
    return document


def document_of(error: JejakError) -> dict[str, Any]:
    """Return an error as a problem document."""
    if isinstance(error, Refused):
        of_events = any(fault.of_event for fault in error.faults)
        detail = f"{error}; {NOTHING_STORED}" if of_events else str(error)
        return describe(refused_problem(error), detail, error.faults)
    return describe(problem_of(error), str(error))


def respond(document: dict[str, Any], headers: dict[str, str] | None = None) -> Response[bytes]:
    """Return a problem document as an answer."""
    return Response(
        msgspec.json.encode(document), status_code=document["status"], media_type=MEDIA_TYPE, headers=headers
    )


def headers_of(error: JejakError) -> dict[str, str]:
    """Return what an error says in headers: when to come again, or what to bring."""
    if isinstance(error, errors.Busy | TooManyAtOnce):
        return {"Retry-After": str(error.retry_after_seconds)}
    if isinstance(error, errors.LogHalted):
        return {"Retry-After": str(HALTED_RETRY_SECONDS)}
    if isinstance(error, errors.OutcomeUnknown):
        return {"Retry-After": "1"}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorised) else {}


def on_error(_request: Request[Any, Any, Any], error: JejakError) -> Response[bytes]:
    """Answer one of our own errors."""
    return respond(document_of(error), headers_of(error))


def refusal(error: JejakError, headers: Mapping[str, str] | None = None) -> WholeAnswer:
    """Return the same answer for who stands before the routes, without what makes those dear."""
    document = document_of(error)
    all_headers = {**headers_of(error), **(headers or {})}
    return WholeAnswer(msgspec.json.encode(document), document["status"], MEDIA_TYPE, all_headers)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer an error of the framework's: a path, method or body it refused."""
    return respond(document_of_http(error))


def document_of_http(error: HTTPException) -> dict[str, Any]:
    """Return an error of the framework's as a problem document."""
    fallback = Problem(error.status_code, "unreadable", "The request was refused")
    problem = HTTP_PROBLEMS.get(error.status_code, fallback)
    return describe(problem, error.detail or problem.title)
