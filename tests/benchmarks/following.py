"""A projector in a process of its own that follows what has been appended, and how long that takes it."""

import asyncio
import time

from msgspec import Struct

from projections.runner import statements
from projections.views import VIEWS
from tests.benchmarks.figures import cpu_seconds
from tests.benchmarks.server import NotAsStored, Product, running_child

POLL_SECONDS = 0.05
"""Between two looks at how far the views have come: a hundredth of the shortest round."""
STALLED_SECONDS = 120.0
"""Views that have not moved for so long have stopped."""
VIEW_NAMES = [view.name for view in VIEWS]


class Followed(Struct, frozen=True, kw_only=True):
    """How many events every view has followed, in what time, and what that cost; the start of a process is not in it.

    `position` is where the views were when the clock began.
    """

    position: int
    events: int
    seconds: float
    projector_cpu: float
    postgres_cpu: float

    @property
    def events_per_second(self) -> float:
        """The rate."""
        return self.events / self.seconds


async def follow(product: Product) -> Followed:
    """Start `jejak serve --only projector`, let it follow the log to its end, and stop it.

    The clock runs from the first time that the views are seen to have moved: by then the process has warmed up.
    Raises NotAsStored when they stop before the end.
    """
    size = await product.size()
    started_from = await position_of(product)
    folder = str(product.database.settings.data)
    async with running_child(("-m", "api", "serve", "--only", "projector", "--data", folder)) as child:
        first = await _moved(product, started_from)
        postgres, projector = product.cpu()[1], cpu_seconds(child.process)
        began = last = time.perf_counter()
        position = first
        while position < size:
            await asyncio.sleep(POLL_SECONDS)
            now = await position_of(product)
            if now != position:
                position, last = now, time.perf_counter()
            elif time.perf_counter() - last > STALLED_SECONDS:
                raise NotAsStored(f"the views stopped at {position} of {size} events")
        return Followed(
            position=first,
            events=size - first,
            seconds=last - began,
            projector_cpu=cpu_seconds(child.process) - projector,
            postgres_cpu=product.cpu()[1] - postgres,
        )


async def position_of(product: Product) -> int:
    """Return how far all views have followed the log."""
    rows = await product.database.pool("reader").fetch(statements("read_cursors"), VIEW_NAMES)
    position: int = next(row["position"] for row in rows if row["log_id"] == product.log.log_id)
    return position


async def _moved(product: Product, position: int) -> int:
    """Return the first position seen after this one."""
    async with asyncio.timeout(STALLED_SECONDS):
        now = await position_of(product)
        while now == position:
            await asyncio.sleep(POLL_SECONDS)
            now = await position_of(product)
        return now
