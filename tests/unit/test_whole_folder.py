"""Folders that are there whole or not at all."""

import fcntl
import os
from pathlib import Path

import pytest

from ledger.errors import InputError
from ledger.whole_folder import UNFINISHED_SUFFIX, whole_folder, write_synced


class Cut(Exception):
    """What was under way ends here."""


def names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def make(place: Path, name: str = "file") -> None:
    with whole_folder(place) as unfinished:
        write_synced(unfinished.path / name, b"content")
        assert not (place / name).exists()


def test_a_folder_appears_when_it_is_filled_private_and_alone(tmp_path: Path) -> None:
    make(tmp_path / "above" / "place")
    assert names_in(tmp_path) == ["above", "above/place", "above/place/file"]
    assert (tmp_path / "above/place").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "above/place/file").stat().st_mode & 0o777 == 0o600


def test_an_empty_folder_may_be_its_place_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    make(place)
    for taken in (place, place / "file"):
        with pytest.raises(InputError, match="is there already"):
            make(taken)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is there already"):
        make(tmp_path / "link")
    assert names_in(tmp_path) == ["link", "place", "place/file"]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_folder(tmp_path / "place") as unfinished:
            write_synced(unfinished.path / "file", b"content")
            raise Cut

    with pytest.raises(Cut):
        fail()
    assert names_in(tmp_path) == []


def test_what_a_killed_process_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / f"place{UNFINISHED_SUFFIX}"
    (left / "folder").mkdir(parents=True)
    for name in ("folder/deep", "file"):
        (left / name).write_bytes(b"left")
    (left / "link").symlink_to(tmp_path)
    make(tmp_path / "place", "new")
    assert names_in(tmp_path) == ["place", "place/new"]


def test_what_another_process_is_at_is_left_to_it(tmp_path: Path) -> None:
    left = tmp_path / f"place{UNFINISHED_SUFFIX}"
    left.mkdir()
    (left / "file").write_bytes(b"theirs")
    descriptor = os.open(left, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(InputError, match="is being made by another process"):
        make(tmp_path / "place")
    assert names_in(tmp_path) == [left.name, f"{left.name}/file"]
    os.close(descriptor)
    make(tmp_path / "place")
