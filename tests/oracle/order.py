"""Orders of authorities, what they ask for, and their sanctions: `domain.md` 6.7; ladders: section 5."""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, over_from, picked, reached, written

OPENING = [None, "ISSUED", "RECEIVED", "ACKNOWLEDGED"]
OPENS = {"OrderIssued": "ISSUED", "OrderReceived": "RECEIVED", "OrderAcknowledged": "ACKNOWLEDGED"}
ANSWERS = {"OrderRefused": "REFUSED", "OrderChallenged": "CHALLENGED", "OrderRevoked": "REVOKED"}
ISSUED = ("kind", "number", "addressee_platform_id", "urgency", "due_within")
MINISTRY = (
    *("WRITTEN_WARNING_1", "WRITTEN_WARNING_2", "WRITTEN_WARNING_3", "PRIORITY_SUPERVISION_LIST", "BLACKLIST"),
    *("TEMPORARY_BLOCK", "LICENCE_REVOCATION"),
)
LADDERS = {"ID-MoTR-31": MINISTRY, "ID-SAMAN": ("TAKEDOWN_ORDER", "ST1", "ST2", "ST3")}


def order_of(subject: str, events: Sequence[Event]) -> Item | None:
    """Return where an order stands, with its sanctions; None while its stream only asks for information."""
    found: Item = {"state": None, "authority": None, **dict.fromkeys(ISSUED)}
    effects: list[Item] = []
    for event in events:
        kind, data = event["type"], event["data"]
        if kind == "OrderIssued":
            found |= picked(data, *ISSUED, "authority")
        if kind in OPENS and found["state"] in OPENING[: OPENING.index(OPENS[kind])]:
            found["state"] = OPENS[kind]
        elif kind == "OrderEffectGiven":
            effects.append({**picked(data, "extent", "effect_at", "restriction_ids"), "given_by": event["id"]})
            full = data["extent"] == "FULL" or found["state"] == "EFFECT_GIVEN"
            found["state"] = _unless_revoked(found["state"], "EFFECT_GIVEN" if full else "PARTIAL")
        elif kind in ANSWERS:
            found["state"] = _unless_revoked(found["state"], ANSWERS[kind])
    imposed = sanctions_of(events)
    if found["state"] is None and not imposed:
        return None
    extents = {effect["extent"] for effect in effects}
    return {
        **found,
        **_highest(imposed),
        "authority": found["authority"] or subject.split(":")[1],
        "effects": effects,
        "extent": next((extent for extent in ("FULL", "PARTIAL") if extent in extents), None),
        "sanctions": imposed,
    }


def _unless_revoked(state: str | None, target: str) -> str:
    return "REVOKED" if state == "REVOKED" else target


def sanctions_of(events: Sequence[Event]) -> list[Item]:
    """Return the sanctions that were imposed, and which events lifted them."""
    imposed: list[Item] = []
    for event in events:
        data = event["data"]
        if event["type"] == "SanctionImposed":
            said = picked(data, "step", "ladder", "order_id", "fine")
            imposed.append({**said, "imposed_by": event["id"], "step_number": _number(data), "lifted_by": None})
        elif event["type"] == "SanctionLifted":
            for one in imposed:
                meant = all(data.get(name) in {None, one[name]} for name in ("step", "ladder"))
                one["lifted_by"] = event["id"] if meant and one["lifted_by"] is None else one["lifted_by"]
    return imposed


def _number(data: Item) -> int | None:
    """Return the place of a step on its ladder, or on the first that has it."""
    if isinstance(data["step"], int):
        return data["step"]
    ladders = [steps for name, steps in LADDERS.items() if data.get("ladder") in {None, name}]
    return next((steps.index(data["step"]) + 1 for steps in ladders if data["step"] in steps), None)


def _highest(imposed: Sequence[Item]) -> Item:
    standing = [one for one in imposed if one["lifted_by"] is None]
    if not standing:
        return {"ladder": None, "step": None, "step_number": 0}
    return picked(max(standing, key=lambda one: one["step_number"] or 0), "ladder", "step", "step_number")


def requests_of(subject: str, events: Sequence[Event], as_of: datetime) -> list[Item]:
    """Return what an authority asked for, and whether it was provided, in time."""
    asked: list[tuple[Item, datetime | None]] = []
    full: dict[str, datetime] = {}
    answers: dict[str, list[Item]] = {}
    authority, addressed = subject.split(":")[1], None
    for event in events:
        data, at = event["data"], begins(event)
        if event["type"] == "OrderIssued":
            authority, addressed = data.get("authority") or subject.split(":")[1], data.get("addressee_platform_id")
        elif event["type"] == "InformationRequested":
            said = {"request_event_id": event["id"], **picked(data, "due", "addressee", "items", "period")}
            asked.append(({**said, "requested_at": written(at)}, over_from(data["due"], event)))
        elif event["type"] == "InformationProvided":
            name = data["request_event_id"]
            answers.setdefault(name, []).append({"provided_by": event["id"], "extent": data["extent"]})
            if data["extent"] == "FULL":
                full.setdefault(name, at)
    return [
        {
            **request,
            "authority": authority,
            "addressee_platform_id": addressed,
            "answers": answers.get(request["request_event_id"], []),
            "status": _provided(full.get(request["request_event_id"]), over, as_of),
        }
        for request, over in asked
    ]


def _provided(provided: datetime | None, over: datetime | None, as_of: datetime) -> str:
    if provided is not None:
        return "PROVIDED_LATE" if over is not None and provided >= over else "PROVIDED"
    return "OVERDUE" if reached(over, as_of) else "OPEN"
