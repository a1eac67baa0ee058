"""What is written of a view: new rectangles, and ends that moved. Pure.

It is drawn up at once, stream by stream: a rectangle that is kept is moved on by what comes later, and a row's answer
is made into JSON while it is at hand.
"""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from projections.rectangle import Change, Rectangle, View, stored_row
from projections.tallies import Tally

RECTANGLE_COLUMNS = (
    "log_id",
    "subject",
    "key",
    "certainty",
    "valid_from",
    "valid_to",
    "valid_to_known",
    "known_from",
    "known_to",
)
"""Of the table of every view, before its own columns."""
END_COLUMNS = ("ended", "ended_known")
"""After its own columns, of what is to replace newest rectangles: the end of what it replaces, or null."""

Values = tuple[Any, ...]
End = tuple[datetime, int]
"""Of a rectangle, and the position from which on it is known: `valid_to`, `valid_to_known`."""


def _values() -> list[Values]:
    return []


class Written(Struct, frozen=True, kw_only=True):
    """What is written to one view, of streams each of which is drawn up once.

    The newest rectangle of a key (`Rectangle.age`) stands in the view's table, and all others in its history. `first`
    are rows of the newest rectangles of streams that begin here; `later` those of other streams, which replace what
    stands there, each with its end in `ends` where that is new; `earlier` are rows of the history. `ended` are the
    parameters of end_rectangles, of keys that have no newer rectangle, and `moved` those of move_rectangles.
    """

    view: View
    log_id: int
    tally: Tally | None = None
    first: list[Values] = msgspec.field(default_factory=_values)
    later: list[Values] = msgspec.field(default_factory=_values)
    ends: list[End | None] = msgspec.field(default_factory=list[End | None])
    earlier: list[Values] = msgspec.field(default_factory=_values)
    ended: list[Values] = msgspec.field(default_factory=_values)
    moved: list[Values] = msgspec.field(default_factory=_values)

    def draw_up(self, change: Change, *, begins: bool) -> None:
        """Take in what changes in a stream: rectangles as they are now. One that is added and was moved is only added.

        `begins` tells that there was nothing of the stream before.
        """
        if not change.added and not change.moved:
            return
        if self.tally is not None:
            self.tally.take(change)
        newest: dict[str, Rectangle] = {}
        for r in change.added:
            other = newest.setdefault(r.key, r)
            if other is not r:
                older, newest[r.key] = (other, r) if r.age > other.age else (r, other)
                self.earlier.append(self._row(older))
        ends = self._move(change, newest) if change.moved else {}
        for r in newest.values():
            if begins:
                self.first.append(self._row(r))
            else:
                self.later.append(self._row(r))
                self.ends.append(ends.get(r.key))

    def _move(self, change: Change, newest: Container[str]) -> dict[str, End]:
        """Take in the ends that moved of what was there before; return those of what is replaced, by key."""
        ends: dict[str, End] = {}
        added = {id(rectangle) for rectangle in change.added}
        for r in {id(rectangle): rectangle for rectangle in change.moved if id(rectangle) not in added}.values():
            if r.is_folded:
                place = (r.certainty, r.subject, r.key, r.valid_from, r.known_from)
                self.moved.append((*place, r.valid_to, r.valid_to_known, r.known_to))
            elif r.key in newest:
                ends[r.key] = r.valid_to, r.valid_to_known
            else:
                self.ended.append((r.subject, r.key, r.valid_to, r.valid_to_known))
        return ends

    def _row(self, r: Rectangle) -> Values:
        owner = (self.log_id, r.subject, r.key, r.certainty)
        return (*owner, r.valid_from, r.valid_to, r.valid_to_known, r.known_from, r.known_to, *stored_row(r.row))


def draw_up(written: Sequence[Written], changes: Sequence[Change], *, begins: bool) -> None:
    """Take in what changes in each of some views of a stream."""
    for one, change in zip(written, changes, strict=True):
        one.draw_up(change, begins=begins)
