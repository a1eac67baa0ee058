"""High-water marks: a database that is behind what was signed, or another, is found out, halted, and reopened.

What is done to the database is done as its owner can, with the guards off; copies are copies of the whole database.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from msgspec import Struct

from ledger.checkpoints import log_keys, newest_checkpoint, newest_keys, root_at
from ledger.database import Database, open_database
from ledger.domain.signing_events import LogReopened
from ledger.entry import read_entry
from ledger.errors import InputError, LogHalted, VaultError
from ledger.intake import LogInfo
from ledger.log_keys import VaultKeys
from ledger.marks import Mark, advance_mark, check_marks, halt, mark_of, read_halts, read_mark
from ledger.reopening import read_lost, reopen
from ledger.sequencer import Sequencer
from ledger.server.embedded import EmbeddedServer
from ledger.settings import read_settings
from ledger.signer import Signer
from ledger.store import find_logs, read_entries, read_heads
from ledger.tlog.merkle import TILE_WIDTH, extend_frontier
from ledger.tlog.note import Note, format_note, parse_note
from ledger.verify import LogVerifier
from tests.conftest import execute
from tests.signing import SLUG, Signed, drafts, kept_of, new_signer, signed_log

CUT = (
    "DELETE FROM event WHERE position >= 5",
    "DELETE FROM signature WHERE size > 5",
    "DELETE FROM checkpoint WHERE size > 5",
)


@pytest.fixture
async def signed(database: Database, tmp_path: Path) -> AsyncGenerator[Signed]:
    async with signed_log(database, tmp_path) as one:
        yield one


class Older(Struct, frozen=True):
    """An older copy of a database, over the same vault."""

    database: Database
    log: LogInfo
    signer: Signer


@asynccontextmanager
async def older_copy(server: EmbeddedServer, signed: Signed, later: Sequence[int]) -> AsyncGenerator[Older]:
    """Copy the database as it is now, let the original grow and sign, and yield the copy.

    `later` is how many events the original gets before each checkpoint that follows.
    """
    name = await signed.reader.fetchval("SELECT current_database()")
    copy = f"test_{uuid4().hex}"
    await execute(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await execute(server, f"CREATE DATABASE {copy} TEMPLATE {name}")
    try:
        for number, count in enumerate(later):
            await signed.append(f"later-{number}", count)
            await signed.sign()
        settings = read_settings(
            {"JEJAK_DATABASE_URL": server.url(copy), "JEJAK_KEYS_DIR": str(signed.vault.folder.parent)}
        )
        async with await open_database(settings) as database:
            (log,) = await find_logs(database.pool("reader"), [SLUG])
            yield Older(database, log, new_signer(database, signed.vault, VaultKeys(signed.vault)))
    finally:
        await execute(server, f"DROP DATABASE {copy} WITH (FORCE)")


async def changed(signed: Signed, *statements: str) -> None:
    """Do to the database what nothing of ours would."""
    async with signed.database.owner() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            await connection.execute(statement)


async def append_to(database: Database, log: LogInfo, name: str, count: int = 1) -> None:
    sequencer = Sequencer(log, database.pool("writer"), lambda _log, _size: None)
    try:
        await sequencer.append(drafts(log, name, count))
    finally:
        await sequencer.close()


async def halts(database: Database) -> dict[str, str]:
    return {halt.slug: halt.reason for halt in await read_halts(database.pool("reader"))}


async def test_a_database_restored_from_before_is_halted_at_its_start_and_takes_and_signs_nothing(
    server: EmbeddedServer, signed: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    await signed.append("a", 5)
    await signed.sign()
    async with older_copy(server, signed, [3]) as older:
        assert await check_marks(older.database, signed.vault) == [SLUG]
        reason = "it has 5 entries, and 8 were signed: the database is an older copy, or was cut"
        assert await halts(older.database) == {SLUG: reason}
        assert f"LOG {SLUG} IS HALTED" in caplog.text
        with pytest.raises(LogHalted) as caught:
            await append_to(older.database, older.log, "b")
        assert str(caught.value) == (
            f"log shop is halted, and takes nothing: {reason}; restore the database that has what was signed, or, if "
            "that is lost for good, run `jejak log reopen shop`"
        )
        with pytest.raises(LogHalted):
            await older.signer.sign(older.log)
        assert (await read_heads(older.database.pool("reader"), [SLUG]))[0].size == 5
    assert await check_marks(signed.database, signed.vault) == []


async def test_a_copy_that_grows_beside_the_original_signs_no_other_root_of_a_size(
    server: EmbeddedServer, signed: Signed
) -> None:
    """Nobody looked at the copy's start: it has as many entries as were signed, and others."""
    await signed.append("a", 5)
    await signed.sign()
    async with older_copy(server, signed, [3]) as older:
        await append_to(older.database, older.log, "b", 3)
        with pytest.raises(LogHalted, match="its first 8 entries have another root than was signed"):
            await older.signer.sign(older.log)
        kept = await kept_of(older.database.pool("reader"), older.log.log_id, older.log.origin)
        assert [one.size for one in kept] == [5]


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        ((*CUT, "UPDATE log_head SET size = 5"), "it has 5 entries, and 300 were signed"),
        (("UPDATE log_head SET size = 5", CUT[0]), "it has 5 entries, and 300 were signed"),
        (
            ("UPDATE event SET leaf_hash = sha256('x') WHERE position = 299",),
            "its first 300 entries have another root than was signed",
        ),
        (
            ("UPDATE tile SET hashes = overlay(hashes PLACING sha256('x') FROM 1), root = sha256('y')",),
            "its first 300 entries have another root than was signed",
        ),
        (("UPDATE checkpoint SET root = sha256('x')",), "its database keeps another checkpoint of 300 entries"),
        (("UPDATE log SET origin = 'other/shop'",), "its database says it is other/shop, and jejak.local/ledger/shop"),
        (("DELETE FROM tile",), "its tiles give no root"),
        (("DELETE FROM log_head",), "it has 0 entries, and 300 were signed"),
        (
            ("UPDATE log_head SET frontier = overlay(frontier PLACING sha256('x') FROM 1)",),
            "its head is not what its tiles give at 300 entries",
        ),
    ],
)
async def test_a_database_that_was_changed_is_halted_and_says_what_is_wrong(
    signed: Signed, statements: Sequence[str], reason: str
) -> None:
    await signed.append("a", 300)
    await signed.sign()
    await changed(signed, *statements)
    assert await check_marks(signed.database, signed.vault) == [SLUG]
    assert (await halts(signed.database))[SLUG].startswith(reason)


async def test_a_database_cut_behind_its_own_checkpoints_is_found_out_without_the_mark(signed: Signed) -> None:
    await signed.append("a", 9)
    await signed.sign()
    signed.vault.remove(f"marks/{SLUG}")
    assert await check_marks(signed.database, signed.vault) == []
    await changed(signed, CUT[0], "UPDATE log_head SET size = 5")
    assert await check_marks(signed.database, signed.vault) == [SLUG]


async def test_a_log_that_is_gone_is_said_and_halted_once_it_is_made_anew(
    signed: Signed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await signed.append("a")
    await signed.sign()
    tables = ("event", "log_head", "log_key", "checkpoint", "signature", "log")
    await changed(signed, *(f"DELETE FROM {table}" for table in tables))
    assert await check_marks(signed.database, signed.vault) == []
    assert f"LOG {SLUG} WAS SIGNED OF AND IS NOT IN THE DATABASE" in caplog.text
    async with signed_log(signed.database, tmp_path) as anew:
        await anew.signer.prepare(anew.log)
        assert (await halts(signed.database))[SLUG].startswith("it has 0 entries, and 1 were signed")


async def test_a_log_that_agrees_with_its_mark_is_left_alone(signed: Signed) -> None:
    await signed.append("a", TILE_WIDTH + 5)
    await signed.sign()
    await signed.append("b", 7)
    assert await check_marks(signed.database, signed.vault) == []
    assert await halts(signed.database) == {}


async def test_a_log_that_agrees_again_goes_on_but_one_that_a_witness_had_halted_does_not(
    signed: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    await signed.append("a", 3)
    await signed.sign()
    leaf = await signed.reader.fetchval("SELECT leaf_hash FROM event WHERE position = 1")
    await changed(signed, "UPDATE event SET leaf_hash = sha256('x') WHERE position = 1")
    assert await check_marks(signed.database, signed.vault) == [SLUG]
    await changed(signed, f"UPDATE event SET leaf_hash = '\\x{leaf.hex()}' WHERE position = 1")
    with pytest.raises(LogHalted):
        await signed.append("b")
    with pytest.raises(InputError, match="is not halted"):
        await reopen(signed.database, signed.vault, signed.keys, signed.log)
    assert "agrees again with what was signed of it" in caplog.text
    await signed.append("b")
    assert [one.size for one in (await signed.sign(), *await signed.assert_sound())] == [4, 3, 4]
    async with signed.database.pool("signer").acquire() as connection, connection.transaction():
        await halt(connection, signed.log, "a witness has seen 9 entries")
    assert await check_marks(signed.database, signed.vault) == [SLUG]
    assert (await halts(signed.database))[SLUG] == "a witness has seen 9 entries"


async def test_a_damaged_mark_is_no_licence_to_sign(signed: Signed) -> None:
    await signed.append("a")
    await signed.sign()
    signed.vault.write(f"marks/{SLUG}", b"nothing\n")
    await signed.append("b")
    with pytest.raises(VaultError, match="is no mark"):
        await signed.signer.sign(signed.log)
    assert [one.size for one in await signed.kept()] == [1]


async def test_of_two_who_would_put_a_mark_in_place_of_the_same_one_is_refused(signed: Signed) -> None:
    await signed.append("a")
    await signed.sign()
    before = read_mark(signed.vault, SLUG)
    assert before is not None
    await signed.append("b")
    await signed.sign()
    with pytest.raises(VaultError, match="somebody else has signed of log shop"):
        advance_mark(signed.vault, SLUG, before, before.note)
    assert read_mark(signed.vault, SLUG) != before


def test_a_mark_is_what_its_note_says() -> None:
    text = "a/b\n7\n" + "A" * 43 + "=\n"
    note = format_note(Note(text, parse_note(text.encode() + "\n— a/b AAAAAAE=\n".encode()).signatures))
    assert mark_of(note) == Mark(origin="a/b", size=7, root=bytes(32), note=note)


async def test_a_log_reopened_after_a_loss_begins_a_new_origin_whose_first_entry_names_what_still_stands(
    server: EmbeddedServer, signed: Signed
) -> None:
    await signed.append("a", 5)
    good = await signed.sign()
    async with older_copy(server, signed, [3, 2]) as older:
        lost = read_mark(signed.vault, SLUG)
        assert lost is not None
        await check_marks(older.database, signed.vault)
        keys, pool = VaultKeys(signed.vault), older.database.pool("reader")
        reopened = await reopen(older.database, signed.vault, keys, older.log, "a disk is lost")
        old, new = await log_keys(pool, older.log.log_id)
        assert reopened == LogReopened(
            previous_origin=good.origin,
            previous_size=5,
            previous_root=good.root.hex(),
            origin=f"{good.origin}/2",
            key=str(new),
            signed_size=10,
            signed_root=lost.root.hex(),
            reason="a disk is lost",
        )
        assert (old.name, new.name) == (good.origin, reopened.origin)
        assert await halts(older.database) == {}
        (page,) = [page async for page in read_entries(pool, older.log.log_id, 5, 6)]
        recorded = read_entry(page[0].entry)
        assert (recorded.subject, recorded.authrole) == (f"ledger:{SLUG}", "SYSTEM")
        assert msgspec.json.decode(recorded.data, type=LogReopened) == reopened
        await append_to(older.database, older.log, "after", 2)
        await older.signer.sign(older.log)
        kept = await kept_of(pool, older.log.log_id, reopened.origin)
        assert [(one.origin, one.size) for one in kept] == [(reopened.origin, 5), (reopened.origin, 8)]
        assert [await root_at(pool, older.log.log_id, one.size) for one in kept] == [one.root for one in kept]
        assert await newest_keys(pool, [older.log]) == {older.log.log_id: str(new)}
        assert (await LogVerifier(pool, older.log).verify()).findings == []
        assert await check_marks(older.database, signed.vault) == []
        assert read_lost(signed.vault, SLUG, reopened.origin) == lost
    assert await check_marks(signed.database, signed.vault) == [SLUG]  # the one that was given up does not go on


async def test_a_log_that_is_not_halted_is_not_reopened(signed: Signed) -> None:
    await signed.append("a")
    await signed.sign()
    with pytest.raises(InputError, match="log shop is not halted"):
        await reopen(signed.database, signed.vault, signed.keys, signed.log)


async def test_of_a_log_that_was_changed_the_last_good_size_is_the_highest_before_the_change(signed: Signed) -> None:
    for number in range(12):
        await signed.append(f"a{number}", 3)
        await signed.sign()
    good = (await signed.kept())[6]
    assert good.size == 21
    await changed(
        signed,
        "UPDATE event SET leaf_hash = sha256('x') WHERE position = 22",
    )
    frontier = await consistent_frontier(signed)
    async with signed.database.owner() as connection:
        await connection.execute("UPDATE log_head SET frontier = $1", frontier)
    await check_marks(signed.database, signed.vault)
    reopened = await reopen(signed.database, signed.vault, signed.keys, signed.log)
    assert (reopened.previous_size, reopened.previous_root) == (21, good.root.hex())
    assert reopened.signed_size == 36


async def consistent_frontier(signed: Signed) -> bytes:
    """Return the frontier that the leaf hashes give as they are stored."""
    rows = await signed.reader.fetch("SELECT leaf_hash FROM event ORDER BY position")
    return extend_frontier(0, b"", [row["leaf_hash"] for row in rows])


@pytest.mark.parametrize("step", ["record_once", "add_key", "keep_note"])
async def test_a_reopening_cut_short_is_halted_still_and_goes_on_where_it_was(
    signed: Signed, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed.append("a", 9)
    await signed.sign()
    await changed(signed, *CUT, "UPDATE log_head SET size = 5")
    async with signed.database.owner() as connection:
        await connection.execute("UPDATE log_head SET frontier = $1", await consistent_frontier(signed))
    await check_marks(signed.database, signed.vault)
    with monkeypatch.context() as patched:
        patched.setattr(f"ledger.reopening.{step}", cut_short)
        with pytest.raises(ConnectionResetError):
            await reopen(signed.database, signed.vault, signed.keys, signed.log)
    with pytest.raises(LogHalted):
        await signed.append("between")
    reopened = await reopen(signed.database, signed.vault, signed.keys, signed.log)
    assert (reopened.origin, reopened.previous_size, reopened.signed_size) == (f"{signed.log.origin}/2", 0, 9)
    (head,) = await read_heads(signed.reader, [SLUG])
    assert (head.size, head.log.origin) == (6, reopened.origin)
    await signed.append("after")
    await signed.signer.sign(signed.log)
    assert [one.size for one in await kept_of(signed.reader, signed.log.log_id, reopened.origin)] == [5, 7]
    assert len(signed.vault.names("signing")) == 2
    assert await newest_checkpoint(signed.reader, signed.log) is not None


async def cut_short(*_: object, **__: object) -> None:
    raise ConnectionResetError


async def test_a_log_may_be_reopened_more_than_once(signed: Signed) -> None:
    await signed.append("a", 4)
    await signed.sign()
    for number in (2, 3):
        async with signed.database.owner() as connection:
            await connection.execute("INSERT INTO log_halt (log_id, reason) VALUES ($1, 'tried')", signed.log.log_id)
        reopened = await reopen(signed.database, signed.vault, signed.keys, signed.log)
        assert reopened.origin == f"{signed.database.name}/{SLUG}/{number}"
        await signed.append(f"b{number}")
        await signed.signer.sign(signed.log)
    assert await check_marks(signed.database, signed.vault) == []
