"""Signers beside each other: of two processes, and of a database and its copy, which share keys and marks."""

import asyncio
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.checkpoints import read_checkpoints
from ledger.database import Database
from ledger.errors import JejakError, LogHalted, VaultError
from ledger.marks import advance_mark, read_mark
from ledger.signer import Signer
from ledger.tlog.note import parse_note
from ledger.vault import open_vault
from tests.faults.serving import poll
from tests.signing import SLUG, drafts, signed_log

ROOT = Path(__file__).parents[2]
SIGNERS = 4
NOTES_EACH = 6


async def test_signers_at_once_sign_no_two_notes_of_one_size_and_none_below_one_before(
    database: Database, tmp_path: Path
) -> None:
    """While one appends, four sign as fast as they can; each note that left is kept, and the only one of its size."""
    async with signed_log(database, tmp_path) as signed:
        await signed.append("first")
        left: list[list[bytes]] = [[] for _ in range(SIGNERS)]
        done = asyncio.Event()

        async def sign(signer: Signer, notes: list[bytes]) -> None:
            while not done.is_set():
                note = await signer.sign(signed.log)
                assert note is not None
                notes.append(note)

        signing = [asyncio.create_task(sign(signed.other_signer(), notes)) for notes in left]
        number = 0
        while min(map(len, left)) < NOTES_EACH:
            await signed.append(f"more-{number}", 1 + number % 3)
            number += 1
        done.set()
        await asyncio.gather(*signing)
        kept = [
            one.note
            async for page in read_checkpoints(signed.reader, signed.log.log_id, signed.log.origin)
            for one in page
        ]
        await signed.assert_sound()
        sizes = [[int(parse_note(note).text.split("\n")[1]) for note in notes] for notes in left]
        assert all(sorted(one) == one for one in sizes), "nobody sees a size below one that it has seen"
        assert {note for notes in left for note in notes} <= set(kept)


async def test_two_processes_that_only_sign_do_so_beside_each_other_and_stop_when_told(
    database: Database, tmp_path: Path
) -> None:
    vault = open_vault(database.settings, database.ledger.ledger_id)
    words = ("serve", "--only", "signer", "--database", str(database.settings.database_url))
    settings = {"JEJAK_KEYS_DIR": str(database.settings.keys_dir), "PYTHONPATH": str(ROOT)}
    async with signed_log(database, tmp_path, vault=vault) as signed:
        children = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "api", *words), env=settings, cwd=tmp_path, stderr=asyncio.subprocess.PIPE
            )
            for _ in range(2)
        ]

        async def are_signed_while_it_grows() -> bool:
            kept = await signed.kept()
            await signed.append(f"more-{uuid4()}")
            return len(kept) >= SIGNERS

        try:
            await poll(are_signed_while_it_grows)
        finally:
            for child in children:
                child.terminate()
            said = [(await child.communicate())[1] for child in children]
        assert ([child.returncode for child in children], said) == ([0, 0], [b"jejak signs checkpoints\n"] * 2)
        await signed.assert_sound()


async def test_of_two_who_advance_the_mark_from_the_same_place_one_does(database: Database, tmp_path: Path) -> None:
    async with signed_log(database, tmp_path) as signed:
        notes: list[bytes] = []
        for name in ("a", "b", "c"):
            await signed.append(name)
            note = await signed.signer.sign(signed.log)
            assert note is not None
            notes.append(note)
        signed.vault.write(f"marks/{SLUG}", notes[0])
        before = read_mark(signed.vault, SLUG)
        barrier = asyncio.Barrier(2)

        async def advance(note: bytes) -> str:
            await barrier.wait()
            try:
                return str((await asyncio.to_thread(advance_mark, signed.vault, SLUG, before, note)).size)
            except VaultError:
                return "refused"

        outcomes = sorted(await asyncio.gather(*map(advance, notes[1:])))
        mark = read_mark(signed.vault, SLUG)
        assert mark is not None
        assert outcomes == [str(mark.size), "refused"]


@pytest.mark.parametrize("first", ["signer", "reopener"])
async def test_a_halt_and_a_signature_at_once_leave_no_note_of_a_halted_log(
    database: Database, tmp_path: Path, first: str
) -> None:
    """What is halted while somebody waits to sign is not signed: the halt is read under the same lock."""
    async with signed_log(database, tmp_path) as signed:
        await signed.append("a")
        await signed.sign()
        await signed.append("b")
        pool = database.pool("signer")
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow("SELECT FROM log WHERE log_id = $1 FOR NO KEY UPDATE", signed.log.log_id)
            waiting = asyncio.create_task(signed.signer.sign(signed.log))
            if first == "reopener":
                await connection.execute(
                    "INSERT INTO log_halt (log_id, reason) VALUES ($1, 'tried')", signed.log.log_id
                )
        outcome = (await asyncio.gather(waiting, return_exceptions=True))[0]
        assert isinstance(outcome, LogHalted if first == "reopener" else bytes)
        assert [one.size for one in await signed.kept()] == ([1] if first == "reopener" else [1, 2])


async def test_an_append_does_not_wait_for_who_signs(database: Database, tmp_path: Path) -> None:
    async with signed_log(database, tmp_path) as signed:
        await signed.append("a")
        async with database.pool("signer").acquire() as connection, connection.transaction():
            await connection.fetchrow("SELECT FROM log WHERE log_id = $1 FOR NO KEY UPDATE", signed.log.log_id)
            try:
                async with asyncio.timeout(5):
                    receipts = await signed.sequencer.append(drafts(signed.log, "b", 2))
            except JejakError as error:
                pytest.fail(str(error))
        assert [receipt.position for receipt in receipts] == [1, 2]
