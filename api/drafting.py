"""Large bodies are drafted beside the event loop, by processes of their own: `python -m api.drafting`.

Reading and checking a batch is the larger half of an append's work, and needs nothing but the batch. A drafter gets a
body and answers with drafts, or with nothing where the body is not one that it can draft: a fault to explain, a †
field to encrypt, a correction whose target must be looked up. The service then drafts it itself. A drafter that dies
is replaced, and nothing is lost: it holds nothing.

Frames are MessagePack in memory that both share, one at a time; on the socket goes only how long it is (4 bytes, big
endian): it says whose turn it is. The drafter ends when the socket does, so that none outlives its service.
"""

import asyncio
import contextlib
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import IO

import msgspec
from msgspec import Struct

from api.bodies import read_events
from ledger.appender import may_be_personal
from ledger.domain.catalogue import CORRECTIONS
from ledger.entry import Draft
from ledger.errors import JejakError, Refused
from ledger.garbage import spare_collections
from ledger.intake import BODY_MAX_BYTES, Author, Intake, LogInfo, check_event

OFFLOAD_MIN_BYTES = 64 * 1024
"""Smaller bodies are drafted sooner than they are sent."""
DRAFTERS_MAX = 4
FRAME_MAX_BYTES = 4 * BODY_MAX_BYTES
"""Of memory that is shared; only what is used of it is taken."""
DRAFT_SECONDS = 30
"""Longer than the largest body takes; a drafter that does not answer by then is replaced."""
LENGTH = struct.Struct(">I")


class Job(Struct, array_like=True):
    """A body to draft."""

    media: str
    body: bytes
    log: LogInfo
    author: Author


_jobs = msgspec.msgpack.Decoder(Job)
_drafts = msgspec.msgpack.Decoder(list[Draft] | None)
_encode = msgspec.msgpack.Encoder().encode


def draft(job: Job, intake: Intake) -> list[Draft] | None:
    """Return the drafts of a body; None for one that the service must look at itself."""
    try:
        events = read_events(intake, job.media, job.body)
    except JejakError:
        return None
    drafts: list[Draft] = []
    for event in events:
        if isinstance(event, Refused) or event.type in CORRECTIONS or may_be_personal(event.type):
            return None
        try:
            drafts.append(check_event(event, job.log, job.author))
        except Refused:
            return None
    return drafts


class Drafter:
    """One drafting process, started when it is first asked. Owns its socket; one body at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._memory: mmap.mmap | None = None

    async def draft(self, job: Job) -> list[Draft] | None:
        """Return the drafts of a body; None where the service must draft it itself, or the drafter has failed."""
        async with self._turn:
            drafts, answered = None, False
            try:
                async with asyncio.timeout(DRAFT_SECONDS):
                    drafts = await self._ask(_encode(job))
                answered = True
            except (OSError, EOFError, msgspec.MsgspecError):
                pass
            finally:
                if not answered:  # nor may it answer yet: who asks next would take that for its own
                    await self._stop()
            return drafts

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._stop()

    async def _ask(self, frame: bytes) -> list[Draft] | None:
        if self._writer is None or self._reader is None or self._memory is None:
            self._reader, self._writer, self._memory = await self._start()
        self._memory[: len(frame)] = frame
        self._writer.write(LENGTH.pack(len(frame)))
        (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
        with memoryview(self._memory) as memory, memory[:length] as answer:
            drafts: list[Draft] | None = _drafts.decode(answer)
        return drafts

    async def _start(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, mmap.mmap]:
        ours, theirs = socket.socketpair()
        with theirs, _shared_file() as file:
            file.truncate(FRAME_MAX_BYTES)
            descriptors = (theirs.fileno(), file.fileno())
            command = [sys.executable, "-m", "api.drafting", *map(str, descriptors)]
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own program; starting it does not wait
                command, stdin=subprocess.DEVNULL, pass_fds=descriptors, start_new_session=True
            )
            memory = mmap.mmap(file.fileno(), FRAME_MAX_BYTES)
        return *await asyncio.open_connection(sock=ours), memory

    async def _stop(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        if self._memory is not None:
            self._memory.close()
        self._process = self._reader = self._writer = self._memory = None


def _shared_file() -> IO[bytes]:
    """Return a file without a name: of memory where the system has such, so that nothing of it goes to a disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("jejak-drafting"), "w+b")
    return tempfile.TemporaryFile()


class Drafters:
    """Several drafters; a body goes to the one that has waited longest."""

    def __init__(self, count: int) -> None:
        """Take how many there are to be; with none, every body is left to the service."""
        self._idle = [Drafter() for _ in range(count)]
        self._turn = 0

    async def draft(self, media: str, body: bytes, log: LogInfo, author: Author) -> Sequence[Draft] | None:
        """Return the drafts of a body; None where the service must draft it itself."""
        if not self._idle or len(body) < OFFLOAD_MIN_BYTES:
            return None
        self._turn = (self._turn + 1) % len(self._idle)
        return await self._idle[self._turn].draft(Job(media, body, log, author))

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(drafter.close() for drafter in self._idle))


def spare_processors() -> int:
    """Return how many drafters this machine can use: one processor is the event loop's."""
    return min(DRAFTERS_MAX, len(os.sched_getaffinity(0)) - 1) if hasattr(os, "sched_getaffinity") else 0


def serve(connection: socket.socket, memory: mmap.mmap) -> None:
    """Draft what comes in until the socket ends."""
    intake = Intake()
    with connection, connection.makefile("rb") as turns:
        while len(turn := turns.read(LENGTH.size)) == LENGTH.size:
            (length,) = LENGTH.unpack(turn)
            answer = _encode(draft(_jobs.decode(memory[:length]), intake))
            if len(answer) > FRAME_MAX_BYTES:
                answer = _encode(None)
            memory[: len(answer)] = answer
            connection.sendall(LENGTH.pack(len(answer)))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service says when it is over
    spare_collections()
    end, file = map(int, sys.argv[1:])
    serve(socket.socket(fileno=end), mmap.mmap(file, FRAME_MAX_BYTES))
