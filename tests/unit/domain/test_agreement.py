from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, moment, payload

SUBJECT = "agreement:bpkn-kca"
PARTIES: dict[str, Any] = {"kind": "MOU", "parties": ["party:bpkn", "party:kca"], "countries": ["ID", "KR"]}
MOU: dict[str, Any] = {**PARTIES, "scope": ["CROSS_BORDER_DISPUTE_REFERRAL"], "in_force_on_signature": True}
Step = tuple[str, dict[str, Any]]
NEGOTIATE: Step = ("AgreementNegotiationOpened", PARTIES)
SIGN: Step = ("AgreementSigned", {**MOU, "in_force_on_signature": False})
SIGN_IN_FORCE: Step = ("AgreementSigned", MOU)
ENTER: Step = ("AgreementEnteredIntoForce", {})
AMEND: Step = ("AgreementAmended", {"scope": ["TRAINING"]})
SUSPEND: Step = ("AgreementSuspended", {"reason": "election"})
TERMINATE: Step = ("AgreementTerminated", {"reason": "notice given", "notice_period": "P3M"})
VISIT: Step = ("CooperationActivityHeld", {"kind": "STUDY_VISIT", "parties": ["party:bpkn", "party:kca"]})

TABLE: list[tuple[list[Step], str | None]] = [
    ([VISIT], None),
    ([NEGOTIATE], "NEGOTIATING"),
    ([NEGOTIATE, SIGN], "SIGNED"),
    ([SIGN, NEGOTIATE], "SIGNED"),
    ([SIGN_IN_FORCE], "IN_FORCE"),
    ([NEGOTIATE, SIGN, ENTER], "IN_FORCE"),
    ([ENTER], "IN_FORCE"),
    ([ENTER, SIGN], "IN_FORCE"),
    ([SIGN_IN_FORCE, AMEND], "IN_FORCE"),
    ([SIGN_IN_FORCE, SUSPEND], "SUSPENDED"),
    ([SIGN_IN_FORCE, SUSPEND, ENTER], "IN_FORCE"),
    ([SIGN_IN_FORCE, TERMINATE], "TERMINATED"),
    ([SIGN_IN_FORCE, SUSPEND, TERMINATE], "TERMINATED"),
    ([SIGN_IN_FORCE, TERMINATE, SUSPEND], "TERMINATED"),
    ([SIGN_IN_FORCE, TERMINATE, SIGN], "SIGNED"),
    ([SIGN_IN_FORCE, TERMINATE, SIGN_IN_FORCE], "IN_FORCE"),
    ([TERMINATE], "TERMINATED"),
    ([TERMINATE, TERMINATE], "TERMINATED"),
    ([SUSPEND], "SUSPENDED"),
    ([AMEND], None),
]


def told(steps: list[Step]) -> Story:
    story = Story(SUBJECT)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-01-{day:02}T00:00:00Z", **data)
    return story


def statuses(story: Story, as_of: str, events: int | None = None) -> list[str | None]:
    certainties: tuple[Certainty, ...] = ("CERTAIN", "POSSIBLE")
    return [story.described(as_of, certainty, events=events).get("status") for certainty in certainties]


@pytest.mark.parametrize(("steps", "status"), TABLE)
def test_each_event_leads_where_the_table_says(steps: list[Step], status: str | None) -> None:
    story = told(steps)

    assert story.described()["status"] == status
    assert story.breach() is None


def test_an_agreement_is_described_in_full() -> None:
    story = Story(SUBJECT, "Asia/Seoul")
    said: dict[str, Any] = {**MOU, "mode": "VIRTUAL", "text_sha256": "a" * 64, "data_clause": ["issue", "amount"]}
    story.tell("CooperationActivityHeld", "2018-12-31T15:00:00Z", precision="YEAR", **VISIT[1])
    story.tell("AgreementNegotiationOpened", "2021-01-01T00:00:00Z", **PARTIES)
    story.tell("AgreementSigned", "2021-08-25T15:00:00Z", precision="DAY", **said)
    story.tell("AgreementAmended", "2022-01-01T00:00:00Z", scope=["TRAINING"], text_sha256="b" * 64, reason="wider")

    assert story.described() == {
        **said,
        "id": SUBJECT,
        "version": 4,
        "status": "IN_FORCE",
        "scope": ["TRAINING"],
        "text_sha256": "b" * 64,
        "amendments": [
            {
                "amended_at": "2022-01-01T00:00:00.000000Z",
                "amended_by": "e4",
                "reason": "wider",
                "text_sha256": "b" * 64,
            }
        ],
        "activities": [{**VISIT[1], "date": "2019", "held_by": "e1"}],
        "negotiation_at": "2021-01-01T00:00:00.000000Z",
        "signed_at": "2021-08-25T15:00:00.000000Z",
        "in_force_at": "2021-08-25T15:00:00.000000Z",
    }


def test_what_was_signed_in_some_month_is_uncertain_until_a_correction_knows_the_day() -> None:
    story = Story(SUBJECT, "Asia/Jakarta")
    signed = story.tell(
        "AgreementSigned", "2021-07-31T17:00:00Z", precision="MONTH", latest="2021-08-31T16:59:59.999Z", **MOU
    )
    story.correct(signed, time="2021-08-25T15:00:00Z", timelatest=None, timeprecision="DAY", timezone="Asia/Seoul")

    assert statuses(story, "2021-08-10T16:59:59Z", events=1) == [None, "IN_FORCE"]
    assert statuses(story, "2021-08-10T16:59:59Z") == [None, None]
    assert statuses(story, "2021-09-10T16:59:59Z", events=1) == ["IN_FORCE", "IN_FORCE"]
    assert statuses(story, "2021-09-10T16:59:59Z") == ["IN_FORCE", "IN_FORCE"]


def test_a_negotiation_puts_nothing_in_force() -> None:
    story = Story("agreement:bpkn-ukicc", "Asia/Jakarta")
    story.tell("AgreementNegotiationOpened", "2021-09-28T17:00:00Z", precision="DAY", **PARTIES)

    assert statuses(story, "2021-10-05T16:59:59Z") == ["NEGOTIATING", "NEGOTIATING"]


@pytest.mark.parametrize(
    ("halt", "status"), [("AgreementTerminated", "TERMINATED"), ("AgreementSuspended", "SUSPENDED")]
)
def test_what_stops_within_the_month_it_was_signed_in_is_certainly_not_in_force(halt: str, status: str) -> None:
    story = Story(SUBJECT)
    story.tell("AgreementSigned", "2021-08-01T00:00:00Z", precision="MONTH", **MOU)
    story.tell(halt, "2021-08-20T00:00:00Z")

    assert statuses(story, "2021-08-10T00:00:00Z") == [None, "IN_FORCE"]
    assert statuses(story, "2021-08-25T00:00:00Z") == [status, status]
    assert statuses(story, "2021-09-01T00:00:00Z") == [status, status]


def test_an_end_in_some_month_is_possible_to_its_last_instant_and_certain_from_its_first() -> None:
    story = told([SIGN_IN_FORCE])
    story.tell("AgreementTerminated", "2022-05-01T00:00:00Z", precision="MONTH")

    assert statuses(story, "2022-05-15T00:00:00Z") == ["TERMINATED", "IN_FORCE"]
    assert statuses(story, "2022-06-01T00:00:00Z") == ["TERMINATED", "TERMINATED"]


def test_an_agreement_with_an_end_expires_when_its_last_local_day_is_over() -> None:
    story = Story(SUBJECT, "Asia/Seoul")
    story.tell("AgreementSigned", "2021-08-25T15:00:00Z", valid_to="2023-08-31", **MOU)

    assert statuses(story, "2023-08-31T14:59:59.999999Z") == ["IN_FORCE", "IN_FORCE"]
    assert statuses(story, "2023-08-31T15:00:00Z") == ["EXPIRED", "EXPIRED"]
    state = story.state()
    assert state is not None
    assert list(story.stream.expiries(state)) == [moment("2023-08-31T15:00:00Z")]


def test_an_amendment_moves_the_end_and_termination_comes_before_expiry() -> None:
    story = Story(SUBJECT)
    story.tell("AgreementSigned", "2021-01-01T00:00:00Z", valid_to="2022-12-31T00:00:00Z", **MOU)
    story.tell("AgreementAmended", "2022-06-01T00:00:00Z", valid_to="2024-12-31T00:00:00Z")
    story.tell("AgreementTerminated", "2024-06-01T00:00:00Z")

    assert statuses(story, "2023-06-01T00:00:00Z", events=1) == ["EXPIRED", "EXPIRED"]
    assert statuses(story, "2023-06-01T00:00:00Z") == ["IN_FORCE", "IN_FORCE"]
    assert statuses(story, "2026-01-01T00:00:00Z") == ["TERMINATED", "TERMINATED"]


def test_a_date_at_the_end_of_the_calendar_never_passes() -> None:
    story = Story(SUBJECT)
    story.tell("AgreementSigned", "2021-01-01T00:00:00Z", valid_to="9999-12-31", **MOU)

    state = story.state()
    assert state is not None
    assert list(story.stream.expiries(state)) == []
    assert story.described()["status"] == "IN_FORCE"


@pytest.mark.parametrize("event_type", ["AgreementNegotiationOpened", "AgreementSigned"])
def test_an_agreement_has_two_parties_or_says_nothing_of_them(event_type: str) -> None:
    payload(event_type, **PARTIES).check()
    payload(event_type, kind="MOU").check()
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, kind="MOU", parties=["party:bpkn"])
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, kind="MOU", parties=[])
    with pytest.raises(ValueError, match="one and the same"):
        payload(event_type, kind="MOU", parties=["party:bpkn", "party:bpkn"]).check()


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("AgreementNegotiationOpened", {"kind": "TREATY"}, {}),
        ("AgreementSigned", {"kind": "PLEDGE"}, {"parties": ["party:a", "party:b"]}),
        ("AgreementSigned", {"kind": "MOU", "scope": ["X_A"]}, {"kind": "MOU", "scope": ["EVERYTHING"]}),
        ("AgreementSigned", {"kind": "MOU", "mode": "VIRTUAL"}, {"kind": "MOU", "mode": "BY_POST"}),
        ("AgreementEnteredIntoForce", {}, {"when": "now"}),
        ("AgreementAmended", {"countries": ["ID"]}, {"countries": ["ZZ"]}),
        ("AgreementTerminated", {"notice_period": "P3M"}, {"notice_period": "three months"}),
        ("CooperationActivityHeld", {"kind": "SEMINAR"}, {"parties": ["party:bpkn", "party:giz"]}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
