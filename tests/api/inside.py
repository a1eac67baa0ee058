"""A way for programs that wait to an application on an event loop of the same process."""

import asyncio

import httpx
from litestar import Litestar


class Inside(httpx.BaseTransport):
    """Carries requests of another thread to an application, whose loop goes on meanwhile."""

    def __init__(self, app: Litestar, loop: asyncio.AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())
