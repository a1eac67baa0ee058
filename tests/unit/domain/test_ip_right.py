from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, moment, payload

SUBJECT = "ip_right:DJKI:TRADEMARK:IDM1"
RIGHT: dict[str, Any] = {
    "type": "TRADEMARK",
    "office": "DJKI",
    "number": "IDM1",
    "owner_party_id": "party:rh-001",
    "territories": ["ID"],
    "nice_classes": [18, 25],
    "registered_on": "2015-03-01",
    "mark_sha256": "c" * 64,
}
Step = tuple[str, dict[str, Any]]
RECORD: Step = ("IpRightRecorded", RIGHT)
VALIDATE: Step = ("IpRightValidated", {"validator": "officer:1"})
REJECT: Step = ("IpRightValidationRejected", {"reason": "no certificate"})
ASSIGN: Step = ("IpRightAssigned", {"to_party_id": "party:rh-002"})
LAPSE: Step = ("IpRightLapsed", {"ground": "SURRENDERED"})

TABLE: list[tuple[list[Step], str | None]] = [
    ([RECORD], "RECORDED"),
    ([RECORD, VALIDATE], "VALIDATED"),
    ([RECORD, REJECT], "REJECTED"),
    ([RECORD, REJECT, VALIDATE], "VALIDATED"),
    ([RECORD, VALIDATE, REJECT], "REJECTED"),
    ([RECORD, VALIDATE, ASSIGN], "VALIDATED"),
    ([RECORD, VALIDATE, RECORD], "VALIDATED"),
    ([RECORD, LAPSE], "LAPSED"),
    ([RECORD, LAPSE, VALIDATE], "LAPSED"),
    ([RECORD, LAPSE, REJECT], "LAPSED"),
    ([RECORD, LAPSE, RECORD], "RECORDED"),
    ([VALIDATE], "VALIDATED"),
    ([LAPSE], "LAPSED"),
    ([LAPSE, LAPSE], "LAPSED"),
    ([ASSIGN], None),
]


def statuses(story: Story, as_of: str) -> list[str | None]:
    certainties: tuple[Certainty, ...] = ("CERTAIN", "POSSIBLE")
    return [story.described(as_of, certainty).get("status") for certainty in certainties]


@pytest.mark.parametrize(("steps", "status"), TABLE)
def test_each_event_leads_where_the_table_says(steps: list[Step], status: str | None) -> None:
    story = Story(SUBJECT)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-01-{day:02}T00:00:00Z", **data)

    assert story.described()["status"] == status
    assert story.breach() is None


def test_a_right_is_described_in_full() -> None:
    story = Story(SUBJECT, "Asia/Jakarta")
    story.tell("IpRightRecorded", "2021-01-01T00:00:00Z", expires_on="2025-02-28", **RIGHT)
    story.tell("IpRightValidated", "2021-01-02T00:00:00Z", validator="officer:1", valid_to="2024-12-31")
    story.tell("IpRightAssigned", "2021-01-03T00:00:00Z", to_party_id="party:rh-002")

    assert story.described("2021-02-01T00:00:00Z") == {
        **RIGHT,
        "id": SUBJECT,
        "version": 3,
        "status": "VALIDATED",
        "owner_party_id": "party:rh-002",
        "expires_on": "2025-02-28",
        "expires_from": "2025-02-28T17:00:00.000000Z",
        "validator": "officer:1",
        "valid_to": "2024-12-31",
        "validation_until": "2024-12-31T17:00:00.000000Z",
        "recorded_at": "2021-01-01T00:00:00.000000Z",
        "validated_at": "2021-01-02T00:00:00.000000Z",
        "assigned_at": "2021-01-03T00:00:00.000000Z",
    }


def test_a_right_and_its_validation_run_out_by_themselves_at_the_end_of_a_local_day() -> None:
    story = Story(SUBJECT, "Asia/Jakarta")
    story.tell("IpRightRecorded", "2021-01-01T00:00:00Z", expires_on="2025-02-28", **RIGHT)
    story.tell("IpRightValidated", "2021-01-02T00:00:00Z", valid_to="2024-12-31T12:00:00+07:00")

    instants = ("2024-12-31T04:59:59Z", "2024-12-31T05:00:00Z", "2025-02-28T16:59:59Z", "2025-02-28T17:00:00Z")
    answers = [story.described(as_of) for as_of in instants]
    assert [answer["status"] for answer in answers] == ["VALIDATED", "RECORDED", "RECORDED", "LAPSED"]
    assert answers[-1]["lapse_ground"] == "EXPIRED"
    assert answers[-1]["lapsed_at"] == "2025-02-28T17:00:00.000000Z"
    state = story.state()
    assert state is not None
    assert list(story.stream.expiries(state)) == [moment("2025-02-28T17:00:00Z"), moment("2024-12-31T05:00:00Z")]


def test_a_right_surrendered_before_it_ran_out_stays_surrendered_until_it_is_recorded_anew() -> None:
    story = Story(SUBJECT)
    story.tell("IpRightRecorded", "2021-01-01T00:00:00Z", expires_on="2025-02-28", **RIGHT)
    story.tell("IpRightLapsed", "2022-01-01T00:00:00Z", ground="SURRENDERED")
    story.tell("IpRightRecorded", "2026-01-01T00:00:00Z", expires_on="2035-02-28", **RIGHT)

    before, after = story.described("2025-06-01T00:00:00Z"), story.described("2026-06-01T00:00:00Z")
    assert (before["status"], before["lapse_ground"]) == ("LAPSED", "SURRENDERED")
    assert (after["status"], after.get("lapse_ground"), after.get("lapsed_at")) == ("RECORDED", None, None)


def test_a_right_recorded_in_some_year_is_certain_at_its_end_with_all_that_came_of_it() -> None:
    story = Story(SUBJECT)
    story.tell("IpRightRecorded", "2021-01-01T00:00:00Z", precision="YEAR", **RIGHT)
    story.tell("IpRightAssigned", "2021-03-01T00:00:00Z", to_party_id="party:rh-002")
    assert statuses(story, "2021-06-01T00:00:00Z") == [None, "RECORDED"]
    assert statuses(story, "2022-01-01T00:00:00Z") == ["RECORDED", "RECORDED"]

    story.tell("IpRightLapsed", "2021-09-01T00:00:00Z", ground="INVALIDATED")
    described = story.described("2022-01-01T00:00:00Z")
    assert (described["status"], described["owner_party_id"]) == ("LAPSED", "party:rh-002")


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("IpRightRecorded", {"type": "COPYRIGHT"}, {"office": "DJKI"}),
        ("IpRightRecorded", {"type": "X_A", "nice_classes": [45]}, {"type": "X_A", "nice_classes": [46]}),
        ("IpRightRecorded", {"type": "DESIGN", "territories": ["WORLD"]}, {"type": "DESIGN", "territories": ["EU"]}),
        ("IpRightValidated", {"valid_to": "2024-12-31"}, {"valid_to": "soon"}),
        ("IpRightValidationRejected", {}, {"reason": 1}),
        ("IpRightAssigned", {"to_party_id": "party:a"}, {"to_party_id": "seller:a:b"}),
        ("IpRightLapsed", {"ground": "INVALIDATED"}, {"ground": "FORGOTTEN"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
