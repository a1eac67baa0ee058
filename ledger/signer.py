"""The signer: signs checkpoints of logs that have grown, at most once a second each, and on demand.

"A log MUST NOT sign any checkpoint which is inconsistent with any checkpoint it previously signed" (C2SP
tlog-checkpoint). So a size is signed only after it is committed, and never below or beside an earlier one:

    lock the log's row -> what was signed agrees with head and tiles -> consistency proof, checked -> sign
        -> the mark is put in the vault, durably -> the rows are committed -> the note leaves

Where witnesses are to cosign (`ledger.cosigning`), they are asked once the rows are committed and nothing is locked.

Locks: the log's row, to the commit, so that processes never sign beside each other. Appends do not wait for it.

| a crash after | lost | kept |
|---|---|---|
| the note is signed | the note, which nobody has seen | nothing of it |
| the mark is in the vault | nothing | the note: whoever signs next commits its rows first |
| the rows are committed | nothing | the note |

A signer that fails says so (`failures`), is tried again, and stops no append. Only a log that contradicts what was
signed of it is halted (`ledger.marks`). When a log is signed again after either, that is said once.
"""

import asyncio
import logging
from collections import defaultdict

from ledger.checkpoints import covering_checkpoint, newest_checkpoint
from ledger.cosigning import Cosigning
from ledger.database import DATABASE_ERRORS, AnyConnection, Database
from ledger.errors import JejakError, LogHalted, Tampered, reason_of
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.log_keys import LogKeys
from ledger.marks import Mark, advance_mark, halted, lock_log, mark_of, read_halts, read_mark
from ledger.signing import keep_note, signed_note, signers_of
from ledger.store import consistency_proof, log_info, statements
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import frontier_root
from ledger.tlog.proof import ProofError, check_consistency
from ledger.vault import Vault

SIGN_SECONDS = 1.0
"""A log that grows all the time is signed once in so long: each checkpoint is kept for ever."""
RETRY_SECONDS = 5.0
"""How long the signer waits when the database does not answer."""

log = logging.getLogger(__name__)


class Signer:
    """Signs the logs of one ledger. Owns nothing but who waits for whom; the truth is in the database and the vault."""

    def __init__(
        self, database: Database, vault: Vault, feed: Feed, keys: LogKeys, cosigning: Cosigning | None = None
    ) -> None:
        """Take the database, the vault with the marks, what wakes, the private keys, and who has all of it cosigned."""
        self._pool = database.pool("signer")
        self._vault = vault
        self._feed = feed
        self._keys = keys
        self._cosigning = cosigning
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.failures: dict[int, str] = {}
        self._stopped: set[int] = set()  # logs that were halted, or could not be signed, when we last looked

    async def run(self) -> None:
        """Sign every log that has grown, for ever. Cancel it to stop: what is not committed then is signed again."""
        loop = asyncio.get_running_loop()
        while True:
            change, began = self._feed.next_change(), loop.time()
            try:
                await self.step()
            except DATABASE_ERRORS as error:
                log.warning("nothing can be signed: %s; trying again in %s s", reason_of(error), RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            except Exception:
                log.exception("the signer failed for a reason of our own; trying again in %s s", RETRY_SECONDS)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            await asyncio.sleep(max(0.0, began + SIGN_SECONDS - loop.time()))
            await self._feed.wait(change)

    async def step(self) -> None:
        """Sign every log that has grown since it last signed; one that fails is named and does not stop the others."""
        self._stopped.update(halt.log_id for halt in await read_halts(self._pool))
        logs = [log_info(row) for row in await self._pool.fetch(statements("read_unsigned"))]
        if self._cosigning is not None:
            logs += await self._cosigning.due({known.log_id for known in logs})
        for known in logs:
            try:
                await self.sign(known)
            except LogHalted:
                self.failures.pop(known.log_id, None)  # it is told of as halted
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and stops neither logs nor appends
                self._fail(known, error)

    async def prepare(self, known: LogInfo) -> None:
        """Make the first key of a log that is new. Where that fails it is told, and tried again when it is signed."""
        try:
            async with self._turns[known.log_id], self._pool.acquire() as connection, connection.transaction():
                locked = await lock_log(connection, known.log_id)
                if await halted(connection, self._vault, locked) is None:
                    await signers_of(connection, self._keys, locked)
        except Exception as error:  # noqa: BLE001 - the log is there all the same
            self._fail(known, error)

    def _fail(self, known: LogInfo, error: Exception) -> None:
        """Say once that a log is not signed, and why; a fault of our own with where it is."""
        why = reason_of(error)
        if self.failures.get(known.log_id) != why:
            ours = None if isinstance(error, (JejakError, *DATABASE_ERRORS)) else error
            log.error("log %s is not signed, and goes on without: %s", known.slug, why, exc_info=ours)
        self.failures[known.log_id] = why
        self._stopped.add(known.log_id)

    def _succeed(self, known: LogInfo) -> None:
        """Forget why a log was not signed; say once that it is signed again."""
        self.failures.pop(known.log_id, None)
        if known.log_id in self._stopped:
            self._stopped.remove(known.log_id)
            log.warning("log %s is signed again", known.slug)

    async def sign(self, known: LogInfo) -> bytes | None:
        """Sign a log as it is now, unless that is signed; return its newest checkpoint, None for an empty log.

        Raises:
            LogHalted: it contradicts what it has signed.
            VaultError, SettingError: a private key or the mark cannot be read or written; nothing was signed.
        """
        async with self._turns[known.log_id]:
            return await self._sign(known)

    async def cover(self, known: LogInfo, size: int) -> bytes | None:
        """Return the first checkpoint of a log with `size` entries or more, signed now if there is none.

        None where the log has fewer entries. Whoever asks at the same time has one made for all. Raises as `sign`.
        """
        async with self._turns[known.log_id]:
            note = await covering_checkpoint(self._pool, known, size)
            if note is None and await self._sign(known) is not None:
                note = await covering_checkpoint(self._pool, known, size)
            return note

    async def _sign(self, known: LogInfo) -> bytes | None:
        if self._cosigning is not None:
            await self._cosigning.compare(known)
        await self._commit(known)
        if self._cosigning is None or await self._cosigning.ask(known):
            self._succeed(known)
        else:
            self._fail(known, JejakError("too few witnesses have cosigned its newest checkpoint, which is withheld"))
        return await newest_checkpoint(self._pool, known)

    async def _commit(self, known: LogInfo) -> None:
        async with self._pool.acquire() as connection:
            async with connection.transaction():
                locked = await lock_log(connection, known.log_id)
                reason = await halted(connection, self._vault, locked)
                if reason is None:
                    await self._advance(connection, locked)
            if reason is not None:  # committed, so that it stays halted
                raise LogHalted(known.slug, reason)

    async def _advance(self, connection: AnyConnection, locked: LogInfo) -> None:
        """Sign a locked log that contradicts nothing, if it has grown; first settle what a crash has left."""
        mark = read_mark(self._vault, locked.slug)
        last = await self._settle(connection, locked, mark)
        head = await connection.fetchrow(statements("read_head"), locked.log_id)
        if head is None or head["size"] == (last.size if last else 0):
            return
        new = Checkpoint(locked.origin, head["size"], frontier_root(head["size"], head["frontier"]))
        if last is not None:
            await _check_growth(connection, locked, last, new)
        note = signed_note(new, await signers_of(connection, self._keys, locked))
        await asyncio.to_thread(advance_mark, self._vault, locked.slug, mark, note)
        await keep_note(connection, locked.log_id, note, withhold=self._withholds)

    async def _settle(self, connection: AnyConnection, locked: LogInfo, mark: Mark | None) -> Mark | None:
        """Keep a note that stands as the mark and has no rows yet; return the highest checkpoint that was signed."""
        kept = await newest_checkpoint(connection, locked, withheld=True)
        newest = None if kept is None else mark_of(kept)
        if mark is None or (newest is not None and newest.size >= mark.size):
            return newest
        await keep_note(connection, locked.log_id, mark.note, withhold=self._withholds)
        return mark

    @property
    def _withholds(self) -> bool:
        return self._cosigning is not None and self._cosigning.withholds


async def _check_growth(connection: AnyConnection, locked: LogInfo, last: Mark, new: Checkpoint) -> None:
    """Return if the log only grew from what was signed last to what is to be signed. Raises Tampered."""
    if last.size == 0:
        return  # every tree begins with the empty one
    try:
        proof = await consistency_proof(connection, locked.log_id, last.size, new.size)
        check_consistency(last.size, last.root, new.size, new.root, proof)
    except ProofError as error:
        raise Tampered(f"log {locked.slug} from {last.size} to {new.size} entries", str(error)) from error
