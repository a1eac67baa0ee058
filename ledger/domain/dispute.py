"""Disputes: filed, heard, referred, decided, complied with (domain.md 6.5, 7.8).

An event sets the state whatever it was before, since an importer rarely has every step. Only the opening steps
(filed, registered, admitted) never set it back, for they may be certain only after what followed from them.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.dispute_events import (
    DISPUTE,
    EVENTS,
    OUTCOME,
    AutomatedAssistanceUsed,
    DisputeAcknowledged,
    DisputeAdmissibilityDecided,
    DisputeClosed,
    DisputeFiled,
    DisputeNotified,
    DisputeOutcomeRecorded,
    DisputeReferred,
    DisputeRespondentDefaulted,
    DisputeResponseSubmitted,
    DisputeWithdrawn,
    FacilitationStarted,
    FinalStageStarted,
    NegotiationStarted,
    NeutralAppointed,
    NeutralChallenged,
    NeutralReplaced,
    OutcomeComplianceRecorded,
    OutcomeObjectionFiled,
    OutcomeSetAside,
    OutcomeUpheld,
    ReferralAccepted,
    ReferralDeclined,
    SettlementProposed,
)
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.outcome import Outcome, judge_outcome, outcome_of
from ledger.domain.payload import Money, Payload
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

DisputeState = Literal[
    "FILED",
    "REGISTERED",
    "ADMITTED",
    "RESPONDED",
    "DEFAULTED",
    "NEGOTIATION",
    "FACILITATION",
    "FINAL",
    "REFERRED",
    "OUTCOME",
    "OBJECTED",
    "COMPLIED",
    "NOT_COMPLIED",
    "CLOSED",
]
OPENING: tuple[DisputeState | None, ...] = (None, "FILED", "REGISTERED", "ADMITTED")
CONCLUDED: frozenset[DisputeState | None] = frozenset({"OUTCOME", "OBJECTED", "COMPLIED", "NOT_COMPLIED"})
INADMISSIBLE = "INADMISSIBLE"
WITHDRAWN = "WITHDRAWN"


class Referral(Value, frozen=True, kw_only=True):
    """One referral to another forum; `accepted` is None until it answered."""

    to_party_id: str | None = None
    agreement_id: str | None = None
    fields_shared: tuple[str, ...] | None = None
    translation: str | None = None
    referred_at: str | None = None
    referred_by: str | None = None
    accepted: bool | None = None
    answered_at: str | None = None
    foreign_case_no: str | None = None
    reason: str | None = None


class Settlement(Value, frozen=True, kw_only=True):
    """The last settlement that was proposed."""

    proposed_at: str
    by: str | None = None
    terms_sha256: str | None = None
    accepted: bool | None = None


class Assistance(Value, frozen=True, kw_only=True):
    """A use of a machine."""

    used_at: str
    purpose: str | None = None
    model_id: str | None = None
    model_version: str | None = None
    input_sha256: str | None = None
    output_sha256: str | None = None
    human_reviewed_by: str | None = None


class Dispute(State, frozen=True, kw_only=True):
    """State of a dispute. Instants are the earliest at which the thing may have happened.

    `before_referral` and `before_outcome` are the states to which a declined referral and a set-aside outcome lead
    back.
    """

    forum: str
    state: DisputeState | None = None
    claimant_kind: str | None = None
    claimant_country: str | None = None
    respondent_country: str | None = None
    platform_id: str | None = None
    issue: str | None = None
    amount: Money | None = None
    remedy_sought: tuple[str, ...] | None = None
    prior_contact_with_trader: bool | None = None
    case_no: str | None = None
    admissible: bool | None = None
    position: str | None = None
    counterclaim: Money | None = None
    current_method: str | None = None
    independence_statement: bool | None = None
    settlement: Settlement | None = None
    outcome: Outcome | None = None
    compliance: str | None = None
    amount_paid: Money | None = None
    objection_court: str | None = None
    set_aside_ground: str | None = None
    closed_reason: str | None = None
    referrals: tuple[Referral, ...] = ()
    assistance: tuple[Assistance, ...] = ()
    before_referral: DisputeState | None = None
    before_outcome: DisputeState | None = None
    filed_at: str | None = None
    acknowledged_at: str | None = None
    admissibility_decided_at: str | None = None
    notified_at: str | None = None
    delivered_at: str | None = None
    responded_at: str | None = None
    defaulted_at: str | None = None
    negotiation_at: str | None = None
    facilitation_at: str | None = None
    neutral_appointed_at: str | None = None
    neutral_challenged_at: str | None = None
    final_at: str | None = None
    referred_at: str | None = None
    objected_at: str | None = None
    set_aside_at: str | None = None
    upheld_at: str | None = None
    compliance_at: str | None = None
    closed_at: str | None = None


def begin(subject: str) -> Dispute:
    """Return the state before any event."""
    return Dispute(id=subject, forum=subject.partition(":")[2].partition(":")[0])


def apply(state: Dispute, fact: Fact) -> Dispute:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Dispute, fact: Fact) -> Dispute:
    at = format_instant(fact.time)
    match fact.payload:
        case DisputeFiled() | DisputeAcknowledged() | DisputeAdmissibilityDecided() | DisputeNotified():
            return _opened(state, fact.payload, at)
        case DisputeReferred() | ReferralAccepted() | ReferralDeclined():
            return _referred(state, fact.payload, fact.id, at)
        case DisputeOutcomeRecorded() as recorded:
            return _decided(state, recorded, fact.id, at)
        case OutcomeObjectionFiled() | OutcomeSetAside() | OutcomeUpheld() | OutcomeComplianceRecorded():
            return _reviewed(state, fact.payload, at)
        case DisputeWithdrawn():
            return msgspec.structs.replace(state, state="CLOSED", closed_at=at, closed_reason=WITHDRAWN)
        case DisputeClosed(reason=reason):
            return msgspec.structs.replace(state, state="CLOSED", closed_at=at, closed_reason=reason)
        case payload:
            return _heard(state, payload, at)


def _no_further(state: DisputeState | None, target: DisputeState) -> DisputeState | None:
    """Return `target`, unless the dispute is there or further already."""
    return target if state in OPENING[: OPENING.index(target)] else state


def _opened(
    state: Dispute,
    payload: DisputeFiled | DisputeAcknowledged | DisputeAdmissibilityDecided | DisputeNotified,
    at: str,
) -> Dispute:
    match payload:
        case DisputeFiled() as filed:
            return msgspec.structs.replace(
                state,
                state=_no_further(state.state, "FILED"),
                claimant_kind=filed.claimant_kind,
                claimant_country=filed.claimant_country,
                respondent_country=filed.respondent_country,
                platform_id=filed.platform_id,
                issue=filed.issue,
                amount=filed.amount,
                remedy_sought=filed.remedy_sought,
                prior_contact_with_trader=filed.prior_contact_with_trader,
                filed_at=at,
            )
        case DisputeAcknowledged(case_no=case_no):
            target = _no_further(state.state, "REGISTERED")
            return msgspec.structs.replace(state, state=target, case_no=case_no, acknowledged_at=at)
        case DisputeAdmissibilityDecided(admissible=admissible):
            return _admitted(msgspec.structs.replace(state, admissible=admissible, admissibility_decided_at=at), at)
        case DisputeNotified(delivered_at=delivered_at):
            target = _no_further(state.state, "ADMITTED")
            return msgspec.structs.replace(state, state=target, notified_at=at, delivered_at=delivered_at)


def _admitted(state: Dispute, at: str) -> Dispute:
    if not state.admissible:
        return msgspec.structs.replace(state, state="CLOSED", closed_at=at, closed_reason=INADMISSIBLE)
    if state.state == "CLOSED" and state.closed_reason == INADMISSIBLE:
        return msgspec.structs.replace(state, state="ADMITTED", closed_at=None, closed_reason=None)
    return msgspec.structs.replace(state, state=_no_further(state.state, "ADMITTED"))


def _heard(state: Dispute, payload: Payload, at: str) -> Dispute:
    match payload:
        case DisputeResponseSubmitted(position=position, counterclaim=counterclaim):
            return msgspec.structs.replace(
                state, state="RESPONDED", responded_at=at, position=position, counterclaim=counterclaim
            )
        case DisputeRespondentDefaulted():
            return msgspec.structs.replace(state, state="DEFAULTED", defaulted_at=at)
        case NegotiationStarted():
            return msgspec.structs.replace(state, state="NEGOTIATION", negotiation_at=at, current_method="NEGOTIATION")
        case FacilitationStarted(method=method):
            return msgspec.structs.replace(state, state="FACILITATION", facilitation_at=at, current_method=method)
        case FinalStageStarted(method=method):
            return msgspec.structs.replace(state, state="FINAL", final_at=at, current_method=method)
        case SettlementProposed(by=by, terms_sha256=terms_sha256, accepted=accepted):
            settlement = Settlement(proposed_at=at, by=by, terms_sha256=terms_sha256, accepted=accepted)
            return msgspec.structs.replace(state, settlement=settlement)
        case NeutralAppointed(independence_statement=stated) | NeutralReplaced(independence_statement=stated):
            return msgspec.structs.replace(state, neutral_appointed_at=at, independence_statement=stated)
        case NeutralChallenged():
            return msgspec.structs.replace(state, neutral_challenged_at=at)
        case AutomatedAssistanceUsed() as used:
            assistance = Assistance(
                used_at=at,
                purpose=used.purpose,
                model_id=used.model_id,
                model_version=used.model_version,
                input_sha256=used.input_sha256,
                output_sha256=used.output_sha256,
                human_reviewed_by=used.human_reviewed_by,
            )
            return msgspec.structs.replace(state, assistance=(*state.assistance, assistance))
        case _:
            return state


def _referred(
    state: Dispute, payload: DisputeReferred | ReferralAccepted | ReferralDeclined, event_id: str, at: str
) -> Dispute:
    if isinstance(payload, DisputeReferred):
        referral = Referral(
            to_party_id=payload.to_party_id,
            agreement_id=payload.agreement_id,
            fields_shared=payload.fields_shared,
            translation=payload.translation,
            referred_at=at,
            referred_by=event_id,
        )
        back = state.before_referral if state.state == "REFERRED" else state.state
        return msgspec.structs.replace(
            state,
            state="REFERRED",
            before_referral=back,
            referred_at=at,
            referrals=(*state.referrals, referral),
        )
    open_one = bool(state.referrals) and state.referrals[-1].accepted is None
    answered = state.referrals[-1] if open_one else Referral()
    earlier = state.referrals[:-1] if open_one else state.referrals
    if isinstance(payload, ReferralAccepted):
        answered = msgspec.structs.replace(
            answered, accepted=True, answered_at=at, foreign_case_no=payload.foreign_case_no
        )
        target: DisputeState | None = "REFERRED"
    else:
        answered = msgspec.structs.replace(answered, accepted=False, answered_at=at, reason=payload.reason)
        target = state.before_referral if state.state == "REFERRED" else state.state
    return msgspec.structs.replace(state, state=target, referrals=(*earlier, answered))


def _decided(state: Dispute, recorded: DisputeOutcomeRecorded, event_id: str, at: str) -> Dispute:
    before = state.before_outcome if state.state in CONCLUDED else state.state
    outcome = outcome_of(recorded, event_id, at)
    return msgspec.structs.replace(state, state="OUTCOME", outcome=outcome, before_outcome=before)


def _reviewed(
    state: Dispute,
    payload: OutcomeObjectionFiled | OutcomeSetAside | OutcomeUpheld | OutcomeComplianceRecorded,
    at: str,
) -> Dispute:
    match payload:
        case OutcomeObjectionFiled(court=court):
            return msgspec.structs.replace(state, state="OBJECTED", objected_at=at, objection_court=court)
        case OutcomeSetAside(ground=ground):
            return _set_aside(msgspec.structs.replace(state, set_aside_at=at, set_aside_ground=ground))
        case OutcomeUpheld():
            return msgspec.structs.replace(state, state="OUTCOME", upheld_at=at)
        case OutcomeComplianceRecorded(status=status, amount_paid=amount_paid):
            return msgspec.structs.replace(
                state,
                state="COMPLIED" if status == "COMPLIED" else "NOT_COMPLIED",
                compliance=status,
                compliance_at=at,
                amount_paid=amount_paid,
            )


def _set_aside(state: Dispute) -> Dispute:
    """Take the outcome out of force.

    The parties stand where they stood before it; where nothing is known of that, before a decision. With no outcome
    in force it changes nothing: the outcome may not be certain yet.
    """
    if state.outcome is None and state.state not in CONCLUDED:
        return state
    return msgspec.structs.replace(
        state,
        state=state.before_outcome or "FINAL",
        outcome=None,
        compliance=None,
        compliance_at=None,
        amount_paid=None,
        closed_at=None,
        closed_reason=None,
    )


def describe(state: Dispute, _moment: datetime) -> dict[str, Any]:
    """Return the dispute as JSON values; nothing of it changes by time alone.

    The outcome in force stands at the top level (`outcome` is null without one); `method` is the outcome's, else that
    of the stage reached; `referral` is the last one.
    """
    item: dict[str, Any] = msgspec.to_builtins(state)
    item.pop("outcome", None)
    item["state"] = state.state
    item["outcome"] = None
    item["method"] = item.pop("current_method", None)
    if state.outcome is not None:
        item.update(msgspec.to_builtins(state.outcome))
    if state.referrals:
        item["referral"] = msgspec.to_builtins(state.referrals[-1])
    return item


STREAM = Stream(
    kind=DISPUTE[0],
    pattern=r"^dispute:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={OUTCOME: judge_outcome},
)
