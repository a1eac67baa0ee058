"""The list of destroyed keys, outside: what a database restored from a backup must destroy again (domain.md 10).

One line for each key, durable before its row is destroyed and before the ledger records the erasure. What is listed is
destroyed whatever the database says: nobody opens it, and at the next start it is destroyed there, too.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from msgspec import Struct

from ledger.database import Pool
from ledger.domain.instants import format_instant, parse_instant
from ledger.store import statements
from ledger.vault import Vault

DESTROYED_FILE = "destroyed.ndjson"
PAGE_KEYS = 10_000
"""Listed keys looked for in one statement."""

_log = logging.getLogger(__name__)


class DestroyedKey(Struct, frozen=True, kw_only=True):
    """A line: a key of a data subject, by its id in its log, and when it was destroyed (RFC 3339)."""

    log: str
    key_id: str
    destroyed: str


class DestroyedKeys:
    """The list in a ledger's vault, as it is now: other processes add to it, too."""

    def __init__(self, vault: Vault) -> None:
        """Take the vault."""
        self._vault = vault
        self._seen: object = None
        self._keys: dict[str, DestroyedKey] = {}

    def __contains__(self, key_id: str) -> bool:
        """Tell whether a key is destroyed, whatever the database says. Raises SettingError or VaultError."""
        return key_id in self._read()

    def among(self, key_ids: Iterable[str]) -> set[str]:
        """Return which of these keys are destroyed: the file is looked at once. Raises as `in` does."""
        return self._read().keys() & key_ids

    def __iter__(self) -> Iterator[DestroyedKey]:
        """Yield every key that is listed, in the order in which they were destroyed."""
        yield from self._read().values()

    def add(self, log: str, key_id: str, at: datetime) -> datetime:
        """List a key as destroyed, durably, and return when it was: `at`, or where it is listed already, then.

        Raises SettingError or VaultError: then it may or may not be listed, and must be asked again.
        """
        listed = self._read().get(key_id)
        if listed is None:
            listed = DestroyedKey(log=log, key_id=key_id, destroyed=format_instant(at))
            self._vault.append(DESTROYED_FILE, msgspec.json.encode(listed))
        return parse_instant(listed.destroyed)

    def _read(self) -> dict[str, DestroyedKey]:
        """Return the list, read again only where the file has changed."""
        seen = self._vault.stamp(DESTROYED_FILE)
        if seen != self._seen:
            content = self._vault.read(DESTROYED_FILE) or b""
            self._keys = {}
            for key in filter(None, map(_parse, content.split(b"\n"))):
                self._keys.setdefault(key.key_id, key)  # of two lines for one key the first counts
            self._seen = seen
        return self._keys


def _parse(line: bytes) -> DestroyedKey | None:
    """Return what a line says; None for one that a crash cut off, after which nothing was destroyed."""
    try:
        return msgspec.json.decode(line, type=DestroyedKey)
    except msgspec.DecodeError:
        return None


async def open_destroyed(keeper: Pool, vault: Vault) -> DestroyedKeys:
    """Return the list of a ledger, once the database holds nothing of what stands in it."""
    destroyed = DestroyedKeys(vault)
    await destroy_again(keeper, destroyed)
    return destroyed


async def destroy_again(keeper: Pool, destroyed: DestroyedKeys) -> int:
    """Destroy the listed keys that a database still holds, and return how many those were.

    There are some after a backup of before an erasure was restored, or where an erasure broke off.
    """
    listed = list(destroyed)
    count = 0
    for start in range(0, len(listed), PAGE_KEYS):
        page = listed[start : start + PAGE_KEYS]
        rows = await keeper.fetch(
            statements("destroy_again"),
            [key.log for key in page],
            [key.key_id for key in page],
            [parse_instant(key.destroyed) for key in page],
        )
        for row in rows:
            _log.warning("key %s of log %s was destroyed before, and is again", row["key_id"], row["slug"])
        count += len(rows)
    if count:
        _log.warning("%s keys stood in the database that had been destroyed: was it restored from a backup?", count)
    return count
