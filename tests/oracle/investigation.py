"""Investigations: `domain.md` 6.9. A lead is answered by the action that its authority reports."""

from collections import Counter
from collections.abc import Sequence

from tests.oracle.knowledge import Event, Item, picked

OPENING = ("kind", "subject_refs", "partners", "trigger")


def investigation_of(events: Sequence[Event]) -> Item | None:
    """Return where an investigation stands; None where only evidence is known of which nothing is said."""
    found: Item = dict.fromkeys((*OPENING, "result"))
    told: dict[str, list[Item]] = {"purchases": [], "leads": [], "actions": [], "findings": []}
    pieces = [piece["evidence_id"] for event in events for piece in event["data"].get("evidence") or ()]
    values: Counter[str] = Counter()
    for event in events:
        data = event["data"]
        match event["type"]:
            case "InvestigationOpened":
                found |= picked(data, *OPENING)
            case "TestPurchaseMade":
                told["purchases"].append({**picked(data, "listing_id", "price", "authentic"), "bought_by": event["id"]})
            case "LeadReferred":
                told["leads"].append({**picked(data, "to_authority", "count"), "referred_by": event["id"]})
            case "EnforcementActionReported":
                action = picked(data, "authority", "suspects", "premises", "value")
                told["actions"].append({**action, "reported_by": event["id"]})
                if action["value"] is not None:
                    values[action["value"]["currency"]] += action["value"]["amount_minor"]
            case "FindingRecorded":
                told["findings"].append({**picked(data, "finding", "confidence"), "found_by": event["id"]})
            case "InvestigationClosed":
                found["result"] = data["result"]
            case _:
                pass
    if not pieces and all(event["type"] == "EvidenceSecured" for event in events):
        return None
    reported = {action["authority"] for action in told["actions"]} - {None}
    for lead in told["leads"]:
        lead["state"] = "ACTION_REPORTED" if lead["to_authority"] in reported else "REFERRED"
    closed = any(event["type"] == "InvestigationClosed" for event in events)
    state = "CLOSED" if closed else "FINDING" if told["findings"] else "OPEN"
    return {**found, **told, "state": state, "values": dict(values), "evidence_ids": list(dict.fromkeys(pieces))}
