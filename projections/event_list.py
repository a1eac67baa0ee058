"""Recorded events by position, page by page: filtered, forwards or backwards, of one log or of several.

A question is bounded by the sizes that the logs have at its first page, and a cursor carries them: so every event of
those sizes comes exactly once, however much is appended meanwhile. No snapshot outlives the page it was read for.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from ledger.database import AnyConnection, Pool
from ledger.domain.instants import EARLIEST, TICK
from ledger.statements import Statements
from ledger.store import size_known_at
from projections.event_search import SEARCH

PIECE_EVENTS = 2_000
"""Events of a log that are looked through at once where the search has not been: a fraction of a second's."""
LOOKING_SECONDS = 2.0
"""After so long a page ends with what it has: what is rare, in many logs or behind the search, takes several pages."""
STRETCH_EVENTS = 5_000
"""Events that are passed over on the way to a page, a few milliseconds: whoever has fewer there is looked up."""
STRIDE = 16
"""So many times as many events as were looked at are looked up next. So few of those fitted that a few pages of these
will, however long the log is, and one of a hundred million takes four strides."""
MIXED_MAX_EVENTS = 1_000_000
"""A stride at most, where several things are asked: what fits the one that is looked up need not fit the others."""
Way: TypeAlias = Literal["list", "find", "seek"]
"""In the log itself; on the way over a stretch of the search; or all at once, by the search's indexes."""
LogId = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]

statements = Statements("projections")


class EventFilters(Struct, frozen=True, kw_only=True):
    """What events are asked for: all of these, any of the values of each; None: whatever they are.

    `words` must all be in the payload. Times are inclusive.
    """

    types: Sequence[str] | None = None
    subjects: Sequence[str] | None = None
    prefixes: Sequence[str] | None = None
    time_from: datetime | None = None
    time_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    words: Sequence[str] | None = None

    @property
    def searched(self) -> bool:
        """Whether the search has an index for what is asked. For subjects and instants of recording the log has one."""
        return self.types is not None or not self.told_by_log

    @property
    def told_by_log(self) -> bool:
        """Whether the log itself tells what is asked as cheaply as the search: its rows have types and subjects too."""
        return self.time_from is None and self.time_to is None and self.words is None

    @property
    def unbounded(self) -> bool:
        """Whether every event fits."""
        return not self.searched and self.subjects is None and self.prefixes is None

    @property
    def mixed(self) -> bool:
        """Whether more than one thing is asked, so that no one index tells what fits."""
        timed = self.time_from is not None or self.time_to is not None
        others = (self.types, self.subjects, self.prefixes, self.words)
        return timed + sum(asked is not None for asked in others) > 1

    def arguments(self) -> list[tuple[object, ...]]:
        """Return the arguments of the statements from `$5` on: for each prefix apart, so that each has its index."""
        return [
            (self.types, self.subjects, prefix, self.time_from, self.time_to, self.words)
            for prefix in apart(self.prefixes)
        ]


def apart(prefixes: Sequence[str] | None) -> Sequence[str | None]:
    """Return prefixes of which none begins with another, so that no event has two; one that is none for None."""
    if prefixes is None:
        return [None]
    left: list[str] = []
    for prefix in sorted(prefixes):  # what begins with another comes after it
        if not left or not prefix.startswith(left[-1]):
            left.append(prefix)
    return left


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page ended: the logs that are left, each with its size at the first page.

    `position` is the first one's: forwards the next to look at, backwards the end of those to look at.
    """

    position: Position
    logs: tuple[tuple[LogId, Position], ...]

    def next_log(self, *, backwards: bool) -> "Cursor | None":
        """Return the beginning of the next log; None after the last."""
        return begin(self.logs[1:], backwards=backwards)


class Found(Struct, frozen=True):
    """An event of a page."""

    log_id: int
    position: int
    entry: bytes


class Part(Struct, frozen=True):
    """Positions [start, end) of a log, and in which way events are looked for there."""

    start: int
    end: int
    way: Way


class Page(Struct, frozen=True):
    """Events in their order, and where the next page begins; None where there is none."""

    found: Sequence[Found]
    next: Cursor | None


def begin(logs: Sequence[tuple[int, int]], *, backwards: bool = False) -> Cursor | None:
    """Return where a question over these logs, each an id and a size, begins; None where they have no events."""
    left = tuple((log_id, size) for log_id, size in logs if size)
    return Cursor(left[0][1] if backwards else 0, left) if left else None


def stride_after(passed: int, *, mixed: bool) -> int:
    """Return of how many events the search is asked next, once it was asked of so many for a page.

    Of a stretch first, which common events fill a page from; those that do not are rare, and looked up by strides.
    """
    if passed == 0:
        return STRETCH_EVENTS
    return min(passed * STRIDE, MIXED_MAX_EVENTS) if mixed else passed * STRIDE


def next_part(low: int, high: int, followed: int, *, backwards: bool, passed: int, mixed: bool = False) -> Part:
    """Return the part of the positions [low, high) to look at next, where the search has `followed` the log so far.

    What it has not reached is looked for in the log itself, piece by piece. `passed` is what it was asked of before.
    """
    way: Way = "seek" if passed else "find"
    stride = stride_after(passed, mixed=mixed)
    if backwards:
        if high > followed:
            return Part(max(low, followed, high - PIECE_EVENTS), high, "list")
        return Part(max(low, high - stride), high, way)
    if low >= followed:
        return Part(low, min(high, low + PIECE_EVENTS), "list")
    return Part(low, min(high, followed, low + stride), way)


def statement_of(way: Way, filters: EventFilters, *, backwards: bool) -> str:
    """Return the statement that reads what is asked for in one of the ways: forwards as it is written, or backwards.

    On the way over a stretch the search is of no use where the log tells the same: its rows would be read besides.
    """
    find = "list_events" if filters.told_by_log else "find_events"
    seek = "seek_events" if filters.words is None else "seek_words"
    statement = statements({"list": "list_events", "find": find, "seek": seek}[way])
    return statement.replace(" ASC", " DESC") if backwards else statement


async def read_page(pool: Pool, filters: EventFilters, cursor: Cursor, limit: int, *, backwards: bool = False) -> Page:
    """Return the next page of at most `limit` events. One with fewer, or none, is the last only if it says so."""
    clock = asyncio.get_running_loop().time
    until = clock() + LOOKING_SECONDS
    found: list[Found] = []
    place: Cursor | None = cursor
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(statements("plan_each_time"))
        look = Look(connection, filters, backwards=backwards)
        while place is not None and len(found) <= limit:
            more, place = await look.on(place, limit + 1 - len(found))
            found += more
            if clock() >= until:
                break
    if len(found) <= limit:
        return Page(found, place)
    first = found.pop()  # of the next page: it is known to have one
    left = cursor.logs[[log_id for log_id, _ in cursor.logs].index(first.log_id) :]
    return Page(found, Cursor(first.position + 1 if backwards else first.position, left))


class Look:
    """Looks for events, log by log and part by part, on one connection."""

    def __init__(self, connection: AnyConnection, filters: EventFilters, *, backwards: bool) -> None:
        """Take a connection in a transaction that plans each time, what is asked for, and in which order."""
        self._connection = connection
        self._filters = filters
        self._backwards = backwards
        self._passed: dict[int, int] = {}  # of how many events of each log the search was asked for this page

    async def on(self, place: Cursor, limit: int) -> tuple[list[Found], Cursor | None]:
        """Look at one part of one log; return up to `limit` events, and where to look on, None at the end."""
        log_id, _ = place.logs[0]
        low, high = await self._bounds(place)
        if low >= high:
            return [], place.next_log(backwards=self._backwards)
        part = await self._part(log_id, low, high, limit)
        found = await self._read(log_id, part, limit)
        if self._backwards:
            position = found[-1].position if len(found) == limit else part.start
            over = position <= low
        else:
            position = found[-1].position + 1 if len(found) == limit else part.end
            over = position >= high
        return found, place.next_log(backwards=self._backwards) if over else Cursor(position, place.logs)

    async def _part(self, log_id: int, low: int, high: int, limit: int) -> Part:
        if self._backwards and self._filters.unbounded:
            # The last ones are read forwards and turned round: what a disk is asked for in its order, it reads ahead.
            return Part(max(low, high - limit), high, "list")
        if not self._filters.searched:
            return Part(low, high, "list")
        followed, passed = await self._followed(log_id), self._passed.get(log_id, 0)
        mixed = self._filters.mixed
        part = next_part(low, high, followed, backwards=self._backwards, passed=passed, mixed=mixed)
        if part.way != "list":
            self._passed[log_id] = passed + part.end - part.start
        return part

    async def _read(self, log_id: int, part: Part, limit: int) -> list[Found]:
        """Return the first `limit` events of a part."""
        backwards = self._backwards and not self._filters.unbounded
        statement = statement_of(part.way, self._filters, backwards=backwards)
        found: list[Found] = []
        for arguments in self._filters.arguments():
            rows = await self._connection.fetch(statement, log_id, part.start, part.end, limit, *arguments)
            found += [Found(log_id, row["position"], row["entry"]) for row in rows]
        found.sort(key=lambda event: event.position, reverse=self._backwards)
        return found[:limit]

    async def _bounds(self, place: Cursor) -> tuple[int, int]:
        """Return the positions [low, high) that are left: recordedtime grows with them, so it bounds them too."""
        log_id, size = place.logs[0]
        low, high = (0, min(place.position, size)) if self._backwards else (place.position, size)
        if self._filters.recorded_from is not None:
            before = max(self._filters.recorded_from, EARLIEST) - TICK  # nothing is recorded before the calendar
            low = max(low, await size_known_at(self._connection, log_id, size, before))
        if self._filters.recorded_to is not None:
            high = min(high, await size_known_at(self._connection, log_id, size, self._filters.recorded_to))
        return low, high

    async def _followed(self, log_id: int) -> int:
        rows = await self._connection.fetch(statements("read_positions"), log_id, [SEARCH])
        position: int = rows[0]["position"] if rows else 0
        return position
