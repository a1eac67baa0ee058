"""Flags of orders, policies, members, parties, platforms: raised by one history, not by a slightly different one."""

import pytest

from tests.unit.projections.flag_histories import Case, Chronicle, Told, check_case, told

T, A, D, O = "takedown_case:shop:T", "appeal:shop:A", "dispute:forum:D", "order:kominfo:1"  # noqa: E741
L, S, P, G = "listing:shop:L", "seller:shop:S", "policy:shop:terms", "agreement:a-b"
M, N, FIRM, OTHER = "membership:aaca:1", "membership:aaca:2", "party:firm", "party:other"
RIGHT, PLATFORM = "ip_right:dgip:TRADEMARK:1", "platform:shop"
REMOVED = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
JAN_1, JAN_5, JAN_9, JAN_10, JAN_12 = (f"2025-01-{day}T00:00:00Z" for day in ("01", "05", "09", "10", "12"))
BLOCKED = told("ListingBlocked", JAN_5, restriction_id="R1", decided_by="officer:1", **REMOVED)
FILED = told("DisputeFiled", JAN_1, claimant_kind="CONSUMER")
WARNING_1 = told("SanctionImposed", JAN_5, step="WRITTEN_WARNING_1", ladder="ID-MoTR-31")
WARNING_3 = told("SanctionImposed", JAN_10, step="WRITTEN_WARNING_3", ladder="ID-MoTR-31")
ISSUED = told("OrderIssued", JAN_1, kind="TAKEDOWN", number="1", targets=[{"listing_id": L}])
EFFECT = told("OrderEffectGiven", JAN_5, extent="FULL", effect_at="2025-01-05", restriction_ids=["R2"])
ADMITTED = told("MembershipAdmitted", JAN_10, body_id="body:aaca", party_id=FIRM)
EXPELLED = told("MembershipEnded", JAN_5, reason="EXPELLED", ineligible_until="2025-01-10")
PROMOTED = told(
    "MembershipTierChanged",
    JAN_10,
    metrics={"takedown_rate": "0.91", "counter_rate": "0.06"},
    **{"from": "MEMBER", "to": "GOOD_FAITH"},
)
GOOD_FAITH = {
    "rule_id": "good-faith",
    "version": "1",
    "applies_to": "CASE",
    "then": "THRESHOLD",
    "params": {"tier": "GOOD_FAITH"},
    "when": {
        "all": [
            {"field": "takedown_rate", "op": "gte", "value": "0.90"},
            {"field": "counter_rate", "op": "lte", "value": "0.05"},
        ]
    },
}
NIB = told("PartyIdentifierAdded", JAN_5, scheme="NIB", value="1234567890123")
CLOSED = told(
    "SubmissionPeriodClosed", JAN_12, period_start="2025-01-01", period_end="2025-01-10", totals={"DisputeFiled": 2}
)
BODY = "body:aaca"
NAMED = {
    "listing": L,
    "policy": P,
    "other": N,
    "party": OTHER,
    "dispute": D,
    "programme": "programme:akar",
}


def history(subject: str, *events: Told, **others: tuple[Told, ...]) -> Chronicle:
    """Return a history; other streams are named by what they are called above."""
    return Chronicle(subject=subject, events=events, others=tuple((NAMED[name], told) for name, told in others.items()))


CASES: list[Case] = [
    (
        "STAGE_SKIPPED",
        history(BODY, told("BodyEstablished", JAN_12, kind="ALLIANCE"), told("MeetingHeld", JAN_10, meeting_no=1)),
        (BODY, 0, {"time": JAN_9}),
    ),
    ("UNLINKED_ACTION", history(O, ISSUED, EFFECT, listing=(BLOCKED,)), (O, 1, {"restriction_ids": ["R1"]})),
    (
        "UNLINKED_ACTION",
        history(
            O,
            ISSUED,
            told("OrderEffectGiven", JAN_5, extent="FULL", effect_at="2025-01-05", restriction_ids=["R1"]),
            told("OrderRevoked", JAN_12),
            listing=(BLOCKED, told("ListingReinstated", JAN_12, restriction_id="R9")),
        ),
        (L, 1, {"restriction_id": "R1"}),
    ),
    ("UNACKNOWLEDGED_NOTICE", history(O, ISSUED), (O, 0, {"time": "2029-12-30T12:00:00Z"})),
    ("LADDER_SKIPPED", history(O, WARNING_1, WARNING_3), (O, 1, {"step": "WRITTEN_WARNING_2"})),
    (
        "RETROACTIVE_RULE",
        history(P, told("PolicyVersionAdopted", JAN_9, version="1", adopted_on="2025-01-10")),
        (P, 0, {"adopted_on": "2025-01-09"}),
    ),
    (
        "TIER_RULE_MISMATCH",
        history(M, ADMITTED, PROMOTED, policy=(told("PolicyRuleDefined", JAN_1, **GOOD_FAITH),)),
        (M, 1, {"metrics": {"takedown_rate": "0.91", "counter_rate": "0.05"}}),
    ),
    ("INELIGIBLE_PERIOD", history(M, EXPELLED, ADMITTED), (M, 1, {"time": "2025-01-11T00:00:00Z"})),
    (
        "INELIGIBLE_PERIOD",
        history(M, ADMITTED, other=(told("MembershipAdmitted", JAN_5, body_id="body:aaca", party_id=FIRM),)),
        (N, 0, {"party_id": OTHER}),
    ),
    ("IDENTIFIER_COLLISION", history(FIRM, NIB, party=(NIB,)), (OTHER, 0, {"value": "1234567890124"})),
    (
        "IDENTIFIER_COLLISION",
        history(
            M, told("BrandAssociated", JAN_5, brand_id="b1"), other=(told("BrandAssociated", JAN_9, brand_id="b1"),)
        ),
        (N, 0, {"brand_id": "b2"}),
    ),
    (
        "CONTROL_TOTAL_MISMATCH",
        history(PLATFORM, CLOSED, dispute=(FILED,)),
        (PLATFORM, 0, {"totals": {"DisputeFiled": 1}}),
    ),
    (
        "NATIVE_SEQ_GAP",
        history(
            PLATFORM,
            told(
                "SubmissionPeriodClosed",
                JAN_12,
                period_start="2025-01-01",
                period_end="2025-01-10",
                first_native_seq=1,
                last_native_seq=2,
            ),
        ),
        (PLATFORM, 0, {"last_native_seq": 0}),
    ),
    (
        "INSUFFICIENT_SOURCE",
        history(FIRM, told("PartiesLinked", JAN_5, party_a=FIRM, party_b=OTHER, relation="OWNS", confidence="0.4")),
        (FIRM, 0, {"confidence": "0.5"}),
    ),
    (
        "INCOMPLETE",
        history(
            "claim:shop:C",
            told("ClaimPublished", JAN_5, reference_time="2025", speaker_party_id=FIRM, attribution="HEADLINE"),
        ),
        ("claim:shop:C", 0, {"predicate_id": "p1"}),
    ),
    (
        "NO_BEGINNING",
        history(
            S,
            told("SellerRegistered", JAN_1),
            told("SellerOnboarded", JAN_9, programme_id="programme:akar"),
            programme=(told("ProgrammeStarted", JAN_10),),
        ),
        ("programme:akar", 0, {"time": JAN_9}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{next(iter(case[2][2]))}")
def test_a_history_raises_its_flag_and_the_same_with_one_thing_otherwise_does_not(case: Case) -> None:
    check_case(case)
