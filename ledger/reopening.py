"""Reopening a halted log after a loss that its operator accepts: a new origin, a new key, and an entry that says so.

The log keeps its id, its positions and what is left of it. Its first entry under the new origin, LogReopened, names
the old origin's last good size and root: the highest that was signed and still stands. What was signed beyond it is
evidence against the ledger for ever, in the hands of whoever kept it; nothing here hides that.

| a crash after | lost | kept |
|---|---|---|
| the key is made | nothing | the key, unused: the next attempt takes it |
| the lost mark is put aside | nothing | it, and the log is halted as before |
| the mark is of the new origin | nothing | the mark: the next attempt goes on from it |
| LogReopened is recorded | nothing | the entry, once; the log is halted still, so nothing else gets between |
| the rows are committed | nothing | all of it: the log goes on |
"""

import asyncio
import hashlib
import re

from msgspec import Struct

from ledger.checkpoints import log_keys, root_at
from ledger.database import AnyConnection, Database
from ledger.domain.signing_events import LogReopened
from ledger.errors import InputError, Tampered
from ledger.intake import LogInfo
from ledger.log_events import record_once
from ledger.log_keys import LogKeys
from ledger.marks import Mark, advance_mark, halted, lock_log, mark_of, read_mark
from ledger.signing import add_key, keep_note, signed_note
from ledger.store import statements
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import EMPTY_ROOT, frontier_root
from ledger.tlog.proof import ProofError
from ledger.vault import Vault

LOST_FOLDER = "lost"
"""Of the vault: the marks that were given up, one for each time that a log was reopened."""
_SUCCESSOR = re.compile(r"(?P<first>.+)/(?P<number>[0-9]{1,9})")


class Good(Struct, frozen=True):
    """The highest that was signed of an origin and still stands: size and root; 0 where nothing does."""

    size: int
    root: bytes


async def reopen(
    database: Database, vault: Vault, keys: LogKeys, log: LogInfo, reason: str | None = None
) -> LogReopened:
    """Reopen a halted log as it is now, and return what was recorded of it.

    Raises:
        InputError: the log is not halted.
        Tampered: it contradicts itself, so that there is nothing to go on from: restore a backup.
        VaultError, SettingError, Busy, OutcomeUnknown: it is halted still; run it again.
    """
    async with database.pool("signer").acquire() as connection:
        async with connection.transaction():
            locked = await lock_log(connection, log.log_id)
            if await halted(connection, vault, locked) is not None:
                return await _reopen(connection, database, vault, keys, locked, reason)
        raise InputError(f"log {log.slug} is not halted: there is nothing to reopen")


async def _reopen(
    connection: AnyConnection, database: Database, vault: Vault, keys: LogKeys, locked: LogInfo, reason: str | None
) -> LogReopened:
    """Reopen a halted log under its lock."""
    began = await _begun(connection, database, vault, locked) or await _begin(connection, database, vault, keys, locked)
    key = keys.make(locked.slug, began.origin, await log_keys(connection, locked.log_id)).verifier
    good = await last_good(connection, locked, began.size)
    lost = read_lost(vault, locked.slug, began.origin)
    payload = LogReopened(
        previous_origin=locked.origin,
        previous_size=good.size,
        previous_root=good.root.hex(),
        origin=began.origin,
        key=str(key),
        signed_size=None if lost is None else lost.size,
        signed_root=None if lost is None else lost.root.hex(),
        reason=reason,
    )
    event_id = f"log-reopened:{hashlib.sha256(began.note).hexdigest()}"
    await record_once(database, locked, event_id, payload, reopening=True)
    await add_key(connection, locked.log_id, key)
    await connection.execute(statements("move_origin"), locked.log_id, began.origin)
    await keep_note(connection, locked.log_id, began.note, withhold=database.settings.withholds_checkpoints)
    await connection.execute(statements("release_log"), locked.log_id)
    return payload


def read_lost(vault: Vault, slug: str, origin: str) -> Mark | None:
    """Return the mark that was given up when this origin of a log began; None where there was none."""
    note = vault.read(_lost_name(slug, origin))
    return None if note is None else mark_of(note)


def _lost_name(slug: str, origin: str) -> str:
    return f"{LOST_FOLDER}/{slug}.{origin.rpartition('/')[2]}"


async def _begun(connection: AnyConnection, database: Database, vault: Vault, locked: LogInfo) -> Mark | None:
    """Return the mark of an attempt that was cut short, to go on from; None where there is none that stands.

    Nothing but LogReopened is appended to a halted log, so what it was made of is still there.
    """
    mark = read_mark(vault, locked.slug)
    if mark is None or mark.origin == locked.origin or mark.origin != _successor(database, locked, None):
        return None
    head = await connection.fetchrow(statements("read_head"), locked.log_id)
    if head is None or not mark.size <= head["size"] <= mark.size + 1:
        return None
    return mark if await root_at(connection, locked.log_id, mark.size) == mark.root else None


async def _begin(connection: AnyConnection, database: Database, vault: Vault, keys: LogKeys, locked: LogInfo) -> Mark:
    """Sign what is left of a log under a new origin, and put it in the vault: the first mark of that origin.

    The mark that it takes the place of is put aside there: every note ever signed is kept.
    """
    head = await connection.fetchrow(statements("read_head"), locked.log_id)
    size, root = (head["size"], frontier_root(head["size"], head["frontier"])) if head else (0, EMPTY_ROOT)
    try:
        stands = await root_at(connection, locked.log_id, size) == root
    except ProofError:
        stands = False
    if not stands:
        raise Tampered(f"log {locked.slug}", "its head is not what its tiles give: see `jejak verify`")
    mark = read_mark(vault, locked.slug)
    origin = _successor(database, locked, mark)
    signer = keys.make(locked.slug, origin, await log_keys(connection, locked.log_id))
    note = signed_note(Checkpoint(origin, size, root), [signer])
    if mark is not None:
        await asyncio.to_thread(vault.write, _lost_name(locked.slug, origin), mark.note)
    return await asyncio.to_thread(advance_mark, vault, locked.slug, mark, note)


def _successor(database: Database, locked: LogInfo, mark: Mark | None) -> str:
    """Return the origin after those of the log and of its mark: `<ledger name>/<slug>/2`, then 3 and so on."""
    first = f"{database.name}/{locked.slug}"
    numbers = [1]
    for origin in (locked.origin, locked.origin if mark is None else mark.origin):
        found = _SUCCESSOR.fullmatch(origin)
        if found is not None and found["first"] == first:
            numbers.append(int(found["number"]))
    return f"{first}/{max(numbers) + 1}"


async def last_good(connection: AnyConnection, locked: LogInfo, size: int) -> Good:
    """Return the highest checkpoint of a log's origin in its database, up to a size, that its entries still give.

    A tree that gives one checkpoint gives all before it, so that halving the range finds it.
    """
    good = Good(0, EMPTY_ROOT)
    while good.size < size:
        middle = (good.size + size + 1) // 2
        row = await connection.fetchrow(statements("read_last_checkpoint"), locked.log_id, locked.origin, middle)
        if row is not None and row["size"] > good.size:
            if await root_at(connection, locked.log_id, row["size"]) == row["root"]:
                good = Good(row["size"], row["root"])
            else:
                size = row["size"] - 1
        else:  # none from the middle down: what is left is above it
            above = await connection.fetchrow(
                statements("read_first_checkpoint"), locked.log_id, locked.origin, middle, size
            )
            if above is None or await root_at(connection, locked.log_id, above["size"]) != above["root"]:
                return good
            good = Good(above["size"], above["root"])
    return good
