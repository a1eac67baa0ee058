"""Agreements between parties: `domain.md` 6.9."""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, given, local_date, over_from, picked, reached

TERMS = ("parties", "countries", "scope", "text_sha256", "data_clause", "valid_to")
HAS_AN_END = {"SIGNED", "IN_FORCE", "SUSPENDED"}


class _Agreement:
    """An agreement while its events are told. `since` holds when each thing was last so."""

    def __init__(self) -> None:
        self.status: str | None = None
        self.terms: Item = {"kind": None, "in_force_on_signature": None, "mode": None, **dict.fromkeys(TERMS)}
        self.over: datetime | None = None
        self.since: dict[str, datetime | None] = dict.fromkeys(("IN_FORCE", "SUSPENDED", "TERMINATED"))
        self.activities: list[Item] = []
        self.amendments: list[Item] = []

    def tell(self, event: Event) -> None:
        data, at = event["data"], begins(event)
        match event["type"]:
            case "AgreementNegotiationOpened":
                self.status = self.status or "NEGOTIATING"
                for name in ("kind", "parties", "countries"):
                    self.terms[name] = data.get(name) if self.terms[name] is None else self.terms[name]
            case "AgreementSigned":
                self._sign(event, at)
            case "AgreementEnteredIntoForce":
                self._enter(at)
            case "AgreementAmended":
                self.terms |= given(data, *TERMS)
                self.over = self.over if data.get("valid_to") is None else over_from(data["valid_to"], event)
                self.amendments.append({"amended_by": event["id"]})
            case "AgreementSuspended":
                if self.status != "TERMINATED":
                    self.status, self.since["SUSPENDED"] = "SUSPENDED", at
            case "AgreementTerminated":
                self.status, self.since["TERMINATED"] = "TERMINATED", at
            case _:
                self.activities.append({"kind": data["kind"], "date": local_date(event), "held_by": event["id"]})

    def _sign(self, event: Event, at: datetime) -> None:
        data = event["data"]
        ended = self.since["TERMINATED"]
        if self.status not in {"IN_FORCE", "SUSPENDED"} and not (ended is not None and at <= ended):
            self.status = "SIGNED"
        before = {name: self.terms[name] for name in ("parties", "countries")}
        self.terms |= picked(data, *self.terms)
        self.terms |= {name: self.terms[name] or held for name, held in before.items()}
        self.over = over_from(data.get("valid_to"), event)
        if data.get("in_force_on_signature"):
            self._enter(at)

    def _enter(self, at: datetime) -> None:
        """Enter into force, unless it stopped at or after `at`, as is known already."""
        first = self.since["IN_FORCE"] is None
        stopped = {
            name: first and (since := self.since[name]) is not None and at <= since
            for name in ("SUSPENDED", "TERMINATED")
        }
        if first or self.status == "TERMINATED":
            self.since["IN_FORCE"] = at
        self.status = next((name for name in ("TERMINATED", "SUSPENDED") if stopped[name]), "IN_FORCE")
        for name, stays in stopped.items():
            self.since[name] = self.since[name] if stays else None


def agreement_of(events: Sequence[Event], as_of: datetime) -> Item:
    """Return what an agreement is, between whom, and what was done under it."""
    agreement = _Agreement()
    for event in events:
        agreement.tell(event)
    expired = agreement.status in HAS_AN_END and reached(agreement.over, as_of)
    return {
        **agreement.terms,
        "status": "EXPIRED" if expired else agreement.status,
        "activities": agreement.activities,
        "amendments": agreement.amendments,
    }
