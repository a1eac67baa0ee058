"""From pages of one log to changes of views: engines are kept in memory, and one that is missing is made again.

A page is read, and then taken. Nothing is read back from a view: a stream that is not in memory goes on from where it
is known to have come to, or is read and folded again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ledger.domain.catalogue import kind_of
from ledger.domain.fact import Fact
from ledger.entry import fact_of
from ledger.store import PAGE_EVENTS, Reader, read_entries, read_streams
from projections.bitemporal import Engine, Point
from projections.points import read_points
from projections.rectangle import Change, View

ENGINES_CACHED = 10_000
"""Streams held in memory: some 100 megabytes. To go on with another costs little where it was told in order."""
YIELD_EVERY_EVENTS = 50
"""Events taken before other tasks get their turn: what was taken before is written meanwhile, and requests answered."""

Streams = Mapping[str, Sequence[Fact]]


class Ahead(Struct, frozen=True, kw_only=True):
    """A page of a log of positions [start, end), read ahead: the facts that some view reads, also stream by stream.

    `points` say where streams had come to by then that were not in memory, as far as that was kept.
    """

    facts: Sequence[Fact]
    streams: Streams
    points: Mapping[str, Point]
    start: int
    end: int


class Page(Struct, frozen=True, kw_only=True):
    """A page that can be taken next, and what is needed for it.

    `points` say where streams have come to that are not in memory; `earlier` are all events before, of streams for
    which that is not enough.
    """

    facts: Sequence[Fact]
    streams: Streams
    points: Mapping[str, Point]
    earlier: Streams
    end: int


class Taken(Struct, frozen=True, kw_only=True):
    """What a page changes in each view, by name, and where the streams have come to that are let go of."""

    changes: dict[str, Change]
    points: Sequence[Point]


class Projector:
    """Turns one log's entries, page by page, into changes of some views' rectangles."""

    def __init__(self, log_id: int, views: Sequence[View], *, from_log_alone: bool = False) -> None:
        """Take the log and the views; each view's kinds decide which streams are followed.

        With `from_log_alone` nothing is believed that an earlier release may have folded.
        """
        self.log_id = log_id
        self.views = views
        self._from_log_alone = from_log_alone
        self._by_kind: dict[str, list[View]] = {}
        for view in views:
            for kind in view.kinds:
                self._by_kind.setdefault(kind, []).append(view)
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._let_go: dict[str, Point] = {}  # in this transaction, which others do not see
        self._taking: Streams = {}  # of the page that is taken: they will be in memory
        self._position = 0

    async def read(self, connection: Reader, start: int, end: int) -> Ahead | None:
        """Read the next page of positions [start, end); the one before it may be taken meanwhile.

        Returns None when there is nothing left.
        """
        async for entries in read_entries(connection, self.log_id, start, min(end, start + PAGE_EVENTS)):
            facts = [fact_of(stored.entry) for stored in entries]
            facts = [fact for fact in facts if kind_of(fact.originator_id) in self._by_kind]
            streams: dict[str, list[Fact]] = {}
            for fact in facts:
                streams.setdefault(fact.originator_id, []).append(fact)
            cold = [subject for subject in self._cold(streams) if subject not in self._taking]
            points = await read_points(connection, self.log_id, cold) if cold and not self._from_log_alone else {}
            return Ahead(facts=facts, streams=streams, points=points, start=start, end=entries[-1].position + 1)
        return None

    async def prepare(self, connection: Reader, ahead: Ahead) -> Page:
        """Return a page that was read ahead, once the one before it was taken, with what is missing to take it."""
        found = {
            subject: point
            for subject in self._cold(ahead.streams)
            if (point := self._let_go.get(subject) or ahead.points.get(subject)) is not None
        }
        points = {subject: point for subject, point in found.items() if point.leads_to(ahead.streams[subject])}
        lacking = [subject for subject, facts in ahead.streams.items() if self._lacks(subject, facts, points)]
        earlier = await read_streams(connection, self.log_id, lacking, ahead.start) if lacking else {}
        self._taking = ahead.streams
        return Page(facts=ahead.facts, streams=ahead.streams, points=points, earlier=earlier, end=ahead.end)

    def _cold(self, streams: Streams) -> list[str]:
        """Return the streams that are not in memory, and do not begin here."""
        return [
            subject
            for subject, facts in streams.items()
            if subject not in self._engines and facts[0].originator_version > 1
        ]

    def _lacks(self, subject: str, facts: Sequence[Fact], points: Mapping[str, Point]) -> bool:
        """Tell whether the events before a page are needed to take a stream's in it."""
        engine = self._engines.get(subject)
        if engine is not None:
            return not engine.can_take(facts)
        return facts[0].originator_version > 1 and subject not in points

    async def take(self, page: Page) -> Taken:
        """Take a page in; return what it changes."""
        changes = {view.name: Change([], []) for view in self.views}
        touched = self._made(page)
        for number, fact in enumerate(page.facts, 1):
            subject = fact.originator_id
            engine = touched.get(subject) or touched.setdefault(
                subject, self._engines.get(subject) or self._new(subject)
            )
            for view, change in zip(self._by_kind[kind_of(subject)], engine.take(fact), strict=True):
                changes[view.name].added.extend(change.added)
                changes[view.name].moved.extend(change.moved)
            if number % YIELD_EVERY_EVENTS == 0:
                await asyncio.sleep(0)
        self._position = page.end
        return Taken(changes=changes, points=self._keep(touched))

    def go_on_from(self, position: int) -> None:
        """Forget every stream when another process has followed this log since our last page."""
        if position != self._position:
            self._engines.clear()
        self._position = position
        self._let_go.clear()  # they are committed, and can be read

    def _made(self, page: Page) -> dict[str, Engine]:
        """Make the engines of streams that are not in memory, or not enough of them."""
        made: dict[str, Engine] = {}
        for subject, point in page.points.items():
            made[subject] = self._new(subject)
            made[subject].begin(point)
        for subject, facts in page.earlier.items():
            made[subject] = self._new(subject)
            made[subject].resume(facts, page.streams[subject])
        return made

    def _new(self, subject: str) -> Engine:
        return Engine(subject, self._by_kind[kind_of(subject)])

    def _keep(self, touched: Mapping[str, Engine]) -> list[Point]:
        """Hold the streams that a page was about, for as long as there is room; return where others have come to."""
        for subject, engine in touched.items():
            engine.forget()
            self._engines[subject] = engine
            self._engines.move_to_end(subject)
        points: list[Point] = []
        while len(self._engines) > ENGINES_CACHED:
            subject, engine = self._engines.popitem(last=False)
            if (point := engine.point) is not None and not self._from_log_alone:
                points.append(point)
                self._let_go[subject] = point
        return points
