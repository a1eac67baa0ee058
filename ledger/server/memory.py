"""The memory that the server's buffers may take: a part of what this machine, or its container, has."""

import os
from pathlib import Path

PART = 4
"""A quarter of the memory is what PostgreSQL advises to begin with (its documentation, shared_buffers)."""
LEAST_BYTES = 128 * 1024**2
"""PostgreSQL's own default."""
MOST_BYTES = 8 * 1024**3
"""Enough for what the views and indexes of some ten million events touch again and again, in no order: a page that
leaves is written, and read again, once for almost every event."""

# What a container may use: cgroups version 2, then version 1 (kernel documentation, cgroup-v2, cgroup-v1/memory).
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def shared_buffers() -> str:
    """Return the setting, in kilobytes."""
    return f"{min(max(memory_bytes() // PART, LEAST_BYTES), MOST_BYTES) // 1024}kB"


def memory_bytes() -> int:
    """Return the memory there is: the machine's, or less where a container is limited."""
    return min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_limits())


def _limits() -> list[int]:
    limits = [MOST_BYTES * PART]
    for path in _LIMITS:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if text.isdigit():  # `max` says that there is none
            limits.append(int(text))
    return limits
