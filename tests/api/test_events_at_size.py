"""Reading much while much is written: a walk by cursor, a stream cut a hundred times, an export in little memory.

`EVENTS_AT_SIZE` says of how many events: 20,000, and a million when it is asked for.
"""

import asyncio
import os
import random
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.benchmarks.append import Sender
from tests.benchmarks.server import Product, running_child, running_product

EVENTS = int(os.environ.get("EVENTS_AT_SIZE", "20000"))
APPENDED = EVENTS // 10
"""Events that four writers append while the log is read."""
PART_EVENTS = 40_000
"""Events made before they are sent: they are held in memory."""
SEND_SECONDS = 3_600.0
PAGE_EVENTS = 1_000
CUTS = 100
GROWTH_MAX_BYTES = min(100 << 20, EVENTS * 500)
"""What an export may add to the memory of the service: of a small log, half of what its entries have."""
ANSWER_SECONDS = 120
SENT = re.compile(rb"id: (\d+)\ndata: \{[^\n]*\"sequence\":\"(\d+)\"[^\n]*\}\n\n")
pytestmark = pytest.mark.timeout(max(300, EVENTS // 200))


@pytest.fixture(scope="module")
async def filled() -> AsyncGenerator[tuple[Product, Sender]]:
    """Yield a service whose log has that many events, and who sends more."""
    async with running_product() as product:
        sender = Sender(product)
        while sender.sent_events < EVENTS:
            await sender.send(min(PART_EVENTS, EVENTS - sender.sent_events), SEND_SECONDS)
        yield product, sender


def client_of(product: Product, port: int | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port or product.port}",
        headers={"Authorization": f"Bearer {product.token}", "Accept-Encoding": "identity"},
        timeout=ANSWER_SECONDS,
    )


async def append(sender: Sender) -> None:
    """Let four writers append in parts, until as much is appended as is wanted."""
    end = sender.sent_events + APPENDED
    while sender.sent_events < end:
        await sender.send(min(PART_EVENTS, end - sender.sent_events), SEND_SECONDS)


async def test_a_walk_by_cursor_meets_every_event_of_the_first_size_once_while_four_writers_append(
    filled: tuple[Product, Sender], record_property: Callable[[str, object], None]
) -> None:
    product, sender = filled
    size = await product.size()
    seen: list[int] = []
    async with client_of(product) as client:
        query: dict[str, str | int] = {"limit": PAGE_EVENTS}
        writing: asyncio.Task[None] | None = None
        while True:
            page = (await client.get(product.path, params=query)).raise_for_status().json()
            seen += [int(event["sequence"]) for event in page["items"]]
            assert page["logs"][product.log.slug]["size"] == size
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
            writing = writing or asyncio.create_task(append(sender))
            if len(seen) >= size - PAGE_EVENTS:
                await writing  # the last page is asked for when all are appended
    assert seen == list(range(size))
    grown = await product.size() - size
    assert grown >= APPENDED
    record_property("walk", f"{len(seen):,} events met once while {grown:,} were appended")


async def test_a_stream_that_is_cut_and_resumed_a_hundred_times_misses_nothing(
    filled: tuple[Product, Sender], record_property: Callable[[str, object], None]
) -> None:
    product, sender = filled
    path = product.path.replace("/events", "/stream")
    chance = random.Random(20_260_105)
    size = await product.size()
    longest = 3 * size // (2 * CUTS)
    cuts = 0
    seen: list[int] = []
    end = size + APPENDED
    async with client_of(product) as client, asyncio.TaskGroup() as group:
        writing: asyncio.Task[None] | None = None
        while len(seen) < end:
            if writing is None and len(seen) >= size - longest:  # so that streams wait for what is being appended
                writing = group.create_task(append(sender))
            headers = {"Last-Event-ID": str(seen[-1])} if seen else {}
            async with asyncio.timeout(ANSWER_SECONDS), client.stream("GET", path, headers=headers) as response:
                assert response.status_code == 200
                came = await positions_of(response, min(end - len(seen), chance.randrange(1, longest)))
            assert came == list(range(len(seen), len(seen) + len(came)))
            seen += came
            cuts += 1
            if writing is not None and len(seen) >= size + APPENDED:
                await writing
                end = await product.size()  # batches are sent whole: there may be more
    assert len(seen) == await product.size()
    assert cuts >= CUTS
    record_property("stream", f"{len(seen):,} events met once over {cuts} cuts, while {len(seen) - size:,} came")


async def positions_of(response: httpx.Response, wanted: int) -> list[int]:
    """Return the positions of at least so many events; what has come of the next one is lost with the connection."""
    found: list[int] = []
    left = b""
    async for part in response.aiter_raw():
        left += part
        end = 0
        for match in SENT.finditer(left):
            assert int(match[1]) == int(match[2])
            found.append(int(match[1]))
            end = match.end()
        left = left[end:]
        if len(found) >= wanted:
            break
    return found


async def test_an_export_of_all_takes_little_memory_of_the_service(
    filled: tuple[Product, Sender], record_property: Callable[[str, object], None]
) -> None:
    product, _ = filled
    size = await product.size()
    folder = str(product.database.settings.data)
    command = ("-m", "api", "serve", "--only", "api", "--host", "127.0.0.1", "--data", folder)
    said: list[str] = []
    async with running_child(command) as child, client_of(product, child.port) as client:
        await client.get("/v1/logs")  # so that what the first request makes is there
        for form, encoding in (
            ("application/x-ndjson", "identity"),
            ("application/x-ndjson", "gzip"),
            ("text/csv", ""),
        ):
            before = forget_peak(child.process)
            lines, last = await exported(client, product, form, encoding)
            growth = peak_bytes(child.process) - before
            assert growth < GROWTH_MAX_BYTES
            assert (lines, last) == expected_end(form, size)
            said.append(f"{form} {encoding or 'plain'} {growth >> 20} MiB")
    record_property("export", f"{size:,} events; the service grew by: {', '.join(said)}")


async def exported(client: httpx.AsyncClient, product: Product, form: str, encoding: str) -> tuple[int, bytes]:
    """Return how many lines an export has, and the last one."""
    lines, end = 0, b""
    headers = {"Accept": form, "Accept-Encoding": encoding}
    async with client.stream("GET", product.path.replace("/events", "/export"), headers=headers) as response:
        assert response.status_code == 200
        async for part in response.aiter_bytes():
            lines += part.count(b"\n")
            end = (end + part)[-1_000:]
    return lines, end.splitlines()[-1]


def expected_end(form: str, size: int) -> tuple[int, bytes]:
    if form == "text/csv":
        return size + 2, b"#complete,%d" % size + b"," * 21
    return size + 1, msgspec.json.encode({"complete": True, "events": size})


def forget_peak(process: int) -> int:
    """Forget how much memory a process has had at most; return how many bytes it has."""
    Path(f"/proc/{process}/clear_refs").write_text("5")  # proc(5): resets the peak resident set size
    return peak_bytes(process)


def peak_bytes(process: int) -> int:
    """Return how much memory a process has had at most, in bytes."""
    (kilobytes,) = values_of(Path(f"/proc/{process}/status").read_text(), "VmHWM")
    return int(kilobytes) * 1024


def values_of(status: str, name: str) -> Iterator[str]:
    for line in status.splitlines():
        if line.startswith(f"{name}:"):
            yield line.split()[1]
