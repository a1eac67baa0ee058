"""The feed tells other processes that logs have grown."""

import asyncio

from ledger.database import Database
from ledger.feed import CHANNEL, Feed
from tests.histories import make_log

TOLD_SECONDS = 10
"""Long enough on a busy machine, too."""


async def test_growth_that_comes_right_after_others_were_told_is_told_too(database: Database) -> None:
    log = await make_log(database, "alpha")
    told: asyncio.Queue[None] = asyncio.Queue()
    feed = Feed(database.pool("reader"))

    def hear(*_: object) -> None:
        told.put_nowait(None)

    async with database.owner() as other, asyncio.timeout(TOLD_SECONDS):
        await other.add_listener(CHANNEL, hear)
        feed.start()
        try:
            feed.wake(log, 1)
            await told.get()
            for size in (2, 3, 4):
                feed.wake(log, size)
            await told.get()
            assert told.empty()
        finally:
            await feed.close()
