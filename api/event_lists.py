"""Lists of recorded events: one page of one log, or of every log that the asker may read."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.auth import credential_of
from api.bodies import FORMAT, list_response, wanted_format
from api.cases import Seen, must_see, shown_of
from api.event_queries import EVENT_COLUMNS, FILTERS, read_question
from api.queries import LOG_NAMES, queried_logs, read_count, read_query
from api.reading import note_rows
from api.service import Service
from api.unmasking import UNMASK, Case, asked_purpose, reveal
from api.windows import within_window
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from projections.cursors import write_cursor
from projections.event_list import Page, read_page

LIST_LIMIT = 1_000
DEFAULT_LIMIT = 100
PAGING = ("order", "limit", "cursor", FORMAT)


@get("/v1/logs/{slug:str}/events")
async def list_log(
    request: Request[Any, Any, Any], service: NamedDependency[Service], slug: FromPath[str]
) -> Response[bytes]:
    """List recorded events of one log by position.

    Those of named subjects in clear, for a purpose that `unmask` states.
    """
    given = read_query(request, (*FILTERS, *PAGING, UNMASK))
    log = await service.find_log(slug)
    purpose, subjects = asked_purpose(request, given, log), given.get("subject")
    cases = await must_see(request, service, log, subjects)
    if purpose is None:
        return await _list(request, service, [log], given, cases)
    if not subjects:
        raise Refused((Fault("invalid-parameter", f"/{UNMASK}", "is for named subjects: say which, with subject"),))
    return await _list_in_clear(request, service, log, given, purpose)


@get("/v1/events")
async def list_all(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List recorded events of every log that the asker may read, log by log."""
    given = read_query(request, (*FILTERS, *PAGING, *LOG_NAMES))
    logs = await queried_logs(request, service.database.pool("reader"), given)
    return await _list(request, service, logs, given)


async def _list(
    request: Request[Any, Any, Any],
    service: Service,
    logs: Sequence[LogInfo],
    given: dict[str, list[str]],
    cases: Mapping[str, Seen] | None = None,
) -> Response[bytes]:
    """Answer one page. It may have fewer events than its limit, or none, and still not be the last: `next` says so.

    Where who asks sees `cases` only, of those what is seen of them.
    """
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    question = await read_question(service, logs, within_window(credential_of(request), given))
    items, following = await question.page(service, question.start, limit) if question.start else ([], None)
    if cases is not None:
        items = shown_of(cases, items)
    note_rows(len(items))
    around = {"next": write_cursor(following) if following else None, **question.describe()}
    return list_response(wanted_format(request), items, around, EVENT_COLUMNS)


async def _list_in_clear(
    request: Request[Any, Any, Any], service: Service, log: LogInfo, given: dict[str, list[str]], purpose: str
) -> Response[bytes]:
    """Answer one page of the events of named subjects, their personal values in clear."""
    limit = read_count(given, "limit", DEFAULT_LIMIT, LIST_LIMIT)
    question = await read_question(service, [log], within_window(credential_of(request), given))
    page = Page([], None)
    if question.start is not None:
        reader, backwards = service.database.pool("reader"), question.backwards
        page = await read_page(reader, question.filters, question.start, limit, backwards=backwards)
    case = Case(log, given["subject"], max((at.size for at in question.logs), default=0))
    items = await reveal(request, service, case, [found.entry for found in page.found], purpose)
    around = {"next": write_cursor(page.next) if page.next else None, **question.describe()}
    return list_response(wanted_format(request), items, around, EVENT_COLUMNS)


ROUTES = (list_log, list_all)
