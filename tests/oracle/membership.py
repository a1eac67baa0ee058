"""Memberships and the brands that members stand for: `domain.md` 6.8."""

from collections.abc import Sequence
from datetime import datetime

from tests.oracle.knowledge import Event, Item, begins, picked, written

ADMISSION = ("display_name", "industries", "size_class")
BRANDS = {"BrandAssociated", "BrandDissociated"}


class _Membership:
    """A membership while its events are told. `since` holds when each thing last happened."""

    def __init__(self) -> None:
        self.status: str | None = None
        self.terms: Item = dict.fromkeys(("body_id", "party_id", "tier", *ADMISSION))
        self.brands: dict[str, Item] = {}
        self.since: dict[str, datetime] = {}
        self.end: Item = dict.fromkeys(("end_reason", "ineligible_until"))

    def tell(self, event: Event) -> None:
        kind, data, at = event["type"], event["data"], begins(event)
        match kind:
            case "MembershipApplied":
                again = self.status == "ENDED" and at > self.since["MembershipEnded"]
                self.status = "APPLIED" if self.status is None or again else self.status
                self.terms["body_id"] = data.get("body_or_programme_id") or self.terms["body_id"]
                self.terms["party_id"] = data.get("party_id") or self.terms["party_id"]
            case "MembershipAdmitted":
                self._admit(data, at)
            case "MembershipTierChanged":
                self.terms["tier"] = data.get("to") or self.terms["tier"]
            case "BrandAssociated":
                self.brands[data["brand_id"]] = {**picked(data, "brand_id", "name"), "associated_at": written(at)}
            case "BrandDissociated":
                self.brands.pop(data["brand_id"], None)
            case "MembershipEnded":
                self.status = "ENDED"
                self.end = {"end_reason": data.get("reason"), "ineligible_until": data.get("ineligible_until")}
            case _ if self.status == "ENDED":
                return  # neither suspended nor reinstated, only admitted anew
            case _:
                self.status = "SUSPENDED" if kind == "MembershipSuspended" else "ACTIVE"
        self.since[kind] = at

    def _admit(self, data: Item, at: datetime) -> None:
        """Admit, unless what is known already says that it ended, rests or moved at or after `at`."""
        first = "MembershipAdmitted" not in self.since
        ended, rests, moved = (
            first and kind in self.since and at <= self.since[kind]
            for kind in ("MembershipEnded", "MembershipSuspended", "MembershipTierChanged")
        )
        tier = self.terms["tier"] if moved else data.get("tier")
        self.terms |= {name: data.get(name) or self.terms[name] for name in ("body_id", "party_id")}
        self.terms |= {**picked(data, *ADMISSION), "tier": tier}
        if ended:
            self.status = "ENDED"
            return
        self.status = "SUSPENDED" if rests and self.status == "SUSPENDED" else "ACTIVE"
        self.since.pop("MembershipEnded", None)
        self.end["end_reason"] = None


def membership_of(subject: str, events: Sequence[Event]) -> Item | None:
    """Return what a membership is; None where only brands are known that it does not stand for."""
    membership = _Membership()
    for event in events:
        membership.tell(event)
    if not membership.brands and BRANDS.issuperset(event["type"] for event in events):
        return None
    return {
        **membership.terms,
        **membership.end,
        "body": subject.split(":")[1],
        "status": membership.status,
        "brands": [brand for _, brand in sorted(membership.brands.items())],
    }
