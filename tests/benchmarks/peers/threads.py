"""Peers are called as their users call them: by threads, each of which waits for its answer before it goes on."""

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")


async def store_in_threads(store: Callable[[Part], object], lanes: Sequence[Sequence[Part]]) -> float:
    """Store the parts of each lane, in a thread of its own, one after the other; return the seconds that all took.

    Raises what `store` raises.
    """

    def store_lane(lane: Sequence[Part]) -> None:
        for part in lane:
            store(part)

    def store_lanes() -> float:
        with ThreadPoolExecutor(len(lanes)) as threads:
            started = time.perf_counter()
            for stored in [threads.submit(store_lane, lane) for lane in lanes]:
                stored.result()
            return time.perf_counter() - started

    gc.collect()
    gc.disable()  # as for the ledger: a collection over what was made beforehand is none of their time
    try:
        return await asyncio.to_thread(store_lanes)
    finally:
        gc.enable()
