"""What is told of the registers' streams: appeals, policies, agreements, members, bodies, orders, claims and others.

One part of `tests/histories.py`, in makers of the same kind.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

Json = dict[str, Any]
Maker = Callable[[Random], Json]

COUNTRIES = ("ID", "MY", "KR")
PARTIES = ("party:a", "party:b", "party:c")
NAMES = ("one", "two", "three")
DATES = ("2024-01-20", "2024-02-10", "2024-02-29", "2024-04-01", "2025-01-01")
RULE: Json = {"applies_to": "LISTING", "when": {"field": "cluster", "op": "exists"}, "then": "PROHIBIT_VISIBLE"}


def nothing(_: Random) -> Json:
    return {}


def of(**choices: Sequence[object]) -> Maker:
    """Return what makes an event's data: of each member one of the values, left out where that is None."""

    def make(random: Random) -> Json:
        picked = {name: random.choice(values) for name, values in choices.items()}
        return {name: value for name, value in picked.items() if value is not None}

    return make


def policy_version(random: Random) -> Json:
    return {"version": f"{random.randint(1, 99)}", "adopted_on": random.choice(DATES)} | of(
        enforcement_from=(None, *DATES), grace_until=(None, *DATES)
    )(random)


def policy_rule(random: Random) -> Json:
    return {"rule_id": f"r{random.randint(1, 3)}", "version": f"{random.randint(1, 99)}", **RULE}


def agreed(random: Random) -> Json:
    return {"kind": random.choice(("MOU", "PLEDGE")), "parties": random.sample(PARTIES, 2)} | of(
        countries=(None, ["ID"], ["ID", "KR"])
    )(random)


def signed(random: Random) -> Json:
    return agreed(random) | of(in_force_on_signature=(None, True, False), valid_to=(None, *DATES))(random)


def met(random: Random) -> Json:
    return {"meeting_no": random.randint(1, 5)} | of(
        meeting=(None, *NAMES),
        mode=(None, "VIDEO", "HYBRID"),
        industries=(None, ["TOYS"], ["TOYS", "AUTO"]),
        attendee_party_ids=(None, ["party:a"], ["party:b", "party:c"]),
    )(random)


def asked(random: Random) -> Json:
    return {"due": random.choice(DATES)} | of(addressee=(None, "platform:p1"))(random)


REGISTER_MAKERS: Mapping[str, Sequence[tuple[str, Maker]]] = {
    "appeal": (
        ("AppealFiled", lambda r: {"target_event_id": f"e{r.randint(1, 9)}"}),
        ("AppealDecided", of(result=("OVERTURNED", "PARTIAL"))),
        ("AppealWithdrawn", nothing),
    ),
    "policy": (
        ("PolicyAnnounced", of(kind=("LAW", "PLATFORM_TERMS"))),
        ("PolicyVersionAdopted", policy_version),
        ("PolicyRuleDefined", policy_rule),
        ("PolicySuspended", nothing),
        ("PolicyResumed", nothing),
        ("PolicyRepealed", nothing),
        ("PolicyReviewed", of(outcome=("AMEND",))),
        ("EnforcementGraceGranted", of(until=DATES, addressee=(None, "platform:p1"))),
    ),
    "agreement": (
        ("AgreementNegotiationOpened", agreed),
        ("AgreementSigned", signed),
        ("AgreementEnteredIntoForce", nothing),
        ("AgreementSuspended", nothing),
        ("AgreementTerminated", nothing),
        ("CooperationActivityHeld", of(kind=("STUDY_VISIT",))),
    ),
    "membership": (
        ("MembershipApplied", of(party_id=(None, *PARTIES))),
        ("MembershipAdmitted", of(body_id=(None, "body:b1"), party_id=(None, *PARTIES), tier=(None, "MEMBER"))),
        ("MembershipTierChanged", of(to=(None, "GOOD_FAITH", "MEMBER"))),
        ("BrandAssociated", of(brand_id=NAMES)),
        ("BrandDissociated", of(brand_id=NAMES)),
        ("MembershipSuspended", nothing),
        ("MembershipReinstated", nothing),
        ("MembershipEnded", of(reason=(None, "LEFT"))),
    ),
    "body": (
        ("BodyAnnounced", of(kind=("ALLIANCE", "COMMITTEE"), name=(None, *NAMES))),
        ("BodyEstablished", of(kind=("ALLIANCE", "COMMITTEE"), name=(None, *NAMES))),
        ("BodyDissolved", nothing),
        ("MeetingScheduled", of(meeting=NAMES, start_date=DATES, end_date=DATES)),
        ("MeetingHeld", met),
        ("MeetingHeld", met),
    ),
    "programme": (
        ("ProgrammeAnnounced", of(owner=(None, *NAMES))),
        ("ProgrammeStarted", of(owner=(None, *NAMES))),
        ("ProgrammeActivityHeld", of(kind=("TRAINING",), date=DATES, participants=(None, 3, 40))),
        ("ProgrammeEnded", nothing),
    ),
    "party": (
        ("PartyRegistered", of(kind=("LEGAL", "AUTHORITY"), country=(None, *COUNTRIES))),
        ("PartyIdentifierAdded", of(scheme=("COMPANY_NO",), value=("12", "34"))),
        ("PartyClassified", of(size_class=("MICRO", "SMALL", "LARGE"))),
        ("PartiesLinked", of(party_a=("party:a",), party_b=("party:b", "party:c"), relation=("OWNS", "SHARES_ID"))),
        ("PartiesUnlinked", of(party_a=("party:a",), party_b=("party:b", "party:c"))),
    ),
    "ip_right": (
        ("IpRightRecorded", of(type=("TRADEMARK",), owner_party_id=(None, *PARTIES), expires_on=(None, *DATES))),
        ("IpRightRecorded", of(type=("DESIGN",), territories=(None, ["ID"], ["ID", "MY"]))),
        ("IpRightValidated", of(valid_to=(None, *DATES))),
        ("IpRightValidationRejected", nothing),
        ("IpRightAssigned", of(to_party_id=(None, *PARTIES))),
        ("IpRightLapsed", nothing),
    ),
    "order": (
        ("OrderIssued", of(kind=("TAKEDOWN",), number=("1",), addressee_platform_id=(None, "platform:p1"))),
        ("OrderReceived", nothing),
        ("OrderEffectGiven", of(extent=("FULL", "PARTIAL"), effect_at=DATES)),
        ("OrderRevoked", nothing),
        ("InformationRequested", asked),
        ("InformationRequested", asked),
        ("InformationProvided", lambda r: {"request_event_id": f"e{r.randint(1, 300)}", "extent": "FULL"}),
        ("SanctionImposed", of(step=("WRITTEN_WARNING_1", "FINE"))),
        ("SanctionLifted", nothing),
    ),
    "investigation": (
        ("InvestigationOpened", of(kind=("ONLINE", "OFFLINE"))),
        ("LeadReferred", of(to_authority=(None, *NAMES), count=(None, 2))),
        ("EnforcementActionReported", of(authority=(None, *NAMES), suspects=(None, 3))),
        ("FindingRecorded", of(finding=NAMES)),
        ("InvestigationClosed", of(result=NAMES)),
    ),
    "claim": (
        ("ClaimPublished", of(reference_time=("2023",), speaker_party_id=(None, *PARTIES), statement=NAMES)),
        ("ClaimDisputed", of(by=(None, *PARTIES))),
        ("ClaimAmended", of(statement=NAMES)),
        ("ClaimWithdrawn", nothing),
    ),
}
REGISTER_KINDS = tuple(REGISTER_MAKERS)
REGISTER_NATIVE = {
    "appeal": ("p1:a",),
    "policy": ("p1:p",),
    "agreement": ("a-",),
    "membership": ("b1:",),
    "body": ("b",),
    "programme": ("g",),
    "party": ("y",),
    "ip_right": ("o1:TRADEMARK:",),
    "order": ("k1:",),
    "investigation": ("p1:i",),
    "claim": ("p1:c",),
}
