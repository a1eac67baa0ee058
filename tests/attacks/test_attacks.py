"""Attacks by an operator who owns everything; each test is one, and shows who notices and how.

The reader is a process of its own without database access, which kept the log's public key and a checkpoint of 400
entries (`jejak verify --from ... --since`). The log has 600 now.

| what is done | who notices | how |
|---|---|---|
| nothing | nobody | the reader verifies it |
| an entry is edited | the reader | its leaf hash is not that of its tile |
| with its leaf hash | the reader | the entry; in the last tile, that the right edge does not give the signed root |
| with leaf, tiles and head | the reader | the tiles do not give the signed root |
| all of it, signed anew with the stolen real key | the reader | no consistency with the checkpoint that was kept |
| the same, at the next start | the ledger | the mark outside the database has another root: halted |
| the tail is cut, head to match | the reader, the ledger | fewer entries than were kept; fewer than the mark: halted |
| the database is restored from yesterday | the reader, the ledger | as with a tail that was cut |
| and is reopened | the reader | another origin, by a key that is not known; the trusted checkpoint is of the old one |
| with the mark of yesterday | the reader | fewer entries than were kept |
| two readers are shown two logs | either, with the other's checkpoint | two roots for one history |
| the key is swapped | the reader | no signature by the key that is known |
| another log is shown for this one | the reader | no signature by the key that is known |
| an entry of another log is put in, and signed | the reader | the entry says which log it is of |
| an entry is put in twice, and signed | the reader | the entry says which position it is of |
| an erased field is brought back by a restore | the ledger | the list of destroyed keys outside: destroyed again |
"""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest

from ledger.tlog.merkle import leaf_hash
from ledger.tlog.note import Ed25519Signer
from tests.attacks.attacked import (
    KEPT,
    NAME,
    OTHER,
    PERSON,
    TODAY,
    YESTERDAY,
    Attacked,
    History,
    copied,
    copy_folder,
    grow,
    keys_of,
    listed,
    made_history,
)
from tests.attacks.forging import edited, entries_of, keep, restore, rewrite, sign, stolen_key, unguarded
from tests.faults.serving import LOG, jejak

AT = 100
EDGE = 590
NOT_STOOD_ON = "the entry is not the one that the signed root stands on"
NOT_THE_ROOT = f"tiles of the right edge: do not give the root that was signed for {TODAY} entries"
NOT_GROWN = f"the first {KEPT} entries: are not those of the trusted checkpoint: "
SET_BACK = f"checkpoint: is signed for {YESTERDAY} entries, and there were {KEPT}"
NOT_SIGNED = "checkpoint: no signature is of a key that is known here"


@pytest.fixture(scope="module")
async def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return await made_history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
async def served(history: History, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Attacked]:
    """Yield a copy of the ledger as it is today, served, for attacks after which all can be as it was."""
    async with copied(history, tmp_path_factory.mktemp("shared") / "data") as copy:
        await copy.start()
        async with copy.database() as connection:
            await keep(connection)
        yield copy


@pytest.fixture
async def shared(served: Attacked) -> AsyncGenerator[Attacked]:
    """Yield the shared copy; what a test changes in its database is as it was afterwards."""
    yield served
    async with served.database() as connection:
        await restore(connection)


@pytest.fixture
async def attacked(history: History, tmp_path: Path) -> AsyncGenerator[Attacked]:
    """Yield a copy of one test's own."""
    async with copied(history, tmp_path / "data") as copy:
        await copy.start()
        yield copy


async def test_nothing_is_noticed_where_nothing_was_done(shared: Attacked) -> None:
    done = await shared.judged()
    told = msgspec.json.decode(done.output)
    assert (done.code, done.errors, told["verified"]) == (0, "", True)
    assert [(log["size"], log["since"], log["entries"]) for log in told["logs"]] == [(TODAY, KEPT, "verified")]
    assert (await shared.ask("GET", "/health/ready")).status == 200


@pytest.mark.parametrize("position", [AT, EDGE])
async def test_an_entry_that_was_edited_is_named(shared: Attacked, position: int) -> None:
    async with shared.database() as connection:
        await unguarded(connection)
        await connection.execute("UPDATE event SET entry = entry || ' ' WHERE position = $1", position)
    whole = await jejak("verify", "--from", shared.url, "--key", shared.history.key)
    assert (whole.code, f"position {position}: {NOT_STOOD_ON}" in whole.errors) == (1, True)
    if position >= KEPT:  # what the reader has seen before is not read again
        assert await shared.noticed() == f"position {position}: {NOT_STOOD_ON}"


@pytest.mark.parametrize(("position", "seen"), [(AT, f"position {AT}: {NOT_STOOD_ON}"), (EDGE, NOT_THE_ROOT)])
async def test_an_entry_that_was_edited_with_its_leaf_hash_is_seen(shared: Attacked, position: int, seen: str) -> None:
    async with shared.database() as connection:
        await unguarded(connection)
        entry = edited((await entries_of(connection, LOG))[position])
        change = "UPDATE event SET entry = $1, leaf_hash = $2 WHERE position = $3"
        await connection.execute(change, entry, leaf_hash(entry), position)
    whole = await jejak("verify", "--from", shared.url, "--key", shared.history.key)
    assert (whole.code, seen in whole.errors) == (1, True), whole.errors


async def test_an_entry_that_was_edited_with_leaf_tiles_and_head_is_seen(shared: Attacked) -> None:
    async with shared.database() as connection:
        entries = await entries_of(connection, LOG)
        await rewrite(connection, LOG, [*entries[:AT], edited(entries[AT]), *entries[AT + 1 :]])
    assert await shared.noticed() == NOT_THE_ROOT


async def test_a_log_that_was_rewritten_and_signed_with_the_real_key_is_not_what_the_reader_kept(
    attacked: Attacked,
) -> None:
    async with attacked.database() as connection:
        entries = await entries_of(connection, LOG)
        forged = [*entries[:AT], edited(entries[AT]), *entries[AT + 1 :]]
        await rewrite(connection, LOG, forged)
        await sign(connection, LOG, forged, stolen_key(attacked.folder, LOG))
    alone = await jejak("verify", "--from", attacked.url, "--key", attacked.history.key)
    assert alone.code == 0, "nothing within it contradicts it: only what was kept outside does"
    assert (await attacked.noticed()).startswith(NOT_GROWN)
    await attacked.stop()
    await attacked.start()
    await attacked.is_halted()


async def test_a_tail_that_was_cut_with_a_head_to_match_is_missed(attacked: Attacked) -> None:
    async with attacked.database() as connection:
        entries = (await entries_of(connection, LOG))[:YESTERDAY]
        await rewrite(connection, LOG, entries)
        await sign(connection, LOG, entries, stolen_key(attacked.folder, LOG))
    cut = f"checkpoint: is signed for {YESTERDAY} entries, and there were {KEPT}: the log was cut or set back"
    assert await attacked.noticed() == cut
    await attacked.stop()
    await attacked.start()
    await attacked.is_halted()


async def test_a_database_restored_from_yesterday_is_halted_and_the_reader_misses_what_is_gone(
    history: History, tmp_path: Path
) -> None:
    async with copied(history, tmp_path / "data", history.yesterday) as attacked:
        await attacked.start()
        await attacked.is_halted()
        assert (await attacked.noticed()).startswith(SET_BACK)
        await attacked.stop()
        data = ("--data", str(attacked.folder))
        reopened = await jejak("log", "reopen", LOG, "--reason", "a disk was lost", "--json", *data)
        assert (reopened.code, reopened.errors) == (0, "")
        key = msgspec.json.decode(reopened.output)["key"]
        await attacked.start()
        assert (await attacked.noticed()).startswith(NOT_SIGNED)
        whole = await jejak("verify", "--from", attacked.url, "--key", key)
        assert (whole.code, f"/{LOG}/2: size {YESTERDAY + 1}," in whole.output) == (0, True), whole
        since = await jejak("verify", "--from", attacked.url, "--key", key, "--since", str(history.older))
        assert (since.code, "the trusted checkpoint is of " in since.errors) == (2, True)


async def test_with_its_mark_restored_too_the_reader_still_misses_what_is_gone(
    history: History, tmp_path: Path
) -> None:
    async with copied(history, tmp_path / "data", history.yesterday) as attacked:
        (mark,) = keys_of(attacked.folder).glob(f"*/marks/{LOG}")
        mark.unlink()
        await attacked.start()
        assert (await attacked.ask("GET", "/health/ready")).status == 200
        assert (await attacked.noticed()).startswith(SET_BACK)
        await grow(attacked, [*map(listed, range(1_000, 1_000 + TODAY))], YESTERDAY + TODAY)
        assert (await attacked.noticed()).startswith(NOT_GROWN)


async def test_two_readers_who_are_shown_two_logs_find_out_by_comparing_checkpoints(
    attacked: Attacked, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    await attacked.stop()
    copy_folder(keys_of(attacked.folder), keys_of(tmp_path / "second"))
    copy_folder(attacked.folder, tmp_path / "second")
    second = Attacked(attacked.history, tmp_path / "second")
    try:
        for served, number in ((attacked, 2_000), (second, 3_000)):
            await served.start()
            await grow(served, [listed(number)], TODAY + 1)
            assert (await served.judged()).code == 0, "each alone is as it must be"
        kept = ("--key", attacked.history.key, "--save", str(seen))
        assert (await jejak("verify", "--from", attacked.url, *kept)).code == 0
        noticed = await attacked.noticed(second.url, seen)
        assert noticed.startswith(f"the first {TODAY + 1} entries: are not those of the trusted checkpoint: two roots")
    finally:
        await second.abandon()


async def test_a_key_that_was_swapped_is_unknown_to_the_reader(shared: Attacked) -> None:
    stranger = Ed25519Signer(stolen_key(shared.folder, LOG).verifier.name, bytes(32))
    async with shared.database() as connection:
        await sign(connection, LOG, await entries_of(connection, LOG), stranger)
    assert (await shared.noticed()).startswith(NOT_SIGNED)


async def test_another_log_shown_for_this_one_is_unknown_to_the_reader(attacked: Attacked) -> None:
    async with attacked.database() as connection:
        entry = (await entries_of(connection, LOG))[0]
        await rewrite(connection, OTHER, [entry])
        await sign(connection, OTHER, [entry], stolen_key(attacked.folder, OTHER))
    url = attacked.url.removesuffix(LOG) + OTHER
    assert (await attacked.noticed(url)).startswith(NOT_SIGNED)
    done = await jejak("verify", "--from", url, "--key", attacked.history.other_key)
    assert (done.code, f"position 0: the entry says that it is of log {LOG}" in done.errors) == (1, True)


async def test_an_entry_of_another_log_or_of_another_position_says_so_itself(attacked: Attacked) -> None:
    async with attacked.database() as connection:
        entries = await entries_of(connection, LOG)
        place = f'"sequence":"{TODAY:020}"'.encode()
        here = entries[AT].replace(f'"sequence":"{AT:020}"'.encode(), place)
        foreign = here.replace(f'"log":"{LOG}"'.encode(), f'"log":"{OTHER}"'.encode())
        for entry, says in ((foreign, f"of log {OTHER}"), (entries[AT], f"of position {AT:020}")):
            await rewrite(connection, LOG, [*entries, entry])
            await sign(connection, LOG, [*entries, entry], stolen_key(attacked.folder, LOG))
            assert (await attacked.noticed()).startswith(f"position {TODAY}: the entry says that it is {says}")


async def test_an_erased_field_that_a_restore_brings_back_is_erased_again(history: History, tmp_path: Path) -> None:
    async with copied(history, tmp_path / "data") as attacked:
        data = ("--data", str(attacked.folder))
        erased = await jejak("erase", PERSON, "--basis", "a law", "--request-ref", "DSR-1", *data)
        assert (erased.code, erased.errors) == (0, "")
        shutil.rmtree(attacked.folder)
        copy_folder(history.yesterday, attacked.folder)
        shown = await jejak("events", LOG, "--limit", "1", *data)
        assert (NAME in shown.output, '"[ERASED]"' in shown.output) == (False, True), shown
        await attacked.start()
        async with attacked.database() as connection:
            assert await connection.fetchval("SELECT count(*) FROM subject_key WHERE wrapped IS NOT NULL") == 0
        await attacked.is_halted()
