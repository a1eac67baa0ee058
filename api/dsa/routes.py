"""The DSA Transparency Database's paths: a statement, many at once, one read back, one looked for."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of, must_append, must_read
from api.bodies import json_response
from api.dsa import answers
from api.dsa.fields import Version
from api.dsa.intake import Taken, Unfit, must_submit, submit
from api.dsa.submission import Errors, Rejected, Submission, read_submission
from api.queries import asked_logs, one, read_query
from api.reading import note_rows
from api.service import Service
from ledger.domain.catalogue import read_payload
from ledger.domain.fact import known
from ledger.domain.json_values import is_array, is_object
from ledger.domain.statement import StatementSubmitted, statement_id, statement_subject
from ledger.errors import Fault, NotFound, Refused
from ledger.intake import Author, LogInfo
from ledger.judging import Receipt
from ledger.store import find_event, read_clock, read_heads, read_streams

STATEMENTS_MAX = 100
"""Statements of one request, as the database takes them."""
CREATED, FOUND, MISSING, UNPROCESSABLE = 201, 302, 404, 422


@post("/api/v1/statement", status_code=CREATED)
async def create(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Submit a statement of reasons. It is kept as StatementSubmitted, and as the restrictions that it imposes.

    `?log=` says which platform, for a token of several; `?version=1` takes the codes of before 2025-07-01. A puid that
    is there already is refused (422), also in a retry: POST /v1/logs/{log}/events answers that with the first receipt.
    """
    log, version = await _platform(request, service, ("log", "version"))
    author = _author(request, log)
    try:
        submission = read_submission(await _body(request), version)
        receipts = await submit(service, log, author, [submission], await read_clock(service.database.pool("reader")))
    except Rejected as rejected:
        return json_response(answers.show_errors(rejected.errors), UNPROCESSABLE)
    except Unfit as unfit:
        return json_response(answers.show_errors(unfit.errors[0]), UNPROCESSABLE)
    except Taken as taken:
        return json_response(answers.show_existing(taken.puids[0]), UNPROCESSABLE)
    return json_response(_created(request, log, submission, receipts[0]), CREATED)


@post("/api/v1/statements", status_code=CREATED)
async def create_many(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Submit up to 100 statements of reasons, `{"statements": [...]}`: all of them are created, or none.

    Parameters are those of one statement.
    """
    log, version = await _platform(request, service, ("log", "version"))
    author = _author(request, log)
    try:
        submissions = _submissions(await _body(request), version)
        receipts = await submit(service, log, author, submissions, await read_clock(service.database.pool("reader")))
    except Rejected as rejected:
        return json_response(answers.show_errors(rejected.errors), UNPROCESSABLE)
    except Unfit as unfit:
        return json_response(answers.show_errors_of_many(unfit.errors), UNPROCESSABLE)
    except Taken as taken:
        return json_response(answers.show_all_existing(taken.puids), UNPROCESSABLE)
    created = [
        _created(request, log, submission, receipt) for submission, receipt in zip(submissions, receipts, strict=True)
    ]
    return json_response({"statements": created}, CREATED)


@get("/api/v1/statement/{uuid:str}")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], uuid: FromPath[str]
) -> Response[bytes]:
    """Show a statement of reasons as it is known now, in codes of today, without its platform's own identifier."""
    given = read_query(request, ("log",))
    reader = service.database.pool("reader")
    logs = await asked_logs(request, reader, given.get("log"))
    heads = await read_heads(reader, [log.slug for log in logs]) if logs and _is_uuid(uuid) else []
    for head in heads:
        subject = statement_subject(head.log.slug, UUID(uuid))
        streams = await read_streams(reader, head.log.log_id, [subject], head.size)
        for fact in known(streams.get(subject, ()), read_payload):
            if isinstance(fact.payload, StatementSubmitted):
                shown = answers.show_statement(fact.payload, head.log.slug, fact.recordedtime, str(request.base_url))
                note_rows(1)
                return json_response(shown)
    return json_response({"message": answers.NOT_FOUND}, MISSING)


@get("/api/v1/statement/existing-puid/{puid:str}")
async def look_for(
    request: Request[Any, Any, Any], service: NamedDependency[Service], puid: FromPath[str]
) -> Response[bytes]:
    """Tell whether the platform has submitted a statement of this puid: 302, without a Location, or 404."""
    log, _ = await _platform(request, service, ("log",))
    must_read(credential_of(request), log)
    try:
        await find_event(service.database.pool("reader"), log.log_id, statement_id(puid))
    except NotFound:
        return json_response({"message": answers.NOT_FOUND, "puid": puid}, MISSING)
    return json_response({"message": answers.FOUND, "puid": puid}, FOUND)


async def _platform(
    request: Request[Any, Any, Any], service: Service, names: tuple[str, ...]
) -> tuple[LogInfo, Version]:
    """Return the log that is the platform, and the version of the codes, by these parameters.

    Raises Refused, or UnknownLog.
    """
    given = read_query(request, names)
    version = one(given, "version") or "2"
    if version not in {"1", "2"}:
        raise Refused((Fault("invalid-parameter", "/version", "is neither 1 nor 2"),))
    slug, own = one(given, "log"), credential_of(request).logs
    if slug is None and len(own) != 1:
        detail = "this token is for no one platform alone: say which it is"
        raise Refused((Fault("log-needed", "/log", detail),))
    return await service.find_log(slug or own[0]), 1 if version == "1" else 2


def _author(request: Request[Any, Any, Any], log: LogInfo) -> Author:
    """Return who submits. Raises Forbidden."""
    author = must_append(credential_of(request), log)
    must_submit(author)
    return author


async def _body(request: Request[Any, Any, Any]) -> object:
    """Return the body decoded; None for what is no JSON, which lacks every field."""
    try:
        body: object = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return body


def _submissions(body: object, version: Version) -> list[Submission]:
    """Return the statements of a request. Raises Rejected, Unfit or Taken."""
    sent = body.get("statements") if is_object(body) else None
    if sent is None or sent == []:
        raise Rejected({"statements": ["The statements field is required."]})
    if not is_array(sent):
        raise Rejected({"statements": ["The statements field must be an array."]})
    if len(sent) > STATEMENTS_MAX:
        raise Rejected({"statements": [f"The statements field must have between 1 and {STATEMENTS_MAX} items."]})
    submissions: list[Submission] = []
    errors: dict[int, Errors] = {}
    for index, raw in enumerate(sent):
        try:
            submissions.append(read_submission(raw, version))
        except Rejected as rejected:
            errors[index] = rejected.errors
    if errors:
        raise Unfit(errors)
    puids = [submission.statement.puid for submission in submissions]
    if len(set(puids)) < len(puids):
        raise Taken([puid for puid in dict.fromkeys(puids) if puids.count(puid) > 1])
    return submissions


def _created(request: Request[Any, Any, Any], log: LogInfo, submission: Submission, receipt: Receipt) -> dict[str, Any]:
    return answers.show_created(submission.statement, log.slug, receipt.recordedtime, str(request.base_url))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


ROUTES = (create, create_many, show, look_for)
