"""Appeals against a platform's decisions: `domain.md` 6.9."""

from collections.abc import Sequence

from tests.oracle.knowledge import Event, Item, begins, picked, written

FILING = ("target_event_id", "appellant_seller_id", "notifier_party_id", "grounds")
DECISION = ("result", "decided_by", "human_review", "reasons")


def appeal_of(subject: str, events: Sequence[Event]) -> Item:
    """Return where an appeal stands. Who withdraws one that is decided changes nothing of the decision."""
    found: Item = {"state": None, "platform": subject.split(":")[1], **dict.fromkeys((*FILING, *DECISION))}
    for event in events:
        data, at = event["data"], written(begins(event))
        match event["type"]:
            case "AppealFiled":
                found |= {**picked(data, *FILING), "state": found["state"] or "FILED", "filed_at": at}
            case "AppealDecided":
                found |= {**picked(data, *DECISION), "state": "DECIDED", "decided_at": at}
            case "AppealWithdrawn":
                found["state"] = "DECIDED" if found["state"] == "DECIDED" else "WITHDRAWN"
                found["withdrawn_at"] = at
            case _:
                pass
    return found
