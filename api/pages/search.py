"""The search: events of all logs that the reader sees, by words and filters. The page's address is the search."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Request, get
from litestar.response import Template
from msgspec import Struct

from api.bodies import FORMAT
from api.logs import SLUG_PATTERN
from api.pages.asking import Answer, Parameters, link_to, try_asking
from api.pages.event_facts import day_of
from api.pages.members import summary_of
from api.pages.preferences import preferences_of
from api.pages.rendering import render
from ledger.domain.catalogue import EVENTS
from ledger.domain.instants import end_of, format_instant, start_of

SEARCH, EVENTS_LIST, LOGS = "/workbench/search", "/v1/events", "/v1/logs"
WORDS = ("q", "type", "subject", "subject_prefix", "log", "jurisdiction")
"""Filters of which any number may be said, with blanks between: none of their values has one."""
FROM, TO = ("time_from", "recorded_from"), ("time_to", "recorded_to")
"""Filters that are an instant, or a date: its beginning, and its end."""
ORDERS = ("desc", "asc")
LIMIT = 50
"""Rows of a page: what a person looks through."""
SLUG = re.compile(SLUG_PATTERN)


class Asked(Struct, frozen=True, kw_only=True):
    """What a page is asked for: its own words for each filter, the order, and where it goes on."""

    words: Mapping[str, Sequence[str]]
    instants: Mapping[str, str]
    order: str
    cursor: str

    @property
    def path(self) -> str:
        """The list of the API that is asked: of one log the log's own, which shows a case to those who take part."""
        (log, *others) = self.words["log"] or ("",)
        one = not others and not self.words["jurisdiction"] and SLUG.match(log)
        return f"{LOGS}/{log}/events" if one else EVENTS_LIST

    def query(self, cursor: str | None = None) -> str:
        """Return the page's own address, with all that is asked; at a cursor, where one is given."""
        said = [*self._said(), *self.instants.items(), ("order", self.order)]
        return link_to(SEARCH, [*said, *([("cursor", cursor)] if cursor else [])])

    def filters(self, zone: str) -> list[tuple[str, str]]:
        """Return the API's filters. A date is one of the reader's zone."""
        said = [one for one in self._said() if one[0] != "log" or self.path == EVENTS_LIST]
        return [*said, *((name, instant_of(name, text, zone)) for name, text in self.instants.items())]

    def _said(self) -> list[tuple[str, str]]:
        return [(name, word) for name, words in self.words.items() for word in words]


class Row(Struct, frozen=True, kw_only=True):
    """An event of the list: as the API has it, its short line, and the local date where only that is known."""

    event: dict[str, Any]
    says: str
    day: str | None


def read_asked(request: Request[Any, Any, Any]) -> Asked:
    """Return what a page's query asks."""
    given = request.query_params
    instants = {name: str(given.get(name, "")).strip() for name in (*FROM, *TO)}
    return Asked(
        words={name: " ".join(map(str, given.getall(name, []))).split() for name in WORDS},
        instants={name: text for name, text in instants.items() if text},
        order="asc" if given.get("order") == "asc" else "desc",
        cursor=str(given.get("cursor", "")),
    )


def instant_of(name: str, text: str, zone: str) -> str:
    """Return the instant of a filter that may be a date; what is neither stays as it is, for the API to refuse."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return format_instant(start_of(day, zone) if name in FROM else end_of(day, zone))


@get(SEARCH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show what is found, and the form. What the API does not answer is said above the form, which stays."""
    asked, preferences = read_asked(request), preferences_of(request)
    found = [*asked.filters(preferences.zone), ("order", asked.order)]
    shown = [*found, ("limit", str(LIMIT)), *([("cursor", asked.cursor)] if asked.cursor else [])]
    answer, logs = await asyncio.gather(try_asking(request, asked.path, shown), try_asking(request, LOGS))
    following = answer.document["next"] if answer.good else None
    short = following is not None and len(answer.items) < LIMIT
    return render(
        request,
        "search.html",
        status=answer.status,
        asked=asked,
        action=SEARCH,
        answer=answer,
        logs=logs,
        types=sorted(EVENTS),
        orders=ORDERS,
        rows=[row_of(event, preferences.language) for event in answer.items],
        following=asked.query(following) if following else None,
        short=short,
        stopped=await _searches_stopped(request) if short else 0,
        exports=exports_of(asked, shown, found),
    )


def exports_of(asked: Asked, shown: Parameters, all_found: Parameters) -> Mapping[str, str]:
    """Return the links of what is on the screen, and of all that is found, by the name of their text."""
    everything = asked.path.removesuffix("/events") + "/export"
    return {
        f"{name}_{form}": link_to(path, [*parameters, (FORMAT, form)])
        for name, path, parameters in (("shown", asked.path, shown), ("all", everything, all_found))
        for form in ("csv", "ndjson")
    }


def row_of(event: dict[str, Any], language: str) -> Row:
    """Return an event as a row of the list."""
    return Row(event=event, says=summary_of(event["data"]), day=day_of(event, language))


async def _searches_stopped(request: Request[Any, Any, Any]) -> int:
    """Return of how many logs the index of the search has stopped, as far as the process that answers knows."""
    health: Answer = await try_asking(request, "/health/ready")
    stopped: int = health.document.get("searches_stopped", 0)
    return stopped


ROUTES = (show,)
