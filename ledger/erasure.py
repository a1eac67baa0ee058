"""Erasures: a data subject's key is destroyed, then the ledger records that it was (domain.md 7.10, 10, D15).

| a crash after | lost | kept |
|---|---|---|
| the judging | nothing | key, values |
| the key is listed as destroyed, outside | nothing that is not meant to be | its row, which nobody opens any more |
| the row is destroyed | nothing that is not meant to be | that it was destroyed, and when |
| the event is recorded | nothing | the event; until the next start, what is left in the database's files |
| a backup of before is restored | what was recorded since | the list, by which the key is destroyed again at once |

The key is destroyed from the moment it is listed: no reader opens it, and every start destroys the row of what is
listed. The event never stands while the row does. Where a crash came between, whoever asks for the erasure again has
the event recorded; it says when the key was destroyed, and who asks once more gets the first receipt. What was
encrypted before the key was destroyed, and is committed only afterwards, is erased with all the rest.
"""

import contextlib
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from ledger.appender import Appender
from ledger.database import Pool
from ledger.destroyed import DestroyedKeys
from ledger.domain.audit_events import ErasureExecuted
from ledger.domain.instants import zone
from ledger.entry import count_sealed, read_entry
from ledger.errors import NotFound, Refused
from ledger.holds import check_holds, counting_logs
from ledger.intake import Author, EventData, LogInfo
from ledger.judging import Accepted, Receipt
from ledger.keys import KeyRecord, destroy_key, find_keys
from ledger.own_events import LEDGER_ROLE, own_event
from ledger.personal import PREFIX
from ledger.scrubbing import Scrubber
from ledger.store import find_logs, read_clock, read_heads, statements
from ledger.under_way import announced, check_announced

BACKUPS_KEPT = timedelta(days=31)
"""How long copies of the key table may be kept, so long could the key be restored: backups, and the write-ahead log of
a server that is not ours. Of our own files nothing is left when an erasure is answered (`ledger.scrubbing`)."""
SPAN_POSITIONS = 50_000
"""Positions searched in one statement for values of a key: well within the keepers' bound on a statement."""


class Order(Struct, frozen=True, kw_only=True):
    """What is to be erased, and why. `recordedtime` is only ever given on a ledger with a test clock."""

    subject: str
    basis: str
    request_ref: str
    recordedtime: datetime | None = None


class Executed(Struct, frozen=True, kw_only=True):
    """What was erased in one log, as its ErasureExecuted says, and the receipt of that event."""

    log: str
    key_id: str
    basis: str | None
    request_ref: str | None
    fields_count: int | None
    backups_expire_on: str
    receipt: Receipt


class Eraser:
    """Erases data subjects in the logs of one ledger. Owns nothing: list and key table say what is destroyed."""

    def __init__(self, keeper: Pool, appender: Appender, listed: DestroyedKeys, scrubber: Scrubber) -> None:
        """Take the keepers' pool, who appends, the list of destroyed keys, and who scrubs what is left of them."""
        self._keeper = keeper
        self._appender = appender
        self._listed = listed
        self._scrubber = scrubber

    async def erase(self, author_id: str, order: Order, slug: str | None = None) -> list[Executed]:
        """Erase a data subject in one log, or in every log that holds a key, and return what was erased, log by log.

        In a log where that was done before, nothing is done again: the first receipt is returned.

        Raises:
            UnknownLog, NotFound: there is no such log, or no log holds a key of the subject.
            Held, Deferred: a legal hold forbids it, or it was put off by law; nothing was erased.
            Refused: the event that records it cannot be appended; nothing was erased.
            Busy, OutcomeUnknown: erased in some logs, in others not yet or not yet recorded; ask again.
        """
        try:
            return await self._attempt(author_id, order, slug)
        except Refused:  # as repeated, where somebody who asked at the same moment was first: that is there by now
            return await self._attempt(author_id, order, slug)

    async def _attempt(self, author_id: str, order: Order, slug: str | None) -> list[Executed]:
        logs = await find_logs(self._keeper)
        asked = logs if slug is None else await find_logs(self._keeper, [slug])
        held = {key.log_id: key for key in await find_keys(self._keeper, asked, order.subject)}
        keys = {log: held[log.log_id] for log in asked if log.log_id in held}
        if not keys:
            raise NotFound(f"{'no log' if slug is None else f'log {slug}'} holds a key of {order.subject}")
        author = Author(authid=author_id, authrole=LEDGER_ROLE)
        found = {log: await self._find(log, order.subject, key) for log, key in keys.items()}
        missing = {log: key for log, key in keys.items() if found[log] is None}
        async with announced(self._keeper, order.subject) as attempt:
            await self._judge(logs, missing, author, order)
            if missing:
                self._scrubber.begin(str(attempt))
            at = {log: await self._destroy(log, key, order, attempt) for log, key in missing.items()}
        done = {log: await self._record(log, key, author, order, at[log]) for log, key in missing.items()}
        if missing:
            await self._scrubber.finish(str(attempt))
        return [found[log] or done[log] for log in keys]

    async def _judge(
        self, logs: Sequence[LogInfo], keys: dict[LogInfo, KeyRecord], author: Author, order: Order
    ) -> None:
        """Raise Held, Deferred or Refused while every key still lives; what is destroyed must be recorded all the same.

        A turn in each log whose holds count lets every hold be seen that is not after the announcement of the erasure.
        """
        alive = {log: key for log, key in keys.items() if key.destroyed is None and key.key_id not in self._listed}
        now = order.recordedtime or await read_clock(self._keeper)
        for log, key in alive.items():
            event = _event(log, key, order, now, 0)
            await self._appender.append(log, author, [event], dry_run=True, recordedtime=order.recordedtime)
        if alive:
            counting = counting_logs(logs, list(alive))
            for log in (log for log in counting if log not in alive):
                await self._take_turn(log, author, order, now)
            await check_holds(self._keeper, counting, order.subject, now)

    async def _take_turn(self, log: LogInfo, author: Author, order: Order, now: datetime) -> None:
        """Return when everything is committed that had its turn in a log before; nothing is stored there."""
        payload = ErasureExecuted(key_id="none", backups_expire_on="9999-12-31")
        turn = own_event(f"turn:{uuid4()}", order.subject, now, payload)
        with contextlib.suppress(Refused):  # by a test clock that is behind that log's: it had its turn all the same
            await self._appender.append(log, author, [turn], dry_run=True, recordedtime=order.recordedtime)

    async def _destroy(self, log: LogInfo, key: KeyRecord, order: Order, attempt: UUID) -> datetime:
        """List a key as destroyed, then destroy it; return when it was. Raises Busy where that comes too late."""
        if key.destroyed is None:
            await check_announced(self._keeper, attempt)
        now = order.recordedtime or await read_clock(self._keeper)
        listed_at = self._listed.add(log.slug, key.key_id, key.destroyed or now)
        return await destroy_key(self._keeper, log, order.subject, listed_at)

    async def _record(self, log: LogInfo, key: KeyRecord, author: Author, order: Order, at: datetime) -> Executed:
        """Record that a key was destroyed, and when."""
        event = _event(log, key, order, at, await self._count_values(log, key))
        (receipt,) = await self._appender.append(log, author, [event], recordedtime=order.recordedtime)
        return _executed(log, msgspec.json.decode(event.data, type=ErasureExecuted), receipt)

    async def _find(self, log: LogInfo, subject: str, key: KeyRecord) -> Executed | None:
        """Return what the ledger itself has recorded of a key's destruction; None where it has not."""
        if key.destroyed is None:
            return None
        rows = await self._keeper.fetch(statements("find_erasures"), log.log_id, subject, ErasureExecuted.event_type)
        for row in rows:
            recorded = read_entry(row["entry"])
            payload = msgspec.json.decode(recorded.data, type=ErasureExecuted)
            if recorded.authrole == LEDGER_ROLE and payload.key_id == key.key_id:
                there = Accepted(**{name: row[name] for name in Accepted.__struct_fields__})
                return _executed(log, payload, there.repeated(row["id"]))
        return None

    async def _count_values(self, log: LogInfo, key: KeyRecord) -> int:
        """Return how many values of a log are encrypted under a key."""
        (head,) = await read_heads(self._keeper, [log.slug])
        prefix, count = f'"{PREFIX}{key.key_id}:'.encode(), 0
        for start in range(0, head.size, SPAN_POSITIONS):
            end = min(start + SPAN_POSITIONS, head.size)
            rows = await self._keeper.fetch(statements("find_sealed"), log.log_id, start, end, prefix)
            count += sum(count_sealed(row["entry"], key.key_id) for row in rows)
        return count


def _event(log: LogInfo, key: KeyRecord, order: Order, destroyed: datetime, fields_count: int) -> EventData:
    """Return the event that records an erasure; its id follows from log, subject and request."""
    wanted = f"{log.slug}\n{order.subject}\n{order.request_ref}"
    payload = ErasureExecuted(
        key_id=key.key_id,
        basis=order.basis,
        fields_count=fields_count,
        backups_expire_on=(destroyed + BACKUPS_KEPT).astimezone(zone(log.timezone)).date().isoformat(),
        subject_id=order.subject,
        request_ref=order.request_ref,
    )
    return own_event(f"erasure:{hashlib.sha256(wanted.encode()).hexdigest()}", order.subject, destroyed, payload)


def _executed(log: LogInfo, payload: ErasureExecuted, receipt: Receipt) -> Executed:
    names = ("key_id", "basis", "request_ref", "fields_count", "backups_expire_on")
    return Executed(log=log.slug, receipt=receipt, **{name: getattr(payload, name) for name in names})
