"""Processes that work beside the event loop: each is sent a frame, answers with one, and holds nothing in between.

A companion is a module of ours that is run as a program, `python -m MODULE`, and attends (`attending`). It ends when
the socket does, so that none outlives who started it. One that has died, or does not answer in time, is replaced by the
next question, and whoever asked does the work without it.
"""

import asyncio
import contextlib
import mmap
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, TypeVar

import msgspec

from ledger.attending import LENGTH

COMPANIONS_MAX = 4
Answer = TypeVar("Answer")


class Companion:
    """One such process, started when it is first asked. Owns its socket; one question at a time."""

    def __init__(self, module: str, frame_max_bytes: int, answer_seconds: float) -> None:
        """Take the module, how long a frame may be, and how long an answer may take.

        A frame's memory is shared; only what is used of it is taken.
        """
        self._module = module
        self._frame_max_bytes = frame_max_bytes
        self._answer_seconds = answer_seconds
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._memory: mmap.mmap | None = None

    async def ask(self, frame: bytes, read: Callable[[memoryview], Answer]) -> Answer | None:
        """Return what `read` makes of the answer; None where there is none, or the frame is too long for one."""
        if len(frame) > self._frame_max_bytes:
            return None
        async with self._turn:
            answer, answered = None, False
            try:
                async with asyncio.timeout(self._answer_seconds):
                    answer = await self._ask(frame, read)
                answered = True
            except (OSError, EOFError, msgspec.MsgspecError):
                pass
            finally:
                if not answered:  # nor may it answer yet: who asks next would take that for its own
                    await self._stop()
            return answer

    async def begin(self) -> None:
        """Start the process, so that nobody waits for it later. If it does not start, the next question tries again."""
        with contextlib.suppress(OSError):
            async with self._turn:
                await self._begun()

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._stop()

    async def _ask(self, frame: bytes, read: Callable[[memoryview], Answer]) -> Answer | None:
        reader, writer, shared = await self._begun()
        shared[: len(frame)] = frame
        writer.write(LENGTH.pack(len(frame)))
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        with memoryview(shared) as memory, memory[:length] as answer:
            return read(answer) if length else None

    async def _begun(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, mmap.mmap]:
        """Return the ends of the process, which is started where there is none."""
        if self._writer is None or self._reader is None or self._memory is None:
            self._reader, self._writer, self._memory = await self._start()
        return self._reader, self._writer, self._memory

    async def _start(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, mmap.mmap]:
        ours, theirs = socket.socketpair()
        with theirs, _shared_file() as file:
            file.truncate(self._frame_max_bytes)
            descriptors = (theirs.fileno(), file.fileno())
            command = [sys.executable, "-m", self._module, *map(str, descriptors)]
            self._process = subprocess.Popen(  # noqa: S603, ASYNC220 - our own program; starting it does not wait
                command, stdin=subprocess.DEVNULL, pass_fds=descriptors, start_new_session=True
            )
            memory = mmap.mmap(file.fileno(), self._frame_max_bytes)
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


def useful_companions() -> int:
    """Return how many companions this machine can use: one for each processor, since an event loop mostly waits.

    None where there is one processor, or nobody knows.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return min(COMPANIONS_MAX, processors) if processors > 1 else 0


def _shared_file() -> IO[bytes]:
    """Return a file without a name: of memory where the system has such, so that nothing of it goes to a disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("jejak"), "w+b")
    return tempfile.TemporaryFile()
