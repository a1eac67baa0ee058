"""Answers that last: sent piece by piece as they are read, and ended when who asked may not read any more."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, TypeAlias

from litestar import Request
from litestar.datastructures import State
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

from api.auth import credential_still, readable
from ledger.errors import JejakError
from ledger.intake import LogInfo
from ledger.tasks import end

RECHECK_SECONDS = 0.25
"""How often a token is asked for again. What is answered may be half a second old, so that all is within a second."""
LAST_WORD_SECONDS = 0.5
"""How long a client that does not read is waited for, when its answer is over, before it is cut off."""
STOPPING = "stopping"
"""The name, in the application's state, of what is set when the process is told to stop."""
Over: TypeAlias = Callable[[], Coroutine[Any, Any, None]]
"""Returns when an answer must end, whatever is left of it."""


class LongAnswer(Stream):
    """An answer of pieces, each read when the one before it was taken. It ends when `over` returns."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], over: Over, *, media_type: str, headers: dict[str, str] | None = None
    ) -> None:
        """Take the pieces, what ends them, and what stands in the head."""
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._pieces = pieces
        self._over = over

    def to_asgi_response(self, *_: object, **__: object) -> ASGIResponse:
        """Return what sends it. Whatever the framework would add, it has none of."""
        return _EndedInTime(self._pieces, self._over, media_type=str(self.media_type), headers=dict(self.headers))


class _EndedInTime(ASGIResponse):
    """Sends pieces until they end, the client leaves, or it is over: even to a client that takes nothing."""

    _should_set_content_length = False

    def __init__(self, pieces: AsyncGenerator[bytes], over: Over, *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(media_type=media_type, headers=headers)
        self._pieces = pieces
        self._over = over

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send the pieces; one that is cut ends as a whole answer does, if the client still takes that."""
        sending = asyncio.create_task(self._send_pieces(send), name="pieces")
        watching = asyncio.create_task(self._over(), name="over")
        listening = asyncio.create_task(_until_gone(receive), name="gone")
        try:
            await asyncio.wait((sending, watching, listening), return_when=asyncio.FIRST_COMPLETED)
            cut = watching.done() and not sending.done()
        finally:
            await asyncio.gather(*map(end, (sending, watching, listening)), return_exceptions=True)
            await self._pieces.aclose()
        if cut:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORD_SECONDS):
                    await _send_piece(send, b"", more=False)
        elif not sending.cancelled():
            sending.result()

    async def _send_pieces(self, send: Send) -> None:
        async for piece in self._pieces:
            if piece:
                await _send_piece(send, piece, more=True)
        await _send_piece(send, b"", more=False)


async def _send_piece(send: Send, piece: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": more})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def until_refused(request: Request[Any, Any, Any], logs: Sequence[LogInfo]) -> Over:
    """Return what returns within a second of when a token does not count any more, or may not read one of the logs."""

    async def over() -> None:
        with contextlib.suppress(JejakError):
            while len(readable(await credential_still(request), logs, windowed=True)) == len(logs):  # noqa: ASYNC110 - others revoke
                await asyncio.sleep(RECHECK_SECONDS)

    return over


def or_stopping(state: State, over: Over) -> Over:
    """Return the same, which returns also when the process is told to stop."""
    stopping: asyncio.Event = state[STOPPING]

    async def either() -> None:
        waits = [asyncio.create_task(over()), asyncio.create_task(_set(stopping))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await asyncio.gather(*map(end, waits), return_exceptions=True)

    return either


async def _set(event: asyncio.Event) -> None:
    await event.wait()
