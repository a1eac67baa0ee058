"""One sequencer for each log and process: it decides, seals and commits what has queued, in one transaction.

While a large commit is being stored, what queues behind it is decided ahead (see `ledger.deciding`).

Locks: the row of `log_head` is locked first and held to the commit. It is the fence between processes and the order
of the log; nothing else is locked. Durable: a commit is answered only after PostgreSQL has said that it is on disk.
Lost on a crash: what has not been answered; it is then wholly there or wholly absent, since events, tiles and head
move in one transaction. Kept in memory: the histories of streams, dropped as soon as the size tells that another
process has appended to them.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile

import asyncpg

from ledger.binary_copy import EVENT_COLUMNS, pack_events
from ledger.database import DATABASE_ERRORS, Pool, PoolConnection
from ledger.deciding import Decider, Request
from ledger.domain.instants import TICK
from ledger.entry import Draft
from ledger.errors import Busy, JejakError, LogHalted, OutcomeUnknown, Refused, reason_of
from ledger.intake import LogInfo
from ledger.judging import Receipt, Ruling, Sealer
from ledger.sealing import Growth, Stored, grow, read_hashes
from ledger.store import statements
from ledger.under_way import check_nothing_under_way

QUEUE_MAX_EVENTS = 50_000
"""Events waiting in one log's queue; more are answered with Busy."""
FORESIGHT_WAIT_SECONDS = 0.05
"""For another connection. It is bounded, since those who have one may be waiting for each other's second."""
COMMIT_MAX_EVENTS = 2_000
"""Events taken into one commit, unless one request alone has more: bounds the time a commit takes."""
FORESIGHT_MIN_EVENTS = 500
"""Events, of a commit and behind it, from which on deciding ahead is worth another connection."""
COMMITS_MAX = 20
"""Commits on one connection of the pool before others get it: there may be more logs than connections."""
DATABASE_RETRY_SECONDS = 1
DISK_FULL_RETRY_SECONDS = 10
"""When to come again after the database failed (it is started again at once), and after its disk was full."""

log = logging.getLogger(__name__)

TILE_COLUMNS = ("log_id", "level", "index", "hashes", "root")


class Repeated(Exception):
    """An id is there already, and was not looked for: the commit must be done again with care."""


class Sequencer:
    """Appends to one log. Use `append`; `close` waits for what has queued."""

    def __init__(
        self, log: LogInfo, pool: Pool, wake: Callable[[LogInfo, int], None], *, reopening: bool = False
    ) -> None:
        """Take the log, the writers' pool, and whom to tell the new size after a commit.

        A log that is halted takes nothing, but from who is `reopening` it.
        """
        self.log = log
        self._reopening = reopening
        self._pool = pool
        self._wake = wake
        self._queue: list[Request] = []
        self._queued = 0
        self._arrived = asyncio.Event()
        self._decider = Decider(log)
        self._storing = False
        self._careful = False
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._committing = False  # COMMIT was sent and not answered: only then is an outcome not known

    @property
    def decided_ahead(self) -> int:
        """Events that wait for their commit with its decision made."""
        return sum(len(request.drafts) for request in self._queue if request.foreseen is not None)

    async def append(
        self,
        drafts: Sequence[Draft],
        *,
        dry_run: bool = False,
        refuse_repeats: bool = False,
        recordedtime: datetime | None = None,
    ) -> list[Receipt]:
        """Append drafts, all or none, and return a receipt for each, in order.

        Raises:
            Refused: what is wrong with them; nothing was stored.
            LogHalted: the log contradicts what it has signed; nothing was stored.
            Busy: the queue is full, or the database is not there; nothing was stored.
            OutcomeUnknown: the commit was not answered; send the same ids again.
        """
        if not drafts:
            return []
        if self._closing or self._queued + len(drafts) > max(QUEUE_MAX_EVENTS, len(drafts)):
            raise Busy(f"log {self.log.slug} has {self._queued} events waiting")
        answer: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._queue.append(
            Request(
                drafts=drafts,
                answer=answer,
                dry_run=dry_run,
                refuse_repeats=refuse_repeats,
                recordedtime=recordedtime,
            )
        )
        self._queued += len(drafts)
        self._arrived.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"sequencer {self.log.slug}")
        return await answer

    async def close(self) -> None:
        """Answer what has queued, then stop."""
        self._closing = True
        self._arrived.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not (self._closing and not self._queue):
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._work()
            self._decider.tidy((), ())

    async def _work(self) -> None:
        """Commit what queues, on one connection: to give it back and take another between two commits takes time.

        The answers of a commit go out before its connection goes back, which may fail by itself.
        """
        taken = self._take()
        try:
            async with self._pool.acquire() as connection:
                for commits in range(1, COMMITS_MAX + 1):
                    await self._commit(connection, taken)
                    taken = self._take() if commits < COMMITS_MAX else []
                    if not taken:
                        return
        except Exception as error:  # noqa: BLE001 - every request must be answered, whatever happened
            self._fail(taken, error)

    def _take(self) -> list[Request]:
        """Take what the next commit holds."""
        count = self._next()
        taken, self._queue = self._queue[:count], self._queue[count:]
        self._queued -= sum(len(request.drafts) for request in taken)
        return taken

    def _next(self) -> int:
        """Count the requests that the next commit may hold: in order, bounded, and of one test-clock instant."""
        events = 0
        for index, request in enumerate(self._queue):
            events += len(request.drafts)
            if index and (events > COMMIT_MAX_EVENTS or request.recordedtime != self._queue[0].recordedtime):
                return index
        return len(self._queue)

    def _fail(self, requests: Sequence[Request], error: Exception) -> None:
        self._decider.forget_everything(requests, self._queue)
        for request in requests:
            if not request.answer.done():
                request.answer.set_exception(_answer_to(error, committing=self._committing))

    async def _commit(self, connection: PoolConnection, requests: Sequence[Request]) -> None:
        """Decide, store and answer, at first as though no id were repeated: asking for each costs as much as storing.

        Where one is, the database refuses the commit, or a rule finds the event there already. It is then done again
        with every id looked for, and so are those that follow, until one has met no repeated id.
        """
        careful = self._careful or any(
            request.dry_run or draft.causationid is not None for request in requests for draft in request.drafts
        )
        try:
            self._careful = await self._attempt(connection, requests, careful=careful)
        except Repeated:
            self._decider.forget(requests, self._queue)
            self._careful = await self._attempt(connection, requests, careful=True)

    async def _attempt(self, connection: PoolConnection, requests: Sequence[Request], *, careful: bool) -> bool:
        """Try one commit; tell whether an id was repeated. Raises Repeated when one was not looked for."""
        self._committing = False
        foresight: asyncio.Task[None] | None = None
        try:
            async with connection.transaction():
                head = await connection.fetchrow(statements("lock_head"), self.log.log_id)
                if head is None:
                    raise Busy(f"log {self.log.slug} has no head")
                if head["halted"] is not None and not self._reopening:
                    raise LogHalted(self.log.slug, head["halted"])
                for request in requests:
                    await check_nothing_under_way(connection, request.drafts)
                recordedtime = _recordedtime(requests[0], head)
                rulings = await self._decide(connection, requests, head, recordedtime, careful=careful)
                stand = [ruling for ruling in rulings if isinstance(ruling, Ruling)]
                sealer = Sealer(self.log.log_id, stand, recordedtime)
                size = head["size"] + sealer.events
                stored = await read_hashes(connection, self.log.log_id, head["size"], sealer.events)
                asyncio.get_running_loop().call_soon(self._decider.tidy, requests, self._queue)
                if sealer.events >= FORESIGHT_MIN_EVENTS:
                    self._storing = True
                    foresight = asyncio.create_task(self._foresee(size, recordedtime), name="foresight")
                await self._store(connection, head, sealer, stored, careful=careful)
                self._end_foresight()
                self._committing = sealer.events > 0
            self._committing = False
            _answer(requests, rulings, sealer.receipts)
            if sealer.events:
                self._wake(self.log, size)
        finally:
            self._end_foresight()
            if foresight is not None:
                await foresight
        self._decider.settle(size, requests)
        return any(ruling.repeats for ruling in stand)

    async def _decide(
        self,
        connection: PoolConnection,
        requests: Sequence[Request],
        head: asyncpg.Record,
        recordedtime: datetime,
        *,
        careful: bool,
    ) -> list[Ruling | Refused]:
        """Decide under the lock; what was foreseen stands if the log is as it was foreseen. Raises Repeated."""
        if not self._decider.holds(requests, head["size"], careful=careful):
            self._decider.forget(requests, self._queue)
        rulings = await self._decider.decide(
            connection, requests, head["size"], recordedtime, head["recordedtime"], careful=careful
        )
        if not careful and any(isinstance(ruling, Refused) for ruling in rulings):
            raise Repeated
        return rulings

    def _end_foresight(self) -> None:
        """Let the foresight, if any, finish what it has begun: nobody else may touch the histories meanwhile."""
        if self._storing:
            self._storing = False
            self._arrived.set()

    async def _foresee(self, size: int, recordedtime: datetime) -> None:
        """Decide ahead what queues behind a commit that brings the log to `size`, until that is over.

        `recordedtime` is that commit's, and earlier than that of the next.
        """
        # What fails here fails again in the commit, which says so to those who wait.
        with contextlib.suppress(*DATABASE_ERRORS, OSError, TimeoutError):
            async with self._pool.acquire(timeout=FORESIGHT_WAIT_SECONDS) as connection:
                stands = True
                while self._storing and stands:
                    taken = self._queue[: self._next()]
                    ahead = [request for request in taken if request.foreseen is not None]
                    waiting = list(takewhile(lambda request: request.foreseeable, taken[len(ahead) :]))
                    if sum(len(request.drafts) for request in waiting) >= FORESIGHT_MIN_EVENTS:
                        end = ahead[-1].foreseen.end if ahead and ahead[-1].foreseen else size
                        stands = await self._decider.foresee(connection, waiting, end, recordedtime)
                    else:
                        self._arrived.clear()
                        await self._arrived.wait()

    async def _store(
        self, connection: PoolConnection, head: asyncpg.Record, sealer: Sealer, stored: Stored, *, careful: bool
    ) -> None:
        """Store the rows as they are sealed, then the tiles and the head that follow from them."""
        if not sealer.events:
            deque(sealer.rows(), maxlen=0)  # receipts are wanted all the same
            return
        log_id, size = self.log.log_id, head["size"]
        grown: list[Growth] = []

        def pages() -> Iterator[bytes]:
            yield from pack_events(sealer.rows())
            # While the database takes in the last of them.
            grown.append(grow(log_id, size, head["frontier"], sealer.leaves, stored))

        try:
            await connection.copy_to_table("event", source=_in_turns(pages()), columns=EVENT_COLUMNS, format="binary")
        except asyncpg.UniqueViolationError as error:
            if careful or error.constraint_name != "one_event_for_each_id":
                raise
            raise Repeated from error
        (growth,) = grown
        if growth.tiles:
            await connection.copy_records_to_table("tile", records=growth.tiles, columns=TILE_COLUMNS)
        moved = (size + sealer.events, growth.frontier, sealer.recordedtime)
        await connection.execute(statements("move_head"), log_id, *moved)


async def _in_turns(pages: Iterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield pages; who copies them lets others have their turn between two."""
    for page in pages:
        yield page


def _recordedtime(request: Request, head: asyncpg.Record) -> datetime:
    """max(database clock after the lock, the log's last + 1 microsecond), or what a test clock was told."""
    if request.recordedtime is not None:
        return request.recordedtime
    last: datetime | None = head["recordedtime"]
    now: datetime = head["now"]
    return now if last is None else max(now, last + TICK)


def _answer(
    requests: Sequence[Request], rulings: Sequence[Ruling | Refused], receipts: Sequence[list[Receipt]]
) -> None:
    """Answer each request: with what is wrong with it, or with the next of the receipts."""
    given = iter(receipts)
    for request, ruling in zip(requests, rulings, strict=True):
        answer = ruling if isinstance(ruling, Refused) else next(given)
        if request.answer.done():
            continue
        if isinstance(answer, Refused):
            request.answer.set_exception(answer)
        else:
            request.answer.set_result(answer)


def _answer_to(error: Exception, *, committing: bool) -> JejakError:
    """Say what a failed commit means to those who wait: nothing stored, or (once COMMIT was sent) not known."""
    answer: JejakError
    if committing:
        answer = OutcomeUnknown("the database did not answer the commit: send the same ids again, which settles it")
    elif isinstance(error, JejakError):
        return error
    elif isinstance(error, asyncpg.DiskFullError):
        answer = Busy("the database has no room on its disk; nothing was stored", DISK_FULL_RETRY_SECONDS)
    elif isinstance(error, DATABASE_ERRORS):
        why = reason_of(error)
        answer = Busy(f"the database did not take it, and nothing was stored: {why}", DATABASE_RETRY_SECONDS)
    else:
        log.error("a commit failed for a reason of our own; nothing was stored", exc_info=error)
        answer = JejakError("the ledger failed, and nothing was stored; its operator finds the reason in its log")
    answer.__cause__ = error
    return answer
