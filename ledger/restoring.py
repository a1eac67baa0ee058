"""Restoring: a backup is copied into a new data folder, each file checked as it is read, started there, and judged.

| a crash while | kept |
|---|---|
| anything is done | the backup, which is only read; the folder is marked `restoring`, and nobody else starts it |
| the mark is taken away | the restored ledger, stopped and durable |

Whoever runs it again clears the folder, ends a server that a crash left in it, and begins anew.
"""

import asyncio
import contextlib
import hashlib
import os
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Struct

from ledger.backup_manifest import (
    DATA_FOLDER,
    MANIFEST,
    POSTGRESQL_MANIFEST,
    BackupManifest,
    StoredFile,
    parse_manifest,
    parse_postgresql_manifest,
)
from ledger.database import Database, open_database
from ledger.errors import DataFolderError, InputError, Tampered
from ledger.server.account import Account, server_account
from ledger.server.binaries import MAJOR, find_binaries
from ledger.server.embedded import STOP_SECONDS, EmbeddedServer, kept_running
from ledger.server.folder import DATA, MARKER, NOT_OURS_BUT_HARMLESS, RESTORING, SOCKET, UNFINISHED, DataFolder
from ledger.server.locks import take_lock, try_lock
from ledger.server.postmaster import Postmaster
from ledger.settings import Settings
from ledger.vault import Vault
from ledger.vault_copy import put_back

CHUNK_BYTES = 1 << 20
SYNCS_AT_ONCE = 8
"""A disk has gained what there is to gain by then."""
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
Progress = Callable[[int], None]
"""Is told how many bytes more were copied."""


class Backup(Struct, frozen=True):
    """A backup whose manifests agree: what it says of itself, and every file that it is made of."""

    folder: Path
    manifest: BackupManifest
    files: Sequence[StoredFile]

    @property
    def size(self) -> int:
        """How many bytes the files have together."""
        return sum(file.size for file in self.files)


def open_backup(folder: Path) -> Backup:
    """Return the backup in a folder. Raises InputError where there is none, or another PostgreSQL's, and Tampered."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise InputError(f"{folder} is no backup: it has no {MANIFEST} that can be read") from error
    manifest = parse_manifest(content)
    if manifest.postgresql != MAJOR:
        raise InputError(
            f"{folder} is of PostgreSQL {manifest.postgresql}, and this release carries {MAJOR}: restore it with "
            f"release {manifest.release}"
        )
    try:
        listed = (folder / DATA_FOLDER / POSTGRESQL_MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise Tampered(f"{DATA_FOLDER}/{POSTGRESQL_MANIFEST}", "is missing") from error
    return Backup(folder, manifest, [*parse_postgresql_manifest(listed, manifest), *manifest.write_ahead_log])


class Restored(Struct, frozen=True, eq=False):
    """A ledger that is restored, but for being judged: its database, which runs, and its vault."""

    database: Database
    vault: Vault


@contextlib.asynccontextmanager
async def restored(
    backup: Backup, settings: Settings, keys: Path | None = None, progress: Progress = lambda _: None
) -> AsyncGenerator[Restored]:
    """Copy a backup into the settings' data folder, start it, and yield the ledger, to be judged.

    `keys` is a copy of its keys folder, needed where the settings' own has none of them. Where the block ends well the
    ledger is restored, and stopped; where it raises, nobody can start it. Raises InputError for a folder that is not
    empty, SettingError for keys that are not this ledger's, Tampered for a backup that is not as it was made, and what
    starting and opening a ledger raise.
    """
    account = await asyncio.to_thread(server_account)
    binaries = await asyncio.to_thread(find_binaries, account)
    with contextlib.closing(DataFolder(settings.data, restoring=True)) as folder:
        _check_empty(folder)
        vault = await asyncio.to_thread(put_back, keys, settings.keys_folder() / str(backup.manifest.ledger_id))
        async with _marked(folder):
            await _clear(folder, account)
            await _copy(backup, folder, account, progress)
            folder.write_marker(MAJOR)
            server = EmbeddedServer(DataFolder(settings.data, restoring=True), account, binaries)
            await server.join()
            inside = msgspec.structs.replace(settings, database_url=server.url(), keys_dir=settings.keys_folder())
            async with server, kept_running(server), await open_database(inside) as database:
                yield Restored(database, vault)


def _check_empty(folder: DataFolder) -> None:
    names = folder.names() - NOT_OURS_BUT_HARMLESS
    if names and RESTORING not in names:
        raise InputError(f"{folder.path} is not empty: name a folder that is, or does not exist yet")


@contextlib.asynccontextmanager
async def _marked(folder: DataFolder) -> AsyncGenerator[None]:
    """Mark a data folder as being restored; the mark is taken away where the block ends well."""
    mark = folder.open_lock(RESTORING)
    try:
        if not try_lock(mark) or not _is_there(folder, mark):
            raise InputError(f"another process is restoring into {folder.path}")
        os.fsync(folder.descriptor)
        yield
        os.unlink(RESTORING, dir_fd=folder.descriptor)
        os.fsync(folder.descriptor)
    finally:
        os.close(mark)


def _is_there(folder: DataFolder, mark: int) -> bool:
    """Say whether the open mark is still the folder's: who held its lock before may have ended, and taken it away."""
    try:
        return os.path.samestat(os.stat(RESTORING, dir_fd=folder.descriptor), os.fstat(mark))
    except FileNotFoundError:
        return False


async def _clear(folder: DataFolder, account: Account) -> None:
    """Remove what an attempt that was cut short has left, and end its server."""
    await _end_server(folder, account)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(MARKER, dir_fd=folder.descriptor)
    for name in (DATA, UNFINISHED, SOCKET):
        folder.remove(name)


async def _end_server(folder: DataFolder, account: Account) -> None:
    server = folder.open_lock("server")
    try:
        if not try_lock(server):
            data = folder.open_private(DATA, account)
            try:
                postmaster = Postmaster(folder, data, account.user_id)
                postmaster.send(signal.SIGQUIT)
                postmaster.quit_orphans()
            finally:
                os.close(data)
            await take_lock(server, STOP_SECONDS)
    except TimeoutError as error:
        raise DataFolderError(f"a server that was cut short still runs in {folder.path}: end it first") from error
    finally:
        os.close(server)


async def _copy(backup: Backup, folder: DataFolder, account: Account, progress: Progress) -> None:
    """Copy the files into `postgres.new`, durably. It is the account's only when all is in it: none but us is in there.

    The event loop waits for each file: nothing else is done while a ledger is restored. Raises Tampered for a file that
    is not as it was backed up.
    """
    os.mkdir(UNFINISHED, _PRIVATE_FOLDER, dir_fd=folder.descriptor)
    target = os.open(UNFINISHED, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder.descriptor)
    try:
        for name in backup.manifest.folders:  # in order: each after the one that it is in
            os.mkdir(name, _PRIVATE_FOLDER, dir_fd=target)
        for file in backup.files:
            _copy_file(backup.folder / DATA_FOLDER / file.path, file, target)
            progress(file.size)
            await asyncio.sleep(0)  # Ctrl-C is heard between files
        for names in ([file.path for file in backup.files], backup.manifest.folders, ["."]):
            _settle(names, target, account)
    finally:
        os.close(target)


def _copy_file(source: Path, file: StoredFile, target: int) -> None:
    place = f"{DATA_FOLDER}/{file.path}"
    digest, size = hashlib.sha256(), 0
    try:
        content = os.fdopen(os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except FileNotFoundError as error:
        raise Tampered(place, "is missing") from error
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with content, os.fdopen(os.open(file.path, flags, _PRIVATE_FILE, dir_fd=target), "wb") as copy:
        while size <= file.size and (chunk := content.read(CHUNK_BYTES)):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
    if (size, digest.hexdigest()) != (file.size, file.sha256):
        raise Tampered(place, "is not as it was backed up")


def _settle(names: Sequence[str], target: int, account: Account) -> None:
    """Give files or folders to the account, durably; several at once, which a disk writes together."""

    def settle(name: str) -> None:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=target)
        try:
            account.take(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    with ThreadPoolExecutor(SYNCS_AT_ONCE) as pool:
        list(pool.map(settle, names))
