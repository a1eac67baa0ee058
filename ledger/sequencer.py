"""One sequencer for each log and process: it decides, seals and commits what has queued, in one transaction.

Locks: the row of `log_head` is locked first and held to the commit. It is the fence between processes and the order
of the log; nothing else is locked. Durable: a commit is answered only after PostgreSQL has said that it is on disk.
Lost on a crash: what has not been answered; it is then wholly there or wholly absent, since events, tiles and head
move in one transaction. Kept in memory: the histories of streams, dropped as soon as the size tells that another
process has appended to them.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from ledger.database import DATABASE_ERRORS, Pool, PoolConnection
from ledger.domain.catalogue import CORRECTIONS, RULED, decode_payload
from ledger.domain.fact import Fact
from ledger.domain.history import History
from ledger.domain.instants import TICK
from ledger.entry import Draft, fact_of
from ledger.errors import Busy, JejakError, OutcomeUnknown, Refused
from ledger.histories import Histories
from ledger.intake import LogInfo
from ledger.judging import Accepted, Judge, Receipt
from ledger.sealing import grow
from ledger.store import statements

QUEUE_MAX_EVENTS = 50_000
"""Events waiting in one log's queue; more are answered with Busy."""
COMMIT_MAX_EVENTS = 2_000
"""Events taken into one commit, unless one request alone has more: bounds the time a commit takes."""
TOUCHED_MAX = 20_000
"""Appends of others after which all cached streams are dropped, rather than looked at one by one."""
DATABASE_RETRY_SECONDS = 1
DISK_FULL_RETRY_SECONDS = 10
"""When to come again after the database failed (it is started again at once), and after its disk was full."""

log = logging.getLogger(__name__)

EVENT_COLUMNS = ("log_id", "position", "version", "recordedtime", "id", "subject", "type", "leaf_hash", "entry")
TILE_COLUMNS = ("log_id", "level", "index", "hashes", "root")


class Request(Struct, kw_only=True, eq=False):
    """Drafts that stand or fall together, and where the answer goes.

    `recordedtime` is only ever set on a ledger with a test clock. `refuse_repeats` makes a repeated id a fault.
    """

    drafts: Sequence[Draft]
    answer: asyncio.Future[list[Receipt]]
    dry_run: bool = False
    refuse_repeats: bool = False
    recordedtime: datetime | None = None


class Repeated(Exception):
    """An id is there already, and was not looked for: the commit must be done again with care."""


class Sequencer:
    """Appends to one log. Use `append`; `close` waits for what has queued."""

    def __init__(self, log: LogInfo, pool: Pool, wake: Callable[[LogInfo, int], None]) -> None:
        """Take the log, the writers' pool, and whom to tell the new size after a commit."""
        self.log = log
        self._pool = pool
        self._wake = wake
        self._queue: list[Request] = []
        self._queued = 0
        self._arrived = asyncio.Event()
        self._histories = Histories()
        self._size = -1
        self._careful = False
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._committing = False  # COMMIT was sent and not answered: only then is an outcome not known

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
                taken = self._take()
                try:
                    await self._commit(taken)
                except Exception as error:  # noqa: BLE001 - every request must be answered, whatever happened
                    self._fail(taken, error)

    def _take(self) -> list[Request]:
        """Take what one commit may hold: in order, bounded, and of one test-clock instant."""
        count = 0
        for index, request in enumerate(self._queue):
            count += len(request.drafts)
            if index and (count > COMMIT_MAX_EVENTS or request.recordedtime != self._queue[0].recordedtime):
                taken, self._queue = self._queue[:index], self._queue[index:]
                break
        else:
            taken, self._queue = self._queue, []
        self._queued -= sum(len(request.drafts) for request in taken)
        return taken

    def _fail(self, requests: Sequence[Request], error: Exception) -> None:
        self._histories.clear()
        self._size = -1
        for request in requests:
            if not request.answer.done():
                request.answer.set_exception(_answer_to(error, committing=self._committing))

    async def _commit(self, requests: Sequence[Request]) -> None:
        """Decide, store and answer, at first as though no id were repeated: asking for each costs as much as storing.

        Where one is, the database refuses the commit, or a rule finds the event there already. It is then done again
        with every id looked for, and so are those that follow, until one has met no repeated id.
        """
        careful = self._careful or any(
            request.dry_run or draft.causationid is not None for request in requests for draft in request.drafts
        )
        try:
            self._careful = await self._attempt(requests, careful=careful)
        except Repeated:
            for request in requests:
                for draft in request.drafts:
                    self._histories.pop(draft.subject, None)
            self._careful = await self._attempt(requests, careful=True)

    async def _attempt(self, requests: Sequence[Request], *, careful: bool) -> bool:
        """Try one commit; tell whether an id was repeated. Raises Repeated when one was not looked for.

        The answers go out before the connection goes back, which may fail by itself.
        """
        self._committing = False
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                head = await connection.fetchrow(statements("lock_head"), self.log.log_id)
                if head is None:
                    raise Busy(f"log {self.log.slug} has no head")
                size: int = head["size"]
                await self._catch_up(connection, size)
                present: Mapping[str, Accepted] = await self._present(connection, requests) if careful else {}
                await self._load(connection, requests, size)
                judge = Judge(self.log, size, _recordedtime(requests[0], head), present, self._histories.held)
                answers = judge.judge_all(requests, last=head["recordedtime"])
                if not careful and any(isinstance(answer, Refused) for answer in answers):
                    raise Repeated
                if judge.rows:
                    await self._store(connection, head["frontier"], judge, careful=careful)
                self._committing = bool(judge.rows)
            self._committing = False
            self._size = size + len(judge.rows)
            self._histories.bound({draft.subject for request in requests for draft in request.drafts})
            _answer(requests, answers)
            if judge.rows:
                self._wake(self.log, self._size)
        return bool(present)

    async def _catch_up(self, connection: PoolConnection, size: int) -> None:
        """Drop the cached streams that other processes have appended to since our last commit, and only those."""
        if size == self._size:
            return
        if self._size < 0 or size - self._size > TOUCHED_MAX:
            self._histories.clear()
        elif self._histories:
            rows = await connection.fetch(statements("read_touched_subjects"), self.log.log_id, self._size, size)
            for row in rows:
                self._histories.pop(row["subject"], None)
        self._size = size

    async def _present(self, connection: PoolConnection, requests: Sequence[Request]) -> Mapping[str, Accepted]:
        ids = {draft.id for request in requests for draft in request.drafts}
        ids.update(d.causationid for request in requests for d in request.drafts if d.causationid is not None)
        rows = await connection.fetch(statements("find_ids"), self.log.log_id, list(ids))
        return {
            row["id"]: Accepted(
                position=row["position"],
                version=row["version"],
                recordedtime=row["recordedtime"],
                leaf_hash=row["leaf_hash"],
                entry=row["entry"],
            )
            for row in rows
        }

    async def _load(self, connection: PoolConnection, requests: Sequence[Request], size: int) -> None:
        """Load the histories of the touched streams that are not held: whole where something is corrected."""
        drafts = [draft for request in requests for draft in request.drafts]
        whole = {draft.subject for draft in drafts if draft.type in CORRECTIONS}
        missing = {draft.subject for draft in drafts if draft.subject not in self._histories}
        missing |= {subject for subject in whole if subject in self._histories and not self._histories[subject].whole}
        versions: dict[str, int] = {}
        facts: dict[str, list[Fact]] = {}
        if missing and size:
            arguments = (self.log.log_id, list(missing), list(RULED), list(whole))
            for row in await connection.fetch(statements("read_histories"), *arguments):
                versions[row["subject"]] = row["version"]
                if row["entry"] is not None:
                    facts.setdefault(row["subject"], []).append(fact_of(row["entry"]))
        for subject in missing:
            history = self._histories[subject] = History(decode_payload, RULED, whole=subject in whole)
            history.load(facts.get(subject, ()), versions.get(subject, 0))

    async def _store(self, connection: PoolConnection, frontier: bytes, judge: Judge, *, careful: bool) -> None:
        growth = await grow(connection, self.log.log_id, judge.size, frontier, [row[7] for row in judge.rows])
        try:
            await connection.copy_records_to_table("event", records=judge.rows, columns=EVENT_COLUMNS)
        except asyncpg.UniqueViolationError as error:
            if careful or error.constraint_name != "one_event_for_each_id":
                raise
            raise Repeated from error
        if growth.tiles:
            await connection.copy_records_to_table("tile", records=growth.tiles, columns=TILE_COLUMNS)
        new_size = judge.size + len(judge.rows)
        await connection.execute(
            statements("move_head"), self.log.log_id, new_size, growth.frontier, judge.recordedtime
        )


def _recordedtime(request: Request, head: asyncpg.Record) -> datetime:
    """max(database clock after the lock, the log's last + 1 microsecond), or what a test clock was told."""
    if request.recordedtime is not None:
        return request.recordedtime
    last: datetime | None = head["recordedtime"]
    now: datetime = head["now"]
    return now if last is None else max(now, last + TICK)


def _answer(requests: Sequence[Request], answers: Sequence[list[Receipt] | Refused]) -> None:
    for request, answer in zip(requests, answers, strict=True):
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
        # Its first line only: details and hints may quote what somebody wrote.
        why = next(iter(str(error).splitlines()), type(error).__name__)
        answer = Busy(f"the database did not take it, and nothing was stored: {why}", DATABASE_RETRY_SECONDS)
    else:
        log.error("a commit failed for a reason of our own; nothing was stored", exc_info=error)
        answer = JejakError("the ledger failed, and nothing was stored; its operator finds the reason in its log")
    answer.__cause__ = error
    return answer
