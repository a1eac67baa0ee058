"""What a seller's own history shows: verifications that verify nothing, and accounts closed under suspicion (7.3).

UNVERIFIED_VERIFICATION, EVASION_SIGNAL.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ledger.domain.instants import TICK, parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.seller_events import SellerAccountClosed
from ledger.domain.verification import SellerVerificationSubmitted, SellerVerified
from projections.flags.history import History, Span, further_than, later, span_of
from projections.flags.rule import Check, Finding, Surroundings, raised

SELLER = frozenset({"seller"})
NO_METHOD = "NONE"
NIB, NIB_COUNTRY = "NIB", "ID"
"""A NIB is Indonesia's business number: no other country gives one."""
NOTICES = (
    "SellerWarned",
    "SellerPointsAssessed",
    "SellerStrikeRecorded",
    "SellerSuspended",
    "SellerPaymentsRestricted",
)
EVASION_WINDOW = timedelta(days=30)
"""How soon after a notice the closing of an account by its seller looks like evasion (domain.md 7.3)."""


def find_unverified(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find verifications by no method, by an expired document, or by a NIB of another country than Indonesia."""
    submitted = {said.verification_id: said for _, said in history.of(SellerVerificationSubmitted)}
    for fact, verified in history.of(SellerVerified):
        if verified.verification_method == NO_METHOD:
            yield Finding(fact=fact, detail="The seller was verified by no method.", about="method")
        if verified.document_type == NIB and verified.document_country not in (None, NIB_COUNTRY):
            yield Finding(fact=fact, detail="A NIB is no document of that country.", about="country")
        before = submitted.get(verified.verification_id)
        expiries = [one.expires_on for one in (before.documents or () if before is not None else ())]
        for text in (verified.valid_to, *expiries):
            passed = passed_from(text, fact.timezone)
            if passed is not None:
                truth = later(history.span(fact), _just_before(parse_instant(passed)))
                yield from raised(truth, fact, "The document had expired by then.", about="expiry")


def _just_before(passed: datetime) -> Span:
    """Return the last instant at which something that has passed at `passed` still held."""
    return passed - TICK, passed - TICK


def find_evasions(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find accounts closed by their sellers within 30 days of a notice that the seller had."""
    notices = history.named(NOTICES)
    for fact, closed in history.of(SellerAccountClosed):
        closing = history.span(fact)
        recent = [
            notice
            for notice in notices
            if notice.time <= closing[1] and further_than(closing, EVASION_WINDOW, span_of(notice)) != "TRUE"
        ]
        if closed.by == "SELLER" and recent:
            detail = f"The seller closed the account within {EVASION_WINDOW.days} days of a notice."
            yield Finding(fact=fact, detail=detail, related=tuple(notice.id for notice in recent))


UNVERIFIED_VERIFICATION = Check(find=find_unverified, kinds=SELLER)
EVASION_BY_CLOSING = Check(find=find_evasions, kinds=SELLER)
