"""Small disks, to be full: a tmpfs, which only root may mount."""

import contextlib
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

FILLER_BYTES = 1 << 20


class Disk:
    """A small disk of its own, filled and freed as a test says."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Leave not one byte."""
        size = FILLER_BYTES
        with (self.path / "filler").open("ab", buffering=0) as file:
            while size:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2

    def free(self) -> None:
        (self.path / "filler").unlink()


@contextlib.contextmanager
def mounted(path: Path, megabytes: int, mode: str) -> Generator[Disk]:
    """Yield a disk of its own at a new folder."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    path.mkdir()
    options = f"size={megabytes}m,mode={mode}"
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield Disk(path)
    finally:
        # Lazily: a server that a failed test left behind must not keep the mount for ever.
        subprocess.run(["/usr/bin/umount", "--lazy", str(path)], check=True)
