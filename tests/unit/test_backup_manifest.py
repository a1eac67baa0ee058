"""What a backup says of itself: read as it was written, and anything else refused."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest

from ledger.backup_manifest import (
    BackupManifest,
    LogAt,
    StoredFile,
    format_manifest,
    parse_manifest,
    parse_postgresql_manifest,
)
from ledger.errors import Tampered

WAL = StoredFile(path="pg_wal/000000010000000000000001", size=16, sha256="00" * 32)
LISTED = {"Path": "base/1/1247", "Size": 8192, "Checksum-Algorithm": "SHA256", "Checksum": "ab" * 32}


def listing(*files: object) -> bytes:
    """Return a manifest as PostgreSQL writes it."""
    return msgspec.json.encode({"PostgreSQL-Backup-Manifest-Version": 2, "Files": files, "WAL-Ranges": []})


def manifest(listed: bytes = b"", folders: Sequence[str] = ("base", "base/1")) -> BackupManifest:
    return BackupManifest(
        format=1,
        ledger_id=UUID(int=7),
        name="a/b",
        release="1.0",
        postgresql=18,
        begun="2026-01-01T00:00:00.000000Z",
        finished="2026-01-01T00:01:00.000000Z",
        logs=(LogAt(slug="shop", origin="a/b/shop", size=1, root="00" * 32, checkpoint=None),),
        folders=tuple(folders),
        write_ahead_log=(WAL,),
        postgresql_manifest=hashlib.sha256(listed).hexdigest(),
    )


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert parse_manifest(format_manifest(manifest())) == manifest()


@pytest.mark.parametrize(
    "path", ["", "/", "/out", "..", "../out", "base/../../out", "base//1", "./base", "base/", "\0"]
)
def test_a_path_that_may_lead_out_is_refused_wherever_it_stands(path: str) -> None:
    with pytest.raises(Tampered, match=r"backup\.json: names the path"):
        parse_manifest(format_manifest(manifest(folders=(path,))))
    listed = listing({**LISTED, "Path": path})
    with pytest.raises(Tampered, match="postgres/backup_manifest: names the path"):
        parse_postgresql_manifest(listed, manifest(listed))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", format_manifest(manifest())[:-9]])
def test_what_is_no_manifest_is_damaged(content: bytes) -> None:
    with pytest.raises(Tampered, match=r"backup\.json: is damaged"):
        parse_manifest(content)


def test_another_format_is_not_guessed_at() -> None:
    with pytest.raises(Tampered, match="has format 2, and this release knows 1"):
        parse_manifest(format_manifest(msgspec.structs.replace(manifest(), format=2)))


def test_the_files_that_postgresql_lists_are_those_of_the_list_that_ours_names() -> None:
    listed = listing(LISTED)
    assert parse_postgresql_manifest(listed, manifest(listed)) == [
        StoredFile(path="base/1/1247", size=8192, sha256="ab" * 32)
    ]
    with pytest.raises(Tampered, match="is not the one that"):
        parse_postgresql_manifest(listed + b" ", manifest(listed))


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        ({**LISTED, "Checksum-Algorithm": "CRC32C"}, "has no SHA256 of base/1/1247"),
        ({"Size": 8192, "Encoded-Path": "ff", "Checksum-Algorithm": "SHA256", "Checksum": ""}, "is damaged: "),
    ],
)
def test_a_list_that_postgresql_would_not_write_for_us_is_refused(file: object, complaint: str) -> None:
    listed = listing(file)
    with pytest.raises(Tampered, match=complaint):
        parse_postgresql_manifest(listed, manifest(listed))
