"""The vectors of transparency-dev/merkle, and how they are read: base64 hashes, Go's null for an empty proof."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.tlog.proof import ProofError
from tests.shared import shared_path


def vectors(kind: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return the vectors of one kind, with the files that they are in."""
    folder = shared_path(f"vectors/merkle-testdata/{kind}")
    return [(path, json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]


def decode(values: list[str] | None) -> list[bytes]:
    """Return hashes of a vector."""
    return [base64.b64decode(value) for value in values or []]


def is_refused(check: Callable[..., None], *arguments: object) -> bool:
    """Tell whether a check raises ProofError."""
    try:
        check(*arguments)
    except ProofError:
        return True
    return False
