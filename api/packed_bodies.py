"""Packed bodies: requests with `Content-Encoding: gzip` (RFC 9110 8.4), unpacked before any route sees them."""

import asyncio
import zlib
from collections.abc import Iterable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from api.bodies import whole_body
from api.problems import UnsupportedMedia, refusal
from ledger.errors import InputError, TooLarge, Unreadable
from ledger.intake import BODY_MAX_BYTES

GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""What tells zlib that a stream has gzip's head and checksum (RFC 1952)."""
GZIP = frozenset({b"gzip", b"x-gzip"})
"""Both mean the same (RFC 9110 8.4.1.3)."""
PLAIN = frozenset({b"", b"identity"})


def unpacking(app: ASGIApp) -> ASGIApp:
    """Return the application, given bodies unpacked. What it cannot unpack is answered: 400, 413 or 415."""

    async def unpacked(scope: Scope, receive: Receive, send: Send) -> None:
        coding = _coding(scope["headers"]) if scope["type"] == ScopeType.HTTP else b""
        if coding in PLAIN:
            await app(scope, receive, send)
            return
        try:
            _check_coding(coding)
            body = await asyncio.to_thread(unpack, await whole_body(scope["headers"], receive))
        except (InputError, UnsupportedMedia) as error:
            taken = {"Accept-Encoding": "gzip"} if isinstance(error, UnsupportedMedia) else {}
            await refusal(error, taken)(scope, receive, send)
            return
        scope["headers"] = _plain_headers(scope["headers"], len(body))
        await app(scope, _whole(body, receive), send)

    return unpacked


def unpack(packed: bytes) -> bytes:
    """Return what gzip holds: one member or several (RFC 1952 2.2).

    Raises TooLarge past BODY_MAX_BYTES, before more than that is unpacked, and Unreadable.
    """
    whole = bytearray()
    while packed:
        stream = zlib.decompressobj(GZIP_WINDOW)
        try:
            whole += stream.decompress(packed, BODY_MAX_BYTES + 1 - len(whole))
        except zlib.error as error:
            raise Unreadable(f"the body is no gzip: {error}") from error
        if len(whole) > BODY_MAX_BYTES:
            raise TooLarge(f"the body is over {BODY_MAX_BYTES} bytes unpacked: send several requests")
        if not stream.eof:
            raise Unreadable("the body is cut short: its gzip does not end")
        packed = stream.unused_data
    return bytes(whole)


def _check_coding(coding: bytes) -> None:
    if coding not in GZIP:
        raise UnsupportedMedia(f"a body coded {coding.decode('latin-1')!r} is not taken: send gzip")


def _whole(body: bytes, receive: Receive) -> Receive:
    """Return what hands out a body at once, and after it what comes from the client."""
    left: list[HTTPReceiveMessage] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> HTTPReceiveMessage:
        return left.pop() if left else await receive()  # type: ignore[return-value]

    return given


def _coding(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b", ".join(value.strip().lower() for name, value in headers if name == b"content-encoding")


def _plain_headers(headers: Iterable[tuple[bytes, bytes]], size: int) -> list[tuple[bytes, bytes]]:
    gone = {b"content-encoding", b"content-length", b"transfer-encoding"}
    return [*(one for one in headers if one[0] not in gone), (b"content-length", str(size).encode())]
