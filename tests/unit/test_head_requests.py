"""HEAD: what the application inside is asked, and what goes out."""

from typing import Any, cast

import pytest
from litestar.types import HTTPReceiveMessage, Message, Receive, Scope, Send

from api.head_requests import answering_head

CONTENT = (b"one", b"two")


async def echo(scope: Scope, _: Receive, send: Send) -> None:
    """Answer with the method that was asked, and content in two parts."""
    headers = [(b"method", str(cast("Any", scope)["method"]).encode()), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number, body in enumerate(CONTENT):
        await send({"type": "http.response.body", "body": body, "more_body": number == 0})


async def nothing() -> HTTPReceiveMessage:
    return {"type": "http.disconnect"}


@pytest.mark.parametrize("method", ["HEAD", "GET", "POST"])
async def test_only_head_is_asked_as_get_and_goes_out_without_content(method: str) -> None:
    sent: list[Any] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = cast("Scope", {"type": "http", "method": method})
    await answering_head(echo)(scope, cast("Receive", nothing), send)
    asked = b"GET" if method == "HEAD" else method.encode()
    assert sent[0]["headers"] == [(b"method", asked), (b"content-length", b"6")]
    whole = [(CONTENT[0], True), (CONTENT[1], False)]
    assert [(part["body"], part["more_body"]) for part in sent[1:]] == ([(b"", False)] if method == "HEAD" else whole)
    assert cast("Any", scope)["method"] == method, "the server's own scope is left as it is"
