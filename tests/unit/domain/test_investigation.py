from typing import Any

import msgspec
import pytest

from ledger.domain.payload import PersonalPayload
from tests.unit.domain.build import Story, payload

SUBJECT = "investigation:aaca:7"
DAYS = [f"2019-05-{day:02}T00:00:00Z" for day in range(1, 12)]
Step = tuple[str, dict[str, Any]]
OPENED: Step = (
    "InvestigationOpened",
    {"kind": "OFFLINE", "subject_refs": ["seller:taobao:1"], "partners": ["party:a"]},
)
SECURED: Step = ("EvidenceSecured", {"evidence": [{"evidence_id": "E1", "sha256": "0" * 64}]})
BOUGHT: Step = (
    "TestPurchaseMade",
    {"listing_id": "listing:taobao:9", "price": {"amount_minor": 9900, "currency": "CNY"}, "authentic": "NO"},
)
REFERRED: Step = ("LeadReferred", {"to_authority": "PSB Yiwu", "count": 12, "content_sha256": "0" * 64})
FOUND: Step = ("FindingRecorded", {"finding": "counterfeit workshop", "confidence": "HIGH"})
CLOSED: Step = ("InvestigationClosed", {"result": "three arrests"})


def acted(value: int, currency: str, authority: str | None = "PSB Yiwu") -> Step:
    data: dict[str, Any] = {"suspects": 3, "premises": 1, "value": {"amount_minor": value, "currency": currency}}
    return "EnforcementActionReported", data if authority is None else {**data, "authority": authority}


def told(*steps: Step) -> Story:
    story = Story(SUBJECT)
    for time, (event_type, data) in zip(DAYS, steps, strict=False):
        story.tell(event_type, time, **data)
    return story


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([OPENED], "OPEN"),
        ([BOUGHT], "OPEN"),
        ([OPENED, FOUND], "FINDING"),
        ([OPENED, FOUND, FOUND], "FINDING"),
        ([OPENED, CLOSED], "CLOSED"),
        ([CLOSED, CLOSED, FOUND], "CLOSED"),
    ],
)
def test_each_event_leads_where_the_table_says(steps: list[Step], state: str) -> None:
    story = told(*steps)

    assert story.described()["state"] == state
    assert story.breach() is None


def test_an_investigation_is_described_in_full() -> None:
    story = told(OPENED, SECURED, BOUGHT, REFERRED, acted(500, "CNY"), FOUND, CLOSED)

    def at(day: int) -> str:
        return f"2019-05-{day:02}T00:00:00.000000Z"

    assert story.described() == {
        "id": SUBJECT,
        "version": 7,
        "state": "CLOSED",
        **OPENED[1],
        "opened_at": at(1),
        "evidence_ids": ["E1"],
        "purchases": [{"bought_by": "e3", "bought_at": at(3), **BOUGHT[1]}],
        "leads": [{"referred_by": "e4", "referred_at": at(4), **REFERRED[1], "state": "ACTION_REPORTED"}],
        "actions": [{"reported_by": "e5", "reported_at": at(5), **acted(500, "CNY")[1]}],
        "values": {"CNY": 500},
        "findings": [{"found_by": "e6", "found_at": at(6), **FOUND[1]}],
        "closed_at": at(7),
        "result": "three arrests",
    }


def test_a_lead_waits_for_the_action_of_its_own_authority() -> None:
    story = told(REFERRED, acted(1, "CNY", "PSB Wuxi"), acted(1, "CNY", None), acted(1, "CNY"))

    states = [story.described(time)["leads"][0]["state"] for time in DAYS[:4]]
    assert states == ["REFERRED", "REFERRED", "REFERRED", "ACTION_REPORTED"]


def test_a_lead_to_nobody_is_not_answered_by_nobody_s_action() -> None:
    assert told(("LeadReferred", {"count": 1}), acted(1, "CNY", None)).described()["leads"][0]["state"] == "REFERRED"


def test_values_are_summed_by_currency() -> None:
    assert told(acted(5, "CNY"), acted(7, "USD"), acted(1, "CNY")).described()["values"] == {"CNY": 6, "USD": 7}


def test_the_order_of_a_purchase_is_personal_and_in_no_state() -> None:
    bought = payload("TestPurchaseMade", order_ref="O-1", subject_id="subject:s1", **BOUGHT[1])
    story = told(("TestPurchaseMade", {"order_ref": "O-1", "subject_id": "subject:s1"}))

    assert isinstance(bought, PersonalPayload)
    assert "O-1" not in str(story.described())


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("InvestigationOpened", {"kind": "ONLINE"}, {"trigger": "tip"}),
        ("TestPurchaseMade", {"authentic": "UNKNOWN"}, {"authentic": "MAYBE"}),
        ("FindingRecorded", {"finding": "none"}, {"confidence": "HIGH"}),
        ("InvestigationClosed", {"result": "none"}, {}),
        ("LeadReferred", {"count": 0}, {"count": -1}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
