from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, payload

SUBJECT = "programme:akar"
TERMS: dict[str, Any] = {
    "name": "AKAR",
    "owner": "party:lazada-id",
    "partners": ["party:kemenkopukm", "SMESCO"],
    "objectives": ["market access"],
    "countries": ["ID"],
    "cost_to_participant": {"amount_minor": 0, "currency": "IDR"},
    "funding": {"amount_minor": 100, "currency": "IDR"},
    "funder": "party:lazada-id",
}
Step = tuple[str, dict[str, Any]]
ANNOUNCE: Step = ("ProgrammeAnnounced", {"name": "AKAR"})
START: Step = ("ProgrammeStarted", {})
TRAIN: Step = ("ProgrammeActivityHeld", {"kind": "TRAINING", "date": "2021-08-04"})
END: Step = ("ProgrammeEnded", {"reason": "done"})

TABLE: list[tuple[list[Step], str | None]] = [
    ([ANNOUNCE], "ANNOUNCED"),
    ([ANNOUNCE, TRAIN], "ANNOUNCED"),
    ([ANNOUNCE, START], "STARTED"),
    ([START], "STARTED"),
    ([START, ANNOUNCE], "STARTED"),
    ([START, END], "ENDED"),
    ([START, END, ANNOUNCE], "ENDED"),
    ([START, END, START], "STARTED"),
    ([END], "ENDED"),
    ([END, END], "ENDED"),
    ([TRAIN], None),
]


def states(story: Story, as_of: str) -> list[str | None]:
    certainties: tuple[Certainty, ...] = ("CERTAIN", "POSSIBLE")
    return [story.described(as_of, certainty).get("state") for certainty in certainties]


@pytest.mark.parametrize(("steps", "state"), TABLE)
def test_each_event_leads_where_the_table_says(steps: list[Step], state: str | None) -> None:
    story = Story(SUBJECT)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-01-{day:02}T00:00:00Z", **data)

    assert story.described()["state"] == state
    assert story.breach() is None


def test_a_programme_is_described_in_full() -> None:
    story = Story(SUBJECT)
    trained: dict[str, Any] = {"kind": "TRAINING", "date": "2021-08-10", "place": "Jakarta", "participants": 30}
    metric: dict[str, Any] = {
        "metric": "MSMES_ONBOARDED",
        "value": "13700000",
        "unit": "MSME",
        "reference_time": "2021-05-31",
        "method": "register",
        "source": "idEA",
    }
    story.tell("ProgrammeAnnounced", "2021-08-01T00:00:00Z", name="AKAR", funder="nobody yet")
    story.tell("ProgrammeStarted", "2021-08-03T00:00:00Z", **TERMS)
    story.tell("ProgrammeActivityHeld", "2021-08-10T00:00:00Z", **trained)
    story.tell("ProgrammeActivityHeld", "2021-08-11T00:00:00Z", kind="LABEL_LAUNCH", date="2021-08-11", participants=12)
    story.tell("ProgrammeActivityHeld", "2021-08-12T00:00:00Z", kind="STUDY", date="2021-08-12")
    story.tell("ProgrammeMetricReported", "2021-09-01T00:00:00Z", **metric)

    assert story.described() == {
        **TERMS,
        "id": SUBJECT,
        "version": 6,
        "state": "STARTED",
        "activities": [
            {**trained, "held_by": "e3"},
            {"kind": "LABEL_LAUNCH", "date": "2021-08-11", "participants": 12, "held_by": "e4"},
            {"kind": "STUDY", "date": "2021-08-12", "held_by": "e5"},
        ],
        "metrics": [{**metric, "reported_at": "2021-09-01T00:00:00.000000Z", "reported_by": "e6"}],
        "participants": 42,
        "announced_at": "2021-08-01T00:00:00.000000Z",
        "started_at": "2021-08-03T00:00:00.000000Z",
    }


def test_a_programme_of_which_nobody_counted_participants_has_no_number_of_them() -> None:
    story = Story(SUBJECT)
    story.tell(TRAIN[0], "2021-08-04T00:00:00Z", **TRAIN[1])

    assert story.described()["participants"] is None


def test_an_announcement_known_after_the_start_only_adds_to_it() -> None:
    story = Story(SUBJECT)
    story.tell("ProgrammeAnnounced", "2021-01-01T00:00:00Z", precision="YEAR", name="A name", funder="party:a")
    story.tell("ProgrammeStarted", "2021-08-03T00:00:00Z", name="AKAR")

    described = story.described()
    assert (described["state"], described["name"], described["funder"]) == ("STARTED", "AKAR", "party:a")


def test_a_programme_started_in_some_month_runs_certainly_from_its_end_unless_it_ended_by_then() -> None:
    story = Story(SUBJECT, "Asia/Jakarta")
    story.tell("ProgrammeStarted", "2021-07-31T17:00:00Z", precision="MONTH", name="AKAR")
    assert states(story, "2021-08-15T00:00:00Z") == [None, "STARTED"]
    assert states(story, "2021-08-31T16:59:59.999999Z") == ["STARTED", "STARTED"]

    story.tell("ProgrammeEnded", "2021-08-20T00:00:00Z")
    assert states(story, "2021-09-01T00:00:00Z") == ["ENDED", "ENDED"]


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("ProgrammeAnnounced", {"owner": "party:a"}, {"countries": ["ZZ"]}),
        ("ProgrammeStarted", {}, {"funding": {"amount_minor": 1}}),
        ("ProgrammeActivityHeld", {"kind": "SUMMIT", "date": "2019-05-01"}, {"kind": "SUMMIT"}),
        ("ProgrammeActivityHeld", {"kind": "X_A", "date": "2019-05-01"}, {"kind": "PARTY", "date": "2019-05-01"}),
        (
            "ProgrammeMetricReported",
            {"metric": "M", "value": "0.5", "reference_time": "2021-05-31"},
            {"metric": "M", "value": 0.5, "reference_time": "2021-05-31"},
        ),
        (
            "ProgrammeMetricReported",
            {"metric": "M", "value": "1", "reference_time": "2021-05-31"},
            {"metric": "M", "value": "1"},
        ),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
