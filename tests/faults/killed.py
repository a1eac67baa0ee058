"""`jejak`, killed: `python -m tests.faults.killed EVENT PART WORDS...`.

It dies just before it asks the operating system for something (an audit event of Python's) about a name that holds
PART, and says so before; where that never comes it ends as the command does.
"""

import os
import signal
import sys

from api.cli import main

KILLED = "killed\n"


def kill_at(event: str, part: str) -> None:
    """Arrange for this process to be killed before the first such event."""

    def hook(raised: str, arguments: tuple[object, ...]) -> None:
        if raised == event and any(part in str(argument) for argument in arguments):
            os.write(1, KILLED.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    kill_at(*sys.argv[1:3])
    sys.exit(main(sys.argv[3:]))
