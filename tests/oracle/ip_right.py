"""Rights of intellectual property: `domain.md` 7.5."""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, over_from, picked, reached

RECORD = ("type", "office", "number", "territories", "nice_classes", "registered_on", "expires_on", "mark_sha256")


def ip_right_of(events: Sequence[Event], as_of: datetime) -> Item:
    """Return whose a right is and whether it holds: lapsed where it ran out, recorded where only its check did."""
    found: Item = dict.fromkeys(("status", "owner_party_id", "validator", "valid_to", "lapse_ground", *RECORD))
    over: datetime | None = None
    checked_until: datetime | None = None
    last: dict[str, datetime] = {}
    for event in events:
        kind, data, at = event["type"], event["data"], begins(event)
        match kind:
            case "IpRightRecorded":
                after = {name for name, then in last.items() if kind not in last and at <= then}
                stays = "IpRightLapsed" in after or found["status"] in {"VALIDATED", "REJECTED"}
                owner = found["owner_party_id"] if "IpRightAssigned" in after else None
                found |= {**picked(data, *RECORD), "owner_party_id": owner or data.get("owner_party_id")}
                over = over_from(data.get("expires_on"), event)
                if not stays:
                    found |= {"status": "RECORDED", "lapse_ground": None}
                    last.pop("IpRightLapsed", None)
            case "IpRightValidated" | "IpRightValidationRejected":
                if kind == "IpRightValidated":
                    found |= picked(data, "validator", "valid_to")
                    checked_until = over_from(data.get("valid_to"), event)
                said = "VALIDATED" if kind == "IpRightValidated" else "REJECTED"
                found["status"] = "LAPSED" if found["status"] == "LAPSED" else said
            case "IpRightAssigned":
                found["owner_party_id"] = data.get("to_party_id") or found["owner_party_id"]
            case _:
                found |= {"status": "LAPSED", "lapse_ground": data.get("ground")}
        last[kind] = at
    if found["status"] != "LAPSED" and reached(over, as_of):
        found |= {"status": "LAPSED", "lapse_ground": "EXPIRED"}
    elif found["status"] == "VALIDATED" and reached(checked_until, as_of):
        found["status"] = "RECORDED"
    return found
