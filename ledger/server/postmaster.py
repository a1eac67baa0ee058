"""The server's processes: how the postmaster is told what to be, how it is found again, and how it is told to stop."""

import contextlib
import os
import signal
from pathlib import Path

from ledger.server.folder import DataFolder
from ledger.server.memory import shared_buffers

PID_FILE = "postmaster.pid"
SOCKET_LOCK = ".s.PGSQL.5432.lock"

# Line of postmaster.pid, from 0, that says what the postmaster is doing (miscadmin.h, LOCK_FILE_LINE_PM_STATUS is 8).
_STATUS_LINE = 7

_PROCESSES = Path("/proc")

# Given on the command line, which nothing in the data folder overrides (postgresql.auto.conf would, otherwise).
_SETTINGS = {
    # An answered append is on the disk: never change these three.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    # Nobody but the socket's owner gets in.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "100",
    # After each checkpoint every page that changes is written whole, once: of a long log a page or more for each event,
    # where checkpoints come so soon that few pages change twice.
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    # A recycled segment would hold, until it is written over, what was erased since (`ledger.scrubbing`).
    "wal_recycle": "off",
    # What is read of a long log stands in pages far apart, so many are asked of the disk at once (migrations 021, 022).
    # The kernel reads them ahead: to hand each to a process that waits for it takes half as long again.
    "io_method": "sync",
    # After a crash it ends, and whoever uses the folder starts it again. Left to itself, PostgreSQL 18 may do neither:
    # when its recovery fails, for want of room, say, it can wait for ever for a startup process that is no more.
    "restart_after_crash": "off",
    # Our queries are short; compiling them costs more than it saves.
    "jit": "off",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # To stderr, which is our log file. Terse and without statements: those could carry what a person wrote.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_checkpoints": "off",
}


def arguments(name: str, socket_folder: str) -> list[str]:
    """Return the server's options. `name` marks each of its processes, so that they can be found."""
    own = {"cluster_name": name, "unix_socket_directories": socket_folder, "shared_buffers": shared_buffers()}
    settings = {**_SETTINGS, **own}
    return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]


class Postmaster:
    """The postmaster of an open data folder, if there is one.

    A file in that folder says which process it is, and the folder is the account's, so no process is signalled by root
    unless it is the account's own and looks like this server.
    """

    def __init__(self, folder: DataFolder, data: int, user_id: int) -> None:
        """Take the folder, its open `postgres` folder, and the user id the server runs under."""
        self._folder = folder
        self._data = data
        self._user_id = user_id
        found = os.fstat(data)
        self.name = f"jejak-{found.st_dev:x}-{found.st_ino:x}"

    def find(self) -> int | None:
        """Return the process id, or None when no postmaster runs."""
        lines = self._lines()
        if not lines or not lines[0].isdigit() or int(lines[0]) <= 1:
            return None
        process = int(lines[0])
        return process if self._is_ours(process) else None

    def is_ready(self) -> bool:
        """Say whether it runs and lets clients in."""
        lines = self._lines()
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready" and self.find() is not None

    def send(self, number: signal.Signals) -> None:
        """Send the postmaster a signal, if it runs."""
        process = self.find()
        if process is not None:
            self._deliver(process, number)

    def quit_orphans(self) -> None:
        """Tell what is left of a killed server to quit at once: an orphan amid a long query would not notice.

        Like a crash, it loses nothing that was answered. Does nothing while the postmaster lives or is only starting.
        """
        if not self._lines() or self.find() is not None or not _PROCESSES.is_dir():
            return
        for entry in _PROCESSES.iterdir():
            if entry.name.isdigit() and self._is_ours(int(entry.name)):
                self._deliver(int(entry.name), signal.SIGQUIT)

    def forget_the_last(self, socket_folder: int) -> None:
        """Remove what a killed server left to keep others out. Only when it is proven that none of it is left.

        A number in such a file may be another process by now, or a zombie, and the server would refuse to start.
        """
        for name, folder in ((PID_FILE, self._data), (SOCKET_LOCK, socket_folder)):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)

    def _lines(self) -> list[str]:
        try:
            return self._folder.read(PID_FILE, within=self._data).decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []

    def _is_ours(self, process: int) -> bool:
        """Say whether this is a live process of this server. Zombies have no command line."""
        if not _PROCESSES.is_dir():
            return _exists(process)
        place = _PROCESSES / str(process)
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            owner = place.stat().st_uid
        except OSError:
            return False
        name = self.name.encode()
        return owner == self._user_id and (b"cluster_name=" + name in words or b": " + name + b":" in words[0])

    def _deliver(self, process: int, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if not hasattr(os, "pidfd_open"):
                os.kill(process, number)
                return
            # Held before it is looked at again, the number cannot have become another process.
            held = os.pidfd_open(process)
            try:
                if self._is_ours(process):
                    signal.pidfd_send_signal(held, number)
            finally:
                os.close(held)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
