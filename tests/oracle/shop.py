"""Listings, restrictions, sellers and services: `domain.md` 6.1 to 6.3."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.oracle.knowledge import Data, Event, Item, begins, instant, over_from, picked, written

IMPOSES = {
    "ListingBlocked": "BLOCKED",
    "ListingRestricted": "RESTRICTED",
    "SellerSuspended": "SUSPENDED",
    "SellerPaymentsRestricted": "PAYMENTS_RESTRICTED",
    "SellerBanned": "BANNED",
}
LIFTS = {"ListingReinstated", "SellerSuspensionLifted", "SellerPaymentsReleased", "SellerBanRevoked"}
ENDS_VERIFICATION = {"SellerVerificationExpired": "EXPIRED", "SellerVerificationRevoked": "REVOKED"}
HOLDS = {"SUSPENDED", "BANNED"}
"""What hides every listing of a seller, though its account is closed."""
HIDES = {"DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED"}
ATTRIBUTES = ("ship_from_country", "cluster", "category_code", "goods_origin_country", "destination_countries")


def restrictions_of(events: Sequence[Event], as_of: datetime) -> dict[str, Item]:
    """Return the restrictions of a stream (6.1): an end wins over its beginning, in whatever order they count."""
    found: dict[str, Item] = {}
    for event in events:
        if event["type"] in IMPOSES:
            data = event["data"]
            found[data["restriction_id"]] = {
                "restriction_id": data["restriction_id"],
                "kind": IMPOSES[event["type"]],
                "territorial_scope": data.get("territorial_scope"),
                "end_at": data.get("end_at"),
                "decision_visibility": data.get("decision_visibility"),
                "decision_ground": data.get("decision_ground"),
                "instruments": [basis["instrument_id"] for basis in data.get("legal_basis") or ()],
            }
    for event in events:
        if event["type"] == "RestrictionAmended" and event["data"]["restriction_id"] in found:
            found[event["data"]["restriction_id"]].update(event["data"]["set"])
    ended = {event["data"]["restriction_id"] for event in events if event["type"] in LIFTS}
    for name, restriction in found.items():
        expired = restriction["end_at"] is not None and instant(restriction["end_at"]) <= as_of
        restriction["in_force"] = name not in ended and not expired
    return found


def hides(restriction: Mapping[str, Any], country: str | None) -> bool:
    """Tell whether a restriction in force hides a listing in a country, or anywhere."""
    scope = restriction["territorial_scope"]
    there = country is None or not scope or "WORLD" in scope or country in scope
    return there and bool(HIDES & set(restriction["decision_visibility"] or ()))


def listing_of(events: Sequence[Event]) -> Item:
    """Return a listing's lifecycle and attributes (6.2)."""
    found: Item = {"lifecycle": None, "seller_id": None, **dict.fromkeys(ATTRIBUTES)}
    for event in events:
        data: Data = event["data"]
        match event["type"]:
            case "ListingPublished":
                found.update({name: data.get(name) for name in ("seller_id", *ATTRIBUTES)}, lifecycle="PUBLISHED")
            case "ListingAttributesChanged":
                found.update({n: c.get("to") for n, c in data["changed"].items() if n in ATTRIBUTES})
            case "ListingPublicationRefused":
                found.update(lifecycle="REFUSED", seller_id=data.get("seller_id") or found["seller_id"])
            case "ListingWithdrawn":
                found["lifecycle"] = "WITHDRAWN"
            case "ListingRelisted":
                found["lifecycle"] = "PUBLISHED"
            case "ListingBlocked" | "ListingRestricted":
                found["seller_id"] = found["seller_id"] or data.get("seller_id")
            case _:
                pass
    return found


def services_of(events: Sequence[Event]) -> list[Item]:
    """Return the services of a platform that were suspended or resumed, by service and country."""
    found: dict[tuple[str, str], Item] = {}
    for event in events:
        if event["type"] in {"ServiceSuspended", "ServiceResumed"}:
            data, suspended = event["data"], event["type"] == "ServiceSuspended"
            found[data["service"], data["country"]] = {
                **picked(data, "service", "country"),
                **picked(data, *(("cause", "order_id") if suspended else ("conditions",))),
                "suspended": suspended,
                "since": written(begins(event)),
            }
    return list(found.values())


def features_of(events: Sequence[Event]) -> list[Item]:
    """Return what was last declared of each feature of a platform, by country."""
    found: dict[tuple[str, str], Item] = {}
    for event in events:
        if event["type"] == "ServiceFeatureStatusDeclared":
            data = event["data"]
            said = picked(data, "feature", "country", "status", "declared_by")
            found[data["feature"], data["country"]] = {**said, "since": written(begins(event))}
    return list(found.values())


def kinds_in_force(events: Sequence[Event], as_of: datetime) -> set[str]:
    """Return which kinds of restrictions of a stream are in force."""
    return {r["kind"] for r in restrictions_of(events, as_of).values() if r["in_force"]}


def seller_of(events: Sequence[Event], as_of: datetime) -> Item:
    """Return a seller's status and verification (6.3)."""
    kinds = kinds_in_force(events, as_of)
    closed: datetime | None = None
    lifecycle, platform = None, None
    for event in events:
        if event["type"] == "SellerAccountClosed":
            lifecycle, closed = "CLOSED", begins(event)
        elif event["type"] == "SellerRegistered":
            platform = event["data"].get("platform_id")
            lifecycle = "CLOSED" if closed is not None and begins(event) <= closed else "REGISTERED"
    status = "CLOSED" if lifecycle == "CLOSED" else next((k for k in ("BANNED", "SUSPENDED") if k in kinds), "ACTIVE")
    return {"status": status, "platform_id": platform, **verification_of(events, as_of)}


def verification_of(events: Sequence[Event], as_of: datetime) -> Item:
    """Return which verification counts, and what it is then."""
    found: dict[str, Item] = {}
    for order, event in enumerate(events):
        if not event["type"].startswith(("SellerVerif",)):
            continue
        data: Data = event["data"]
        one = found.setdefault(data["verification_id"], {"status": None, "ended": None, "valid_to": None})
        one["order"] = order
        match event["type"]:
            case "SellerVerificationSubmitted":
                one["status"] = one["status"] or "SUBMITTED"
            case "SellerVerified":
                one.update(
                    status="VERIFIED",
                    entity_class=data.get("entity_class"),
                    valid_to=over_from(data.get("valid_to"), event),
                )
            case "SellerVerificationRejected":
                one["status"] = "REJECTED"
            case ended:
                one["ended"] = ENDS_VERIFICATION[ended]
    begun = [one for one in found.values() if one["status"] is not None]
    for one in begun:
        passed = one["valid_to"] is not None and one["valid_to"] <= as_of
        one["is"] = one["ended"] or ("EXPIRED" if one["status"] == "VERIFIED" and passed else one["status"])
    begun.sort(key=lambda one: (one["is"] == "VERIFIED", one["order"]))
    if not begun:
        return {"verification": "UNVERIFIED", "entity_class": None}
    return {"verification": begun[-1]["is"], "entity_class": begun[-1].get("entity_class")}
