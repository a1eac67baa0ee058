"""Never below, never beside: whatever happens to a log, its database and its signers, no note contradicts another.

Histories are made at random: appends, signatures, signers that fail at some step, the database set back to what it was
at some time before and forward again, growth beside what was signed, and reopenings. Kept is every note that anybody
could have seen, with the leaves that the log had then.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

import pytest
from msgspec import Struct

from ledger.database import DATABASE_ERRORS, Database
from ledger.errors import LogHalted, VaultError
from ledger.marks import check_marks, read_halts
from ledger.reopening import reopen
from ledger.store import find_logs
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.merkle import extend_frontier, frontier_root
from ledger.tlog.note import parse_note
from ledger.verify import LogVerifier
from tests.faults.failing import Cue, Point, When
from tests.faults.test_signer import attempt
from tests.signing import SLUG, Signed, signed_log

SEEDS = range(8)
STEPS = 40
STEPS_OF_A_SIGNATURE = (
    "lock_log",
    "read_head",
    "WRITE signing",
    "WRITE marks",
    "add_checkpoint",
    "add_signatures",
    "COMMIT",
)
"""Where a signature may fail; not each takes each, nor twice."""
TABLES = ("event", "tile", "log_head", "checkpoint", "signature", "log_key", "log_halt", "log")
Operation = Literal["append", "sign", "fail", "set back", "go forward", "reopen"]
OPERATIONS: Sequence[Operation] = ("append", "append", "append", "sign", "sign", "fail", "fail", "set back", "reopen")
Rows = dict[str, list[Any]]


class Seen(Struct, frozen=True):
    """A checkpoint that somebody may have seen, and the leaf hashes of the log at that time."""

    checkpoint: Checkpoint
    leaves: Sequence[bytes]


async def read_all(signed: Signed) -> Rows:
    """Return the whole database of the log: a copy to set it back to."""
    async with signed.database.owner() as connection:
        return {table: await connection.fetch(f"SELECT * FROM {table}") for table in TABLES}


async def write_all(signed: Signed, rows: Rows) -> None:
    """Make the database what it was."""
    async with signed.database.owner() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in TABLES:
            await connection.execute(f"DELETE FROM {table}")
            if rows[table]:
                records = [tuple(row.values()) for row in rows[table]]
                await connection.copy_records_to_table(table, records=records, columns=list(rows[table][0].keys()))


class History:
    """What happens to one log, and everything that was seen of it."""

    def __init__(self, signed: Signed, random: Random) -> None:
        self.signed = signed
        self.random = random
        self.seen: list[Seen] = []
        self.copies: list[Rows] = []
        self.newest: Rows | None = None
        self.number = 0
        self.halts = self.reopened = self.failed = 0

    async def step(self) -> None:
        self.copies.append(await read_all(self.signed))
        halted = bool(await read_halts(self.signed.reader))
        likely = (("go forward",) * 4 if self.newest else ()) + (("reopen",) * 4 if halted else ())
        operation = self.random.choice((*OPERATIONS, *likely))
        try:
            await self.do(operation)
        except LogHalted:
            self.halts += 1

    async def do(self, operation: str) -> None:
        self.number += 1
        match operation:
            case "append":
                await self.signed.append(f"n{self.number}", self.random.choice((1, 2, 3, 60, 256)))
            case "sign":
                self.see(await self.signed.other_signer().sign(self.signed.log), await self.leaves())
            case "fail":
                when: When = self.random.choice(("before", "after"))
                step = self.random.choice(STEPS_OF_A_SIGNATURE)
                await self.fail(Cue(Point(step, self.random.choice((1, 1, 2)), when)))
            case "set back":
                self.newest = self.newest or await read_all(self.signed)
                await write_all(self.signed, self.random.choice(self.copies))
                if self.random.random() < 0.5:
                    await check_marks(self.signed.database, self.signed.vault)
            case "go forward":
                assert self.newest is not None
                await write_all(self.signed, self.newest)
                self.newest = None
            case _:
                if await read_halts(self.signed.reader):
                    await reopen(self.signed.database, self.signed.vault, self.signed.keys, self.signed.log)
                    self.newest, self.reopened = None, self.reopened + 1

    async def fail(self, cue: Cue) -> None:
        leaves = await self.leaves()
        try:
            tried = await attempt(self.signed, cue)
        except (VaultError, *DATABASE_ERRORS):
            return
        self.failed += cue.met
        self.see(tried.note, leaves)

    async def leaves(self) -> Sequence[bytes]:
        rows = await self.signed.reader.fetch("SELECT leaf_hash FROM event ORDER BY position")
        return [row["leaf_hash"] for row in rows]

    def see(self, note: bytes | None, leaves: Sequence[bytes]) -> None:
        """Keep a note that left; it must contradict none that left before it."""
        if note is None:
            return
        checkpoint = parse_checkpoint(parse_note(note).text)
        assert checkpoint.root == root(leaves, checkpoint.size)
        for earlier in self.seen:
            if earlier.checkpoint.origin == checkpoint.origin:
                assert earlier.checkpoint.size <= checkpoint.size
                assert earlier.checkpoint.root == root(leaves, earlier.checkpoint.size)
        self.seen.append(Seen(checkpoint, leaves))


def root(leaves: Sequence[bytes], size: int) -> bytes:
    return frontier_root(size, extend_frontier(0, b"", leaves[:size]))


async def settled(history: History) -> None:
    """In the end the log goes on, whatever it takes, and what it has signed is what it has."""
    signed = history.signed
    await check_marks(signed.database, signed.vault)
    if await read_halts(signed.reader):
        await reopen(signed.database, signed.vault, signed.keys, signed.log)
    await signed.append("last")
    history.see(await signed.other_signer().sign(signed.log), await history.leaves())
    (log,) = await find_logs(signed.reader, [SLUG])
    assert (await LogVerifier(signed.reader, log).verify()).findings == []
    assert await check_marks(signed.database, signed.vault) == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_note_that_left_contradicts_another_of_its_origin(
    database: Database, tmp_path: Path, seed: int
) -> None:
    async with signed_log(database, tmp_path) as signed:
        history = History(signed, Random(seed))
        for _ in range(STEPS):
            await history.step()
        await settled(history)
        assert len(history.seen) >= 3
        assert history.failed + history.halts > 0
