"""A connection that fails on cue: before and after each step of a commit, with what was answered and what is there."""

import asyncio
from typing import cast
from uuid import uuid4

import msgspec
import pytest

from ledger.database import Database
from ledger.entry import Draft, Pieces
from ledger.errors import Busy, OutcomeUnknown
from ledger.intake import Author, EventData, LogInfo, check_event
from ledger.judging import Receipt
from ledger.merkle import TILE_WIDTH
from ledger.sequencer import FORESIGHT_MIN_EVENTS, Sequencer
from ledger.store import create_log, read_entries
from ledger.verify import LogVerifier
from tests.faults.failing import STEPS, Cue, FailingPool, When
from tests.faults.serving import poll
from tests.races.writing import listing, published

AUTHOR = Author(authid="t-1", authrole="PLATFORM_WRITER")
BEFORE = 10
"""Events that stand before the fault, of streams whose histories the sequencer holds."""
STREAMS = "STS"
"""The streams of each request of the commit that fails: held, read, held."""
LARGE = FORESIGHT_MIN_EVENTS
"""Events of a request behind which, and which itself, are decided ahead."""
BATCHES = (1, 5, TILE_WIDTH)
"""Events of each request of the commit that fails: together they fill a tile."""


async def new_log(database: Database) -> LogInfo:
    slug = f"log-{uuid4().hex}"
    return await create_log(
        database.pool("keeper"), slug, "PLATFORM", "Asia/Jakarta", "ID", "PUBLIC", f"{database.name}/{slug}"
    )


def drafts(log: LogInfo, name: str, count: int, streams: str = "S") -> list[Draft]:
    """Return drafts about seven streams, which requests share unless they name others."""
    events = [published(f"{name}-{number}", listing(f"{streams}{number % 7}")) for number in range(count)]
    raw = msgspec.json.encode(events)
    return [check_event(event, log, AUTHOR) for event in msgspec.json.decode(raw, type=list[EventData])]


def hear_nothing(_log: LogInfo, _size: int) -> None:
    """Nobody follows."""


async def stored_ids(database: Database, log: LogInfo) -> list[str]:
    statement = "SELECT id FROM event WHERE log_id = $1 ORDER BY position"
    return [row["id"] for row in await database.pool("reader").fetch(statement, log.log_id)]


async def assert_whole(database: Database, log: LogInfo, receipts: list[Receipt]) -> None:
    """The log verifies, and holds just these receipts' entries."""
    pool = database.pool("reader")
    verified = await LogVerifier(pool, log).verify()
    assert (verified.findings, verified.size) == ([], len(receipts))
    stored = [entry async for page in read_entries(pool, log.log_id, 0, verified.size) for entry in page]
    assert [(entry.position, entry.leaf_hash.hex()) for entry in stored] == [
        (receipt.position, receipt.leaf_hash) for receipt in receipts
    ]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_connection_that_breaks_leaves_a_commit_whole_or_absent_and_a_retry_settles_it(
    database: Database, step: str, when: When
) -> None:
    log = await new_log(database)
    cue = Cue(step, when, met=True)
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    first = await sequencer.append(drafts(log, "before", BEFORE))
    cue.met = False
    requests = [drafts(log, f"request-{number}", count, STREAMS[number]) for number, count in enumerate(BATCHES)]
    answers = await asyncio.gather(*(sequencer.append(request) for request in requests), return_exceptions=True)
    assert cue.met
    unknown = step == "COMMIT" or (step, when) == ("move_head", "after")  # the next step is COMMIT
    assert [type(answer) for answer in answers] == [OutcomeUnknown if unknown else Busy] * len(BATCHES)
    kept = step == "COMMIT" and when == "after"
    wanted = [draft.id for request in requests for draft in request]
    assert (await stored_ids(database, log))[BEFORE:] == (wanted if kept else [])
    settled = [await sequencer.append(request) for request in requests]
    assert {receipt.duplicate for receipts in settled for receipt in receipts} == {kept}
    everything = [*first, *(receipt for receipts in settled for receipt in receipts)]
    assert [receipt.id for receipt in everything] == await stored_ids(database, log)
    await assert_whole(database, log, everything)
    again = [await sequencer.append(request) for request in requests]
    assert again == [[msgspec.structs.replace(receipt, duplicate=True) for receipt in one] for one in settled]
    await sequencer.close()


async def until_decided_ahead(sequencer: Sequencer, events: int) -> None:
    async def decided() -> bool:
        return sequencer.decided_ahead >= events

    await poll(decided)


@pytest.mark.parametrize(
    ("step", "when"),
    [("COPY event", "before"), ("COPY event", "after"), ("move_head", "before"), ("move_head", "after")],
)
async def test_what_was_decided_ahead_of_a_commit_that_failed_is_decided_again(
    database: Database, step: str, when: When
) -> None:
    log = await new_log(database)
    cue = Cue(step, when, met=True)
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    before = await sequencer.append(drafts(log, "before", BEFORE))
    cue.met = False
    requests = [drafts(log, "request-0", LARGE), drafts(log, "request-1", LARGE, "T")]

    async def wait() -> None:
        later.append(asyncio.create_task(sequencer.append(requests[1])))
        await until_decided_ahead(sequencer, LARGE)

    cue.wait = wait
    later: list[asyncio.Task[list[Receipt]]] = []
    with pytest.raises((Busy, OutcomeUnknown)):
        await sequencer.append(requests[0])
    second = await later[0]
    first = await sequencer.append(requests[0])
    assert [receipt.position for receipt in (*before, *second, *first)] == list(range(BEFORE + 2 * LARGE))
    await assert_whole(database, log, [*before, *second, *first])
    await sequencer.close()


async def test_what_was_decided_ahead_is_decided_again_when_another_has_appended(database: Database) -> None:
    log = await new_log(database)
    cue = Cue("COPY event", "after")
    ours = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    theirs = Sequencer(log, database.pool("writer"), hear_nothing)
    tasks: list[asyncio.Task[list[Receipt]]] = []

    async def wait() -> None:
        tasks.append(asyncio.create_task(ours.append(drafts(log, "later", LARGE))))
        await until_decided_ahead(ours, LARGE)
        tasks.append(asyncio.create_task(theirs.append(drafts(log, "theirs", 10))))
        cue.step, cue.when, cue.wait = "lock_head", "before", wait_for_theirs

    async def wait_for_theirs() -> None:
        await asyncio.wait([tasks[1]])
        cue.met = True  # it only waits here, and does not break

    cue.wait = wait
    first = await ours.append(drafts(log, "first", LARGE))
    later, their = [await task for task in tasks]
    assert [receipt.position for receipt in (*first, *their, *later)] == list(range(2 * LARGE + 10))
    await assert_whole(database, log, [*first, *their, *later])
    await asyncio.gather(ours.close(), theirs.close())


async def test_a_commit_is_answered_though_its_connection_breaks_on_the_way_back(database: Database) -> None:
    log = await new_log(database)
    cue = Cue("RELEASE", "before")
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    receipts = await sequencer.append(drafts(log, "one", 3))
    more = await sequencer.append(drafts(log, "two", 3))
    assert cue.met
    await assert_whole(database, log, [*receipts, *more])
    await sequencer.close()


async def test_a_fault_of_our_own_is_answered_as_one_and_what_comes_after_it_stands(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A draft that cannot be sealed fails its commit, and no other; nobody is told to send it again for ever."""
    log = await new_log(database)
    sequencer = Sequencer(log, database.pool("writer"), hear_nothing)
    broken = [msgspec.structs.replace(drafts(log, "broken", 1)[0], pieces=cast("Pieces", ()))]
    with pytest.raises(Exception, match="the ledger failed, and nothing was stored") as caught:
        await sequencer.append(broken)
    assert not isinstance(caught.value, Busy | OutcomeUnknown)
    assert "a commit failed for a reason of our own" in caplog.text
    receipts = await sequencer.append(drafts(log, "whole", 2))
    await assert_whole(database, log, receipts)
    await sequencer.close()
