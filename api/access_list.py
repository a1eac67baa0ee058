"""Who read what, when, for what purpose: the records of access in the audit log, as a list (domain.md 11, 12 Q47)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.audit import SLUG
from api.auth import credential_of, sees_care
from api.bodies import list_response, wanted_format
from api.event_queries import read_question
from api.queries import read_count, read_query, read_truth
from api.service import Service
from ledger.domain.audit_events import RecordsAccessed
from ledger.store import find_logs
from projections.cursors import write_cursor

FILTERS = ("log", "subject", "token", "unmasked")
MOMENTS = ("recorded_from", "recorded_to")
PAGING = ("order", "limit", "cursor")
LIST_LIMIT = 1_000
DEFAULT_LIMIT = 100


@get("/v1/accesses")
async def list_accesses(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List who read what: operators and privacy officers, and regulators and auditors of the logs that they read.

    Filters: `log` and `subject` that were read, `token` that read, `unmasked=true`, `recorded_from` and `recorded_to`.
    A page may have fewer items than its limit, or none, and still not be the last: `next` says so.
    """
    credential = credential_of(request)
    given = read_query(request, (*FILTERS, *MOMENTS, *PAGING))
    limit, only_unmasked = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT), read_truth(given, "unmasked")
    logs = await find_logs(service.database.pool("reader"))
    asked = {name: given[name] for name in (*MOMENTS, *PAGING) if name in given}
    audit = [log for log in logs if log.slug == SLUG]
    question = await read_question(service, audit, {**asked, "type": [RecordsAccessed.event_type]})
    entries, following = await question.page(service, question.start, limit) if question.start else ([], None)
    seen = {log.slug for log in logs if sees_care(credential, log)}
    items = [_item(entry, given, seen) for entry in entries]
    shown = [item for item in items if item is not None and (item["pii_unmasked"] or not only_unmasked)]
    around = {"next": write_cursor(following) if following else None, **question.describe()}
    return list_response(wanted_format(request), [msgspec.json.encode(item) for item in shown], around)


def _item(entry: bytes, given: Mapping[str, Sequence[str]], seen: Collection[str]) -> dict[str, Any] | None:
    """Return a record of access as an item, with what of its scope is asked for and may be seen; None without any."""
    event: dict[str, Any] = msgspec.json.decode(entry)
    data = event["data"]
    scope = [_named(text) for text in data.get("scope", ())]
    scope = [one for one in scope if one["log"] in seen and _is_asked(one, given)]
    if not scope or ("token" in given and event["authid"] not in given["token"]):
        return None
    said = data.get("extra", {})
    return {
        "log": event["log"],
        "subject": event["subject"],
        "id": event["id"],
        "recordedtime": event["recordedtime"],
        "time": event["time"],
        "token": event["authid"],
        "role": said.get("role"),
        "purpose": data.get("purpose"),
        "scope": scope,
        "requests": said.get("requests", 1),
        "rows": data.get("rows"),
        "pii_unmasked": data.get("pii_unmasked", 0),
    }


def _named(text: str) -> dict[str, str | None]:
    slug, _, subject = text.partition(" ")
    return {"log": slug, "subject": subject or None}


def _is_asked(one: Mapping[str, str | None], given: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether what was read is asked for: who read a whole log has read each of its cases."""
    if one["log"] not in given.get("log", [one["log"]]):
        return False
    return "subject" not in given or one["subject"] is None or one["subject"] in given["subject"]


ROUTES = (list_accesses,)
