"""The sequencer fails at each of its steps, before and after it took effect: what was answered, and what is there.

The steps are those of a recorded run, for each shape that a commit may have.
"""

import asyncio
import inspect
import re
from sys import getrefcount
from typing import cast

import msgspec
import pytest

import ledger.deciding
import ledger.sealing
import ledger.sequencer
import ledger.under_way
from ledger.database import Database
from ledger.domain.rules import IMPOSSIBLE
from ledger.entry import Pieces
from ledger.errors import Busy, OutcomeUnknown, Refused
from ledger.judging import Receipt
from ledger.sequencer import QUEUE_MAX_EVENTS, Sequencer
from ledger.tlog.merkle import TILE_WIDTH
from tests.faults.committing import (
    LARGE,
    SHAPES,
    assert_whole,
    checked,
    drafts,
    hear_nothing,
    new_log,
    prepared,
    recorded,
    stored_ids,
)
from tests.faults.failing import Cue, FailingPool, Point
from tests.faults.serving import poll
from tests.races.writing import blocked, event, listing, published, reinstated

MODULES = (ledger.sequencer, ledger.deciding, ledger.sealing, ledger.under_way)
"""Where the statements of a commit stand."""
OF_ERASURES = {"announce_erasure", "find_announcement", "withdraw_erasure"}
"""Statements that stand beside those of a commit, and are an erasure's."""
FORESEEN_SECONDS = 0.3
"""Long enough for what queues to be decided ahead."""
UPPER = "read_tile_roots"
"""Only a tile above those of leaves needs this statement; the first of them is full at UPPER_SIZE entries."""
UPPER_SIZE = TILE_WIDTH**2


@pytest.fixture(autouse=True)
def foresight(monkeypatch: pytest.MonkeyPatch) -> None:
    """What queues is decided ahead however little it is, and however slow the machine."""
    monkeypatch.setattr("ledger.sequencer.FORESIGHT_MIN_EVENTS", LARGE)
    monkeypatch.setattr("ledger.sequencer.FORESIGHT_WAIT_SECONDS", 10)


@pytest.mark.parametrize("name", SHAPES)
async def test_a_commit_that_fails_at_any_step_is_whole_or_absent_and_a_retry_settles_it(
    database: Database, name: str
) -> None:
    shape = SHAPES[name]
    points = await recorded(database, shape)
    assert shape.steps <= {point.step for point in points}
    for point in points:
        run = await prepared(database, shape)
        run.cue.aim(point)
        try:
            answers = await shape.send(run)
            await poll(run.has_failed)
            await run.assert_answered(answers, harmless=point.step in shape.harmless)
            await run.assert_settled(answers)
        except BaseException as error:
            error.add_note(f"failed {point.when} {point.step}, number {point.nth}")
            raise


async def test_every_statement_of_a_commit_is_a_step_that_is_failed(database: Database) -> None:
    named = set(re.findall(r'statements\("(\w+)"\)', "".join(map(inspect.getsource, MODULES))))
    taken = {point.step for shape in SHAPES.values() for point in await recorded(database, shape)}
    assert named - taken == OF_ERASURES | {UPPER}


async def test_a_commit_that_fails_when_it_makes_an_upper_tile_leaves_nothing_and_a_retry_makes_it(
    database: Database,
) -> None:
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    stands: list[Receipt] = []
    for number, count in enumerate([QUEUE_MAX_EVENTS, UPPER_SIZE - 1 - QUEUE_MAX_EVENTS]):
        stands += await sequencer.append(drafts(log, f"b{number}", count))
    last = drafts(log, "last", 2)
    for point in (Point(UPPER, 1, "before"), Point(UPPER, 1, "after")):
        cue.aim(point)
        with pytest.raises(Busy):
            await sequencer.append(last)
        assert (cue.met, len(await stored_ids(database, log))) == (True, UPPER_SIZE - 1)
    await assert_whole(database, log, [*stands, *await sequencer.append(last)])
    statement = "SELECT count(*) FROM tile WHERE log_id = $1 AND level = 1"
    assert await database.pool("reader").fetchval(statement, log.log_id) == 1
    await sequencer.close()


async def test_a_correction_in_a_stream_that_is_just_being_appended_to_is_decided_after_that(
    database: Database,
) -> None:
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    before = await sequencer.append(drafts(log, "before", 1))
    corrected = {"target_event_id": "before-0", "reason_code": "CLERICAL", "set": {"time": "2025-02-01T02:00:00Z"}}
    others = [published(f"other-{number}", listing(f"T{number}")) for number in range(LARGE)]
    second = checked(log, [*others, event("fix", listing("S0"), "EventCorrected", corrected)])
    tasks: list[asyncio.Task[list[Receipt]]] = []

    async def send() -> None:
        tasks.append(asyncio.create_task(sequencer.append(second)))
        await asyncio.sleep(FORESEEN_SECONDS)

    cue.aim(None)
    cue.pauses[Point("COPY event", 1, "before")] = send
    receipts = [*before, *await sequencer.append(drafts(log, "first", LARGE)), *await tasks[0]]
    await sequencer.close()

    await assert_whole(database, log, receipts)


async def test_a_log_that_rests_holds_no_event(database: Database) -> None:
    log = await new_log(database)
    sequencer = Sequencer(log, database.pool("writer"), hear_nothing)
    blocks = checked(log, [blocked(f"block-{number}", listing("S0")) for number in range(2)])
    gone = getrefcount(blocks[0])
    await sequencer.append([*blocks])

    async def rests() -> bool:
        return getrefcount(blocks[0]) == gone

    await poll(rests)
    assert (await sequencer.append(checked(log, [reinstated("end", "block-1", listing("S0"))])))[0].version == 3
    with pytest.raises(Refused):
        await sequencer.append(checked(log, [reinstated("again", "block-1", listing("S0"))]))
    await sequencer.close()


async def test_of_a_stream_that_began_here_nothing_is_read_until_an_event_shares_a_key(database: Database) -> None:
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    await sequencer.append(drafts(log, "before", 1))
    read: list[bool] = []
    for one in (
        blocked("block", listing("S0")),
        published("other", listing("T0")),
        reinstated("end", "block", listing("S0")),
    ):
        cue.aim(None)
        await sequencer.append(checked(log, [one]))
        read.append("read_histories" in {point.step for point in cue.points()})
    await sequencer.close()
    assert read == [False, True, True]


async def test_what_a_commit_under_way_begins_is_ended_ahead_of_it(database: Database) -> None:
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    begun = [*drafts(log, "first", LARGE), *checked(log, [blocked("begun", listing("T1"))])]
    ended = [*checked(log, [reinstated("ended", "begun", listing("T1"))]), *drafts(log, "second", LARGE)]
    tasks: list[asyncio.Task[list[Receipt]]] = []

    async def decided() -> bool:
        return sequencer.decided_ahead == len(ended)

    async def send() -> None:
        tasks.append(asyncio.create_task(sequencer.append(ended)))
        await poll(decided)

    cue.aim(None)
    cue.pauses[Point("COPY event", 1, "after")] = send
    receipts = [*await sequencer.append(begun), *await tasks[0]]
    await sequencer.close()
    await assert_whole(database, log, receipts)


async def test_nothing_is_decided_ahead_while_a_commit_waits_for_the_disk(database: Database) -> None:
    """It would hold up the next one, whose turn it is."""
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    tasks: list[asyncio.Task[list[Receipt]]] = []
    ahead: list[int] = []

    async def send() -> None:
        tasks.append(asyncio.create_task(sequencer.append(drafts(log, "second", LARGE))))
        await asyncio.sleep(FORESEEN_SECONDS)
        ahead.append(sequencer.decided_ahead)

    cue.aim(None)
    cue.pauses[Point("COMMIT", 1, "before")] = send
    await sequencer.append(drafts(log, "first", LARGE))
    await tasks[0]
    await sequencer.close()
    assert ahead == [0]


async def test_a_correction_is_judged_by_what_is_decided_ahead_of_it_too(database: Database) -> None:
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    before = await sequencer.append(checked(log, [blocked("block", listing("S0"))]))
    others = [published(f"other-{number}", listing(f"T{number}")) for number in range(LARGE)]
    ended = checked(log, [*others, reinstated("end", "block", listing("S0"))])
    later = {"target_event_id": "block", "reason_code": "CLERICAL", "set": {"time": "2025-06-01T02:00:00Z"}}
    correction = checked(log, [event("fix", listing("S0"), "EventCorrected", later)])
    tasks: list[asyncio.Task[list[Receipt]]] = []

    async def decided() -> bool:
        return sequencer.decided_ahead >= LARGE

    async def send() -> None:
        tasks.append(asyncio.create_task(sequencer.append(ended)))
        await poll(decided)
        tasks.append(asyncio.create_task(sequencer.append(correction)))

    cue.aim(None)
    cue.pauses[Point("COPY event", 1, "before")] = send
    receipts = [*before, *await sequencer.append(drafts(log, "first", LARGE)), *await tasks[0]]
    with pytest.raises(Refused) as refused:
        await tasks[1]
    await sequencer.close()

    assert [fault.code for fault in refused.value.faults] == [IMPOSSIBLE]
    await assert_whole(database, log, receipts)


async def test_what_was_decided_ahead_is_decided_again_when_another_has_appended(database: Database) -> None:
    log, cue = await new_log(database), Cue()
    ours = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    theirs = Sequencer(log, database.pool("writer"), hear_nothing)
    tasks: list[asyncio.Task[list[Receipt]]] = []

    async def decided() -> bool:
        return ours.decided_ahead >= LARGE

    async def let_another_append() -> None:
        tasks.append(asyncio.create_task(ours.append(drafts(log, "later", LARGE))))
        await poll(decided)
        tasks.append(asyncio.create_task(theirs.append(drafts(log, "theirs", 10))))

    async def wait_for_another() -> None:
        await asyncio.wait([tasks[1]])

    cue.pauses = {
        Point("COPY event", 1, "after"): let_another_append,
        Point("lock_head", 2, "before"): wait_for_another,
    }
    first = await ours.append(drafts(log, "first", LARGE))
    later, their = [await task for task in tasks]
    assert [receipt.position for receipt in (*first, *their, *later)] == list(range(2 * LARGE + 10))
    await assert_whole(database, log, [*first, *their, *later])
    await asyncio.gather(ours.close(), theirs.close())


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
