"""Tasks: those that run until they are told to end, and those that fetch ahead of who takes what they fetch."""

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
