"""Server-sent events: what is there, then what comes; each once, whoever is cut off, and only while one may read."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
import msgspec
import pytest

from api import stream
from api.long_answers import LAST_WORD_SECONDS
from ledger.tokens import create_token, revoke_token, split_token
from projections import event_list
from tests.api.desk import CLOUDEVENTS, OPEN, RIVAL, SHOP, Desk, Json, block, filed, published
from tests.api.served import SentEvent, Served, sent_events, served

STREAM = f"/v1/logs/{SHOP}/stream"
SOON_SECONDS = 10


@pytest.fixture
async def serving(desk: Desk) -> AsyncGenerator[Served]:
    async with served(desk) as made:
        yield made


async def tell(served_desk: Served, start: int, count: int) -> None:
    """Append listings, of which every third is blocked."""
    events = [published(f"L{number}") for number in range(start, start + count)]
    events += [block(f"L{number}", "R1") for number in range(start, start + count, 3)]
    response = await served_desk.desk.send(events, media=CLOUDEVENTS)
    assert response.status_code == 201, response.text


async def take(response: httpx.Response, count: int) -> list[SentEvent]:
    """Return the next events of a stream."""
    taken: list[SentEvent] = []
    async with asyncio.timeout(SOON_SECONDS), aclosing(sent_events(response)) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == count:
                return taken
    raise AssertionError(f"the stream ended after {len(taken)} of {count} events")


async def ended(response: httpx.Response) -> float:
    """Read a stream to its end; return how many seconds that took."""
    started = time.monotonic()
    async with asyncio.timeout(SOON_SECONDS):
        async for _ in response.aiter_bytes():
            pass
    return time.monotonic() - started


async def test_what_is_there_comes_first_and_then_what_is_appended(serving: Served) -> None:
    await tell(serving, 0, 3)
    async with serving.answer(STREAM) as response:
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        events = sent_events(response)
        async with asyncio.timeout(SOON_SECONDS):
            seen = [await anext(events) for _ in range(4)]
            for number in range(3, 6):
                await tell(serving, number, 1)
                seen += [await anext(events) for _ in range(2)]
        await events.aclose()
    expected = (await serving.desk.get(f"/v1/logs/{SHOP}/events"))["items"]
    assert [event.data for event in seen] == expected
    assert [event.id for event in seen] == [int(event["sequence"]) for event in expected] == list(range(10))


@pytest.mark.parametrize(
    ("headers", "query", "first"),
    [
        ({}, {}, 0),
        ({}, {"after": "0"}, 1),
        ({}, {"after": "6"}, 7),
        ({"Last-Event-ID": "3"}, {}, 4),
        ({"Last-Event-ID": "3"}, {"after": "0"}, 4),
        ({"Last-Event-ID": ""}, {"after": "0"}, 1),
    ],
)
async def test_a_stream_goes_on_after_the_last_event_that_was_seen(
    serving: Served, headers: dict[str, str], query: dict[str, str], first: int
) -> None:
    await tell(serving, 0, 6)
    async with serving.answer(STREAM, headers=headers, **query) as response:
        assert [event.id for event in await take(response, 8 - first)] == list(range(first, 8))


async def test_a_stream_has_the_filters_of_the_lists(serving: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_list, "PIECE_EVENTS", 2)
    monkeypatch.setattr(stream, "PAGE_EVENTS", 2)
    await tell(serving, 0, 9)
    async with serving.answer(STREAM, type="ListingBlocked", subject_prefix="listing:shop:L", after="9") as response:
        await tell(serving, 9, 3)
        assert [event.data["subject"] for event in await take(response, 3)] == [
            "listing:shop:L3",
            "listing:shop:L6",
            "listing:shop:L9",
        ]


async def test_what_is_personal_is_masked_in_a_stream(serving: Served) -> None:
    names = {"claimant_subject_id": "subject:c1", "claimant_name": "Sulastri"}
    await serving.desk.tell(filed("D1", **names))
    async with serving.answer(STREAM) as response:
        (event,) = await take(response, 1)
    assert event.data["data"]["claimant_name"] == "[MASKED]"


BAD: list[tuple[dict[str, Json], dict[str, str], str, str]] = [
    ({"after": "x"}, {}, "invalid-parameter", "/after"),
    ({"after": "-1"}, {}, "invalid-parameter", "/after"),
    ({"after": "9" * 30}, {}, "invalid-parameter", "/after"),
    ({"after": ["1", "2"]}, {}, "invalid-parameter", "/after"),
    ({}, {"Last-Event-ID": "1.5"}, "invalid-parameter", "/Last-Event-ID"),
    ({"after": "4"}, {}, "unknown-position", "/after"),
    ({"order": "desc"}, {}, "unknown-parameter", "/order"),
    ({"time_from": "today"}, {}, "invalid-time", "/time_from"),
]


@pytest.mark.parametrize(("query", "headers", "code", "pointer"), BAD)
async def test_a_stream_that_cannot_be_is_refused_at_once(
    desk: Desk, query: dict[str, Json], headers: dict[str, str], code: str, pointer: str
) -> None:
    await desk.send([published(name) for name in "ABCD"], media=CLOUDEVENTS)
    async with asyncio.timeout(SOON_SECONDS):  # one that is not refused has no end
        response = await desk.ask("GET", STREAM, headers=headers, **query)
    (fault,) = response.json()["errors"]
    assert (response.status_code, fault["code"], fault["pointer"]) == (422, code, pointer)


async def test_only_who_may_read_a_log_may_follow_it(desk: Desk) -> None:
    for who, log, status in ((None, SHOP, 401), ("other", SHOP, 403), ("writer", RIVAL, 403), ("writer", "none", 404)):
        assert (await desk.ask("GET", f"/v1/logs/{log}/stream", who=who)).status_code == status


async def test_silence_is_broken_by_comments(serving: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.1)
    async with serving.answer(STREAM) as response, asyncio.timeout(SOON_SECONDS):
        lines = response.aiter_lines()
        assert [await anext(lines) for _ in range(6)] == ["retry: 1000", "", ": still here", "", ": still here", ""]
        await lines.aclose()  # type: ignore[attr-defined]


async def test_a_stream_ends_within_a_second_of_its_tokens_revocation(serving: Served) -> None:
    keeper = serving.desk.service.database.pool("keeper")
    for _ in range(3):
        token, token_id = await leaver(serving)
        headers = {"Authorization": f"Bearer {token}"}
        async with serving.answer(STREAM, headers=headers) as response:
            await serving.client.get("/v1/logs", headers=headers)  # so that it is believed for a moment longer
            await revoke_token(keeper, token_id)
            assert await ended(response) < 1.0


async def leaver(serving: Served) -> tuple[str, str]:
    """Return a token that is about to be revoked, and its id."""
    token = await create_token(serving.desk.service.database.pool("keeper"), "PLATFORM_WRITER", [SHOP], None)
    parts = split_token(token)
    assert parts is not None
    return token, parts[0]


async def test_a_stream_that_nobody_reads_is_not_read_ahead_for_and_ends_too(serving: Served) -> None:
    size = 0
    for start in range(0, 6_000, 2_000):
        events = [published(f"L{number}", extra={"note": "t" * 4_000}) for number in range(start, start + 2_000)]
        body = msgspec.json.encode(events)
        assert (await serving.desk.post(body, media=CLOUDEVENTS)).status_code == 201
        size += len(body)
    token, token_id = await leaver(serving)
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)  # before it connects, or the window is wide
        plain.connect(("127.0.0.1", serving.client.base_url.port))
        plain.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: ledger\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        plain.setblocking(False)
        await asyncio.sleep(1.0)  # the service sends until nothing more is taken
        await revoke_token(serving.desk.service.database.pool("keeper"), token_id)
        await asyncio.sleep(1.0 + LAST_WORD_SECONDS)
        received, loop = 0, asyncio.get_running_loop()
        async with asyncio.timeout(SOON_SECONDS):
            while part := await loop.sock_recv(plain, 1 << 16):
                received += len(part)
    assert 0 < received < size / 2


async def test_streams_end_when_the_service_stops(serving: Served) -> None:
    async with serving.answer(STREAM) as first, serving.answer(f"/v1/logs/{OPEN}/stream") as second:
        serving.stop.set()
        assert await ended(first) + await ended(second) < 2.0
    async with asyncio.timeout(SOON_SECONDS):
        await serving.listening


async def test_a_head_of_a_stream_is_answered_and_over(serving: Served) -> None:
    headers = {"Authorization": f"Bearer {serving.desk.tokens['writer']}"}
    async with asyncio.timeout(SOON_SECONDS):
        response = await serving.client.head(STREAM, headers=headers)
        assert (response.status_code, response.content) == (200, b"")
        assert (await serving.client.get("/v1/logs", headers=headers)).status_code == 200
