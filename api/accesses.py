"""Who read what, for what purpose: recorded in the audit log (domain.md 3, design.md "Privacy").

Readings are counted in memory, one record for each credential, purpose and minute, and written once the minute is
over, or the ledger stops; each process writes its own. A process that is killed loses the minute that it was counting.
Unmaskings are recorded singly, and before the answer leaves: of those nothing is lost.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct, field

from api.audit import AuditLog
from api.reading import Reading
from ledger.database import DATABASE_ERRORS
from ledger.domain.audit_events import RecordsAccessed
from ledger.errors import JejakError
from ledger.tasks import end
from ledger.tokens import Credential

MINUTE_SECONDS = 60
FLUSH_SECONDS = 5.0
"""How often it is looked for minutes that are over."""
COUNTED_MAX = 10_000
"""Records that are counted at once; who comes when there is no room waits until they are written."""
SCOPE_MAX = 1_000
"""Logs and cases that one record names (`RecordsAccessed`); of more, the logs alone are named."""
CLOSE_SECONDS = 10
"""How long the end of a process waits for the last records."""

log = logging.getLogger(__name__)


class Reader(Struct, frozen=True):
    """Who read, for what, in which minute since 1970."""

    token_id: str
    role: str
    purpose: str | None
    minute: int


class Count(Struct):
    """What one reader read: requests, rows, and of what."""

    requests: int = 0
    rows: int = 0
    scope: set[str] = field(default_factory=set[str])

    def add(self, reading: Reading) -> None:
        """Count one request in."""
        self.requests += 1
        self.rows += 1 if reading.rows is None else reading.rows
        self.scope |= reading.scope
        if len(self.scope) > SCOPE_MAX:
            self.scope = {name.partition(" ")[0] for name in self.scope}


class Accesses:
    """Counts readings, and writes them down."""

    def __init__(self, audit: AuditLog) -> None:
        """Take where they are recorded."""
        self._audit = audit
        self._counts: dict[Reader, Count] = {}
        self._flushing: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def __len__(self) -> int:
        """Count the records that are being counted."""
        return len(self._counts)

    async def note(self, credential: Credential, reading: Reading) -> None:
        """Count what a request has read."""
        if not reading.scope:
            return
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_always(), name="accesses")
        if len(self._counts) >= COUNTED_MAX:
            await self.flush(over=False)
        reader = Reader(credential.token_id, credential.role, credential.purpose, minute_now())
        self._counts.setdefault(reader, Count()).add(reading)

    async def flush(self, *, over: bool = True) -> None:
        """Write down what was counted; `over`: of minutes that are over. What cannot be written stays counted."""
        async with self._writing:
            now = minute_now()
            for reader in [one for one in self._counts if not over or one.minute < now]:
                count = self._counts.pop(reader)
                try:
                    await self._write(reader, count)
                except BaseException:
                    self._put_back(reader, count)
                    raise

    async def close(self) -> None:
        """Write down all that was counted, and stop."""
        await end(self._flushing)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.flush(over=False)
        except (JejakError, *DATABASE_ERRORS):
            log.exception("%d records of who read what could not be written", len(self._counts))

    async def unmasked(
        self, credential: Credential, scope: Iterable[str], purpose: str, query_sha256: str, rows: int, values: int
    ) -> None:
        """Record that personal values were unmasked: of what, for what, how many."""
        payload = RecordsAccessed(
            query_sha256=query_sha256,
            scope=tuple(sorted(scope)),
            purpose=purpose,
            rows=rows,
            pii_unmasked=values,
            extra={"role": credential.role},
        )
        await self._audit.record(credential.token_id, f"audit:{credential.token_id}", payload)

    async def _write(self, reader: Reader, count: Count) -> None:
        payload = RecordsAccessed(
            scope=tuple(sorted(count.scope)),
            purpose=reader.purpose,
            rows=count.rows,
            pii_unmasked=0,
            extra={"role": reader.role, "requests": count.requests},
        )
        time = datetime.fromtimestamp(reader.minute * MINUTE_SECONDS, UTC)
        await self._audit.record(reader.token_id, f"audit:{reader.token_id}", payload, time)

    def _put_back(self, reader: Reader, count: Count) -> None:
        counted = self._counts.setdefault(reader, Count())
        counted.requests += count.requests
        counted.rows += count.rows
        counted.scope |= count.scope

    async def _flush_always(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            with contextlib.suppress(JejakError, *DATABASE_ERRORS):  # the next time, then
                await self.flush()


def minute_now() -> int:
    """Return the minute that it is, counted since 1970."""
    return int(datetime.now(UTC).timestamp()) // MINUTE_SECONDS
