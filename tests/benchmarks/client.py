"""A lean HTTP/1.1 client: each connection is kept alive and sends its next request when the last one is answered.

Requests are whole and encoded beforehand, and of an answer only status and length are read, so that what is measured
is the server. The same client drives what is compared.
"""

import asyncio
import gc
import re
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import cast

from msgspec import Struct

CREATED = b"HTTP/1.1 201 "
HEAD_END = b"\r\n\r\n"
ANSWER_SECONDS = 60.0
"""How much longer than a phase its last answer may take."""
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Driven(Struct, frozen=True, kw_only=True):
    """What a phase did: the requests answered in each lane, and the time from the first sent to the last answered."""

    sent: list[list[bytes]]
    seconds: float
    client_cpu_seconds: float
    latencies: list[float]

    @property
    def requests(self) -> int:
        """The number of requests, all of them answered with 201."""
        return len(self.latencies)


class RequestFailed(Exception):
    """A request of a benchmark was not answered with 201: there is nothing to measure."""


class Connection(asyncio.Protocol):
    """One connection. `done` holds when its lane is empty or the deadline has passed."""

    def __init__(self, lane: deque[bytes], deadline: float) -> None:
        """Take the lane, which loses each request as it is sent, and the instant after which none is."""
        self.sent: list[bytes] = []
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lane = lane
        self._deadline = deadline
        self._head = b""
        self._left = 0
        self._started = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by its type
        self._send()

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer; when it is whole, send the next request."""
        if self._left:
            self._left -= len(data)
        else:
            self._head += data
            end = self._head.find(HEAD_END)
            if end < 0:
                return
            length = _LENGTH.search(self._head, 0, end)
            if length is None or not self._head.startswith(CREATED):
                self._fail(RequestFailed(self._head[:2000].decode("utf-8", "replace")))
                return
            self._left = int(length[1]) - (len(self._head) - end - len(HEAD_END))
            self._head = b""
        if not self._left:
            self.latencies.append(time.perf_counter() - self._started)
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail, unless all was answered."""
        self._fail(RequestFailed(f"the server closed the connection: {exc}"))

    def _send(self) -> None:
        assert self._transport is not None
        self._started = time.perf_counter()
        if not self._lane or self._started >= self._deadline:
            if not self.done.done():
                self.done.set_result(None)
            self._transport.close()
            return
        request = self._lane.popleft()
        self.sent.append(request)
        self._transport.write(request)

    def _fail(self, error: RequestFailed) -> None:
        if not self.done.done():
            self.done.set_exception(error)
        if self._transport is not None:
            self._transport.close()


def encode_request(path: str, token: str, media_type: str, body: bytes) -> bytes:
    """Return a whole POST request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _itself(connection: Connection) -> Connection:
    return connection


async def drive(port: int, lanes: Sequence[deque[bytes]], seconds: float) -> Driven:
    """Send every lane over a connection of its own, for at most so many seconds; what was not sent stays in its lane.

    Raises RequestFailed when an answer is not 201.
    """
    loop = asyncio.get_running_loop()
    gc.collect()
    gc.disable()  # a collection over the requests yet to be sent would be counted as the server's time
    try:
        cpu, started = time.process_time(), time.perf_counter()
        connections = [Connection(lane, started + seconds) for lane in lanes]
        for connection in connections:
            await loop.create_connection(partial(_itself, connection), "127.0.0.1", port)
        await asyncio.wait_for(asyncio.gather(*(each.done for each in connections)), seconds + ANSWER_SECONDS)
        elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    finally:
        gc.enable()
    return Driven(
        sent=[each.sent for each in connections],
        seconds=elapsed,
        client_cpu_seconds=cpu,
        latencies=[latency for each in connections for latency in each.latencies],
    )
