"""A token that is revoked through one process of the service is refused by the other: requests and open streams."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.faults.serving import ANSWER_SECONDS, LOG, Serving, jejak, serving

REVOKED_SECONDS = 1.0
"""Within which a revocation counts everywhere (contract section 2)."""
STREAM = f"/v1/logs/{LOG}/stream"


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncGenerator[tuple[Serving, Serving]]:
    """Yield two services, a process each, on one database."""
    async with serving(tmp_path / "data") as first:
        second = Serving(first.folder)
        second.writer = first.writer
        await first.start()
        try:
            await second.start()
            yield first, second
        finally:
            await second.abandon()


@contextlib.asynccontextmanager
async def client_of(service: Serving, token: str) -> AsyncGenerator[httpx.AsyncClient]:
    """Yield a client of a service with a token."""
    base, headers = f"http://127.0.0.1:{service.port}", {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=ANSWER_SECONDS) as client:
        yield client


async def seconds_until_refused(client: httpx.AsyncClient) -> float:
    """Ask on and on; return how many seconds it took until the token was refused."""
    began = time.monotonic()
    async with asyncio.timeout(ANSWER_SECONDS):
        while (response := await client.get("/v1/logs")).status_code == 200:
            pass
    assert response.status_code == 401, response.text
    return time.monotonic() - began


async def seconds_until_ended(lines: AsyncIterator[str]) -> float:
    """Read a stream to its end; return how many seconds that took."""
    began = time.monotonic()
    async with asyncio.timeout(ANSWER_SECONDS):
        async for _ in lines:
            pass
    return time.monotonic() - began


async def test_a_token_revoked_through_one_process_is_refused_by_the_other_and_its_streams_end_there(
    pair: tuple[Serving, Serving],
) -> None:
    first, second = pair
    made = await jejak("token", "create", "--role", "operator", "--data", str(first.folder))
    async with client_of(first, made.output.strip()) as operator:
        for _ in range(3):
            content = msgspec.json.encode({"role": "PLATFORM_WRITER", "logs": [LOG]})
            reader = (await operator.post("/v1/tokens", content=content)).json()
            async with client_of(second, reader["token"]) as client, client.stream("GET", STREAM) as stream:
                lines = stream.aiter_lines()
                assert (stream.status_code, await anext(lines)) == (200, "retry: 1000")
                assert (await client.get("/v1/logs")).status_code == 200  # so that it is believed for a moment longer
                revoked = await operator.delete(f"/v1/tokens/{reader['token_id']}")
                assert (revoked.status_code, revoked.json()["revoked"] is not None) == (200, True)
                took = await asyncio.gather(seconds_until_refused(client), seconds_until_ended(lines))
                assert max(took) < REVOKED_SECONDS, took
