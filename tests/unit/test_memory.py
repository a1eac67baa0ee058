"""The memory that the server's buffers take: a quarter of what there is, and less in a small container."""

import os
from pathlib import Path

import pytest

from ledger.server import memory

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("machine", "container", "setting"),
    [
        (4 * GIGABYTE, None, "1048576kB"),
        (4 * GIGABYTE, "max\n", "1048576kB"),
        (4 * GIGABYTE, f"{2 * GIGABYTE}\n", "524288kB"),
        (4 * GIGABYTE, f"{64 * GIGABYTE}\n", "1048576kB"),
        (GIGABYTE // 4, None, "131072kB"),
        (512 * GIGABYTE, None, "8388608kB"),
    ],
    ids=["no container", "no limit", "a small container", "a large one", "little memory", "much memory"],
)
def test_buffers_take_a_quarter_of_the_memory_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: int, container: str | None, setting: str
) -> None:
    limit = tmp_path / "memory.max"
    if container is not None:
        limit.write_text(container, encoding="ascii")
    monkeypatch.setattr(memory, "_LIMITS", (tmp_path / "missing", limit))
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": machine // 4096}.__getitem__)
    assert memory.shared_buffers() == setting
