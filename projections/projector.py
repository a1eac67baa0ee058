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
from ledger.statements import Statements
from ledger.store import PAGE_EVENTS, Reader, read_streams
from projections.bitemporal import Engine
from projections.course import Course, Point, beginning, course
from projections.points import read_points
from projections.rectangle import View
from projections.replay import YIELD_EVERY_STREAMS
from projections.tallies import Tally
from projections.writing import Taken
from projections.written import Written, draw_up

statements = Statements("projections")

STREAMS_HELD = 10_000
"""Streams of which is held in memory where they have come to: more than one transaction can be about, since what it
writes of them cannot be read before it ends. Some 20 megabytes; with engines of them all, some 100."""

Entries = Sequence[bytes]
"""What some events of a stream are read from, in order of version."""


class Ahead(Struct, frozen=True, kw_only=True):
    """A page of a log of positions [start, end), read ahead: the entries of each stream that some view follows.

    `versions` are those of their first events. `points` say where streams had come to by then that were not in memory,
    as far as that was kept.
    """

    streams: Mapping[str, Entries]
    versions: Mapping[str, int]
    points: Mapping[str, Point]
    start: int
    end: int


class Page(Struct, frozen=True, kw_only=True):
    """A page that can be taken next: `courses` are of streams that are told in order, `others` are all the rest."""

    courses: dict[str, Course]
    others: dict[str, tuple[Engine, Sequence[Fact]]]
    start: int
    end: int


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
        self._taking: Mapping[str, Entries] = {}  # of the page that is taken: they will be in memory
        self._position = 0

    @property
    def position(self) -> int:
        """How far the log was taken."""
        return self._position

    async def read(self, connection: Reader, start: int, end: int) -> Ahead | None:
        """Read the next page of positions [start, end); the one before it may be taken meanwhile.

        Returns None when there is nothing left.
        """
        end = min(end, start + PAGE_EVENTS)
        rows = await connection.fetch(statements("read_page"), self.log_id, start, end) if start < end else ()
        if not rows:
            return None
        streams: dict[str, list[bytes]] = {}
        versions: dict[str, int] = {}
        for _, subject, version, entry in rows:
            if subject in streams:
                streams[subject].append(entry)
            elif kind_of(subject) in self._by_kind:
                streams[subject], versions[subject] = [entry], version
        cold = [] if self._from_log_alone else [subject for subject in streams if self._is_cold(subject, versions)]
        points = await read_points(connection, self.log_id, cold) if cold else {}
        return Ahead(streams=streams, versions=versions, points=points, start=start, end=rows[-1]["position"] + 1)

    def _is_cold(self, subject: str, versions: Mapping[str, int]) -> bool:
        """Whether a stream will not be in memory, and does not begin here."""
        return subject not in self._held and subject not in self._taking and versions[subject] > 1

    async def prepare(self, connection: Reader, ahead: Ahead) -> Page:
        """Return a page that was read ahead, once the one before it was taken, with what is needed to take it."""
        page = Page(courses={}, others={}, start=ahead.start, end=ahead.end)
        lacking: list[str] = []
        for subject, entries in ahead.streams.items():
            held = self._held.get(subject) or ahead.points.get(subject)
            is_new = ahead.versions[subject] == 1
            facts = list(map(fact_of, entries))
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
                self._prepare_from_log(page, subject, earlier[subject], list(map(fact_of, ahead.streams[subject])))
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
        written = {
            view.name: Written(view=view, log_id=self.log_id, tally=Tally(view, page.start)) for view in self.views
        }
        by_kind = {kind: [written[view.name] for view in views] for kind, views in self._by_kind.items()}
        for number, (subject, going) in enumerate(page.courses.items(), 1):
            kind = kind_of(subject)
            draw_up(by_kind[kind], going.draw(self._by_kind[kind]), begins=going.start.version == 0)
            if number % YIELD_EVERY_STREAMS == 0:
                await asyncio.sleep(0)
        for subject, (engine, facts) in page.others.items():
            begins = facts[0].originator_version == 1
            draw_up(by_kind[kind_of(subject)], engine.take_all(facts), begins=begins)
            await asyncio.sleep(0)
        self._position = page.end
        return Taken(written=list(written.values()), points=self._keep(page))

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
