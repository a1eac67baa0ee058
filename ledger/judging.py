"""The decision: which requests of a commit stand, at what place and version; and their sealing. Pure.

The two are apart because they need different things. What stands follows from the log's size and the histories of the
touched streams, and may be decided while the commit before is still being stored. Entries, leaf hashes and receipts
need the commit's instant, which is only known under the lock of the log's head.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

import msgspec
from msgspec import Struct

from ledger.binary_copy import EventRow
from ledger.domain.catalogue import CORRECTIONS, EVENTS, STREAMS, kind_of
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Fact
from ledger.domain.history import History, Unread, is_future
from ledger.domain.instants import format_instant
from ledger.domain.payload import TimeClass
from ledger.domain.rules import Breach
from ledger.entry import Draft, client_content, draft_content, fact_of_draft, seal
from ledger.errors import FORBIDDEN_ROLE, Fault, Refused
from ledger.rights import may_correct
from ledger.tlog.merkle import leaf_hash

OF_THE_LEDGER = frozenset(name for name, shape in EVENTS.items() if shape.time_class is TimeClass.LEDGER)
"""Types whose events have no time but that at which they are recorded (class T5 of domain.md 2.2)."""
STEP_EVENTS = 128
"""Events judged in one step: less than a millisecond of work, so that what waits meanwhile does not wait long."""


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """What an appender gets for one event. `leaf_hash` is hex; `duplicate` says that it was there before."""

    id: str
    position: int
    version: int
    recordedtime: str
    leaf_hash: str
    duplicate: bool = False


class Accepted(Struct, frozen=True, kw_only=True, gc=False):
    """An event that the log has."""

    position: int
    version: int
    recordedtime: datetime
    leaf_hash: bytes
    entry: bytes

    def repeated(self, event_id: str) -> Receipt:
        """Return its first receipt again, as that of a duplicate."""
        return Receipt(
            id=event_id,
            position=self.position,
            version=self.version,
            recordedtime=format_instant(self.recordedtime),
            leaf_hash=self.leaf_hash.hex(),
            duplicate=True,
        )


class Batch(Protocol):
    """What the judge needs of a request."""

    @property
    def drafts(self) -> Sequence[Draft]:
        """The events, which stand or fall together."""
        ...

    @property
    def dry_run(self) -> bool:
        """Whether they are judged only."""
        ...

    @property
    def refuse_repeats(self) -> bool:
        """Whether a repeated id is a fault."""
        ...


class Placed(Struct, frozen=True, gc=False):
    """An event that stands: where it will be in the log and in its stream."""

    draft: Draft
    position: int
    version: int


class Ruling(Struct, frozen=True, kw_only=True):
    """What was decided of a request that stands.

    `placed` are its new events in order, from position `start` on; `repeats` the ids of those that were there before,
    and where, by their index in the request. A request that is only tried (`dry_run`) takes no position from the next.
    The histories have `grown` by so many bytes.
    """

    start: int
    placed: Sequence[Placed]
    repeats: Mapping[int, tuple[str, Placed | Accepted]]
    dry_run: bool
    grown: int

    @property
    def end(self) -> int:
        """The position after its last event."""
        return self.start + (0 if self.dry_run else len(self.placed))


class Judge:
    """Judges requests in order, each after those before it."""

    def __init__(
        self,
        size: int,
        recordedtime: datetime,
        present: Mapping[str, Accepted],
        histories: Mapping[str, History],
        last: datetime | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        """Take the log's size, the commit's instant, the events already there, and the touched streams' histories.

        `last` is the log's last instant. Who decides `ahead`, before the commit's instant is known, takes an earlier
        one: what stands by it stands by every later one, but for events that have no time of their own, and for causes
        that may yet be stored. Those are refused.
        """
        self._ahead = ahead
        self._end = size
        self._recordedtime = recordedtime
        self._placed: dict[str, Placed] = {}
        self._present = present
        self._histories = histories
        self._last = last
        self._in_order = last is None or last < recordedtime

    def judge(self, request: Batch) -> Ruling | Refused:
        """Judge one request: each event for itself, then every timeline that it touches. What fails leaves no trace."""
        steps = self.steps(request)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                ruling: Ruling | Refused = end.value
                return ruling

    def steps(self, request: Batch) -> Generator[None, None, Ruling | Refused]:
        """Judge one request step by step, STEP_EVENTS in each; return what `judge` returns."""
        start = self._end
        placed: list[Placed] = []
        repeats: dict[int, tuple[str, Placed | Accepted]] = {}
        faults: list[Fault] = []
        touched: dict[str, History] = {}
        for index, draft in enumerate(request.drafts):
            if index % STEP_EVENTS == STEP_EVENTS - 1:
                yield
            history = self._histories[draft.subject]
            there = self._placed.get(draft.id) or self._present.get(draft.id)
            if there is not None:
                faults += self._repeat_faults(draft, there, index, refuse=request.refuse_repeats)
                repeats[index] = draft.id, there
                continue
            faults += self._draft_faults(draft, history, index)
            if draft.bound_role is not None and draft.type in CORRECTIONS:
                faults += _side_faults(draft, draft.bound_role, history, index)
            touched[draft.subject] = history
            placed.append(self._place(draft, history, faults, index))
        yield
        faults += self._timeline_faults(request.drafts, touched)
        if faults or request.dry_run:
            self._take_back(placed, touched)
        if faults:
            return Refused(tuple(sorted(faults, key=lambda fault: fault.index)))
        grown = sum(history.settle() for history in touched.values())
        return Ruling(start=start, placed=placed, repeats=repeats, dry_run=request.dry_run, grown=grown)

    def _place(self, draft: Draft, history: History, faults: list[Fault], index: int) -> Placed:
        version = history.version + 1
        if history.asks_for(draft.type):
            if self._ahead and draft.type in OF_THE_LEDGER:
                faults.append(Fault("not-foreseeable", "/type", "has no time but its commit's", index))
            breach = history.take(self._held(draft, self._end, version))
            if breach is not None:
                faults.append(_fault(breach, index))
        else:
            history.count(version)
        placed = self._placed[draft.id] = Placed(draft, self._end, version)
        self._end += 1
        return placed

    def _held(self, draft: Draft, position: int, version: int) -> Fact | Unread:
        """Return what a history holds of an event: read where a rule must see it now."""
        if not EVENTS[draft.type].stands_alone:
            return fact_of_draft(draft, position, version, self._recordedtime)
        read = partial(fact_of_draft, draft, position, version, self._recordedtime)
        return Unread(draft.id, version, draft.keys, read)

    def _repeat_faults(self, draft: Draft, there: Placed | Accepted, index: int, *, refuse: bool) -> list[Fault]:
        content = client_content(there.entry) if isinstance(there, Accepted) else draft_content(there.draft)
        if not refuse and content == draft_content(draft):
            return []
        detail = f"the id stands at position {there.position}" + ("" if refuse else " with other content")
        return [Fault("id-reused", "/id", detail, index)]

    def _draft_faults(self, draft: Draft, history: History, index: int) -> Sequence[Fault]:
        plain = draft.expectedversion is None and draft.sourcetime is None and draft.causationid is None
        if plain and draft.time <= self._recordedtime and self._in_order:
            return ()  # nothing to judge: almost every event
        faults: list[Fault] = []
        if self._last is not None and not self._in_order:  # only a test clock can say so
            detail = f"is not after the log's last, {format_instant(self._last)}"
            faults.append(Fault("recordedtime-not-later", "/recordedtime", detail, index))
        if draft.expectedversion is not None and draft.expectedversion != history.version:
            detail = f"the stream is at version {history.version}, not {draft.expectedversion}"
            faults.append(Fault("version-conflict", "/expectedversion", detail, index))
        if is_future(EVENTS[draft.type].time_class, draft.time, self._recordedtime):
            faults.append(Fault("future-not-allowed", "/time", f"is after the ledger's clock, {self._now()}", index))
        if draft.sourcetime is not None and draft.sourcetime > self._recordedtime:
            detail = f"is after the ledger's clock, {self._now()}"
            faults.append(Fault("future-not-allowed", "/sourcetime", detail, index))
        cause = draft.causationid
        if cause is not None and cause not in self._placed and cause not in self._present:
            faults.append(Fault("unknown-reference", "/causationid", "is no event of this log", index))
        return faults

    def _timeline_faults(self, drafts: Sequence[Draft], touched: Mapping[str, History]) -> list[Fault]:
        faults: list[Fault] = []
        for subject, history in touched.items():
            if history.is_settled:
                continue  # its events are only counted: almost every stream
            for breach in history.judge(STREAMS[kind_of(subject)].rules):
                index = next((i for i, draft in enumerate(drafts) if draft.id == breach.event_id), len(drafts) - 1)
                faults.append(_fault(breach, index))
        return faults

    def _now(self) -> str:
        return format_instant(self._recordedtime)

    def _take_back(self, placed: Sequence[Placed], touched: Mapping[str, History]) -> None:
        for one in placed:
            del self._placed[one.draft.id]
        self._end -= len(placed)
        for history in touched.values():
            history.take_back()


class Sealer:
    """Seals what was decided with the commit's instant, row by row, so that the first are stored while others wait.

    `events` is how many rows there are: a request that is only tried gets receipts, and no rows. `receipts` (a list for
    each request, in order) and `leaves` are whole once `rows` has been gone through.
    """

    def __init__(self, log_id: int, rulings: Sequence[Ruling], recordedtime: datetime) -> None:
        """Take the log, what stands, and the commit's instant."""
        self.recordedtime = recordedtime
        self.events = sum(len(ruling.placed) for ruling in rulings if not ruling.dry_run)
        self.leaves: list[bytes] = []
        self.receipts: list[list[Receipt]] = []
        self._log_id = log_id
        self._rulings = rulings

    def rows(self) -> Iterator[EventRow]:
        """Yield the commit's rows, in order of position; once."""
        log_id, recordedtime, instant = self._log_id, self.recordedtime, format_instant(self.recordedtime)
        written = instant.encode()
        for ruling in self._rulings:
            given: list[Receipt] = []
            for placed in ruling.placed:
                draft, position, version = placed.draft, placed.position, placed.version
                entry = seal(draft, position, version, written)
                leaf = leaf_hash(entry)
                given.append(
                    Receipt(id=draft.id, position=position, version=version, recordedtime=instant, leaf_hash=leaf.hex())
                )
                if not ruling.dry_run:
                    self.leaves.append(leaf)
                    yield log_id, position, version, recordedtime, draft.id, draft.subject, draft.type, leaf, entry
            self.receipts.append(given)
        if any(ruling.repeats for ruling in self._rulings):
            self._put_repeats()

    def _put_repeats(self) -> None:
        """Put the receipts of what was there before where they belong: those of the same commit are known by now."""
        first = {
            id(placed): receipt
            for ruling, given in zip(self._rulings, self.receipts, strict=True)
            for placed, receipt in zip(ruling.placed, given, strict=True)
        }
        for ruling, given in zip(self._rulings, self.receipts, strict=True):
            for index, (event_id, there) in sorted(ruling.repeats.items()):
                if isinstance(there, Accepted):
                    given.insert(index, there.repeated(event_id))
                else:
                    given.insert(index, msgspec.structs.replace(first[id(there)], duplicate=True))


def _side_faults(draft: Draft, role: str, history: History, index: int) -> Iterator[Fault]:
    """Say that an event is of another side, which alone corrects it; that there is no such event is another fault."""
    correction = draft.payload
    assert isinstance(correction, EventCorrected | EventVoided)  # noqa: S101 - narrows for the type checker
    target = history.type_of(correction.target_event_id)
    if target is not None and not may_correct(role, target):
        yield Fault(FORBIDDEN_ROLE, "/data/target_event_id", f"{role} may not correct {target}", index)


def _fault(breach: Breach, index: int) -> Fault:
    return Fault(breach.code, breach.pointer, breach.detail, index)
