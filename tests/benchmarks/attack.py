"""An attack with wrong tokens: a thousand a second, no two the same, at an even pace, over loopback alone.

Run as a child process: `python -m tests.benchmarks.attack --port N`. It says `attacking` once every connection has been
refused, goes on until its standard input ends, and then prints as one JSON object what it sent.
"""

import argparse
import asyncio
import secrets
import sys
import time
from asyncio import StreamReader, StreamReaderProtocol, TaskGroup
from contextlib import suppress

import msgspec
import uvloop
from msgspec import Struct

from ledger.tokens import ID_BYTES, PREFIX, SECRET_BYTES
from tests.benchmarks.asking import read_answer
from tests.benchmarks.client import RequestFailed

PER_SECOND = 1_000
CONNECTIONS = 50
"""They share the pace: an answer may take fifty milliseconds before it suffers."""
SECONDS_MAX = 300.0
"""After so long an attack ends that nobody ended: longer than any phase of `tokens`."""
ATTACKING = b"attacking\n"
_REFUSED = b"HTTP/1.1 401 "


class Attacked(Struct, frozen=True, kw_only=True):
    """What an attack came to: the wrong tokens that were refused, and in how many seconds."""

    refused: int
    seconds: float


class Attack:
    """Sends wrong tokens to a port until `stop` is set; `under_way` is set once every connection was refused."""

    def __init__(self, port: int) -> None:
        """Take the port, of this machine."""
        self.stop = asyncio.Event()
        self.under_way = asyncio.Event()
        self._port = port
        self._refused = 0

    async def run(self) -> Attacked:
        """Attack. Raises RequestFailed, in a group, when a wrong token is not refused."""
        started = time.perf_counter()
        async with TaskGroup() as group:
            for number in range(CONNECTIONS):
                group.create_task(self._connection(started + number / PER_SECOND))
        return Attacked(refused=self._refused, seconds=time.perf_counter() - started)

    async def _connection(self, due: float) -> None:
        """Send a token whenever one is due; one that is late is sent at once, so the pace is kept."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while not self.stop.is_set():
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                writer.write(_request(wrong_token()))
                head, body = await read_answer(reader)
                if not head.startswith(_REFUSED):
                    raise RequestFailed((head + body)[:2000].decode("utf-8", "replace"))
                self._count()
                due += CONNECTIONS / PER_SECOND
        finally:
            writer.close()

    def _count(self) -> None:
        self._refused += 1
        if self._refused >= CONNECTIONS:
            self.under_way.set()


def wrong_token() -> str:
    """Return a token as tokens are, which none is: the dearest to refuse, since its id has to be looked up."""
    return f"{PREFIX}_{secrets.token_hex(ID_BYTES)}_{secrets.token_hex(SECRET_BYTES)}"


def _request(token: str) -> bytes:
    return f"GET /v1/logs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode("ascii")


async def _until_input_ends() -> None:
    """Wait until standard input ends, as it also does with the process at its other end; SECONDS_MAX at most."""
    reader = StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: StreamReaderProtocol(reader), sys.stdin)
    with suppress(TimeoutError):
        await asyncio.wait_for(reader.read(), SECONDS_MAX)


async def _attack(port: int) -> None:
    attack = Attack(port)
    async with TaskGroup() as group:
        running = group.create_task(attack.run())
        await attack.under_way.wait()
        sys.stdout.buffer.write(ATTACKING)
        sys.stdout.flush()
        await _until_input_ends()
        attack.stop.set()
    sys.stdout.buffer.write(msgspec.json.encode(running.result()))


def main() -> None:
    """Attack the port of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_attack(port))


if __name__ == "__main__":
    main()
