from typing import Any

import msgspec
import pytest

from ledger.domain.appeal import AppealFiled
from ledger.domain.payload import PersonalPayload
from tests.unit.domain.build import Story, payload

SUBJECT = "appeal:lazada-id:A1"
Step = tuple[str, dict[str, Any]]
FILE: Step = ("AppealFiled", {"target_event_id": "ban-1"})
OVERTURN: Step = ("AppealDecided", {"result": "OVERTURNED"})
UPHOLD: Step = ("AppealDecided", {"result": "UPHELD_DECISION"})
WITHDRAW: Step = ("AppealWithdrawn", {"reason": "settled"})

TABLE: list[tuple[list[Step], tuple[str, str | None]]] = [
    ([FILE], ("FILED", None)),
    ([FILE, OVERTURN], ("DECIDED", "OVERTURNED")),
    ([FILE, UPHOLD, OVERTURN], ("DECIDED", "OVERTURNED")),
    ([FILE, WITHDRAW], ("WITHDRAWN", None)),
    ([FILE, WITHDRAW, FILE], ("WITHDRAWN", None)),
    ([FILE, UPHOLD, WITHDRAW], ("DECIDED", "UPHELD_DECISION")),
    ([FILE, WITHDRAW, UPHOLD], ("DECIDED", "UPHELD_DECISION")),
    ([UPHOLD], ("DECIDED", "UPHELD_DECISION")),
    ([WITHDRAW], ("WITHDRAWN", None)),
    ([WITHDRAW, WITHDRAW], ("WITHDRAWN", None)),
]


@pytest.mark.parametrize(("steps", "expected"), TABLE)
def test_each_event_leads_where_the_table_says(steps: list[Step], expected: tuple[str, str | None]) -> None:
    story = Story(SUBJECT)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2021-01-{day:02}T00:00:00Z", **data)

    described = story.described()
    assert (described["state"], described["result"]) == expected
    assert story.breach() is None


def test_an_appeal_is_described_in_full_without_what_is_personal() -> None:
    story = Story(SUBJECT)
    filed: dict[str, Any] = {
        "target_event_id": "ban-1",
        "appellant_seller_id": "seller:lazada-id:S1",
        "notifier_party_id": "party:rh-001",
        "grounds": ["licence shown", "wrong shop"],
    }
    decided: dict[str, Any] = {
        "result": "PARTIAL",
        "decided_by": "officer:2",
        "human_review": True,
        "reasons": "the licence covers half of it",
    }
    story.tell("AppealFiled", "2021-01-01T00:00:00Z", text="enc:v1:k:t", subject_id="subject:1", **filed)
    story.tell("AppealDecided", "2021-01-15T00:00:00Z", **decided)

    assert story.described() == {
        **filed,
        **decided,
        "id": SUBJECT,
        "version": 2,
        "platform": "lazada-id",
        "state": "DECIDED",
        "filed_at": "2021-01-01T00:00:00.000000Z",
        "filed_by": "e1",
        "decided_at": "2021-01-15T00:00:00.000000Z",
        "decided_in": "e2",
    }
    assert issubclass(AppealFiled, PersonalPayload)


def test_an_appeal_of_a_day_decided_within_it_is_certainly_decided() -> None:
    story = Story(SUBJECT)
    story.tell("AppealFiled", "2021-01-01T00:00:00Z", precision="DAY", target_event_id="ban-1")
    story.tell("AppealDecided", "2021-01-01T12:00:00Z", result="OVERTURNED")

    assert story.breach() is None
    assert story.described("2021-01-01T06:00:00Z", "CERTAIN") == {}
    assert story.described("2021-01-01T06:00:00Z", "POSSIBLE")["state"] == "FILED"
    assert story.described("2021-01-02T00:00:00Z", "CERTAIN")["state"] == "DECIDED"


def test_nothing_is_decided_before_it_was_filed() -> None:
    story = Story(SUBJECT)
    story.tell("AppealDecided", "2021-01-01T00:00:00Z", result="OVERTURNED")
    assert story.breach() is None
    story.tell("AppealFiled", "2021-01-02T00:00:00Z", target_event_id="ban-1")
    assert story.breach() == ("timeline-impossible", "/time", "e1")

    possible = Story(SUBJECT)
    possible.tell("AppealDecided", "2021-01-01T00:00:00Z", precision="MONTH", result="OVERTURNED")
    possible.tell("AppealFiled", "2021-01-02T00:00:00Z", target_event_id="ban-1")
    assert possible.breach() is None


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("AppealFiled", {"target_event_id": "ban-1"}, {"grounds": "unfair"}),
        ("AppealFiled", {"target_event_id": "ban-1", "grounds": "unfair"}, {"target_event_id": "a b"}),
        ("AppealDecided", {"result": "PARTIAL"}, {"reasons": "none"}),
        ("AppealDecided", {"result": "OVERTURNED", "reasons": ["a", "b"]}, {"result": "LOST"}),
        ("AppealWithdrawn", {}, {"result": "PARTIAL"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
