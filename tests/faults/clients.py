"""Clients that append over HTTP and keep on disk what they were answered: all that a judge may rely on."""

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ledger.judging import Receipt
from tests.faults.serving import APPEND, BATCH, Answer, Connection, Serving
from tests.races.writing import blocked, listing, published, reinstated

CLIENTS = 12
SIZES = (*(1,) * 12, *(5,) * 24, *(20,) * 8, 400)
"""Events of a request: all of it or nothing is to be there. The largest are drafted beside the event loop."""
LISTINGS = 300


class Request(Struct, frozen=True):
    """A request as it is sent, each time it is sent."""

    number: int
    ids: list[str]
    body: bytes


class Kept(Struct, frozen=True):
    """A line of the clients' file: one answered request."""

    number: int
    receipts: list[Receipt]


class Clients:
    """Appends from CLIENTS connections at once, until told to stop or not answered. Owns the file of answers."""

    def __init__(self, served: Serving, file: Path, seed: str) -> None:
        self.unanswered: dict[int, Request] = {}
        self.left: list[Request] = []
        self.answered = 0
        self.stopping = False
        self.moved = asyncio.Event()
        self._served = served
        self._file = file
        self._chance = random.Random(seed)
        self._numbers = 0

    async def run(self) -> None:
        """Run one round: every client goes on until a request of its own was not answered, or `stopping` is set."""
        self.answered, self.stopping, self.left = 0, False, []
        await asyncio.gather(*(self._client(self._served.connection()) for _ in range(CLIENTS)))
        self.unanswered.clear()

    async def settle(self, request: Request) -> tuple[int, Kept]:
        """Send a request again until it is answered; return the status and what was kept of the answer."""
        answer = await self._served.append_patiently(request.body)
        assert answer.status in {200, 201}, answer
        return answer.status, self.keep(request, answer)

    def kept(self, start: int = 0) -> list[Kept]:
        """Return what was answered, from the file: all, or what stands from a byte on."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as file:
            file.seek(start)
            return [msgspec.json.decode(line, type=Kept) for line in file]

    def kept_bytes(self) -> int:
        """Return how long the file is now."""
        return self._file.stat().st_size if self._file.exists() else 0

    def keep(self, request: Request, answer: Answer) -> Kept:
        """Write an answer down for good and return it. Only then does it count as answered."""
        kept = Kept(request.number, msgspec.convert(answer.json()["receipts"], list[Receipt]))
        write_down(self._file, kept)
        return kept

    async def _client(self, connection: Connection) -> None:
        try:
            while not self.stopping:
                request = self._next()
                if not await self._append(connection, request):
                    self.left.append(request)
                    return
        finally:
            await connection.close()

    async def _append(self, connection: Connection, request: Request) -> bool:
        """Append one request and tell whether it was answered; 503 says that it may have to be sent again."""
        try:
            await connection.send("POST", APPEND, request.body, BATCH)
            self.unanswered[request.number] = request
            self.moved.set()
            answer = await connection.receive()
        except (OSError, EOFError):
            return False
        if answer.status != 201:
            assert (answer.status, answer.headers.get("retry-after", "")) >= (503, "1"), answer
            del self.unanswered[request.number]
            return False
        self.keep(request, answer)
        del self.unanswered[request.number]
        self.answered += 1
        self.moved.set()
        return True

    def _next(self) -> Request:
        self._numbers += 1
        name = f"c{self._numbers}"
        size = self._chance.choice(SIZES)
        subject = listing(f"K{self._chance.randrange(LISTINGS)}")
        events: list[dict[str, Any]] = [published(f"{name}-{index}", subject) for index in range(size)]
        if size > 1:
            events[-2:] = [blocked(f"{name}-b", subject), reinstated(f"{name}-r", f"{name}-b", subject)]
        return Request(self._numbers, [event["id"] for event in events], msgspec.json.encode(events))


def write_down(file: Path, kept: Struct) -> None:
    """Add a line to a file of what was kept. It is on the disk when this returns."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, msgspec.json.encode(kept) + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
