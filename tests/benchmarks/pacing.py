"""Batches at an even pace, whatever the answers take: each connection sends a batch whenever one is due.

A batch that is late, since the one before it was answered late, is sent at once: the pace is kept, and who waits for an
answer slows nobody. A lane's batches are sent in order, as they must be.
"""

import asyncio
import time
from collections.abc import Sequence

from msgspec import Struct

from api.bodies import NDJSON
from tests.benchmarks.asking import asking
from tests.benchmarks.workload import Lane

BATCH_EVENTS = 100
CONNECTIONS = 25
"""At 5,000 events a second each sends a batch every half second."""


class Target(Struct, frozen=True, kw_only=True):
    """Where batches go: the service's port, a token, and the log's path."""

    port: int
    token: str
    path: str


class Paced(Struct, frozen=True, kw_only=True):
    """What was sent, in how many seconds, and of each batch how long its answer took and how late it was sent."""

    events: int
    seconds: float
    answered: list[float]
    late: list[float]

    @property
    def events_per_second(self) -> float:
        """The pace that was kept."""
        return self.events / self.seconds


def make_lanes(events: int) -> list[list[bytes]]:
    """Return so many events as batches, by connection; made beforehand, so that making them takes nobody's time."""
    lanes = [Lane(number) for number in range(CONNECTIONS)]
    batches = events // BATCH_EVENTS // CONNECTIONS
    return [[b"\n".join(lane.take(BATCH_EVENTS)) for _ in range(batches)] for lane in lanes]


async def send_paced(target: Target, lanes: Sequence[Sequence[bytes]], events_per_second: float) -> Paced:
    """Send all batches at this pace. Raises RequestFailed when one is refused."""
    every = BATCH_EVENTS / events_per_second
    started = time.perf_counter()
    sending = (_send(target, lane, started + number * every, every * len(lanes)) for number, lane in enumerate(lanes))
    answers = [answer for lane in await asyncio.gather(*sending) for answer in lane]
    return Paced(
        events=len(answers) * BATCH_EVENTS,
        seconds=time.perf_counter() - started,
        answered=[answered for answered, _ in answers],
        late=[late for _, late in answers],
    )


async def _send(target: Target, lane: Sequence[bytes], due: float, every: float) -> list[tuple[float, float]]:
    """Send a lane's batches; return of each the seconds of its answer, and those by which it was sent late."""
    sent: list[tuple[float, float]] = []
    async with asking(target.port, target.token) as asker:
        for batch in lane:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late = time.perf_counter() - due
            _, answered = await asker.post(target.path, NDJSON, batch)
            sent.append((answered, late))
            due += every
    return sent
