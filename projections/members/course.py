"""The course of a stream: its state from each instant on, up to a question's moment (domain.md 2.3)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.instants import EARLIEST
from ledger.domain.stream import State
from projections.folds import Fold, Step
from projections.inquiry import Known

T = TypeVar("T")


class Interval(Struct, Generic[T], frozen=True):
    """What held from `start` until before `end`; None: nothing has ended it by the question's moment."""

    start: datetime
    end: datetime | None
    held: T


class Course(Struct, frozen=True):
    """States of one stream, each from its instant on; instants rise, and nothing else changes between them.

    What time alone does (a restriction runs out) has an instant of its own. Empty for a stream of which nothing is
    known.
    """

    steps: Sequence[Step] = ()

    @property
    def instants(self) -> list[datetime]:
        """The instants at which something changes."""
        return [instant for instant, _ in self.steps]

    def at(self, moment: datetime) -> State | None:
        """Return the state at `moment`; None before the first."""
        number = bisect_right(self.steps, moment, key=lambda step: step[0])
        return self.steps[number - 1][1] if number else None


def course_of(known: Known | None) -> Course:
    """Return the course of a stream up to its question's moment, by the moment's certainty and basis."""
    if known is None:
        return Course()
    moment = known.moment
    fold = Fold(STREAMS[kind_of(known.subject)], moment.certainty, moment.basis)
    fold.update(known.happened())
    return Course([step for step in fold.moments(EARLIEST) if step[0] <= moment.as_of])


def merged(*instants: Iterable[datetime]) -> list[datetime]:
    """Return all these instants once, in order."""
    return sorted({instant for some in instants for instant in some})


def intervals(steps: Iterable[tuple[datetime, T | None]]) -> list[Interval[T]]:
    """Return the maximal intervals in which one thing held; `steps` say, in order, what holds from an instant on."""
    found: list[Interval[T]] = []
    since, held = EARLIEST, None
    for instant, value in steps:
        if value == held:
            continue
        if held is not None:
            found.append(Interval(since, instant, held))
        since, held = instant, value
    return found if held is None else [*found, Interval(since, None, held)]
