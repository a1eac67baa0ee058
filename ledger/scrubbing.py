"""What is left of a destroyed key in the database's files, and how it goes away (domain.md 10, D15).

PostgreSQL keeps what was updated: as a dead row, as bytes in the hole of a page that VACUUM has made room in, and in
the write-ahead log. So once a key is destroyed

1. the key table is written anew (VACUUM FULL): a new file with the living rows only; the old one is cut to nothing,
2. the write-ahead log goes on in a new segment, and a checkpoint makes the old ones needless: the embedded server
   removes those, since it recycles none (`ledger.server.postmaster`).

The catalogue holds no samples of the table's keys: statistics of them are never taken (migration 009).

This is done before an erasure is answered. Where it cannot be done, now or not by us (a server of somebody else's
may give us no right to the second, keep segments for its archive, and has backups), it is done at the next erasure or
start, or by `backups_expire_on` at the latest: until then copies may hold the wrapped key, and the master key opens it.
"""

import asyncio
import logging

import asyncpg

from ledger.database import DATABASE_ERRORS, Connection, Database
from ledger.errors import reason_of
from ledger.store import statements
from ledger.vault import Vault

UNSCRUBBED = "unscrubbed"
LOCK_SECONDS = 5
"""How long the rewriting waits for the key table, and who looks for keys behind it: their statements are short."""

_log = logging.getLogger(__name__)


class Scrubber:
    """Scrubs the files of one database. What is still to be done stands in the vault, so that no crash forgets it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Take the database and the vault."""
        self._database = database
        self._vault = vault
        self._turn = asyncio.Lock()

    def begin(self, attempt: str) -> None:
        """Note, durably, that a key is about to be destroyed. Raises VaultError."""
        self._vault.write(f"{UNSCRUBBED}/{attempt}", b"")

    async def finish(self, attempt: str) -> None:
        """Scrub what was destroyed in an attempt. Where it fails the note stays, and the log says why; never raises."""
        if await self.scrub():
            self._vault.remove(f"{UNSCRUBBED}/{attempt}")

    async def catch_up(self) -> None:
        """Scrub what an earlier process has left, or could not do."""
        left = self._vault.names(UNSCRUBBED)
        if left and await self.scrub():
            for attempt in left:
                self._vault.remove(f"{UNSCRUBBED}/{attempt}")

    async def scrub(self) -> bool:
        """Let nothing be left of what was destroyed until now. Tell whether all was done that is ours to do."""
        async with self._turn:
            try:
                async with self._database.owner() as connection:
                    await connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
                    await connection.execute(statements("rewrite_keys"))
                    await _renew_log(connection)
            except DATABASE_ERRORS as error:
                why = reason_of(error)
                _log.warning("of destroyed keys something may be left in the database's files for now: %s", why)
                return False
        return True


async def _renew_log(connection: Connection) -> None:
    """Go on in a new segment of the write-ahead log, and make the old ones needless, where that is ours to do."""
    try:
        await connection.execute(statements("switch_wal"))
        await connection.execute(statements("checkpoint_database"))
    except asyncpg.InsufficientPrivilegeError:
        _log.info("the server's write-ahead log is its owner's: it holds wrapped keys for as long as it is kept")
