"""The signer: what it signs, when, by which keys, and what it says when it cannot."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import msgspec
import pytest

from ledger.checkpoints import (
    checkpoint_at,
    covering_checkpoint,
    log_keys,
    newest_checkpoint,
    newest_keys,
    root_at,
)
from ledger.database import Database
from ledger.entry import read_entry
from ledger.errors import SettingError, VaultError
from ledger.feed import Feed
from ledger.log_keys import VaultKeys, open_log_keys, read_seeds
from ledger.marks import halt, read_mark
from ledger.reopening import reopen
from ledger.settings import read_settings
from ledger.signer import SIGN_SECONDS, Signer
from ledger.signing_rotation import ROTATION_OVERLAP, rotate_key
from ledger.store import find_event, read_entries, read_heads
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import TILE_WIDTH, leaf_hash
from ledger.tlog.note import Ed25519Signer, parse_note, parse_skey, verify_note
from tests.faults.serving import poll
from tests.signing import SLUG, Signed, new_signer, signed_log

SEED = bytes(range(32))
NEW_SEED = bytes(range(32, 64))


@pytest.fixture
async def signed(database: Database, tmp_path: Path) -> AsyncGenerator[Signed]:
    async with signed_log(database, tmp_path) as one:
        yield one


async def test_a_checkpoint_names_origin_size_and_root_and_is_signed_by_the_key_named_after_the_origin(
    signed: Signed,
) -> None:
    await signed.append("a", 3)
    note = await signed.signer.sign(signed.log)
    assert note is not None
    (key,) = await log_keys(signed.reader, signed.log.log_id)
    (head,) = await read_heads(signed.reader, [SLUG])
    assert key.name == signed.log.origin == f"{signed.database.name}/{SLUG}"
    assert open_checkpoint(note, [key]) == Checkpoint(signed.log.origin, 3, head.root)
    assert await newest_keys(signed.reader, [signed.log]) == {signed.log.log_id: str(key)}


async def test_an_empty_log_signs_nothing_and_one_that_has_not_grown_nothing_again(signed: Signed) -> None:
    assert await signed.signer.sign(signed.log) is None
    await signed.append("a")
    first = await signed.signer.sign(signed.log)
    assert await signed.signer.sign(signed.log) == first
    assert [one.size for one in await signed.kept()] == [1]


async def test_every_note_is_kept_and_found_by_its_size_and_by_what_it_covers(signed: Signed) -> None:
    notes: dict[int, bytes | None] = {}
    for number, count in enumerate((1, 4, TILE_WIDTH, 2 * TILE_WIDTH + 3)):
        await signed.append(f"a{number}", count)
        size = (await read_heads(signed.reader, [SLUG]))[0].size
        notes[size] = await signed.signer.sign(signed.log)
    assert [one.size for one in await signed.assert_sound()] == list(notes) == [1, 5, 261, 776]
    for size, note in notes.items():
        assert await checkpoint_at(signed.reader, signed.log, size) == note
    assert await checkpoint_at(signed.reader, signed.log, 4) is None
    assert await covering_checkpoint(signed.reader, signed.log, 2) == notes[5]
    assert await covering_checkpoint(signed.reader, signed.log, 261) == notes[261]
    assert await covering_checkpoint(signed.reader, signed.log, 777) is None
    assert await newest_checkpoint(signed.reader, signed.log) == notes[776]


async def test_what_is_signed_is_the_mark_and_a_mark_without_rows_is_kept_by_whoever_signs_next(
    signed: Signed,
) -> None:
    await signed.append("a", 5)
    note = await signed.signer.sign(signed.log)
    mark = read_mark(signed.vault, SLUG)
    assert mark is not None
    assert (mark.note, mark.size) == (note, 5)
    async with signed.database.owner() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("DELETE FROM signature")
        await connection.execute("DELETE FROM checkpoint")
    assert await newest_checkpoint(signed.reader, signed.log) is None
    assert await signed.other_signer().sign(signed.log) == note
    await signed.append("b")
    assert [one.size for one in (await signed.sign(), *await signed.assert_sound())] == [6, 5, 6]


async def test_sizes_signed_at_random_each_have_the_root_of_their_entries(signed: Signed) -> None:
    random, leaves = Random(7), 0
    for number in range(12):
        await signed.append(f"a{number}", random.choice((1, 2, 7, 100, 255, 256, 300)))
        if random.random() < 0.6:
            leaves = (await signed.sign()).size
    entries = [entry async for page in read_entries(signed.reader, signed.log.log_id, 0, leaves) for entry in page]
    assert len(await signed.assert_sound()) > 3
    for one in await signed.kept():
        assert await root_at(signed.reader, signed.log.log_id, one.size) == one.root
    assert [leaf_hash(entry.entry) for entry in entries] == [entry.leaf_hash for entry in entries]


async def test_a_log_that_grows_is_signed_without_being_asked_and_at_most_once_a_second(signed: Signed) -> None:
    signing = asyncio.create_task(signed.signer.run())

    async def is_signed() -> bool:
        return await newest_checkpoint(signed.reader, signed.log) is not None

    try:
        await signed.append("first")
        await poll(is_signed)
        began = asyncio.get_running_loop().time()
        number = 0
        while asyncio.get_running_loop().time() < began + 2.5 * SIGN_SECONDS:
            await signed.append(f"more-{number}")
            number += 1

        async def is_whole() -> bool:
            return (await signed.kept())[-1].size == number + 1

        await poll(is_whole)
    finally:
        signing.cancel()
        await asyncio.wait([signing])
    assert 2 <= len(await signed.assert_sound()) <= 6
    statement = "SELECT signed FROM checkpoint ORDER BY size"
    signed_at = [row["signed"] for row in await signed.reader.fetch(statement)]
    gaps = [later - earlier for earlier, later in pairwise(signed_at)]
    assert min(gaps) > timedelta(seconds=0.8 * SIGN_SECONDS)


async def test_who_asks_for_what_is_covered_gets_it_and_all_who_wait_get_one_checkpoint(signed: Signed) -> None:
    await signed.append("a", 3)
    notes = await asyncio.gather(*(signed.signer.cover(signed.log, size) for size in (1, 2, 3, 3, 2, 1)))
    assert len({note for note in notes if note}) == len(await signed.kept()) == 1
    await signed.append("b", 1)
    assert await signed.signer.cover(signed.log, 3) == notes[0]
    assert await signed.signer.cover(signed.log, 5) is None


async def test_a_key_is_a_private_file_outside_the_database_that_go_reads(signed: Signed) -> None:
    await signed.signer.prepare(signed.log)
    (name,) = signed.vault.names("signing")
    (key,) = await log_keys(signed.reader, signed.log.log_id)
    path = signed.vault.folder / "signing" / name
    assert name == f"{SLUG}.{key.key_id.hex()}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert parse_skey(path.read_text().strip()).verifier == key


async def test_without_its_key_a_log_is_not_signed_and_says_so_and_goes_on_taking_events(
    signed: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    await signed.append("a")
    await signed.sign()
    (name,) = signed.vault.names("signing")
    path = signed.vault.folder / "signing" / name
    content = path.read_bytes()
    path.unlink()
    await signed.append("b")
    with pytest.raises(VaultError, match="nothing is signed without it"):
        await signed.signer.sign(signed.log)
    await signed.signer.step()
    assert "is not signed, and goes on without" in caplog.text
    assert list(signed.signer.failures) == [signed.log.log_id]
    await signed.append("c")
    signed.vault.write(f"signing/{name}", content)
    assert again(caplog) == 0
    await signed.signer.step()
    assert (signed.signer.failures, [one.size for one in await signed.assert_sound()]) == ({}, [1, 3])
    await signed.append("d")
    await signed.signer.step()
    assert again(caplog) == 1


async def test_a_log_that_was_halted_and_is_signed_again_is_told_once(
    signed: Signed, caplog: pytest.LogCaptureFixture
) -> None:
    await signed.append("a")
    await signed.sign()
    async with signed.database.pool("signer").acquire() as connection:
        await halt(connection, signed.log, "its operator has lost something")
    await signed.signer.step()
    await reopen(signed.database, signed.vault, signed.keys, signed.log)  # as another process does
    assert again(caplog) == 0
    for name in ("b", "c"):
        await signed.append(name)
        await signed.signer.step()
    assert again(caplog) == 1


def again(caplog: pytest.LogCaptureFixture) -> int:
    """Return how often it was said that the log is signed again."""
    return caplog.text.count(f"log {SLUG} is signed again")


async def test_a_key_left_from_an_attempt_that_was_cut_short_is_taken(signed: Signed) -> None:
    left = VaultKeys(signed.vault).make(SLUG, signed.log.origin, ())
    VaultKeys(signed.vault).make("shop-2", f"{signed.database.name}/shop-2", ())
    await signed.append("a")
    await signed.sign()
    assert await log_keys(signed.reader, signed.log.log_id) == [left.verifier]


async def test_after_a_rotation_both_keys_sign_until_the_old_one_is_retired(signed: Signed) -> None:
    await signed.append("a")
    await signed.sign()
    new = await rotate_key(signed.database, signed.vault, signed.keys, signed.log)
    old = (await log_keys(signed.reader, signed.log.log_id))[0]
    note = await signed.signer.sign(signed.log)
    assert note is not None
    assert [signature.key_id for signature in parse_note(note).signatures] == [old.key_id, new.key_id]
    assert [len(verify_note(parse_note(note), [key])) for key in (old, new)] == [1, 1]
    page = [entry async for entries in read_entries(signed.reader, signed.log.log_id, 1, 2) for entry in entries]
    recorded = read_entry(page[0].entry)
    assert (recorded.type, recorded.authrole) == ("SigningKeyRotated", "SYSTEM")
    assert msgspec.json.decode(recorded.data) == {
        "origin": signed.log.origin,
        "key": str(new),
        "previous_keys": [str(old)],
        "overlap": "P30D",
    }
    async with signed.database.owner() as connection:
        assert (
            await connection.fetchval("SELECT retired - created FROM log_key WHERE key_id = $1", old.key_id)
            > ROTATION_OVERLAP
        )
        await connection.execute("UPDATE log_key SET retired = clock_timestamp() WHERE retired IS NOT NULL")
    await signed.append("b")
    note = await signed.signer.sign(signed.log)
    assert note is not None
    assert [signature.key_id for signature in parse_note(note).signatures] == [new.key_id]
    assert await newest_keys(signed.reader, [signed.log]) == {signed.log.log_id: str(new)}
    assert len(signed.vault.names("signing")) == 2


async def test_a_rotation_cut_short_after_its_entry_is_finished_by_the_next_and_recorded_once(
    signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed.append("a")
    await signed.sign()
    with monkeypatch.context() as patched:
        patched.setattr("ledger.signing_rotation.add_key", cut_short)
        with pytest.raises(ConnectionResetError):
            await rotate_key(signed.database, signed.vault, signed.keys, signed.log)
    key = await rotate_key(signed.database, signed.vault, signed.keys, signed.log)
    assert (await log_keys(signed.reader, signed.log.log_id))[1:] == [key]
    event_id = f"signing-key:{key.key_id.hex()}:1"
    assert (await find_event(signed.reader, signed.log.log_id, event_id)).position == 1
    assert (await read_heads(signed.reader, [SLUG]))[0].size == 2


async def cut_short(*_: object) -> None:
    raise ConnectionResetError


async def test_one_file_of_seeds_signs_for_every_log_and_its_last_line_is_the_newest_key(
    signed: Signed, tmp_path: Path
) -> None:
    path = tmp_path / "seeds"
    settings = read_settings({"JEJAK_SIGNING_KEY_FILE": str(path)})
    write_seeds(path, SEED)
    keys = open_log_keys(settings, signed.vault)
    signer = new_signer(signed.database, signed.vault, keys)
    await signed.append("a")
    note = await signer.sign(signed.log)
    expected = Ed25519Signer(signed.log.origin, SEED).verifier
    assert await log_keys(signed.reader, signed.log.log_id) == [expected]
    assert note is not None
    assert verify_note(parse_note(note), [expected])
    assert signed.vault.names("signing") == []
    with pytest.raises(SettingError, match="add a line"):
        await rotate_key(signed.database, signed.vault, keys, signed.log)
    write_seeds(path, SEED, NEW_SEED)
    rotated = await rotate_key(signed.database, signed.vault, open_log_keys(settings, signed.vault), signed.log)
    assert rotated == Ed25519Signer(signed.log.origin, NEW_SEED).verifier
    assert keys.signer(SLUG, rotated).verifier == rotated  # who signs already need not start anew
    write_seeds(path, SEED)
    with pytest.raises(SettingError, match="nothing is signed without"):
        keys.signer(SLUG, rotated)


def write_seeds(path: Path, *seeds: bytes, mode: int = 0o600) -> None:
    path.write_bytes(b"\n".join(base64.b64encode(seed) for seed in seeds) + b"\n")
    path.chmod(mode)


def test_a_file_of_seeds_that_is_none_or_that_others_may_use_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seeds"
    for seeds, mode, why in (
        ((SEED,), 0o640, "others may use"),
        ((SEED[:31],), 0o600, "not seeds of 32 bytes"),
        ((), 0o600, "not seeds of 32 bytes|no seed"),
    ):
        write_seeds(path, *seeds, mode=mode)
        with pytest.raises(SettingError, match=why) as caught:
            read_seeds(path)
        assert base64.b64encode(SEED).decode()[:20] not in str(caught.value)
    with pytest.raises(SettingError, match="cannot be read"):
        read_seeds(tmp_path / "nowhere")


async def test_a_signer_that_finds_no_database_waits_and_goes_on(
    signed: Signed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.signer.RETRY_SECONDS", 0.05)
    signer = Signer(signed.database, signed.vault, Feed(signed.reader), signed.keys)
    await signed.append("a")
    step, failed = signer.step, asyncio.Event()

    async def fails_once() -> None:
        if failed.is_set():
            return await step()
        failed.set()
        raise ConnectionResetError

    monkeypatch.setattr(signer, "step", fails_once)
    signing = asyncio.create_task(signer.run())

    async def is_signed() -> bool:
        return await newest_checkpoint(signed.reader, signed.log) is not None

    await poll(is_signed)
    signing.cancel()
    await asyncio.wait([signing])
    assert "nothing can be signed" in caplog.text
