"""Events: append, one event, its raw entry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.answers import WholeAnswer, direct
from api.auth import credential_of, may_read, must_append, must_read
from api.bodies import event_form, event_media_type, json_answer, whole_body
from api.cases import seen_event, taking_part
from api.problems import document_of
from api.queries import read_query, read_truth
from api.receipts import preference_applied, waits_for_checkpoint, with_proofs
from api.service import SERVICE, Service
from api.unmasking import UNMASK, Case, asked_purpose, reveal
from ledger.entry import masked, read_entry
from ledger.errors import Fault, Refused
from ledger.intake import ClockedEventData, LogInfo, Read
from ledger.judging import Receipt
from ledger.store import find_event, read_heads


class Appended(Struct, frozen=True):
    """The answer to an append: the log's size after it, and a receipt for each event."""

    log: str
    size: int
    receipts: Sequence[Receipt]


@post("/v1/logs/{slug:str}/events", status_code=201, middleware=[direct])
async def append(request: Request[Any, Any, Any]) -> WholeAnswer:
    """Append one event, a batch or NDJSON: atomic unless `?atomic=false`; `?dry_run=true` only judges."""
    service: Service = request.app.state[SERVICE]
    credential = credential_of(request)
    log = await service.find_log(request.path_params["slug"])
    author = must_append(credential, log)
    given = read_query(request, ("atomic", "dry_run"))
    atomic, dry_run = read_truth(given, "atomic", default=True), read_truth(given, "dry_run")
    media, body = event_media_type(request), await whole_body(request.scope["headers"], request.receive)
    form = event_form(media, body)
    whole = may_read(credential, log)
    drafts = await service.drafters.draft(form, body, log, author) if atomic and whole else None
    if drafts is not None:
        receipts = await service.appender.append_drafts(log, drafts, dry_run=dry_run)
        return await _appended(request, service, log, receipts, dry_run=dry_run)
    events = service.intake.read(form, body)
    author = author if whole else await taking_part(service, credential, log, author, events)
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
    return json_answer({"log": log.slug, "results": results}, 207, preference_applied(answers))


async def _proved(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, receipts: Sequence[Receipt], *, dry_run: bool
) -> Sequence[Receipt]:
    """Return receipts, with their proofs where who asks would rather wait for a checkpoint."""
    if dry_run or not receipts or not waits_for_checkpoint(request):
        return receipts
    return await with_proofs(service, log, receipts)


async def _appended(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, receipts: Sequence[Receipt], *, dry_run: bool
) -> WholeAnswer:
    """Answer an append: 201 with the size after it, or 200 where nothing is new."""
    receipts = await _proved(request, service, log, receipts, dry_run=dry_run)
    if dry_run or all(receipt.duplicate for receipt in receipts):
        size = (await read_heads(service.database.pool("reader"), [log.slug]))[0].size
        return json_answer(Appended(log.slug, size, receipts), 200, preference_applied(receipts))
    size = max(receipt.position for receipt in receipts) + 1
    return json_answer(Appended(log.slug, size, receipts), 201, preference_applied(receipts))


def test_clock_of(events: Sequence[Read]) -> datetime | None:
    """Return the instant at which a test clock is to record a request. Raises Refused when its events disagree."""
    instants = {event.recordedtime for event in events if isinstance(event, ClockedEventData)}
    if len(instants) > 1:
        raise Refused((Fault("invalid-event", "/recordedtime", "the events of one request are recorded at once"),))
    return instants.pop() if instants else None


@get("/v1/logs/{slug:str}/events/{event_id:str}")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], event_id: FromPath[str]
) -> Response[bytes]:
    """Show one event: the entry, † fields masked, or for a purpose that `unmask` states in clear.

    Of a case that is shared in part, what is shared of it.
    """
    log = await service.find_log(slug)
    purpose = asked_purpose(request, read_query(request, (UNMASK,)), log)
    shown = await seen_event(request, service, log, event_id)
    if purpose is None:
        content = masked(shown, await service.destroyed(log))
    else:
        (head,) = await read_heads(service.database.pool("reader"), [slug])
        case = Case(log, [read_entry(shown).subject], head.size)
        (content,) = await reveal(request, service, case, [shown], purpose)
    return Response(content, media_type="application/cloudevents+json")


@get("/v1/logs/{slug:str}/events/{event_id:str}/entry")
async def show_entry(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str], event_id: FromPath[str]
) -> Response[bytes]:
    """Show the raw bytes of an entry: exactly what is hashed, ciphertext included."""
    log = await service.find_log(slug)
    must_read(credential_of(request), log)
    found = await find_event(service.database.pool("reader"), log.log_id, event_id)
    return Response(found.entry, media_type="application/octet-stream")


ROUTES = (append, show, show_entry)
