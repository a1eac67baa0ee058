"""Killing a service or its database with `kill -9`, and what is to be so once they are back."""

import contextlib
import os
import signal

from tests.faults.serving import Serving, jejak, poll

COULD_NOT_TELL = 3
VERIFY_ATTEMPTS = 10  # the server still recovers from the last kill, and may end what has just connected


def kill_service(served: Serving) -> None:
    assert served.process is not None
    served.process.kill()


def kill_postmaster(served: Serving) -> None:
    os.kill(served.postmaster(), signal.SIGKILL)


def kill_backend(served: Serving) -> None:
    os.kill(served.backends()[0], signal.SIGKILL)


async def come_back(served: Serving, killed: int) -> None:
    """Start a killed service again. One whose database was killed goes on by itself, once there is another."""
    assert served.process is not None
    if killed == served.process.pid:
        await served.process.wait()
        await served.start()
        return

    async def another_runs() -> bool:
        with contextlib.suppress(OSError, IndexError):  # its file is gone, or just being written
            return served.postmaster() != killed
        return False

    await poll(another_runs)
    await served.ready()


async def assert_verified(served: Serving) -> None:
    done = await jejak("verify", "--data", str(served.folder))
    attempts = 1
    while done.code == COULD_NOT_TELL and attempts < VERIFY_ATTEMPTS:
        done = await jejak("verify", "--data", str(served.folder))
        attempts += 1
    assert done.code == 0, (done.output, done.errors)
