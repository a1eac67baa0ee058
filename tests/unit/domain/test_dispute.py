from typing import Any

import msgspec
import pytest

from ledger.domain.dispute_events import DisputeFiled
from tests.unit.domain.build import Story, payload

DISPUTE = "dispute:bpsk:D5"
Step = tuple[str, dict[str, Any]]
FILED: Step = ("DisputeFiled", {"claimant_kind": "CONSUMER"})
ACKNOWLEDGED: Step = ("DisputeAcknowledged", {"case_no": "12/BPSK/2021"})
ADMITTED: Step = ("DisputeAdmissibilityDecided", {"admissible": True})
REFUSED: Step = ("DisputeAdmissibilityDecided", {"admissible": False})
NOTIFIED: Step = ("DisputeNotified", {"delivered_at": "2021-10-04T00:00:00Z"})
RESPONDED: Step = ("DisputeResponseSubmitted", {"position": "CONTESTED"})
DEFAULTED: Step = ("DisputeRespondentDefaulted", {"due": "2021-10-05"})
NEGOTIATING: Step = ("NegotiationStarted", {})
FACILITATING: Step = ("FacilitationStarted", {"method": "MEDIATION"})
FINAL: Step = ("FinalStageStarted", {"method": "ADJUDICATION"})
REFERRED: Step = ("DisputeReferred", {"to_party_id": "party:bpkn", "agreement_id": "agreement:bpkn-kca"})
ACCEPTED: Step = ("ReferralAccepted", {"foreign_case_no": "K-1"})
DECLINED: Step = ("ReferralDeclined", {"reason": "no jurisdiction"})
DECIDED: Step = ("DisputeOutcomeRecorded", {"outcome": "DECIDED_FOR_CLAIMANT", "method": "ADJUDICATION"})
SETTLED: Step = ("DisputeOutcomeRecorded", {"outcome": "SETTLED"})
OBJECTED: Step = ("OutcomeObjectionFiled", {"filed_at": "2021-11-10T00:00:00Z", "court": "PN Jakarta"})
SET_ASIDE: Step = ("OutcomeSetAside", {"ground": "procedure"})
UPHELD: Step = ("OutcomeUpheld", {})
COMPLIED: Step = ("OutcomeComplianceRecorded", {"status": "COMPLIED"})
PARTIAL: Step = ("OutcomeComplianceRecorded", {"status": "PARTIAL"})
NOT_COMPLIED: Step = ("OutcomeComplianceRecorded", {"status": "NOT_COMPLIED"})
WITHDRAWN: Step = ("DisputeWithdrawn", {})
CLOSED: Step = ("DisputeClosed", {"reason": "settled and paid"})
PROPOSED: Step = ("SettlementProposed", {"by": "RESPONDENT", "accepted": True})
ASSISTED: Step = ("AutomatedAssistanceUsed", {"purpose": "PROPOSAL", "model_id": "m", "model_version": "1"})

TABLE: list[tuple[list[Step], str]] = [
    ([FILED], "FILED"),
    ([FILED, ACKNOWLEDGED], "REGISTERED"),
    ([FILED, ACKNOWLEDGED, ADMITTED], "ADMITTED"),
    ([FILED, ACKNOWLEDGED, REFUSED], "CLOSED"),
    ([FILED, ACKNOWLEDGED, REFUSED, ADMITTED], "ADMITTED"),
    ([FILED, ACKNOWLEDGED, ADMITTED, NOTIFIED], "ADMITTED"),
    ([FILED, NOTIFIED], "ADMITTED"),
    ([FILED, ACKNOWLEDGED, ADMITTED, NOTIFIED, RESPONDED], "RESPONDED"),
    ([FILED, ACKNOWLEDGED, ADMITTED, NOTIFIED, DEFAULTED], "DEFAULTED"),
    ([ADMITTED, RESPONDED, NOTIFIED], "RESPONDED"),
    ([RESPONDED, NEGOTIATING], "NEGOTIATION"),
    ([NEGOTIATING, FACILITATING], "FACILITATION"),
    ([DEFAULTED, FACILITATING, ("NeutralAppointed", {}), ("NeutralChallenged", {})], "FACILITATION"),
    ([FACILITATING, ("NeutralReplaced", {"independence_statement": True})], "FACILITATION"),
    ([FACILITATING, FINAL], "FINAL"),
    ([NEGOTIATING, PROPOSED, ASSISTED], "NEGOTIATION"),
    ([NEGOTIATING, PROPOSED, SETTLED], "OUTCOME"),
    ([FINAL, DECIDED], "OUTCOME"),
    ([FILED, REFERRED], "REFERRED"),
    ([FILED, REFERRED, ACCEPTED], "REFERRED"),
    ([FILED, ACKNOWLEDGED, REFERRED, DECLINED], "REGISTERED"),
    ([RESPONDED, REFERRED, REFERRED, DECLINED], "RESPONDED"),
    ([FILED, DECLINED], "FILED"),
    ([DECIDED, OBJECTED], "OBJECTED"),
    ([DECIDED, OBJECTED, UPHELD], "OUTCOME"),
    ([FINAL, DECIDED, OBJECTED, SET_ASIDE], "FINAL"),
    ([FACILITATING, SETTLED, SET_ASIDE], "FACILITATION"),
    ([DECIDED, SET_ASIDE], "FINAL"),
    ([FINAL, DECIDED, CLOSED, SET_ASIDE], "FINAL"),
    ([FINAL, DECIDED, SET_ASIDE, SETTLED], "OUTCOME"),
    ([FACILITATING, SET_ASIDE], "FACILITATION"),
    ([DECIDED, COMPLIED], "COMPLIED"),
    ([DECIDED, PARTIAL], "NOT_COMPLIED"),
    ([DECIDED, NOT_COMPLIED], "NOT_COMPLIED"),
    ([FILED, WITHDRAWN], "CLOSED"),
    ([DECIDED, COMPLIED, CLOSED], "CLOSED"),
]


def told(*steps: Step) -> Story:
    """Tell a step a day, from 2021-10-01 on."""
    story = Story(DISPUTE)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-10-{day:02}T00:00:00Z", **data)
    return story


@pytest.mark.parametrize(("steps", "state"), TABLE)
def test_a_dispute_goes_through_the_table(steps: list[Step], state: str) -> None:
    assert told(*steps).described()["state"] == state


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([FILED, REFUSED], "INADMISSIBLE"),
        ([FILED, WITHDRAWN], "WITHDRAWN"),
        ([FILED, CLOSED], "settled and paid"),
        ([FILED, REFUSED, ADMITTED], None),
        ([FINAL, DECIDED, CLOSED, SET_ASIDE], None),
    ],
)
def test_a_closed_dispute_says_why(steps: list[Step], reason: str | None) -> None:
    described = told(*steps).described()

    assert described.get("closed_reason") == reason
    assert ("closed_at" in described) is (reason is not None)


def test_what_was_filed_and_decided_is_described_in_full() -> None:
    filed: dict[str, Any] = {
        "claimant_kind": "CONSUMER",
        "claimant_country": "KR",
        "respondent_country": "ID",
        "platform_id": "platform:lazada-id",
        "issue": "NOT_AS_DESCRIBED",
        "amount": {"amount_minor": 4_500_000, "currency": "KRW"},
        "remedy_sought": ["REFUND"],
        "prior_contact_with_trader": True,
    }
    decided: dict[str, Any] = {
        "outcome": "DECIDED_PARTIAL",
        "stage": "FINAL",
        "method": "ARBITRATION",
        "remedies": ["REFUND"],
        "amount_awarded": {"amount_minor": 2_000_000, "currency": "KRW"},
        "binding": True,
        "decided_by": "panel:1",
        "text_sha256": "b" * 64,
        "published": False,
    }
    story = told(("DisputeFiled", filed), ("DisputeOutcomeRecorded", decided))

    assert story.described() == {
        **filed,
        **decided,
        "id": DISPUTE,
        "version": 2,
        "forum": "bpsk",
        "state": "OUTCOME",
        "filed_at": "2021-10-01T00:00:00.000000Z",
        "outcome_by": "e2",
        "outcome_at": "2021-10-02T00:00:00.000000Z",
        "before_outcome": "FILED",
    }


def test_every_stage_has_its_date() -> None:
    opened = (FILED, ACKNOWLEDGED, ADMITTED, NOTIFIED)
    story = told(*opened, RESPONDED, NEGOTIATING, FACILITATING, FINAL, DECIDED, OBJECTED)

    dates = {name: value for name, value in story.described().items() if name.endswith("_at")}
    assert dates == {
        "filed_at": "2021-10-01T00:00:00.000000Z",
        "acknowledged_at": "2021-10-02T00:00:00.000000Z",
        "admissibility_decided_at": "2021-10-03T00:00:00.000000Z",
        "notified_at": "2021-10-04T00:00:00.000000Z",
        "delivered_at": "2021-10-04T00:00:00Z",
        "responded_at": "2021-10-05T00:00:00.000000Z",
        "negotiation_at": "2021-10-06T00:00:00.000000Z",
        "facilitation_at": "2021-10-07T00:00:00.000000Z",
        "final_at": "2021-10-08T00:00:00.000000Z",
        "outcome_at": "2021-10-09T00:00:00.000000Z",
        "objected_at": "2021-10-10T00:00:00.000000Z",
    }


def test_an_outcome_set_aside_is_in_force_no_longer_and_another_may_follow() -> None:
    story = told(FINAL, DECIDED, COMPLIED, OBJECTED, SET_ASIDE, SETTLED)

    outcomes = [story.described(f"2021-10-0{day}T12:00:00Z")["outcome"] for day in (1, 2, 4, 5, 6)]
    assert outcomes == [None, "DECIDED_FOR_CLAIMANT", "DECIDED_FOR_CLAIMANT", None, "SETTLED"]
    assert "compliance" not in story.described("2021-10-05T12:00:00Z")
    assert story.breach() is None


def test_a_set_aside_that_is_certain_before_its_outcome_changes_nothing_yet() -> None:
    story = told(FINAL)
    story.tell("DisputeOutcomeRecorded", "2021-10-01T00:00:00Z", precision="MONTH", outcome="DISMISSED")
    story.tell("OutcomeSetAside", "2021-10-20T00:00:00Z")

    certain = story.described("2021-10-25T00:00:00Z", "CERTAIN")
    assert (certain["state"], certain["outcome"]) == ("FINAL", None)
    possible = story.described("2021-10-25T00:00:00Z", "POSSIBLE")
    assert (possible["state"], possible["outcome"]) == ("FINAL", None)
    assert story.breach() is None


def test_a_filing_of_a_day_does_not_undo_what_followed_within_the_day() -> None:
    story = Story(DISPUTE)
    story.tell("DisputeFiled", "2021-10-01T00:00:00Z", precision="DAY", claimant_kind="BUSINESS")
    story.tell("DisputeAdmissibilityDecided", "2021-10-01T10:00:00Z", admissible=True)

    described = story.described("2021-10-03T00:00:00Z")
    assert (described["state"], described["claimant_kind"]) == ("ADMITTED", "BUSINESS")


def test_the_method_is_that_of_the_stage_until_there_is_an_outcome() -> None:
    story = told(FILED, NEGOTIATING, FACILITATING, FINAL, ("DisputeOutcomeRecorded", {"outcome": "SETTLED"}), DECIDED)

    methods = [story.described(f"2021-10-0{day}T12:00:00Z")["method"] for day in range(1, 7)]
    assert methods == [None, "NEGOTIATION", "MEDIATION", "ADJUDICATION", "ADJUDICATION", "ADJUDICATION"]


def test_a_referral_is_kept_with_its_answer() -> None:
    shared: Step = ("DisputeReferred", {**REFERRED[1], "fields_shared": ["issue"], "translation": "en"})
    story = told(FILED, REFERRED, DECLINED, shared, ACCEPTED)

    assert story.described()["referrals"] == [
        {
            "to_party_id": "party:bpkn",
            "agreement_id": "agreement:bpkn-kca",
            "referred_at": "2021-10-02T00:00:00.000000Z",
            "referred_by": "e2",
            "accepted": False,
            "answered_at": "2021-10-03T00:00:00.000000Z",
            "reason": "no jurisdiction",
        },
        {
            "to_party_id": "party:bpkn",
            "agreement_id": "agreement:bpkn-kca",
            "fields_shared": ["issue"],
            "translation": "en",
            "referred_at": "2021-10-04T00:00:00.000000Z",
            "referred_by": "e4",
            "accepted": True,
            "answered_at": "2021-10-05T00:00:00.000000Z",
            "foreign_case_no": "K-1",
        },
    ]
    assert story.described()["referral"] == story.described()["referrals"][-1]


def test_an_answer_without_a_referral_is_kept() -> None:
    assert told(ACCEPTED).described()["referral"] == {
        "accepted": True,
        "answered_at": "2021-10-01T00:00:00.000000Z",
        "foreign_case_no": "K-1",
    }


def test_help_by_machines_and_settlements_are_kept() -> None:
    described = told(ASSISTED, PROPOSED).described()

    assert described["assistance"] == [
        {"used_at": "2021-10-01T00:00:00.000000Z", "purpose": "PROPOSAL", "model_id": "m", "model_version": "1"}
    ]
    assert described["settlement"] == {
        "proposed_at": "2021-10-02T00:00:00.000000Z",
        "by": "RESPONDENT",
        "accepted": True,
    }


def test_an_amount_below_zero_is_refused() -> None:
    nothing = payload("DisputeFiled", claimant_kind="SELLER", amount={"amount_minor": 0, "currency": "IDR"})
    less = payload("DisputeFiled", claimant_kind="SELLER", amount={"amount_minor": -1, "currency": "IDR"})

    nothing.check()
    with pytest.raises(ValueError, match="below zero"):
        less.check()


def test_the_claimant_is_named_by_its_own_subject_member() -> None:
    assert "claimant_subject_id" in DisputeFiled.__struct_fields__
    assert "subject_id" not in DisputeFiled.__struct_fields__


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("DisputeFiled", {"claimant_kind": "SELLER"}, {}),
        ("DisputeFiled", {"claimant_kind": "SELLER", "issue": "X_NEW"}, {"claimant_kind": "SELLER", "issue": "NEW"}),
        ("DisputeAcknowledged", {"case_no": "1"}, {}),
        ("DisputeAdmissibilityDecided", {"admissible": False}, {}),
        ("DisputeNotified", NOTIFIED[1], {}),
        ("DisputeRespondentDefaulted", {"due": "2021-10-05"}, {}),
        ("DisputeOutcomeRecorded", {"outcome": "REFERRED_OUT"}, {"stage": "FINAL"}),
        ("OutcomeObjectionFiled", {"filed_at": "2021-10-05T00:00:00Z"}, {"filed_at": "2021-10-05T00:00:00"}),
        ("OutcomeComplianceRecorded", {"status": "PARTIAL"}, {"status": "PARTLY"}),
        ("DisputeReferred", {}, {"agreement_id": "bpkn-kca"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
