"""A long answer over HTTP, read and dropped: its bytes, its seconds, and how many events an export says it holds."""

import asyncio
import re
import time

from msgspec import Struct

from tests.benchmarks.client import HEAD_END, RequestFailed

PIECE_BYTES = 1 << 18
"""Read at once, at most."""
END_BYTES = 4_096
"""How much of an answer's end is kept: its last line is in it."""
EXPORT_SECONDS = 3_600.0
GOOD = b"HTTP/1.1 200 "
LAST_LINE = re.compile(rb'\r?\n(?:\{"complete":true,"events":(\d+)\}|#complete,(\d+),[^\n]*)\r?\n\r\n0\r\n\r\n$')
"""Of NDJSON or of CSV, in a chunk of its own, and the last chunk, which is empty (RFC 9112 7.1)."""


class Downloaded(Struct, frozen=True, kw_only=True):
    """What came: the events, as the last line says them, the bytes of the body, and the seconds."""

    events: int
    bytes: int
    seconds: float


class Drained(Struct, frozen=True, kw_only=True):
    """What came of any long answer: its end, the bytes of its body, and the seconds."""

    end: bytes
    bytes: int
    seconds: float


async def download(port: int, token: str, path: str) -> Downloaded:
    """Ask for an export, NDJSON or CSV, over a connection of its own. Raises RequestFailed for one that was cut."""
    drained = await drain(port, token, path)
    last = LAST_LINE.search(drained.end)
    if last is None:
        raise RequestFailed(drained.end[:2000].decode("utf-8", "replace"))
    return Downloaded(events=int(last[1] or last[2]), bytes=drained.bytes, seconds=drained.seconds)


async def drain(port: int, token: str, path: str) -> Drained:
    """Read an answer to its end, over a connection of its own. Raises RequestFailed unless its status is 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=PIECE_BYTES)
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(EXPORT_SECONDS):
            started = time.perf_counter()
            writer.write(head.encode("ascii"))
            answer = await reader.readuntil(HEAD_END)
            taken, end = 0, b""
            while piece := await reader.read(PIECE_BYTES):
                taken += len(piece)
                end = (end + piece)[-END_BYTES:]
            seconds = time.perf_counter() - started
    finally:
        writer.close()
        await writer.wait_closed()
    if not answer.startswith(GOOD):
        raise RequestFailed((answer + end)[:2000].decode("utf-8", "replace"))
    return Drained(end=end, bytes=taken, seconds=seconds)
