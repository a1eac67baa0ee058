"""Restores: a backup that was changed is refused, one that is behind is read-only, what was erased stays so."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from api.service import open_service
from ledger.backed_up_logs import compare_logs
from ledger.backup_manifest import MANIFEST, format_manifest
from ledger.checkpoints import root_at
from ledger.database import open_database
from ledger.errors import DataFolderError, SettingError
from ledger.server.embedded import start
from ledger.store import find_logs
from tests.backups import (
    LOG,
    NAME,
    PERSON,
    TODAY,
    YESTERDAY,
    BackedUp,
    append,
    backed_up,
    copy_folder,
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
from tests.faults.serving import jejak

NOT_YET = "is being restored from a backup, or the restore was cut short or found the backup bad"


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    return await backed_up(tmp_path_factory.mktemp("backups"))


def rewrite(backup: Path, **changes: object) -> None:
    (backup / MANIFEST).write_bytes(format_manifest(msgspec.structs.replace(manifest_of(backup), **changes)))


def flip(path: Path, at: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def first(folder: Path, pattern: str) -> Path:
    return min(folder.glob(pattern))


def change_root(backup: Path) -> None:
    (log,) = manifest_of(backup).logs
    rewrite(backup, logs=(msgspec.structs.replace(log, root="00" * 32),))


def leave_the_folder(backup: Path) -> None:
    rewrite(backup, folders=("../out",))


CHANGES: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "a byte of a table": (lambda folder: flip(first(folder, "postgres/base/1*/2619")), "/2619: is not as it was"),
    "a byte of the log": (lambda folder: flip(first(folder, "postgres/pg_wal/0*")), "is not as it was backed up"),
    "a file is gone": (
        lambda folder: (folder / "postgres/global/pg_control").unlink(),
        "pg_control: is missing",
    ),
    "a byte of the list": (lambda folder: flip(folder / "postgres/backup_manifest"), "is not the one that backup.json"),
    "the list is gone": (lambda folder: (folder / "postgres/backup_manifest").unlink(), "backup_manifest: is missing"),
    "a way out": (leave_the_folder, "backup.json: names the path '../out'"),
    "another root": (change_root, f"{LOG}: size {YESTERDAY}: has another root than was backed up"),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_backup_that_was_changed_is_refused_and_what_it_left_is_not_used(
    made: BackedUp,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    change, complaint = CHANGES[name]
    backup, data = copy_folder(made.backup, tmp_path / "backup"), tmp_path / "new"
    change(backup)
    assert await run("restore", str(backup), "--data", str(data), "--keys", str(made.keys)) == 1
    said = capsys.readouterr()
    assert (said.out, complaint in said.err) == ("", True), said.err
    begun = names_in(tmp_path) != ["backup"]
    assert not begun or names_in(tmp_path) == ["backup", "new", "new.keys"]
    if begun:
        with pytest.raises(DataFolderError, match=NOT_YET):
            await start(data)


async def test_a_ledger_that_is_not_what_the_manifest_says_of_it_is_found_out(made: BackedUp) -> None:
    manifest = manifest_of(made.backup)
    (log,) = manifest.logs
    note = log.checkpoint or ""
    async with await open_database(settings_of(made.data)) as database:
        (stored,) = await find_logs(database.pool("reader"))
        first = (await root_at(database.pool("reader"), stored.log_id, 1)).hex()
        changes: dict[str, dict[str, object]] = {
            "is not there": {"slug": "stall"},
            f"was backed up, and the log has {TODAY} entries": {"size": TODAY + 1},
            "has another root than was backed up": {"size": YESTERDAY - 1},
            "no signature is of a key that is known": {"checkpoint": note.replace("— jejak", "— other")},
            "does not hold": {"checkpoint": note.replace(f"\n{YESTERDAY}\n", "\n1\n")},
            f"of {YESTERDAY} entries, is not of this log": {"size": 1, "root": first},
        }
        assert await compare_logs(database, manifest) == []
        for complaint, change in changes.items():
            logs = (msgspec.structs.replace(log, **change),)
            (finding,) = await compare_logs(database, msgspec.structs.replace(manifest, logs=logs))
            assert complaint in finding.detail
        (finding,) = await compare_logs(database, msgspec.structs.replace(manifest, name="other/ledger"))
        assert (finding.place, "the backup other/ledger" in finding.detail) == ("ledger", True)


async def test_keys_of_another_ledger_or_none_at_all_are_refused(made: BackedUp, tmp_path: Path) -> None:
    data = tmp_path / "new"
    words = ("restore", str(made.backup), "--data", str(data))
    with pytest.raises(SettingError, match="name a copy of them by --keys"):
        await run(*words)
    async with open_service(settings_of(tmp_path / "other")) as service:
        other = service.vault.folder
    with pytest.raises(SettingError, match="holds no keys of ledger"):
        await run(*words, "--keys", str(other.parent))
    assert names_in(data) == []
    (other.parent / other.name).rename(other.parent / str(manifest_of(made.backup).ledger_id))
    with pytest.raises(SettingError, match="wrapped by master key"):
        await run(*words, "--keys", str(other.parent))
    with pytest.raises(DataFolderError, match=NOT_YET):
        await start(data)
    with pytest.raises(SettingError, match="holds keys of this ledger already, and others"):
        await run(*words, "--keys", str(made.keys))


async def test_a_backup_with_the_keys_of_then_goes_on_where_it_was(made: BackedUp, tmp_path: Path) -> None:
    data = tmp_path / "new"
    restored = told(await restore(made.backup, data, "--keys", str(made.keys), "--json"))
    assert (restored["logs"][0]["size"], restored["halted"], restored["lost"]) == (YESTERDAY, [], [])
    async with open_service(settings_of(data)) as service:
        (log,) = await find_logs(service.database.pool("reader"))
        await append(service, log, listed(YESTERDAY, TODAY))
        assert (await signed(service, log)).split(b"\n")[1] == str(TODAY).encode()


async def test_yesterdays_backup_with_todays_keys_is_read_only_until_the_loss_is_accepted(
    made: BackedUp, tmp_path: Path
) -> None:
    data, more = tmp_path / "new", tmp_path / "more"
    more.write_bytes(b"\n".join(map(msgspec.json.encode, listed(500, 501))))
    words = ("--data", str(data))
    restored = told(await restore(made.backup, data, "--keys", str(made.live_keys), "--json"))
    reason = f"it has {YESTERDAY} entries, and {TODAY} were signed: the database is an older copy, or was cut"
    assert restored["halted"] == [{"log": LOG, "reason": reason}]
    refused = await jejak("append", LOG, str(more), *words)
    assert (refused.code, f"run `jejak log reopen {LOG}`" in refused.errors) == (3, True)
    reopened = told(await jejak("log", "reopen", LOG, "--json", *words))
    assert (reopened["previous_size"], reopened["signed_size"]) == (YESTERDAY, TODAY)
    assert told(await jejak("append", LOG, str(more), "--json", *words))["new"] == 1
    assert (await jejak("verify", *words)).code == 0


async def test_what_was_erased_since_stays_erased_and_is_in_no_fresh_backup(made: BackedUp, tmp_path: Path) -> None:
    live = copy_folder(made.data, tmp_path / "data")
    copy_folder(made.live_keys, tmp_path / "data.keys")
    words = ("--data", str(live))
    erased = await jejak("erase", PERSON, "--basis", "a law", "--request-ref", "DSR-1", *words)
    assert (erased.code, erased.errors) == (0, "")
    assert (await jejak("backup", str(tmp_path / "fresh"), *words)).code == 0
    assert (holding(made.backup, made.wrapped) != [], holding(tmp_path / "fresh", made.wrapped)) == (True, [])
    done = await restore(made.backup, tmp_path / "new", "--keys", f"{live}.keys", "--json")
    assert told(done)["destroyed_again"] == 1
    assert "was destroyed before, and is again" in done.errors
    assert holding(tmp_path / "new", made.wrapped) == []
    shown = await jejak("events", LOG, "--limit", "1", "--data", str(tmp_path / "new"))
    assert (NAME in shown.output, '"[ERASED]"' in shown.output) == (False, True)
