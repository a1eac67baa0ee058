"""Tasks: those that run until they are told to end, that fetch ahead of who takes what they fetch, or take turns."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Coroutine, Iterable
from typing import TypeAlias, TypeVar

RECANCEL_SECONDS = 1.0
Fetched = TypeVar("Fetched")
Fetch: TypeAlias = Coroutine[object, object, Fetched]


async def end(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and return when it has ended; None is a task that was never begun.

    It is cancelled again for as long as it takes: a cancellation that meets the failure of what the task waits for (a
    connection that breaks, say) is answered with that failure, and the task goes on.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=RECANCEL_SECONDS)
    if task is not None and not task.cancelled():
        task.result()


async def ahead(
    fetches: Iterable[Coroutine[object, object, Fetched]] | AsyncIterable[Coroutine[object, object, Fetched]],
    depth: int,
) -> AsyncGenerator[Fetched]:
    """Yield what each fetch returns, in order, while up to `depth` later ones are under way.

    What one raises is raised in its turn. Fetches that nobody waits for any more are cancelled; so close it, as every
    generator that is left before its end.
    """
    waiting: deque[asyncio.Task[Fetched]] = deque()
    try:
        async for fetch in fetches if isinstance(fetches, AsyncIterable) else _one_by_one(fetches):
            waiting.append(asyncio.ensure_future(fetch))
            if len(waiting) > depth:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _one_by_one(fetches: Iterable[Fetch[Fetched]]) -> AsyncGenerator[Fetch[Fetched]]:
    for fetch in fetches:
        yield fetch


async def one_ahead(items: AsyncGenerator[Fetched]) -> AsyncGenerator[Fetched]:
    """Yield what a generator does, which makes the next one while the last one is used; it is closed with this one.

    Close it, as every generator that is left before its end.
    """
    following = asyncio.ensure_future(anext(items))
    try:
        while True:
            try:
                item = await following
            except StopAsyncIteration:
                return
            following = asyncio.ensure_future(anext(items))
            await asyncio.sleep(0)  # it begins
            yield item
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await items.aclose()


class Turns:
    """Lets a few tasks go on in each turn of the event loop, in the order in which they come; others wait for the next.

    Between two turns the loop looks at its connections. So who waits for the database goes on as soon as it answers,
    however many tasks have come that have much to do.
    """

    def __init__(self, most: int) -> None:
        """Take how many may go on in one turn."""
        self._most = most
        self._left = most
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Return when it is the caller's turn."""
        loop = asyncio.get_running_loop()
        if self._left == self._most:
            loop.call_soon(self._begin)
        if self._left:
            self._left -= 1
        else:
            waiting = loop.create_future()
            self._waiting.append(waiting)
            await waiting

    def _begin(self) -> None:
        """Begin a turn: wake those who waited for it, and begin the next one after them while anybody does."""
        self._left = self._most
        while self._waiting and self._left:
            waiting = self._waiting.popleft()
            if not waiting.done():  # who has left meanwhile takes nobody's turn
                waiting.set_result(None)
                self._left -= 1
        if self._left < self._most:
            asyncio.get_running_loop().call_soon(self._begin)
