"""NO_PRIOR_WARNING: who was suspended or banned was warned before, sellers and notifiers alike (DSA article 23)."""

from collections.abc import Iterator

from ledger.domain.seller_events import SellerWarned
from ledger.domain.takedown_events import NoticeFoundAbusive
from projections.flags.history import History, none_before, span_of
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised

WARNING = "WARNING"
PUT_ASIDE = "PROCESSING_SUSPENDED_UNTIL"
CASES = frozenset({"takedown_case"})


def find_sellers(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find sellers suspended or banned without a warning before."""
    warned = [span_of(fact) for fact, _ in history.of(SellerWarned)]
    for fact in history.named(("SellerSuspended", "SellerBanned")):
        unwarned = none_before(warned, history.span(fact))
        yield from raised(unwarned, fact, f"{fact.type} came without a warning before it.")


def need_cases(history: History) -> Needs:
    """Need every case of the log, where a notifier's notices are put aside: the warning may be in another one."""
    aside = any(found.measure == PUT_ASIDE for _, found in history.of(NoticeFoundAbusive))
    return Needs(kinds=CASES) if aside else Needs()


def find_notifiers(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find notifiers whose notices were put aside without a warning before, in whatever case."""
    for fact, found in history.of(NoticeFoundAbusive):
        if found.measure != PUT_ASIDE or found.notifier_party_id is None:
            continue
        warned = [
            span_of(one)
            for case in around.kinds.get("takedown_case", ())
            for one in case.facts
            if isinstance(one.payload, NoticeFoundAbusive)
            and one.payload.measure == WARNING
            and one.payload.notifier_party_id == found.notifier_party_id
        ]
        unwarned = none_before(warned, history.span(fact))
        detail = "The notifier's notices were put aside without a warning before."
        yield from raised(unwarned, fact, detail, related=(found.notifier_party_id,))


UNWARNED_SELLER = Check(find=find_sellers, kinds=frozenset({"seller"}))
UNWARNED_NOTIFIER = Check(find=find_notifiers, kinds=CASES, needs=need_cases)
