"""The vault: what a ledger keeps outside its database and its data folder, so that no backup of those holds it.

    <keys folder>/<ledger id>/
      master.key          wraps the keys of data subjects (`ledger.masters`); a new one while keys are wrapped anew
      destroyed.ndjson    every key that was destroyed, one a line: what a restored database must destroy again
      signing/, marks/    keys that sign checkpoints, and the highest checkpoint signed of each log

A folder for each ledger, named by the id that its database was given at the first start: a data folder that is deleted
and made anew never meets keys of the old one. Folders are 0700, files 0600, and a file that others may use is refused.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from ledger.errors import SettingError, VaultError
from ledger.settings import Settings
from ledger.whole_folder import make_folder, sync_folder

LOCK_SECONDS = 10.0
"""How long somebody waits for a lock of the vault: it is held for moments, never while a database is asked."""
LOCK_POLL_SECONDS = 0.01
LOCKS = "locks"
_WRITING = ".writing"
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


class Vault:
    """Small files in one folder, whole and durable; any number of processes may use it at once.

    Names are relative paths of ours (`signing/shop.key`). Everything raises SettingError for what others may use, and
    VaultError where the file system does not do what was asked.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder, made (0700) where it is missing."""
        self.folder = folder
        with _explained(folder):
            make_folder(folder)

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None where there is no such file."""
        path = self.folder / name
        with _explained(path):
            try:
                descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                _check_private(path, os.fstat(descriptor).st_mode)
                return file.read()

    def write(self, name: str, content: bytes) -> None:
        """Put a file in place, or a new one in its place. Whole and durable when it returns; a crash leaves the old."""
        path = self.folder / name
        with _explained(path):
            make_folder(path.parent)
            unfinished = path.with_name(f"{path.name}.{token_hex(8)}{_WRITING}")
            try:
                with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)

    def create(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a file's content, made and written where there is none. Whoever is first makes it for all."""
        content = self.read(name)
        if content is None:
            with self.lock(name):
                content = self.read(name)
                if content is None:
                    content = make()
                    self.write(name, content)
        return content

    def append(self, name: str, line: bytes) -> None:
        """Add a line (without its end) to a file. Durable when it returns.

        What a crash cut off stays in the file as a line of its own, which no reader has been told of.
        """
        if b"\n" in line:
            raise ValueError("a line has no line end in it")
        path = self.folder / name
        with self.lock(name), _explained(path):
            make_folder(path.parent)
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                _check_private(path, os.fstat(descriptor).st_mode)
                size = os.fstat(descriptor).st_size
                cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
                content = (b"\n" if cut_off else b"") + line + b"\n"
                if file.write(content) != len(content):
                    raise VaultError(f"{path} took a line only in part: is the disk full?")
                os.fsync(descriptor)
            sync_folder(path.parent)

    @contextlib.contextmanager
    def lock(self, name: str) -> Generator[None]:
        """Hold the lock of this name against every other process and thread; the kernel drops that of a killed one.

        For moments, and never across an `await`: whoever waits blocks. Raises VaultError after LOCK_SECONDS.
        """
        path = self.folder / LOCKS / name.replace("/", ".")
        with _explained(path):
            make_folder(path.parent)
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE)
        try:
            _take(descriptor, path)
            yield
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a file, durably; it may be missing."""
        path = self.folder / name
        with _explained(path):
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)

    def stamp(self, name: str) -> tuple[int, int, int] | None:
        """Return what changes when a file does; None where there is no such file."""
        path = self.folder / name
        with _explained(path):
            try:
                found = path.stat()
            except FileNotFoundError:
                return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder of the vault, sorted; none where it is missing."""
        path = self.folder / folder
        with _explained(path):
            if not path.is_dir():
                return []
            return sorted(entry.name for entry in path.iterdir() if entry.is_file() and entry.suffix != _WRITING)


def open_vault(settings: Settings, ledger_id: UUID) -> Vault:
    """Return the vault of a ledger. Raises SettingError or VaultError where there can be none."""
    keys_folder = settings.keys_folder()
    with _explained(keys_folder):
        make_folder(keys_folder)
        vault = Vault(keys_folder / str(ledger_id))
        _check_private(vault.folder, vault.folder.stat().st_mode)
    return vault


def _check_private(path: Path, mode: int) -> None:
    if mode & 0o077:
        raise SettingError(f"{path} is open to others: make it private (chmod go=), and consider it known")


def _take(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise VaultError(f"another process has held {path} for {LOCK_SECONDS:.0f} s") from None
            time.sleep(LOCK_POLL_SECONDS)


@contextlib.contextmanager
def _explained(path: Path) -> Generator[None]:
    """Turn what the operating system says (full, read-only, not ours, no folder) into our error."""
    try:
        yield
    except OSError as error:
        raise VaultError(f"{path}, outside the database, cannot be used: {error.strerror or error}") from error
