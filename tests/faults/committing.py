"""Commits of every shape, to be failed at each of their steps: what is sent, and how the answers are judged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from ledger.database import Database
from ledger.entry import Draft
from ledger.errors import Busy, OutcomeUnknown
from ledger.intake import Author, EventData, LogInfo, check_event
from ledger.judging import Receipt
from ledger.sequencer import Sequencer
from ledger.store import create_log, read_entries
from ledger.tlog.merkle import TILE_WIDTH
from ledger.verify import LogVerifier
from tests.faults.failing import Cue, FailingPool, Point
from tests.faults.serving import poll
from tests.races.writing import blocked, event, listing, published, reinstated

AUTHOR = Author(authid="t-1", authrole="PLATFORM_WRITER")
BEFORE = 10
"""Events that stand before the fault, after a block, of streams whose histories the sequencer holds."""
BLOCK = "before-block"
LARGE = TILE_WIDTH
"""Events of a request that fills a tile, behind which, and which itself, is decided ahead."""
Answer = list[Receipt] | BaseException


class Run(Struct, kw_only=True):
    """A log, its sequencer whose connections fail on cue, what stands in the log, and the requests that may fail."""

    database: Database
    log: LogInfo
    cue: Cue
    sequencer: Sequencer
    stands: list[Receipt]
    requests: Sequence[Sequence[Draft]]

    async def append(self, request: Sequence[Draft]) -> Answer:
        """Append one request; return what it was answered."""
        (answer,) = await asyncio.gather(self.sequencer.append(request), return_exceptions=True)
        return answer

    async def has_failed(self) -> bool:
        """Tell whether it has failed where it was to fail: a connection may go back after the answers."""
        return self.cue.met

    async def assert_answered(self, answers: Sequence[Answer], *, harmless: bool) -> None:
        """What was answered is so: receipts of what is there, Busy of what is not, and not known only of a COMMIT."""
        point = self.cue.point
        assert point is not None
        stood, stored = {receipt.id for receipt in self.stands}, set(await stored_ids(self.database, self.log))
        for request, answer in zip(self.requests, answers, strict=True):
            ids = {draft.id for draft in request}
            if isinstance(answer, list):
                assert [receipt.id for receipt in answer] == [draft.id for draft in request]
                assert ids <= stored
            elif isinstance(answer, OutcomeUnknown):
                assert ids & stored - stood == (ids - stood if point.when == "after" else set())
            else:
                assert isinstance(answer, Busy), answer
                assert ids & stored <= stood
        failed = {type(answer) for answer in answers if not isinstance(answer, list)}
        assert failed == (set() if harmless else {OutcomeUnknown if point.step == "COMMIT" else Busy})

    async def assert_settled(self, answers: Sequence[Answer]) -> None:
        """Sent again, every request is answered as it is there; everything verifies; another process goes on."""
        stored = set(await stored_ids(self.database, self.log))
        settled = [await self.sequencer.append(request) for request in self.requests]
        await self.sequencer.close()
        assert all(receipt.duplicate == (receipt.id in stored) for receipts in settled for receipt in receipts)
        another = Sequencer(self.log, self.database.pool("writer"), hear_nothing)
        assert [await another.append(request) for request in self.requests] == list(map(repeated, settled))
        later = await another.append(drafts(self.log, "later", 2))
        await another.close()
        for answer, receipts in zip(answers, settled, strict=True):
            assert not isinstance(answer, list) or repeated(answer) == receipts
        found = {receipt.id: receipt for receipts in (self.stands, *settled, later) for receipt in repeated(receipts)}
        await assert_whole(self.database, self.log, sorted(found.values(), key=lambda receipt: receipt.position))


async def together(run: Run) -> list[Answer]:
    """Send every request at once."""
    return list(await asyncio.gather(*map(run.append, run.requests)))


async def after_another(run: Run) -> list[Answer]:
    """Send every request after another process has appended."""
    another = Sequencer(run.log, run.database.pool("writer"), hear_nothing)
    run.stands += await another.append(drafts(run.log, "theirs", BEFORE))
    await another.close()
    return await together(run)


async def ahead(run: Run) -> list[Answer]:
    """Send the second request while the first is being stored, so that it is decided ahead of its commit."""
    later: list[asyncio.Task[Answer]] = []

    async def decided() -> bool:
        return run.sequencer.decided_ahead >= LARGE or run.cue.met

    async def send() -> None:
        later.append(asyncio.create_task(run.append(run.requests[1])))
        await poll(decided)

    run.cue.pauses[Point("COPY event", 1, "before")] = send
    first = await run.append(run.requests[0])
    return [first, await (later[0] if later else run.append(run.requests[1]))]


class Shape(Struct, frozen=True, kw_only=True):
    """What a commit is made of, and how it is sent.

    `steps` are those for which the shape is here. What breaks at a `harmless` one fails no request.
    """

    requests: Callable[[LogInfo], Sequence[Sequence[Draft]]]
    steps: frozenset[str]
    send: Callable[[Run], Awaitable[list[Answer]]] = together
    harmless: frozenset[str] = frozenset({"RELEASE"})


def shared(*counts: int) -> Callable[[LogInfo], list[Sequence[Draft]]]:
    """Return requests of so many events about streams that are held, read, held and so on."""
    return lambda log: [
        drafts(log, f"request-{number}", count, "ST"[number % 2]) for number, count in enumerate(counts)
    ]


def of_one(*events: dict[str, Any]) -> Callable[[LogInfo], list[Sequence[Draft]]]:
    """Return a single request of these events."""
    return lambda log: [checked(log, events)]


SHAPES = {
    "plain": Shape(requests=shared(1, 5), steps=frozenset({"read_histories", "COPY event", "move_head"})),
    "ruled": Shape(requests=of_one(blocked("blocked", listing("T1"))), steps=frozenset({"read_histories"})),
    "recalled": Shape(requests=of_one(reinstated("end", BLOCK, listing("B1"))), steps=frozenset({"read_histories"})),
    "tiles": Shape(requests=shared(1, 5, TILE_WIDTH), steps=frozenset({"read_leaf_hashes", "COPY tile"})),
    "careful": Shape(
        requests=of_one(published("caused", listing("S1"), causationid="before-1")), steps=frozenset({"find_ids"})
    ),
    "repeated": Shape(
        requests=of_one(published("before-1", listing("S1")), published("new", listing("S1"))),
        steps=frozenset({"ROLLBACK", "find_ids"}),
    ),
    "after another": Shape(requests=shared(3), send=after_another, steps=frozenset({"read_touched_subjects"})),
    "hold": Shape(
        requests=of_one(event("hold", "subject:c1", "LegalHoldPlaced", {"authority": "court"})),
        steps=frozenset({"find_erasures_under_way"}),
    ),
    "ahead": Shape(
        requests=shared(LARGE, LARGE),
        send=ahead,
        steps=frozenset({"read_histories"}),
        harmless=frozenset({"RELEASE", "read_histories"}),  # what cannot be decided ahead is decided in its turn
    ),
    "ruled ahead": Shape(
        requests=lambda log: [
            drafts(log, "request", LARGE),
            checked(
                log,
                [
                    *(blocked(f"blocked-{number}", listing(f"T{number % 7}")) for number in range(LARGE)),
                    reinstated("end", BLOCK, listing("B1")),
                ],
            ),
        ],
        send=ahead,
        steps=frozenset({"read_histories"}),
        harmless=frozenset({"RELEASE", "read_histories"}),
    ),
}


async def prepared(database: Database, shape: Shape) -> Run:
    """Return a run of this shape that records its steps, and fails nowhere until its cue is aimed."""
    log, cue = await new_log(database), Cue()
    sequencer = Sequencer(log, FailingPool(database.pool("writer"), cue).as_pool(), hear_nothing)
    stands = await sequencer.append(checked(log, [blocked(BLOCK, listing("B1"))]))
    stands += await sequencer.append(drafts(log, "before", BEFORE))
    cue.aim(None)
    return Run(database=database, log=log, cue=cue, sequencer=sequencer, stands=stands, requests=shape.requests(log))


async def recorded(database: Database, shape: Shape) -> list[Point]:
    """Return every point of a run of this shape, from the record of one in which nothing fails."""
    run = await prepared(database, shape)
    answers = await shape.send(run)
    points = run.cue.points()
    assert [type(answer) for answer in answers] == [list] * len(run.requests)
    await run.assert_settled(answers)
    return points


async def new_log(database: Database) -> LogInfo:
    slug = f"log-{uuid4().hex}"
    return await create_log(
        database.pool("keeper"), slug, "PLATFORM", "Asia/Jakarta", "ID", "PUBLIC", f"{database.name}/{slug}"
    )


def drafts(log: LogInfo, name: str, count: int, streams: str = "S") -> Sequence[Draft]:
    """Return drafts about seven streams, which requests share unless they name others."""
    return checked(log, [published(f"{name}-{number}", listing(f"{streams}{number % 7}")) for number in range(count)])


def checked(log: LogInfo, events: Sequence[dict[str, Any]]) -> Sequence[Draft]:
    raw = msgspec.json.encode(events)
    return [check_event(one, log, AUTHOR) for one in msgspec.json.decode(raw, type=list[EventData])]


def hear_nothing(_log: LogInfo, _size: int) -> None:
    """Nobody follows."""


def repeated(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return receipts as they are given to who sends the same again."""
    return [msgspec.structs.replace(receipt, duplicate=True) for receipt in receipts]


async def stored_ids(database: Database, log: LogInfo) -> list[str]:
    statement = "SELECT id FROM event WHERE log_id = $1 ORDER BY position"
    return [row["id"] for row in await database.pool("reader").fetch(statement, log.log_id)]


async def assert_whole(database: Database, log: LogInfo, receipts: Sequence[Receipt]) -> None:
    """The log verifies, and holds just these receipts' entries."""
    pool = database.pool("reader")
    verified = await LogVerifier(pool, log).verify()
    assert (verified.findings, verified.size) == ([], len(receipts))
    stored = [entry async for page in read_entries(pool, log.log_id, 0, verified.size) for entry in page]
    assert [(entry.position, entry.leaf_hash.hex()) for entry in stored] == [
        (receipt.position, receipt.leaf_hash) for receipt in receipts
    ]
