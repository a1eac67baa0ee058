"""The demonstration as the README begins it, and the guide's shell examples, which are true of it."""

from pathlib import Path

from api.docs_pages import read_guide
from tests.api.fenced import fenced
from tests.api.readme_session import BLOCKS, PORT
from tests.api.shell_session import run_session
from tests.faults.serving import free_port

COLUMNS = "100"
"""How wide the README shows the table of answers."""
BEGIN = """ >table &
curl -sS http://127.0.0.1:8321/health/ready
"""
KEY = """key=$(curl -sS http://127.0.0.1:8321/v1/logs/lazada-id -H @operator.header \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
"""
GUIDES = ("start", "verify")
"""The pages with examples for the shell: a token is made in the first, and the second needs a key."""


def test_the_demonstration_answers_as_the_readme_shows_and_is_verified_as_the_guide_says(tmp_path: Path) -> None:
    (begin,) = (block.text for block in BLOCKS if block.text.endswith("jejak demo\n"))
    (shown,) = (block.text for block in BLOCKS if block.text.startswith("│ A16 │"))
    start, verify = (block.text for name in GUIDES for block in fenced(read_guide(name)) if block.language == "sh")
    port = str(free_port())
    script = (begin.rpartition(" && ")[2].rstrip("\n") + BEGIN + start + KEY + verify).replace(PORT, port)
    printed = run_session(tmp_path, script, JEJAK_PORT=port, COLUMNS=COLUMNS)

    assert "verified: signature, tiles, entries 0 to " in printed
    assert (tmp_path / "checkpoint").read_text().startswith("test.jejak.local/ledger/lazada-id\n")
    assert shown in (tmp_path / "table").read_text()
