"""Where others' test vectors are: the folder `shared` beside the repository, which is not part of it.

A test that reads it is marked `needs_shared`, and finds its files by `shared_path("vectors/tile-paths.json")`.
"""

from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared"

SHARED: Path | None = _BESIDE_THE_CHECKOUT if (_BESIDE_THE_CHECKOUT / "vectors").is_dir() else None
"""The folder, or None where it is not beside this checkout."""

needs_shared = pytest.mark.skipif(SHARED is None, reason="shared vectors are not beside this checkout")
"""Marks a test that reads the folder. Where the folder is, a file that is missing from it fails the test."""


def shared_path(name: str) -> Path:
    """Return the path of a file or folder in `shared`. Only for tests marked `needs_shared`.

    Raises FileNotFoundError if it is not there, so that a moved vector is never a test that passes on nothing.
    """
    path = _BESIDE_THE_CHECKOUT / name
    if not path.exists():
        raise FileNotFoundError(path)
    return path
