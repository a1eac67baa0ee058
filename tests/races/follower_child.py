"""A follower in a process of its own: `python -m tests.races.follower_child DATA FILE`.

It opens a service of its own, says "ready" and follows the log with `Feed.follow`. Once it is sent a line with a size
it goes on to that size and ends. FILE then has a line for each entry in the order in which the follower saw them.
"""

import asyncio
import contextlib
import sys
from pathlib import Path

from api.service import open_service
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.settings import read_settings
from tests.races.writing import LOG

FOLLOW_SECONDS = 60
"""How long it may take to see the rest once its size is told."""
POLL_SECONDS = 0.05


async def run(data: str, file: Path) -> None:
    seen: list[str] = []
    async with open_service(read_settings({}, data=data)) as service:
        following = asyncio.create_task(follow(service.feed, await service.find_log(LOG), seen))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        size = int(await asyncio.to_thread(sys.stdin.readline))
        async with asyncio.timeout(FOLLOW_SECONDS):
            while len(seen) < size and not following.done():  # noqa: ASYNC110 - the follower sets no event
                await asyncio.sleep(POLL_SECONDS)
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
    await asyncio.to_thread(file.write_text, "\n".join(seen))


async def follow(feed: Feed, log: LogInfo, seen: list[str]) -> None:
    async for page in feed.follow(log, 0):
        seen += [f"{stored.position} {stored.leaf_hash.hex()}" for stored in page]


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2])))
