"""Events: append, read back, one event, its raw entry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta, Struct

from api.auth import credential_of, must_append, must_read
from api.bodies import json_response, list_response, media_type, read_events, wanted_format
from api.problems import document_of
from api.queries import asked_logs, one, read_count, read_query, read_truth
from api.receipts import preference_applied, waits_for_checkpoint, with_proofs
from api.service import Service
from ledger.domain.instants import parse_instant
from ledger.entry import masked
from ledger.errors import Fault, Refused
from ledger.intake import ClockedEventData, LogInfo, Read
from ledger.judging import Receipt
from ledger.store import find_event, read_heads, statements
from projections.cursors import read_cursor, write_cursor

LIST_LIMIT = 1_000
DEFAULT_LIMIT = 100
FILTERS = (
    "type",
    "subject",
    "subject_prefix",
    "time_from",
    "time_to",
    "recorded_from",
    "recorded_to",
    "q",
)
PAGING = ("order", "limit", "cursor")


class Appended(Struct, frozen=True):
    """The answer to an append: the log's size after it, and a receipt for each event."""

    log: str
    size: int
    receipts: Sequence[Receipt]


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page of events ended."""

    log_id: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    position: Annotated[int, Meta(ge=0, le=2**63 - 1)]


@post("/v1/logs/{slug:str}/events", status_code=201)
async def append(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """Append one event, a batch or NDJSON: atomic unless `?atomic=false`; `?dry_run=true` only judges."""
    credential = credential_of(request)
    log = await service.find_log(slug)
    author = must_append(credential, log)
    given = read_query(request, ("atomic", "dry_run"))
    atomic, dry_run = read_truth(given, "atomic", default=True), read_truth(given, "dry_run")
    media, body = media_type(request.headers.get("content-type")), await request.body()
    drafts = await service.drafters.draft(media, body, log, author) if atomic else None
    if drafts is not None:
        receipts = await service.appender.append_drafts(log, drafts, dry_run=dry_run)
        return await _appended(request, service, log, receipts, dry_run=dry_run)
    events = read_events(service.intake, media, body)
    if atomic:
        recordedtime = test_clock_of(events) if service.database.test_clock else None
        receipts = await service.appender.append(log, author, events, dry_run=dry_run, recordedtime=recordedtime)
        return await _appended(request, service, log, receipts, dry_run=dry_run)
    answers = await service.appender.append_each(log, author, events, dry_run=dry_run)
    receipts = [answer for answer in answers if isinstance(answer, Receipt)]
    proved = iter(await _proved(request, service, log, receipts, dry_run=dry_run))
    answers = [next(proved) if isinstance(answer, Receipt) else answer for answer in answers]
    results = [
        {"index": index, "status": 200 if answer.duplicate or dry_run else 201, "receipt": answer}
        if isinstance(answer, Receipt)
        else {"index": index, "status": (problem := document_of(answer))["status"], "problem": problem}
        for index, answer in enumerate(answers)
    ]
    return json_response({"log": log.slug, "results": results}, 207, preference_applied(answers))


async def _proved(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, receipts: Sequence[Receipt], *, dry_run: bool
) -> Sequence[Receipt]:
    """Return receipts, with their proofs where who asks would rather wait for a checkpoint."""
    if dry_run or not receipts or not waits_for_checkpoint(request):
        return receipts
    return await with_proofs(service, log, receipts)


async def _appended(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, receipts: Sequence[Receipt], *, dry_run: bool
) -> Response[bytes]:
    """Answer an append: 201 with the size after it, or 200 where nothing is new."""
    receipts = await _proved(request, service, log, receipts, dry_run=dry_run)
    if dry_run or all(receipt.duplicate for receipt in receipts):
        size = (await read_heads(service.database.pool("reader"), [log.slug]))[0].size
        return json_response(Appended(log.slug, size, receipts), 200, preference_applied(receipts))
    size = max(receipt.position for receipt in receipts) + 1
    return json_response(Appended(log.slug, size, receipts), 201, preference_applied(receipts))


def test_clock_of(events: Sequence[Read]) -> datetime | None:
    """Return the instant at which a test clock is to record a request. Raises Refused when its events disagree."""
    instants = {event.recordedtime for event in events if isinstance(event, ClockedEventData)}
    if len(instants) > 1:
        raise Refused((Fault("invalid-event", "/recordedtime", "the events of one request are recorded at once"),))
    return instants.pop() if instants else None


@get("/v1/logs/{slug:str}/events")
async def list_log(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """List recorded events of one log by position."""
    given = read_query(request, (*FILTERS, *PAGING))
    return await _list(request, service, await asked_logs(request, service.database.pool("reader"), [slug]), given)


@get("/v1/events")
async def list_all(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List recorded events of every log that the asker may read, log by log."""
    given = read_query(request, (*FILTERS, *PAGING, "log"))
    logs = await asked_logs(request, service.database.pool("reader"), given.get("log"))
    return await _list(request, service, logs, given)


async def _list(
    request: Request[Any, Any, Any], service: Service, logs: Sequence[LogInfo], given: dict[str, list[str]]
) -> Response[bytes]:
    order = one(given, "order") or "asc"
    if order not in {"asc", "desc"}:
        raise Refused((Fault("invalid-parameter", "/order", "is neither asc nor desc"),))
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    text = one(given, "cursor")
    cursor = read_cursor(text, Cursor) if text is not None else None
    pool = service.database.pool("reader")
    heads = await read_heads(pool, [log.slug for log in logs]) if logs else []
    rows = await pool.fetch(
        statements("list_events" if order == "asc" else "list_events_backwards"),
        [head.log.log_id for head in heads],
        [head.size for head in heads],
        cursor.log_id if cursor else None,
        cursor.position if cursor else None,
        limit + 1,
        given.get("type"),
        given.get("subject"),
        given.get("subject_prefix"),
        *[_instant(given, name) for name in ("time_from", "time_to", "recorded_from", "recorded_to")],
        [_as_written(word) for text in given.get("q", ()) for word in text.split()] or None,
    )
    destroyed = {head.log.log_id: await service.destroyed(head.log) for head in heads}
    items = [masked(row["entry"], destroyed[row["log_id"]]) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    around = {
        "next": write_cursor(Cursor(last["log_id"], last["position"])) if last else None,
        "logs": {head.log.slug: {"size": head.size, "root": head.root.hex()} for head in heads},
    }
    return list_response(wanted_format(request), items, around)


def _instant(given: dict[str, list[str]], name: str) -> datetime | None:
    text = one(given, name)
    try:
        return parse_instant(text) if text is not None else None
    except ValueError as error:
        raise Refused((Fault("invalid-time", f"/{name}", "is no RFC 3339 instant with offset"),)) from error


def _as_written(word: str) -> str:
    """Return a word as it stands in JSON, where some characters are escaped."""
    return msgspec.json.encode(word)[1:-1].decode()


@get("/v1/logs/{slug:str}/events/{event_id:str}")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], event_id: FromPath[str]
) -> Response[bytes]:
    """Show one event: the entry, † fields masked."""
    log, entry = await _entry(request, service, slug, event_id)
    return Response(masked(entry, await service.destroyed(log)), media_type="application/cloudevents+json")


@get("/v1/logs/{slug:str}/events/{event_id:str}/entry")
async def show_entry(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], event_id: FromPath[str]
) -> Response[bytes]:
    """Show the raw bytes of an entry: exactly what is hashed, ciphertext included."""
    _, entry = await _entry(request, service, slug, event_id)
    return Response(entry, media_type="application/octet-stream")


async def _entry(request: Request[Any, Any, Any], service: Service, slug: str, event_id: str) -> tuple[LogInfo, bytes]:
    reader = service.database.pool("reader")
    log = await service.find_log(slug)
    must_read(credential_of(request), log)
    return log, (await find_event(reader, log.log_id, event_id)).entry


ROUTES = (append, list_log, list_all, show, show_entry)
