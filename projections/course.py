"""A stream that is told in order: where it has come to, and what its next events change, state by state. Pure.

It is the common case of what `bitemporal` does for any stream. Where each event counts later than all before, at one
instant for both certainties, and nothing will change by time alone, every key has at most one rectangle without an end:
an event ends those whose row it changes, and begins their successors. So the last state is all that has to be held.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Fact
from ledger.domain.stream import State
from projections.rectangle import FOR_EVER, STILL_KNOWN, Change, Rectangle, Row, Rows, View

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
NOT_FOLDED = -1
"""`known_from` of what is only known to be believed, and not since when."""


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """Where a stream that was told in order has come to: so many events, and the state from `moment` on."""

    subject: str
    version: int
    moment: datetime
    state: State


class Course(Struct, frozen=True, gc=False):
    """A stream's next events, told in order from a point on, and the state after each."""

    start: Point
    facts: Sequence[Fact]
    states: Sequence[State]

    @property
    def end(self) -> Point:
        """Where the stream has come to after them."""
        last = self.facts[-1]
        return Point(
            subject=self.start.subject, version=last.originator_version, moment=counts(last), state=self.states[-1]
        )

    def draw(self, views: Sequence[View], changes: Sequence[Change]) -> None:
        """Add what the events change in each view."""
        for view, change in zip(views, changes, strict=True):
            before: Rows = view.rows(self.start.state, self.start.moment) if self.start.version else {}
            made: dict[str, Rectangle] = {}
            for fact, state in zip(self.facts, self.states, strict=True):
                when = counts(fact)
                rows = view.rows(state, when)
                if rows != before:
                    self._move(before, rows, when, fact.position, made, change)
                    before = rows

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


def counts(fact: Fact) -> datetime:
    """Return from when a fact counts that counts at once."""
    return fact.when("CERTAIN")


def counts_at_once(fact: Fact) -> bool:
    """Whether a fact is an event that counts from one instant, certainly and possibly, and corrects nothing."""
    return fact.latest == fact.time and not isinstance(fact.payload, EventCorrected | EventVoided)


def beginning(subject: str) -> Point:
    """Return where a stream is before any event."""
    return Point(subject=subject, version=0, moment=BEFORE_ALL, state=STREAMS[kind_of(subject)].begin(subject))


def course(start: Point, facts: Sequence[Fact]) -> Course | None:
    """Return the course of a stream's next events; None where they are not in order, or time will change a state."""
    stream = STREAMS[kind_of(start.subject)]
    if start.version + 1 != facts[0].originator_version:
        return None
    states: list[State] = []
    state, last = start.state, start.moment
    for fact in facts:
        when = counts(fact)
        if not counts_at_once(fact) or (when < last if states else when <= last):
            return None
        state, last = stream.apply(state, fact), when
        if any(expiry > when for expiry in stream.expiries(state)):
            return None
        states.append(state)
    return Course(start, facts, states)


def _changed(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """Return the keys whose rows differ: first those that go on or go, then those that come."""
    changed = [key for key, row in before.items() if after.get(key) != row]
    return changed + [key for key in after if key not in before]
