"""A desk whose service listens on a port, and answers that are read as they come: for what is sent piece by piece."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from api.app import listen, make_app
from tests.api.desk import Desk

ANSWER_SECONDS = 30


class SentEvent(Struct, frozen=True):
    """A server-sent event: its id, and its data, read."""

    id: int
    data: dict[str, Any]


class Served(Struct, frozen=True, eq=False):
    """The desk, where its service listens, and what tells that to stop."""

    desk: Desk
    client: httpx.AsyncClient
    stop: asyncio.Event
    listening: "asyncio.Task[None]"

    @contextlib.asynccontextmanager
    async def answer(
        self,
        path: str,
        who: str = "writer",
        headers: Mapping[str, str] | None = None,
        **query: Any,  # noqa: ANN401
    ) -> AsyncGenerator[httpx.Response]:
        """Yield an answer that has begun."""
        sent = {"Authorization": f"Bearer {self.desk.tokens[who]}", **(headers or {})}
        params = httpx.QueryParams(dict(query))
        async with self.client.stream("GET", path, headers=sent, params=params) as response:
            yield response


@contextlib.asynccontextmanager
async def served(desk: Desk) -> AsyncGenerator[Served]:
    """Yield a desk that listens; it is told to stop, and has, afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    stop, ready = asyncio.Event(), asyncio.Event()
    listening = asyncio.create_task(listen(make_app(desk.service), "127.0.0.1", port, stop, ready.set))
    async with asyncio.timeout(ANSWER_SECONDS):
        await ready.wait()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_SECONDS) as client:
            yield Served(desk, client, stop, listening)
    finally:
        stop.set()
        await listening


async def sent_events(response: httpx.Response) -> AsyncGenerator[SentEvent]:
    """Yield the events of a stream as they come; comments and the time to come back are passed over."""
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield SentEvent(int(fields["id"]), msgspec.json.decode(fields["data"]))
            fields = {}
