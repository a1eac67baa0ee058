from typing import Any

import msgspec
import pytest

from ledger.domain.fact import Certainty
from tests.unit.domain.build import Story, payload

SUBJECT = "body:aaca-smc"
Step = tuple[str, dict[str, Any]]
ANNOUNCE: Step = ("BodyAnnounced", {"kind": "COMMITTEE", "name": "SME Advisory Committee"})
ESTABLISH: Step = ("BodyEstablished", {"kind": "COMMITTEE", "name": "SMC"})
MANDATE: Step = ("BodyMandateAdopted", {"objectives": ["advise"]})
DISSOLVE: Step = ("BodyDissolved", {})
MEET: Step = ("MeetingHeld", {"meeting_no": 1})

TABLE: list[tuple[list[Step], str | None]] = [
    ([ANNOUNCE], "ANNOUNCED"),
    ([ANNOUNCE, ANNOUNCE], "ANNOUNCED"),
    ([ANNOUNCE, MANDATE, MEET], "ANNOUNCED"),
    ([ANNOUNCE, ESTABLISH], "ESTABLISHED"),
    ([ESTABLISH], "ESTABLISHED"),
    ([ESTABLISH, ANNOUNCE], "ESTABLISHED"),
    ([ESTABLISH, DISSOLVE], "DISSOLVED"),
    ([ANNOUNCE, DISSOLVE], "DISSOLVED"),
    ([DISSOLVE, ANNOUNCE], "DISSOLVED"),
    ([DISSOLVE, DISSOLVE], "DISSOLVED"),
    ([DISSOLVE, ESTABLISH], "ESTABLISHED"),
    ([MEET], None),
    ([MANDATE], None),
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


def test_a_body_is_described_in_full() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    announced: dict[str, Any] = {
        "intended_members": ["party:a"],
        "mandate_source": "press",
        "parent_body_id": "body:aaca",
    }
    mandate: dict[str, Any] = {"objectives": ["advise"], "powers": ["ask"], "members": ["party:a", "party:b"]}
    held: dict[str, Any] = {"meeting_no": 1, "mode": "VIDEO", "attendee_count": 17, "attendee_countries": ["US", "GB"]}
    recommended: dict[str, Any] = {"ref": "REC 1", "addressee": "party:platform", "due": "2021-06-30"}
    story.tell("BodyAnnounced", "2020-09-28T00:00:00Z", kind="COMMITTEE", name="Committee", **announced)
    story.tell("BodyEstablished", "2020-10-01T00:00:00Z", kind="COMMITTEE", host="alibaba", instrument_id="policy:a")
    story.tell("BodyMandateAdopted", "2020-10-02T00:00:00Z", cadence={"per_year": 2}, **mandate)
    story.tell("WorkingGroupFormed", "2020-10-03T00:00:00Z", industry="TOYS", working_group_id="body:aaca-toys")
    story.tell("MeetingHeld", "2020-09-23T16:00:00Z", precision="DAY", industries=["TOYS"], **held)
    story.tell("RecommendationAdopted", "2020-12-01T00:00:00Z", **recommended)

    assert story.described() == {
        **announced,
        "id": SUBJECT,
        "version": 6,
        "state": "ESTABLISHED",
        "kind": "COMMITTEE",
        "name": "Committee",
        "host": "alibaba",
        "instrument_id": "policy:a",
        "mandate": {**mandate, "per_year": 2, "adopted_at": "2020-10-02T00:00:00.000000Z"},
        "working_groups": [
            {"industry": "TOYS", "working_group_id": "body:aaca-toys", "formed_at": "2020-10-03T00:00:00.000000Z"}
        ],
        "meetings": [
            {
                **held,
                "industries": ["TOYS"],
                "date": "2020-09-24",
                "held_at": "2020-09-23T16:00:00.000000Z",
                "held_by": "e5",
            }
        ],
        "meetings_per_year": {"2020": 1},
        "scheduled": [],
        "recommendations": [{**recommended, "adopted_at": "2020-12-01T00:00:00.000000Z", "adopted_by": "e6"}],
        "announced_at": "2020-09-28T00:00:00.000000Z",
        "established_at": "2020-10-01T00:00:00.000000Z",
    }


def test_a_meeting_a_year_earlier_than_first_said_is_known_only_after_the_correction() -> None:
    story = Story(SUBJECT, "Asia/Shanghai")
    held = story.tell("MeetingHeld", "2021-09-29T16:00:00Z", precision="DAY", meeting_no=1)
    story.correct(held, time="2020-09-23T16:00:00Z")

    dates = [
        [meeting["date"] for meeting in story.described("2020-12-31T15:59:59Z", events=events).get("meetings", ())]
        for events in (1, 2)
    ]
    assert dates == [[], ["2020-09-24"]]


def test_meetings_of_a_month_and_of_a_year_have_dates_as_far_as_they_are_known() -> None:
    story = Story(SUBJECT, "Asia/Jakarta")
    story.tell("MeetingHeld", "2020-12-31T17:00:00Z", precision="MONTH", meeting_no=1)
    story.tell("MeetingHeld", "2020-12-31T17:00:00Z", precision="YEAR", meeting_no=2)
    story.tell("MeetingHeld", "2019-12-31T17:00:00Z", meeting_no=3)

    described = story.described()
    assert [meeting["date"] for meeting in described["meetings"]] == ["2020-01-01", "2021-01", "2021"]
    assert described["meetings_per_year"] == {"2020": 1, "2021": 2}
    assert "meetings" not in story.described("2019-01-01T00:00:00Z")


def test_a_meeting_scheduled_again_is_moved_and_is_not_held_by_that() -> None:
    story = Story("body:unctad", "Asia/Jakarta")
    first: dict[str, Any] = {"meeting": "UNCTAD15", "start_date": "2021-04-25", "end_date": "2021-04-30"}
    moved: dict[str, Any] = {"meeting": "UNCTAD15", "start_date": "2021-10-04", "end_date": "2021-10-07"}
    story.tell("MeetingScheduled", "2020-01-01T00:00:00Z", **first)
    scheduled = story.tell("MeetingScheduled", "2021-01-01T00:00:00Z", **moved)
    story.correct(scheduled, data={"start_date": "2021-10-03"})

    answers = [
        [story.described(as_of, events=events)["scheduled"][0]["start_date"] for events in (2, 3)]
        for as_of in ("2020-06-01T00:00:00Z", "2021-11-01T00:00:00Z")
    ]
    assert answers == [["2021-04-25", "2021-04-25"], ["2021-10-04", "2021-10-03"]]
    assert story.described()["meetings"] == []


def test_an_announced_task_force_is_not_established() -> None:
    story = Story("body:satgas-umkm", "Asia/Jakarta")
    story.tell("BodyAnnounced", "2023-07-21T17:00:00Z", precision="DAY", kind="TASK_FORCE", name="Satgas")

    assert states(story, "2023-07-26T16:59:59Z") == ["ANNOUNCED", "ANNOUNCED"]


def test_a_body_established_in_some_year_is_certainly_there_only_at_its_end() -> None:
    story = Story(SUBJECT)
    story.tell("BodyEstablished", "2019-01-01T00:00:00Z", precision="YEAR", kind="COMMITTEE")

    assert states(story, "2019-06-30T00:00:00Z") == [None, "ESTABLISHED"]
    assert states(story, "2020-01-01T00:00:00Z") == ["ESTABLISHED", "ESTABLISHED"]

    story.tell("BodyDissolved", "2019-08-01T00:00:00Z")
    assert states(story, "2020-01-01T00:00:00Z") == ["DISSOLVED", "DISSOLVED"]


def test_an_announcement_known_after_the_establishment_says_nothing_better() -> None:
    story = Story(SUBJECT)
    story.tell("BodyAnnounced", "2020-01-01T00:00:00Z", precision="YEAR", kind="COMMUNITY", name="To be named")
    story.tell("BodyEstablished", "2020-05-01T00:00:00Z", kind="COMMITTEE", name="SMC")

    described = story.described()
    assert (described["state"], described["kind"], described["name"]) == ("ESTABLISHED", "COMMITTEE", "SMC")


def test_a_body_is_established_once_and_again_only_when_that_was_voided() -> None:
    story = Story(SUBJECT)
    first = story.tell("BodyEstablished", "2020-01-01T00:00:00Z", kind="COMMITTEE")
    story.tell("BodyEstablished", "2021-01-01T00:00:00Z", kind="COMMITTEE")
    assert story.breach() == ("invalid-event", "/type", "e2")

    story.void(first)
    assert story.breach() is None


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("BodyAnnounced", {"kind": "COMMUNITY"}, {"name": "Community"}),
        ("BodyAnnounced", {"kind": "X_COUNCIL"}, {"kind": "COUNCIL"}),
        ("BodyEstablished", {"kind": "ALLIANCE"}, {"name": "Alliance"}),
        ("BodyMandateAdopted", {"cadence": {"per_year": 2}}, {"cadence": {"per_year": 0}}),
        ("WorkingGroupFormed", {"industry": "TOYS"}, {"industry": "TEA"}),
        (
            "MeetingScheduled",
            {"meeting": "U15", "start_date": "2021-10-03", "end_date": "2021-10-07"},
            {"meeting": "U15", "start_date": "2021-10-03"},
        ),
        ("MeetingHeld", {"meeting_no": 1}, {"mode": "VIDEO"}),
        ("MeetingHeld", {"meeting_no": 1}, {"meeting_no": 0}),
        ("RecommendationAdopted", {"ref": "REC 1"}, {"addressee": "party:a"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
