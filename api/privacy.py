"""What a privacy officer keeps an eye on: erasures with their holds, and which keys there are (domain.md 10, 11)."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from api.auth import credential_of, sees_care
from api.bodies import list_response, wanted_format
from api.event_queries import read_question
from api.problems import Forbidden
from api.queries import one, read_count, read_query
from api.service import Service
from ledger.domain.audit_events import SUBJECT_EVENTS
from ledger.domain.instants import format_instant
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.store import find_logs, statements
from projections.cursors import read_cursor, write_cursor

LIST_LIMIT = 1_000
DEFAULT_LIMIT = 100
PAGING = ("limit", "cursor")
TYPES = [event.event_type for event in SUBJECT_EVENTS]
"""Requests, deferrals and executions, and the holds that stand in their way."""
SHOWN = ("log", "subject", "id", "type", "time", "recordedtime", "sequence", "data")


class KeyCursor(Struct, frozen=True, array_like=True):
    """Where a page of keys ended."""

    log_id: Annotated[int, Meta(ge=-1, le=2**31 - 1)]
    subject: Annotated[str, Meta(max_length=200)]


@get("/v1/erasures", summary="List erasures")
async def list_erasures(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List what was recorded of erasures: asked for, put off and why, carried out; and the holds that forbid them.

    In the logs that the asker reads; a privacy officer sees these events of all that its token is for.
    """
    given = read_query(request, ("log", "subject", "type", "order", *PAGING))
    logs = await _logs(request, service, given.get("log"))
    strange = next((name for name in given.get("type", ()) if name not in TYPES), None)
    if strange is not None:
        raise Refused((Fault("invalid-parameter", "/type", f"is none of {', '.join(TYPES)}"),))
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    question = await read_question(service, logs, {"type": TYPES, **given})
    entries, following = await question.page(service, question.start, limit) if question.start else ([], None)
    around = {"next": write_cursor(following) if following else None, **question.describe()}
    return list_response(wanted_format(request), [_brief(entry) for entry in entries], around)


def _brief(entry: bytes) -> bytes:
    event: dict[str, Any] = msgspec.json.decode(entry)
    return msgspec.json.encode({name: event[name] for name in SHOWN})


async def _logs(request: Request[Any, Any, Any], service: Service, slugs: Sequence[str] | None) -> list[LogInfo]:
    """Return the logs asked for, else all, whose erasures the asker sees. Raises Forbidden for one that is named."""
    credential = credential_of(request)
    logs = await find_logs(service.database.pool("reader"), slugs or None)
    seen = [log for log in logs if sees_care(credential, log)]
    if slugs and len(seen) < len(logs):
        raise Forbidden("this token may not read of the erasures in every log that is named")
    return seen


@get("/v1/keys")
async def list_keys(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List which keys of data subjects there are and which are destroyed; never a key."""
    given = read_query(request, ("log", *PAGING))
    logs = {log.log_id: log.slug for log in await _logs(request, service, given.get("log"))}
    limit, text = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT), one(given, "cursor")
    after = read_cursor(text, KeyCursor) if text is not None else KeyCursor(-1, "")
    if "\0" in after.subject:
        raise Refused((Fault("invalid-cursor", "/cursor", "is no cursor: take `next` of the page before"),))
    rows = await service.database.pool("keeper").fetch(
        statements("list_keys"), list(logs), after.log_id, after.subject, limit + 1
    )
    items = [
        {
            "log": logs[row["log_id"]],
            "subject": row["subject"],
            "key_id": row["key_id"],
            "created": format_instant(row["created"]),
            "destroyed": format_instant(row["destroyed"]) if row["destroyed"] is not None else None,
        }
        for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    around = {"next": write_cursor(KeyCursor(last["log_id"], last["subject"])) if last is not None else None}
    return list_response(wanted_format(request), [msgspec.json.encode(item) for item in items], around)


ROUTES = (list_erasures, list_keys)
