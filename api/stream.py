"""Following a log over HTTP: Server-Sent Events, first what is there, then what comes.

The id of an event is its position, so whoever comes back with the last one misses nothing and gets nothing twice.
A page is read only when the one before it was taken, so a slow reader holds one page, and no connection of ours.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of
from api.event_queries import FILTERS, masked_entries, read_filters
from api.long_answers import LongAnswer, or_stopping, until_refused
from api.queries import asked_logs, one, read_query
from api.reading import note_rows
from api.service import Service
from api.windows import within_window
from ledger.database import DATABASE_ERRORS
from ledger.errors import Fault, Refused
from ledger.feed import POLL_SECONDS
from ledger.intake import LogInfo
from ledger.store import statements
from projections.event_list import Cursor, EventFilters, Found, read_page

MEDIA_TYPE = "text/event-stream"
PAGE_EVENTS = 250
"""Events read at once: 16 MiB at most, as an entry has at most 64 KiB."""
HEARTBEAT_SECONDS = 15.0
"""How long nothing is sent at most: proxies close what is silent for a minute or half of one."""
HEARTBEAT = b": still here\n\n"
OPENING = b"retry: 1000\n\n"
"""When to come back after a cut: in a second (in milliseconds)."""
POSITION_DIGITS = 15
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Nothing between us and the client keeps it, nor holds it back."""


@get("/v1/logs/{slug:str}/stream")
async def stream(request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]) -> LongAnswer:
    """Stream the events of a log: those after `Last-Event-ID` or `?after=`, else all; then each as it is appended."""
    given = read_query(request, (*FILTERS, "after"))
    (log,) = await asked_logs(request, service.database.pool("reader"), [slug], windowed=True)
    filters = read_filters(within_window(credential_of(request), given))
    start = await _start(request, service, log, given)
    over = or_stopping(request.app.state, until_refused(request, [log]))
    return LongAnswer(_follow(service, log, filters, start), over, media_type=MEDIA_TYPE, headers=HEADERS)


async def _start(request: Request[Any, Any, Any], service: Service, log: LogInfo, given: dict[str, list[str]]) -> int:
    """Return the first position to send. Raises Refused where the log never had what the client has seen."""
    text, pointer = request.headers.get("last-event-id"), "/Last-Event-ID"
    if not text:
        text, pointer = one(given, "after"), "/after"
    if text is None:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > POSITION_DIGITS:
        raise Refused((Fault("invalid-parameter", pointer, "is no position"),))
    size: int = await service.database.pool("reader").fetchval(statements("read_size"), log.log_id)
    if int(text) >= size:
        raise Refused(
            (Fault("unknown-position", pointer, f"the log has {size} events: this is not what you followed"),)
        )
    return int(text) + 1


async def _follow(service: Service, log: LogInfo, filters: EventFilters, start: int) -> AsyncGenerator[bytes]:
    """Yield events from a position on, for ever. It ends when the database does: the client comes back."""
    pool, clock = service.database.pool("reader"), asyncio.get_running_loop().time
    yield OPENING
    last = clock()
    while True:
        change = service.feed.next_change()
        try:
            size: int = await pool.fetchval(statements("read_size"), log.log_id)
            place = Cursor(start, ((log.log_id, size),)) if start < size else None
            while place is not None:
                page = await read_page(pool, filters, place, PAGE_EVENTS)
                note_rows(len(page.found))
                if page.found:
                    yield _lines(page.found, await masked_entries(service, [log], page))
                    last = clock()
                elif clock() - last >= HEARTBEAT_SECONDS:
                    yield HEARTBEAT
                    last = clock()
                place = page.next
        except DATABASE_ERRORS:
            return
        start = max(start, size)
        if clock() - last >= HEARTBEAT_SECONDS:
            yield HEARTBEAT
            last = clock()
        await service.feed.wait(change, min(POLL_SECONDS, HEARTBEAT_SECONDS))


def _lines(found: Sequence[Found], entries: Sequence[bytes]) -> bytes:
    """Return events as a stream has them: an entry is one line, as JSON escapes the ends of lines."""
    return b"".join(
        b"id: %d\ndata: %b\n\n" % (event.position, entry) for event, entry in zip(found, entries, strict=True)
    )


ROUTES = (stream,)
