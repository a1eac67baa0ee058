"""Erasures that are under way, and holds that are placed meanwhile: each is wholly before the other (domain.md 7.10).

A hold may be recorded in any log, and an erasure destroys keys of several: no lock is over both. Instead each says what
it does before it looks for the other (as in Dekker's algorithm):

    an erasure announces itself, takes its turn in every log whose holds count, looks for holds, and then destroys;
    a hold, once it has its turn in its log, looks for announcements, and is answered Busy where there is one.

Either the hold's turn came first, and the erasure sees it, committed; or the erasure had announced itself by then. An
announcement counts for ANNOUNCED_SECONDS: an erasure that died holds up nobody for longer. It begins to destroy within
the first BEGIN_SECONDS of those, or not at all.
"""

import contextlib
from collections.abc import AsyncGenerator, Iterable
from uuid import UUID, uuid4

from ledger.database import Pool
from ledger.domain.audit_events import HELD, LegalHoldPlaced
from ledger.domain.catalogue import CORRECTIONS, kind_of
from ledger.entry import Draft
from ledger.errors import Busy
from ledger.store import Reader, statements

ANNOUNCED_SECONDS = 60
BEGIN_SECONDS = 20
"""So much less that a keeper's statements (30 s at most) are over before others stop to mind the announcement."""
HOLDING = frozenset({LegalHoldPlaced.event_type, *CORRECTIONS})
"""What may bring a hold into force: one that is placed, and a correction, by which a release may be void."""


@contextlib.asynccontextmanager
async def announced(keeper: Pool, subject: str) -> AsyncGenerator[UUID]:
    """Announce the erasure of a data subject inside the block. Yields which attempt it is."""
    attempt = uuid4()
    await keeper.execute(statements("announce_erasure"), attempt, subject, ANNOUNCED_SECONDS)
    try:
        yield attempt
    finally:
        await keeper.execute(statements("withdraw_erasure"), attempt)


async def check_announced(keeper: Reader, attempt: UUID) -> None:
    """Raise Busy where an attempt has taken too long to go on: a hold may have been placed meanwhile."""
    if not await keeper.fetchval(statements("find_announcement"), attempt, BEGIN_SECONDS):
        raise Busy("the erasure has taken too long to begin; of what was not begun nothing is erased")


async def check_nothing_under_way(writer: Reader, drafts: Iterable[Draft]) -> None:
    """Raise Busy where events may place a hold on somebody whose erasure is under way. Under the lock of their log."""
    holding = {draft.subject for draft in drafts if draft.type in HOLDING and kind_of(draft.subject) in HELD}
    if not holding:
        return
    rows = await writer.fetch(statements("find_erasures_under_way"), ANNOUNCED_SECONDS)
    for row in rows:
        if row["subject"] in holding or any(kind_of(subject) != "subject" for subject in holding):
            raise Busy(f"{row['subject']} is being erased at this moment; nothing was stored")
