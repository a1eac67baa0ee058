"""Rotating a log's key and reopening a log fail at each of their steps, before and after it took effect.

The steps are those of a recorded run that change something. What was cut short is done again, and is then done once:
one entry says so, its key signs, everything verifies.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from ledger.checkpoints import log_keys, newest_checkpoint
from ledger.database import DATABASE_ERRORS, Database
from ledger.entry import read_entry
from ledger.errors import Busy, OutcomeUnknown, VaultError
from ledger.log_keys import VaultKeys
from ledger.marks import check_marks, halt, read_halts, read_mark
from ledger.reopening import read_lost, reopen
from ledger.signing_rotation import rotate_key
from ledger.store import find_logs, read_entries
from ledger.tlog.note import VerifierKey, parse_note, verify_note
from ledger.vault import Vault
from ledger.verify import LogVerifier
from tests.faults.failing import Cue, FailingDatabase, FailingVault, Point
from tests.signing import Signed, kept_of, signed_log

BEFORE = 5
"""Events that are signed before the key or the origin changes."""
FAILURES = (VaultError, Busy, OutcomeUnknown, *DATABASE_ERRORS)
Change = Callable[[Database, Vault, Signed], Awaitable[object]]


async def rotate(database: Database, vault: Vault, signed: Signed) -> object:
    return await rotate_key(database, vault, VaultKeys(vault), signed.log)


async def reopen_it(database: Database, vault: Vault, signed: Signed) -> object:
    return await reopen(database, vault, VaultKeys(vault), signed.log)


async def attempt(signed: Signed, change: Change, cue: Cue) -> None:
    """Change the log's key or origin, with connections and a vault that fail on cue."""
    database = FailingDatabase(signed.database, cue).as_database()
    try:
        await change(database, FailingVault(signed.vault.folder, cue), signed)
    except FAILURES:
        assert cue.met


async def halted(signed: Signed) -> None:
    async with signed.database.pool("signer").acquire() as connection:
        await halt(connection, signed.log, "its operator has lost something")


async def recorded(signed: Signed, event_type: str) -> list[bytes]:
    """Return the data of every event of this type, in order."""
    pages = [page async for page in read_entries(signed.reader, signed.log.log_id, 0, BEFORE + 10)]
    entries = [read_entry(stored.entry) for page in pages for stored in page]
    return [bytes(entry.data) for entry in entries if entry.type == event_type]


async def assert_signs(signed: Signed, keys: Sequence[VerifierKey]) -> None:
    """The log grows, is signed by each of these keys, and verifies; what was signed before stands."""
    assert len(signed.vault.names("signing")) == len(await log_keys(signed.reader, signed.log.log_id))
    await signed.append("later", 3)
    newest = await signed.other_signer().sign(signed.log)
    assert newest is not None
    assert [len(verify_note(parse_note(newest), [key])) for key in keys] == [1] * len(keys)
    (log,) = await find_logs(signed.reader, [signed.log.slug])
    mark = read_mark(signed.vault, log.slug)
    assert mark is not None
    assert mark.note == newest == await newest_checkpoint(signed.reader, log)
    assert await check_marks(signed.database, signed.vault) == []
    verified = await LogVerifier(signed.reader, log, mark=mark).verify()
    assert (verified.findings, verified.size) == ([], mark.size)
    assert (await kept_of(signed.reader, log.log_id, signed.log.origin))[0].size == BEFORE


async def assert_rotated(signed: Signed) -> None:
    if len(await log_keys(signed.reader, signed.log.log_id)) == 1:
        await rotate(signed.database, signed.vault, signed)
    keys = await log_keys(signed.reader, signed.log.log_id)
    (said,) = await recorded(signed, "SigningKeyRotated")
    assert [str(key).encode() in said for key in keys] == [True, True]
    await assert_signs(signed, keys)


async def assert_reopened(signed: Signed, lost: bytes | None) -> None:
    if await read_halts(signed.reader):
        await reopen_it(signed.database, signed.vault, signed)
    (log,) = await find_logs(signed.reader, [signed.log.slug])
    assert log.origin == f"{signed.log.origin}/2"
    (said,) = await recorded(signed, "LogReopened")
    old, new = await log_keys(signed.reader, signed.log.log_id)
    assert (old.name, new.name, str(new).encode() in said) == (signed.log.origin, log.origin, True)
    given_up = read_lost(signed.vault, log.slug, log.origin)
    assert given_up is not None
    assert given_up.note == lost
    await assert_signs(signed, [new])


async def run(database: Database, folder: Path, name: str, change: Change, point: Point | None) -> Cue:
    """Change a new log's key or origin, fail at a point, and see that it can be done all the same."""
    cue = Cue(point)
    async with signed_log(database, folder / name, name) as signed:
        await signed.append("before", BEFORE)
        note = await signed.signer.sign(signed.log)
        if change is reopen_it:
            await halted(signed)
        await attempt(signed, change, cue)
        if change is reopen_it:
            await assert_reopened(signed, note)
        else:
            await assert_rotated(signed)
    return cue


@pytest.mark.parametrize(("change", "writes"), [(rotate, 1), (reopen_it, 3)])
async def test_a_change_that_fails_at_any_step_is_done_again_and_done_once(
    database: Database, tmp_path: Path, change: Change, writes: int
) -> None:
    record = await run(database, tmp_path, "recorded", change, None)
    assert len([step for step in record.taken if step.startswith("WRITE")]) == writes
    assert {"lock_log", "COPY event", "move_head", "add_log_key", "COMMIT"} <= set(record.taken)
    for number, point in enumerate(record.changes()):
        try:
            assert (await run(database, tmp_path, f"log-{number}", change, point)).met
        except BaseException as error:
            error.add_note(f"failed {point.when} {point.step}, number {point.nth}")
            raise
