"""Referrals: one item each, and whether an agreement was in force to refer under (domain.md 11 v_referrals, Q26).

The agreement is joined when asked, never kept: it may be recorded, or corrected, long after the referral, in a log of
its own. Whether it was in force is three-valued (D11): one that is known to have been signed "in August" is no sure
basis of a referral on 10 August, and no missing one.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from ledger.domain.agreement import STREAM, Agreement, status
from ledger.domain.dispute import Dispute, Referral
from ledger.domain.dispute_events import DISPUTE, DisputeReferred
from ledger.domain.fact import Certainty, Fact
from projections.derived import Derivation, Item, Narrowing, streams_of
from projections.inquiry import Inquiry, Known

AgreementBasis: TypeAlias = Literal["IN_FORCE", "NOT_IN_FORCE", "UNDETERMINED"]
REFERRAL_SCOPE = "CROSS_BORDER_DISPUTE_REFERRAL"
"""What an agreement must be about, for a dispute to be referred under it."""
CERTAINTIES: tuple[Certainty, Certainty] = ("CERTAIN", "POSSIBLE")


def agreement_basis(referred: Fact, agreement: Known | None, as_of: datetime) -> AgreementBasis:
    """Say whether a referral had an agreement in force, whenever it was within its own time.

    `referred` is a DisputeReferred, `agreement` what its `agreement_id` resolves to; nothing after `as_of` is looked
    at. One that names no agreement has none. One that names an agreement of which nothing is known is UNDETERMINED,
    and so is one whose agreement does not say what it covers, was only possibly in force, or was so for a part of the
    referral's time alone.
    """
    payload = referred.payload
    if isinstance(payload, DisputeReferred) and payload.agreement_id is None:
        return "NOT_IN_FORCE"
    if agreement is None:
        return "UNDETERMINED"
    instants = {referred.time, min(referred.latest, max(referred.time, as_of))}
    found: set[AgreementBasis] = {_basis_at(agreement, instant) for instant in instants}
    return found.pop() if len(found) == 1 else "UNDETERMINED"


def _basis_at(agreement: Known, instant: datetime) -> AgreementBasis:
    """Say whether an agreement was a basis at an instant: certainly so only if its certain and possible states are."""
    found = {_covers(agreement, instant, certainty) for certainty in CERTAINTIES}
    if found == {True}:
        return "IN_FORCE"
    return "NOT_IN_FORCE" if found == {False} else "UNDETERMINED"


def _covers(agreement: Known, instant: datetime, certainty: Certainty) -> bool | None:
    """Tell whether an agreement is in force, by one certainty, and covers referrals; None where it does not say."""
    state = STREAM.fold(agreement.facts, instant, certainty, agreement.moment.basis)
    if not isinstance(state, Agreement) or status(state, instant) != "IN_FORCE":
        return False
    return None if state.scope is None else REFERRAL_SCOPE in state.scope


async def referral_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield every referral of every dispute, in order of log, dispute and time."""
    async for known in streams_of(inquiry, narrowing, DISPUTE):
        state = known.state()
        if not isinstance(state, Dispute):
            continue
        await inquiry.resolve(known.log.log_id, _agreements(state))
        for item in sorted(_items(inquiry, known, state), key=lambda one: one.key):
            yield item


def _agreements(state: Dispute) -> Iterator[str]:
    return (one.agreement_id for one in state.referrals if one.agreement_id is not None)


def _items(inquiry: Inquiry, known: Known, state: Dispute) -> Iterator[Item]:
    facts = {fact.id: fact for fact in known.facts}
    for number, referral in enumerate(state.referrals):
        referred = facts.get(referral.referred_by or "")
        basis: AgreementBasis = "UNDETERMINED"  # an answer to a referral of which nothing is known
        if referred is not None:
            named = referral.agreement_id
            agreement = None if named is None else inquiry.resolved(known.log.log_id, named)
            basis = agreement_basis(referred, agreement, known.moment.as_of)
        yield Item(
            log_id=known.log.log_id,
            subject=known.subject,
            key=f"{referral.referred_at or ''}|{number:06d}",
            item=_describe(state, referral, basis),
        )


def _describe(state: Dispute, referral: Referral, basis: AgreementBasis) -> dict[str, Any]:
    answer = "REFERRED" if referral.accepted is None else "ACCEPTED" if referral.accepted else "DECLINED"
    return {
        **msgspec.to_builtins(referral),
        "state": answer,
        "agreement_basis": basis,
        "to": referral.to_party_id,
        "agreement": referral.agreement_id,
        "dispute_state": state.state,
        "forum": state.forum,
        "claimant_country": state.claimant_country,
        "respondent_country": state.respondent_country,
    }


DERIVATION = Derivation(
    name="referrals",
    filters=("state", "to", "agreement", "agreement_basis"),
    items=referral_items,
)
