"""A projector in a process of its own that follows what has been appended, and how long that takes it."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from msgspec import Struct

from projections.event_search import SEARCH
from projections.runner import statements
from projections.views import VIEW_NAMES
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.server import NotAsStored, Product, running_child, serve_command

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
        ended = await reach(self._product, size, position_of)
        followed = Followed(
            position=first,
            events=size - first,
            seconds=ended - began,
            projector_cpu=cpu_seconds(self._process) - projector,
            postgres_cpu=self._product.cpu()[1] - postgres,
        )
        self.send(signal.SIGSTOP)  # it has nothing to do, so it holds nothing
        return followed

    async def search(self) -> None:
        """Let the projector go on until the search, and the counts with it, have followed the log too, and rest again.

        Raises NotAsStored when it stops before the end.
        """
        size = await self._product.size()
        self.send(signal.SIGCONT)
        await reach(self._product, size, searched_of)
        self.send(signal.SIGSTOP)

    def send(self, said: signal.Signals) -> None:
        """Send a signal to the projector."""
        os.kill(self._process, said)


@contextlib.asynccontextmanager
async def following(product: Product) -> AsyncGenerator[Follower]:
    """Yield `jejak serve --only projector`, which has followed the log so far and rests; ended afterwards."""
    async with running_child(serve_command(product.database, "projector")) as child:
        follower = Follower(product, child.process)
        try:
            await reach(product, await product.size(), position_of)
            follower.send(signal.SIGSTOP)
            yield follower
        finally:
            follower.send(signal.SIGCONT)


async def position_of(product: Product) -> int:
    """Return how far all views have followed the log."""
    rows = await product.database.pool("reader").fetch(statements("read_cursors"), VIEW_NAMES)
    position: int = next(row["position"] for row in rows if row["log_id"] == product.log.log_id)
    return position


async def searched_of(product: Product) -> int:
    """Return how far the search has followed the log."""
    query = "SELECT position FROM cursor WHERE view = $1 AND log_id = $2"
    position: int | None = await product.database.pool("reader").fetchval(query, SEARCH, product.log.log_id)
    return position or 0


async def reach(product: Product, size: int, look: Callable[[Product], Awaitable[int]]) -> float:
    """Wait until what a look tells has followed so far; return when (seconds) it was seen to have.

    Raises NotAsStored when it does not move any more.
    """
    position, last = await look(product), time.perf_counter()
    while position < size:
        await asyncio.sleep(POLL_SECONDS)
        now = await look(product)
        if now != position:
            position, last = now, time.perf_counter()
        elif time.perf_counter() - last > STALLED_SECONDS:
            raise NotAsStored(f"what follows the log stopped at {position} of {size} events")
    return last


async def _moved(product: Product, position: int) -> int:
    """Return the first position seen after this one."""
    async with asyncio.timeout(STALLED_SECONDS):
        now = await position_of(product)
        while now == position:
            await asyncio.sleep(POLL_SECONDS)
            now = await position_of(product)
        return now
