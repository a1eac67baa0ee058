"""What a backup says of itself: `backup.json`, and PostgreSQL's own `backup_manifest`, of which it holds the hash.

    <backup>/backup.json                ours, written last: a folder without it is no backup
    <backup>/postgres/                  the data of the server
    <backup>/postgres/backup_manifest   PostgreSQL's: each of these files with size and SHA-256, but for those of pg_wal

The write-ahead log, which makes the copy one state of the database, is not in PostgreSQL's list, and so in ours. Each
file is compared as it is read to be restored; pg_verifybackup, which would read all before, crashes in the wheel.
"""

import hashlib
from uuid import UUID

import msgspec
from msgspec import Struct

from ledger.errors import Tampered

FORMAT = 1
MANIFEST = "backup.json"
DATA_FOLDER = "postgres"
POSTGRESQL_MANIFEST = "backup_manifest"
_CHECKSUM = "SHA256"


class StoredFile(Struct, frozen=True, kw_only=True):
    """A file: its path below the server's data, its size in bytes, and its SHA-256 (hex)."""

    path: str
    size: int
    sha256: str


class LogAt(Struct, frozen=True, kw_only=True):
    """A log as it was when the backup began, which the backup holds at least: root (hex), and newest checkpoint."""

    slug: str
    origin: str
    size: int
    root: str
    checkpoint: str | None


class BackupManifest(Struct, frozen=True, kw_only=True):
    """The content of backup.json. Instants are RFC 3339, hashes SHA-256 in hex, folders and files below `postgres`."""

    format: int
    ledger_id: UUID
    name: str
    release: str
    postgresql: int
    begun: str
    finished: str
    logs: tuple[LogAt, ...]
    folders: tuple[str, ...]
    write_ahead_log: tuple[StoredFile, ...]
    postgresql_manifest: str


class _ListedFile(Struct, frozen=True):
    """A line of PostgreSQL's list. Names that are not UTF-8 stand under another member: the ledger has none."""

    path: str = msgspec.field(name="Path")
    size: int = msgspec.field(name="Size")
    algorithm: str = msgspec.field(name="Checksum-Algorithm")
    checksum: str = msgspec.field(name="Checksum")


class _PostgresqlManifest(Struct, frozen=True):
    files: list[_ListedFile] = msgspec.field(name="Files")


def format_manifest(manifest: BackupManifest) -> bytes:
    """Return the content of backup.json."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def parse_manifest(content: bytes) -> BackupManifest:
    """Return what backup.json says. Raises Tampered for anything that we do not write."""
    try:
        manifest = msgspec.json.decode(content, type=BackupManifest)
    except msgspec.MsgspecError as error:
        raise Tampered(MANIFEST, f"is damaged: {error}") from error
    if manifest.format != FORMAT:
        raise Tampered(MANIFEST, f"has format {manifest.format}, and this release knows {FORMAT}")
    for path in (*manifest.folders, *(file.path for file in manifest.write_ahead_log)):
        _check_path(path, MANIFEST)
    return manifest


def parse_postgresql_manifest(content: bytes, manifest: BackupManifest) -> list[StoredFile]:
    """Return the files that PostgreSQL lists. Raises Tampered where it is not the list that ours was made with."""
    place = f"{DATA_FOLDER}/{POSTGRESQL_MANIFEST}"
    if hashlib.sha256(content).hexdigest() != manifest.postgresql_manifest:
        raise Tampered(place, f"is not the one that {MANIFEST} was made with")
    try:
        listed = msgspec.json.decode(content, type=_PostgresqlManifest).files
    except msgspec.MsgspecError as error:
        raise Tampered(place, f"is damaged: {error}") from error
    for file in listed:
        _check_path(file.path, place)
        if file.algorithm != _CHECKSUM:
            raise Tampered(place, f"has no {_CHECKSUM} of {file.path}")
    return [StoredFile(path=file.path, size=file.size, sha256=file.checksum) for file in listed]


def _check_path(path: str, place: str) -> None:
    """Raise Tampered for a path that could lead out of the folder it is below."""
    if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        raise Tampered(place, f"names the path {path!r}")
