"""Tasks that run until they are told to end."""

import asyncio

RECANCEL_SECONDS = 1.0


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
