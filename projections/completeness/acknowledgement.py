"""Whether a platform recorded that it received a notice that a right holder recorded sending (domain.md D14, Q12).

Both sides write, each into a log it may write to, and name the same `notice_ref`. Pure.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.takedown_events import NoticeReceived
from projections.deadlines.terms import Span, judge

ACKNOWLEDGED_WITHIN = timedelta(hours=24)
"""How soon a receipt is expected (domain.md 7.7, UNACKNOWLEDGED_NOTICE)."""


class Receipt(Struct, frozen=True, kw_only=True):
    """A NoticeReceived that had happened, and the log that holds it."""

    log_id: int
    fact: Fact

    @property
    def notice_ref(self) -> str | None:
        """The notice that it names."""
        return self.fact.payload.notice_ref if isinstance(self.fact.payload, NoticeReceived) else None


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What became of a notice: COMPLETE once received, INCOMPLETE when it was not by `due`.

    PENDING while it may yet be received in time, UNDETERMINED where an imprecise instant leaves it open. `late` says
    whether it was received after `due`; None where that cannot be told, or nothing was received.
    """

    status: Literal["COMPLETE", "INCOMPLETE", "PENDING", "UNDETERMINED"]
    due: datetime
    late: bool | None = None
    receipt: Receipt | None = None


def acknowledgement_of(
    notice: Fact, receipts: Iterable[Receipt], as_of: datetime, places: Collection[int] = ()
) -> Acknowledgement:
    """Return whether a NoticeSubmitted was received by `as_of`, given the receipts that name it.

    `places` are the log_ids of the platform's own logs: where any is known, only receipts in one of them count.
    """
    counted = [one for one in receipts if not places or one.log_id in places]
    receipt = min(counted, key=lambda one: (one.fact.time, one.log_id, one.fact.position), default=None)
    dues = [instant + ACKNOWLEDGED_WITHIN for instant in _span(notice)]
    verdict = judge(dues, None if receipt is None else _span(receipt.fact), None, as_of)
    due = dues[-1]
    match verdict:
        case "MET" | "MET_LATE":
            return Acknowledgement(status="COMPLETE", due=due, late=verdict == "MET_LATE", receipt=receipt)
        case "PENDING":
            return Acknowledgement(status="PENDING", due=due)
        case "MISSED":
            return Acknowledgement(status="INCOMPLETE", due=due)
        case _ if receipt is not None:
            return Acknowledgement(status="COMPLETE", due=due, receipt=receipt)
        case _:
            return Acknowledgement(status="UNDETERMINED", due=due)


def unacknowledged(found: Acknowledgement) -> bool | None:
    """Tell whether a notice was not received in time; None where that cannot be told (yet)."""
    return True if found.status == "INCOMPLETE" else found.late


def _span(fact: Fact) -> Span:
    return fact.time, max(fact.time, fact.latest)
