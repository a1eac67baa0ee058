"""How long things took: those that are over, and those that are not yet (domain.md 13.2, censoring). Pure."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.instants import TICK
from projections.metrics.order_statistics import median, nearest_rank

Unit = Literal["hours", "days"]
UNITS: dict[Unit, timedelta] = {"hours": timedelta(hours=1), "days": timedelta(days=1)}
PLACES = Decimal("0.0001")
"""A duration is written to a ten-thousandth of its unit: less than a second of an hour, ten of a day."""
FEW = 10
"""Of fewer values a percentile says little: they are shown beside it."""
AGES_LISTED = 100
"""Ages of open things that are shown at most, the greatest first; `n_open` counts them all."""


class Durations(Struct, kw_only=True):
    """How long each thing took that is over, and how old each is that is open, at the question's moment."""

    over: list[timedelta] = msgspec.field(default_factory=list[timedelta])
    open: list[timedelta] = msgspec.field(default_factory=list[timedelta])

    def describe(self, unit: Unit, percents: Sequence[int] = (90,)) -> dict[str, Any]:
        """Return count, median and percentiles as JSON values, decimals of the unit as strings; null of nothing.

        `values` are there of fewer than FEW. Medians are of what is over alone; what is open stands beside them.
        """
        return {
            "unit": unit,
            "n": len(self.over),
            "median": written(median(self.over), unit),
            **{f"p{percent}": written(nearest_rank(self.over, percent), unit) for percent in percents},
            "values": [written(value, unit) for value in sorted(self.over)] if len(self.over) < FEW else None,
            "n_open": len(self.open),
            "open_ages": [written(age, unit) for age in sorted(self.open, reverse=True)[:AGES_LISTED]],
        }


def written(duration: timedelta | None, unit: Unit) -> str | None:
    """Return a duration as a decimal of a unit, without trailing zeros."""
    if duration is None:
        return None
    exact = Decimal(duration // TICK) / Decimal(UNITS[unit] // TICK)
    text = format(exact.quantize(PLACES, ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".")
