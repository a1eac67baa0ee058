"""pg_basebackup: the data of a running server, copied as it is at one place of its write-ahead log.

It runs under the server's account, which may not enter the folders above: it is handed socket and target open.
"""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence

from ledger.errors import DatabaseError
from ledger.server.account import Account
from ledger.server.binaries import Binaries, start_program
from ledger.server.folder import DATA, SOCKET, DataFolder, opened
from ledger.server.initdb import SUPERUSER
from ledger.whole_folder import UnfinishedFolder

# It says something every second while it copies. A checkpoint before, and syncing the copy after, take long.
SILENCE_SECONDS = 1800
TAIL_LINES = 5
_PROGRESS = re.compile(rb"(\d+)/(\d+) kB")
_OPTIONS = ("--checkpoint=fast", "--wal-method=stream", "--manifest-checksums=SHA256", "--progress", "--no-password")

Progress = Callable[[int, int], None]
"""Is told how many kilobytes were copied, and of about how many."""


async def copy_data(
    source: DataFolder, account: Account, binaries: Binaries, unfinished: UnfinishedFolder, progress: Progress
) -> None:
    """Copy the data of a data folder's running server to `postgres` in an unfinished folder, durably.

    It holds that folder's lock as long as it runs, should we be killed. Raises DatabaseError with what it said last.
    """
    with contextlib.ExitStack() as descriptors:
        target = DataFolder(unfinished.path)
        descriptors.callback(target.close)
        sides: list[tuple[int, str]] = []
        for folder, name in ((source, SOCKET), (target, DATA)):
            descriptor = folder.open_private(name, account)
            descriptors.callback(os.close, descriptor)
            sides.append((descriptor, opened(descriptor) or str(folder.path / name)))
        (socket, host), (data, place) = sides
        options = (f"--pgdata={place}", f"--host={host}", f"--username={SUPERUSER}", *_OPTIONS)
        process = _start(account, binaries, options, (socket, data, unfinished.descriptor))
    try:
        said = await _follow(process, progress)
        code = await asyncio.to_thread(process.wait)
    except TimeoutError as error:
        raise DatabaseError(f"pg_basebackup has said nothing for {SILENCE_SECONDS} s, and was ended") from error
    finally:
        _end(process)
    if code:
        raise DatabaseError(f"pg_basebackup of {source.path} failed: {' | '.join(said) or f'exit code {code}'}")


def _start(
    account: Account, binaries: Binaries, options: Sequence[str], handed: Sequence[int]
) -> "subprocess.Popen[bytes]":
    try:
        command = [binaries.pg_basebackup, *options]
        return start_program(account, command, handed, output=subprocess.DEVNULL, errors=subprocess.PIPE)
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseError(f"cannot run {binaries.pg_basebackup}: {error}") from error


async def _follow(process: "subprocess.Popen[bytes]", progress: Progress) -> list[str]:
    """Read what it says until it has ended; return the last lines that are not about its progress."""
    said: deque[str] = deque(maxlen=TAIL_LINES)
    if process.stderr is None:
        return []
    while line := await asyncio.wait_for(asyncio.to_thread(process.stderr.readline), SILENCE_SECONDS):
        found = _PROGRESS.search(line)
        if found:
            progress(int(found[1]), int(found[2]))
        else:
            said.append(line.decode("utf-8", "replace").strip())
    return list(said)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it, and the process with which it receives the write-ahead log, if they still run."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stderr is not None:
        process.stderr.close()
