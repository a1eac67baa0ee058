"""Lists that are worked out at query time, one route each, all alike; answers are those of the views' lists."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from api.aggregates import listed_logs, shown_count
from api.auth import credential_of, readable
from api.bodies import FORMAT, json_response, list_response, wanted_format
from api.queries import LOG_NAMES, TIME_NAMES, one, read_count, read_query, read_time, read_truth
from api.reading import note_rows
from api.service import Service
from api.windows import asked_moment
from ledger.entry import masked
from ledger.intake import LogInfo
from ledger.store import find_logs
from projections.cursors import read_cursor, write_cursor
from projections.derivations import DERIVATIONS
from projections.derived import AFTER_ALL_KEYS, Cursor, Derivation, Item, Narrowing, select, write_item
from projections.inquiry import REGISTER, Inquiry
from projections.list_statements import COMMON_FILTERS
from projections.lists import DEFAULT_LIMIT, LIST_LIMIT
from projections.moment import TimeParameters

PAGE_EVENTS_MIN, PAGE_EVENTS_PER_ITEM = 500, 10
"""About so many events are read for a page at most, or so many for each item asked for, however many find nothing."""
PAGING = (*LOG_NAMES, "limit", "cursor", "count", FORMAT)


async def answer(request: Request[Any, Any, Any], service: Service, derivation: Derivation) -> Response[bytes]:
    """Answer a derived list: filters, time parameters, one page or the count."""
    given = read_query(request, (*TIME_NAMES, *PAGING, *COMMON_FILTERS, *derivation.filters))
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    text = one(given, "cursor")
    counting = read_truth(given, "count")
    narrowing = Narrowing(
        subjects=given.get("subject"),
        prefixes=given.get("subject_prefix"),
        filters={name: given[name] for name in derivation.filters if name in given},
        after=read_cursor(text, Cursor) if text is not None and not counting else None,
    )
    asked, unseen = await listed_logs(request, service.database.pool("reader"), given)
    inquiry = await inquire(request, service, read_time(given), asked, every_log=derivation.consults == "EVERY_LOG")
    inquiry.page_events = None if counting else max(PAGE_EVENTS_MIN, PAGE_EVENTS_PER_ITEM * limit)
    found = select(derivation, inquiry, narrowing)
    if counting:
        count = shown_count(await _count(found), unseen=unseen)
        return json_response({"count": count, **inquiry.moment.describe()})
    page = await _page(found, limit + 1)
    logs = {item.log_id: inquiry.log_at(item.log_id).log for item in page}
    destroyed = {log_id: await service.destroyed(log) for log_id, log in logs.items()}
    items = [masked(write_item(inquiry, item), destroyed[item.log_id]) for item in page[:limit]]
    note_rows(len(items))
    following = _following(page, limit, inquiry)
    around = {"next": None if following is None else write_cursor(following), **inquiry.moment.describe()}
    return list_response(wanted_format(request), items, around)


def _following(page: Sequence[Item], limit: int, inquiry: Inquiry) -> Cursor | None:
    """Return where the next page begins; None where there is none.

    A page that was paused has fewer items than asked for, or none, and the next one goes on after what was read.
    """
    if len(page) > limit:
        last = page[limit - 1]
        return Cursor(last.log_id, last.subject, last.key)
    return None if inquiry.paused is None else Cursor(*inquiry.paused, AFTER_ALL_KEYS)


async def inquire(
    request: Request[Any, Any, Any],
    service: Service,
    parameters: TimeParameters,
    asked: Sequence[LogInfo],
    *,
    every_log: bool = False,
    views: bool = False,
) -> Inquiry:
    """Open a question about the asked logs, which consults the registers, or every log that the asker may read.

    With `views`, it is of what the views have followed. See `Service.moment`.

    Sizes that name a consulted log are a whole answer's: only logs named there are consulted then, so that a log made
    since changes nothing. Dates are in the zone of the asked logs.
    """
    slugs = {log.slug for log in asked}
    others = [
        log
        for log in readable(credential_of(request), await find_logs(service.database.pool("reader")), windowed=True)
        if log.slug not in slugs and (every_log or log.kind == REGISTER)
    ]
    if any(log.slug in parameters.size for log in others):
        others = [log for log in others if log.slug in parameters.size]
    moment = await asked_moment(request, service, parameters, [*asked, *others], views=views, zoned=asked)
    return Inquiry(service.database.pool("reader"), moment, slugs, service.keys)


async def _page(found: AsyncIterator[Item], limit: int) -> list[Item]:
    page: list[Item] = []
    async for item in found:
        page.append(item)
        if len(page) == limit:
            break
    return page


async def _count(found: AsyncIterator[Item]) -> int:
    count = 0
    async for _ in found:
        count += 1
    return count


def route(derivation: Derivation) -> HTTPRouteHandler:
    """Return the route of a derived list."""

    @get(f"/v1/{derivation.name}", name=derivation.name, summary=f"List {derivation.name} at a moment")
    async def handler(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
        return await answer(request, service, derivation)

    return handler


ROUTES = tuple(route(derivation) for derivation in DERIVATIONS)
