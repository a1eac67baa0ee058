"""Whole answers, and routes that call their handlers at once: clients are told what the framework would tell them."""

from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, post
from litestar.types import ASGIApp, Middleware, Receive, Scope, Send

from api.answers import WholeAnswer, direct

SAID = {"Retry-After": "1", "X-Said": "m\xfcde"}


async def echo(request: Request[Any, Any, Any]) -> WholeAnswer:
    """Answer with the name in the path, or fail."""
    name: str = request.path_params["name"]
    if name == "nobody":
        raise LookupError(name)
    return WholeAnswer(name.encode(), 202, "text/plain", SAID)


def denying(app: ASGIApp) -> ASGIApp:
    async def denied(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path_template"] == "/{name}" and scope["path"] == "/secret":
            raise PermissionError("secret")
        await app(scope, receive, send)

    return denied


def on_error(_request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    return Response(type(error).__name__, status_code=400, media_type="text/plain")


async def ask(path: str, middleware: list[Middleware]) -> tuple[int, str, list[tuple[bytes, bytes]]]:
    """Ask a route with its own middleware, behind that of its application."""
    app = Litestar(
        [post("/{name:str}", middleware=middleware)(echo)],
        middleware=[denying],
        exception_handlers={Exception: on_error},
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post(path)
    return answer.status_code, answer.text, sorted(answer.headers.raw)


async def test_an_answer_leaves_as_it_is() -> None:
    headers = [
        (b"content-length", b"5"),
        (b"content-type", b"text/plain"),
        (b"retry-after", b"1"),
        (b"x-said", b"m\xfcde"),
    ]
    assert await ask("/alice", [direct]) == (202, "alice", headers)


@pytest.mark.parametrize("path", ["/alice", "/nobody", "/secret", "/a/b"])
async def test_a_direct_route_answers_as_one_that_is_not(path: str) -> None:
    assert await ask(path, [direct]) == await ask(path, [])


async def test_what_stands_before_all_routes_stands_before_a_direct_one() -> None:
    assert (await ask("/secret", [direct]))[:2] == (400, "PermissionError")
    assert (await ask("/nobody", [direct]))[:2] == (400, "LookupError")
