"""Public claims and what came of asking: `domain.md` 6.9, D10."""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, given, instant, picked, written

STATED = ("statement", "lang", "metric", "value", "unit", "reference_time", "attribution", "venue", "predicate_id")
NEXT = {"ClaimDisputed": "DISPUTED", "ClaimEvaluated": "EVALUATED", "ClaimAmended": "AMENDED"}
ASKED = ("predicate_id", "verdict", "population_n", "tested_n", "counterexamples_n", "undetermined_n")


def claim_of(events: Sequence[Event]) -> Item:
    """Return who says what, who disputes it, and what came of asking."""
    found: Item = dict.fromkeys(("state", "speaker_party_id", *STATED))
    amended_at: datetime | None = None
    told: dict[str, list[Item]] = {"disputes": [], "evaluations": []}
    predicates: dict[str, Item] = {}
    for event in events:
        kind, data, at = event["type"], event["data"], begins(event)
        recorded = written(instant(event["recordedtime"]))
        match kind:
            case "ClaimPublished":
                before = given(found, *STATED) if amended_at is not None and at <= amended_at else {}
                found |= {**given(data, *STATED), **before, "speaker_party_id": data.get("speaker_party_id")}
                found["state"] = found["state"] or "PUBLISHED"
            case "ClaimAmended":
                found |= given(data, *STATED)
                amended_at = at
            case "ClaimDisputed":
                dispute = picked(data, "by", "disputed_field", "value", "source")
                told["disputes"].append({**dispute, "disputed_by": event["id"], "disputed_at": written(at)})
            case "ClaimEvaluated":
                told["evaluations"].append({**picked(data, *ASKED), "evaluated_at": recorded})
            case "ClaimPredicateAttached":
                predicates[data["predicate_id"]] = {**picked(data, "predicate_id", "reading"), "attached_at": recorded}
            case _:
                found["state"] = "WITHDRAWN"
        if kind in NEXT and found["state"] != "WITHDRAWN":
            found["state"] = NEXT[kind]
    verdict = told["evaluations"][-1]["verdict"] if told["evaluations"] else None
    return {**found, **told, "verdict": verdict, "predicates": [one for _, one in sorted(predicates.items())]}
