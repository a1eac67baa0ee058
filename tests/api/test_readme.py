"""The README's examples, in its own words and order: one shell session with a service of its own, in an empty folder.

What is left out is run elsewhere: `.ci/run` takes the commands that install from the README itself; a witness goes on
until it is stopped (tests.api.test_witness_command); erasures and backups want what this session has not
(tests.api.test_erasing_command, tests.faults.test_backup); and a log is reopened only after a loss.
"""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.api.desk import Event

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(?P<row>L[78],[^`]*)` \|", re.MULTILINE)
ELSEWHERE = ("--without-pip", "jejak witness ", "jejak log reopen ", "jejak erase ", "jejak backup ")
PROGRAM, SHIPPED, PORT = ".venv/bin/jejak", "jejak serve &", "8321"
SESSION_SECONDS = 120
EVENT: Event = {
    "specversion": "1.0",
    "id": "from-python",
    "source": "/demo-shop/moderation",
    "type": "ListingPublished",
    "subject": "listing:demo-shop:L5",
    "time": "2025-03-01T09:00:00+07:00",
    "data": {},
}
HEAD = """set -euo pipefail
python3() { "$PYTHON" "$@"; }
curl() { command curl --fail-with-body "$@" && echo; }
jejak() { "$PYTHON" -m api "$@"; }
"""
READY = """"$PYTHON" -m api serve &
serving=$!
trap 'kill "$serving"; wait "$serving" || true' EXIT
until command curl -fsS "http://127.0.0.1:$JEJAK_PORT/health/ready" >ready 2>&1; do sleep 0.1; done
"""
PYTHON_HEAD = f"""import os
token, key, events = os.environ["WRITER"], os.environ["KEY"], [{EVENT!r}]
"""


def blocks(language: str) -> list[str]:
    """Return the README's blocks in a language, but for those that are run elsewhere."""
    found = [block["text"] for block in BLOCK.finditer(README) if block["language"] == language]
    return [text for text in found if not any(part in text for part in ELSEWHERE)]


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def session(port: str) -> str:
    """Return the shell's blocks as one script, each announced by its number, and the Python's at its end."""
    shell = [text.replace(PROGRAM, "jejak").replace(SHIPPED, READY) for text in blocks("sh")]
    announced = [f"echo '== {number}'\n{text}" for number, text in enumerate(shell)]
    last = 'WRITER="$writer" KEY="$key" "$PYTHON" client.py\n'
    return HEAD + "".join(announced).replace(PORT, port) + last


def test_every_example_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    (mapping,) = blocks("toml")
    (client,) = blocks("python")
    port = free_port()
    (tmp_path / "listings.toml").write_text(mapping)
    rows = ["Listing,Seller,Online since,Taken down,Why", *(found["row"] for found in ROW.finditer(README))]
    (tmp_path / "listings.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "client.py").write_text(PYTHON_HEAD + client.replace(PORT, port) + "    print(recorded)\n")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("JEJAK_")},
        "JEJAK_PORT": port,
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
    }
    ran = subprocess.run(
        ["bash", "-c", session(port)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SESSION_SECONDS,
        check=False,
    )
    told = ran.stdout.split("== ")

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert len(told) == len(blocks("sh")) + 1
    assert '"duplicate":false' in told[1]
    assert "jejak.local/ledger/demo-shop" in told[2]
    assert told[-1].rstrip().endswith("['block-1', 'export:L7:blocked']")
