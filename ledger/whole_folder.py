"""Folders that are there whole or not at all: filled beside their place, synced, then renamed.

What a killed process leaves beside the place is cleared by the next one that makes it. The lock on the unfinished
folder is inherited by whoever is handed its descriptor, so that a program which outlives us is not written into.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Generator
from pathlib import Path

from msgspec import Struct

from ledger.errors import InputError

UNFINISHED_SUFFIX = ".unfinished"
_PRIVATE_FOLDER = 0o700


class UnfinishedFolder(Struct, frozen=True):
    """A folder to be filled; `descriptor` is of it, open, and holds its lock."""

    path: Path
    descriptor: int


@contextlib.contextmanager
def whole_folder(place: Path) -> Generator[UnfinishedFolder]:
    """Yield an empty folder (0700) that becomes `place`, durably, where the block ends well, and else goes away.

    Files in it are synced by who writes them. Raises InputError where `place` is taken, or is being made by another
    process, and OSError.
    """
    place = place.absolute()
    check_free(place)
    make_folder(place.parent)
    path = place.with_name(place.name + UNFINISHED_SUFFIX)
    descriptor = _take(path, place)
    try:
        yield UnfinishedFolder(path, descriptor)
        os.fsync(descriptor)
        path.replace(place)
        sync_folder(place.parent)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    finally:
        os.close(descriptor)


def check_free(place: Path) -> None:
    """Return where nothing is at a place, or an empty folder. Raises InputError."""
    if place.is_symlink() or (place.exists() and not (place.is_dir() and not any(place.iterdir()))):
        raise InputError(f"{place} is there already: name a folder that is empty, or does not exist yet")


def make_folder(path: Path) -> None:
    """Make a folder and those above it, durably, private to us. What exists is left as it is."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with contextlib.suppress(FileExistsError):  # another process may be making it
        path.mkdir(_PRIVATE_FOLDER)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make durable which names a folder holds."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes) -> None:
    """Write a new file (0600), durable but for its name."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _take(path: Path, place: Path) -> int:
    """Return the unfinished folder, open, locked and empty."""
    path.mkdir(_PRIVATE_FOLDER, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever held the lock before may have put it in its place since it was opened.
        if not path.exists() or path.stat().st_ino != os.fstat(descriptor).st_ino:
            raise BlockingIOError  # noqa: TRY301 - as if it still held the lock
        for name in os.listdir(descriptor):  # noqa: PTH208 - the open folder's, wherever its path leads by now
            _remove(name, descriptor)
    except BlockingIOError as error:
        os.close(descriptor)
        raise InputError(f"{place} is being made by another process") from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except (IsADirectoryError, PermissionError):
        shutil.rmtree(name, dir_fd=folder)
