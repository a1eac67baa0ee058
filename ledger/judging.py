"""The decision: which requests of a commit stand, with what place, version and receipt. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from msgspec import Struct

from ledger.domain.catalogue import EVENTS, STREAMS, kind_of
from ledger.domain.fact import Fact
from ledger.domain.history import History, Unread, is_future
from ledger.domain.instants import format_instant
from ledger.domain.rules import Breach
from ledger.entry import Draft, fact_of_draft, same_content, seal
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.merkle import leaf_hash

EventRow = tuple[int, int, int, datetime, str, str, str, bytes, bytes]


class Receipt(Struct, frozen=True, kw_only=True, gc=False):
    """What an appender gets for one event. `leaf_hash` is hex; `duplicate` says that it was there before."""

    id: str
    position: int
    version: int
    recordedtime: str
    leaf_hash: str
    duplicate: bool = False


class Accepted(Struct, frozen=True, kw_only=True, gc=False):
    """An event that the log has: recorded before, or accepted earlier in this commit."""

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


class Judge:
    """Judges the requests of one commit in order. `rows` are what the commit then stores."""

    def __init__(
        self,
        log: LogInfo,
        size: int,
        recordedtime: datetime,
        present: Mapping[str, Accepted],
        histories: Mapping[str, History],
    ) -> None:
        """Take the log's size, the commit's instant, the events already there, and the touched streams' histories."""
        self.size = size
        self.recordedtime = recordedtime
        self.rows: list[EventRow] = []
        self._rows_by_id: dict[str, EventRow] = {}
        self._log_id = log.log_id
        self._present = present
        self._histories = histories
        self._instant = format_instant(recordedtime)
        self._instant_bytes = self._instant.encode()
        self._last: datetime | None = None
        self._in_order = True

    def judge_all(self, requests: Sequence[Batch], last: datetime | None) -> list[list[Receipt] | Refused]:
        """Return the answer to each request. A request that fails is left out; the rest go on."""
        self._last = last
        self._in_order = last is None or last < self.recordedtime
        return [self._judge(request) for request in requests]

    def _judge(self, request: Batch) -> list[Receipt] | Refused:
        """Judge one request: each event for itself, then every timeline that the request touches."""
        mark = len(self.rows)
        receipts: list[Receipt] = []
        faults: list[Fault] = []
        touched: dict[str, History] = {}
        for index, draft in enumerate(request.drafts):
            history = self._histories[draft.subject]
            there = self._find(draft.id)
            if there is not None:
                faults += self._repeat_faults(draft, there, index, refuse=request.refuse_repeats)
                receipts.append(there.repeated(draft.id))
                continue
            faults += self._draft_faults(draft, history, index)
            touched[draft.subject] = history
            receipts.append(self._accept(draft, history, faults, index))
        faults += self._timeline_faults(request.drafts, touched)
        if faults or request.dry_run:
            self._take_back(mark, touched)
        if faults:
            return Refused(tuple(sorted(faults, key=lambda fault: fault.index)))
        for history in touched.values():
            history.settle()
        return receipts

    def _accept(self, draft: Draft, history: History, faults: list[Fault], index: int) -> Receipt:
        position = self.size + len(self.rows)
        version = history.version + 1
        if history.asks_for(draft.type):
            breach = history.take(self._held(draft, position, version))
            if breach is not None:
                faults.append(_fault(breach, index))
        else:
            history.count(version)
        entry = seal(draft, position, version, self._instant_bytes)
        leaf = leaf_hash(entry)
        recordedtime = self.recordedtime
        row = (self._log_id, position, version, recordedtime, draft.id, draft.subject, draft.type, leaf, entry)
        self.rows.append(row)
        self._rows_by_id[draft.id] = row
        return Receipt(
            id=draft.id, position=position, version=version, recordedtime=self._instant, leaf_hash=leaf.hex()
        )

    def _held(self, draft: Draft, position: int, version: int) -> Fact | Unread:
        """Return what a history holds of an event: read where a rule must see it now."""
        if not EVENTS[draft.type].stands_alone:
            return fact_of_draft(draft, position, version, self.recordedtime)
        start, end = draft.data_span
        read = partial(fact_of_draft, draft, position, version, self.recordedtime)
        return Unread(draft.id, version, draft.keys, end - start, read)

    def _find(self, event_id: str) -> Accepted | None:
        """Return the event of this id, recorded before or accepted earlier in this commit."""
        row = self._rows_by_id.get(event_id)
        if row is None:
            return self._present.get(event_id)
        _, position, version, recordedtime, _, _, _, leaf, entry = row
        return Accepted(position=position, version=version, recordedtime=recordedtime, leaf_hash=leaf, entry=entry)

    def _repeat_faults(self, draft: Draft, there: Accepted, index: int, *, refuse: bool) -> list[Fault]:
        if not refuse and same_content(there.entry, draft):
            return []
        detail = f"the id stands at position {there.position}" + ("" if refuse else " with other content")
        return [Fault("id-reused", "/id", detail, index)]

    def _draft_faults(self, draft: Draft, history: History, index: int) -> Sequence[Fault]:
        plain = draft.expectedversion is None and draft.sourcetime is None and draft.causationid is None
        if plain and draft.time <= self.recordedtime and self._in_order:
            return ()  # nothing to judge: almost every event
        faults: list[Fault] = []
        if self._last is not None and not self._in_order:  # only a test clock can say so
            detail = f"is not after the log's last, {format_instant(self._last)}"
            faults.append(Fault("recordedtime-not-later", "/recordedtime", detail, index))
        if draft.expectedversion is not None and draft.expectedversion != history.version:
            detail = f"the stream is at version {history.version}, not {draft.expectedversion}"
            faults.append(Fault("version-conflict", "/expectedversion", detail, index))
        if is_future(EVENTS[draft.type].time_class, draft.time, self.recordedtime):
            faults.append(Fault("future-not-allowed", "/time", f"is after the ledger's clock, {self._instant}", index))
        if draft.sourcetime is not None and draft.sourcetime > self.recordedtime:
            detail = f"is after the ledger's clock, {self._instant}"
            faults.append(Fault("future-not-allowed", "/sourcetime", detail, index))
        cause = draft.causationid
        if cause is not None and self._find(cause) is None:
            faults.append(Fault("unknown-reference", "/causationid", "is no event of this log", index))
        return faults

    def _timeline_faults(self, drafts: Sequence[Draft], touched: Mapping[str, History]) -> list[Fault]:
        faults: list[Fault] = []
        for subject, history in touched.items():
            for breach in history.judge(STREAMS[kind_of(subject)].rules):
                index = next((i for i, draft in enumerate(drafts) if draft.id == breach.event_id), len(drafts) - 1)
                faults.append(_fault(breach, index))
        return faults

    def _take_back(self, mark: int, touched: Mapping[str, History]) -> None:
        for row in self.rows[mark:]:
            del self._rows_by_id[row[4]]
        del self.rows[mark:]
        for history in touched.values():
            history.take_back()


def _fault(breach: Breach, index: int) -> Fault:
    return Fault(breach.code, breach.pointer, breach.detail, index)
