"""What is written of a view: new rectangles, and ends that moved. Pure.

It is drawn up at once, stream by stream: a rectangle that is kept is moved on by what comes later, and a row is packed,
and its answer made into JSON, while it is at hand.
"""

from collections.abc import Container, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from projections.packed_rows import pack_end, pack_row
from projections.rectangle import Change, End, Rectangle, View
from projections.tallies import Tally

Values = tuple[Any, ...]


class Written(Struct, frozen=True, kw_only=True):
    """What is written to one view, of streams each of which is drawn up once.

    The newest rectangle of a key (`Rectangle.age`) stands in the view's table, and all others in its history. `first`
    are packed rows of the newest rectangles of streams that begin here; `later` those of other streams, which replace
    what stands there, each with the END_COLUMNS of that; `earlier` are packed rows of the history. `ended` are the
    parameters of end_rectangles, of keys that have no newer rectangle, and `moved` those of move_rectangles.
    """

    view: View
    log_id: int
    tally: Tally | None = None
    first: list[bytes] = msgspec.field(default_factory=list[bytes])
    later: list[bytes] = msgspec.field(default_factory=list[bytes])
    earlier: list[bytes] = msgspec.field(default_factory=list[bytes])
    ended: list[Values] = msgspec.field(default_factory=list[Values])
    moved: list[Values] = msgspec.field(default_factory=list[Values])

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
                self.earlier.append(pack_row(self.log_id, older))
        ends = self._move(change, newest) if change.moved else {}
        for r in newest.values():
            if begins:
                self.first.append(pack_row(self.log_id, r))
            else:
                self.later.append(pack_row(self.log_id, r, pack_end(ends.get(r.key))))

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


def draw_up(written: Sequence[Written], changes: Sequence[Change], *, begins: bool) -> None:
    """Take in what changes in each of some views of a stream."""
    for one, change in zip(written, changes, strict=True):
        one.draw_up(change, begins=begins)
