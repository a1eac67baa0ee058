"""A backup and its restore by another user: `python -m tests.postgres.backup_child FOLDER USER_ID`.

It becomes that user once everything is imported, since the interpreter need not be reachable for them, and says which
logs the restored ledger has.
"""

import asyncio
import sys
from importlib.metadata import version
from pathlib import Path

from ledger.backup import take_backup
from ledger.database import open_database
from ledger.restoring import open_backup, restored
from ledger.settings import read_settings
from ledger.store import create_log, find_logs
from ledger.vault import open_vault
from tests.postgres.embedded_child import IMPORTED_BEFORE, become, say

# What asyncio and importlib import only when it is needed, and too late.
PREPARED = (IMPORTED_BEFORE, version("jejak"))


async def back_up_and_restore(folder: Path) -> None:
    keys = str(folder / "keys")
    settings = read_settings({"JEJAK_KEYS_DIR": keys}, data=folder / "data")
    async with await open_database(settings) as database:
        open_vault(settings, database.ledger.ledger_id)
        await create_log(database.pool("keeper"), "shop", "PLATFORM", "UTC", None, "PUBLIC", "a/b/shop")
        await take_backup(database, folder / "backup")
    anew = read_settings({"JEJAK_KEYS_DIR": keys}, data=folder / "new")
    async with restored(open_backup(folder / "backup"), anew) as ledger:
        say(*[log.slug for log in await find_logs(ledger.database.pool("reader"))])


def main() -> None:
    folder, user_id = sys.argv[1:]
    become(int(user_id))
    asyncio.run(back_up_and_restore(Path(folder)))


if __name__ == "__main__":
    main()
