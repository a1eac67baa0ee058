"""What other processes take of the machine, by /proc: their processor time, and their memory."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

_PROCESSES = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name in parentheses: state is the first (proc(5) counts it as the third).
_PARENT, _OWN, _CHILDREN = 1, slice(11, 13), slice(13, 15)
KILOBYTE = 1_024
"""What these files call kB (proc_pid_status(5), proc_pid_smaps(5))."""


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process itself has used."""
    return _seconds(_stat(process)[_OWN])


def family_cpu_seconds(process: int) -> float:
    """Return the processor time of a process and its children, with those that have ended."""
    own = _stat(process)
    total = _seconds(own[_OWN]) + _seconds(own[_CHILDREN])
    for child in _children(process):
        with contextlib.suppress(OSError):  # it has just ended
            total += _seconds(_stat(child)[_OWN])
    return total


def family_memory(process: int) -> int:
    """Return the bytes of memory that a process and its children take, what several share divided among them (PSS)."""
    total = own_memory(process)
    for child in _children(process):
        with contextlib.suppress(OSError):  # it has just ended
            total += own_memory(child)
    return total


def own_memory(process: int) -> int:
    """Return the bytes of memory that a process itself takes, of shared ones its part (PSS)."""
    return _kilobytes(process, "smaps_rollup", "Pss:")


def peak_memory(process: int) -> int:
    """Return the most bytes of memory that a process itself has ever had, shared ones too (VmHWM)."""
    return _kilobytes(process, "status", "VmHWM:")


def _children(process: int) -> list[int]:
    """Return the processes that a process has started and that run."""
    found: list[int] = []
    for other in _PROCESSES.iterdir():
        if other.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended
                if int(_stat(int(other.name))[_PARENT]) == process:
                    found.append(int(other.name))
    return found


def _kilobytes(process: int, file: str, name: str) -> int:
    text = (_PROCESSES / str(process) / file).read_text("utf-8", "replace")
    (line,) = [line for line in text.splitlines() if line.startswith(name)]
    return int(line.split()[1]) * KILOBYTE


def _stat(process: int) -> list[str]:
    text = (_PROCESSES / str(process) / "stat").read_text("utf-8", "replace")
    return text.rpartition(")")[2].split()


def _seconds(ticks: Sequence[str]) -> float:
    return sum(int(tick) for tick in ticks) / _TICKS_PER_SECOND
