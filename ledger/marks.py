"""High-water marks: the highest checkpoint that each log has signed, kept in the vault; and logs that are halted.

A mark is the signed note itself, in `marks/<slug>` of the vault. It is durable before anybody sees the note, so a
database that is behind its mark, or has another root at the mark's size, is not the one that was signed of: an older
copy, or one that somebody has changed. Such a log is halted: nothing is appended to it, and nothing signed of it, until
the right database is back or its operator accepts the loss (`ledger.reopening`).
"""

import logging
from datetime import datetime

from msgspec import Struct

from ledger.checkpoints import root_at
from ledger.database import AnyConnection, Database
from ledger.errors import NotFound, VaultError
from ledger.intake import LogInfo
from ledger.store import Reader, find_logs, log_info, statements
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.merkle import frontier_root
from ledger.tlog.note import NoteError, parse_note
from ledger.tlog.proof import ProofError
from ledger.vault import Vault

FOLDER = "marks"

log = logging.getLogger(__name__)


class Mark(Struct, frozen=True, kw_only=True):
    """The highest that was signed of a log: origin, size and root of the checkpoint in `note`."""

    origin: str
    size: int
    root: bytes
    note: bytes


class Halt(Struct, frozen=True, kw_only=True):
    """That a log is halted: why, and since when."""

    log_id: int
    slug: str
    reason: str
    since: datetime


def mark_of(note: bytes) -> Mark:
    """Return the mark that a signed note is. Raises NoteError where it is none of a checkpoint."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    return Mark(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root, note=note)


def read_mark(vault: Vault, slug: str) -> Mark | None:
    """Return a log's mark; None while nothing is signed of it. Raises VaultError for a file that is no mark."""
    note = vault.read(_name(slug))
    try:
        return None if note is None else mark_of(note)
    except NoteError as error:
        raise VaultError(f"{vault.folder / _name(slug)} is no mark: {error}; bring the keys folder back") from error


def advance_mark(vault: Vault, slug: str, before: Mark | None, note: bytes) -> Mark:
    """Put a note in the place of the mark that was there `before`. Durable when it returns; it blocks.

    Locks: the file's, for this moment. The log's row keeps apart the signers of one database; this keeps apart those
    of a database and of its copy, which share the vault. Raises VaultError where the mark is another by now.
    """
    with vault.lock(_name(slug)):
        if vault.read(_name(slug)) != (None if before is None else before.note):
            raise VaultError(f"somebody else has signed of log {slug} meanwhile, with the same keys folder")
        vault.write(_name(slug), note)
    return mark_of(note)


async def lock_log(connection: AnyConnection, log_id: int) -> LogInfo:
    """Lock a log against other signers until the transaction ends; return it with its present origin."""
    row = await connection.fetchrow(statements("lock_log"), log_id)
    if row is None:
        raise NotFound(f"there is no log {log_id}")
    return log_info(row)


async def halted(connection: AnyConnection, vault: Vault, locked: LogInfo) -> str | None:
    """Return why a locked log is halted; one that contradicts what it has signed is halted now. None where all is well.

    One that was halted so, and agrees again, goes on. What was signed is read before the head: both only grow.
    """
    halt_row = await connection.fetchrow(statements("read_halt"), locked.log_id)
    if halt_row is not None and halt_row["lasting"]:
        reason: str | None = halt_row["reason"]
        return reason
    found = await _contradiction(connection, locked, read_mark(vault, locked.slug))
    if found is None and halt_row is not None:
        await connection.execute(statements("release_log"), locked.log_id)
        log.warning("log %s agrees again with what was signed of it, and goes on", locked.slug)
    elif found is not None and halt_row is None:
        await halt(connection, locked, found, lasting=False)
    return found


async def halt(connection: AnyConnection, known: LogInfo, reason: str, *, lasting: bool = True) -> None:
    """Halt a log, loudly: from the commit on nothing is appended to it or signed of it. It may be halted already.

    A halt that is not `lasting` is over once the log agrees with its mark: at the next start, or when somebody asks for
    a signature.
    """
    await connection.execute(statements("halt_log"), known.log_id, reason, lasting)
    log.critical("LOG %s IS HALTED, nothing more is appended to it or signed of it: %s", known.slug, reason)


async def _contradiction(connection: AnyConnection, locked: LogInfo, mark: Mark | None) -> str | None:
    """Say where a log contradicts its mark, the checkpoints in its own database, or itself; None where it does not."""
    if mark is not None and mark.origin != locked.origin:
        return f"its database says it is {locked.origin}, and {mark.origin} was signed last, at {mark.size} entries"
    row = await connection.fetchrow(statements("read_last_checkpoint"), locked.log_id, locked.origin, None)
    signed = {} if row is None else {row["size"]: row["root"]}
    if mark is not None and signed.setdefault(mark.size, mark.root) != mark.root:
        return f"its database keeps another checkpoint of {mark.size} entries than was signed"
    head = await connection.fetchrow(statements("read_head"), locked.log_id)
    size = 0 if head is None else head["size"]
    frontier = b"" if head is None else head["frontier"]
    if size < max(signed, default=0):
        return f"it has {size} entries, and {max(signed)} were signed: the database is an older copy, or was cut"
    try:
        for signed_size, root in sorted(signed.items()):
            if await root_at(connection, locked.log_id, signed_size) != root:
                return f"its first {signed_size} entries have another root than was signed: the database was changed"
        if await root_at(connection, locked.log_id, size) != frontier_root(size, frontier):
            return f"its head is not what its tiles give at {size} entries: the database was changed"
    except (ProofError, ValueError) as error:
        return f"its tiles give no root: {error}"
    return None


async def check_marks(database: Database, vault: Vault) -> list[str]:
    """Halt every log that contradicts what it has signed; return the slugs of all that are halted, sorted.

    A log is locked only where something seems wrong: another process may just be signing or reopening it.
    A log that was signed of and is not in the database at all is said in the log, and is halted once it is made anew.
    """
    pool = database.pool("signer")
    stopped: list[str] = []
    logs = await find_logs(pool)
    suspects = {one.log_id for one in await read_halts(pool)}
    async with pool.acquire() as connection:
        for known in logs:
            mark = read_mark(vault, known.slug)
            if known.log_id in suspects or await _contradiction(connection, known, mark) is not None:
                async with connection.transaction():
                    if await halted(connection, vault, await lock_log(connection, known.log_id)) is not None:
                        stopped.append(known.slug)
    for slug in await lost_logs(pool, vault):
        log.critical("LOG %s WAS SIGNED OF AND IS NOT IN THE DATABASE: it is an older copy, or was changed", slug)
    return stopped


async def lost_logs(reader: Reader, vault: Vault) -> list[str]:
    """Return the slugs of logs that were signed of and are not in the database at all, sorted."""
    signed = vault.names(FOLDER)  # before the database is asked: a log that is made meanwhile stands in it by then
    return sorted(set(signed) - {known.slug for known in await find_logs(reader)})


async def read_halts(reader: Reader) -> list[Halt]:
    """Return the logs that are halted, in order of slug."""
    return [
        Halt(log_id=row["log_id"], slug=row["slug"], reason=row["reason"], since=row["since"])
        for row in await reader.fetch(statements("read_halts"))
    ]


def _name(slug: str) -> str:
    return f"{FOLDER}/{slug}"
