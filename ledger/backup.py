"""Backups: a physical copy of the embedded server's data, made while the ledger serves and appends. No keys are in it.

| a crash while | lost | kept |
|---|---|---|
| data is copied, or the manifest written | the copy: it lies beside its place, and the next clears it | the ledger |
| the folder is renamed | nothing | the backup |
| an older backup is removed | nothing that was to be kept | its manifest, by which the next removes the rest |

A backup holds the wrapped keys of data subjects as they were, so it must go when they may no longer be restored
(`ledger.erasure.BACKUPS_KEPT`).
"""

import asyncio
import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

from ledger.backed_up_logs import read_logs
from ledger.backup_manifest import (
    DATA_FOLDER,
    FORMAT,
    MANIFEST,
    POSTGRESQL_MANIFEST,
    BackupManifest,
    LogAt,
    StoredFile,
    format_manifest,
    parse_manifest,
)
from ledger.base_backup import Progress, copy_data
from ledger.database import Database
from ledger.domain.instants import format_instant, parse_instant
from ledger.erasure import BACKUPS_KEPT
from ledger.errors import SettingError, Tampered
from ledger.server.account import server_account
from ledger.server.binaries import MAJOR, find_binaries
from ledger.server.embedded import EmbeddedServer
from ledger.server.folder import DataFolder
from ledger.whole_folder import UnfinishedFolder, whole_folder, write_synced

PRUNE_INTERVAL = timedelta(days=1)
"""How often old backups are removed, at least: one that would be too old by the next time goes now."""
_WRITE_AHEAD_LOG = "pg_wal"


async def take_backup(
    database: Database, place: Path, progress: Progress = lambda _done, _total: None
) -> BackupManifest:
    """Copy a ledger's data to a new folder, whole or not at all, and return its manifest. The ledger goes on meanwhile.

    Raises SettingError for a server that is not the ledger's own, InputError for a place that is taken, DatabaseError
    or OSError where it cannot be copied.
    """
    if database.server is None:
        raise SettingError(
            "this ledger is on a PostgreSQL server of yours: back that up by its own means (pg_basebackup, say), and "
            "the keys folder apart from it, by `jejak backup --keys DIR`"
        )
    with whole_folder(place) as unfinished:
        begun = datetime.now(UTC)
        logs = await read_logs(database.pool("reader"))
        await _copy(database.server, unfinished, progress)
        manifest = await asyncio.to_thread(_describe, unfinished.path, database, begun, logs)
        write_synced(unfinished.path / MANIFEST, format_manifest(manifest))
    return manifest


async def _copy(server: EmbeddedServer, unfinished: UnfinishedFolder, progress: Progress) -> None:
    account = await asyncio.to_thread(server_account)
    binaries = await asyncio.to_thread(find_binaries, account)
    source = DataFolder(server.folder)
    try:
        await copy_data(source, account, binaries, unfinished, progress)
    finally:
        source.close()


def _describe(folder: Path, database: Database, begun: datetime, logs: tuple[LogAt, ...]) -> BackupManifest:
    """Return the manifest of a folder whose data is copied."""
    data = folder / DATA_FOLDER
    folders = sorted(path for path in data.rglob("*") if path.is_dir())
    write_ahead_log = sorted(path for path in (data / _WRITE_AHEAD_LOG).rglob("*") if path.is_file())
    return BackupManifest(
        format=FORMAT,
        ledger_id=database.ledger.ledger_id,
        name=database.name,
        release=version("jejak"),
        postgresql=MAJOR,
        begun=format_instant(begun),
        finished=format_instant(datetime.now(UTC)),
        logs=logs,
        folders=tuple(path.relative_to(data).as_posix() for path in folders),
        write_ahead_log=tuple(_stored(data, path) for path in write_ahead_log),
        postgresql_manifest=hashlib.sha256((data / POSTGRESQL_MANIFEST).read_bytes()).hexdigest(),
    )


def _stored(data: Path, path: Path) -> StoredFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(path=path.relative_to(data).as_posix(), size=file.tell(), sha256=sha256)


def prune(place: Path, ledger_id: UUID, now: datetime) -> list[Path]:
    """Remove the backups of a ledger beside the one at `place` that are too old to be kept, and return which.

    Those are as old as BACKUPS_KEPT, or will be before the next time. What is no backup of this ledger is left alone.
    """
    removed: list[Path] = []
    for folder in sorted(path for path in place.absolute().parent.iterdir() if path.is_dir() and not path.is_symlink()):
        try:
            manifest = parse_manifest((folder / MANIFEST).read_bytes())
        except (OSError, Tampered):
            continue
        if manifest.ledger_id == ledger_id and parse_instant(manifest.begun) + BACKUPS_KEPT < now + PRUNE_INTERVAL:
            _remove(folder)
            removed.append(folder)
    return removed


def _remove(folder: Path) -> None:
    # The manifest goes last: by it the next time finds what was cut short.
    shutil.rmtree(folder / DATA_FOLDER, ignore_errors=True)
    shutil.rmtree(folder)
