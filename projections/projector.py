"""From pages of one log to changes of views.

A page is read, and then taken, stream by stream. A stream that is told in order goes on from where it is known to have
come to; of another all events before are read and folded, and its engine is held for as long as there is room. Nothing
is read back from a view.
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
from projections.course import Course, Point, beginning, course
from projections.points import read_points
from projections.rectangle import Change, View

STREAMS_HELD = 10_000
"""Streams of which is held in memory where they have come to: more than one transaction can be about, since what it
writes of them cannot be read before it ends. Some 20 megabytes; with engines of them all, some 100."""
YIELD_EVERY_STREAMS = 50
"""Streams taken before other tasks get their turn: meanwhile the page before is written, and requests are answered."""

Streams = Mapping[str, Sequence[Fact]]


class Ahead(Struct, frozen=True, kw_only=True):
    """A page of a log of positions [start, end), read ahead: stream by stream, the facts that some view reads.

    `points` say where streams had come to by then that were not in memory, as far as that was kept.
    """

    streams: Streams
    points: Mapping[str, Point]
    start: int
    end: int


class Page(Struct, frozen=True, kw_only=True):
    """A page that can be taken next: `courses` are of streams that are told in order, `others` are all the rest."""

    courses: dict[str, Course]
    others: dict[str, tuple[Engine, Sequence[Fact]]]
    end: int


class Taken(Struct, frozen=True, kw_only=True):
    """What a page changes in each view, by name, and where its streams have come to, where that is enough to go on."""

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
        self._held: OrderedDict[str, Point | Engine] = OrderedDict()
        self._taking: Streams = {}  # of the page that is taken: they will be in memory
        self._position = 0

    async def read(self, connection: Reader, start: int, end: int) -> Ahead | None:
        """Read the next page of positions [start, end); the one before it may be taken meanwhile.

        Returns None when there is nothing left.
        """
        async for entries in read_entries(connection, self.log_id, start, min(end, start + PAGE_EVENTS)):
            streams: dict[str, list[Fact]] = {}
            for stored in entries:
                fact = fact_of(stored.entry)
                if kind_of(fact.originator_id) in self._by_kind:
                    streams.setdefault(fact.originator_id, []).append(fact)
            cold = [] if self._from_log_alone else [subject for subject in streams if self._is_cold(subject, streams)]
            points = await read_points(connection, self.log_id, cold) if cold else {}
            return Ahead(streams=streams, points=points, start=start, end=entries[-1].position + 1)
        return None

    def _is_cold(self, subject: str, streams: Streams) -> bool:
        """Whether a stream will not be in memory, and does not begin here."""
        return subject not in self._held and subject not in self._taking and streams[subject][0].originator_version > 1

    async def prepare(self, connection: Reader, ahead: Ahead) -> Page:
        """Return a page that was read ahead, once the one before it was taken, with what is needed to take it."""
        page = Page(courses={}, others={}, end=ahead.end)
        lacking: list[str] = []
        for subject, facts in ahead.streams.items():
            held = self._held.get(subject) or ahead.points.get(subject)
            is_new = facts[0].originator_version == 1
            if held is None and is_new:
                held = beginning(subject)
            if isinstance(held, Engine):
                page.others[subject] = held, facts
            elif held is not None and (going := course(held, facts)) is not None:
                page.courses[subject] = going
            elif is_new:
                page.others[subject] = self._engine(subject), facts
            else:
                lacking.append(subject)
        if lacking:
            earlier = await read_streams(connection, self.log_id, lacking, ahead.start)
            for subject in lacking:
                self._prepare_from_log(page, subject, earlier[subject], ahead.streams[subject])
        self._taking = ahead.streams
        return page

    def _prepare_from_log(self, page: Page, subject: str, earlier: Sequence[Fact], facts: Sequence[Fact]) -> None:
        """Prepare to take a stream of which nothing that is enough was kept, from all events before."""
        before = course(beginning(subject), earlier)
        going = course(before.end, facts) if before is not None else None
        if going is not None:
            page.courses[subject] = going
        else:
            engine = self._engine(subject)
            engine.resume(earlier)
            page.others[subject] = engine, facts

    async def take(self, page: Page) -> Taken:
        """Take a page in; return what it changes."""
        changes = {view.name: Change([], []) for view in self.views}
        by_kind = {kind: [changes[view.name] for view in views] for kind, views in self._by_kind.items()}
        for number, (subject, going) in enumerate(page.courses.items(), 1):
            kind = kind_of(subject)
            going.draw(self._by_kind[kind], by_kind[kind])
            if number % YIELD_EVERY_STREAMS == 0:
                await asyncio.sleep(0)
        for subject, (engine, facts) in page.others.items():
            for fact in facts:
                for change, made in zip(by_kind[kind_of(subject)], engine.take(fact), strict=True):
                    change.added.extend(made.added)
                    change.moved.extend(made.moved)
            await asyncio.sleep(0)
        self._position = page.end
        return Taken(changes=changes, points=self._keep(page))

    def go_on_from(self, position: int) -> None:
        """Forget every stream when another process has followed this log since our last page."""
        if position != self._position:
            self._held.clear()
        self._position = position

    def _engine(self, subject: str) -> Engine:
        return Engine(subject, self._by_kind[kind_of(subject)])

    def _keep(self, page: Page) -> list[Point]:
        """Hold where a page's streams have come to, for as long as there is room; return it to be written."""
        points = [going.end for going in page.courses.values()]
        for subject, (engine, _) in page.others.items():
            if (point := engine.point) is None:
                self._held[subject] = engine
                self._held.move_to_end(subject)
            else:
                points.append(point)
        for point in points:
            self._held[point.subject] = point
            self._held.move_to_end(point.subject)
        while len(self._held) > STREAMS_HELD:
            self._held.popitem(last=False)
        return [] if self._from_log_alone else points
