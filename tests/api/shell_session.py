"""Shell examples run one after another, as a reader would: one session, in a folder with an installed `jejak`."""

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.serving import ROOT, environment

SESSION_SECONDS = 240
"""Several times what the longest takes on two busy processors, and less than a test may: so it is ended in order."""
HEAD = """set -euo pipefail
trap 'kill $(jobs -p) || true; wait' EXIT
"""
CURL = """fail-with-body
retry = 120
retry-delay = 1
retry-connrefused
write-out = "\\n"
"""
"""curl fails where it is refused, and waits, as a reader does, for a service that has just been started."""


def run_session(folder: Path, script: str, **variables: str) -> str:
    """Return what a script printed, which ends at the first command that fails; what it has started is ended with it.

    `variables` are in its environment. Raises AssertionError where it fails, or takes too long.
    """
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".curlrc").write_text(CURL)
    ran = subprocess.run(
        ["timeout", str(SESSION_SECONDS), "bash", "-c", HEAD + script],
        cwd=folder,
        env={
            **environment(),
            "CURL_HOME": str(folder),
            "PATH": f"{folder}/.venv/bin:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout
