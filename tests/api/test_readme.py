"""The README's examples, in its own words and order: one shell session with a service of its own."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.fenced import Fenced
from tests.api.readme_session import BLOCKS, NOT_RUN, README, is_run, session, steps_of
from tests.api.shell_session import run_session
from tests.faults.serving import free_port

ROW = re.compile(r"^\| `(?P<row>L[78],[^`]*)` \|", re.MULTILINE)
HEADER = "Listing,Seller,Online since,Taken down,Why"
OF_THE_MOMENT = ("recordedtime", "leaf_hash")
"""What a receipt has of the moment; all else of it is as the README shows it."""
TOLD = {
    "jejak serve &": ['"origin":"jejak.local/ledger/demo-shop"'],
    "/proof": ["c2sp.org/tlog-proof@v1\nindex 0\n"],
    "jejak show ": ["verified: entries, leaves, tiles, heads, checkpoints, streams and views\n"],
    "--since checkpoint": [
        "verified: signature, tiles, entries 0 to 0\n",
        "verified: signature, growth from size 1, tiles\n",
    ],
    "witness jakarta ": ["cosigned by witness.example/jakarta\n"],
    "api.client": ["from-python Receipt(", "\n['block-1']\n"],
    "jejak import ": ["3 new, 0 repeated; size 3 (nothing was stored)\n", "3 new, 0 repeated; size 6\n"],
    "jejak log reopen ": ["goes on as jejak.local/ledger/demo-shop/2: 7 entries", "of 8 that were signed"],
    "jejak erase ": ["subject:c1 is erased, values: 1,", "keys wrapped anew: 1;", '"claimant_name":"[ERASED]"'],
    "jejak restore ": ["backed up, and no key is in it\n", "the keys; keep them apart", "or later, and verified\n"],
}
"""What the session is told where a command stands, by a part of the command; it ends at the first that fails."""


def receipt(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return an answer to an append, without what is of the moment."""
    answer = msgspec.json.decode(text)
    for one in answer["receipts"]:
        for name in OF_THE_MOMENT:
            del one[name]
    return answer


def test_what_is_left_out_is_there_and_one_install_is_written_everywhere() -> None:
    left_out = [next(part for part in NOT_RUN if block.text.startswith(part)) for block in BLOCKS if not is_run(block)]
    installs = {block.text.rpartition(" && ")[0] for block in BLOCKS if "--without-pip" in block.text}

    assert set(left_out) == set(NOT_RUN)
    assert len(installs) == 1  # .ci/run installs by one of them


def test_a_block_that_nothing_is_known_of_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="neither run nor in NOT_RUN"):
        steps_of(Fenced("go", [], "package main\n"))


def test_every_example_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    blocks = [block for block in BLOCKS if is_run(block)]
    port = str(free_port())
    rows = [HEADER, *(found["row"] for found in ROW.finditer(README))]
    (tmp_path / "listings.csv").write_text("\n".join(rows) + "\n")
    printed = run_session(tmp_path, session(blocks, port, str(free_port())), JEJAK_PORT=port)
    parts = [part.partition("\n")[2] for part in printed.split("== ")[1:]]
    told = {block.text: part for block, part in zip(blocks, parts, strict=True)}

    (shown,) = (block.text for block in blocks if block.language == "json")
    (answered,) = (
        line for line in printed.splitlines() if '"id":"block-1","position":0' in line and "receipts" in line
    )
    assert receipt(answered) == receipt(shown)
    for command, words in TOLD.items():
        (said,) = (part for text, part in told.items() if command in text)
        assert [word for word in words if word not in said] == [], said
