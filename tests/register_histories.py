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


def evidence(random: Random) -> Json:
    pieces = [{"evidence_id": f"E{number}", "sha256": "0" * 64} for number in random.sample((1, 2, 3), 2)]
    return {} if random.random() < 0.3 else {"evidence": pieces}


def predicate(random: Random) -> Json:
    population = {"log": "log0", "status": "ACTIVE"}
    when = {"field": "ship_from_country", "op": "eq", "value": "ID"}
    return {"predicate_id": f"P{random.randint(1, 9)}", "population": population, "predicate": when} | of(
        reading=("LITERAL", "STRICT"), applies_to=("LISTING",), size_claimed=(None, 10)
    )(random)


def evaluation(random: Random) -> Json:
    counterexamples = random.choice((0, 0, 2))
    verdict = "FALSIFIED" if counterexamples else random.choice(("UNDETERMINED", "NOT_FALSIFIED"))
    counts = {"population_n": 9, "tested_n": 8, "counterexamples_n": counterexamples, "undetermined_n": 1}
    asked_at = {"as_of": random.choice(DATES), "known_at": random.choice(DATES)}
    return {"predicate_id": f"P{random.randint(1, 3)}", "verdict": verdict, "coverage": "0.5", **counts, **asked_at}


def money(random: Random) -> Json:
    return {"amount_minor": random.randint(1, 900), "currency": random.choice(("IDR", "USD"))}


def acted(random: Random) -> Json:
    worth = {"value": money(random)} if random.random() < 0.5 else {}
    return worth | of(authority=(None, *NAMES), suspects=(None, 3))(random)


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
        ("PolicyRepealed", of(replaced_by=(None, "policy:p1:q"))),
        ("PolicyReviewed", of(outcome=("AMEND",))),
        ("EnforcementGraceGranted", of(until=DATES, addressee=(None, "platform:p1"))),
        ("PolicyInterpretationIssued", of(issuer=(None, *NAMES), article=("19",), binding=(None, True))),
    ),
    "agreement": (
        ("AgreementNegotiationOpened", agreed),
        ("AgreementSigned", signed),
        ("AgreementEnteredIntoForce", nothing),
        ("AgreementAmended", of(scope=(None, ["TRAINING"]), countries=(None, ["ID", "MY"]), valid_to=(None, *DATES))),
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
        ("MembershipEnded", of(reason=(None, "LEFT"), ineligible_until=(None, *DATES))),
    ),
    "body": (
        ("BodyAnnounced", of(kind=("ALLIANCE", "COMMITTEE"), name=(None, *NAMES))),
        ("BodyEstablished", of(kind=("ALLIANCE", "COMMITTEE"), name=(None, *NAMES))),
        ("BodyDissolved", nothing),
        ("BodyMandateAdopted", of(objectives=(["trade"],), powers=(None, ["ask"]), cadence=(None, {"per_year": 2}))),
        ("WorkingGroupFormed", of(industry=("TOYS", "AUTO"), name=(None, *NAMES))),
        ("RecommendationAdopted", of(ref=NAMES, addressee=(None, *NAMES), due=(None, *DATES))),
        ("MeetingScheduled", of(meeting=NAMES, start_date=DATES, end_date=DATES)),
        ("MeetingHeld", met),
        ("MeetingHeld", met),
    ),
    "programme": (
        ("ProgrammeAnnounced", of(owner=(None, *NAMES))),
        ("ProgrammeStarted", of(owner=(None, *NAMES))),
        ("ProgrammeActivityHeld", of(kind=("TRAINING",), date=DATES, participants=(None, 3, 40))),
        (
            "ProgrammeMetricReported",
            of(metric=("SELLERS",), value=("5", "7.5"), unit=(None, "N"), reference_time=DATES),
        ),
        ("ProgrammeEnded", nothing),
    ),
    "party": (
        ("PartyRegistered", of(kind=("LEGAL", "AUTHORITY"), country=(None, *COUNTRIES))),
        ("PartyIdentifierAdded", of(scheme=("COMPANY_NO",), value=("12", "34"), valid_to=(None, *DATES))),
        ("PartyClassified", of(size_class=("MICRO", "SMALL", "LARGE"))),
        ("PartiesLinked", of(party_a=("party:a",), party_b=("party:b", "party:c"), relation=("OWNS", "SHARES_ID"))),
        ("PartiesUnlinked", of(party_a=("party:a",), party_b=("party:b", "party:c"))),
        ("PartiesUnlinked", of(party_a=("party:b", "party:c"), party_b=("party:a",), relation=("OWNS", "SHARES_ID"))),
    ),
    "ip_right": (
        ("IpRightRecorded", of(type=("TRADEMARK",), owner_party_id=(None, *PARTIES), expires_on=(None, *DATES))),
        ("IpRightRecorded", of(type=("DESIGN",), territories=(None, ["ID"], ["ID", "MY"]))),
        ("IpRightValidated", of(valid_to=(None, *DATES))),
        ("IpRightValidationRejected", nothing),
        ("IpRightAssigned", of(to_party_id=(None, *PARTIES))),
        ("IpRightLapsed", of(ground=(None, "SURRENDERED"))),
    ),
    "order": (
        ("OrderIssued", of(kind=("TAKEDOWN",), number=("1",), addressee_platform_id=(None, "platform:p1"))),
        ("OrderReceived", nothing),
        ("OrderAcknowledged", nothing),
        ("OrderEffectGiven", of(extent=("FULL", "PARTIAL"), effect_at=DATES)),
        ("OrderRevoked", nothing),
        ("OrderRefused", nothing),
        ("OrderChallenged", of(forum=(None, *NAMES))),
        ("InformationRequested", asked),
        ("InformationRequested", asked),
        ("InformationProvided", lambda r: {"request_event_id": f"e{r.randint(1, 300)}", "extent": "FULL"}),
        ("SanctionImposed", of(step=("WRITTEN_WARNING_1", "ST2", "FINE", 4), ladder=(None, "ID-SAMAN"))),
        ("SanctionLifted", of(step=(None, "FINE", 4))),
    ),
    "investigation": (
        ("InvestigationOpened", of(kind=("ONLINE", "OFFLINE"))),
        ("LeadReferred", of(to_authority=(None, *NAMES), count=(None, 2))),
        ("EnforcementActionReported", acted),
        ("EvidenceSecured", evidence),
        ("TestPurchaseMade", of(listing_id=(None, "listing:p1:l1"), authentic=("NO", "UNKNOWN"))),
        ("FindingRecorded", of(finding=NAMES)),
        ("InvestigationClosed", of(result=NAMES)),
    ),
    "claim": (
        ("ClaimPublished", of(reference_time=("2023",), speaker_party_id=(None, *PARTIES), statement=NAMES)),
        ("ClaimDisputed", of(by=(None, *PARTIES))),
        ("ClaimAmended", of(statement=NAMES, venue=(None, *NAMES))),
        ("ClaimPredicateAttached", predicate),
        ("ClaimEvaluated", evaluation),
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
