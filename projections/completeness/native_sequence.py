"""Gaps in a source's own counter: numbers that its events should carry, and that no entry has (domain.md D14, Q44).

Every entry counts, as recorded: a voided event arrived, and so did one whose effect is yet to come. Pure.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct


class Mark(Struct, frozen=True, kw_only=True):
    """An event at which a gap shows: the one numbered right after it, or the one that says how far numbers go."""

    event: str
    subject: str


class Declared(Struct, frozen=True, kw_only=True):
    """A range of numbers that a source says it has used, `first` to `last`, and the event that says so."""

    first: int
    last: int
    mark: Mark


class Gap(Struct, frozen=True, kw_only=True):
    """Numbers that are missing, from `first` to `last`, and where that shows."""

    first: int
    last: int
    mark: Mark

    @property
    def missing(self) -> int:
        """How many numbers are missing."""
        return self.last - self.first + 1


class NativeSequence:
    """The numbers that came of one source, as runs without a gap: it holds no more than there are runs."""

    def __init__(self) -> None:
        """Begin with no number."""
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._marks: list[Mark] = []

    def add(self, number: int, mark: Mark) -> None:
        """Take a number that came with an event. Again, it says nothing new."""
        place = bisect_right(self._firsts, number)
        before = place - 1
        if before >= 0 and number <= self._lasts[before]:
            return
        follows = before >= 0 and self._lasts[before] == number - 1
        if follows:
            self._lasts[before] = number
        else:
            self._firsts.insert(place, number)
            self._lasts.insert(place, number)
            self._marks.insert(place, mark)
            before = place
        after = before + 1
        if after < len(self._firsts) and self._firsts[after] == number + 1:
            self._lasts[before] = self._lasts.pop(after)
            del self._firsts[after], self._marks[after]

    def runs(self) -> Iterator[Declared]:
        """Yield the runs in order, each with the event that its first number came with."""
        for first, last, mark in zip(self._firsts, self._lasts, self._marks, strict=True):
            yield Declared(first=first, last=last, mark=mark)


def sequence_gaps(sequence: NativeSequence, declared: Iterable[Declared] = ()) -> list[Gap]:
    """Return what is missing between the lowest and the highest number that came or was declared, in order."""
    ranges, runs = list(declared), list(sequence.runs())
    if not runs and not ranges:
        return []
    begins = [one.first for one in ranges] + [run.first for run in runs[:1]]
    expected, gaps = min(begins), list[Gap]()
    for run in runs:
        if run.first > expected:
            gaps.append(Gap(first=expected, last=run.first - 1, mark=run.mark))
        expected = run.last + 1
    farthest = max(ranges, key=lambda one: one.last, default=None)
    if farthest is not None and farthest.last >= expected:
        gaps.append(Gap(first=expected, last=farthest.last, mark=farthest.mark))
    return gaps


def missing_within(gaps: Iterable[Gap], first: int, last: int) -> int:
    """Return how many numbers from `first` to `last` are missing."""
    return sum(max(0, min(gap.last, last) - max(gap.first, first) + 1) for gap in gaps)
