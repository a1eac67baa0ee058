"""A stream that is told in order: where it has come to, and what its next events change, state by state. Pure.

It is the common case of what `bitemporal` does for any stream. Where each event counts later than all before, at one
instant for both certainties, and nothing will change by time alone, every key has at most one rectangle without an end:
an event ends those whose row it changes, and begins their successors. So the last state is all that has to be held.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec import Struct

from ledger.domain.catalogue import CORRECTIONS, STREAMS, kind_of
from ledger.domain.fact import Fact
from ledger.domain.stream import State
from projections.rectangle import FOR_EVER, STILL_KNOWN, Change, Item, Rectangle, Row, Rows, View

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
NOT_FOLDED = -1
"""`known_from` of what is only known to be believed, and not since when."""


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """Where a stream that was told in order has come to: so many events, and the state from `moment` on."""

    subject: str
    version: int
    moment: datetime
    state: State


Told: TypeAlias = tuple[datetime, int, State]
"""An event of a stream that is told in order: from when it counts, its position, and the state from then on."""


class Course(Struct, frozen=True, gc=False):
    """A stream's next events, told in order from a point on."""

    start: Point
    steps: Sequence[Told]

    @property
    def end(self) -> Point:
        """Where the stream has come to after them."""
        moment, _, state = self.steps[-1]
        version = self.start.version + len(self.steps)
        return Point(subject=self.start.subject, version=version, moment=moment, state=state)

    def draw(self, views: Sequence[View]) -> list[Change]:
        """Return what the events change in each view."""
        start, describe = self.start, STREAMS[kind_of(self.start.subject)].describe
        first: Item = describe(start.state, start.moment) if start.version else {}
        items = [describe(state, when) for when, _, state in self.steps]
        return [self._draw(view, first, items) for view in views]

    def _draw(self, view: View, first: Item, items: Sequence[Item]) -> Change:
        """Return what the events change in a view, given what the states are: that at the point, and those after it."""
        change = Change([], [])
        believed = self.start.state
        before: Rows | None = None if self.start.version else {}
        made: dict[str, Rectangle] = {}
        for (when, position, state), item in zip(self.steps, items, strict=True):
            if view.part(state) is view.part(believed):
                continue  # the rows are made of what did not change, and time alone changes nothing
            if before is None:
                before = view.rows(believed, first)
            rows = view.rows(state, item)
            self._move(before, rows, when, position, made, change)
            before, believed = rows, state
        return change

    def _move(
        self,
        before: Rows,
        after: Rows,
        when: datetime,
        position: int,
        made: dict[str, Rectangle],
        change: Change,
    ) -> None:
        """End what is no longer believed from an instant on, and begin what is.

        `made` are those of these events' rectangles that have no end.
        """
        subject = self.start.subject
        for key in _changed(before, after):
            if key in before:
                rectangle = made.pop(key, None)
                if rectangle is None:
                    row = before[key]
                    rectangle = Rectangle(
                        subject, key, "BOTH", BEFORE_ALL, when, position, NOT_FOLDED, STILL_KNOWN, row
                    )
                    change.moved.append(rectangle)
                elif rectangle.valid_from == when:  # two events at one instant: the later one says what holds
                    rectangle.known_to = position
                else:
                    rectangle.valid_to, rectangle.valid_to_known = when, position
            if key in after:
                row = after[key]
                made[key] = Rectangle(subject, key, "BOTH", when, FOR_EVER, position, position, STILL_KNOWN, row)
                change.added.append(made[key])


def counts_at_once(fact: Fact) -> bool:
    """Whether a fact is an event that counts from one instant, certainly and possibly, and corrects nothing."""
    return fact.latest == fact.time and fact.type not in CORRECTIONS


def beginning(subject: str) -> Point:
    """Return where a stream is before any event."""
    return Point(subject=subject, version=0, moment=BEFORE_ALL, state=STREAMS[kind_of(subject)].begin(subject))


def course(start: Point, facts: Sequence[Fact]) -> Course | None:
    """Return the course of a stream's next events; None where they are not in order, or time will change a state."""
    stream = STREAMS[kind_of(start.subject)]
    if start.version + 1 != facts[0].originator_version:
        return None
    steps: list[Told] = []
    state, last = start.state, start.moment
    for fact in facts:
        when = fact.when("CERTAIN")
        if not counts_at_once(fact) or (when < last if steps else when <= last):
            return None
        state, last = stream.apply(state, fact), when
        for expiry in stream.expiries(state):
            if expiry > when:
                return None
        steps.append((when, fact.position, state))
    return Course(start, steps)


def _changed(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """Return the keys whose rows differ: first those that go on or go, then those that come."""
    changed = [key for key, row in before.items() if after.get(key) != row]
    return changed + [key for key in after if key not in before]
