"""From pages of one log to changes of views: engines are kept in memory, and one that is missing is made again.

A page is read, and then taken. Nothing is read back from a view: a stream that is not in memory is read and folded
again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ledger.domain.catalogue import kind_of
from ledger.domain.fact import Fact
from ledger.entry import fact_of
from ledger.store import PAGE_EVENTS, Reader, read_entries, read_streams
from projections.bitemporal import Engine
from projections.rectangle import Change, View

ENGINES_CACHED = 20_000
"""Streams held in memory: a few hundred megabytes at most. An event of another costs about as much again."""
YIELD_EVERY_EVENTS = 10
"""Events taken before other tasks get their turn: what was taken before is written meanwhile, and requests answered."""


class Page(Struct, frozen=True, kw_only=True):
    """A page of a log up to `end`: the facts that some view reads, and earlier ones of streams not in memory."""

    facts: Sequence[Fact]
    earlier: Mapping[str, Sequence[Fact]]
    end: int


class Projector:
    """Turns one log's entries, page by page, into changes of some views' rectangles."""

    def __init__(self, log_id: int, views: Sequence[View]) -> None:
        """Take the log and the views; each view's kinds decide which streams are followed."""
        self.log_id = log_id
        self.views = views
        self._by_kind: dict[str, list[View]] = {}
        for view in views:
            for kind in view.kinds:
                self._by_kind.setdefault(kind, []).append(view)
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._position = 0

    async def read(self, connection: Reader, start: int, end: int) -> Page | None:
        """Read the next page of positions [start, end), which begins where the last one that was taken ended.

        Returns None when there is nothing left.
        """
        async for entries in read_entries(connection, self.log_id, start, min(end, start + PAGE_EVENTS)):
            facts = [fact_of(stored.entry) for stored in entries]
            facts = [fact for fact in facts if kind_of(fact.originator_id) in self._by_kind]
            cold = {fact.originator_id for fact in facts if fact.originator_id not in self._engines}
            earlier = await read_streams(connection, self.log_id, sorted(cold), start) if cold and start else {}
            return Page(facts=facts, earlier=earlier, end=entries[-1].position + 1)
        return None

    async def take(self, page: Page) -> dict[str, Change]:
        """Take a page in; return what changes in each view, by name."""
        changes = {view.name: Change([], []) for view in self.views}
        for number, fact in enumerate(page.facts, 1):
            engine = self._engines.get(fact.originator_id) or self._engine(fact.originator_id, page.earlier)
            self._engines.move_to_end(fact.originator_id)
            views = self._by_kind[kind_of(fact.originator_id)]
            for view, change in zip(views, engine.take(fact), strict=True):
                changes[view.name].added.extend(change.added)
                changes[view.name].moved.extend(change.moved)
            if number % YIELD_EVERY_EVENTS == 0:
                await asyncio.sleep(0)
        self._position = page.end
        while len(self._engines) > ENGINES_CACHED:
            self._engines.popitem(last=False)
        return changes

    def go_on_from(self, position: int) -> None:
        """Forget every stream when another process has followed this log since our last page."""
        if position != self._position:
            self._engines.clear()
        self._position = position

    def _engine(self, subject: str, earlier: Mapping[str, Sequence[Fact]]) -> Engine:
        """Make the engine of a stream that is not in memory."""
        engine = self._engines[subject] = Engine(subject, self._by_kind[kind_of(subject)])
        if subject in earlier:
            engine.resume(earlier[subject])
        return engine
