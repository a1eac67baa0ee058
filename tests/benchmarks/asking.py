"""Questions over one connection that is kept alive, one after the other, and how long each answer takes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from tests.benchmarks.client import HEAD_END, RequestFailed, encode_request

GOOD = b"HTTP/1.1 200 ", b"HTTP/1.1 201 ", b"HTTP/1.1 202 "
ANSWER_SECONDS = 60.0


class Asker:
    """One connection to the service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        """Take both ends of the connection, and the token to ask with."""
        self._reader = reader
        self._writer = writer
        self._token = token

    async def ask(self, path: str) -> tuple[bytes, float]:
        """Return the body of the answer and the seconds from the question to its last byte. Raises RequestFailed."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n\r\n"
        return await self._send(head.encode("ascii"))

    async def post(self, path: str, media_type: str, body: bytes) -> tuple[bytes, float]:
        """Post a body; return as `ask` does. Raises RequestFailed."""
        return await self._send(encode_request(path, self._token, media_type, body))

    async def _send(self, request: bytes) -> tuple[bytes, float]:
        async with asyncio.timeout(ANSWER_SECONDS):
            started = time.perf_counter()
            self._writer.write(request)
            answer, body = await read_answer(self._reader)
            seconds = time.perf_counter() - started
        if not answer.startswith(GOOD):
            raise RequestFailed((answer + body)[:2000].decode("utf-8", "replace"))
        return body, seconds


@contextlib.asynccontextmanager
async def asking(port: int, token: str) -> AsyncGenerator[Asker]:
    """Yield a connection to the service at this port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Asker(reader, writer, token)
    finally:
        writer.close()
        await writer.wait_closed()


async def read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return head and body of the next answer, whatever its status. Raises RequestFailed without a length."""
    head = await reader.readuntil(HEAD_END)
    return head, await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RequestFailed(head.decode("utf-8", "replace"))
