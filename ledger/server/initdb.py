"""The first start of a data folder: PostgreSQL's data, made beside its place.

Steps, and what a kill between them leaves: `postgres.new` unfinished and no marker (made anew); a marker and a whole
`postgres.new` (moved to its place); a marker and `postgres` (done).
"""

import asyncio
import contextlib
import os
import subprocess

from ledger.errors import DataFolderError
from ledger.server.account import Account
from ledger.server.binaries import MAJOR, Binaries, start_program
from ledger.server.folder import UNFINISHED, DataFolder, opened
from ledger.server.locks import take_lock

SUPERUSER = "jejak"

# It takes less than a second, but writes and syncs a thousand files.
INITDB_SECONDS = 180

_OPTIONS = ("--encoding=UTF8", "--locale=C", "--auth=peer", "--data-checksums", "--no-instructions")


async def make_data(folder: DataFolder, account: Account, binaries: Binaries) -> None:
    """Make `postgres.new` whole and then say so in the marker. Under `lock`; raises DataFolderError."""
    server = folder.open_lock("server")
    try:
        # A killed first start may have left an initdb at work, which holds this one.
        await take_lock(server, INITDB_SECONDS)
        folder.remove(UNFINISHED)
        data = folder.open_private(UNFINISHED, account)
        try:
            await _run_initdb(folder, account, binaries, (data, server))
        finally:
            os.close(data)
        folder.write_marker(MAJOR)
    except TimeoutError as error:
        raise DataFolderError(f"initdb in {folder.path} has not finished after {INITDB_SECONDS} s") from error
    finally:
        os.close(server)


async def _run_initdb(folder: DataFolder, account: Account, binaries: Binaries, inherited: tuple[int, int]) -> None:
    data = opened(inherited[0]) or str(folder.path / UNFINISHED)
    command = [binaries.initdb, f"--pgdata={data}", f"--username={SUPERUSER}", *_OPTIONS]
    process = start_program(account, command, inherited, output=subprocess.PIPE, errors=subprocess.STDOUT)
    try:
        async with asyncio.timeout(INITDB_SECONDS):
            output, _ = await asyncio.to_thread(process.communicate)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        raise
    if process.returncode:
        lines = " | ".join(output.decode("utf-8", "replace").splitlines()[-3:])
        raise DataFolderError(f"cannot make a database in {folder.path}: {lines}; {folder.explain()}")
