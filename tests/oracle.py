"""What a log says, worked out from `domain.md` 2.3 and 6.1 to 6.5 alone: the judge of views and replay.

Nothing of the product is imported. It takes recorded events as JSON objects and folds everything anew for each
question; clarity goes before speed. Where `domain.md` leaves a choice open, the product's documented one is followed:
- what opens an item or a dispute (a notice; filed, registered, admitted) never sets a later state back, since it may be
  certain only after what followed from it; nor does a registration reopen an account closed at or after its `time`;
- of several verifications the newest that verifies counts, else the newest; "newest" by the order of the fold;
- a listing whose destinations are not stated is offered everywhere, a scope that is not stated reaches everywhere;
- a takedown item after a rejected counter-notice stays COUNTER_REJECTED, and suit stops only what is down.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

Event = Mapping[str, Any]
Data = Mapping[str, Any]
TICK = timedelta(microseconds=1)

LEDGER_INTERNAL = {"EventCorrected", "EventVoided"}
LEGAL_EFFECT = {
    "PlatformRegistered",
    "PlatformLicenceRecorded",
    "PlatformRepresentativeAppointed",
    "ServiceFeatureStatusDeclared",
    "SellerVerified",
    "SellerVerificationExpired",
    "SellerVerificationRevoked",
}
IMPOSES = {
    "ListingBlocked": "BLOCKED",
    "ListingRestricted": "RESTRICTED",
    "SellerSuspended": "SUSPENDED",
    "SellerPaymentsRestricted": "PAYMENTS_RESTRICTED",
    "SellerBanned": "BANNED",
}
LIFTS = {"ListingReinstated", "SellerSuspensionLifted", "SellerPaymentsReleased", "SellerBanRevoked"}
ENDS_VERIFICATION = {"SellerVerificationExpired": "EXPIRED", "SellerVerificationRevoked": "REVOKED"}
ENDS = LIFTS | set(ENDS_VERIFICATION)
HIDES = {"DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED"}
ATTRIBUTES = ("ship_from_country", "cluster", "category_code", "goods_origin_country", "destination_countries")


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


@cache
def day_begins(day: date, zone: str) -> datetime:
    """Return the first instant whose local date in the zone is `day` or later, by bisection."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    before, after = noon - timedelta(days=2), noon + timedelta(days=2)
    while after - before > TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(ZoneInfo(zone)).date() >= day:
            after = middle
        else:
            before = middle
    return after


def latest(event: Event) -> datetime:
    """Return the last possible moment of an event: as stated, or its default (contract 1)."""
    if event.get("timelatest") is not None:
        return instant(event["timelatest"])
    first, precision = instant(event["time"]), event["timeprecision"]
    if precision == "INSTANT" or (precision == "DAY" and event["type"] in LEGAL_EFFECT):
        return first
    local = first.astimezone(ZoneInfo(event["timezone"])).date()
    if precision == "DAY":
        following = local + timedelta(days=1)
    elif precision == "MONTH":
        following = date(local.year + local.month // 12, local.month % 12 + 1, 1)
    else:
        following = date(local.year + 1, 1, 1)
    return day_begins(following, event["timezone"]) - TICK


def when(event: Event, certainty: str) -> datetime:
    """Return from when an event counts."""
    if (certainty == "CERTAIN") == (event["type"] in ENDS):
        return instant(event["time"])
    return latest(event)


def clock(event: Event, basis: str) -> datetime:
    """Return when an event became known."""
    if basis == "SOURCE" and event.get("sourcetime") is not None:
        return instant(event["sourcetime"])
    return instant(event["recordedtime"])


def merged(target: Any, patch: Any) -> Any:  # noqa: ANN401 - any JSON value
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    changes = cast("Mapping[str, Any]", patch)
    result = dict(cast("Mapping[str, Any]", target)) if isinstance(target, Mapping) else dict[str, Any]()
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def corrected(event: Event, change: Mapping[str, Any]) -> Event:
    """Return an event with `EventCorrected.set` applied."""
    after = {**event, **{name: value for name, value in change.items() if name != "data"}}
    if "data" in change:
        after["data"] = merged(event["data"], change["data"])
    return after


class Seen:
    """What a log's events say at (as_of, known_at or size, certainty, basis)."""

    def __init__(
        self,
        entries: Sequence[Event],
        as_of: datetime,
        *,
        size: int | None = None,
        known_at: datetime | None = None,
        certainty: str = "CERTAIN",
        basis: str = "LEDGER",
    ) -> None:
        """Take everything recorded of one log, and the question. `size` counts entries."""
        self.as_of = as_of
        heard = [
            entry
            for entry in entries
            if (size is None or int(entry["sequence"]) < size) and (known_at is None or clock(entry, basis) <= known_at)
        ]
        voided = {entry["data"]["target_event_id"] for entry in heard if entry["type"] == "EventVoided"}
        known = {e["id"]: e for e in heard if e["type"] not in LEDGER_INTERNAL and e["id"] not in voided}
        for entry in heard:
            if entry["type"] == "EventCorrected" and entry["data"]["target_event_id"] in known:
                target = known[entry["data"]["target_event_id"]]
                known[target["id"]] = corrected(target, entry["data"]["set"])
        due = [event for event in known.values() if when(event, certainty) <= as_of]
        due.sort(key=lambda event: (when(event, certainty), int(event["sequence"])))
        self.streams: dict[str, list[Event]] = {}
        for event in due:
            self.streams.setdefault(event["subject"], []).append(event)

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, list[Event]]]:
        """Yield (subject, its known events up to `as_of` in valid order) of these kinds."""
        for subject, events in self.streams.items():
            if subject.partition(":")[0] in kinds:
                yield subject, events

    def restrictions(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return every restriction that has begun, by (subject, id), with `in_force`."""
        return {
            (subject, name): restriction
            for subject, events in self.of_kind("listing", "seller")
            for name, restriction in restrictions_of(events, self.as_of).items()
        }

    def listings(self, country: str | None = None) -> dict[str, dict[str, Any]]:
        """Return every listing, with whether it is visible in `country` (None: anywhere), and what hides it."""
        return {subject: self._listing(subject, events, country) for subject, events in self.of_kind("listing")}

    def _listing(self, subject: str, events: Sequence[Event], country: str | None) -> dict[str, Any]:
        found = listing_of(events)
        restrictions = [r for r in restrictions_of(events, self.as_of).values() if r["in_force"]]
        found["restricted"] = bool(restrictions)
        hidden: list[str] = []
        if found["lifecycle"] != "PUBLISHED":
            hidden.append("NOT_PUBLISHED")
        destinations = found["destination_countries"]
        if country is not None and destinations is not None and country not in destinations:
            hidden.append("NOT_OFFERED_THERE")
        if any(hides(restriction, country) for restriction in restrictions):
            hidden.append("RESTRICTION")
        if found["seller_id"] in self.streams:
            seller = seller_of(self.streams[found["seller_id"]], self.as_of)
            if seller["held"]:
                hidden.append("SELLER_" + seller["status"])
        platform = self.streams.get("platform:" + subject.split(":")[1], [])
        stopped = [
            place for (service, place), down in services_of(platform).items() if service == "MARKETPLACE" and down
        ]
        if country in stopped or (country is None and stopped):
            hidden.append("SERVICE_SUSPENDED")
        return {**found, "visible": not hidden, "hidden_by": hidden}

    def sellers(self) -> dict[str, dict[str, Any]]:
        """Return every seller's status and verification."""
        return {subject: seller_of(events, self.as_of) for subject, events in self.of_kind("seller")}

    def takedown_items(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return every takedown item of which something is known, by (case, number)."""
        return {
            (subject, number): item
            for subject, events in self.of_kind("takedown_case")
            for number, item in items_of(events).items()
        }

    def disputes(self) -> dict[str, dict[str, Any]]:
        """Return every dispute's state and outcome."""
        return {subject: dispute_of(events) for subject, events in self.of_kind("dispute")}


def restrictions_of(events: Sequence[Event], as_of: datetime) -> dict[str, dict[str, Any]]:
    """Return the restrictions of a stream (6.1): an end wins over its beginning, in whatever order they count."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["type"] in IMPOSES:
            data = event["data"]
            found[data["restriction_id"]] = {
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


def listing_of(events: Sequence[Event]) -> dict[str, Any]:
    """Return a listing's lifecycle and attributes (6.2)."""
    found: dict[str, Any] = {"lifecycle": None, "seller_id": None, **dict.fromkeys(ATTRIBUTES)}
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


def services_of(events: Sequence[Event]) -> dict[tuple[str, str], bool]:
    """Return whether each service of a platform is suspended, by (service, country)."""
    return {
        (event["data"]["service"], event["data"]["country"]): event["type"] == "ServiceSuspended"
        for event in events
        if event["type"] in {"ServiceSuspended", "ServiceResumed"}
    }


def seller_of(events: Sequence[Event], as_of: datetime) -> dict[str, Any]:
    """Return a seller's status and verification (6.3), and whether a suspension or ban holds its listings."""
    kinds = {r["kind"] for r in restrictions_of(events, as_of).values() if r["in_force"]}
    closed: datetime | None = None
    lifecycle, platform = None, None
    for event in events:
        if event["type"] == "SellerAccountClosed":
            lifecycle, closed = "CLOSED", instant(event["time"])
        elif event["type"] == "SellerRegistered":
            platform = event["data"].get("platform_id")
            lifecycle = "CLOSED" if closed is not None and instant(event["time"]) <= closed else "REGISTERED"
    status = "CLOSED" if lifecycle == "CLOSED" else next((k for k in ("BANNED", "SUSPENDED") if k in kinds), "ACTIVE")
    return {
        "status": status,
        "held": bool(kinds & {"BANNED", "SUSPENDED"}),
        "platform_id": platform,
        **verification_of(events, as_of),
    }


def verification_of(events: Sequence[Event], as_of: datetime) -> dict[str, Any]:
    """Return which verification counts, and what it is then."""
    found: dict[str, dict[str, Any]] = {}
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
                one.update(status="VERIFIED", entity_class=data.get("entity_class"), valid_to=valid_until(event))
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


def valid_until(event: Event) -> datetime | None:
    """Return the first instant at which a verification holds no longer: a date holds to its end in the event's zone."""
    text = event["data"].get("valid_to")
    if text is None:
        return None
    if "T" in text:
        return instant(text)
    if text == date.max.isoformat():
        return None  # "for ever"
    return day_begins(date.fromisoformat(text) + timedelta(days=1), event["timezone"])


SETS_ITEM = {
    "NoticeReturned": "RETURNED",
    "NoticeRejected": "REJECTED",
    "NoticeWithdrawn": "WITHDRAWN",
    "TakedownActioned": "ACTIONED",
    "TakedownDeclined": "DECLINED",
    "CounterNoticeSubmitted": "COUNTER_NOTICED",
    "CounterNoticeRejected": "COUNTER_REJECTED",
    "CounterNoticeForwarded": "FORWARDED",
    "MeasureMaintained": "MAINTAINED",
    "TakedownReversed": "REVERSED",
}
DOWN = {"ACTIONED", "COUNTER_NOTICED", "COUNTER_REJECTED", "FORWARDED"}
NOTIFIER = ("notifier_party_id", "notifier_size_class", "notifier_tier", "regime")


def items_of(events: Sequence[Event]) -> dict[int, dict[str, Any]]:
    """Return the items of a case (6.4). What the notices say of the case stands for items that none of them names."""
    items: dict[int, dict[str, Any]] = {}
    of_case: dict[str, Any] = {}

    def item(number: int) -> dict[str, Any]:
        return items.setdefault(number, {"state": None, "listing_id": None})

    for event in events:
        kind, data = event["type"], event["data"]
        numbers = data.get("item_nos") or ([data["item_no"]] if "item_no" in data else [])
        match kind:
            case "NoticeSubmitted" | "NoticeReceived":
                said = {name: data[name] for name in NOTIFIER if name in data}
                of_case = {**said, **of_case}
                for named in data.get("items") or ():
                    one = item(named["item_no"])
                    one.update(said, listing_id=named.get("listing_id", one["listing_id"]))
                    opens = (None,) if kind == "NoticeSubmitted" else (None, "SUBMITTED", "RETURNED")
                    if one["state"] in opens:
                        one["state"] = "SUBMITTED" if kind == "NoticeSubmitted" else "RECEIVED"
            case "NoticeSupplemented":
                all_returned = [number for number, one in items.items() if one["state"] == "RETURNED"]
                for number in all_returned if data.get("item_nos") is None else numbers:
                    if item(number)["state"] in (None, "RETURNED"):
                        item(number)["state"] = "RECEIVED"
            case "LegalActionNotified":
                for number in numbers:
                    if item(number)["state"] in DOWN:
                        item(number)["state"] = "MAINTAINED"
            case "TakedownCaseClosed":
                for one in items.values():
                    if one["state"] in {"ACTIONED", "COUNTER_REJECTED"}:
                        one["state"] = "CLOSED"
            case _ if kind in SETS_ITEM:
                for number in numbers:
                    item(number)["state"] = SETS_ITEM[kind]
                    if kind == "TakedownActioned":
                        item(number)["listing_id"] = data.get("listing_id") or item(number)["listing_id"]
            case _:
                pass
    return {number: {**dict.fromkeys(NOTIFIER), **of_case, **one} for number, one in items.items()}


OPENING = [None, "FILED", "REGISTERED", "ADMITTED"]
OPENS_DISPUTE = {"DisputeFiled": "FILED", "DisputeAcknowledged": "REGISTERED", "DisputeNotified": "ADMITTED"}
SETS_DISPUTE = {
    "DisputeResponseSubmitted": "RESPONDED",
    "DisputeRespondentDefaulted": "DEFAULTED",
    "NegotiationStarted": "NEGOTIATION",
    "FacilitationStarted": "FACILITATION",
    "FinalStageStarted": "FINAL",
    "OutcomeObjectionFiled": "OBJECTED",
    "OutcomeUpheld": "OUTCOME",
    "ReferralAccepted": "REFERRED",
}
CONCLUDED = {"OUTCOME", "OBJECTED", "COMPLIED", "NOT_COMPLIED"}


def dispute_of(events: Sequence[Event]) -> dict[str, Any]:
    """Return a dispute's state, outcome and countries (6.5)."""
    state: str | None = None
    outcome: str | None = None
    closed_by: str | None = None
    before_referral: str | None = None
    before_outcome: str | None = None
    countries: dict[str, Any] = {"claimant_country": None, "respondent_country": None}
    for event in events:
        kind, data = event["type"], event["data"]
        match kind:
            case "DisputeFiled" | "DisputeAcknowledged" | "DisputeNotified":
                state = furthest(state, OPENS_DISPUTE[kind])
                if kind == "DisputeFiled":
                    countries = {name: data.get(name) for name in countries}
            case "DisputeAdmissibilityDecided":
                if not data["admissible"]:
                    state, closed_by = "CLOSED", kind
                elif state == "CLOSED" and closed_by == kind:
                    state, closed_by = "ADMITTED", None
                else:
                    state = furthest(state, "ADMITTED")
            case "DisputeReferred":
                before_referral = before_referral if state == "REFERRED" else state
                state = "REFERRED"
            case "ReferralDeclined":
                state = before_referral if state == "REFERRED" else state
            case "DisputeOutcomeRecorded":
                before_outcome = before_outcome if state in CONCLUDED else state
                state, outcome = "OUTCOME", data["outcome"]
            case "OutcomeSetAside":
                if outcome is not None or state in CONCLUDED:
                    state, outcome, closed_by = before_outcome or "FINAL", None, None
            case "OutcomeComplianceRecorded":
                state = "COMPLIED" if data["status"] == "COMPLIED" else "NOT_COMPLIED"
            case "DisputeWithdrawn" | "DisputeClosed":
                state, closed_by = "CLOSED", kind
            case _:
                state = SETS_DISPUTE.get(kind, state)
    return {"state": state, "outcome": outcome, **countries}


def furthest(state: str | None, target: str) -> str | None:
    """Return `target`, unless the dispute is there or further already."""
    return target if state in OPENING[: OPENING.index(target)] else state
