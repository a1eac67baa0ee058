"""Figures of a run: spreads over its rounds, processor time of other processes, and the machine it ran on."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

_PROCESSES = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name in parentheses: state is the first (proc(5) counts it as the third).
_PARENT, _OWN, _CHILDREN = 1, slice(11, 13), slice(13, 15)
MICROSECONDS = 1e6


class Result(Struct, frozen=True, kw_only=True):
    """What a benchmark prints: its ratios to the limits measured in the same run, and everything else."""

    ratios: dict[str, float]
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


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process itself has used."""
    return _seconds(_stat(process)[_OWN])


def family_cpu_seconds(process: int) -> float:
    """Return the processor time of a process and its children, with those that have ended."""
    own = _stat(process)
    total = _seconds(own[_OWN]) + _seconds(own[_CHILDREN])
    for other in _PROCESSES.iterdir():
        if other.name.isdigit():
            try:
                stat = _stat(int(other.name))
            except OSError:
                continue  # it has just ended
            if int(stat[_PARENT]) == process:
                total += _seconds(stat[_OWN])
    return total


def machine(postgresql: str) -> Mapping[str, Any]:
    """Return what the figures were measured on."""
    return {"postgresql": postgresql, "python": platform.python_version(), "cpus": os.cpu_count()}


def _stat(process: int) -> list[str]:
    text = (_PROCESSES / str(process) / "stat").read_text("utf-8", "replace")
    return text.rpartition(")")[2].split()


def _seconds(ticks: Sequence[str]) -> float:
    return sum(int(tick) for tick in ticks) / _TICKS_PER_SECOND
