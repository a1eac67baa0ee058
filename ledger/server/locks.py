"""File locks that processes of one data folder meet at. The kernel drops those of a killed process."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncGenerator

from ledger.errors import DataFolderError
from ledger.server.folder import DataFolder

POLL_SECONDS = 0.01


def try_lock(descriptor: int, operation: int = fcntl.LOCK_EX) -> bool:
    """Take an flock now (fcntl.LOCK_EX or LOCK_SH) and return True, or return False when others hold it."""
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def take_lock(descriptor: int, seconds: float) -> None:
    """Take an exclusive flock when it is free. Raises TimeoutError when it is not within `seconds`."""
    async with asyncio.timeout(seconds):
        # Polled: a blocking flock would need a thread that nothing can end.
        while not try_lock(descriptor):  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def locked(folder: DataFolder, name: str, seconds: float) -> AsyncGenerator[None]:
    """Hold the folder's lock of this name. Raises DataFolderError when others hold it for longer than `seconds`."""
    descriptor = folder.open_lock(name)
    try:
        try:
            await take_lock(descriptor, seconds)
        except TimeoutError as error:
            raise DataFolderError(
                f"another process has been starting or stopping the server of {folder.path} for {seconds:.0f} s"
            ) from error
        yield
    finally:
        os.close(descriptor)
