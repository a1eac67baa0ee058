"""What an act rests on: policies in force, agreements, rights, and versions that reach back (domain.md D8, 6.6, 7.5).

BASIS_NOT_IN_FORCE, REFERRAL_WITHOUT_AGREEMENT, RETROACTIVE_RULE. Of a basis that is not known nothing is certain, and
so of one that was in force for a part of the time alone at which the act may have been (D11, edge cases 17 and 26).
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from ledger.domain.bounds import first_instant
from ledger.domain.dispute_events import DisputeReferred
from ledger.domain.fact import Fact
from ledger.domain.instants import parse_instant
from ledger.domain.ip_right import STREAM as IP_RIGHTS
from ledger.domain.ip_right import IpRight
from ledger.domain.policy import Policy, rules_in_force, status_of, version_in_force
from ledger.domain.policy_events import PolicyVersionAdopted
from ledger.domain.predicate import NEGATION, Truth
from ledger.domain.seller_events import SellerPointsAssessed
from ledger.domain.takedown_events import NoticeReceived, NoticeSubmitted
from projections.flags.history import History, holds, later
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised
from projections.flags.stages import BEGINNINGS
from projections.inquiry import Known
from projections.referral_list import agreement_basis


def _cited(history: History) -> Iterator[tuple[int, str, str | None]]:
    """Yield what every event cites: its place in the history, the instrument and, where it says so, the version."""
    for place, fact in enumerate(history.facts):
        for basis in fact.payload.legal_basis or ():
            yield place, basis.instrument_id, basis.version
        if isinstance(fact.payload, SellerPointsAssessed) and fact.payload.scheme_policy_id is not None:
            yield place, fact.payload.scheme_policy_id, None


def need_instruments(history: History) -> Needs:
    """Need every instrument that is cited."""
    return Needs(references=frozenset(instrument for _, instrument, _ in _cited(history)))


def find_out_of_force(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find events that cite an instrument, or a version of one, that was not in force when they took effect."""
    for place, instrument, version in dict.fromkeys(_cited(history)):
        fact = history.facts[place]
        policy = _defined(around.resolved(instrument))
        truth: Truth = "UNDETERMINED"
        if policy is not None:
            truth = NEGATION[holds(policy, Policy, history.span(fact), partial(_in_force, version=version))]
        named = instrument if version is None else f"{instrument} version {version}"
        why = "is not known" if policy is None else "was not in force then"
        about = instrument if version is None else f"{instrument} {version}"
        yield from raised(truth, fact, f"The event cites {named}, which {why}.", related=(instrument,), about=about)


def _defined(policy: Known | None) -> Known | None:
    """Return a policy; None where it is only spoken of, in a review or an interpretation: then it is not known."""
    known = policy is not None and any(fact.type in BEGINNINGS["policy"] for fact in policy.facts)
    return policy if known else None


def _in_force(policy: Policy | None, moment: datetime, *, version: str | None) -> bool:
    if policy is None or status_of(policy, moment) != "IN_FORCE":
        return False
    adopted = version_in_force(policy, moment)
    if version is None or (adopted is not None and adopted.version == version):
        return True
    # A policy that is known by its rules alone has the versions that these have.
    return not policy.versions and any(rule.version == version for rule in rules_in_force(policy, moment))


def need_agreements(history: History) -> Needs:
    """Need the agreements that disputes were referred under."""
    named = (referred.agreement_id for _, referred in history.of(DisputeReferred))
    return Needs(references=frozenset(one for one in named if one is not None))


def find_without_agreement(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find referrals that no agreement in force was the basis of."""
    truths: dict[str, Truth] = {"IN_FORCE": "FALSE", "NOT_IN_FORCE": "TRUE", "UNDETERMINED": "UNDETERMINED"}
    for fact, referred in history.of(DisputeReferred):
        truth = truths[agreement_basis(fact, around.resolved(referred.agreement_id), history.as_of)]
        detail = "The dispute was referred without an agreement in force."
        yield from raised(truth, fact, detail, related=(referred.agreement_id,))


def need_rights(history: History) -> Needs:
    """Need the rights that notices rest on."""
    named = (getattr(fact.payload, "ip_right_id", None) for fact in _notices(history))
    return Needs(references=frozenset(one for one in named if one is not None))


def _notices(history: History) -> list[Fact]:
    return history.named((NoticeSubmitted.event_type, NoticeReceived.event_type))


def find_lapsed_rights(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find notices of a right that had lapsed. Of a right of which nothing is known, nothing is found."""
    for fact in _notices(history):
        right_id: str | None = getattr(fact.payload, "ip_right_id", None)
        right = around.resolved(right_id)
        if right is not None:
            lapsed = holds(right, IpRight, history.span(fact), _has_lapsed)
            yield from raised(lapsed, fact, "The right had lapsed by then.", related=(right_id,), about="right")


def _has_lapsed(right: IpRight | None, moment: datetime) -> bool:
    return right is not None and IP_RIGHTS.describe(right, moment)["status"] == "LAPSED"


def find_retroactive(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find versions of a policy that are in force from before the day on which they were adopted."""
    for fact, adopted in history.of(PolicyVersionAdopted):
        day = first_instant(adopted.adopted_on, fact.timezone)
        if day is not None:
            begin = parse_instant(day)
            reaches_back = later((begin, begin), history.span(fact))
            detail = f"Version {adopted.version} is in force from before its adoption on {adopted.adopted_on}."
            yield from raised(reaches_back, fact, detail)


BASIS_NOT_IN_FORCE = Check(find=find_out_of_force, needs=need_instruments)
RIGHT_NOT_IN_FORCE = Check(find=find_lapsed_rights, kinds=frozenset({"takedown_case"}), needs=need_rights)
REFERRAL_WITHOUT_AGREEMENT = Check(find=find_without_agreement, kinds=frozenset({"dispute"}), needs=need_agreements)
RETROACTIVE_RULE = Check(find=find_retroactive, kinds=frozenset({"policy"}))
