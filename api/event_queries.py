"""What a question about recorded events asks for: filters, order, and of which logs, each at which size."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from api.queries import one
from api.service import Service
from ledger.checkpoints import root_at
from ledger.domain.instants import parse_instant
from ledger.entry import RecordedEvent, masked
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.store import LogHead, read_heads
from projections.cursors import read_cursor
from projections.event_list import Cursor, EventFilters, Page, begin, read_page
from projections.moment import LogAt

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
FIRST_COLUMNS = ("id", "log", "sequence", "recordedtime", "time", "type", "subject", "data")
EVENT_COLUMNS = (*FIRST_COLUMNS, *sorted(set(RecordedEvent.__struct_fields__) - set(FIRST_COLUMNS)))
"""The columns of events in CSV: every attribute, and the same ones on every page."""


class EventQuestion(Struct, frozen=True, kw_only=True):
    """A question about events. `start` is where its page begins; None where there is nothing to look at.

    `logs` are those that are looked at from there on, as they were at the first page.
    """

    filters: EventFilters
    backwards: bool
    logs: Sequence[LogAt]
    start: Cursor | None

    def describe(self) -> dict[str, Any]:
        """Return what the answer holds of: the logs with their sizes and roots."""
        return {"logs": {at.log.slug: {"size": at.size, "root": at.root.hex()} for at in self.logs}}

    async def page(self, service: Service, start: Cursor, limit: int) -> tuple[list[bytes], Cursor | None]:
        """Return the events of a page, † values masked, and where the next one begins."""
        page = await read_page(service.database.pool("reader"), self.filters, start, limit, backwards=self.backwards)
        return await masked_entries(service, [at.log for at in self.logs], page), page.next


async def masked_entries(service: Service, logs: Sequence[LogInfo], page: Page) -> list[bytes]:
    """Return the entries of a page of these logs, as those read them who may not unmask."""
    met = {found.log_id for found in page.found}
    destroyed = {log.log_id: await service.destroyed(log) for log in logs if log.log_id in met}
    return [masked(found.entry, destroyed[found.log_id]) for found in page.found]


def read_filters(given: Mapping[str, Sequence[str]]) -> EventFilters:
    """Return what events are asked for. Raises Refused."""
    return EventFilters(
        types=given.get("type"),
        subjects=given.get("subject"),
        prefixes=given.get("subject_prefix"),
        time_from=_instant(given, "time_from"),
        time_to=_instant(given, "time_to"),
        recorded_from=_instant(given, "recorded_from"),
        recorded_to=_instant(given, "recorded_to"),
        words=[word for text in given.get("q", ()) for word in text.split()] or None,
    )


async def read_question(service: Service, logs: Sequence[LogInfo], given: Mapping[str, Sequence[str]]) -> EventQuestion:
    """Return the question that a query asks about these logs: from its cursor on, else from the beginning.

    Raises Refused. Of a cursor's logs those are left out that are not asked for, or may not be read any more.
    """
    order, text = one(given, "order") or "asc", one(given, "cursor")
    if order not in {"asc", "desc"}:
        raise Refused((Fault("invalid-parameter", "/order", "is neither asc nor desc"),))
    cursor = read_cursor(text, Cursor) if text is not None else None
    backwards, filters = order == "desc", read_filters(given)
    heads = await read_heads(service.database.pool("reader"), [log.slug for log in logs]) if logs else []
    heads.sort(key=lambda head: head.log.log_id, reverse=backwards)
    if cursor is None:
        start = begin([(head.log.log_id, head.size) for head in heads], backwards=backwards)
        return EventQuestion(
            filters=filters,
            backwards=backwards,
            logs=[LogAt(log=head.log, size=head.size, root=head.root) for head in heads],
            start=start,
        )
    start = _allowed(cursor, heads, backwards=backwards)
    sizes = dict(start.logs) if start else {}
    left = [head for head in heads if head.log.log_id in sizes]
    at = [await _at(service, head, sizes[head.log.log_id]) for head in left]
    return EventQuestion(filters=filters, backwards=backwards, logs=at, start=start)


def _allowed(cursor: Cursor, heads: Sequence[LogHead], *, backwards: bool) -> Cursor | None:
    """Return what of a cursor lies in these logs, none of them larger than it is."""
    sizes = {head.log.log_id: head.size for head in heads}
    logs = tuple((log_id, min(size, sizes[log_id])) for log_id, size in cursor.logs if log_id in sizes)
    if logs and logs[0][0] == cursor.logs[0][0]:
        return Cursor(cursor.position, logs)
    return begin(logs, backwards=backwards)


async def _at(service: Service, head: LogHead, size: int) -> LogAt:
    if size == head.size:
        return LogAt(log=head.log, size=size, root=head.root)
    root = await root_at(service.database.pool("reader"), head.log.log_id, size, head.size)
    return LogAt(log=head.log, size=size, root=root)


def _instant(given: Mapping[str, Sequence[str]], name: str) -> datetime | None:
    text = one(given, name)
    try:
        return parse_instant(text) if text is not None else None
    except ValueError as error:
        raise Refused((Fault("invalid-time", f"/{name}", "is no RFC 3339 instant with offset"),)) from error
