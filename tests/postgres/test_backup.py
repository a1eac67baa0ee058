"""Backups: made beside writers, restored to what was committed, without keys, and removed in time."""

import asyncio
import contextlib
import os
import pwd
import shutil
import sys
import tempfile
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest

from api.service import Service, open_service
from ledger.backup import PRUNE_INTERVAL, prune
from ledger.backup_manifest import MANIFEST, BackupManifest, format_manifest
from ledger.base_backup import copy_data
from ledger.checkpoints import log_keys, root_at
from ledger.database import Database
from ledger.domain.instants import format_instant
from ledger.erasure import BACKUPS_KEPT
from ledger.errors import DatabaseError, InputError
from ledger.intake import LogInfo
from ledger.receipts import make_receipt
from ledger.server.account import ACCOUNT_NAME, server_account
from ledger.server.binaries import find_binaries
from ledger.server.folder import DataFolder
from ledger.store import find_event
from ledger.tlog.merkle import leaf_hash
from ledger.tlog.receipt import check_receipt, parse_proof
from ledger.whole_folder import whole_folder
from tests.backups import (
    LOG,
    BackedUp,
    append,
    backed_up,
    entries_of,
    holding,
    listed,
    manifest_of,
    names_in,
    restore,
    run,
    settings_of,
    signed,
    told,
)
from tests.faults.serving import ROOT, jejak

BATCH = 5


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    return await backed_up(tmp_path_factory.mktemp("backups"))


async def write_until(service: Service, log: LogInfo, enough: asyncio.Event, growing: asyncio.Event) -> None:
    """Append and sign batch after batch; `growing` says that one was."""
    for number in count():
        await append(service, log, listed(1000 + number * BATCH, 1000 + (number + 1) * BATCH))
        await signed(service, log)
        growing.set()
        if enough.is_set():
            return


async def test_a_backup_made_beside_writers_is_a_committed_prefix_and_holds_what_was_receipted_before(
    tmp_path: Path,
) -> None:
    settings, enough, growing = settings_of(tmp_path / "data"), asyncio.Event(), asyncio.Event()
    async with open_service(settings) as service:
        log = await service.create_log(LOG, "PLATFORM", "UTC", None, "PUBLIC")
        await append(service, log, listed(0, 300))
        note = await signed(service, log)
        reader = service.database.pool("reader")
        stored = await find_event(reader, log.log_id, "e7")
        receipt = await make_receipt(reader, log, 7, leaf_hash(stored.entry), note)
        writing = asyncio.create_task(write_until(service, log, enough, growing))
        await growing.wait()
        words = ("--keys", str(tmp_path / "keys"), "--data", str(settings.data))
        told(await jejak("backup", str(tmp_path / "backup"), "--json", *words))
        enough.set()
        await writing
        entries = await entries_of(service.database, log)
    (backed,) = manifest_of(tmp_path / "backup").logs
    assert 300 < backed.size < len(entries)
    restored = told(await restore(tmp_path / "backup", tmp_path / "new", "--keys", f"{tmp_path}/keys", "--json"))
    assert restored["halted"] == [], "the copied keys know of nothing that is not in the backup"
    async with open_service(settings_of(tmp_path / "new")) as service:
        found, reader = await entries_of(service.database, log), service.database.pool("reader")
        assert len(found) >= backed.size
        assert (len(found) - 300) % BATCH == 0, "no commit is there in part"
        assert found == entries[: len(found)]
        signed_then = check_receipt(parse_proof(receipt), leaf_hash(found[7]), await log_keys(reader, log.log_id))
        assert await root_at(reader, log.log_id, signed_then.size) == signed_then.root
        assert (await root_at(reader, log.log_id, backed.size)).hex() == backed.root
        await append(service, log, listed(9_000, 9_001))
        await signed(service, log)


def modes_in(folder: Path) -> set[int]:
    """Return what others may do with what is in a folder, at any depth."""
    return {path.stat().st_mode & 0o077 for path in folder.rglob("*")}


async def test_a_backup_holds_no_key_and_the_copy_of_the_keys_is_made_apart_from_it(
    made: BackedUp, tmp_path: Path
) -> None:
    words = ("--data", str(made.data))
    done = await jejak("backup", str(tmp_path / "backup"), "--keys", str(tmp_path / "keys"), *words)
    assert (done.code, done.errors) == (0, "")
    secrets = [path for path in made.live_keys.rglob("*") if path.is_file() and "locks" not in path.parts]
    kept = {str(path.relative_to(made.live_keys)): path.read_bytes() for path in secrets}
    copied = {str(path.relative_to(tmp_path / "keys")): path for path in (tmp_path / "keys").rglob("*.*")}
    assert {name: path.read_bytes() for name, path in copied.items() if path.is_file()}.items() <= kept.items()
    for name, content in kept.items():
        assert (tmp_path / "keys" / name).read_bytes() == content
        if name.endswith(".key"):
            assert holding(tmp_path / "backup", content.strip()) == []
    assert modes_in(tmp_path) == {0}


async def copy_a_server_that_does_not_run(source: DataFolder, place: Path) -> None:
    account = server_account()
    with whole_folder(place) as unfinished:
        await copy_data(source, account, find_binaries(account), unfinished, lambda _done, _total: None)


async def test_a_copy_that_cannot_be_made_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        contextlib.closing(DataFolder(tmp_path / "data")) as source,
        pytest.raises(DatabaseError, match=r"pg_basebackup of .*/data failed: .*connection to server"),
    ):
        await copy_a_server_that_does_not_run(source, tmp_path / "backup")
    assert names_in(tmp_path) == ["data"]


async def test_places_from_which_nothing_could_be_restored_are_refused(made: BackedUp, tmp_path: Path) -> None:
    words = ("--data", str(made.data))
    refusals = {
        (str(made.backup),): "is there already",
        (str(made.data / "backup"),): "is in the ledger's own",
        (str(tmp_path / "b"), "--keys", str(tmp_path / "b")): "must not have the keys with it",
        (str(tmp_path / "b"), "--keys", str(tmp_path / "b" / "keys")): "must not have the keys with it",
        (str(tmp_path / "k" / "b"), "--keys", str(tmp_path / "k")): "must not have the keys with it",
        (str(tmp_path / "b"), "--keys", str(made.live_keys / "k")): "is in the ledger's own",
        (): "name the folder of the new backup",
        ("--keys", str(tmp_path / "k"), "--prune"): "name the folder of the new backup",
    }
    for given, reason in refusals.items():
        with pytest.raises(InputError, match=reason):
            await run("backup", *given, *words)
    with pytest.raises(InputError, match="is not empty"):
        await run("restore", str(made.backup), *words)
    with pytest.raises(InputError, match="is no backup"):
        await run("restore", str(tmp_path), "--data", str(tmp_path / "new"))
    assert names_in(tmp_path) == []


async def test_a_server_of_somebody_elses_is_backed_up_by_its_own_means_and_its_keys_by_ours(
    database: Database, tmp_path: Path
) -> None:
    url, keys = database.settings.database_url or "", str(database.settings.keys_dir)
    environment = {"JEJAK_KEYS_DIR": keys}
    done = await jejak("backup", str(tmp_path / "b"), "--database", url, **environment)
    assert (done.code, "back that up by its own means" in done.errors) == (2, True)
    done = await jejak("restore", str(tmp_path / "b"), "--database", url, **environment)
    assert (done.code, "unset JEJAK_DATABASE_URL" in done.errors) == (2, True)
    done = await jejak("backup", "--keys", str(tmp_path / "k"), "--database", url, **environment)
    assert (done.code, names_in(tmp_path / "k")) == (0, [str(database.ledger.ledger_id)])


def test_backups_of_a_ledger_are_removed_once_they_are_too_old_and_nothing_else_is(tmp_path: Path) -> None:
    now, ledger_id = datetime(2026, 6, 1, tzinfo=UTC), uuid4()
    made = {
        "old": (ledger_id, BACKUPS_KEPT),
        "too-old-by-tomorrow": (ledger_id, BACKUPS_KEPT - PRUNE_INTERVAL + timedelta(seconds=1)),
        "young": (ledger_id, BACKUPS_KEPT - PRUNE_INTERVAL - timedelta(seconds=1)),
        "of-another": (uuid4(), 2 * BACKUPS_KEPT),
        "new": (ledger_id, timedelta(0)),
    }
    for name, (ledger, age) in made.items():
        (tmp_path / name / "postgres").mkdir(parents=True)
        manifest = BackupManifest(
            format=1,
            ledger_id=ledger,
            name="a/b",
            release="1",
            postgresql=18,
            begun=format_instant(now - age),
            finished=format_instant(now - age),
            logs=(),
            folders=(),
            write_ahead_log=(),
            postgresql_manifest="",
        )
        (tmp_path / name / MANIFEST).write_bytes(format_manifest(manifest))
    (tmp_path / "letters").mkdir()
    removed = prune(tmp_path / "new", ledger_id, now)
    assert [path.name for path in removed] == ["old", "too-old-by-tomorrow"]
    assert names_in(tmp_path) == ["letters", "new", "of-another", "young"]


@pytest.fixture
def reachable() -> Generator[Path]:
    """Yield a folder that every user reaches, which pytest's own are not; it belongs to nobody."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    os.chown(folder, *pwd.getpwnam("nobody")[2:4])
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; who is one runs all the rest so")
async def test_an_ordinary_user_backs_up_and_restores_as_themselves_and_root_by_an_account(
    made: BackedUp, reachable: Path
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    assert await output_of("tests.postgres.backup_child", str(reachable), str(nobody)) == "shop\n"
    assert owners_in(reachable) == {nobody}
    account = pwd.getpwnam(ACCOUNT_NAME).pw_uid
    assert (owners_in(made.backup / "postgres"), owners_in(made.keys)) == ({account}, {0})
    assert (made.backup / MANIFEST).stat().st_uid == 0


async def output_of(module: str, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *words), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


def owners_in(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in folder.rglob("*")}
