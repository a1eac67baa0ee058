"""The ledger's own `audit` log: what was asked of the ledger is recorded there, closed to platforms (design.md)."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from api.log_making import make_log
from ledger.appender import Appender
from ledger.database import Database
from ledger.domain.payload import Payload
from ledger.errors import JejakError, LogExists, UnknownLog
from ledger.intake import Author, LogInfo
from ledger.judging import Receipt
from ledger.own_events import LEDGER_ROLE, own_event
from ledger.signer import Signer
from ledger.store import find_logs
from ledger.tokens import Credential
from projections.moment import AUDIT

SLUG = "audit"


class AuditLog:
    """The audit log of a running ledger, which is made at first need."""

    def __init__(self, database: Database, appender: Appender, signer: Signer | None) -> None:
        """Take the ledger's database, who appends, and who signs, if this process does."""
        self._database = database
        self._appender = appender
        self._signer = signer
        self._log: LogInfo | None = None

    async def log(self) -> LogInfo:
        """Return the log.

        Raises JejakError where somebody has made another kind of log of its name: nothing is recorded in the open.
        """
        if self._log is None:
            self._log = await self._find()
        return self._log

    async def _find(self) -> LogInfo:
        reader = self._database.pool("reader")
        try:
            (log,) = await find_logs(reader, [SLUG])
        except UnknownLog:
            try:
                return await make_log(self._database, self._signer, SLUG, AUDIT, "UTC", None, "RESTRICTED")
            except LogExists:  # by another request, meanwhile
                (log,) = await find_logs(reader, [SLUG])
        if log.kind != AUDIT:
            raise JejakError(f"log {SLUG} is of kind {log.kind}, and the ledger's own records belong in none such")
        return log

    async def record(self, author_id: str, subject: str, payload: Payload, time: datetime | None = None) -> Receipt:
        """Record what the ledger did because a credential asked, now or at an earlier time. Returns the receipt."""
        event = own_event(f"{payload.event_type}-{uuid4()}", subject, time or datetime.now(UTC), payload)
        author = Author(authid=author_id, authrole=LEDGER_ROLE)
        receipts = await self._appender.append(await self.log(), author, [event])
        return receipts[0]


class Audited(Protocol):
    """A ledger that has an audit log."""

    @property
    def audit(self) -> AuditLog:
        """Its audit log."""
        ...


async def record(service: Audited, credential: Credential, subject: str, payload: Payload) -> tuple[LogInfo, Receipt]:
    """Record in the audit log what the ledger did because a credential asked. Returns the log and the receipt."""
    receipt = await service.audit.record(credential.token_id, subject, payload)
    return await service.audit.log(), receipt
