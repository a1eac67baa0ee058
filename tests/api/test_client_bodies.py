"""What clients send: packed bodies, too much of them, and too many at once."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar.types import ASGIApp

from api.gate import CREDENTIAL_KEY, Gate
from api.packed_bodies import unpacking
from api.under_way import UNDER_WAY_MAX, bounding
from ledger.intake import BODY_MAX_BYTES
from ledger.sequencer import Sequencer
from tests.api.desk import NDJSON, SHOP, Desk, published

APPEND = f"/v1/logs/{SHOP}/events"
LINES = b"\n".join(msgspec.json.encode(published(f"L{number}")) for number in range(3))


async def sent(desk: Desk, body: bytes, coding: str, media: str = NDJSON) -> httpx.Response:
    headers = {"Content-Type": media, "Content-Encoding": coding}
    return await desk.ask("POST", APPEND, content=body, headers=headers)


async def sent_in_pieces(desk: Desk, body: bytes) -> httpx.Response:
    """Send a packed body without saying how long it is."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 10):
            yield body[start : start + 10]

    headers = {"Content-Type": NDJSON, "Content-Encoding": "gzip", "Authorization": f"Bearer {desk.tokens['writer']}"}
    return await desk.client.post(APPEND, content=pieces(), headers=headers)


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"]


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
async def test_a_packed_body_is_what_it_holds(desk: Desk, coding: str) -> None:
    response = await sent(desk, gzip.compress(LINES), coding)
    assert (response.status_code, response.json()["size"]) == (201, 3)
    again = await desk.post(LINES, media=NDJSON)
    assert (again.status_code, [one["duplicate"] for one in again.json()["receipts"]]) == (200, [True] * 3)


async def test_a_packed_body_may_have_several_members_and_come_in_pieces(desk: Desk) -> None:
    body = gzip.compress(LINES[:100]) + gzip.compress(LINES[100:])
    response = await sent_in_pieces(desk, body)
    assert (response.status_code, response.json()["size"]) == (201, 3)


@pytest.mark.parametrize(
    ("body", "coding", "expected"),
    [
        (b"no gzip", "gzip", (400, "/problems/unreadable")),
        (gzip.compress(LINES)[:-4], "gzip", (400, "/problems/unreadable")),
        (gzip.compress(LINES)[:-8] + b"\0\0\0\0\0\0\0\0", "gzip", (400, "/problems/unreadable")),
        (LINES, "br", (415, "/problems/unsupported-media-type")),
        (gzip.compress(gzip.compress(LINES)), "gzip, gzip", (415, "/problems/unsupported-media-type")),
        (gzip.compress(b" " * BODY_MAX_BYTES * 2), "gzip", (413, "/problems/too-large")),
        (gzip.compress(b" " * BODY_MAX_BYTES) + gzip.compress(b" "), "gzip", (413, "/problems/too-large")),
        (b"\0" * (BODY_MAX_BYTES + 1), "gzip", (413, "/problems/too-large")),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_refused(
    desk: Desk, body: bytes, coding: str, expected: tuple[int, str]
) -> None:
    response = await sent(desk, body, coding)
    assert problem(response) == expected
    assert (response.headers.get("accept-encoding") == "gzip") == (expected[0] == 415)
    assert await desk.size() == 0


async def test_a_packed_body_is_bounded_as_one_that_is_not(desk: Desk) -> None:
    whole = LINES + b"\n" * (BODY_MAX_BYTES - len(LINES))
    assert (await sent(desk, gzip.compress(whole), "gzip")).status_code == 201
    assert problem(await desk.post(whole + b"\n", media=NDJSON)) == (413, "/problems/too-large")


async def test_nobody_without_a_token_is_unpacked_for(desk: Desk) -> None:
    headers = {"Content-Encoding": "br"}
    response = await desk.ask("POST", APPEND, who=None, content=b"x", headers=headers)
    assert response.status_code == 401


async def test_a_token_with_too_much_under_way_is_told_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every append waits until as many are under way as may be; one more is refused, somebody else's is not."""
    append, full, done = Sequencer.append, asyncio.Event(), asyncio.Event()
    waiting: list[object] = []

    async def wait_until_full(self: Sequencer, *given: Any, **how: Any) -> Any:  # noqa: ANN401
        waiting.append(given)
        if len(waiting) == UNDER_WAY_MAX:
            full.set()
        await done.wait()
        return await append(self, *given, **how)

    monkeypatch.setattr(Sequencer, "append", wait_until_full)
    under_way = [asyncio.create_task(desk.send(published(f"L{number}"))) for number in range(UNDER_WAY_MAX)]
    await full.wait()
    refused = await desk.send(published("more"))
    read = await desk.ask("GET", f"/v1/logs/{SHOP}")
    others = asyncio.create_task(desk.send(published("theirs"), log="rival", who="other"))
    done.set()
    assert problem(refused) == (429, "/problems/too-many-requests")
    assert refused.headers["retry-after"] == "1"
    assert read.status_code == 200
    assert {(await task).status_code for task in (*under_way, others)} == {201}
    assert (await desk.send(published("more"))).status_code == 201


async def test_what_ended_badly_is_no_longer_under_way(desk: Desk) -> None:
    async def fail(*_: object) -> None:
        raise ConnectionError

    gate = Gate(desk.service.database.pool("keeper"))
    bounded: ASGIApp = bounding(fail, most=1)
    scope: Any = {
        "type": "http",
        "method": "POST",
        "state": {CREDENTIAL_KEY: await gate.credential(f"Bearer {desk.tokens['writer']}")},
    }
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await bounded(scope, fail, fail)  # type: ignore[arg-type]


async def test_a_client_that_leaves_in_the_middle_of_a_packed_body_is_let_go() -> None:
    answers: list[Any] = []
    scope: Any = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-encoding", b"gzip")]}

    async def left() -> Any:  # noqa: ANN401
        return {"type": "http.disconnect"}

    async def answer(message: Any) -> None:  # noqa: ANN401
        answers.append(message)

    async def never(*_: object) -> None:
        raise AssertionError

    await unpacking(never)(scope, left, answer)
    assert answers[0]["status"] == 400
