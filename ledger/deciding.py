"""What stands of the requests of one log: decided from the histories of its streams, in the order of the queue.

Under the lock of the log's head, or ahead of it: while a commit is being stored, what queues behind it may be decided
as though that commit had succeeded and nobody else appended. Such a decision names the size it starts from. Under the
lock it holds if the log has that size; else everything is forgotten, and decided again.
"""

import asyncio
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.database import PoolConnection
from ledger.domain.catalogue import CORRECTIONS, RULED, decode_payload
from ledger.domain.history import Depth, History
from ledger.domain.payload import RuleKey
from ledger.entry import Draft, facts_of
from ledger.errors import Refused
from ledger.histories import Histories
from ledger.intake import LogInfo
from ledger.judging import Accepted, Judge, Receipt, Ruling
from ledger.store import statements

TOUCHED_MAX = 20_000
"""Appends of others after which all cached streams are dropped, rather than looked at one by one."""
_DEPTHS = {**dict.fromkeys(RULED, Depth.RULED), **dict.fromkeys(CORRECTIONS, Depth.WHOLE)}
"""How deep a stream's history must be for an event of a type; the version is enough for all others."""


class Request(Struct, kw_only=True, eq=False):
    """Drafts that stand or fall together, and where the answer goes.

    `recordedtime` is only ever set on a ledger with a test clock. `refuse_repeats` makes a repeated id a fault.
    `foreseen` is what was decided ahead of the commit.
    """

    drafts: Sequence[Draft]
    answer: asyncio.Future[list[Receipt]]
    dry_run: bool = False
    refuse_repeats: bool = False
    recordedtime: datetime | None = None
    foreseen: Ruling | None = None

    @property
    def foreseeable(self) -> bool:
        """Tell whether it may be decided ahead: what is only tried, or is told its instant, waits for its commit."""
        return not self.dry_run and self.recordedtime is None


class Decider:
    """Decides for one log. Owns the histories of its streams, as of `size` and of what is decided ahead."""

    def __init__(self, log: LogInfo) -> None:
        """Take the log."""
        self._log = log
        self._histories = Histories()
        self._deep: set[str] = set()  # streams whose histories may hold events
        self._settled: list[Request] = []
        self._size = -1

    async def decide(
        self,
        connection: PoolConnection,
        requests: Sequence[Request],
        size: int,
        recordedtime: datetime,
        last: datetime | None,
        *,
        careful: bool,
    ) -> list[Ruling | Refused]:
        """Decide requests under the lock of the head: those foreseen, which go first, stand as they are.

        With `careful`, every id is looked for; otherwise a repeated one shows when the events are stored.
        """
        await self._catch_up(connection, size)
        foreseen = [request.foreseen for request in requests if request.foreseen is not None]
        present: Mapping[str, Accepted] = await self._present(connection, requests) if careful else {}
        others = requests[len(foreseen) :]
        await self._load(connection, others, size)
        end = foreseen[-1].end if foreseen else size
        judge = Judge(end, recordedtime, present, self._histories, last)
        rulings = [judge.judge(request) for request in others]
        self._histories.grew(sum(ruling.grown for ruling in rulings if isinstance(ruling, Ruling)))
        return [*foreseen, *rulings]

    async def foresee(
        self, connection: PoolConnection, requests: Sequence[Request], end: int, recordedtime: datetime
    ) -> bool:
        """Decide requests ahead, the first of them from position `end` on; tell whether all of them stand.

        Each has a judge of its own, so that none leans on ids that another commit may yet fail to store. One that does
        not stand is left for its commit, which knows more; so is what corrects an event, which may just be stored.
        """
        if _correct(requests):
            return False
        await self._load(connection, requests, end)
        for request in requests:
            ruling = await _in_turns(Judge(end, recordedtime, {}, self._histories, ahead=True).steps(request))
            if isinstance(ruling, Refused):
                return False
            self._histories.grew(ruling.grown)
            request.foreseen = ruling
            end = ruling.end
        return True

    def holds(self, requests: Sequence[Request], size: int, *, careful: bool) -> bool:
        """Tell whether what was decided ahead of these requests, if anything, stands in a log of this size.

        Not where every id is looked for, or an event is corrected: it may be one that the database does not have yet.
        """
        foreseen = requests[0].foreseen
        if foreseen is None:
            return True
        return foreseen.start == size and not careful and not _correct(requests)

    def settle(self, size: int, requests: Sequence[Request]) -> None:
        """Take note of a commit that brought the log to `size`."""
        self._size = size
        self._settled += requests

    def tidy(self, committing: Sequence[Request], waiting: Sequence[Request]) -> None:
        """Let go of what is stored by now, and of histories that do not fit: it takes time, and nothing waits for it.

        Never of what is `committing`, or decided ahead of those `waiting`: the database does not have it yet. Not while
        anything is being decided.
        """
        self._settled.clear()
        ahead = (request for request in waiting if request.foreseen is not None)
        kept = {draft.subject for request in (*committing, *ahead) for draft in request.drafts}
        for subject in self._deep - kept:
            history = self._histories.recall(subject)
            if history is not None:
                history.let_go()
        self._deep &= kept
        self._histories.bound(kept)

    def forget(self, requests: Sequence[Request], waiting: Iterable[Request]) -> None:
        """Forget what a commit that failed has left behind, and whatever was decided ahead."""
        foreseen = [request for request in (*requests, *waiting) if request.foreseen is not None]
        for request in foreseen:
            request.foreseen = None
        if foreseen:
            self._histories.clear()
        for request in requests:
            for draft in request.drafts:
                self._histories.forget(draft.subject)

    def forget_everything(self, requests: Sequence[Request], waiting: Iterable[Request]) -> None:
        """Forget every history too: nobody knows what the database has."""
        self.forget(requests, waiting)
        self._histories.clear()
        self._size = -1

    async def _catch_up(self, connection: PoolConnection, size: int) -> None:
        """Drop the cached streams that other processes have appended to since our last commit, and only those."""
        if size == self._size:
            return
        if self._size < 0 or size - self._size > TOUCHED_MAX:
            self._histories.clear()
        elif self._histories:
            rows = await connection.fetch(statements("read_touched_subjects"), self._log.log_id, self._size, size)
            for row in rows:
                self._histories.forget(row["subject"])
        self._size = size

    async def _present(self, connection: PoolConnection, requests: Sequence[Request]) -> Mapping[str, Accepted]:
        """Return those of the ids that requests have, or name as a cause, that are there already.

        Looking for each costs as much as storing it.
        """
        ids = {draft.id for request in requests for draft in request.drafts}
        ids.update(d.causationid for request in requests for d in request.drafts if d.causationid is not None)
        rows = await connection.fetch(statements("find_ids"), self._log.log_id, list(ids))
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
        """Load the histories that are not held, or not as deep as they are needed; recall what was let go of others.

        One that is held may be ahead of the database, by events that no rule asks for: its version stands.
        """
        needed, histories = _depths(requests), self._histories
        held = {subject: histories.recall(subject) for subject in needed}
        missing = {s: depth for s, depth in needed.items() if (there := held[s]) is None or there.depth < depth}
        wanted = _let_go(requests, {s: there for s, there in held.items() if there is not None and s not in missing})
        self._deep.update(subject for subject, depth in needed.items() if depth is not Depth.VERSION)
        places = {subject: history.missing(keys) for subject, (history, keys) in wanted.items()}
        recorded = await self._read(connection, missing, places) if size and (missing or places) else {}
        for subject, depth in missing.items():
            there, (version, entries) = held[subject], recorded.get(subject, (0, b""))
            history = History(decode_payload, RULED, depth if version else max(depth, Depth.RULED))
            history.load(facts_of(entries), version if there is None else max(version, there.version))
            histories.put(subject, history)
        for subject, (history, keys) in wanted.items():
            history.recall(keys, facts_of(recorded[subject][1]))

    async def _read(
        self, connection: PoolConnection, missing: Mapping[str, Depth], places: Mapping[str, Iterable[int]]
    ) -> dict[str, tuple[int, bytes]]:
        """Return the version of each stream that is missing and there, and of all the entries needed, a line each."""
        counted = [subject for subject, depth in missing.items() if depth is Depth.VERSION]
        deeper = [subject for subject, depth in missing.items() if depth is not Depth.VERSION]
        whole = [subject for subject, depth in missing.items() if depth is Depth.WHOLE]
        placed = [(subject, version) for subject, versions in places.items() for version in versions]
        subjects, versions = [subject for subject, _ in placed], [version for _, version in placed]
        arguments = (self._log.log_id, counted, deeper, list(RULED), whole, subjects, versions)
        rows = await connection.fetch(statements("read_histories"), *arguments)
        return {row["subject"]: (row["version"], row["entries"] or b"") for row in rows}


def _correct(requests: Iterable[Request]) -> bool:
    """Tell whether requests correct or void any event."""
    return any(draft.type in CORRECTIONS for request in requests for draft in request.drafts)


def _depths(requests: Iterable[Request]) -> dict[str, Depth]:
    """Return how deep the histories must be of the streams that requests append to."""
    needed: dict[str, Depth] = {}
    for request in requests:
        for draft in request.drafts:
            depth = _DEPTHS.get(draft.type, Depth.VERSION)
            if depth > needed.get(draft.subject, -1):
                needed[draft.subject] = depth
    return needed


def _let_go(requests: Iterable[Request], held: Mapping[str, History]) -> dict[str, tuple[History, set[RuleKey]]]:
    """Return the histories of which events were let go that requests are to be judged by, and the keys of those."""
    wanted: dict[str, tuple[History, set[RuleKey]]] = {}
    for request in requests:
        for draft in request.drafts:
            if draft.keys and (history := held.get(draft.subject)) is not None and history.missing(draft.keys):
                wanted.setdefault(draft.subject, (history, set()))[1].update(draft.keys)
    return wanted


async def _in_turns(steps: Generator[None, None, Ruling | Refused]) -> Ruling | Refused:
    """Go through steps to their end, and let others have their turn between two: a commit is being stored meanwhile."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            ruling: Ruling | Refused = end.value
            return ruling
        await asyncio.sleep(0)
