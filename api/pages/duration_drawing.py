"""How long things took, group beside group: each value that is told as a dot, median and percentile as marks. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

WIDTH, ROW, TOP = 720, 46, 22
"""Units across, for a group with its name, and for the scale above all of them."""
TICKS = 4
"""Parts of the scale."""
ROUND = (1, 1.5, 2, 2.5, 5, 10)
"""What a part of the scale may be, times a power of ten: so that it can be read."""


class Strip(Struct, frozen=True, kw_only=True):
    """Where a group's durations are drawn; None where it has none that are over."""

    label: str
    y: int
    values: Sequence[float]
    median: float | None
    percentile: float | None


class Mark(Struct, frozen=True, kw_only=True):
    """Where an amount of the unit stands on the scale."""

    amount: float
    x: float


class Strips(Struct, frozen=True, kw_only=True):
    """Groups below one scale."""

    width: int
    height: int
    strips: Sequence[Strip]
    scale: Sequence[Mark]


def draw(groups: Sequence[tuple[str, Mapping[str, Any]]]) -> Strips | None:
    """Return where groups are drawn, by label and durations as a report has them (domain.md 13.2); None of nothing."""
    told = [float(amount) for _, durations in groups for amount in _amounts(durations)]
    if not told:
        return None
    part = _round_up(max(told) / TICKS)
    unit = WIDTH / (part * TICKS)

    def x(amount: str | None) -> float | None:
        return None if amount is None else round(float(amount) * unit, 1)

    strips = [
        Strip(
            label=label,
            y=TOP + ROW * number,
            values=[place for amount in durations["values"] or () if (place := x(amount)) is not None],
            median=x(durations["median"]),
            percentile=x(durations["p90"]),
        )
        for number, (label, durations) in enumerate(groups)
    ]
    scale = [Mark(amount=part * number, x=round(part * number * unit, 1)) for number in range(TICKS + 1)]
    return Strips(width=WIDTH, height=TOP + ROW * len(groups), strips=strips, scale=scale)


def _amounts(durations: Mapping[str, Any]) -> list[str]:
    amounts = [*(durations["values"] or ()), durations["median"], durations["p90"]]
    return [amount for amount in amounts if amount is not None]


def _round_up(least: float) -> float:
    """Return the smallest round number that is not less; 1 of nothing."""
    if least <= 0:
        return 1
    power = 10.0 ** len(str(int(least))) / 10
    return next(number * power for number in ROUND if number * power >= least)
