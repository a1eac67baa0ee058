"""A process of its own that uses an embedded server, as a test tells it: `python -m tests.postgres.embedded_child`.

The one argument is JSON: the folder, and perhaps a user id to become first (the interpreter need not be reachable for
that user, so everything is imported before) and the folder of PostgreSQL's programs. It says "ready" and the
postmaster's process id, or the error; then it waits for its input to end, leaves the server and says "closed".
"""

import asyncio
import concurrent.futures.thread
import os
import sys
from pathlib import Path

import asyncpg
import msgspec

from ledger.errors import JejakError
from ledger.server import embedded
from ledger.server.account import server_account
from ledger.server.binaries import Binaries, find_binaries
from ledger.server.folder import DataFolder

# What asyncio would import only when it is needed, and too late.
IMPORTED_BEFORE = (concurrent.futures.thread.__name__,)


class Task(msgspec.Struct, kw_only=True):
    folder: str
    user_id: int | None = None
    programs: str | None = None
    connect_only: str | None = None


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201


def become(user_id: int) -> None:
    os.setgroups([])
    os.setgid(user_id)
    os.setuid(user_id)


async def use(task: Task) -> None:
    account = server_account()
    binaries = Binaries(Path(task.programs)) if task.programs else find_binaries(account)
    try:
        server = embedded.EmbeddedServer(DataFolder(Path(task.folder)), account, binaries)
        await server.join()
    except JejakError as error:
        say(type(error).__name__, error)
        return
    connection = await server.connect()
    current_user = await connection.fetchval("SELECT current_user")
    await connection.close()
    say("ready", server.postmaster_id, current_user)
    await asyncio.to_thread(sys.stdin.read)
    await server.close()
    say("closed")


async def try_to_connect(socket_folder: str) -> None:
    for user in ("jejak", "postgres", "nobody"):
        try:
            await asyncpg.connect(host=socket_folder, port=5432, user=user, database="jejak")
            say("in as", user)
        except (OSError, asyncpg.PostgresError) as error:
            say(type(error).__name__)


def main() -> None:
    task = msgspec.json.decode(sys.argv[1], type=Task)
    if task.user_id is not None:
        become(task.user_id)
    if task.connect_only is not None:
        asyncio.run(try_to_connect(task.connect_only))
    else:
        asyncio.run(use(task))


if __name__ == "__main__":
    main()
