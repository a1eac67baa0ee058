"""A projector in a process of its own that follows what has been appended, and how long that takes it."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncGenerator

from msgspec import Struct

from projections.runner import statements
from projections.views import VIEW_NAMES
from tests.benchmarks.figures import cpu_seconds
from tests.benchmarks.server import NotAsStored, Product, running_child

POLL_SECONDS = 0.05
"""Between two looks at how far the views have come: a hundredth of the shortest round."""
STALLED_SECONDS = 120.0
"""Views that have not moved for so long have stopped."""


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


class Follower:
    """A projector that runs beside the service, and rests while the log is appended to. Made by `following`."""

    def __init__(self, product: Product, process: int) -> None:
        """Take the service, and the projector's process."""
        self._product = product
        self._process = process

    async def position(self) -> int:
        """Return how far the views have followed."""
        return await position_of(self._product)

    async def follow(self) -> Followed:
        """Let the projector follow the log to its end, and rest again.

        The clock runs from the first time that the views are seen to have moved. Raises NotAsStored when they stop
        before the end.
        """
        size = await self._product.size()
        started_from = await self.position()
        self.send(signal.SIGCONT)
        first = await _moved(self._product, started_from)
        postgres, projector = self._product.cpu()[1], cpu_seconds(self._process)
        began = time.perf_counter()
        ended = await self.reach(size, first)
        followed = Followed(
            position=first,
            events=size - first,
            seconds=ended - began,
            projector_cpu=cpu_seconds(self._process) - projector,
            postgres_cpu=self._product.cpu()[1] - postgres,
        )
        self.send(signal.SIGSTOP)  # it has nothing to do, so it holds nothing
        return followed

    async def reach(self, size: int, position: int) -> float:
        """Wait until the views have followed so far from a position; return when (seconds) they were seen to have."""
        last = time.perf_counter()
        while position < size:
            await asyncio.sleep(POLL_SECONDS)
            now = await position_of(self._product)
            if now != position:
                position, last = now, time.perf_counter()
            elif time.perf_counter() - last > STALLED_SECONDS:
                raise NotAsStored(f"the views stopped at {position} of {size} events")
        return last

    def send(self, said: signal.Signals) -> None:
        """Send a signal to the projector."""
        os.kill(self._process, said)


@contextlib.asynccontextmanager
async def following(product: Product) -> AsyncGenerator[Follower]:
    """Yield `jejak serve --only projector`, which has followed the log so far and rests; ended afterwards."""
    folder = str(product.database.settings.data)
    async with running_child(("-m", "api", "serve", "--only", "projector", "--data", folder)) as child:
        follower = Follower(product, child.process)
        try:
            await follower.reach(await product.size(), await position_of(product))
            follower.send(signal.SIGSTOP)
            yield follower
        finally:
            follower.send(signal.SIGCONT)


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
