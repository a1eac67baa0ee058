"""Tallies against the log: the corners of every rectangle made again, summed, and compared with those that are kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ledger.database import AnyConnection
from projections.rectangle import Rectangle, View
from projections.replay import statements
from projections.tallies import Labels, corners, labels_of, written

READ_ROWS = 100
"""Rows that are fetched at once: a packed one has some 8,192 corners at most."""
MODULUS = 2**64


class TallyCheck:
    """Sums corners by view, certainty and labels: those of rectangles, and against them those of the tallies.

    Of each place a sum of hashes of corners is kept, whatever their order: it is nought where both are the same. Only
    what views had followed when the check began is compared: later corners may be on one side alone.
    """

    def __init__(self, views: Sequence[View], positions: Mapping[str, int]) -> None:
        """Take the views, and the position that each has followed, by name."""
        self._ends = {view.table: positions.get(view.name, 0) for view in views if view.tallied}
        self._sums: dict[tuple[str, str, Labels], int] = {}

    def expect(self, view: View, rectangles: Iterable[Rectangle]) -> None:
        """Take the rectangles that the log gives."""
        if view.tallied:
            labels = labels_of(view)
            for rectangle in rectangles:
                place = view.table, rectangle.certainty, written(labels(rectangle.row))
                for instant, position, sign in corners(rectangle, 0):
                    self._add(place, instant, position, sign)

    async def read(self, connection: AnyConnection, log_id: int) -> None:
        """Read the tallies of a log, on a connection that is in a transaction."""
        arguments = log_id, list(self._ends), max(self._ends.values(), default=0)
        async for row in connection.cursor(statements("read_tallies"), *arguments, prefetch=READ_ROWS):
            place = row["view"], row["certainty"], tuple(row["labels"])
            for instant, position, sign in zip(row["instants"], row["positions"], row["signs"], strict=True):
                self._add(place, instant, position, -sign)

    def wrong(self) -> list[tuple[str, str]]:
        """Return what does not agree, once all was taken: the view's table, and of which certainty and labels."""
        return sorted(
            (table, f"{certainty} {', '.join(map(str, labels))}")
            for (table, certainty, labels), found in self._sums.items()
            if found
        )

    def _add(self, place: tuple[str, str, Labels], instant: datetime, position: int, sign: int) -> None:
        if position < self._ends[place[0]]:
            self._sums[place] = (self._sums.get(place, 0) + sign * hash((instant, position))) % MODULUS
