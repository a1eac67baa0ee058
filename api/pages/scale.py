"""Time as a length: instants spread over a drawing so that a short span can still be seen between long ones.

Each stretch between two neighbours gets a part of the room by its length in time and an equal part beside. So order is
true, distances are not, and a page that draws by it says so.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

EQUAL_SHARE = 0.7
"""Of the room, what is shared equally among the stretches; the rest goes by their length."""


class Scale(Struct, frozen=True, kw_only=True):
    """Instants in order, as seconds, and where each stands in the drawing, in its units."""

    seconds: tuple[float, ...]
    places: tuple[float, ...]

    def at(self, instant: datetime) -> float:
        """Return where an instant stands; one outside stands at the nearer end."""
        second = instant.timestamp()
        after = bisect_right(self.seconds, second)
        if after == 0:
            return self.places[0]
        if after == len(self.seconds):
            return self.places[-1]
        first, last = self.seconds[after - 1], self.seconds[after]
        share = (second - first) / (last - first)
        return self.places[after - 1] + share * (self.places[after] - self.places[after - 1])


def scale_over(instants: Iterable[datetime], start: float, end: float) -> Scale:
    """Return the scale that puts the first of these instants at `start` and the last at `end`."""
    seconds = tuple(sorted({instant.timestamp() for instant in instants}))
    whole, stretches = seconds[-1] - seconds[0], len(seconds) - 1
    place, places = start, [start]
    for first, last in pairwise(seconds):
        place += (end - start) * (EQUAL_SHARE / stretches + (1 - EQUAL_SHARE) * (last - first) / whole)
        places.append(place)
    return Scale(seconds=seconds, places=tuple(places))
