"""Outsiders: they keep on disk each receipt with its proof, and each checkpoint, that ever left a ledger."""

import asyncio
import random
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger.http_files import HttpFiles
from ledger.outside import OutsideLog, open_outside
from ledger.tile_source import FileSource
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import HASH_SIZE, TILE_WIDTH
from ledger.tlog.note import VerifierKey
from ledger.tlog.receipt import check_receipt, parse_proof
from tests.faults.clients import write_down
from tests.faults.serving import APPEND, BATCH, LOG, Answer, Connection, Serving, poll
from tests.races.writing import listing, published

APPENDERS = 4
EVENTS_MAX = 5
CHECKPOINT = f"/logs/{LOG}/checkpoint"
WAIT = "wait=checkpoint"
READ_SECONDS = 0.01


class Left(Struct, frozen=True):
    """What left the ledger: a checkpoint; with a receipt's proof, the index and the leaf hash (hex) that it proves."""

    note: str
    proof: str = ""
    index: int = 0
    leaf: str = ""


class Outsiders:
    """Append and read over HTTP until told to stop or not answered. Own the file of what has left the ledger."""

    def __init__(self, served: Serving, file: Path, key: VerifierKey, seed: str) -> None:
        self.proved = 0
        self.stopping = False
        self.unanswered: list[bytes] = []
        self._served = served
        self._file = file
        self._key = key
        self._chance = random.Random(seed)
        self._numbers = 0

    async def run(self) -> None:
        """Run one round: everybody goes on until a request of its own was not answered, or `stopping` is set."""
        self.stopping = False
        await asyncio.gather(self._read(), *(self._append() for _ in range(APPENDERS)))

    async def settle(self) -> None:
        """Send again what was not answered, until each is answered with its proof."""
        connection = self._served.connection()
        for body in self.unanswered:
            await poll(partial(self._send, connection, body))
        await connection.close()
        self.unanswered = []

    def keep(self, left: Left) -> None:
        """Write down for good what has left the ledger."""
        write_down(self._file, left)

    def left(self) -> list[Left]:
        """Return everything that has left the ledger."""
        with self._file.open("rb") as file:
            return [msgspec.json.decode(line, type=Left) for line in file]

    async def judge(self) -> dict[int, bytes]:
        """See by the public key alone that the log as it is now holds all that has left it.

        Return the root of each size that was signed.
        """
        roots: dict[int, bytes] = {}
        async with HttpFiles(f"http://127.0.0.1:{self._served.port}/logs/{LOG}") as files:
            log = await open_outside(FileSource(files), [self._key])
            for left in self.left():
                checkpoint = open_checkpoint(left.note.encode(), [self._key])
                if checkpoint.size not in roots:
                    await log.check_grown_from(checkpoint)
                assert roots.setdefault(checkpoint.size, checkpoint.root) == checkpoint.root
                if left.proof:
                    await self._judge_receipt(log, left, checkpoint)
        return roots

    async def _judge_receipt(self, log: OutsideLog, left: Left, checkpoint: Checkpoint) -> None:
        """The receipt proves its leaf, and the leaf is where it was."""
        proof, leaf = parse_proof(left.proof.encode()), bytes.fromhex(left.leaf)
        assert (proof.index, check_receipt(proof, leaf, [self._key])) == (left.index, checkpoint)
        start = left.index % TILE_WIDTH * HASH_SIZE
        assert (await log.tile(0, left.index // TILE_WIDTH))[start : start + HASH_SIZE] == leaf

    async def _read(self) -> None:
        """Keep each checkpoint that is shown, once."""
        connection, known = self._served.connection(), b""
        try:
            while not self.stopping:
                answer = await connection.ask("GET", CHECKPOINT)
                if answer.status == 200 and answer.body != known:
                    known = answer.body
                    self.keep(Left(known.decode()))
                await asyncio.sleep(READ_SECONDS)
        except (OSError, EOFError):
            return
        finally:
            await connection.close()

    async def _append(self) -> None:
        """Append, and wait each time for the proof of what was appended."""
        connection = self._served.connection()
        try:
            while not self.stopping:
                body = self._next()
                if not await self._send(connection, body):
                    self.unanswered.append(body)
                    return
        finally:
            await connection.close()

    async def _send(self, connection: Connection, body: bytes) -> bool:
        """Append once; keep what is proved, and tell whether it is. Without an answer the connection is closed."""
        try:
            await connection.send("POST", APPEND, body, BATCH, WAIT)
            answer = await connection.receive()
        except (OSError, EOFError):
            await connection.close()
            return False
        if answer.status not in {200, 201}:
            assert (answer.status, answer.headers.get("retry-after", "")) >= (503, "1"), answer
            return False
        return self._keep_receipts(answer)

    def _keep_receipts(self, answer: Answer) -> bool:
        receipts = answer.json()["receipts"]
        for receipt in receipts:
            if "proof" in receipt:
                note = receipt["proof"].partition("\n\n")[2]
                self.keep(Left(note, receipt["proof"], receipt["position"], receipt["leaf_hash"]))
                self.proved += 1
        return all("proof" in receipt for receipt in receipts)

    def _next(self) -> bytes:
        self._numbers += 1
        count = self._chance.randint(1, EVENTS_MAX)
        name = f"o{self._numbers}"
        return msgspec.json.encode([published(f"{name}-{number}", listing(name)) for number in range(count)])
