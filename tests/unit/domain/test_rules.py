"""Each hard rule, by a story that is accepted and one that is refused and differs from it in one member."""

from typing import Any

import pytest

from ledger.domain.rules import plausible_orders
from tests.unit.domain.build import Story

REMOVED = ["DECISION_VISIBILITY_CONTENT_REMOVED"]


def listing(*events: tuple[str, str, str, dict[str, Any]]) -> Story:
    story = Story("listing:lazada-id:L1")
    for event_type, time, name, data in events:
        story.tell(event_type, time, restriction_id=name, **data)
    return story


def blocked(time: str, name: str = "R1", **data: object) -> tuple[str, str, str, dict[str, Any]]:
    return "ListingBlocked", time, name, {"decision_visibility": REMOVED, **data}


def reinstated(time: str, name: str = "R1", **data: object) -> tuple[str, str, str, dict[str, Any]]:
    return "ListingReinstated", time, name, data


def amended(time: str, name: str = "R1", **change: object) -> tuple[str, str, str, dict[str, Any]]:
    return "RestrictionAmended", time, name, {"set": change}


DAY1, DAY2, DAY3, DAY4 = (f"2021-08-0{day}T00:00:00Z" for day in (1, 2, 3, 4))
UNKNOWN = ("unknown-restriction", "/data/restriction_id")
USED = ("invalid-event", "/data/restriction_id")
IMPOSSIBLE = ("timeline-impossible", "/time")


def test_what_is_reinstated_was_blocked_under_that_id() -> None:
    assert listing(blocked(DAY1), reinstated(DAY2)).breach() is None
    assert listing(blocked(DAY1), reinstated(DAY2, "R2")).breach() == (*UNKNOWN, "e2")


def test_what_is_reinstated_was_not_blocked_only_later() -> None:
    assert listing(blocked(DAY2), reinstated(DAY2)).breach() is None
    assert listing(blocked(DAY2), reinstated(DAY1)).breach() == (*IMPOSSIBLE, "e2")


def test_a_restriction_ends_once() -> None:
    assert listing(blocked(DAY1), blocked(DAY1, "R2"), reinstated(DAY2), reinstated(DAY3, "R2")).breach() is None
    assert listing(blocked(DAY1), blocked(DAY1, "R2"), reinstated(DAY2), reinstated(DAY3)).breach() == (*UNKNOWN, "e4")


def test_a_restriction_id_is_used_once_even_after_its_end() -> None:
    assert listing(blocked(DAY1), reinstated(DAY2), blocked(DAY3, "R2")).breach() is None
    assert listing(blocked(DAY1), reinstated(DAY2), blocked(DAY3)).breach() == (*USED, "e3")


def test_what_is_amended_is_in_force() -> None:
    assert listing(blocked(DAY1), amended(DAY2, end_at=DAY4)).breach() is None
    assert listing(amended(DAY2, end_at=DAY4)).breach() == (*UNKNOWN, "e1")
    assert listing(blocked(DAY3), amended(DAY2, end_at=DAY4)).breach() == (*IMPOSSIBLE, "e2")
    assert listing(blocked(DAY1), reinstated(DAY3), amended(DAY2, end_at=DAY4)).breach() is None
    assert listing(blocked(DAY1), reinstated(DAY3), amended(DAY4, end_at=None)).breach() == (*UNKNOWN, "e3")


def test_what_has_expired_is_not_ended() -> None:
    assert listing(blocked(DAY1, end_at=DAY3), reinstated(DAY2)).breach() is None
    assert listing(blocked(DAY1, end_at=DAY3), reinstated(DAY4)).breach() == (*UNKNOWN, "e2")


def test_what_was_prolonged_in_time_is_ended_later() -> None:
    prolonged = listing(blocked(DAY1, end_at=DAY2), amended(DAY1, end_at=None), reinstated(DAY4))
    not_so = listing(blocked(DAY1, end_at=DAY2), amended(DAY1, territorial_scope=["ID"]), reinstated(DAY4))

    assert prolonged.breach() is None
    assert not_so.breach() == (*UNKNOWN, "e3")


def test_imprecise_instants_are_read_in_the_event_s_favour() -> None:
    story = Story("listing:lazada-id:L1")
    story.tell("ListingBlocked", "2021-08-04T12:00:00Z", restriction_id="R1", decision_visibility=REMOVED)
    story.tell("ListingReinstated", "2021-08-04T00:00:00Z", precision="DAY", restriction_id="R1")
    assert story.breach() is None

    precise = Story("listing:lazada-id:L1")
    precise.tell("ListingBlocked", "2021-08-04T12:00:00Z", restriction_id="R1", decision_visibility=REMOVED)
    precise.tell("ListingReinstated", "2021-08-04T00:00:00Z", restriction_id="R1")
    assert precise.breach() == (*IMPOSSIBLE, "e2")


def test_voiding_a_beginning_leaves_its_end_without_one() -> None:
    story = listing(blocked(DAY1), reinstated(DAY2))
    story.void(story.facts[0])

    assert story.breach() == (*UNKNOWN, "e2")


def test_voiding_both_beginning_and_end_frees_the_id() -> None:
    story = listing(blocked(DAY1), reinstated(DAY2))
    story.void(story.facts[1])
    story.void(story.facts[0])
    story.tell("ListingBlocked", DAY4, restriction_id="R1", decision_visibility=REMOVED)

    assert story.breach() is None


def test_a_correction_is_judged_on_the_timeline_it_makes() -> None:
    story = listing(blocked(DAY1), reinstated(DAY3))
    story.correct(story.facts[0], time=DAY2)
    assert story.breach() is None

    story.correct(story.facts[0], time=DAY4)
    assert story.breach() == (*IMPOSSIBLE, "e2")


def test_plausible_orders_keep_the_recorded_one_only_while_it_may_have_been() -> None:
    story = Story("listing:lazada-id:L1")
    story.tell("ListingWithdrawn", "2021-08-01T00:00:00Z", precision="MONTH")
    story.tell("ListingRelisted", "2021-08-05T00:00:00Z")
    orders = [[fact.id for fact in order] for order in plausible_orders(story.facts)]
    assert orders == [["e1", "e2"], ["e2", "e1"], ["e1", "e2"], ["e1", "e2"]]

    late = Story("listing:lazada-id:L1")
    late.tell("ListingWithdrawn", "2021-08-05T00:00:00Z")
    late.tell("ListingRelisted", "2021-08-01T00:00:00Z")
    assert [[fact.id for fact in order] for order in plausible_orders(late.facts)] == [["e2", "e1"]] * 3


SERVICE = ("unknown-reference", "/data/service")


def services(*events: tuple[str, str, str]) -> Story:
    story = Story("platform:tiktok-shop-id")
    for what, time, country in events:
        story.tell(f"Service{what}", time, service="CHECKOUT", country=country)
    return story


@pytest.mark.parametrize(
    ("accepted", "refused", "breach"),
    [
        (
            (("Suspended", DAY1, "ID"), ("Resumed", DAY2, "ID")),
            (("Suspended", DAY1, "ID"), ("Resumed", DAY2, "MY")),
            (*SERVICE, "e2"),
        ),
        (
            (("Suspended", DAY2, "ID"), ("Resumed", DAY2, "ID")),
            (("Suspended", DAY2, "ID"), ("Resumed", DAY1, "ID")),
            (*IMPOSSIBLE, "e2"),
        ),
        (
            (("Suspended", DAY1, "ID"), ("Resumed", DAY2, "ID"), ("Suspended", DAY3, "ID"), ("Resumed", DAY4, "ID")),
            (("Suspended", DAY1, "ID"), ("Resumed", DAY2, "ID"), ("Suspended", DAY3, "MY"), ("Resumed", DAY4, "ID")),
            (*SERVICE, "e4"),
        ),
        (
            (("Suspended", DAY1, "ID"), ("Suspended", DAY2, "ID"), ("Resumed", DAY3, "ID")),
            (("Resumed", DAY1, "ID"), ("Suspended", DAY2, "ID"), ("Resumed", DAY3, "ID")),
            (*IMPOSSIBLE, "e1"),
        ),
    ],
)
def test_a_service_is_resumed_only_while_suspended(
    accepted: tuple[tuple[str, str, str], ...], refused: tuple[tuple[str, str, str], ...], breach: tuple[str, str, str]
) -> None:
    assert services(*accepted).breach() is None
    assert services(*refused).breach() == breach


def test_a_service_resumed_at_the_instant_it_stopped_is_accepted_whichever_was_told_first() -> None:
    assert services(("Resumed", DAY1, "ID"), ("Suspended", DAY1, "ID")).breach() is None


def test_a_late_resumption_between_two_others_is_the_one_to_blame() -> None:
    story = services(("Suspended", DAY1, "ID"), ("Resumed", DAY3, "ID"), ("Resumed", DAY2, "ID"))

    assert story.breach() == (*SERVICE, "e3")


def test_a_platform_is_registered_once() -> None:
    story = Story("platform:lazada-id")
    story.tell("PlatformRegistered", DAY1, slug="lazada-id")
    assert story.breach() is None
    story.tell("PlatformRegistered", DAY2, slug="lazada-id")
    assert story.breach() == ("invalid-event", "/data/slug", "e2")


def test_a_seller_is_registered_once() -> None:
    story = Story("seller:lazada-id:S1")
    story.tell("SellerRegistered", DAY1)
    assert story.breach() is None
    story.tell("SellerRegistered", DAY2)
    assert story.breach() == ("invalid-event", "/type", "e2")


VERIFICATION = "/data/verification_id"


def verification(*events: tuple[str, str, str]) -> Story:
    story = Story("seller:tiktok-shop-id:TT1")
    for event_type, time, name in events:
        story.tell(event_type, time, verification_id=name)
    return story


SUBMITTED, VERIFIED = "SellerVerificationSubmitted", "SellerVerified"
REJECTED, EXPIRED, REVOKED = "SellerVerificationRejected", "SellerVerificationExpired", "SellerVerificationRevoked"


@pytest.mark.parametrize(
    ("accepted", "refused", "breach"),
    [
        (
            ((VERIFIED, DAY1, "V1"), (EXPIRED, DAY2, "V1")),
            ((VERIFIED, DAY1, "V1"), (EXPIRED, DAY2, "V2")),
            ("unknown-reference", VERIFICATION, "e2"),
        ),
        (
            ((VERIFIED, DAY2, "V1"), (EXPIRED, DAY2, "V1")),
            ((VERIFIED, DAY2, "V1"), (EXPIRED, DAY1, "V1")),
            (*IMPOSSIBLE, "e2"),
        ),
        (
            ((VERIFIED, DAY1, "V1"), (VERIFIED, DAY1, "V2"), (EXPIRED, DAY2, "V1"), (REVOKED, DAY3, "V2")),
            ((VERIFIED, DAY1, "V1"), (VERIFIED, DAY1, "V2"), (EXPIRED, DAY2, "V1"), (REVOKED, DAY3, "V1")),
            ("unknown-reference", VERIFICATION, "e4"),
        ),
        (
            ((VERIFIED, DAY1, "V1"), (VERIFIED, DAY2, "V2")),
            ((VERIFIED, DAY1, "V1"), (VERIFIED, DAY2, "V1")),
            ("invalid-event", VERIFICATION, "e2"),
        ),
        (
            ((SUBMITTED, DAY1, "V1"), (SUBMITTED, DAY2, "V2")),
            ((SUBMITTED, DAY1, "V1"), (SUBMITTED, DAY2, "V1")),
            ("invalid-event", VERIFICATION, "e2"),
        ),
        (
            ((SUBMITTED, DAY1, "V1"), (REJECTED, DAY2, "V1")),
            ((SUBMITTED, DAY1, "V1"), (REJECTED, DAY2, "V2")),
            ("unknown-reference", VERIFICATION, "e2"),
        ),
        (
            ((SUBMITTED, DAY2, "V1"), (REJECTED, DAY2, "V1")),
            ((SUBMITTED, DAY2, "V1"), (REJECTED, DAY1, "V1")),
            (*IMPOSSIBLE, "e2"),
        ),
        (
            ((SUBMITTED, DAY1, "V1"), (VERIFIED, DAY2, "V1"), (REVOKED, DAY3, "V1")),
            ((SUBMITTED, DAY1, "V1"), (VERIFIED, DAY4, "V1"), (REVOKED, DAY3, "V1")),
            (*IMPOSSIBLE, "e3"),
        ),
    ],
)
def test_a_verification_begins_once_and_ends_once_after_it_began(
    accepted: tuple[tuple[str, str, str], ...], refused: tuple[tuple[str, str, str], ...], breach: tuple[str, str, str]
) -> None:
    assert verification(*accepted).breach() is None
    assert verification(*refused).breach() == breach


def test_a_verification_may_hold_from_before_its_documents_came() -> None:
    assert verification((SUBMITTED, DAY2, "V1"), (VERIFIED, DAY1, "V1")).breach() is None


def test_a_rejection_does_not_end_a_verification_id() -> None:
    assert verification((SUBMITTED, DAY1, "V1"), (REJECTED, DAY2, "V1"), (REJECTED, DAY3, "V1")).breach() is None


OUTCOME_EXISTS = ("outcome-exists", "/data/outcome")


def dispute(*events: tuple[str, str]) -> Story:
    story = Story("dispute:bpsk:D1")
    data: dict[str, dict[str, Any]] = {
        "DisputeFiled": {"claimant_kind": "CONSUMER"},
        "DisputeOutcomeRecorded": {"outcome": "SETTLED"},
        "OutcomeSetAside": {},
    }
    for event_type, time in events:
        story.tell(event_type, time, **data[event_type])
    return story


FILED, OUTCOME, SET_ASIDE = "DisputeFiled", "DisputeOutcomeRecorded", "OutcomeSetAside"


@pytest.mark.parametrize(
    ("accepted", "refused", "breach"),
    [
        (((FILED, DAY2), (OUTCOME, DAY2)), ((FILED, DAY2), (OUTCOME, DAY1)), (*IMPOSSIBLE, "e2")),
        (((OUTCOME, DAY2), (FILED, DAY2)), ((OUTCOME, DAY2), (FILED, DAY3)), (*IMPOSSIBLE, "e1")),
        (((OUTCOME, DAY1), (FILED, DAY1)), ((OUTCOME, DAY1), (OUTCOME, DAY1)), (*OUTCOME_EXISTS, "e2")),
        (
            ((OUTCOME, DAY1), (SET_ASIDE, DAY2), (OUTCOME, DAY3)),
            ((OUTCOME, DAY1), (SET_ASIDE, DAY4), (OUTCOME, DAY3)),
            (*OUTCOME_EXISTS, "e3"),
        ),
        (
            ((OUTCOME, DAY3), (SET_ASIDE, DAY2), (OUTCOME, DAY1)),
            ((OUTCOME, DAY3), (SET_ASIDE, DAY4), (OUTCOME, DAY1)),
            (*OUTCOME_EXISTS, "e3"),
        ),
    ],
)
def test_one_outcome_is_in_force_at_a_time_and_none_before_the_filing(
    accepted: tuple[tuple[str, str], ...], refused: tuple[tuple[str, str], ...], breach: tuple[str, str, str]
) -> None:
    assert dispute(*accepted).breach() is None
    assert dispute(*refused).breach() == breach


def test_an_outcome_at_the_instant_the_first_was_set_aside_is_accepted() -> None:
    assert dispute((OUTCOME, DAY1), (OUTCOME, DAY2), (SET_ASIDE, DAY2)).breach() is None


def test_a_second_outcome_of_a_day_may_follow_a_set_aside_within_it() -> None:
    story = dispute((OUTCOME, DAY1), (SET_ASIDE, "2021-08-02T12:00:00Z"))
    story.tell(OUTCOME, DAY2, precision="DAY", outcome="DISMISSED")

    assert story.breach() is None


def test_voiding_an_outcome_makes_room_for_another() -> None:
    story = dispute((FILED, DAY1), (OUTCOME, DAY2))
    story.void(story.facts[1])
    story.tell(OUTCOME, DAY3, outcome="DISMISSED")

    assert story.breach() is None


def test_a_set_aside_of_nothing_and_a_repeated_one_are_accepted() -> None:
    assert dispute((SET_ASIDE, DAY1), (SET_ASIDE, DAY2)).breach() is None


def test_takedown_cases_know_no_hard_rule_but_their_shapes() -> None:
    story = Story("takedown_case:x:1")
    story.tell("TakedownReversed", DAY1, item_no=1)
    story.tell("TakedownReversed", DAY1, item_no=1)

    assert story.breach() is None
    assert dict(story.stream.rules) == {}
