"""TIER_RULE_MISMATCH and INELIGIBLE_PERIOD: members in tiers they are not due, or admitted too soon (6.8, 7.5)."""

from collections.abc import Iterator

from ledger.domain.fact import Fact
from ledger.domain.instants import parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.membership_events import (
    MembershipAdmitted,
    MembershipEnded,
    MembershipTierChanged,
    TierMetrics,
)
from ledger.domain.predicate import NEGATION, Truth, all_true
from projections.flags.history import History, Span, later, none_before, span_of
from projections.flags.publications import first_definitions
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised
from projections.inquiry import Known
from projections.notifiers.thresholds import TierThreshold, thresholds_in_force

MEMBERSHIP = frozenset({"membership"})


def need_policies(history: History) -> Needs:
    """Need every policy, where a tier changed."""
    return Needs(kinds=frozenset({"policy"})) if history.of(MembershipTierChanged) else Needs()


def find_mismatches(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find changes of tier that their own figures speak against, by the threshold in force then.

    A tier that is given must be met; one that is taken must not be. Where the change cites policies, theirs count.
    """
    for fact, changed in history.of(MembershipTierChanged):
        cited = {basis.instrument_id for basis in changed.legal_basis or ()}
        policies = first_definitions(around.kinds.get("policy", ()))
        in_force = thresholds_in_force(policies, history.span(fact)[1])
        for threshold in in_force:
            if not cited.isdisjoint(one.policy for one in in_force) and threshold.policy not in cited:
                continue
            met = threshold.met(_figures(changed.metrics))
            given: dict[str | None, Truth] = {changed.before: met, changed.after: NEGATION[met]}
            if changed.before != changed.after and threshold.tier in given:
                detail = f"The figures speak against the change of tier, by rule {threshold.rule_id}."
                yield from raised(given[threshold.tier], fact, detail, related=_named(threshold), about=threshold.tier)


def _named(threshold: TierThreshold) -> tuple[str, str]:
    return threshold.policy, threshold.rule_id


def _figures(metrics: TierMetrics | None) -> dict[str, object]:
    """Return what a threshold may ask of the figures; by the names that a notifier's own figures have, too."""
    if metrics is None:
        return {}
    rates = {"takedown_rate": metrics.takedown_rate, "counter_rate": metrics.counter_rate}
    same = {"takedown_success_rate": metrics.takedown_rate, "upheld_counter_rate": metrics.counter_rate}
    return {**rates, **same, **(metrics.denominators or {})}


def need_members(history: History) -> Needs:
    """Need every membership: the party may have been a member before, or be one still, by another stream."""
    return Needs(kinds=MEMBERSHIP) if history.of(MembershipAdmitted) else Needs()


def find_ineligible(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find admissions within a period in which the party may not be a member, and of who is one already."""
    for fact, admitted in history.of(MembershipAdmitted):
        others = [
            known
            for known in around.kinds.get("membership", ())
            if (known.log.log_id, known.subject) != (history.known.log.log_id, history.known.subject)
            and admitted.party_id is not None
            and _admits(known, admitted)
        ]
        for known in (history.known, *others):
            yield from _barred(history, fact, known)
            yield from _second(history, fact, known)


def _admits(known: Known, admitted: MembershipAdmitted) -> bool:
    return any(
        isinstance(fact.payload, MembershipAdmitted)
        and (fact.payload.party_id, fact.payload.body_id) == (admitted.party_id, admitted.body_id)
        for fact in known.facts
    )


def _barred(history: History, fact: Fact, known: Known) -> Iterator[Finding]:
    admission = history.span(fact)
    for end in known.facts:
        if isinstance(end.payload, MembershipEnded) and end.payload.ineligible_until is not None:
            over = passed_from(end.payload.ineligible_until, end.timezone)
            within = all_true((_not_after(span_of(end), admission), _before(admission, over)))
            detail = f"The party was not eligible until {end.payload.ineligible_until}."
            yield from raised(within, fact, detail, related=(known.subject, end.id), about=end.id)


def _second(history: History, fact: Fact, known: Known) -> Iterator[Finding]:
    """Find a membership that began while the party was a member of the body already, by this stream or another."""
    admission = history.span(fact)
    begins = [one for one in known.facts if isinstance(one.payload, MembershipAdmitted) and one is not fact]
    earlier = [one for one in begins if (one.time, one.recordedtime) < (fact.time, fact.recordedtime)]
    if earlier:
        since = earlier[-1]
        ends = [
            span_of(one) for one in known.facts if isinstance(one.payload, MembershipEnded) and one.time >= since.time
        ]
        detail = "The party was an active member of the body already."
        truth = all_true((_not_after(span_of(since), admission), none_before(ends, admission)))
        yield from raised(truth, fact, detail, related=(known.subject, since.id), about=known.subject)


def _not_after(one: Span, other: Span) -> Truth:
    return NEGATION[later(one, other)]


def _before(span: Span, instant: str | None) -> Truth:
    """Say whether something was before an instant; None never comes."""
    if instant is None:
        return "TRUE"
    moment = parse_instant(instant)
    return later((moment, moment), span)


TIER_RULE_MISMATCH = Check(find=find_mismatches, kinds=MEMBERSHIP, needs=need_policies)
INELIGIBLE_PERIOD = Check(find=find_ineligible, kinds=MEMBERSHIP, needs=need_members)
