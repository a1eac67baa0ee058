"""Figures of a run: ratios and their limits, spreads over its rounds, and the machine it ran on."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

MICROSECONDS = 1e6
MEGABYTE = 1_000_000


class Limit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How small or how large a ratio may be: one of the two is said."""

    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        """Return it in words."""
        said = {"at least": self.at_least, "at most": self.at_most}
        return " and ".join(f"{words} {bound:g}" for words, bound in said.items() if bound is not None)

    def holds(self, ratio: float) -> bool:
        """Say whether a ratio is within it."""
        large_enough = self.at_least is None or ratio >= self.at_least
        return large_enough and (self.at_most is None or ratio <= self.at_most)


class Result(Struct, frozen=True, kw_only=True):
    """What a benchmark prints: its ratios within one run, `ours/theirs`, the limit of each, and everything else."""

    ratios: dict[str, float]
    limits: dict[str, Limit]
    figures: dict[str, Any]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return median, least and greatest of a figure over the rounds."""
    digits = 3 if max(values) < 100 else 0
    return {
        "median": round(statistics.median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def per_event(cpu_seconds: float, events: int) -> float:
    """Return processor time as microseconds for each event."""
    return round(cpu_seconds * MICROSECONDS / events, 1)


def machine(postgresql: str) -> Mapping[str, Any]:
    """Return what the figures were measured on."""
    return {"postgresql": postgresql, "python": platform.python_version(), "cpus": os.cpu_count()}
