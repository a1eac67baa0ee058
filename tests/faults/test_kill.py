"""`kill -9` of the service or of its database, with requests unanswered; judged by what clients had fsynced."""

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec import Struct

from tests.faults.clients import Clients, Kept, Request
from tests.faults.killing import assert_verified, come_back, kill_backend, kill_postmaster, kill_service
from tests.faults.serving import Serving, serving
from tests.faults.stored import Stored, as_new, read_stored

ROUNDS = 50
UNANSWERED_MIN = 8
VERIFY_EVERY = 10
ANSWERED_MAX = 30
"""A round is killed after 1 to so many answers, and up to LATER_SECONDS later."""
LATER_SECONDS = 0.03
ROUND_SECONDS = 60


class Round(Struct, frozen=True):
    """One kill: of what, with how many appends unanswered at that moment, and how many of those turned out stored."""

    victim: str
    unanswered: int
    stored: int


VICTIMS: tuple[Callable[[Serving], None], ...] = (kill_service, kill_postmaster, kill_service, kill_backend)


async def kill_amid(clients: Clients, kill: Callable[[], None], chance: random.Random) -> int:
    """Kill at a random moment once the round is under way; return how many appends are unanswered at that moment."""
    wanted = chance.randint(1, ANSWERED_MAX)
    later = chance.uniform(0, LATER_SECONDS)
    async with asyncio.timeout(ROUND_SECONDS):
        await until(clients, lambda: clients.answered >= wanted)
        await asyncio.sleep(later)  # a moment that nothing in the service chooses
        await until(clients, lambda: len(clients.unanswered) >= UNANSWERED_MIN)
    unanswered = len(clients.unanswered)
    kill()
    clients.stopping = True
    return unanswered


async def until(clients: Clients, reached: Callable[[], bool]) -> None:
    while not reached():
        clients.moved.clear()
        await clients.moved.wait()


def assert_kept(kept: Sequence[Kept], stored: Stored) -> None:
    """Every answered append is there, with the receipt that was answered."""
    for one in kept:
        assert as_new(one.receipts) == [stored.get(receipt.id) for receipt in one.receipts]


async def settle(served: Serving, clients: Clients, request: Request) -> bool:
    """Judge an append that was not answered, send it again, and tell whether it had been stored."""
    there = await read_stored(served, request.ids)
    assert set(there) in (set(), set(request.ids)), "a batch is there in part"
    status, kept = await clients.settle(request)
    assert status == (200 if there else 201)
    assert {receipt.duplicate for receipt in kept.receipts} == {bool(there)}
    assert_kept([kept], await read_stored(served, request.ids))
    return bool(there)


async def play(served: Serving, clients: Clients, victim: Callable[[Serving], None], chance: random.Random) -> Round:
    """Play one round: appends, a kill, a new start, and the judgement."""
    assert served.process is not None
    before = {"kill_service": served.process.pid, "kill_postmaster": served.postmaster(), "kill_backend": 0}
    known = clients.kept_bytes()
    running = asyncio.create_task(clients.run())
    unanswered = await kill_amid(clients, lambda: victim(served), chance)
    await running
    await come_back(served, before[victim.__name__])
    answered = clients.kept(known)
    assert_kept(answered, await read_stored(served, [receipt.id for one in answered for receipt in one.receipts]))
    found = [await settle(served, clients, request) for request in clients.left]
    return Round(victim.__name__, unanswered, sum(found))


@pytest.mark.timeout(600)
async def test_fifty_kills_lose_nothing_that_was_answered_and_store_nothing_by_halves(
    tmp_path: Path, record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A killed process reports no coverage, and measuring it would take most of the test's time.
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    chance = random.Random("fifty kills")
    rounds: list[Round] = []
    async with serving(tmp_path / "data") as served:
        await served.start()
        clients = Clients(served, tmp_path / "answered", "mixed batches")
        for number in range(ROUNDS):
            rounds.append(await play(served, clients, VICTIMS[number % len(VICTIMS)], chance))
            if number % VERIFY_EVERY == VERIFY_EVERY - 1:
                await assert_verified(served)
        kept = clients.kept()
        everything = {receipt.id for one in kept for receipt in one.receipts}
        assert_kept(kept, await read_stored(served, sorted(everything)))
        async with served.database() as database:
            assert await database.fetchval("SELECT count(*) FROM event") == len(everything)
        await served.stop()
    unanswered = [one.unanswered for one in rounds]
    assert (len(rounds), min(unanswered) >= UNANSWERED_MIN) == (ROUNDS, True)
    assert {one.victim for one in rounds} == {victim.__name__ for victim in VICTIMS}
    summary = (
        f"{ROUNDS} kills, {sum(unanswered)} appends unanswered at those moments (at least {min(unanswered)} each), "
        f"{sum(one.stored for one in rounds)} of the unanswered had been stored, {len(kept)} answers kept"
    )
    record_property("kills", summary)
    (tmp_path / "summary").write_text(summary)
