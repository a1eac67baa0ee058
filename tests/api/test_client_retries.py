"""The client when answers are lost, late, or say `not now`: the same ids again, until it is settled or given up."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import TypeAlias

import httpx
import msgspec
import pytest

from api.app import make_app
from api.calling.exchange import Call, Came, Pause, ServiceError, ask
from api.client import AsyncClient, Receipt, Retries, ServiceRefused, ServiceUnavailable
from ledger.errors import Busy, JejakError, Tampered
from ledger.sequencer import Sequencer
from tests.api.desk import SHOP, Desk, block, published

Fault: TypeAlias = Callable[[httpx.Request], httpx.Response]
"""What happens to a request instead of its answer."""
SOON = Retries(attempts=4, first_seconds=0.001)
CALL = Call("GET", "/v1/logs")


class Faulty(httpx.AsyncBaseTransport):
    """Carries requests to the service; to each of the first happens what `before` or `after` says in its place."""

    def __init__(self, desk: Desk, before: Sequence[Fault | None], after: Sequence[Fault | None] = ()) -> None:
        self._inner = httpx.ASGITransport(app=make_app(desk.service))  # type: ignore[arg-type]
        self._before = list(before)
        self._after = list(after)
        self.sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        fault = self._before.pop(0) if self._before else None
        if fault is not None:
            return fault(request)
        response = await self._inner.handle_async_request(request)
        lost = self._after.pop(0) if self._after else None
        if lost is not None:
            await response.aread()
            return lost(request)
        return response

    def client(self, desk: Desk) -> AsyncClient:
        return AsyncClient("http://ledger", desk.tokens["writer"], retries=SOON, transport=self)


def refuse(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused")


def lose(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer in time")


def cut(_: httpx.Request) -> httpx.Response:
    raise httpx.RemoteProtocolError("the server left without an answer")


def not_now(status: int, retry_after: str | None = "0") -> Fault:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    problem = {"title": "Not now", "detail": "come again"}
    return lambda _: httpx.Response(status, headers=headers, json=problem)


def given(content: bytes, _: httpx.Request) -> httpx.Response:
    return httpx.Response(207, content=content)


@pytest.mark.parametrize(
    ("before", "after", "statuses", "sent"),
    [
        ([refuse, not_now(503), not_now(429)], [], [201, 201], 4),
        ([], [lose], [200, 200], 2),
        ([None, not_now(502, None)], [cut, lose], [200, 200], 4),
    ],
)
async def test_what_is_sent_again_is_stored_once(
    desk: Desk, before: list[Fault | None], after: list[Fault | None], statuses: list[int], sent: int
) -> None:
    transport = Faulty(desk, before, after)
    async with transport.client(desk) as client:
        results = [result async for result in client.append(SHOP, [published("L1"), block("L1", "R1")])]
    assert ([result.status for result in results], transport.sent, await desk.size()) == (statuses, sent, 2)
    assert [result.receipt and result.receipt.position for result in results] == [0, 1]


async def test_events_that_met_not_now_are_sent_again_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is full for every second event the first time it is offered, as it may be where many append."""
    append, offered = Sequencer.append, iter(range(1_000))

    async def full_at_times(self: Sequencer, drafts: Sequence[object], **how: object) -> object:
        if next(offered) in {1, 3}:
            raise Busy("the log has 50000 events waiting")
        return await append(self, drafts, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Sequencer, "append", full_at_times)
    transport = Faulty(desk, [])
    async with transport.client(desk) as client:
        results = [result async for result in client.append(SHOP, [published(f"L{number}") for number in range(4)])]
    assert [(one.index, one.status, one.receipt and one.receipt.position) for one in results] == [
        (0, 201, 0),
        (1, 201, 2),
        (2, 201, 1),
        (3, 201, 3),
    ]
    assert transport.sent == 2


async def test_it_is_given_up_after_the_last_attempt(desk: Desk) -> None:
    transport = Faulty(desk, [refuse, lose, not_now(503), refuse, refuse])
    async with transport.client(desk) as client:
        with pytest.raises(
            ServiceUnavailable, match=r"POST /v1/logs/shop/events: no answer: connection refused, 4 times"
        ):
            await client.append_all(SHOP, [published("L1")])
    assert (transport.sent, await desk.size()) == (4, 0)


def test_an_error_that_says_nothing_is_told_by_its_name() -> None:
    with pytest.raises(ServiceUnavailable, match="no answer: ReadTimeout, 1 times"):
        pauses(Retries(attempts=1), [httpx.ReadTimeout("")])


async def test_what_is_refused_is_not_sent_again(desk: Desk) -> None:
    transport = Faulty(desk, [])
    async with transport.client(desk) as client:
        with pytest.raises(ServiceRefused):
            await client.append_all(SHOP, [block("L1", "R1", time="never")])
    assert transport.sent == 1


def answered(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, content=b"{}")


def pauses(retries: Retries, came: Sequence[Came]) -> list[float]:
    """Return the pauses between calls that are answered so, one after another. Raises what the exchange does."""

    def steps() -> Iterator[float]:
        exchange, answers = ask(CALL, retries), iter(came)
        step = next(exchange)
        while True:
            try:
                step = exchange.send(None if isinstance(step, Pause) else next(answers))
            except StopIteration:
                return
            if isinstance(step, Pause):
                yield step.seconds

    return list(steps())


def test_pauses_double_up_to_the_longest_less_what_is_left_to_chance() -> None:
    retries = Retries(attempts=9, first_seconds=1, longest_seconds=16)
    waited = pauses(retries, [answered(503)] * 8 + [answered(200)])
    full = [1, 2, 4, 8, 16, 16, 16, 16]
    assert all(most / 2 <= seconds <= most for most, seconds in zip(full, waited, strict=True))
    assert len({round(seconds / most, 6) for most, seconds in zip(full, waited, strict=True)}) > 1


def test_a_pause_is_never_shorter_than_the_service_asks() -> None:
    retries = Retries(first_seconds=0.001)
    assert pauses(retries, [answered(429, **{"Retry-After": "7"}), answered(200)]) == [7]
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    (seconds,) = pauses(retries, [answered(503, **{"Retry-After": date}), answered(200)])
    assert 25 < seconds <= 30
    (seconds,) = pauses(retries, [answered(503, **{"Retry-After": "soon"}), answered(200)])
    assert seconds <= 0.001


def test_a_service_that_asks_for_too_much_patience_is_given_up() -> None:
    with pytest.raises(ServiceUnavailable, match="it asks to come again in 300 s"):
        pauses(Retries(), [answered(503, **{"Retry-After": "300"})])


async def test_an_answer_of_somebody_else_is_an_error_of_ours(desk: Desk) -> None:
    def page(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"<html>")

    async with Faulty(desk, [page] * 2).client(desk) as client:
        for ask_it in (client.get("/v1/logs"), client.append_all(SHOP, [published("L1")])):
            with pytest.raises(ServiceError) as raised:
                await ask_it
            assert issubclass(ServiceError, JejakError)
            assert not isinstance(raised.value, ServiceRefused | ServiceUnavailable)
    other = msgspec.json.encode({"log": SHOP, "results": []})
    async with Faulty(desk, [partial(given, other)]).client(desk) as client:
        with pytest.raises(ServiceError, match="1 events were sent, and the answer is of others"):
            [result async for result in client.append(SHOP, [published("L1")])]


async def test_an_entry_that_is_not_the_one_of_the_receipt_is_no_proof(desk: Desk) -> None:
    """It says all that was sent, and is not what the log holds."""
    key = (await desk.get(f"/v1/logs/{SHOP}", who="operator"))["key"]
    receipt = (await desk.tell(published("L1")))[0]
    forged = (await desk.entry("pub-L1")).replace(b'"PLATFORM_WRITER"', b'"REGULATOR"')
    transport = Faulty(desk, [lambda _: httpx.Response(200, content=forged)])
    async with AsyncClient("http://ledger", desk.tokens["writer"], keys=[key], transport=transport) as client:
        with pytest.raises(Tampered, match="its leaf hash is not the receipt's"):
            await client.verify(SHOP, published("L1"), msgspec.convert(receipt, Receipt))
        assert (await client.verify(SHOP, published("L1"), msgspec.convert(receipt, Receipt))).size == 1


async def test_a_receipt_that_comes_with_the_proof_of_another_place_is_told(desk: Desk) -> None:
    """Before anybody asks for the entry: so an append alone finds it out."""
    key = (await desk.get(f"/v1/logs/{SHOP}", who="operator"))["key"]
    honest = Faulty(desk, [])
    async with honest.client(desk) as client:
        (result,) = [one async for one in client.append(SHOP, [published("L1")], prove=True)]
    assert result.receipt is not None
    for name, value in (("position", 1), ("leaf_hash", "00" * 32), ("id", "pub-L2")):
        receipt = {**msgspec.structs.asdict(result.receipt), name: value}
        moved = msgspec.json.encode({"results": [{"index": 0, "status": 200, "receipt": receipt}]})
        transport = Faulty(desk, [partial(given, moved)])
        async with AsyncClient("http://ledger", desk.tokens["writer"], keys=[key], transport=transport) as client:
            with pytest.raises(Tampered):
                [one async for one in client.append(SHOP, [published("L1")], prove=True)]
