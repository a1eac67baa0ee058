"""Until when a log is closed: what its platforms attest to have sent all of (domain.md D14, SubmissionPeriodClosed)."""

from datetime import datetime

from ledger.domain.catalogue import read_payload
from ledger.domain.fact import known
from ledger.domain.platform import PLATFORM, SubmissionPeriodClosed
from ledger.store import LogHead, Reader
from projections.deadlines.terms import last_instant
from projections.replay import read_by_subject


async def closed_through(reader: Reader, head: LogHead) -> str | None:
    """Return the end of the last period that was closed, as it was written; None where none was.

    Of several platforms it is that of the one which is furthest behind. Whether what was closed is complete, and
    whether periods are missing between, the list of completeness says.
    """
    last: list[tuple[datetime, str]] = []
    for kind in PLATFORM:
        async for _, recorded in read_by_subject(reader, head.log, head.size, f"{kind}:"):
            ends = [
                (end, fact.payload.period_end)
                for fact in known(recorded, read_payload)
                if isinstance(fact.payload, SubmissionPeriodClosed)
                and (end := last_instant(fact.payload.period_end, fact.timezone)) is not None
            ]
            last += [max(ends)] if ends else []
    return min(last)[1] if last else None
