"""A log's public files over HTTP: one client, few connections, every answer bounded in size and time."""

import asyncio
from http import HTTPStatus
from typing import Self

import httpx

from ledger.errors import Closed, Gone, Inconclusive, InputError, Tampered, reason_of

ATTEMPTS = 3
"""Times a file is asked for, where the server is not there now: a restart is lived through, an outage is told."""
PAUSE_SECONDS = 0.5
"""Before the second attempt; twice as long before the third."""
TIMEOUT_SECONDS = 20.0
"""To connect, and between two parts of an answer."""
CONNECTIONS = 8
_LATER = frozenset({429, 500, 502, 503, 504})
_NOT_ALLOWED = frozenset({401, 403})
_NOT_THERE = frozenset({404, 410})


class _Later(Exception):
    """The server is not there now."""


class HttpFiles:
    """Files under a URL: `http://ledger.example/logs/shop`. Used in `async with`."""

    def __init__(self, url: str, token: str | None = None, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Take the URL under which the checkpoint stands, a token if there is one, and how to connect.

        Raises InputError for what is no URL of HTTP.
        """
        self._url = url.rstrip("/")
        try:
            parsed = httpx.URL(self._url)
        except httpx.InvalidURL as error:
            raise InputError(f"{url} is no URL: {error}") from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise InputError(f"{url} is no URL that begins with http:// or https://")
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=CONNECTIONS),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        """Return it."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End its connections."""
        await self._client.aclose()

    async def read(self, path: str, most_bytes: int) -> bytes:
        """Return a file, asking again for a moment where the server is not there. See tile_source.Files."""
        url = f"{self._url}/{path}"
        reason = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS * attempt)
            try:
                return await self._read(url, path, most_bytes)
            except (_Later, httpx.TransportError) as error:
                reason = reason_of(error)
            except httpx.HTTPError as error:
                raise Inconclusive(f"{url} cannot be fetched: {reason_of(error)}") from error
        raise Inconclusive(f"{url} cannot be fetched: {reason}")

    async def _read(self, url: str, path: str, most_bytes: int) -> bytes:
        async with self._client.stream("GET", url) as response:
            if response.status_code in _LATER:
                raise _Later(f"the server answers {response.status_code}")
            if response.status_code in _NOT_ALLOWED:
                raise Closed(
                    f"{url} is not for everybody, nor for this token: the server answers {response.status_code}"
                )
            if response.status_code in _NOT_THERE:
                raise Gone(f"{url} is not there: the server answers {response.status_code}")
            if response.status_code != HTTPStatus.OK:
                raise Inconclusive(f"{url} cannot be fetched: the server answers {response.status_code}")
            parts: list[bytes] = []
            left = most_bytes
            async for part in response.aiter_bytes():
                left -= len(part)
                if left < 0:
                    raise Tampered(path, f"is longer than {most_bytes} bytes")
                parts.append(part)
            return b"".join(parts)
