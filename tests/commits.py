"""A commit without a database: requests judged in order, and what stands sealed."""

from collections.abc import Sequence
from datetime import datetime

from ledger.binary_copy import EventRow
from ledger.errors import Refused
from ledger.judging import Batch, Judge, Receipt, Ruling, Sealer


def commit(
    judge: Judge, requests: Sequence[Batch], log_id: int, recordedtime: datetime
) -> tuple[list[list[Receipt] | Refused], list[EventRow]]:
    """Return the answer to each request, and the rows that the commit would store."""
    rulings = [judge.judge(request) for request in requests]
    sealer = Sealer(log_id, [ruling for ruling in rulings if isinstance(ruling, Ruling)], recordedtime)
    rows = list(sealer.rows())
    receipts = iter(sealer.receipts)
    return [ruling if isinstance(ruling, Refused) else next(receipts) for ruling in rulings], rows
