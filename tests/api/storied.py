"""The story of domain.md 14.2, told log by log, each commit when the ledger's clock showed what the story says."""

import gzip
from datetime import datetime
from itertools import groupby

import msgspec

from tests.api.desk import Desk, Event
from tests.histories import append_commits
from tests.shared import shared_path

LOGS = {
    "lazada-id": ("PLATFORM", "Asia/Jakarta", "ID", "PUBLIC"),
    "tiktok-shop-id": ("PLATFORM", "Asia/Jakarta", "ID", "PUBLIC"),
    "public-record": ("REGISTER", "UTC", None, "PUBLIC"),
    "bpkn": ("FORUM", "Asia/Jakarta", "ID", "CONFIDENTIAL"),
}


async def tell_story(desk: Desk, *slugs: str) -> None:
    """Create these logs and append what the story says in them; the desk's ledger has a test clock."""
    with gzip.open(shared_path("scenario/scenario.ndjson.gz")) as lines:
        told: list[Event] = [msgspec.json.decode(line) for line in lines]
    for slug in slugs:
        log = await desk.service.create_log(slug, *LOGS[slug])
        mine = [event for event in told if event["log"] == slug and event["type"] != "ErasureExecuted"]
        commits = [
            (
                datetime.fromisoformat(when),
                [{name: one[name] for name in one.keys() - {"log", "recordedtime"}} for one in events],
            )
            for when, events in groupby(mine, key=lambda event: str(event["recordedtime"]))
        ]
        await append_commits(desk.service.appender, log, commits)
    await desk.follow()
