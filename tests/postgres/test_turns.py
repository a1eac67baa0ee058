"""Requests that come at once are drafted a few at a time: a commit that is under way goes on between them."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.appender import TURN_REQUESTS
from ledger.database import Database
from ledger.judging import Receipt
from ledger.sequencer import Sequencer
from tests.histories import AUTHOR, INTAKE, make_appender, make_log
from tests.races.writing import published

REQUESTS = 9


@pytest.mark.parametrize("each", [False, True])
async def test_of_requests_that_come_at_once_a_few_are_drafted_in_each_turn_of_the_loop(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each: bool
) -> None:
    queued: list[str] = []

    async def queue(_sequencer: Sequencer, drafts: list[Any], **_said: object) -> list[Receipt]:
        queued.extend(draft.id for draft in drafts)
        return [Receipt(id=draft.id, position=0, version=1, recordedtime="", leaf_hash="") for draft in drafts]

    monkeypatch.setattr(Sequencer, "append", queue)
    appender, log = make_appender(database, tmp_path), await make_log(database, "alpha")
    append = appender.append_each if each else appender.append
    ids = [f"event-{number}" for number in range(REQUESTS)]
    requests = [INTAKE.read_one(msgspec.json.encode(published(event_id, "listing:p1:l1"))) for event_id in ids]
    tasks = [asyncio.create_task(append(log, AUTHOR, request)) for request in requests]
    sizes = [0]
    while len(queued) < REQUESTS:
        await asyncio.sleep(0)
        sizes.append(len(queued))
    await asyncio.gather(*tasks)
    await appender.close()
    assert queued == ids
    assert max(after - before for before, after in pairwise(sizes)) <= TURN_REQUESTS
