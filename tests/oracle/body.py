"""Bodies and their meetings: `domain.md` 6.9 and D18: what is announced is not established."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, local_date, picked, written

HELD = (
    *("meeting_no", "meeting", "mode", "attendee_count"),
    *("attendee_party_ids", "attendee_countries", "industries", "agenda"),
)


def body_of(events: Sequence[Event]) -> Item:
    """Return what a body is, and how often it met in each local year."""
    found: Item = dict.fromkeys(("state", "kind", "name", "parent_body_id", "host", "mandate"))
    at_last: dict[str, datetime] = {}
    lists: dict[str, list[Item]] = {"working_groups": [], "recommendations": []}
    for event in events:
        kind, data, at = event["type"], event["data"], begins(event)
        match kind:
            case "BodyAnnounced":
                there = "BodyEstablished" in at_last
                found["kind"] = found["kind"] if there else data["kind"]
                found["name"] = (found["name"] if there else None) or data.get("name") or found["name"]
                found["parent_body_id"] = data.get("parent_body_id") or found["parent_body_id"]
                found["state"] = found["state"] or "ANNOUNCED"
            case "BodyEstablished":
                ended = "BodyDissolved" in at_last and at <= at_last["BodyDissolved"]
                found |= {**picked(data, "kind", "host"), "state": "DISSOLVED" if ended else "ESTABLISHED"}
                found |= {name: data.get(name) or found[name] for name in ("name", "parent_body_id")}
                if not ended:
                    at_last.pop("BodyDissolved", None)
            case "BodyDissolved":
                found["state"] = "DISSOLVED"
            case "BodyMandateAdopted":
                found["mandate"] = {
                    **picked(data, "objectives", "powers", "members"),
                    "per_year": data["cadence"].get("per_year") if data.get("cadence") else None,
                    "adopted_at": written(at),
                }
            case "WorkingGroupFormed":
                lists["working_groups"].append(picked(data, "industry", "name", "working_group_id"))
            case "RecommendationAdopted":
                lists["recommendations"].append({**picked(data, "ref", "addressee", "due"), "adopted_by": event["id"]})
            case _:
                pass
        at_last[kind] = at
    held = meetings_held(events)
    years = Counter(one["date"][:4] for one in held)
    return {**found, **lists, "meetings": held, "scheduled": scheduled(events), "meetings_per_year": dict(years)}


def meetings_held(events: Sequence[Event]) -> list[Item]:
    """Return the meetings that a body held."""
    return [
        {**picked(event["data"], *HELD), "date": local_date(event), "held_by": event["id"]}
        for event in events
        if event["type"] == "MeetingHeld"
    ]


def scheduled(events: Sequence[Event]) -> list[Item]:
    """Return the meetings that are to be held or were, each as last scheduled, by name."""
    last: dict[str, Item] = {}
    for event in events:
        if event["type"] == "MeetingScheduled":
            data = event["data"]
            last[data["meeting"]] = {**picked(data, "meeting", "start_date", "end_date"), "scheduled_by": event["id"]}
    return [planned for _, planned in sorted(last.items())]


def meetings_of(events: Sequence[Event]) -> list[Item]:
    """Return each meeting that was held, with when it was to be, or that is scheduled and was not held."""
    body, held = body_of(events), meetings_held(events)
    of_body = {"body_kind": body["kind"], "body_name": body["name"]}
    planned = {one["meeting"]: one for one in scheduled(events)}
    names = {one["meeting"] for one in held}
    return [
        *({**of_body, **planned.get(one["meeting"], {}), **one, "state": "HELD"} for one in held),
        *({**of_body, **one, "state": "SCHEDULED"} for name, one in planned.items() if name not in names),
    ]
