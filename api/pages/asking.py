"""The API asked from within, as the reader of a page: what a page shows is what its link answers."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request
from litestar.types import Message
from msgspec import Struct

from api.gate import CREDENTIAL_KEY, FIRST_BAD_STATUS, GATE_KEY
from ledger.domain.json_values import is_object

INSIDE = "jejak_inside"
"""Where the application keeps its routing, which stands behind the gate: who asks from within is through already."""
PART_SECONDS = 0.15
"""How long a part may take that has to be worked out: a page is there within 0.3 s, whatever the logs hold."""
PAGES_MAX = 10
"""Pages of a list in which a few items are looked for: a list that is worked out may have pages with none."""
PATIENT = "patient"
"""A member of a page's own query: whoever asks so waits for every part."""
Parameters = Sequence[tuple[str, str]]


class Answer(Struct, frozen=True, kw_only=True):
    """What the API answered: by which link, the status, and the JSON document, a problem (RFC 9457) if it is bad."""

    link: str
    status: int
    document: Any

    @property
    def good(self) -> bool:
        """Whether it is an answer, and no problem."""
        return self.status < FIRST_BAD_STATUS

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of a list; none of what is no list."""
        found: list[dict[str, Any]] = self.document.get("items", []) if is_object(self.document) else []
        return found


class Declined(Exception):
    """The API would not answer what a page cannot do without; the page shows why."""

    def __init__(self, answer: Answer) -> None:
        """Take the problem that it answered."""
        super().__init__(answer.link)
        self.answer = answer


def link_to(path: str, parameters: Parameters = ()) -> str:
    """Return a path of the API with its parameters, as a link."""
    written = urlencode(parameters, quote_via=quote, safe=":/,")
    return f"{path}?{written}" if written else path


async def ask(request: Request[Any, Any, Any], path: str, parameters: Parameters = ()) -> Answer:
    """Return what the API answers the page's reader. Raises Declined where that is a problem."""
    return accepted(await try_asking(request, path, parameters))


def accepted(answer: Answer) -> Answer:
    """Return an answer. Raises Declined where it is a problem."""
    if not answer.good:
        raise Declined(answer)
    return answer


async def try_asking(request: Request[Any, Any, Any], path: str, parameters: Parameters = ()) -> Answer:
    """Return what the API answers the page's reader, be it a problem."""
    status, body = await send(request, "GET", path, parameters)
    return Answer(link=link_to(path, parameters), status=status, document=msgspec.json.decode(body) if body else None)


async def order(
    request: Request[Any, Any, Any], method: str, path: str, said: Mapping[str, Any] | None = None
) -> Answer:
    """Return what the API answers the page's reader who wants something done, be it a problem."""
    status, body = await send(request, method, path, content=b"" if said is None else msgspec.json.encode(said))
    return Answer(link=path, status=status, document=msgspec.json.decode(body))


async def nothing() -> None:
    """Ask nothing: what stands beside questions of which one is not asked."""


def soon(request: Request[Any, Any, Any], seconds: float = PART_SECONDS) -> asyncio.Timeout:
    """Return what ends a part of a page with TimeoutError that takes longer than the page may wait for it.

    A page that is asked for with PATIENT waits: its script does so for the parts that were not there at once.
    """
    return asyncio.timeout(None if PATIENT in request.query_params else seconds)


async def ask_soon(
    request: Request[Any, Any, Any], path: str, parameters: Parameters = (), seconds: float = PART_SECONDS
) -> Answer | None:
    """Return what the API answers, be it a problem; None where that takes longer than a page may wait (`soon`)."""
    try:
        async with soon(request, seconds):
            return await try_asking(request, path, parameters)
    except TimeoutError:
        return None


async def find_soon(request: Request[Any, Any, Any], path: str, parameters: Parameters, wanted: int) -> Answer | None:
    """Return the first items of a list, from so many of its pages as it takes, within bounds; else as `ask_soon`.

    Its `next` is null only where the list has been read to its end.
    """
    try:
        async with soon(request):
            found = answer = await try_asking(request, path, parameters)
            items = found.items
            for _ in range(PAGES_MAX):
                following = answer.document.get("next") if answer.good else None
                if following is None or len(items) >= wanted:
                    break
                answer = await try_asking(request, path, [*parameters, ("cursor", following)])
                items += answer.items
    except TimeoutError:
        return None
    document = {**answer.document, "items": items[:wanted]} if answer.good else answer.document
    return Answer(link=found.link, status=answer.status, document=document)


async def send(
    request: Request[Any, Any, Any],
    method: str,
    path: str,
    parameters: Parameters = (),
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Send a request from within, as the page's reader; return status and body. JSON is wanted unless headers say so.

    What is read so is counted as read by the page's own request, once for all that it asks.
    """
    known = request.scope["state"]
    state = {name: known[name] for name in (CREDENTIAL_KEY, GATE_KEY) if name in known}
    given = {"accept": "application/json", "content-type": "application/json", **(headers or {})}
    scope: dict[str, Any] = {
        **{name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")},
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": link_to("", parameters)[1:].encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "state": state,
        "extensions": {},
        "app": request.app,
        "litestar_app": request.app,
    }
    status, body, sent = 0, bytearray(), False

    async def receive() -> Any:  # noqa: ANN401 - an ASGI message
        nonlocal sent
        if sent:
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": content, "more_body": False}

    async def answered(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await request.app.state[INSIDE](scope, receive, answered)
    return status, bytes(body)
