"""The client against the service: results, receipts that are proved, pages; the same for both of its faces."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, TypeAlias

import httpx
import msgspec
import pytest

from api.app import make_app
from api.calling.appending import BATCH_EVENTS
from api.client import AsyncClient, Client, Receipt, Result, Retries, ServiceRefused, ServiceUnavailable
from ledger.errors import Tampered
from ledger.tlog.note_key import Ed25519Signer
from tests.api.desk import OPEN, SHOP, Desk, Event, block, published, registered
from tests.api.inside import Inside

URL = "http://ledger"
IMPATIENT = Retries(attempts=2, first_seconds=0.001)
Change: TypeAlias = Callable[[bytes], bytes]


class Asked:
    """Both faces of the client, asked in the same words."""

    def __init__(self, desk: Desk, face: str, keys: Iterable[str] = (), who: str = "writer") -> None:
        app, loop = make_app(desk.service), asyncio.get_running_loop()
        inner = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        token = desk.tokens[who]
        self.waiting = Client(URL, token, transport=Inside(app, loop), keys=keys, retries=IMPATIENT)
        self.looping = AsyncClient(URL, token, transport=inner, keys=keys, retries=IMPATIENT)
        self.face = face

    async def append(self, log: str, events: Iterable[Event], **how: bool) -> list[Result]:
        if self.face == "async":
            return [result async for result in self.looping.append(log, events, **how)]
        return await asyncio.to_thread(lambda: list(self.waiting.append(log, events, **how)))

    async def append_all(self, log: str, events: list[Event], **how: bool) -> list[Receipt]:
        if self.face == "async":
            return await self.looping.append_all(log, events, **how)
        return await asyncio.to_thread(lambda: self.waiting.append_all(log, events, **how))

    async def verify(self, log: str, event: Event, receipt: Receipt) -> int:
        """Return the size of the checkpoint that proves a receipt."""
        if self.face == "async":
            return (await self.looping.verify(log, event, receipt)).size
        return (await asyncio.to_thread(self.waiting.verify, log, event, receipt)).size

    async def events(self, log: str | None, /, **query: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        if self.face == "async":
            return [event async for event in self.looping.events(log, **query)]
        return await asyncio.to_thread(lambda: list(self.waiting.events(log, **query)))

    async def get(self, path: str, /, **query: str) -> Any:  # noqa: ANN401
        if self.face == "async":
            return await self.looping.get(path, **query)
        return await asyncio.to_thread(lambda: self.waiting.get(path, **query))

    async def close(self) -> None:
        self.waiting.close()
        await self.looping.close()


Opened: TypeAlias = Callable[..., Awaitable[Asked]]


@pytest.fixture(params=["async", "sync"])
async def opened(request: pytest.FixtureRequest, desk: Desk) -> AsyncGenerator[Opened]:
    """Yield what opens a client of the desk's service, with the key of a log."""
    asked: list[Asked] = []

    async def open_client(log: str | None = None, who: str = "writer") -> Asked:
        keys = [] if log is None else [(await desk.get(f"/v1/logs/{log}", who="operator"))["key"]]
        asked.append(Asked(desk, request.param, keys, who))
        return asked[-1]

    yield open_client
    for each in asked:
        await each.close()


def told(results: list[Result]) -> list[tuple[int, str, int, Any]]:
    """Return index, id, status and what is left of each result: its position, or the code of its first fault."""
    return [(one.index, one.id, one.status, one.receipt.position if one.receipt else code_of(one)) for one in results]


def code_of(result: Result) -> str:
    assert result.problem is not None
    return str(result.problem["errors"][0]["code"])


EVENTS = [
    published("L1"),
    block("L1", "R1", time="not a time"),
    block("L1", "R2"),
    published("L1"),
    {**published("L1"), "source": "/elsewhere"},
]
RESULTS = [
    (0, "pub-L1", 201, 0),
    (1, "block-L1-R1", 422, "invalid-event"),
    (2, "block-L1-R2", 201, 1),
    (3, "pub-L1", 200, 0),
    (4, "pub-L1", 409, "id-reused"),
]


async def test_each_event_has_a_result_of_its_own(opened: Opened) -> None:
    client = await opened()
    assert told(await client.append(SHOP, EVENTS)) == RESULTS


async def test_a_dry_run_stores_nothing(desk: Desk, opened: Opened) -> None:
    client = await opened()
    tried = await client.append(SHOP, [published("L1"), block("L1", "R1", time="never")], dry_run=True)
    assert [result.status for result in tried] == [200, 422]
    assert await client.append_all(SHOP, [published("L1")], dry_run=True)
    assert await desk.size() == 0


async def test_many_events_go_in_batches_and_come_back_in_pages(desk: Desk, opened: Opened) -> None:
    client = await opened()
    count = BATCH_EVENTS + 300
    events = [published(f"L{number}", title="a title " * 20) for number in range(count)]
    results = await client.append(SHOP, iter(events))
    assert [(one.index, one.id, one.receipt.position) for one in results if one.receipt] == [
        (number, f"pub-L{number}", number) for number in range(count)
    ]
    back = await client.events(SHOP)
    assert [(event["id"], event["data"]) for event in back] == [(event["id"], event["data"]) for event in events]
    found = await client.events(None, log=[SHOP, OPEN], subject=["listing:shop:L7", "listing:shop:L9"])
    assert [event["id"] for event in found] == ["pub-L7", "pub-L9"]
    assert (await client.get(f"/v1/logs/{SHOP}"))["size"] == count == await desk.size()


async def test_all_or_nothing_raises_every_fault(desk: Desk, opened: Opened) -> None:
    client = await opened()
    with pytest.raises(ServiceRefused) as raised:
        await client.append_all(SHOP, [published("L1"), block("L1", "R1", time="x"), block("L1", "R2", time="y")])
    assert (raised.value.status, [one["index"] for one in raised.value.problem["errors"]]) == (422, [1, 2])
    assert await desk.size() == 0
    receipts = await client.append_all(SHOP, [published("L1"), block("L1", "R1")])
    assert [receipt.position for receipt in receipts] == [0, 1]


@pytest.mark.parametrize(("log", "who", "status"), [("nowhere", "writer", 404), (SHOP, "other", 403)])
async def test_what_is_refused_whole_is_raised(opened: Opened, log: str, who: str, status: int) -> None:
    client = await opened(who=who)
    with pytest.raises(ServiceRefused) as raised:
        await client.append(log, [published("L1")])
    assert raised.value.status == status


@pytest.mark.parametrize("log", [SHOP, OPEN])
async def test_a_receipt_is_proved_by_the_entry_and_the_logs_key(opened: Opened, log: str) -> None:
    personal = registered("S1", subject_id="subject:s1", shop_name="Toko Siti")
    events = [published("L1", "2026-01-05T07:00:00+07:00", title="Tas"), personal]
    client = await opened(log)
    for prove in (True, False):
        results = await client.append(log, events, prove=prove)
        assert [result.receipt is not None and result.receipt.proof is not None for result in results] == [prove] * 2
        for event, result in zip(events, results, strict=True):
            assert result.receipt is not None
            assert await client.verify(log, event, result.receipt) == 2
    assert all(receipt.proof for receipt in await client.append_all(log, events, prove=True))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": {"title": "Dompet"}}, "its data is not what was sent"),
        ({"data": {"title": "Tas", "price": 1}}, "its data is not what was sent"),
        ({"time": "2026-01-05T00:00:01Z"}, "its time is not what was sent"),
        ({"subject": "listing:shop:L2"}, "its subject is not what was sent"),
        ({"id": "pub-L2"}, "receipt of pub-L2 in log shop: is that of pub-L1"),
    ],
)
async def test_an_entry_that_says_something_else_is_no_proof(
    opened: Opened, change: dict[str, Any], reason: str
) -> None:
    client = await opened(SHOP)
    (result,) = await client.append(SHOP, [published("L1", title="Tas")])
    assert result.receipt is not None
    with pytest.raises(Tampered, match=reason):
        await client.verify(SHOP, {**published("L1", title="Tas"), **change}, result.receipt)


async def test_a_receipt_of_another_place_or_leaf_is_no_proof(opened: Opened) -> None:
    client = await opened(SHOP)
    events = [published("L1"), published("L2")]
    first, second = [result.receipt for result in await client.append(SHOP, events, prove=True)]
    assert first is not None
    assert second is not None
    moved = {"position": 1}, {"leaf_hash": second.leaf_hash}, {"proof": second.proof}, {"proof": "none"}
    for change in moved:
        with pytest.raises(Tampered):
            await client.verify(SHOP, events[0], msgspec.structs.replace(first, **change))


async def test_another_key_of_the_same_name_proves_nothing(desk: Desk, opened: Opened) -> None:
    client = await opened(SHOP)
    (result,) = await client.append(SHOP, [published("L1")])
    assert result.receipt is not None
    name = (await desk.service.find_log(SHOP)).origin
    stranger = Asked(desk, client.face, [str(Ed25519Signer(name, bytes(32)).verifier)])
    with pytest.raises(Tampered, match="no signature is of a key that is known here"):
        await stranger.verify(SHOP, published("L1"), result.receipt)
    with pytest.raises(Tampered):
        await stranger.append(SHOP, [published("L1")], prove=True)
    keyless = await opened()
    with pytest.raises(Tampered, match="without a public key"):
        await keyless.verify(SHOP, published("L1"), result.receipt)
    await stranger.close()


async def test_no_text_shows_the_token(desk: Desk, opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = await opened()
    token = desk.tokens["writer"]
    texts = [repr(client.waiting), repr(client.looping), str(vars(client.waiting)), str(vars(client.looping))]
    with pytest.raises(ServiceRefused) as refused:
        await client.append("nowhere", [published("L1")])
    nobody = Client("http://127.0.0.1:1", token, retries=IMPATIENT)
    with nobody, pytest.raises(ServiceUnavailable) as failed:
        nobody.get("/v1/events")
    texts += [f"{raised.value!r} {raised.value} {raised.value.__cause__!r}" for raised in (refused, failed)]
    assert token not in "".join(texts) + caplog.text
