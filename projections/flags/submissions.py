"""What did not arrive: UNACKNOWLEDGED_NOTICE, CONTROL_TOTAL_MISMATCH, NATIVE_SEQ_GAP (domain.md D14, 7.1, 6.7).

The reckoning is that of `/v1/completeness`.
"""

from collections.abc import Iterator

from ledger.domain.fact import Fact
from ledger.domain.order_events import OrderIssued
from ledger.domain.platform import SubmissionPeriodClosed
from ledger.domain.takedown_events import NoticeSubmitted
from projections.completeness.acknowledgement import acknowledgement_of, unacknowledged
from projections.flags.history import History
from projections.flags.rule import Check, Finding, Needs, Surroundings

PLATFORM = frozenset({"platform"})


def need_receipts(history: History) -> Needs:
    """Need every receipt, and where receipts belong, where a notice was sent or an order issued."""
    sent = list(_sent(history))
    return Needs(receipts=bool(sent), platforms=frozenset(platform for _, _, platform in sent if platform is not None))


def _sent(history: History) -> Iterator[tuple[Fact, str, str | None]]:
    """Yield the notices and orders that were sent, by what name their receipts know them, and to which platform."""
    for fact, notice in history.of(NoticeSubmitted):
        yield fact, notice.notice_ref, notice.platform_id
    for fact, order in history.of(OrderIssued):
        yield fact, history.known.subject, order.addressee_platform_id


def find_unacknowledged(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find notices and orders that nobody recorded receiving within a day; a later receipt makes it good."""
    for fact, reference, platform in _sent(history):
        receipts = [one for one in around.receipts.get(reference, ()) if one.fact.time <= history.as_of]
        found = acknowledgement_of(fact, receipts, history.as_of, around.places.get(platform or "", ()))
        missed = unacknowledged(found)
        if found.status != "PENDING" and missed is not False:
            received = None if found.receipt is None else found.receipt.fact.id
            detail = "Its receipt was not recorded within 24 hours."
            yield Finding(fact=fact, detail=detail, determined=missed is True, cured_by=received)


def need_submissions(history: History) -> Needs:
    """Need what the periods come to, where one was closed."""
    return Needs(submissions=bool(history.of(SubmissionPeriodClosed)))


def find_mismatches(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find periods whose control totals are not what the log holds."""
    for fact, _ in history.of(SubmissionPeriodClosed):
        submission = around.submissions.get(fact.id)
        if submission is None:
            continue
        wrong = {name: total for name, total in submission.totals.declared.items() if total.agrees is not True}
        for name, total in wrong.items():
            detail = f"{total.declared} of {name} were declared, {total.recorded} are recorded."
            yield Finding(fact=fact, detail=detail, about=name, determined=total.agrees is False)


def find_gaps(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find periods within whose native numbers some are missing."""
    for fact, _ in history.of(SubmissionPeriodClosed):
        submission = around.submissions.get(fact.id)
        if submission is not None and submission.missing:
            yield Finding(fact=fact, detail=f"{submission.missing} native numbers of the period are missing.")


UNACKNOWLEDGED_NOTICE = Check(
    find=find_unacknowledged, kinds=frozenset({"takedown_case", "order"}), needs=need_receipts
)
CONTROL_TOTAL_MISMATCH = Check(find=find_mismatches, kinds=PLATFORM, needs=need_submissions)
NATIVE_SEQ_GAP = Check(find=find_gaps, kinds=PLATFORM, needs=need_submissions)
