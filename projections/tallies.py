"""Tallies: how many items a view has at any moment, kept so that nobody has to read the view to count them. Pure.

A rectangle answers for (as_of T, size N) when

    valid_from <= T  and  known_from < N <= known_to  and  (T < valid_to  or  N <= valid_to_known)

which is a sum of corners: +1 at (valid_from, known_from), -1 at (valid_to, valid_to_known), and both taken back at
known_to. A corner counts for T and N when its instant is at most T and its position below N. So the number of items at
a moment is the sum of all corners before it, by instant and by position: a corner never changes, whatever becomes known
later, and those of one stretch of a log are kept together, by the labels that items are asked by.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TypeAlias

from projections.rectangle import FOR_EVER, STILL_KNOWN, Change, Rectangle, Row, View

Values: TypeAlias = tuple[str | bool | None, ...]
"""The values of a view's tallied columns."""
Labels: TypeAlias = tuple[str | None, ...]
"""The same, as PostgreSQL writes them as text."""
_TRUTHS = {False: "false", True: "true"}
TALLY = "tally"
"""The table of all tallies, by the table of their view."""
COLUMNS = (
    "log_id",
    "view",
    "certainty",
    "labels",
    "first_instant",
    "last_instant",
    "first_position",
    "last_position",
    "total",
    "instants",
    "positions",
    "signs",
)


Corner: TypeAlias = tuple[datetime, int, int]
"""From an instant on, for those who know the entry of a position, there is one item more (+1) or less (-1)."""


def labels_of(view: View) -> Callable[[Row], Values]:
    """Return what tells the values of a view's tallied columns: two at least, as itemgetter has it."""
    return itemgetter(*(number for number, name in enumerate(view.columns) if name in view.tallied))


def written(values: Values) -> Labels:
    """Return labels as PostgreSQL writes them."""
    return tuple(_TRUTHS[value] if isinstance(value, bool) else value for value in values)


def corners(rectangle: Rectangle, start: int) -> list[Corner]:
    """Return the corners of a rectangle that became known at position `start` or after it."""
    found: list[Corner] = []
    if rectangle.known_from >= start:
        found.append((rectangle.valid_from, rectangle.known_from, 1))
    has_end = rectangle.valid_to is not FOR_EVER and rectangle.valid_to != FOR_EVER
    if has_end and rectangle.valid_to_known >= start:
        found.append((rectangle.valid_to, rectangle.valid_to_known, -1))
    if start <= rectangle.known_to < STILL_KNOWN:
        found.append((rectangle.valid_from, rectangle.known_to, -1))
        if has_end:
            found.append((rectangle.valid_to, rectangle.known_to, 1))
    return found


class Tally:
    """The corners that some entries of a log add to a view's tallies, by certainty and labels.

    Corners that take each other back are left out: most changes of an item are of what it is not asked by.
    """

    def __init__(self, view: View, start: int) -> None:
        """Take the view, and the position of the first of the entries."""
        self._labels = labels_of(view) if view.tallied else None
        self._start = start
        self._found: dict[tuple[str, Values], dict[tuple[datetime, int], int]] = {}

    def take(self, change: Change) -> None:
        """Count in what the entries change of some streams: of each stream all at once, as rectangles are after it."""
        if self._labels is None:
            return
        for rectangle in _once(change):
            place = self._found.setdefault((rectangle.certainty, self._labels(rectangle.row)), {})
            for instant, position, sign in corners(rectangle, self._start):
                at = instant, position
                place[at] = place.get(at, 0) + sign

    def rows(self, log_id: int, table: str) -> list[tuple[object, ...]]:
        """Return the rows of COLUMNS that they are, for the table of the view."""
        rows: list[tuple[object, ...]] = []
        for (certainty, values), place in self._found.items():
            signed = [(*at, sign) for at, sign in place.items() if sign]
            if signed:
                rows.append((log_id, table, certainty, written(values), *_packed(signed)))
        return rows


def _once(change: Change) -> Iterable[Rectangle]:
    """Return each rectangle once: what was added may have been moved, too."""
    if not change.moved:
        return change.added
    return {id(rectangle): rectangle for rectangle in (*change.added, *change.moved)}.values()


def _packed(signed: Sequence[Corner]) -> tuple[object, ...]:
    """Return corners as the columns have them from first_instant on."""
    instants, positions, signs = zip(*signed, strict=True)
    bounds = min(instants), max(instants), min(positions), max(positions)
    return (*bounds, sum(signs), instants, positions, signs)
