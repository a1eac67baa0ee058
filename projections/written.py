"""What is written of a view: new rectangles, and ends that moved. Pure.

It is drawn up at once, stream by stream: a rectangle that is kept is moved on by what comes later, and a row's answer
is made into JSON while it is at hand.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from projections.rectangle import Change, View, stored_row
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

Values = tuple[Any, ...]


def _values() -> list[Values]:
    return []


class Written(Struct, frozen=True, kw_only=True):
    """What is written to one view: rows as they are added, and the parameters of end_rectangles and move_rectangles.

    An end is (certainty, subject, key, valid_to, valid_to_known); a move is (certainty, subject, key, valid_from,
    known_from, valid_to, valid_to_known, known_to).
    """

    view: View
    log_id: int
    tally: Tally | None = None
    ended: list[Values] = msgspec.field(default_factory=_values)
    moved: list[Values] = msgspec.field(default_factory=_values)
    added: list[Values] = msgspec.field(default_factory=_values)

    def draw_up(self, change: Change) -> None:
        """Take in what changes: rectangles as they are now. One that is added and was moved since is only added."""
        if not change.added and not change.moved:
            return
        if self.tally is not None:
            self.tally.take(change)
        added = {id(rectangle) for rectangle in change.added} if change.moved else ()
        for r in {id(rectangle): rectangle for rectangle in change.moved if id(rectangle) not in added}.values():
            if r.is_folded:
                place = (r.certainty, r.subject, r.key, r.valid_from, r.known_from)
                self.moved.append((*place, r.valid_to, r.valid_to_known, r.known_to))
            else:
                self.ended.append((r.certainty, r.subject, r.key, r.valid_to, r.valid_to_known))
        for r in change.added:
            owner = (self.log_id, r.subject, r.key, r.certainty)
            ranges = (r.valid_from, r.valid_to, r.valid_to_known, r.known_from, r.known_to)
            self.added.append((*owner, *ranges, *stored_row(r.row)))


def draw_up(written: Sequence[Written], changes: Sequence[Change]) -> None:
    """Take in what changes in each of some views."""
    for one, change in zip(written, changes, strict=True):
        one.draw_up(change)
