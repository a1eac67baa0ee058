"""Notices that right holders recorded sending, each with the receipt that a platform recorded (domain.md D14, Q12)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.takedown_events import TAKEDOWN, NoticeSubmitted
from projections.completeness.acknowledgement import Acknowledgement, Receipt, acknowledgement_of
from projections.derived import Item, Narrowing
from projections.inquiry import Inquiry
from projections.moment import LogAt

PLATFORM_LOG = "PLATFORM"
"""The kind of a log that a platform keeps itself."""


async def notice_items(inquiry: Inquiry, at: LogAt, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield an item for every NoticeSubmitted of a log that had happened. Receipts are looked for in every log."""
    receipts: Mapping[str, Sequence[Receipt]] | None = None
    cases = inquiry.streams(
        TAKEDOWN, logs=[at], subjects=narrowing.subjects, prefixes=narrowing.prefixes, start=narrowing.start
    )
    async for case in cases:
        for fact in case.happened():
            if not isinstance(fact.payload, NoticeSubmitted):
                continue
            if receipts is None:
                receipts = await read_receipts(inquiry)
            platform = fact.payload.platform_id
            places = frozenset[int]() if platform is None else await logs_of(inquiry, platform)
            named = receipts.get(fact.payload.notice_ref, ())
            found = acknowledgement_of(fact, named, inquiry.moment.as_of, places)
            item = _describe(inquiry, fact, fact.payload, found)
            yield Item(log_id=at.log.log_id, subject=case.subject, key=f"NOTICE|{fact.id}", item=item)


async def read_receipts(inquiry: Inquiry) -> dict[str, list[Receipt]]:
    """Return every NoticeReceived that had happened and names its notice, by that name, of every consulted log."""
    receipts: dict[str, list[Receipt]] = {}
    async for case in inquiry.streams(TAKEDOWN, logs=inquiry.moment.logs):
        for fact in case.happened():
            receipt = Receipt(log_id=case.log.log_id, fact=fact)
            if receipt.notice_ref is not None:
                receipts.setdefault(receipt.notice_ref, []).append(receipt)
    return receipts


async def logs_of(inquiry: Inquiry, platform: str) -> frozenset[int]:
    """Return the platforms' logs that know this platform: its own."""
    logs = [at.log.log_id for at in inquiry.moment.logs if at.log.kind == PLATFORM_LOG]
    await inquiry.load((log_id, platform) for log_id in logs)
    return frozenset(log_id for log_id in logs if inquiry.find(log_id, platform) is not None)


def _describe(inquiry: Inquiry, fact: Fact, notice: NoticeSubmitted, found: Acknowledgement) -> dict[str, Any]:
    receipt = found.receipt
    return {
        "kind": "NOTICE",
        "status": found.status,
        "platform": notice.platform_id,
        "notice_ref": notice.notice_ref,
        "notice": fact.id,
        "submitted_at": format_instant(fact.time),
        "due": format_instant(found.due),
        "late": found.late,
        "received_by": None if receipt is None else receipt.fact.id,
        "received_at": None if receipt is None else format_instant(receipt.fact.time),
        "received_in": None if receipt is None else inquiry.log_at(receipt.log_id).log.slug,
    }
