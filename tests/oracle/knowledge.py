"""What is known of a log at a moment, and from when it counts: `domain.md` 2.3, with the defaults of contract 1."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

Event = Mapping[str, Any]
Data = Mapping[str, Any]
Item = dict[str, Any]
TICK = timedelta(microseconds=1)

CORRECTING = {"EventCorrected", "EventVoided"}
LEDGER_INTERNAL = {"ClaimPredicateAttached", "ClaimEvaluated"}
"""Of class T5: they count from when they were known. Those of streams that no view reads are left out."""
LEGAL_EFFECT = {
    *("PlatformRegistered", "PlatformLicenceRecorded", "PlatformRepresentativeAppointed"),
    *("ServiceFeatureStatusDeclared", "SellerVerified", "SellerVerificationExpired", "SellerVerificationRevoked"),
    *("PartyRegistered", "PartyIdentifierAdded", "PartyClassified", "PartiesLinked", "PartiesUnlinked"),
    *("IpRightRecorded", "IpRightValidated", "IpRightValidationRejected", "IpRightAssigned", "IpRightLapsed"),
    *("MembershipApplied", "MembershipAdmitted", "MembershipTierChanged", "BrandAssociated", "BrandDissociated"),
    *("MembershipSuspended", "MembershipReinstated", "MembershipEnded"),
    *("BodyAnnounced", "BodyEstablished", "BodyMandateAdopted", "WorkingGroupFormed", "BodyDissolved"),
    *("MeetingScheduled", "ProgrammeStarted", "ProgrammeEnded"),
    *("PolicyVersionAdopted", "PolicyRuleDefined", "PolicySuspended", "PolicyResumed", "PolicyRepealed"),
    *("PolicyInterpretationIssued", "EnforcementGraceGranted"),
    *("AgreementNegotiationOpened", "AgreementSigned", "AgreementEnteredIntoForce", "AgreementAmended"),
    *("AgreementSuspended", "AgreementTerminated", "SanctionImposed", "SanctionLifted"),
}
"""Of class T2: a DAY is certain from its beginning."""
ENDS = {
    *("ListingReinstated", "SellerSuspensionLifted", "SellerPaymentsReleased", "SellerBanRevoked"),
    *("SellerVerificationExpired", "SellerVerificationRevoked", "MembershipEnded", "AgreementTerminated"),
}
DATE_LENGTH = 10
KNOWN_OF_DATE = {"INSTANT": 10, "DAY": 10, "MONTH": 7, "YEAR": 4}


@cache
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


def when(event: Event, certainty: str, basis: str) -> datetime:
    """Return from when an event counts."""
    if event["type"] in LEDGER_INTERNAL:
        return clock(event, basis)
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


def told_until(
    entries: Sequence[Event],
    as_of: datetime,
    *,
    size: int | None,
    known_at: datetime | None,
    certainty: str,
    basis: str,
) -> list[Event]:
    """Return the events that count at `as_of`, as known, in valid order. `size` counts entries."""
    heard = [
        entry
        for entry in entries
        if (size is None or int(entry["sequence"]) < size) and (known_at is None or clock(entry, basis) <= known_at)
    ]
    voided = {entry["data"]["target_event_id"] for entry in heard if entry["type"] == "EventVoided"}
    known = {e["id"]: e for e in heard if e["type"] not in CORRECTING and e["id"] not in voided}
    for entry in heard:
        if entry["type"] == "EventCorrected" and entry["data"]["target_event_id"] in known:
            target = known[entry["data"]["target_event_id"]]
            known[target["id"]] = corrected(target, entry["data"]["set"])
    due = [event for event in known.values() if when(event, certainty, basis) <= as_of]
    return sorted(due, key=lambda event: (when(event, certainty, basis), int(event["sequence"])))


def begins(event: Event) -> datetime:
    """Return the earliest moment at which an event may have taken effect: what an item says of it."""
    return instant(event["time"])


def written(moment: datetime | None) -> str | None:
    """Write an instant as every answer does: in UTC, with six digits."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local_date(event: Event) -> str:
    """Return the local date of an event, as far as it is known."""
    day = begins(event).astimezone(ZoneInfo(event["timezone"])).date()
    return day.isoformat()[: KNOWN_OF_DATE[event["timeprecision"]]]


def over_from(text: str | None, event: Event) -> datetime | None:
    """Return the first instant at which a stated date or instant has passed; None where it never does."""
    if text is None or text == date.max.isoformat():
        return None
    if len(text) > DATE_LENGTH:
        return instant(text)
    return day_begins(date.fromisoformat(text) + timedelta(days=1), event["timezone"])


def here_from(text: str | None, event: Event) -> datetime | None:
    """Return the first instant of a stated date, or the instant that is stated."""
    if text is None:
        return None
    return instant(text) if len(text) > DATE_LENGTH else day_begins(date.fromisoformat(text), event["timezone"])


def reached(moment: datetime | None, as_of: datetime) -> bool:
    """Tell whether an instant has come; none never does."""
    return moment is not None and moment <= as_of


def picked(data: Data, *names: str) -> Item:
    """Return these members, null where they are not given."""
    return {name: data.get(name) for name in names}


def given(data: Data, *names: str) -> Item:
    """Return those of these members that are given."""
    return {name: data[name] for name in names if data.get(name) is not None}
