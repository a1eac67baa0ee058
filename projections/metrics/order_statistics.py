"""Medians and percentiles, by one definition each (domain.md 13.2). Pure."""

from collections.abc import Sequence
from datetime import timedelta

WHOLE = 100
"""A percentile is a whole number of hundredths."""


def median(values: Sequence[timedelta]) -> timedelta | None:
    """Return the middle one of some values; of an even number the mean of the two middle ones, None of none."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def nearest_rank(values: Sequence[timedelta], percent: int) -> timedelta | None:
    """Return the percentile by nearest rank: of n values in order the one at ⌈percent/100 · n⌉, None of none.

    `percent` is 1 to 100. Whole numbers alone: a rounded product would pick the neighbour.
    """
    if not values:
        return None
    rank = -(-percent * len(values) // WHOLE)
    return sorted(values)[rank - 1]
