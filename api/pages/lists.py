"""The lists: what was so at a date, as it was known at another.

What differs from a second date of knowledge is marked, with the event that made the difference.
"""

import asyncio
import contextlib
from typing import Any

from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Template

from api.bodies import FORMAT
from api.pages.asking import PATIENT, Answer, Declined, Parameters, link_to, nothing, soon
from api.pages.columns import LISTED, Listed
from api.pages.comparing import Comparison, compare_pages, other_date
from api.pages.differences import Row
from api.pages.filters import fields_of
from api.pages.rendering import render
from api.pages.times import AGAINST, TIME_FIELDS, Times, sliders, times_of
from api.pages.zoned import ask_at, asked_with

LIMIT = 50
"""Rows of a page: what can be read at once, and answered while a slider moves."""
AGAINST_CURSOR = "against_cursor"
"""Where the page of the other date of knowledge begins, which has items of its own."""
END = "end"
"""A cursor behind the last item, of the date of knowledge that has fewer."""
WHOLE_SECONDS = 0.06
"""How long a slider waits for what is said of the whole of a log; it comes later, then, by the page's script."""
OWN = frozenset({*TIME_FIELDS, AGAINST, AGAINST_CURSOR, "cursor", PATIENT})
"""What of the page's query is no filter of the list."""
EXPORTS = ("csv", "ndjson")
"""The forms in which what is on the page is taken along, by the API's own link (contract section 2)."""


@get("/workbench/lists/{name:str}")
async def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Template:
    """Show a page of a list at the chosen times, beside that of another date of knowledge where one is chosen."""
    listed = _listed(name)
    times, filters, path = times_of(request), _filters(request), f"/v1/{name}"
    cursors = [str(request.query_params.get(one, "")) for one in ("cursor", AGAINST_CURSOR)]
    shown: dict[str, Any] = {
        "name": name,
        "listed": listed,
        "times": times,
        "sliders": sliders(times),
        "fields": fields_of(name, _given(filters)),
    }
    try:
        async with soon(request, WHOLE_SECONDS) if listed.whole else contextlib.nullcontext():
            here, there = await asyncio.gather(
                _page(request, path, times, filters, cursors[0]),
                _page(request, path, times, filters, cursors[1], known_at=other_date(times))
                if times.against
                else nothing(),
            )
    except TimeoutError:
        return render(request, "lists.html", later=True, **shown)
    problem = next((page for page in (here, there) if page is not None and not page.good), None)
    found = await _rows(
        request, path, times, (here, there), [*filters, *(("cursor", one) for one in cursors)], listed, problem
    )
    return render(
        request,
        "lists.html",
        status=200 if problem is None else problem.status,
        later=False,
        **shown,
        here_answer=here,
        there_answer=there,
        problem=problem,
        comparison=found,
        differing=sum(row.difference != "NONE" for row in found.rows),
        following=None if problem else _following(times, filters, (here, there)),
        paused=listed.derived and any(_is_paused(page) for page in (here, there)),
        first_page=not any(cursors),
        first_query=times.query(filters),
        count_link=link_to(path, [*_without_paging(asked_with(here)), ("count", "true")]),
        exports={form: link_to(path, [*asked_with(here), (FORMAT, form)]) for form in EXPORTS},
    )


def _listed(name: str) -> Listed:
    """Return how a list is shown. Raises Declined for one that there is none of."""
    if name not in LISTED:
        detail = f"there is no list {name}: {', '.join(sorted(LISTED))}"
        document = {"title": "Not found", "status": 404, "detail": detail}
        raise Declined(Answer(link=f"/v1/{name}", status=404, document=document))
    return LISTED[name]


def _filters(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """Return the list's filters in a page's query, as they were written: the API says what is none."""
    given = request.query_params.multi_items()
    return sorted((name, str(value)) for name, value in given if name not in OWN and str(value))


def _given(filters: Parameters) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in filters:
        given.setdefault(name, []).append(value)
    return given


async def _page(
    request: Request[Any, Any, Any],
    path: str,
    times: Times,
    filters: Parameters,
    cursor: str,
    *,
    known_at: str | None = None,
) -> Answer:
    """Return a page of the list; behind its end, the first item alone, which says of when it is, without it."""
    place = [("cursor", cursor)] if cursor not in {"", END} else []
    limit = 1 if cursor == END else LIMIT
    answer = await ask_at(request, path, times, [*filters, ("limit", str(limit)), *place], known_at=known_at)
    if cursor != END or not answer.good:
        return answer
    return Answer(link=answer.link, status=answer.status, document={**answer.document, "items": [], "next": None})


async def _rows(
    request: Request[Any, Any, Any],
    path: str,
    times: Times,
    pages: tuple[Answer, Answer | None],
    parameters: Parameters,
    listed: Listed,
    problem: Answer | None,
) -> Comparison:
    here, there = pages
    if problem is not None:
        return Comparison(rows=[])
    if there is None:
        return Comparison(rows=[Row(item=item) for item in here.items])
    return await compare_pages(request, path, times, (here, there), parameters, listed.identity)


def _following(times: Times, filters: Parameters, pages: tuple[Answer, Answer | None]) -> str | None:
    """Return the query of the next page; None where both dates of knowledge are at their end."""
    nexts = [page.document["next"] for page in pages if page is not None]
    if not any(nexts):
        return None
    cursors = [(name, one or END) for name, one in zip(("cursor", AGAINST_CURSOR), nexts, strict=False)]
    return times.query([*filters, *cursors])


def _is_paused(page: Answer | None) -> bool:
    """Tell whether a page ends before it is full: of a derived list only so many events are read for one."""
    return page is not None and page.good and page.document["next"] is not None and len(page.items) < LIMIT


def _without_paging(parameters: Parameters) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parameters if name not in {"limit", "cursor"}]


ROUTES = (show,)
