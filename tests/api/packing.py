"""How tests open an evidence pack, and verify it with its own script alone."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from msgspec import Struct

VERIFY_SECONDS = 60


class Verdict(Struct, frozen=True):
    """How `verify.py` ended, and what it said."""

    code: int
    output: str
    errors: str


def unpacked(content: bytes, folder: Path) -> Path:
    """Return the folder into which a pack was unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def verified(folder: Path, *keys: str) -> Verdict:
    """Run the pack's own script alone: Python without site-packages, in a folder where nothing of ours is."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *keys]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=VERIFY_SECONDS, check=False)
    return Verdict(ended.returncode, ended.stdout, ended.stderr)
