"""UmaDB, an event store in Rust: its server in a process of its own, asked through the Python client of its wheel.

It runs as it ships, which is durable: it answers after `fdatasync`. Ids are not asked to be unique, nor is any
condition set, either of which would cost it more.
"""

import asyncio
import contextlib
import signal
import sysconfig
import tempfile
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import umadb

from tests.benchmarks.peers import Recorded, deal
from tests.benchmarks.peers.threads import store_in_threads
from tests.benchmarks.server import READY_SECONDS, NotAsStored, free_port, stop

# Importing it takes Ctrl-C for itself; given back, a run that is broken off still stops what it has started.
signal.signal(signal.SIGINT, signal.default_int_handler)

PROGRAM = Path(sysconfig.get_path("scripts")) / "umadb"
THREADS = 4
"""More were no faster, nor were its page cache and its pipelined writer."""
POLL_SECONDS = 0.05


class Store:
    """The client of a running server. Made by `running_umadb`."""

    def __init__(self, url: str) -> None:
        """Take where the server listens."""
        self.url = url
        self._client = umadb.Client(url)
        self._events = 0

    async def store(self, events: Sequence[Recorded], step: int) -> float:
        """Store the events, `step` in each request; return how many a second. Raises NotAsStored."""
        made = [umadb.Event(event.type, event.entry, [event.subject]) for event in events]
        seconds = await store_in_threads(self._client.append, deal(made, step, THREADS))
        stored = await asyncio.to_thread(self._read)
        if sorted(stored) != sorted(event.entry for event in events):
            raise NotAsStored(f"UmaDB answered {len(events)} events, and holds {len(stored)}, or others")
        self._events += len(events)
        return len(events) / seconds

    def _read(self) -> list[bytes]:
        """Return the data of the events that were not there before."""
        return [read.event.data for read in self._client.read(start=self._events + 1)]


@contextlib.asynccontextmanager
async def running_umadb() -> AsyncGenerator[Store]:
    """Yield a server over an empty folder; it is stopped, and the folder removed, afterwards."""
    with tempfile.TemporaryDirectory(prefix="jejak-bench-") as folder:
        address = f"127.0.0.1:{free_port()}"
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "--listen", address, "--db-path", folder, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            yield await _wait_until_ready(f"http://{address}")
        finally:
            await stop(process)


async def _wait_until_ready(url: str) -> Store:
    async with asyncio.timeout(READY_SECONDS):
        while True:
            with contextlib.suppress(umadb.TransportError):
                return Store(url)  # which connects
            await asyncio.sleep(POLL_SECONDS)
