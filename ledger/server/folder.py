"""The data folder: what is in it, and whose it is.

    jejak.json      marker: this is a ledger's data folder, of which format and which PostgreSQL
    postgres/       PostgreSQL's own data; `postgres.new` until the first start has finished with it
    socket/         the only way in
    postgres.log    what the server says, at most LOG_BYTES and as much again in postgres.log.1
    lock            flock: held while somebody decides to start or stop the server
    users           flock, shared: held by each process that uses the server, for life
    server          flock: held by every process of the server, so a free one proves that none is left
    restoring       flock: held while a backup is put back here; only who restores starts what is beside it

Names are resolved against the open folder and never through a symbolic link: as root, some of it belongs to another
account. No mode of an existing folder, or of any folder above, is ever changed.
"""

import contextlib
import os
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ledger.errors import DataFolderError
from ledger.server.account import Account

FORMAT = 1
MARKER = "jejak.json"
DATA = "postgres"
UNFINISHED = "postgres.new"
SOCKET = "socket"
LOG = "postgres.log"
OLD_LOG = "postgres.log.1"
RESTORING = "restoring"

LOG_BYTES = 8 * 1024 * 1024

# How many of the log's last lines an error carries, and how much of the file is read for them.
TAIL_LINES = 5
TAIL_BYTES = 8192

# Through this a child finds a folder it has inherited open, without entering the folders above it.
_DESCRIPTORS = Path("/proc/self/fd")

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_NEW = ".new"

# What an interrupted first start may leave, before there is a marker. `postgres` is not among them.
_BEFORE_THE_MARKER = {"lock", "users", "server", SOCKET, UNFINISHED, LOG, OLD_LOG, MARKER + _NEW}
# A fresh volume has it.
NOT_OURS_BUT_HARMLESS = {"lost+found"}


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """The content of jejak.json."""

    format: int
    postgresql: int
    created: datetime


class DataFolder:
    """A data folder, open. Everything raises DataFolderError or OSError; `close` it after use."""

    def __init__(self, path: Path, *, restoring: bool = False) -> None:
        """Open the folder, made (0700) when it is missing. Nothing is written into an existing one.

        `restoring`: it is ours to put a backup back into, and to start before that is done.
        """
        self.path = path.absolute()
        self._restoring = restoring
        try:
            self.path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            self.descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise DataFolderError(f"{self.path} cannot be a data folder: {error.strerror}") from error

    def close(self) -> None:
        """Close the folder."""
        os.close(self.descriptor)

    def names(self) -> set[str]:
        """Return the names in it."""
        with os.scandir(self.descriptor) as entries:
            return {entry.name for entry in entries}

    def marker(self, postgresql: int) -> Marker | None:
        """Return the marker, or None when there is none yet because the folder is new (or a first start was cut).

        Raises DataFolderError for a folder that is not a ledger's, is another format's or another PostgreSQL's.
        """
        names = self.names()
        if RESTORING in names and not self._restoring:
            raise DataFolderError(
                f"{self.path} is being restored from a backup, or the restore was cut short or found the backup bad: "
                "run `jejak restore` again, to its end"
            )
        if MARKER not in names:
            strange = names - _BEFORE_THE_MARKER - NOT_OURS_BUT_HARMLESS
            if strange or (names & _BEFORE_THE_MARKER and "lock" not in names):
                raise DataFolderError(
                    f"{self.path} is not a ledger's data folder: it has files and no {MARKER}; "
                    "name an empty folder, or one that does not exist yet"
                )
            return None
        try:
            marker = msgspec.json.decode(self.read(MARKER), type=Marker)
        except msgspec.MsgspecError as error:
            raise DataFolderError(f"{self.path / MARKER} is damaged: {error}; restore it from a backup") from error
        if marker.format != FORMAT:
            raise DataFolderError(
                f"{self.path} has data folder format {marker.format}, and this release knows {FORMAT}: run the release "
                "that made it"
            )
        if marker.postgresql != postgresql:
            raise DataFolderError(
                f"{self.path} was made by PostgreSQL {marker.postgresql}, and this release carries {postgresql}: "
                "run the release that made it"
            )
        return marker

    def write_marker(self, postgresql: int) -> None:
        """Write the marker, durably."""
        marker = Marker(format=FORMAT, postgresql=postgresql, created=datetime.now(UTC))
        self.replace(self.descriptor, MARKER, msgspec.json.encode(marker) + b"\n")

    def read(self, name: str, within: int | None = None) -> bytes:
        """Return a small file's content; of this folder, or of the open one `within`."""
        folder = self.descriptor if within is None else within
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
            return file.read(TAIL_BYTES)

    def replace(self, folder: int, name: str, content: bytes, account: Account | None = None) -> None:
        """Write a file of an open folder whole, durably, at once, for this account."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name + _NEW, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(name + _NEW, flags, _PRIVATE_FILE, dir_fd=folder), "wb") as file:
            file.write(content)
            file.flush()
            if account:
                account.take(file.fileno())
            os.fsync(file.fileno())
        os.replace(name + _NEW, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)

    def open_lock(self, name: str) -> int:
        """Open a file to lock, made when it is missing."""
        return os.open(name, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE, dir_fd=self.descriptor)

    def open_log(self) -> int:
        """Open the server's log to append to it."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        return os.open(LOG, flags, _PRIVATE_FILE, dir_fd=self.descriptor)

    def open_private(self, name: str, account: Account) -> int:
        """Open a folder in it that is the account's alone, made when it is missing."""
        try:
            os.mkdir(name, _PRIVATE_FOLDER, dir_fd=self.descriptor)
            new = True
        except FileExistsError:
            new = False
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.descriptor)
        if new or self._was_ours(descriptor, account):
            account.take(descriptor)
        found = os.fstat(descriptor)
        if found.st_uid != account.user_id or stat.S_IMODE(found.st_mode) & 0o077:
            os.close(descriptor)
            raise DataFolderError(
                f"{self.path / name} belongs to user id {found.st_uid} with mode {stat.S_IMODE(found.st_mode):04o}, "
                f"and must be private to {account.name}: run as the user who made it, or mend it"
            )
        return descriptor

    @staticmethod
    def _was_ours(descriptor: int, account: Account) -> bool:
        """Say whether we were stopped after making the folder and before giving it away: it is empty and ours."""
        return account.is_other and os.fstat(descriptor).st_uid == os.geteuid() and not any(os.scandir(descriptor))

    def rename(self, name: str, new_name: str) -> None:
        """Rename something in it, durably."""
        os.rename(name, new_name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        os.fsync(self.descriptor)

    def remove(self, name: str) -> None:
        """Remove a folder in it with all it holds; follows no links. It may be missing."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(name, dir_fd=self.descriptor)

    def trim_log(self) -> None:
        """Keep the log under LOG_BYTES: a full one replaces the old one. The server goes on appending."""
        descriptor = os.open(LOG, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _PRIVATE_FILE, dir_fd=self.descriptor)
        with os.fdopen(descriptor, "r+b") as file:
            if os.fstat(descriptor).st_size <= LOG_BYTES:
                return
            # On a full disk there is no old log. The new one must not grow all the same.
            with contextlib.suppress(OSError):
                self.replace(self.descriptor, OLD_LOG, file.read(LOG_BYTES))
            file.truncate(0)

    def explain(self) -> str:
        """Return the log's last lines and the free space, for an error message, on one line."""
        free = shutil.disk_usage(self.descriptor).free // 1_000_000
        try:
            with os.fdopen(os.open(LOG, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=self.descriptor), "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
                lines = file.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()[-TAIL_LINES:]
        except FileNotFoundError:
            lines = []
        return f"{free} MB are free there; {self.path / LOG} ends with: {' | '.join(lines) or 'nothing'}"


def opened(descriptor: int) -> str | None:
    """Return a path to the open folder for whoever has or inherits this descriptor. None where there is no /proc."""
    return str(_DESCRIPTORS / str(descriptor)) if _DESCRIPTORS.is_dir() else None
