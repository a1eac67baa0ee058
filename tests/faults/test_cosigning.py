"""A checkpoint that a witness must cosign fails at each step of its way, on the ledger's side and on the witness's.

The steps are those of a recorded run that change something. Nothing is ever shown that the witness has not cosigned,
and the next process goes on: nothing is halted, and what anybody has signed or cosigned is one history.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from api.witness import make_app
from ledger.checkpoints import checkpoint_at, log_keys, newest_checkpoint
from ledger.cosigning import Cosigning
from ledger.database import DATABASE_ERRORS, Database
from ledger.errors import VaultError
from ledger.feed import Feed
from ledger.log_keys import VaultKeys
from ledger.marks import check_marks, read_mark
from ledger.signer import Signer
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.note import COSIGNATURE, Ed25519Signer, parse_note, verify_note
from ledger.tlog.policy import parse_policy
from ledger.vault import Vault
from ledger.verify import LogVerifier
from ledger.witness import Witness
from ledger.witnessing import Witnesses
from tests.faults.failing import Cue, FailingDatabase, FailingVault, Point
from tests.signing import Signed, signed_log

BEFORE, GROWN, LATER = 5, 8, 3
"""Events cosigned before the failure, appended before it, and appended after it."""
WITNESS = Ed25519Signer("witness.example", bytes(range(32)), COSIGNATURE)
POLICY = parse_policy(f"witness one {WITNESS.verifier} http://witness.example/\nquorum one\n")


@asynccontextmanager
async def witnessed(signed: Signed, database: Database, ours: Vault, theirs: Vault) -> AsyncGenerator[Signer]:
    """Yield a signer that shows nothing which its witness has not cosigned; each has its vault."""
    witness = Witness(theirs, WITNESS, await log_keys(signed.reader, signed.log.log_id))
    transport = httpx.ASGITransport(make_app(witness))  # type: ignore[arg-type]
    cosigning = Cosigning(database, Witnesses(POLICY, transport), withholds=True)
    try:
        yield Signer(database, ours, Feed(signed.reader), VaultKeys(ours), cosigning)
    finally:
        await cosigning.close()


async def cosigned(signed: Signed, note: bytes | None) -> Checkpoint:
    """Return the checkpoint of a note that the log has signed and the witness cosigned."""
    assert note is not None
    verify_note(parse_note(note), [WITNESS.verifier])
    return open_checkpoint(note, await log_keys(signed.reader, signed.log.log_id))


async def attempt(signed: Signed, theirs: Path, cue: Cue) -> bytes | None:
    """Sign once, with connections and vaults that fail on cue; return the note that left, if one did."""
    database = FailingDatabase(signed.database, cue).as_database()
    ours = FailingVault(signed.vault.folder, cue)
    async with witnessed(signed, database, ours, FailingVault(theirs, cue)) as signer:
        try:
            return await signer.sign(signed.log)
        except (VaultError, *DATABASE_ERRORS):
            assert cue.met
            return None


async def run(database: Database, folder: Path, name: str, point: Point | None) -> Cue:
    """Have a new log signed and cosigned, fail at a point, and see that nothing contradicts anything."""
    cue, theirs = Cue(point), folder / name / "witness"
    async with signed_log(database, folder / name, name) as signed:
        await signed.signer.prepare(signed.log)
        await signed.append("before", BEFORE)
        async with witnessed(signed, signed.database, signed.vault, Vault(theirs)) as signer:
            before = await cosigned(signed, await signer.sign(signed.log))
        await signed.append("grown", GROWN)
        note = await attempt(signed, theirs, cue)
        shown = await cosigned(signed, await newest_checkpoint(signed.reader, signed.log))
        assert shown.size in {before.size, BEFORE + GROWN}
        assert note is None or await cosigned(signed, note) == shown
        await signed.append("later", LATER)
        assert await check_marks(signed.database, signed.vault) == []
        async with witnessed(signed, signed.database, signed.vault, Vault(theirs)) as signer:
            newest = await cosigned(signed, await signer.sign(signed.log))
        mark = read_mark(signed.vault, signed.log.slug)
        assert mark is not None
        assert (newest.size, newest.root) == (mark.size, mark.root)
        kept = await signed.assert_sound()
        notes = [await checkpoint_at(signed.reader, signed.log, one.size) for one in kept]
        all_shown = [await cosigned(signed, note) for note in notes if note is not None]
        assert [one in all_shown for one in (before, shown, newest)] == [True] * 3
        verified = await LogVerifier(signed.reader, signed.log, mark=mark).verify()
        assert (verified.findings, verified.size) == ([], BEFORE + GROWN + LATER)
    return cue


async def test_what_a_witness_must_cosign_is_shown_when_it_has_whatever_fails_on_the_way(
    database: Database, tmp_path: Path
) -> None:
    record = await run(database, tmp_path, "recorded", None)
    writes = [step for step in record.taken if step.startswith("WRITE")]
    assert writes == ["WRITE checkpoints", "WRITE marks", "WRITE checkpoints"]  # compared first, then cosigned
    assert {"withhold_checkpoint", "add_signatures", "show_checkpoint"} <= set(record.taken)
    for number, point in enumerate(record.changes()):
        try:
            assert (await run(database, tmp_path, f"log-{number}", point)).met
        except BaseException as error:
            error.add_note(f"failed {point.when} {point.step}, number {point.nth}")
            raise
