"""A ledger that has grown: made for one run, or kept in a folder and used again, so that many events are sent once.

Whatever its size, it begins as every small one does: its first SMALL_EVENTS are the same events, so what was known then
can be asked of both. It grows from where it was: the lanes of a later run are numbered from the size at which it began.
"""

import contextlib
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

from projections.checking import check_views
from projections.views import VIEWS
from tests.benchmarks.append import Sender
from tests.benchmarks.following import following
from tests.benchmarks.options import Options
from tests.benchmarks.project import append
from tests.benchmarks.server import NotAsStored, Product, running_product

SMALL_EVENTS = 12_000
"""Ten thousand, in whole batches of every connection."""
GROWING_SECONDS = 24 * 3_600.0
"""A day is enough for ten million events on any machine that is worth measuring."""
EVENT_DISK_BYTES = 4_096
"""What an event needs on the disk until the run is over: with views, search and their write-ahead log."""


class NoRoom(Exception):
    """The disk cannot hold as many events as are asked for."""


@contextlib.asynccontextmanager
async def grown_product(options: Options, default: int, *, searched: bool = False) -> AsyncGenerator[Product]:
    """Yield a service over about so many events, `options.events` or the default, whose views have followed.

    A ledger kept in `options.data` is as large as it is, unless more events are asked for. With `searched`, the search
    has followed too. Raises NotDurable, NoRoom, RequestFailed or NotAsStored.
    """
    async with running_product(options.data) as product:
        kept = await product.size()
        events = options.events or kept or default
        check_room(product.database.settings.data, events - kept)
        appended, _ = await grow(product, Sender(product, kept), events, options.seconds or GROWING_SECONDS)
        if await product.size() != kept + appended:
            raise NotAsStored(f"{appended} events were answered after {kept}, {await product.size()} are stored")
        async with following(product) as follower:  # which the views have done when it is there
            if searched:
                await follower.search()
        yield product


async def grow(product: Product, sender: Sender, events: int, seconds: float) -> tuple[int, float]:
    """Append until the log has so many events, to the next whole batches, or the requests have taken so much time.

    Returns how many were appended, and that time.
    """
    size, before, taken = await product.size(), sender.sent_events, 0.0
    for end in (min(SMALL_EVENTS, events), events):
        taken += (await append(sender, end - size - sender.sent_events + before, seconds - taken))[1]
    return sender.sent_events - before, taken


async def check_grown(product: Product, events: int) -> None:
    """Raise NotAsStored unless the log has so many events and verifies, and its views are what it gives."""
    await product.check(events)
    async with product.database.owner() as owner:  # who may take longer than a reader over ten million events
        wrong = await check_views(owner, product.log, VIEWS)
    if wrong:
        raise NotAsStored(f"the views are not what the log gives: {wrong[:3]}")


def check_room(folder: Path, events: int) -> None:
    """Raise NoRoom unless so many more events fit beside this folder."""
    free, needed = shutil.disk_usage(folder).free, events * EVENT_DISK_BYTES
    if free < needed:
        raise NoRoom(f"{events:,} more events need {needed / 1e9:.0f} GB, and {free / 1e9:.0f} GB are free at {folder}")
