"""Flags of sellers and listings: each is raised by one history, and not by the same with one thing otherwise."""

import pytest

from tests.unit.projections.flag_histories import Case, Chronicle, check_case, told

S, L, T, P = "seller:shop:S", "listing:shop:L", "takedown_case:shop:T", "policy:shop:terms"
REMOVED = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
CLOSED = {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
JAN_1, JAN_5, JAN_9, JAN_10, JAN_12 = (f"2025-01-{day}T00:00:00Z" for day in ("01", "05", "09", "10", "12"))
REGISTERED = told("SellerRegistered", JAN_1)
PUBLISHED = told("ListingPublished", JAN_5, seller_id=S, ship_from_country="CN", destination_countries=["ID"])
WARNED = told("SellerWarned", JAN_5, warning_id="W1")
BANNED = told("SellerBanned", JAN_10, restriction_id="R1", decided_by="officer:1", **CLOSED)
BLOCKED = told("ListingBlocked", JAN_10, restriction_id="R1", decided_by="officer:1", case_id=T, **REMOVED)
IMPORTS = {
    "rule_id": "no-imports",
    "version": "1",
    "applies_to": "LISTING",
    "then": "PROHIBIT_VISIBLE",
    "when": {"field": "ship_from_country", "op": "ne", "value": "ID"},
}
SCHEME = {
    "rule_id": "points",
    "version": "1",
    "applies_to": "SELLER",
    "then": "THRESHOLD",
    "when": {"field": "points", "op": "exists", "value": True},
    "params": {"thresholds": [{"points": 12, "sanction": "SUSPENSION"}, {"points": 24, "sanction": "BAN"}]},
}
BASIS = [{"instrument_id": P, "version": "1"}]
SHIPPED_ELSEWHERE = {"ship_from_country": {"from": "CN", "to": "ID"}}


def history(subject: str, *events: object, others: object = ()) -> Chronicle:
    return Chronicle(subject=subject, events=events, others=others)  # type: ignore[arg-type]


def strike(number: int, **data: object) -> object:
    return told(
        "SellerStrikeRecorded", f"2025-01-0{number}T00:00:00Z", strike_no=number, **{"severity": "SERIOUS", **data}
    )


STRUCK = (strike(1), strike(2), strike(3))
CASES: list[Case] = [
    (
        "INCOMPLETE",
        history(S, told("SellerVerificationRejected", verification_id="V")),
        (S, 0, {"reasons": ["Blurred."]}),
    ),
    ("INCOMPLETE", history(P, told("PolicyReviewed", outcome="UNCHANGED")), (P, 0, {"trigger": "PERIODIC"})),
    (
        "NO_BEGINNING",
        history(S, REGISTERED, told("SellerWarned", "2024-12-31T00:00:00Z", warning_id="W")),
        (S, 0, {"time": "2024-12-30T00:00:00Z"}),
    ),
    (
        "NO_BEGINNING",
        history(S, REGISTERED, strike(2), told("SellerStrikeRescinded", JAN_9, strike_no=1)),
        (S, 2, {"strike_no": 2}),
    ),
    (
        "STAGE_SKIPPED",
        history(
            S,
            REGISTERED,
            told("SellerVerificationSubmitted", JAN_5, verification_id="V"),
            told("SellerVerified", JAN_9, verification_id="W"),
        ),
        (S, 2, {"verification_id": "V"}),
    ),
    ("NO_REASONS", history(S, BANNED), (S, 0, {"decision_facts": "Copies were sold again."})),
    (
        "NO_REASONS",
        history(L, BLOCKED, told("StatementOfReasonsIssued", JAN_9, sor_id="SOR1", restriction_id="R2", sent_at=JAN_9)),
        (L, 1, {"restriction_id": "R1"}),
    ),
    (
        "LATE_REASONS",
        history(
            L, BLOCKED, told("StatementOfReasonsIssued", JAN_12, sor_id="SOR1", restriction_id="R1", sent_at=JAN_12)
        ),
        (L, 1, {"time": JAN_10}),
    ),
    ("NO_PRIOR_WARNING", history(S, BANNED, told("SellerWarned", JAN_12, warning_id="W1")), (S, 1, {"time": JAN_9})),
    (
        "BASIS_NOT_IN_FORCE",
        history(
            L,
            told("ListingBlocked", JAN_10, restriction_id="R", legal_basis=BASIS, **REMOVED),
            others=((P, (told("PolicyVersionAdopted", JAN_12, version="1", adopted_on="2025-01-01"),)),),
        ),
        (P, 0, {"time": JAN_9}),
    ),
    (
        "BASIS_NOT_IN_FORCE",
        history(
            L,
            told("ListingBlocked", JAN_10, restriction_id="R", legal_basis=BASIS, **REMOVED),
            others=((P, (told("PolicyVersionAdopted", JAN_9, version="2", adopted_on="2025-01-01"),)),),
        ),
        (P, 0, {"version": "1"}),
    ),
    (
        "POLICY_VIOLATION_AT_PUBLICATION",
        history(L, PUBLISHED, others=((P, (told("PolicyRuleDefined", JAN_1, **IMPORTS),)),)),
        (L, 0, {"ship_from_country": "ID"}),
    ),
    (
        "POLICY_VIOLATION_AT_PUBLICATION",
        history(L, PUBLISHED, others=((P, (told("PolicyRuleDefined", JAN_1, **IMPORTS),)),)),
        (P, 0, {"time": JAN_9}),
    ),
    (
        "PUBLISHED_BY_BANNED_SELLER",
        history(L, told("ListingPublished", JAN_12, seller_id=S), others=((S, (BANNED,)),)),
        (S, 0, {"time": "2025-01-13T00:00:00Z"}),
    ),
    ("BLOCK_BEFORE_PUBLICATION", history(L, BLOCKED, told("ListingPublished", JAN_12)), (L, 1, {"time": JAN_9})),
    (
        "UNLINKED_ACTION",
        history(
            L,
            told("ListingBlocked", JAN_10, restriction_id="R1", case_id=T, **REMOVED),
            others=((T, (told("TakedownActioned", JAN_10, item_no=1, measure="REMOVED", restriction_id="R9"),)),),
        ),
        (T, 0, {"restriction_id": "R1"}),
    ),
    (
        "UNLINKED_ACTION",
        history(L, told("ListingBlocked", JAN_10, restriction_id="R1", **REMOVED)),
        (L, 0, {"source_type": "SOURCE_VOLUNTARY"}),
    ),
    (
        "SAME_REVIEWER",
        history(L, BLOCKED, told("ListingReinstated", JAN_12, restriction_id="R1", decided_by="officer:1")),
        (L, 1, {"decided_by": "officer:2"}),
    ),
    (
        "SAME_REVIEWER",
        history(S, BANNED, told("SellerBanRevoked", JAN_12, restriction_id="R1", reviewer="officer:1")),
        (S, 1, {"reviewer": "officer:2"}),
    ),
    (
        "SANCTION_NOT_APPLIED",
        history(
            S,
            told("SellerPointsAssessed", JAN_5, points=12, scheme_policy_id=P),
            others=((P, (told("PolicyRuleDefined", JAN_1, **SCHEME),)),),
        ),
        (S, 0, {"points": 11}),
    ),
    ("SANCTION_NOT_APPLIED", history(S, *STRUCK), (S, 2, {"severity": "GENERAL"})),
    (
        "LADDER_SKIPPED",
        history(
            S,
            strike(1, severity="GENERAL"),
            strike(2),
            told("SellerBanned", JAN_10, restriction_id="R1", strikes_counted=2, **CLOSED),
        ),
        (S, 0, {"severity": "SERIOUS"}),
    ),
    (
        "UNVERIFIED_VERIFICATION",
        history(S, told("SellerVerified", JAN_10, verification_id="V", verification_method="NONE")),
        (S, 0, {"verification_method": "VIDEO"}),
    ),
    (
        "UNVERIFIED_VERIFICATION",
        history(S, told("SellerVerified", JAN_10, verification_id="V", document_type="NIB", document_country="CN")),
        (S, 0, {"document_country": "ID"}),
    ),
    (
        "UNVERIFIED_VERIFICATION",
        history(
            S,
            told(
                "SellerVerificationSubmitted",
                JAN_5,
                verification_id="V",
                documents=[{"document_type": "NIB", "expires_on": "2025-01-09"}],
            ),
            told("SellerVerified", JAN_10, verification_id="V"),
        ),
        (S, 1, {"time": JAN_9}),
    ),
    (
        "EVASION_SIGNAL",
        history(S, WARNED, told("SellerAccountClosed", "2025-01-20T00:00:00Z", by="SELLER")),
        (S, 1, {"by": "PLATFORM"}),
    ),
    (
        "EVASION_SIGNAL",
        history(S, WARNED, told("SellerAccountClosed", "2025-01-20T00:00:00Z", by="SELLER")),
        (S, 1, {"time": "2025-02-05T00:00:00Z"}),
    ),
    (
        "EVASION_SIGNAL",
        history(
            L,
            told("ListingAttributesChanged", JAN_5, changed=SHIPPED_ELSEWHERE),
            others=((P, (told("PolicyRuleDefined", JAN_10, **IMPORTS),)),),
        ),
        (P, 0, {"time": "2025-01-13T00:00:00Z"}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{next(iter(case[2][2]))}")
def test_a_history_raises_its_flag_and_the_same_with_one_thing_otherwise_does_not(case: Case) -> None:
    check_case(case)
