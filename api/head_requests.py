"""HEAD for every route that answers GET: the same status and headers, without the content (RFC 9110, section 9.3.2)."""

from typing import cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


def answering_head(app: ASGIApp) -> ASGIApp:
    """Return an application that answers HEAD as `app` answers GET, and sends no content."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        answered = False

        async def send_without_content(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.body":
                if answered:  # a long answer goes on until it hears that nobody listens, which the server tells it now
                    return
                answered = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        # The server's own scope goes on saying HEAD: a Content-Length without content would be wrong for any other.
        await app(cast("Scope", {**scope, "method": "GET"}), receive, send_without_content)

    return answer
