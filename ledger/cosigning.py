"""Having the checkpoints of a ledger cosigned: what witnesses answer is kept beside what the log signed, and shown.

    signed, kept (and, failing closed, withheld)  ->  witnesses asked  ->  cosignatures kept, and it is shown

Nothing is locked while witnesses are asked: whatever they answer is about a checkpoint that is kept already. A crash
between leaves a checkpoint without cosignatures, which are asked for again.

A witness that has seen what this ledger has not is the only one to know that the ledger was set back together with its
keys folder. So each log's newest checkpoint is compared with the witnesses before this process first signs of it; and
when one raises the alarm, the log is halted (`ledger.marks`).
"""

import asyncio
from collections.abc import Collection
from functools import partial

from ledger.checkpoints import newest_checkpoint
from ledger.database import Database
from ledger.errors import LogHalted, Rollback, SettingError
from ledger.intake import LogInfo
from ledger.marks import halt, lock_log
from ledger.settings import Settings
from ledger.signing import keep_signatures
from ledger.store import consistency_proof, find_logs, statements
from ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from ledger.tlog.note import Note, Signature, format_note, parse_note
from ledger.witnessing import Witnesses, read_policy

CATCH_UP_SECONDS = 5.0
"""How often witnesses are asked again about a log that does not grow: no sooner than they have rested."""


class Cosigning:
    """Asks witnesses about the logs of one ledger. Owns which logs' newest checkpoints the quorum has cosigned."""

    def __init__(self, database: Database, witnesses: Witnesses, *, withholds: bool) -> None:
        """Take the database, the witnesses, and whether checkpoints without quorum are withheld."""
        self._pool = database.pool("signer")
        self._witnesses = witnesses
        self.withholds = withholds
        self._compared: set[int] = set()
        self._cosigned: dict[int, tuple[str, int]] = {}
        self._waiting: dict[int, LogInfo] = {}
        self._caught_up: float | None = None

    async def close(self) -> None:
        """End the connections to the witnesses."""
        await self._witnesses.close()

    async def due(self, grown: Collection[int]) -> list[LogInfo]:
        """Return logs to ask about besides those that have grown: all others at first, then those without quorum."""
        now = asyncio.get_running_loop().time()
        if self._caught_up is None:
            logs = await find_logs(self._pool)
        elif now < self._caught_up + CATCH_UP_SECONDS:
            return []
        else:
            logs = list(self._waiting.values())
        self._caught_up = now
        return [known for known in logs if known.log_id not in grown]

    async def compare(self, known: LogInfo) -> None:
        """Ask about a log before this process signs of it for the first time. Raises as `ask`."""
        if known.log_id not in self._compared:
            await self.ask(known)
            self._compared.add(known.log_id)

    async def ask(self, known: LogInfo) -> bool:
        """Ask for cosignatures on the newest checkpoint of a log, unless this process has them; keep and show them.

        Return whether that checkpoint is shown. Nothing is asked of a halted log.
        Raises LogHalted if a witness has seen what the log has lost or contradicts: it is halted then.
        """
        signed = await newest_checkpoint(self._pool, known, withheld=True)
        if signed is None or await self._pool.fetchval(statements("read_halt"), known.log_id) is not None:
            return True
        note = parse_note(signed)
        checkpoint = parse_checkpoint(note.text)
        if self._cosigned.get(known.log_id) == (checkpoint.origin, checkpoint.size):
            return True
        try:
            given = await self._witnesses.cosign(signed, partial(self._consistency, known.log_id, checkpoint.size))
        except Rollback as alarm:
            await self._raise_alarm(known, alarm)
            return True  # another process has a newer one shown
        satisfied = self._witnesses.satisfied(format_note(Note(note.text, (*note.signatures, *given))))
        shown = satisfied or not self.withholds
        await self._keep(known, checkpoint, given, show=shown)
        self._remember(known, checkpoint, satisfied=satisfied)
        return shown

    def _remember(self, known: LogInfo, checkpoint: Checkpoint, *, satisfied: bool) -> None:
        """Remember whether the quorum has cosigned a log's newest checkpoint, or must be asked again."""
        if satisfied:
            self._cosigned[known.log_id] = (checkpoint.origin, checkpoint.size)
            self._waiting.pop(known.log_id, None)
        else:
            self._waiting[known.log_id] = known

    async def _consistency(self, log_id: int, size: int, old_size: int) -> tuple[bytes, ...]:
        """Return the consistency proof that a witness asks for."""
        return await consistency_proof(self._pool, log_id, old_size, size)

    async def _keep(self, known: LogInfo, checkpoint: Checkpoint, given: list[Signature], *, show: bool) -> None:
        """Keep cosignatures, and let everybody see the checkpoint if it was withheld."""
        async with self._pool.acquire() as connection, connection.transaction():
            await keep_signatures(connection, known.log_id, checkpoint, given)
            if show:
                await connection.execute(
                    statements("show_checkpoint"), known.log_id, checkpoint.origin, checkpoint.size
                )

    async def _raise_alarm(self, known: LogInfo, alarm: Rollback) -> None:
        """Halt a log, unless what a witness has seen was signed here meanwhile, by another process. Raises LogHalted.

        The log is locked first: whoever signs of it has committed then, and its witnesses know no more than that.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            locked = await lock_log(connection, known.log_id)
            last = await connection.fetchrow(statements("read_last_checkpoint"), locked.log_id, locked.origin, None)
            if alarm.seen is not None and last is not None and last["size"] >= alarm.seen:
                return
            await halt(connection, locked, str(alarm))
        self._waiting.pop(known.log_id, None)
        raise LogHalted(known.slug, str(alarm)) from alarm


def open_cosigning(database: Database) -> Cosigning | None:
    """Return who has checkpoints cosigned, as the settings say; None where they name no witnesses.

    Raises SettingError for a policy that cannot be read or met, and for failing closed without one.
    """
    settings: Settings = database.settings
    if settings.witness_policy_file is None:
        if settings.withholds_checkpoints:
            raise SettingError("JEJAK_WITNESS_FAIL is closed, and no JEJAK_WITNESS_POLICY_FILE says who must cosign")
        return None
    witnesses = Witnesses(read_policy(settings.witness_policy_file))
    return Cosigning(database, witnesses, withholds=settings.withholds_checkpoints)
