"""A hold and an erasure at the same moment, in different logs: each is wholly before the other, wherever they meet."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import msgspec
import pytest

from api.service import Service, service_over
from ledger import erasure
from ledger.database import Database
from ledger.destroyed import DestroyedKeys
from ledger.domain.audit_events import LegalHoldPlaced
from ledger.entry import Draft
from ledger.erasure import Eraser, Order
from ledger.errors import Busy, Held
from ledger.intake import Author, LogInfo
from ledger.keys import find_keys
from ledger.store import Reader
from ledger.under_way import check_nothing_under_way
from ledger.verify import LogVerifier
from tests.api.desk import event, filed

PERSON = "subject:c1"
AUTHOR = Author(authid="tests", authrole="operator")
ORDER = Order(subject=PERSON, basis="UU 27/2022 art. 43", request_ref="DSR-1")
HELD = Held.__name__
Step = Callable[[], Awaitable[None]]


@pytest.fixture
async def service(database: Database) -> AsyncGenerator[Service]:
    """Yield a service with a shop whose log holds somebody's name, and a court that may forbid its erasure."""
    async with service_over(database) as running:
        shop = await running.create_log("shop", "PLATFORM", "UTC", None, "CONFIDENTIAL")
        await running.create_log("court", "AUTHORITY", "UTC", None, "CONFIDENTIAL")
        claim = filed("D1", claimant_subject_id=PERSON, claimant_name="Aminah")
        await running.appender.append(shop, AUTHOR, running.intake.read_one(msgspec.json.encode(claim)))
        yield running


async def place_hold(service: Service, name: str = "1", subject: str = PERSON) -> str:
    """Have the court forbid the erasure, and say how that went."""
    court = await service.find_log("court")
    hold = event(f"hold-{name}", "LegalHoldPlaced", subject, authority="court")
    try:
        await service.appender.append(court, AUTHOR, service.intake.read_one(msgspec.json.encode(hold)))
    except Busy:
        return "Busy"
    return "placed"


async def erase(service: Service) -> str:
    """Erase, and say how that went."""
    eraser = Eraser(service.database.pool("keeper"), service.appender, service.destroyed_keys, service.scrubber)
    try:
        await eraser.erase("op", ORDER)
    except (Busy, Held) as error:
        return type(error).__name__
    return "erased"


async def is_erased(service: Service) -> bool:
    logs = [await service.find_log("shop")]
    (key,) = await find_keys(service.database.pool("keeper"), logs, PERSON)
    return key.destroyed is not None


async def assert_sound(service: Service) -> None:
    for slug in ("shop", "court"):
        verified = await LogVerifier(service.database.pool("reader"), await service.find_log(slug)).verify()
        assert list(verified.findings) == []


def meet(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, step: Step) -> None:
    """Let `step` happen when the erasure is about to do `name`."""
    there = getattr(owner, name)

    async def after(*arguments: object) -> object:
        await step()
        result = there(*arguments)
        return await result if asyncio.iscoroutine(result) else result

    monkeypatch.setattr(owner, name, after)


@pytest.mark.parametrize("point", ["counting", "check_holds", "check_announced", "destroy_key"])
async def test_a_hold_that_comes_while_an_erasure_is_under_way_waits_for_it(
    service: Service, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    said: list[str] = []

    async def hold() -> None:
        said.append(await place_hold(service))

    if point == "counting":
        meet(monkeypatch, Eraser, "_take_turn", hold)
    else:
        meet(monkeypatch, erasure, point, hold)
    assert (await erase(service), said, await is_erased(service)) == ("erased", ["Busy"], True)
    assert await place_hold(service) == "placed"
    await assert_sound(service)


async def test_a_hold_that_has_its_turn_before_the_announcement_wins_though_it_commits_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold is in its transaction, under the lock of its log, when the erasure begins."""
    turn, go_on, asked = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def is_asked() -> None:
        asked.set()

    async def paused(writer: Reader, drafts: Sequence[Draft]) -> None:
        await check_nothing_under_way(writer, drafts)
        if any(draft.type == LegalHoldPlaced.event_type for draft in drafts):
            turn.set()
            await go_on.wait()

    monkeypatch.setattr("ledger.sequencer.check_nothing_under_way", paused)
    meet(monkeypatch, Eraser, "_take_turn", is_asked)
    holding = asyncio.create_task(place_hold(service))
    await turn.wait()
    erasing = asyncio.create_task(erase(service))
    await asyncio.wait_for(asked.wait(), 30)
    assert not erasing.done()  # it waits for its turn in the court's log
    go_on.set()
    assert (await holding, await erasing, await is_erased(service)) == ("placed", HELD, False)
    await assert_sound(service)


async def test_another_process_places_the_hold_at_every_moment(service: Service) -> None:
    """Without barriers, many times over, in another process' sequencer: never both a hold before and an erasure."""
    outcomes: set[tuple[str, str]] = set()
    async with service_over(service.database) as court:
        for pause in range(12):

            async def held_late(number: int = pause) -> str:
                for _ in range(number):
                    await asyncio.sleep(0.002)
                return await place_hold(court, str(number))

            erased, held = await asyncio.gather(erase(service), held_late())
            outcomes.add((erased, held))
            if erased == "erased":
                break
            await release(court)
    assert outcomes <= {("erased", "Busy"), ("erased", "placed"), (HELD, "placed")}
    if ("erased", "placed") in outcomes:
        assert await destroyed_before_the_hold(service)


async def release(service: Service) -> None:
    court = await service.find_log("court")
    number = await service.database.pool("reader").fetchval("SELECT count(*) FROM event")
    over = event(f"release-{number}", "LegalHoldReleased", PERSON, authority="court")
    await service.appender.append(court, AUTHOR, service.intake.read_one(msgspec.json.encode(over)))


async def destroyed_before_the_hold(service: Service) -> bool:
    last = await service.database.pool("reader").fetchval(
        "SELECT max(recordedtime) FROM event WHERE type = 'LegalHoldPlaced'"
    )
    logs: list[LogInfo] = [await service.find_log("shop")]
    (key,) = await find_keys(service.database.pool("keeper"), logs, PERSON)
    return key.destroyed is not None and key.destroyed <= last


async def test_an_erasure_that_died_holds_up_holds_for_a_bounded_time(service: Service) -> None:
    keeper = service.database.pool("keeper")
    await keeper.execute(
        "INSERT INTO erasure_under_way (attempt, subject) VALUES ('00000000-0000-0000-0000-000000000001', $1)", PERSON
    )
    assert [await place_hold(service), await place_hold(service, "wide", "ledger:court")] == ["Busy", "Busy"]
    assert await place_hold(service, "other", "subject:other") == "placed"
    await keeper.execute("UPDATE erasure_under_way SET since = since - interval '61 s'")
    assert await place_hold(service) == "placed"
    assert await erase(service) == HELD
    assert await keeper.fetchval("SELECT count(*) FROM erasure_under_way") == 0


async def test_an_erasure_that_is_too_slow_to_begin_destroys_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> None:
        await service.database.pool("keeper").execute("UPDATE erasure_under_way SET since = since - interval '21 s'")

    with monkeypatch.context() as patched:
        meet(patched, erasure, "check_announced", slow)
        assert (await erase(service), await is_erased(service)) == ("Busy", False)
    assert list(DestroyedKeys(service.vault)) == []
    assert (await erase(service), await is_erased(service)) == ("erased", True)
