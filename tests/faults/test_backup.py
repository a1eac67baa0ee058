"""A backup or a restore that is killed at any of its steps leaves nothing that could be taken for one, or for a ledger.

Each attempt begins on what the one before has left in the same place, a running server included.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from ledger.backup_manifest import MANIFEST
from ledger.errors import DataFolderError, InputError
from ledger.restoring import open_backup
from ledger.server.embedded import start
from ledger.server.locks import try_lock
from tests.backups import LOG, YESTERDAY, BackedUp, backed_up, names_in, restore, told
from tests.faults.killed import KILLED
from tests.faults.serving import ROOT, environment, jejak

BACKING_UP = (
    ("os.mkdir", "fresh.unfinished"),
    ("subprocess.Popen", "pg_basebackup"),
    ("open", MANIFEST),
    ("os.rename", "fresh.unfinished"),
)
BEFORE_THE_MARK = (("os.rename", "new.keys"), ("open", "restoring"))
CLEARED = ("os.mkdir", "postgres.new")
RESTORING = (
    CLEARED,
    ("open", "base/1/1259"),
    ("open", "pg_wal/0"),
    ("os.rename", "jejak.json"),
    ("os.rename", "postgres.new"),
    ("subprocess.Popen", "cluster_name"),
    ("open", "read_packed_rows.sql"),
    CLEARED,
    ("os.remove", "restoring"),
)


@pytest.fixture(scope="module")
async def made(tmp_path_factory: pytest.TempPathFactory) -> BackedUp:
    return await backed_up(tmp_path_factory.mktemp("backups"))


async def kill_at(event: str, part: str, *words: str) -> None:
    """Run a command and see it killed there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.killed", event, part, *words),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
    )
    output, _ = await process.communicate()
    assert (output.decode(), process.returncode) == (KILLED, -9), (event, part)


def nobody_holds(path: Path) -> bool:
    """Tell whether no process has the lock of a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return try_lock(descriptor)
    finally:
        os.close(descriptor)


async def test_a_restore_killed_at_any_step_leaves_a_folder_that_says_so_and_the_next_one_restores(
    made: BackedUp, tmp_path: Path
) -> None:
    data = tmp_path / "new"
    words = ("restore", str(made.backup), "--data", str(data), "--keys", str(made.keys))
    for event, part in BEFORE_THE_MARK:
        await kill_at(event, part, *words)
        assert names_in(data) == []
    for event, part in RESTORING:
        await kill_at(event, part, *words)
        with pytest.raises(DataFolderError, match="the restore was cut short"):
            await start(data)
        assert (event, part) != CLEARED or nobody_holds(data / "server"), "what was cut short is ended before all else"
    restored = told(await restore(made.backup, data, "--keys", str(made.keys), "--json"))
    assert [(log["log"], log["size"]) for log in restored["logs"]] == [(LOG, YESTERDAY)]
    assert "restoring" not in names_in(data)
    verified = await jejak("verify", "--data", str(data))
    assert (verified.code, verified.errors) == (0, "")


async def test_a_restore_that_another_process_is_at_is_left_to_it(made: BackedUp, tmp_path: Path) -> None:
    data = tmp_path / "new"
    words = ("restore", str(made.backup), "--data", str(data), "--keys", str(made.keys))
    one, other = await asyncio.gather(jejak(*words), jejak(*words))
    codes = sorted((one.code, other.code))
    refused = one.errors + other.errors
    assert codes == [0, 2], (one, other)
    assert "another process is restoring" in refused or "is not empty" in refused or "by another process" in refused
    assert (await jejak("verify", "--data", str(data))).code == 0


async def test_a_backup_killed_at_any_step_is_none_and_the_next_one_is_whole(made: BackedUp, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    words = ("backup", str(fresh), "--data", str(made.data))
    for event, part in BACKING_UP:
        await kill_at(event, part, *words)
        assert "fresh" not in names_in(tmp_path)
        with pytest.raises(InputError, match="is no backup"):
            open_backup(fresh)
    done = await jejak(*words)
    assert (done.code, done.errors, names_in(tmp_path)) == (0, "", ["fresh"])
    assert told(await restore(fresh, tmp_path / "new", "--keys", str(made.live_keys), "--json"))["halted"] == []
