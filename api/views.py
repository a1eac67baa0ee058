"""Lists of views at a moment, one route each, all alike."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from api.aggregates import listed_logs, shown_count
from api.bodies import FORMAT, json_response, list_response, wanted_format
from api.derived import inquire
from api.order_deadlines import ORDERS, with_deadlines
from api.queries import LOG_NAMES, TIME_NAMES, one, read_count, read_query, read_time, read_truth
from api.reading import note_rows
from api.service import Service
from api.windows import asked_moment
from ledger.errors import Fault, Refused
from projections.cursors import read_cursor
from projections.list_count import count_items
from projections.list_statements import COMMON_FILTERS, ListOf
from projections.lists import (
    DEFAULT_LIMIT,
    LIST_LIMIT,
    LISTS,
    Cursor,
    list_items,
    read_filters,
)

LOG_ID_MAX = 2**31 - 1
PAGING = (*LOG_NAMES, "limit", "cursor", "count", FORMAT)


async def answer(request: Request[Any, Any, Any], service: Service, listed: ListOf) -> Response[bytes]:
    """Answer a list: filters, time parameters, one page or the count."""
    names = (*TIME_NAMES, *PAGING, *COMMON_FILTERS, *(item.name for item in listed.filters))
    given = read_query(request, names)
    filters = read_filters(listed, given)
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    text = one(given, "cursor")
    cursor = _known(read_cursor(text, Cursor)) if text is not None else None
    pool = service.database.pool("reader")
    logs, unseen = await listed_logs(request, pool, given)
    has_deadlines = listed.name == ORDERS
    if has_deadlines:
        moment = (await inquire(request, service, read_time(given), logs, views=True)).moment
    else:
        moment = await asked_moment(request, service, read_time(given), logs, views=True)
    about = moment.of_logs({log.slug for log in logs})
    if read_truth(given, "count"):
        count = await count_items(pool, listed, about, filters)
        return json_response({"count": shown_count(count, unseen=unseen), **moment.describe()})
    page = await list_items(pool, listed, about, filters, cursor, limit)
    items = await with_deadlines(pool, moment, page.items) if has_deadlines else page.items
    note_rows(len(items))
    return list_response(wanted_format(request), items, {"next": page.next, **moment.describe()})


def _known(cursor: Cursor) -> Cursor:
    """Return a cursor that the database can compare with. Raises Refused."""
    if not 0 <= cursor.log_id <= LOG_ID_MAX or "\0" in cursor.subject or "\0" in cursor.key:
        raise Refused((Fault("invalid-cursor", "/cursor", "is no cursor: take `next` of the page before"),))
    return cursor


def route(listed: ListOf) -> HTTPRouteHandler:
    """Return the route of a list."""

    @get(f"/v1/{listed.name}", name=listed.name, summary=f"List {listed.name} at a moment")
    async def handler(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
        return await answer(request, service, listed)

    return handler


ROUTES = tuple(route(listed) for listed in LISTS.values())
