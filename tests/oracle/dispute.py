"""Disputes and their referrals: `domain.md` 6.5."""

from collections.abc import Sequence

from tests.oracle.knowledge import Event, Item, begins, picked, written

OPENING = [None, "FILED", "REGISTERED", "ADMITTED"]
OPENS_DISPUTE = {"DisputeFiled": "FILED", "DisputeAcknowledged": "REGISTERED", "DisputeNotified": "ADMITTED"}
SETS_DISPUTE = {
    "DisputeResponseSubmitted": "RESPONDED",
    "DisputeRespondentDefaulted": "DEFAULTED",
    "NegotiationStarted": "NEGOTIATION",
    "FacilitationStarted": "FACILITATION",
    "FinalStageStarted": "FINAL",
    "OutcomeObjectionFiled": "OBJECTED",
    "OutcomeUpheld": "OUTCOME",
    "ReferralAccepted": "REFERRED",
}
ANSWERS = {"ReferralAccepted": "ACCEPTED", "ReferralDeclined": "DECLINED"}
REFERRED = ("to_party_id", "agreement_id", "fields_shared", "translation")
UNHEARD_OF: Item = dict.fromkeys((*REFERRED, "referred_by"))
"""A referral that is known by its answer alone."""
CONCLUDED = {"OUTCOME", "OBJECTED", "COMPLIED", "NOT_COMPLIED"}


def dispute_of(events: Sequence[Event]) -> Item:
    """Return a dispute's state, outcome and countries (6.5)."""
    state: str | None = None
    outcome: str | None = None
    closed_by: str | None = None
    before_referral: str | None = None
    before_outcome: str | None = None
    countries: Item = {"claimant_country": None, "respondent_country": None}
    for event in events:
        kind, data = event["type"], event["data"]
        match kind:
            case "DisputeFiled" | "DisputeAcknowledged" | "DisputeNotified":
                state = furthest(state, OPENS_DISPUTE[kind])
                if kind == "DisputeFiled":
                    countries = {name: data.get(name) for name in countries}
            case "DisputeAdmissibilityDecided":
                if not data["admissible"]:
                    state, closed_by = "CLOSED", kind
                elif state == "CLOSED" and closed_by == kind:
                    state, closed_by = "ADMITTED", None
                else:
                    state = furthest(state, "ADMITTED")
            case "DisputeReferred":
                before_referral = before_referral if state == "REFERRED" else state
                state = "REFERRED"
            case "ReferralDeclined":
                state = before_referral if state == "REFERRED" else state
            case "DisputeOutcomeRecorded":
                before_outcome = before_outcome if state in CONCLUDED else state
                state, outcome = "OUTCOME", data["outcome"]
            case "OutcomeSetAside":
                if outcome is not None or state in CONCLUDED:
                    state, outcome, closed_by = before_outcome or "FINAL", None, None
            case "OutcomeComplianceRecorded":
                state = "COMPLIED" if data["status"] == "COMPLIED" else "NOT_COMPLIED"
            case "DisputeWithdrawn" | "DisputeClosed":
                state, closed_by = "CLOSED", kind
            case _:
                state = SETS_DISPUTE.get(kind, state)
    return {"state": state, "outcome": outcome, **countries}


def furthest(state: str | None, target: str) -> str | None:
    """Return `target`, unless the dispute is there or further already."""
    return target if state in OPENING[: OPENING.index(target)] else state


def referrals_of(events: Sequence[Event]) -> list[Item]:
    """Return the referrals of a dispute, each with how it was answered; an answer is to the last one."""
    found: list[Item] = []
    for event in events:
        kind, data = event["type"], event["data"]
        if kind == "DisputeReferred":
            found.append({**picked(data, *REFERRED), "state": "REFERRED", "referred_by": event["id"]})
        elif kind in ANSWERS:
            answered = found.pop() if found and found[-1]["state"] == "REFERRED" else UNHEARD_OF
            said = picked(data, "foreign_case_no" if kind == "ReferralAccepted" else "reason")
            found.append({**answered, **said, "state": ANSWERS[kind], "answered_at": written(begins(event))})
    state = dispute_of(events)["state"]
    return [
        {**one, "to": one["to_party_id"], "agreement": one["agreement_id"], "dispute_state": state} for one in found
    ]
