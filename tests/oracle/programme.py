"""Programmes: `domain.md` 7.5 and D18: what is announced has not started."""

from collections.abc import Sequence

from tests.oracle.knowledge import Event, Item, begins, given, picked, written

TERMS = ("name", "owner", "partners", "objectives", "countries", "cost_to_participant", "funding", "funder")


def programme_of(events: Sequence[Event]) -> Item:
    """Return whose a programme is, and what came of it."""
    found: Item = dict.fromkeys(("state", *TERMS))
    activities: list[Item] = []
    metrics: list[Item] = []
    ended_at = None
    started = False
    for event in events:
        data, at = event["data"], begins(event)
        match event["type"]:
            case "ProgrammeAnnounced":
                said = given(data, *TERMS)
                held = {name: value for name, value in found.items() if value is not None}
                found |= {**said, **held} if started else said
                found["state"] = held.get("state", "ANNOUNCED")
            case "ProgrammeStarted":
                over = ended_at is not None and not started and at <= ended_at
                found |= {**given(data, *TERMS), "state": "ENDED" if over else "STARTED"}
                started = True
            case "ProgrammeActivityHeld":
                activities.append({**picked(data, "kind", "date", "place", "participants"), "held_by": event["id"]})
            case "ProgrammeMetricReported":
                metric = picked(data, "metric", "value", "unit", "reference_time", "method", "source")
                metrics.append({**metric, "reported_at": written(at), "reported_by": event["id"]})
            case _:
                found["state"], ended_at = "ENDED", at
    stated = [activity["participants"] for activity in activities if activity["participants"] is not None]
    return {**found, "activities": activities, "metrics": metrics, "participants": sum(stated) if stated else None}
