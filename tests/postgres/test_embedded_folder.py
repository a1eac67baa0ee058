"""Data folders: those that are refused and left alone, those with odd names, and the log in them."""

import os
from pathlib import Path

import pytest

from ledger.errors import DataFolderError
from ledger.server.embedded import start
from ledger.server.folder import LOG, LOG_BYTES, OLD_LOG, DataFolder
from tests.postgres.test_embedded import write_row


def state_of(folder: Path) -> tuple[tuple[int, int, float], list[str]]:
    """Return what would show that something was changed: names, mode, owner and times."""
    names = sorted(path.name for path in folder.iterdir())
    found = folder.stat()
    return (found.st_mode, found.st_uid, found.st_mtime), names


@pytest.mark.parametrize("name", ["letter.txt", "postgres", "socket", ".hidden"])
async def test_a_folder_of_somebody_elses_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    before = state_of(tmp_path)
    with pytest.raises(DataFolderError, match="is not a ledger's data folder"):
        await start(tmp_path)
    assert state_of(tmp_path) == before


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('{"format": 2, "postgresql": 18, "created": "2026-01-01T00:00:00Z"}', "has data folder format 2, and this"),
        ('{"format": 1, "postgresql": 17, "created": "2026-01-01T00:00:00Z"}', "was made by PostgreSQL 17, and this"),
        ('{"format": 1, "created": "2026-01-01T00:00:00Z"}', "jejak.json is damaged: .*postgresql"),
        ("", "jejak.json is damaged: "),
        ('{"format": 1, "postgresql": 18, "created": "2026-01-01T00:00:00Z"}', "postgres is gone: restore it"),
    ],
)
async def test_another_versions_folder_and_a_damaged_one_are_refused(tmp_path: Path, marker: str, message: str) -> None:
    (tmp_path / "jejak.json").write_text(marker)
    with pytest.raises(DataFolderError, match=message):
        await start(tmp_path)


async def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError, match="file cannot be a data folder: "):
        await start(tmp_path / "file")


async def test_a_path_too_long_for_a_socket_is_no_hindrance(tmp_path: Path) -> None:
    async with await start(tmp_path / ("long" * 30) / ("er" * 30)) as server:
        assert await write_row(server, 1) == [1]


async def test_a_folder_may_be_named_from_here_and_with_odd_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with await start(Path("a 'b', \"c\" é%2F=?")) as server:
        monkeypatch.chdir("/")
        assert await write_row(server, 1) == [1]
        await server.ensure_running()


def test_a_full_log_gives_way_and_goes_on(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    writer = folder.open_log()
    os.write(writer, b"a" * (LOG_BYTES + 1))
    folder.trim_log()
    os.write(writer, b"next\n")
    folder.trim_log()
    os.close(writer)
    assert folder.explain().endswith("ends with: next")
    folder.close()
    assert ((tmp_path / LOG).read_bytes(), (tmp_path / OLD_LOG).stat().st_size) == (b"next\n", LOG_BYTES)


async def test_what_an_interrupted_start_left_is_not_followed_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "lock").touch()
    (folder / "postgres.new").symlink_to(outside)
    before = state_of(outside)
    with pytest.raises(DataFolderError, match="cannot be used"):
        await start(folder)
    assert state_of(outside) == before
