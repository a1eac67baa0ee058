"""A ledger that is backed up, goes on, and is stopped: what the tests of backups stand on."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from api import cli
from api.service import Service, open_service
from ledger.backup import take_backup
from ledger.backup_manifest import MANIFEST, BackupManifest, parse_manifest
from ledger.database import Database
from ledger.intake import Author, LogInfo
from ledger.settings import Settings, read_settings
from ledger.store import read_entries
from ledger.vault_copy import read_all_but_marks, read_marks, write_copy
from ledger.whole_folder import whole_folder
from tests.api.desk import Event, filed
from tests.faults.serving import Done, jejak
from tests.races.writing import published

LOG = "shop"
PERSON = "subject:c1"
NAME = "Aminah binti Abdurrahman Wahid"
AUTHOR = Author(authid="tests", authrole="operator")
YESTERDAY, TODAY = 40, 70
"""Sizes of the log when it was backed up, and now."""


class BackedUp(Struct, frozen=True):
    """A stopped ledger, with a backup of before and the keys of then."""

    data: Path
    backup: Path
    keys: Path
    wrapped: bytes

    @property
    def live_keys(self) -> Path:
        return self.data.with_name(f"{self.data.name}.keys")


def settings_of(data: Path) -> Settings:
    return read_settings({}, data=data)


def listed(start: int, end: int) -> list[Event]:
    return [published(f"e{number}", f"listing:{LOG}:L{number}") for number in range(start, end)]


async def append(service: Service, log: LogInfo, events: Sequence[Event]) -> None:
    await service.appender.append(log, AUTHOR, service.intake.read_array(msgspec.json.encode(events)))


async def signed(service: Service, log: LogInfo) -> bytes:
    assert service.signer is not None
    note = await service.signer.sign(log)
    assert note is not None
    return note


async def entries_of(database: Database, log: LogInfo) -> list[bytes]:
    pages = read_entries(database.pool("reader"), log.log_id, 0, 1 << 40)
    return [one.entry async for page in pages for one in page]


async def wrapped_key(database: Database) -> bytes:
    query = "SELECT wrapped FROM subject_key WHERE subject = $1"
    found: bytes = await database.pool("keeper").fetchval(query, PERSON)
    return found


async def backed_up(folder: Path) -> BackedUp:
    """Make a ledger, back it up with its keys, and let it go on."""
    data, backup, keys = folder / "data", folder / "yesterday", folder / "yesterday-keys"
    async with open_service(settings_of(data)) as service:
        log = await service.create_log(LOG, "PLATFORM", "UTC", None, "PUBLIC")
        person = filed("D1", claimant_subject_id=PERSON, claimant_name=NAME)
        await append(service, log, [person, *listed(1, YESTERDAY)])
        await signed(service, log)
        wrapped = await wrapped_key(service.database)
        copied: list[tuple[int, int]] = []
        await take_backup(service.database, backup, lambda done, total: copied.append((done, total)))
        assert copied[-1][0] == copied[-1][1] > 0
        with whole_folder(keys) as copy:
            content = {**read_marks(service.vault), **read_all_but_marks(service.vault)}
            write_copy(copy.path / service.vault.folder.name, content)
        await append(service, log, listed(YESTERDAY, TODAY))
        await signed(service, log)
    return BackedUp(data, backup, keys, wrapped)


def copy_folder(source: Path, to: Path) -> Path:
    """Copy a folder with owners and modes, and return where."""
    subprocess.run(["cp", "-a", str(source), str(to)], check=True)
    return to


async def restore(backup: Path, data: Path, *words: str) -> Done:
    return await jejak("restore", str(backup), "--data", str(data), *words)


def told(done: Done) -> Any:  # noqa: ANN401 - JSON
    assert done.code == 0, done.errors
    return msgspec.json.decode(done.output)


def holding(folder: Path, content: bytes) -> list[str]:
    """Return the files of a folder, at any depth, that hold these bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(str(path.relative_to(folder)) for path in files if content in path.read_bytes())


def manifest_of(backup: Path) -> BackupManifest:
    return parse_manifest((backup / MANIFEST).read_bytes())


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def run(*words: str) -> int:
    """Run a command in this process: what it raises is what the command line turns into a code."""
    command = cli.parser().parse_args(words)
    code: int = await command.run(command)
    return code
