"""`kill -9` while a log is signed: what has left the ledger by then stands, as whoever has only its public key sees.

Some kills fall where the mark is in the vault and the rows are not in the database: a lock of ours keeps them out.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from ledger.database import DATABASE_ERRORS
from ledger.marks import Mark, read_mark
from ledger.settings import read_settings
from ledger.tlog.note import parse_vkey
from ledger.vault import Vault, open_vault
from tests.faults.killing import assert_verified, come_back, kill_postmaster, kill_service
from tests.faults.outsiders import Left, Outsiders
from tests.faults.serving import LOG, Serving, poll, serving

VICTIMS = (kill_service, kill_postmaster)
ROUNDS = 2 * len(VICTIMS)
"""Each victim is killed once after a mark, and once at a moment that nothing chooses."""
PROVED_MIN = 5
"""Receipts with proofs that are given in a round before its kill."""
LATER_SECONDS = 1.2
"""A kill at random comes up to so much later: a log is signed once a second."""


@contextlib.asynccontextmanager
async def after_mark(served: Serving, vault: Vault) -> AsyncGenerator[Mark]:
    """Yield a mark whose rows are not committed, and cannot be inside the block."""
    with contextlib.suppress(*DATABASE_ERRORS):  # the database may be killed inside
        async with served.database() as database, database.transaction():
            await database.execute("LOCK TABLE checkpoint IN SHARE MODE")
            signed = await database.fetchval("SELECT coalesce(max(size), 0) FROM checkpoint")
            found: list[Mark] = []

            async def marked() -> bool:
                mark = read_mark(vault, LOG)
                found[:] = [mark] if mark is not None and mark.size > signed else []
                return found != []

            await poll(marked)
            yield found[0]


async def play(served: Serving, outsiders: Outsiders, vault: Vault, number: int, later: float) -> None:
    """Play one round: appends and checkpoints, a kill, a new start, and the judgement."""
    assert served.process is not None
    kill = VICTIMS[number % len(VICTIMS)]
    killed = served.process.pid if kill is kill_service else served.postmaster()
    running = asyncio.create_task(outsiders.run())
    signed: list[Mark] = []
    wanted = outsiders.proved + PROVED_MIN

    async def proved() -> bool:
        return outsiders.proved >= wanted

    await poll(proved)
    if number < len(VICTIMS):
        async with after_mark(served, vault) as mark:
            signed.append(mark)
            kill(served)
    else:
        await asyncio.sleep(later)  # a moment that nothing in the service chooses
        kill(served)
    outsiders.stopping = True
    await running
    await come_back(served, killed)
    await outsiders.judge()
    await outsiders.settle()
    for mark in signed:
        outsiders.keep(Left(mark.note.decode()))  # nobody has seen it, and it stands all the same


async def known_to(served: Serving) -> tuple[str, Vault]:
    """Return the log's public key, and the vault of its ledger."""
    async with served.database() as database:
        ledger_id = await database.fetchval("SELECT ledger_id FROM ledger")
    key = (await served.ask("GET", f"/v1/logs/{LOG}")).json()["key"]
    return key, open_vault(read_settings({}, data=served.folder), ledger_id)


async def signed_sizes(served: Serving) -> dict[int, bytes]:
    async with served.database() as database:
        return {row["size"]: row["root"] for row in await database.fetch("SELECT size, root FROM checkpoint")}


@pytest.mark.timeout(300)
async def test_no_kill_takes_back_a_receipt_or_a_checkpoint_that_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A killed process reports no coverage, and measuring it would take most of the test's time.
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    chance = random.Random("kills while signing")
    async with serving(tmp_path / "data") as served:
        await served.start()
        key, vault = await known_to(served)
        outsiders = Outsiders(served, tmp_path / "left", parse_vkey(key), "small batches")
        for number in range(ROUNDS):
            await play(served, outsiders, vault, number, chance.uniform(0, LATER_SECONDS))
        roots = await outsiders.judge()
        kept = await signed_sizes(served)
        assert {size: kept.get(size) for size in roots} == roots
        assert len(roots) > ROUNDS
        await served.stop()
        await assert_verified(served)
