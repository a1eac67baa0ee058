"""The ledger's own `audit` log: what was asked of the ledger is recorded there, closed to platforms (design.md)."""

from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from api.service import Service
from ledger.domain.payload import Payload
from ledger.errors import JejakError, LogExists, UnknownLog
from ledger.intake import Author, EventData, LogInfo
from ledger.judging import Receipt
from ledger.tokens import Credential
from projections.moment import AUDIT

SLUG = "audit"
ROLE = "SYSTEM"
"""Who writes here is the ledger itself; the author's id is the credential that asked."""


async def audit_log(service: Service) -> LogInfo:
    """Return the audit log, which is made at first need.

    Raises JejakError where somebody has made another kind of log of its name: nothing is recorded in the open.
    """
    try:
        log = await service.find_log(SLUG)
    except UnknownLog:
        try:
            return await service.create_log(SLUG, AUDIT, "UTC", None, "RESTRICTED")
        except LogExists:  # by another request, meanwhile
            log = await service.find_log(SLUG)
    if log.kind != AUDIT:
        raise JejakError(f"log {SLUG} is of kind {log.kind}, and the ledger's own records belong in none such")
    return log


async def record(service: Service, credential: Credential, subject: str, payload: Payload) -> tuple[LogInfo, Receipt]:
    """Record in the audit log what the ledger did because a credential asked. Returns the log and the receipt."""
    log = await audit_log(service)
    event = EventData(
        specversion="1.0",
        id=f"{payload.event_type}-{uuid4()}",
        source="/ledger",
        type=payload.event_type,
        subject=subject,
        time=datetime.now(UTC),
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )
    receipts = await service.appender.append(log, Author(authid=credential.token_id, authrole=ROLE), [event])
    return log, receipts[0]
