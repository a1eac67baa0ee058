from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from ledger.domain.payload import PersonalPayload
from tests.unit.domain.build import Story, moment, payload

SELLER = "seller:tiktok-shop-id:TT0001"
TERMINATED: dict[str, Any] = {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
SUSPENDED: dict[str, Any] = {"decision_account": "DECISION_ACCOUNT_SUSPENDED"}
VERIFIED: dict[str, Any] = {
    "entity_class": "MICRO_ENTREPRENEUR",
    "document_type": "KTP",
    "document_country": "ID",
    "verification_method": "DOCUMENT_UPLOAD",
}


def registered() -> Story:
    story = Story(SELLER, "Asia/Jakarta")
    story.tell("SellerRegistered", "2023-01-01T00:00:00Z", country="ID", platform_id="platform:tiktok-shop-id")
    return story


def over_days(story: Story, name: str, certainty: Certainty = "CERTAIN") -> list[Any]:
    return [story.described(f"2023-01-0{day}T12:00:00Z", certainty).get(name) for day in range(1, 7)]


def test_a_registered_seller_is_active_and_unverified() -> None:
    assert registered().described() == {
        "id": SELLER,
        "version": 1,
        "lifecycle": "REGISTERED",
        "platform_id": "platform:tiktok-shop-id",
        "country": "ID",
        "registered_at": "2023-01-01T00:00:00.000000Z",
        "status": "ACTIVE",
        "verification": "UNVERIFIED",
        "warnings": 0,
        "points": 0,
        "strikes": 0,
        "serious_strikes": 0,
        "verifications": [],
        "restrictions": [],
    }


def test_closed_wins_over_banned_over_suspended() -> None:
    story = registered()
    story.tell("SellerSuspended", "2023-01-02T00:00:00Z", restriction_id="K1", **SUSPENDED)
    story.tell("SellerBanned", "2023-01-03T00:00:00Z", restriction_id="B1", **TERMINATED)
    story.tell("SellerAccountClosed", "2023-01-04T00:00:00Z", by="PLATFORM")

    assert over_days(story, "status") == ["ACTIVE", "SUSPENDED", "BANNED", "CLOSED", "CLOSED", "CLOSED"]
    assert [one["in_force"] for one in story.described()["restrictions"]] == [True, True]


def test_a_ban_revoked_leaves_the_suspension_and_a_suspension_lifted_leaves_nothing() -> None:
    story = registered()
    story.tell("SellerSuspended", "2023-01-02T00:00:00Z", restriction_id="K1", **SUSPENDED)
    story.tell("SellerBanned", "2023-01-03T00:00:00Z", restriction_id="B1", **TERMINATED)
    story.tell("SellerBanRevoked", "2023-01-04T00:00:00Z", restriction_id="B1", ground="APPEAL_UPHELD")
    story.tell("SellerSuspensionLifted", "2023-01-05T00:00:00Z", restriction_id="K1", ground="DEFECT_CURED")

    assert over_days(story, "status") == ["ACTIVE", "SUSPENDED", "BANNED", "SUSPENDED", "ACTIVE", "ACTIVE"]
    assert story.breach() is None


def test_two_bans_must_both_be_revoked() -> None:
    story = registered()
    story.tell("SellerBanned", "2023-01-02T00:00:00Z", restriction_id="B1", **TERMINATED)
    story.tell("SellerBanned", "2023-01-02T00:00:00Z", restriction_id="B2", **TERMINATED)
    story.tell("SellerBanRevoked", "2023-01-03T00:00:00Z", restriction_id="B1")
    story.tell("SellerBanRevoked", "2023-01-05T00:00:00Z", restriction_id="B2")

    assert over_days(story, "status") == ["ACTIVE", "BANNED", "BANNED", "BANNED", "ACTIVE", "ACTIVE"]


def test_a_suspension_runs_out_by_itself() -> None:
    story = registered()
    story.tell(
        "SellerSuspended", "2023-01-02T00:00:00Z", restriction_id="K1", end_at="2023-01-04T00:00:00Z", **SUSPENDED
    )

    assert over_days(story, "status") == ["ACTIVE", "SUSPENDED", "SUSPENDED", "ACTIVE", "ACTIVE", "ACTIVE"]


def test_money_held_back_and_let_go_leaves_the_account_active() -> None:
    story = registered()
    story.tell(
        "SellerPaymentsRestricted",
        "2023-01-02T00:00:00Z",
        restriction_id="P1",
        decision_monetary="DECISION_MONETARY_SUSPENSION",
    )
    story.tell("SellerPaymentsReleased", "2023-01-04T00:00:00Z", restriction_id="P1")

    assert set(over_days(story, "status")) == {"ACTIVE"}
    forced = [[one["in_force"] for one in restrictions] for restrictions in over_days(story, "restrictions")]
    assert forced == [[], [True], [True], [False], [False], [False]]
    assert story.described()["restrictions"][0]["kind"] == "PAYMENTS_RESTRICTED"


def test_a_ban_of_a_seller_never_registered_here_counts() -> None:
    story = Story(SELLER)
    story.tell("SellerBanned", "2023-01-02T00:00:00Z", restriction_id="B1", **TERMINATED)

    described = story.described()
    assert (described.get("lifecycle"), described["status"]) == (None, "BANNED")


@pytest.mark.parametrize(
    ("ending", "status"), [("SellerVerificationExpired", "EXPIRED"), ("SellerVerificationRevoked", "REVOKED")]
)
def test_a_verification_is_submitted_verified_and_ended(ending: str, status: str) -> None:
    story = registered()
    story.tell("SellerVerificationSubmitted", "2023-01-02T00:00:00Z", verification_id="V1")
    story.tell("SellerVerified", "2023-01-03T00:00:00Z", verification_id="V1", **VERIFIED)
    story.tell(ending, "2023-01-05T00:00:00Z", verification_id="V1")

    assert over_days(story, "verification") == ["UNVERIFIED", "SUBMITTED", "VERIFIED", "VERIFIED", status, status]
    described = story.described()
    assert {name: described[name] for name in VERIFIED} == VERIFIED
    assert described["verifications"][0]["status"] == status


def test_a_rejected_verification_is_rejected_until_another_is_verified() -> None:
    story = registered()
    story.tell("SellerVerificationSubmitted", "2023-01-02T00:00:00Z", verification_id="V1")
    story.tell("SellerVerificationRejected", "2023-01-03T00:00:00Z", verification_id="V1", reasons=["blurred"])
    story.tell("SellerVerified", "2023-01-05T00:00:00Z", verification_id="V2", **VERIFIED)

    assert over_days(story, "verification") == [
        "UNVERIFIED", "SUBMITTED", "REJECTED", "REJECTED", "VERIFIED", "VERIFIED",
    ]  # fmt: skip


def test_of_several_verifications_one_in_force_wins_else_the_latest() -> None:
    story = registered()
    story.tell("SellerVerified", "2023-01-02T00:00:00Z", verification_id="V1", **VERIFIED)
    story.tell("SellerVerificationSubmitted", "2023-01-03T00:00:00Z", verification_id="V2")
    story.tell("SellerVerificationRevoked", "2023-01-04T00:00:00Z", verification_id="V1")
    story.tell("SellerVerificationRejected", "2023-01-05T00:00:00Z", verification_id="V2")

    assert over_days(story, "verification")[1:] == ["VERIFIED", "VERIFIED", "REVOKED", "REJECTED", "REJECTED"]


@pytest.mark.parametrize(
    ("valid_to", "last", "first_not"),
    [
        ("2023-01-03", "2023-01-03T16:59:59.999999Z", "2023-01-03T17:00:00Z"),
        ("2023-01-03T05:00:00Z", "2023-01-03T04:59:59.999999Z", "2023-01-03T05:00:00Z"),
        ("2023-01-03T05:00:00+07:00", "2023-01-02T21:59:59.999999Z", "2023-01-02T22:00:00Z"),
    ],
)
def test_a_verification_holds_to_the_end_of_its_day_in_the_event_s_zone(
    valid_to: str, last: str, first_not: str
) -> None:
    story = registered()
    story.tell("SellerVerified", "2023-01-02T00:00:00Z", verification_id="V1", valid_to=valid_to)

    assert story.described(last)["verification"] == "VERIFIED"
    assert story.described(first_not)["verification"] == "EXPIRED"


def test_a_verification_valid_for_ever_never_runs_out() -> None:
    story = registered()
    story.tell("SellerVerified", "2023-01-02T00:00:00Z", verification_id="V1", valid_to="9999-12-31")

    assert story.described("9999-12-28T00:00:00Z")["verification"] == "VERIFIED"


def test_the_end_of_a_verification_wins_though_it_is_certain_before_its_beginning() -> None:
    story = registered()
    story.tell("SellerVerified", "2023-01-01T00:00:00Z", precision="MONTH", verification_id="V1", **VERIFIED)
    story.tell("SellerVerificationRevoked", "2023-01-03T00:00:00Z", verification_id="V1", reason="forged")

    assert over_days(story, "verification") == ["UNVERIFIED"] * 6
    assert over_days(story, "verification", "POSSIBLE") == ["VERIFIED", "VERIFIED"] + ["REVOKED"] * 4
    assert story.described("2023-02-02T00:00:00Z")["verification"] == "REVOKED"
    assert story.breach() is None


def test_a_submission_certain_after_its_verification_does_not_undo_it() -> None:
    story = registered()
    story.tell("SellerVerificationSubmitted", "2023-01-01T17:00:00Z", precision="DAY", verification_id="V1")
    story.tell("SellerVerified", "2023-01-01T17:00:00Z", precision="DAY", verification_id="V1")

    assert story.described("2023-01-02T12:00:00Z")["verification"] == "VERIFIED"
    assert story.described("2023-01-05T12:00:00Z")["verification"] == "VERIFIED"


def test_voided_revoked_and_expired_give_three_different_pasts() -> None:
    answers: dict[str, list[str]] = {}
    for ending in ("SellerVerificationExpired", "SellerVerificationRevoked", "void"):
        story = registered()
        verified = story.tell("SellerVerified", "2023-01-02T00:00:00Z", verification_id="V1")
        if ending == "void":
            story.void(verified)
        else:
            story.tell(ending, "2023-01-04T00:00:00Z", verification_id="V1")
        answers[ending] = [story.described(f"2023-01-0{day}T12:00:00Z")["verification"] for day in (3, 5)]

    assert answers == {
        "SellerVerificationExpired": ["VERIFIED", "EXPIRED"],
        "SellerVerificationRevoked": ["VERIFIED", "REVOKED"],
        "void": ["UNVERIFIED", "UNVERIFIED"],
    }


def test_what_changes_by_time_alone_is_announced() -> None:
    story = registered()
    ends = ("2023-01-04T00:00:00Z", "2023-01-05T00:00:00Z")
    story.tell("SellerSuspended", "2023-01-02T00:00:00Z", restriction_id="K1", end_at=ends[0], **SUSPENDED)
    story.tell("SellerVerified", "2023-01-02T00:00:00Z", verification_id="V1", valid_to=ends[1])
    story.tell("SellerBanned", "2023-01-02T00:00:00Z", restriction_id="B1", **TERMINATED)

    assert sorted(story.stream.expiries(story.state())) == [moment(end) for end in ends]


def test_warnings_points_and_strikes_are_counted() -> None:
    story = registered()
    story.tell("SellerWarned", "2023-01-02T00:00:00Z", warning_id="W1")
    story.tell("SellerPointsAssessed", "2023-01-02T00:00:00Z", points=12)
    story.tell("SellerPointsAssessed", "2023-01-03T00:00:00Z", points=6)
    story.tell("SellerPointsCleared", "2023-01-04T00:00:00Z", points=12, ground="EXPIRY")
    story.tell("SellerStrikeRecorded", "2023-01-03T00:00:00Z", strike_no=1, severity="SERIOUS")
    story.tell("SellerStrikeRecorded", "2023-01-04T00:00:00Z", strike_no=2, severity="GENERAL")
    story.tell("SellerStrikeRescinded", "2023-01-05T00:00:00Z", strike_no=1, ground="APPEAL_UPHELD")

    assert over_days(story, "warnings") == [0, 1, 1, 1, 1, 1]
    assert over_days(story, "points") == [0, 12, 18, 6, 6, 6]
    assert over_days(story, "strikes") == [0, 0, 1, 2, 1, 1]
    assert over_days(story, "serious_strikes") == [0, 0, 1, 1, 0, 0]


def test_what_is_taken_back_before_it_is_certain_never_counts() -> None:
    story = registered()
    story.tell("SellerPointsAssessed", "2023-01-02T00:00:00Z", precision="DAY", points=6)
    story.tell("SellerPointsCleared", "2023-01-02T02:00:00Z", points=6)
    story.tell("SellerStrikeRecorded", "2023-01-02T00:00:00Z", precision="DAY", strike_no=1)
    story.tell("SellerStrikeRescinded", "2023-01-02T02:00:00Z", strike_no=1)

    assert over_days(story, "points") == [0] * 6
    assert over_days(story, "strikes") == [0] * 6


def test_an_account_closed_on_the_day_of_its_registration_stays_closed() -> None:
    story = Story(SELLER)
    story.tell("SellerRegistered", "2023-01-01T00:00:00Z", precision="DAY", country="ID")
    story.tell("SellerAccountClosed", "2023-01-01T10:00:00Z")

    described = story.described("2023-01-03T00:00:00Z")
    assert (described["status"], described["country"]) == ("CLOSED", "ID")


def test_an_account_registered_after_an_earlier_closing_is_open_again() -> None:
    story = Story(SELLER)
    story.tell("SellerAccountClosed", "2023-01-01T10:00:00Z")
    story.tell("SellerRegistered", "2023-01-03T00:00:00Z")

    assert over_days(story, "status") == ["CLOSED", "CLOSED", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"]


def test_onboarding_is_kept_with_the_size_class_of_that_time() -> None:
    story = registered()
    story.tell("SellerOnboarded", "2023-01-02T00:00:00Z", programme_id="programme:akar", size_class="MICRO")
    story.tell("SellerOnboarded", "2023-01-03T00:00:00Z", programme_id="programme:akar")

    described = story.described()
    assert (described["programme_ids"], described["size_class"]) == (["programme:akar"], "MICRO")


def test_no_personal_member_is_kept_in_the_state() -> None:
    story = Story(SELLER)
    secret = "enc:v1:k1:c2VjcmV0"
    story.tell("SellerRegistered", subject_id="subject:s1", shop_name=secret)
    story.tell(
        "SellerVerified",
        verification_id="V1",
        subject_id="subject:s1",
        name=secret,
        address=secret,
        national_id_token=secret,
    )
    documents = [{"document_type": "KTP", "number": secret}]
    story.tell("SellerVerificationSubmitted", verification_id="V1", subject_id="subject:s1", documents=documents)

    assert secret.encode() not in msgspec.json.encode(story.described("2030-01-02T00:00:00Z"))
    assert all(isinstance(fact.payload, PersonalPayload) for fact in story.facts)


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("SellerRegistered", {}, {"country": "XX"}),
        ("SellerVerified", {"verification_id": "V1"}, {}),
        ("SellerVerificationSubmitted", {"verification_id": "V1", "documents": []}, {"documents": []}),
        ("SellerPointsAssessed", {"points": 48}, {"points": 49}),
        ("SellerPointsAssessed", {"points": 1}, {"points": 0}),
        ("SellerStrikeRecorded", {"strike_no": 1}, {}),
        ("SellerWarned", {"warning_id": "W1"}, {}),
        ("SellerBanned", {"restriction_id": "B1"}, {"reason_code": "REPEAT"}),
        ("SellerAccountClosed", {"by": "SELLER"}, {"by": "COURT"}),
        ("SellerAccountClosed", {"extra": {"note": 1}}, {"note": 1}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
