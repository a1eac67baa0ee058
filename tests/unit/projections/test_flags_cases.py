"""Flags of cases, appeals and disputes: raised by one history, not by the same with one thing otherwise."""

import pytest

from tests.unit.projections.flag_histories import Case, Chronicle, Told, check_case, told

T, A, D, O = "takedown_case:shop:T", "appeal:shop:A", "dispute:forum:D", "order:kominfo:1"  # noqa: E741
L, S, P, G = "listing:shop:L", "seller:shop:S", "policy:shop:terms", "agreement:a-b"
M, N, FIRM, OTHER = "membership:aaca:1", "membership:aaca:2", "party:firm", "party:other"
RIGHT, PLATFORM = "ip_right:dgip:TRADEMARK:1", "platform:shop"
REMOVED = {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
JAN_1, JAN_5, JAN_9, JAN_10, JAN_12 = (f"2025-01-{day}T00:00:00Z" for day in ("01", "05", "09", "10", "12"))
ITEMS = [{"item_no": 1, "listing_id": L}]
RECEIVED = told("NoticeReceived", JAN_1, notice_ref="N1", items=ITEMS, regime="CN_ECL")
ACTIONED = told("TakedownActioned", JAN_5, item_no=1, measure="REMOVED", listing_id=L, restriction_id="R1")
BLOCKED = told("ListingBlocked", JAN_5, restriction_id="R1", decided_by="officer:1", **REMOVED)
COUNTERED = told("CounterNoticeSubmitted", JAN_9, item_no=1)
FORWARDED = told("CounterNoticeForwarded", JAN_10, item_no=1, delivered_at=JAN_10)
REVERSED = told("TakedownReversed", JAN_12, item_no=1)
SUED = told("LegalActionNotified", "2025-01-26T00:00:01Z", item_no=1, filed_on="2025-01-26")
CALENDAR = told("CalendarPublished", "2024-12-01T00:00:00Z", year=2025, holidays=[], weekend=[6, 7])
IPP, CN = "takedown_case:alibaba-ipp:T", "calendar:CN"
FILED = told("DisputeFiled", JAN_1, claimant_kind="CONSUMER")
REFERRED = told("DisputeReferred", JAN_10, agreement_id=G)
SIGNED = told(
    "AgreementSigned", JAN_12, kind="MOU", scope=["CROSS_BORDER_DISPUTE_REFERRAL"], in_force_on_signature=True
)
PROPOSED = told("AutomatedAssistanceUsed", JAN_9, purpose="PROPOSAL")
DECIDED = told("DisputeOutcomeRecorded", JAN_10, outcome="SETTLED")
APPEALED = told("AppealFiled", JAN_9, target_event_id="listing-1")
JUDGED = told("AppealDecided", JAN_10, result="UPHELD_DECISION", decided_by="officer:1", human_review=True)
PUT_ASIDE = told(
    "NoticeFoundAbusive", JAN_10, finding="FORGED", notifier_party_id=FIRM, measure="PROCESSING_SUSPENDED_UNTIL"
)
NAMED = {
    "listing": L,
    "case": "takedown_case:shop:T2",
    "agreement": G,
    "calendar": CN,
    "right": RIGHT,
}


def history(subject: str, *events: Told, **others: tuple[Told, ...]) -> Chronicle:
    """Return a history; other streams are named by what they are called above."""
    return Chronicle(subject=subject, events=events, others=tuple((NAMED[name], told) for name, told in others.items()))


CASES: list[Case] = [
    ("NO_BEGINNING", history(D, FILED, told("ReferralAccepted", JAN_9), REFERRED), (D, 2, {"time": JAN_5})),
    (
        "STAGE_SKIPPED",
        history(T, RECEIVED, told("TakedownActioned", JAN_12, item_no=1, measure="REMOVED"), COUNTERED),
        (T, 1, {"time": JAN_5}),
    ),
    (
        "STAGE_SKIPPED",
        history(
            T, told("NoticeReceived", JAN_1), ACTIONED, told("TakedownActioned", JAN_9, item_no=1, measure="REMOVED")
        ),
        (T, 2, {"item_no": 2}),
    ),
    (
        "STAGE_SKIPPED",
        history(
            T,
            told("NoticeReceived", JAN_1, items=ITEMS),
            told("NoticeWithdrawn", "2025-01-13T00:00:00Z", item_nos=[1]),
            told("TakedownCaseClosed", JAN_12),
        ),
        (T, 1, {"time": JAN_9}),
    ),
    (
        "NO_PRIOR_WARNING",
        history(
            T,
            PUT_ASIDE,
            case=(told("NoticeFoundAbusive", JAN_5, finding="FORGED", notifier_party_id=OTHER, measure="WARNING"),),
        ),
        ("takedown_case:shop:T2", 0, {"notifier_party_id": FIRM}),
    ),
    (
        "BASIS_NOT_IN_FORCE",
        history(
            T,
            told("NoticeReceived", JAN_10, ip_right_id=RIGHT),
            right=(told("IpRightRecorded", JAN_1, type="TRADEMARK", expires_on="2025-01-09"),),
        ),
        (RIGHT, 0, {"expires_on": "2025-01-10"}),
    ),
    (
        "UNLINKED_ACTION",
        history(T, ACTIONED, listing=(told("ListingBlocked", JAN_5, restriction_id="R9", **REMOVED),)),
        (L, 0, {"restriction_id": "R1"}),
    ),
    (
        "UNLINKED_ACTION",
        history(T, ACTIONED, REVERSED, listing=(BLOCKED, told("ListingReinstated", JAN_12, restriction_id="R9"))),
        (L, 1, {"restriction_id": "R1"}),
    ),
    (
        "UNACKNOWLEDGED_NOTICE",
        history(
            T, told("NoticeSubmitted", JAN_1, notice_ref="N1"), case=(told("NoticeReceived", JAN_1, notice_ref="N9"),)
        ),
        ("takedown_case:shop:T2", 0, {"notice_ref": "N1"}),
    ),
    (
        "COUNTER_LATE",
        history(
            IPP,
            told("NoticeReceived", "2025-01-06T01:00:00Z", items=ITEMS),
            told("CounterNoticeSubmitted", "2025-01-10T01:00:00Z", item_no=1),
            calendar=(CALENDAR,),
        ),
        (IPP, 1, {"time": "2025-01-09T15:00:00Z"}),
    ),
    (
        "LATE_SUIT_NOTICE",
        history(T, RECEIVED, ACTIONED, COUNTERED, FORWARDED, SUED),
        (T, 4, {"time": "2025-01-25T00:00:00Z"}),
    ),
    ("SAME_REVIEWER", history(A, APPEALED, JUDGED, listing=(BLOCKED,)), (A, 1, {"decided_by": "officer:2"})),
    (
        "AUTOMATED_APPEAL",
        history(A, APPEALED, told("AppealDecided", JAN_10, result="PARTIAL", human_review=False)),
        (A, 1, {"human_review": True}),
    ),
    ("UNREVIEWED_AI_OUTCOME", history(D, FILED, PROPOSED, DECIDED), (D, 1, {"human_reviewed_by": "officer:1"})),
    ("UNREVIEWED_AI_OUTCOME", history(D, FILED, PROPOSED, DECIDED), (D, 1, {"purpose": "TRANSLATION"})),
    ("REFERRAL_WITHOUT_AGREEMENT", history(D, FILED, REFERRED, agreement=(SIGNED,)), (G, 0, {"time": JAN_9})),
    (
        "POSSIBLE_PII_IN_FREE_TEXT",
        history(D, told("DisputeClosed", JAN_5, reason="NIK 3171234567890123 was shown.")),
        (D, 0, {"reason": "Number 317123456789012 was shown."}),
    ),
    (
        "POSSIBLE_PII_IN_FREE_TEXT",
        history(D, told("DisputeClosed", JAN_5, reason="Write to ani@example.co.id.")),
        (D, 0, {"reason": "Write to ani at example.co.id."}),
    ),
    (
        "POSSIBLE_PII_IN_FREE_TEXT",
        history(D, told("DisputeClosed", JAN_5, reason="Call +62 812-3456-7890.")),
        (D, 0, {"reason": "On 2025-01-05 at 08:12:34 UTC, 1234567 rupiah."}),
    ),
    (
        "INSUFFICIENT_SOURCE",
        history(D, told("DisputeClosed", JAN_5, document={"kind": "ADVERTORIAL"})),
        (D, 0, {"document": {"kind": "COURT_RECORD"}}),
    ),
    (
        "INCOMPLETE",
        history(
            L,
            told(
                "PurchasersNotified",
                JAN_12,
                period_from="2024-07-12",
                period_to="2025-01-10",
                count=3,
                channel="EMAIL",
                legal_basis=[{"instrument_id": P}],
            ),
        ),
        (L, 0, {"period_to": "2025-01-11"}),
    ),
    (
        "COUNTER_LATE",
        history(A, told("AppealFiled", "2025-07-06T00:00:00Z", target_event_id="listing-1"), listing=(BLOCKED,)),
        (A, 0, {"time": "2025-07-05T12:00:00Z"}),
    ),
    (
        "INCOMPLETE",
        history(
            D, told("NeutralAppointed", JAN_5, neutral_id="n1", subject_id="subject:n", independence_statement=False)
        ),
        (D, 0, {"independence_statement": True}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}-{next(iter(case[2][2]))}")
def test_a_history_raises_its_flag_and_the_same_with_one_thing_otherwise_does_not(case: Case) -> None:
    check_case(case)
