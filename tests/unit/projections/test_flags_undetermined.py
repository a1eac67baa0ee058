"""Flags that cannot be told: imprecise instants, and what is not known; and those that only look so (D11)."""

from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, moment
from tests.unit.projections.flag_histories import AS_OF, Chronicle, at, brief, flags_ever, flags_in, told

LATER = at("2031-01-01T00:00:00Z")
S, L, D, P = "seller:shop:S", "listing:shop:L", "dispute:forum:D", "policy:shop:terms"
BANNED: dict[str, Any] = {"restriction_id": "R1", "decision_account": "DECISION_ACCOUNT_TERMINATED"}
BLOCKED: dict[str, Any] = {
    "restriction_id": "R1",
    "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
}
BASIS = [{"instrument_id": P, "version": "1"}]
RULE: dict[str, Any] = {
    "rule_id": "r1",
    "version": "1",
    "applies_to": "LISTING",
    "then": "PROHIBIT_VISIBLE",
    "when": {"field": "ship_from_country", "op": "ne", "value": "ID"},
}


def test_a_day_that_may_be_late_or_not_is_undetermined() -> None:
    story = Story(S)
    day = story.tell("SellerBanned", "2029-01-10T00:00:00Z", precision="DAY", **BANNED)
    for recorded, statuses in {
        "2029-01-11T00:00:00Z": [],
        "2029-01-11T10:00:00Z": [("UNDETERMINED", "e1")],
        "2029-01-12T00:00:00Z": [("OPEN", "e1")],
    }.items():
        fact = msgspec.structs.replace(day, recordedtime=moment(recorded))
        assert brief(flags_ever([fact], "LATE_APPEND", LATER)) == statuses


@pytest.mark.parametrize(
    ("referred", "status"),
    [("2025-07-31T23:59:59Z", "OPEN"), ("2025-08-10T00:00:00Z", "UNDETERMINED"), ("2025-09-01T00:00:00Z", None)],
)
def test_a_referral_inside_the_month_in_which_the_agreement_was_signed_is_undetermined(
    referred: str, status: str | None
) -> None:
    signed = told(
        "AgreementSigned",
        "2025-08-01T00:00:00Z",
        precision="MONTH",
        kind="MOU",
        scope=["CROSS_BORDER_DISPUTE_REFERRAL"],
        in_force_on_signature=True,
    )
    chronicle = Chronicle(
        subject=D,
        events=(told("DisputeReferred", referred, agreement_id="agreement:a-b"),),
        others=(("agreement:a-b", (signed,)),),
    )
    found = flags_in(chronicle, "REFERRAL_WITHOUT_AGREEMENT")
    assert [(flag.status, flag.determined) for flag in found] == (
        [] if status is None else [(status, status == "OPEN")]
    )


def test_of_a_policy_that_is_not_known_nothing_is_certain() -> None:
    block = told("ListingBlocked", legal_basis=BASIS, **BLOCKED)
    assert brief(flags_in(Chronicle(subject=L, events=(block,)), "BASIS_NOT_IN_FORCE")) == [
        ("UNDETERMINED", "listing-1")
    ]


def test_a_policy_that_is_only_spoken_of_is_not_known() -> None:
    block = told("ListingBlocked", legal_basis=BASIS, **BLOCKED)
    for event, status in (
        (told("PolicyReviewed", "2025-01-01T00:00:00Z", outcome="UNCHANGED"), "UNDETERMINED"),
        (told("PolicyAnnounced", "2025-01-01T00:00:00Z", kind="LAW"), "OPEN"),
    ):
        chronicle = Chronicle(subject=L, events=(block,), others=((P, (event,)),))
        assert [flag.status for flag in flags_in(chronicle, "BASIS_NOT_IN_FORCE")] == [status]


def test_points_of_a_scheme_that_is_not_known_are_undetermined_at_the_usual_thresholds() -> None:
    for points, statuses in {11: [], 12: ["UNDETERMINED"]}.items():
        chronicle = Chronicle(subject=S, events=(told("SellerPointsAssessed", points=points, scheme_policy_id=P),))
        assert [flag.status for flag in flags_in(chronicle, "SANCTION_NOT_APPLIED")] == statuses


@pytest.mark.parametrize(
    ("published", "statuses"),
    [("2025-01-09T23:00:00Z", []), ("2025-01-10T12:00:00Z", ["UNDETERMINED"]), ("2025-01-11T00:00:00Z", ["OPEN"])],
)
def test_a_listing_published_on_the_day_of_its_sellers_ban_is_undetermined(published: str, statuses: list[str]) -> None:
    ban = told("SellerBanned", "2025-01-10T00:00:00Z", precision="DAY", **BANNED)
    chronicle = Chronicle(subject=L, events=(told("ListingPublished", published, seller_id=S),), others=((S, (ban,)),))
    assert [flag.status for flag in flags_in(chronicle, "PUBLISHED_BY_BANNED_SELLER")] == statuses


def test_a_notice_of_some_day_may_not_have_been_answered_in_time() -> None:
    sent = told("NoticeSubmitted", "2025-01-10T00:00:00Z", precision="DAY", notice_ref="N1")
    received = told("NoticeReceived", "2025-01-11T12:00:00Z", notice_ref="N1")
    case = Chronicle(
        subject="takedown_case:holder:N1", events=(sent,), others=(("takedown_case:shop:N1", (received,)),)
    )
    found = flags_in(case, "UNACKNOWLEDGED_NOTICE")
    assert [(flag.determined, flag.resolved_by) for flag in found] == [(False, "takedown_case-1")]
    unanswered = msgspec.structs.replace(case, others=())
    assert [flag.status for flag in flags_in(unanswered, "UNACKNOWLEDGED_NOTICE", "2025-01-11T12:00:00Z")] == [
        "UNDETERMINED"
    ]
    assert [flag.status for flag in flags_in(unanswered, "UNACKNOWLEDGED_NOTICE", AS_OF)] == ["OPEN"]


def test_a_missing_ship_from_country_leaves_open_whether_the_policy_was_broken() -> None:
    chronicle = Chronicle(
        subject=L,
        events=(told("ListingPublished", destination_countries=["ID"]),),
        others=((P, (told("PolicyRuleDefined", "2025-01-01T00:00:00Z", **RULE),)),),
    )
    assert brief(flags_in(chronicle, "POLICY_VIOLATION_AT_PUBLICATION")) == [("UNDETERMINED", "listing-1")]


def test_a_listing_that_is_live_again_after_the_rules_repeal_breaks_nothing_then() -> None:
    chronicle = Chronicle(
        subject=L,
        events=(
            told("ListingPublished", ship_from_country="CN", destination_countries=["ID"]),
            told("ListingWithdrawn", "2025-01-12T00:00:00Z"),
            told("ListingRelisted", "2025-02-12T00:00:00Z"),
        ),
        others=(
            (
                P,
                (
                    told("PolicyRuleDefined", "2025-01-01T00:00:00Z", **RULE),
                    told("PolicyRepealed", "2025-02-01T00:00:00Z"),
                ),
            ),
        ),
    )
    assert brief(flags_in(chronicle, "POLICY_VIOLATION_AT_PUBLICATION")) == [("OPEN", "listing-1")]


def test_the_threshold_of_another_tier_says_nothing_of_a_change() -> None:
    rule = {**RULE, "applies_to": "CASE", "then": "THRESHOLD", "params": {"tier": "TRUSTED_FLAGGER"}}
    member = Chronicle(
        subject="membership:aaca:1",
        events=(told("MembershipTierChanged", **{"from": "MEMBER", "to": "GOOD_FAITH"}),),
        others=((P, (told("PolicyRuleDefined", "2025-01-01T00:00:00Z", **rule),)),),
    )
    assert flags_in(member, "TIER_RULE_MISMATCH") == []
