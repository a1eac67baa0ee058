"""The signer fails at each of its steps: statements, COMMIT and writes to the vault, before and after they took effect.

The steps are those of a recorded run. After each failure the log has grown, another signer signs, and everything is
verified: nothing is halted, no size has two roots, and what is in the vault is in the database.
"""

from pathlib import Path

import pytest
from msgspec import Struct

from ledger.checkpoints import checkpoint_at, newest_checkpoint
from ledger.database import DATABASE_ERRORS, Database
from ledger.errors import VaultError
from ledger.log_keys import VaultKeys
from ledger.marks import check_marks, read_mark
from ledger.store import find_logs
from ledger.tlog.merkle import TILE_WIDTH
from ledger.verify import LogVerifier
from tests.faults.failing import Cue, FailingDatabase, FailingVault
from tests.signing import Signed, new_signer, signed_log

BEFORE, GROWN, LATER = 5, TILE_WIDTH, 3
"""Events signed before the failure, appended before it, and appended after it."""


class Attempt(Struct, frozen=True):
    """What became of one attempt to sign: the note that left, if one did, and what the vault has."""

    note: bytes | None
    mark: bytes | None


async def attempt(signed: Signed, cue: Cue) -> Attempt:
    """Sign once, with connections and a vault that fail on cue."""
    vault = FailingVault(signed.vault.folder, cue)
    signer = new_signer(FailingDatabase(signed.database, cue).as_database(), vault, VaultKeys(vault))
    note: bytes | None = None
    try:
        note = await signer.sign(signed.log)
    except (VaultError, *DATABASE_ERRORS):
        assert cue.met
    mark = read_mark(signed.vault, signed.log.slug)
    return Attempt(note, None if mark is None else mark.note)


async def prepared(signed: Signed, *, first: bool) -> None:
    """Let the log grow to what is to be signed: beyond what was signed before, unless this is the first time."""
    if not first:
        await signed.append("before", BEFORE)
        await signed.sign()
    await signed.append("grown", GROWN)


async def recovered(signed: Signed, tried: Attempt) -> None:
    """Let the log grow, sign it as another process does after a crash, and verify everything."""
    await signed.append("later", LATER)
    assert await check_marks(signed.database, signed.vault) == []
    newest = await signed.other_signer().sign(signed.log)
    kept = await signed.assert_sound()
    for note in (tried.note, tried.mark):
        if note is not None:
            (size,) = [one.size for one in kept if one.text.encode() == note[: len(one.text.encode())]]
            assert await checkpoint_at(signed.reader, signed.log, size) == note
    mark = read_mark(signed.vault, signed.log.slug)
    (log,) = await find_logs(signed.reader, [signed.log.slug])
    assert mark is not None
    assert mark.note == newest == await newest_checkpoint(signed.reader, log)
    verified = await LogVerifier(signed.reader, log, mark=mark).verify()
    assert (verified.findings, verified.size) == ([], mark.size)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
async def test_a_signer_that_fails_at_any_step_leaves_no_note_beside_another_and_the_next_one_goes_on(
    database: Database, tmp_path: Path, *, first: bool
) -> None:
    record = Cue()
    async with signed_log(database, tmp_path, "recorded") as signed:
        await prepared(signed, first=first)
        whole = await attempt(signed, record)
        await recovered(signed, whole)
    assert whole.note == whole.mark is not None
    writes = ["WRITE signing", "WRITE marks"] if first else ["WRITE marks"]
    assert [step for step in record.taken if step.startswith("WRITE")] == writes
    after_mark = record.taken[record.taken.index("WRITE marks") :]
    assert after_mark[:4] == ["WRITE marks", "add_checkpoint", "add_signatures", "COMMIT"]
    lost = 0
    for number, point in enumerate(record.points()):
        async with signed_log(database, tmp_path, f"log-{number}") as signed:
            await prepared(signed, first=first)
            cue = Cue(point)
            tried = await attempt(signed, cue)
            assert cue.met, point
            lost += tried.note is None and tried.mark is not None
            await recovered(signed, tried)
    assert lost > 0, "some failed between the mark and the answer"
