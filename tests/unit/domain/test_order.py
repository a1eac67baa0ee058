"""Orders (domain.md 6.7): states, effects, requests for information, the ladder of sanctions."""

from typing import Any

import msgspec
import pytest

from ledger.domain.order import step_number
from tests.unit.domain.build import Story, payload

ORDER = "order:kominfo:31-2023"
Step = tuple[str, dict[str, Any]]
ISSUED: Step = ("OrderIssued", {"kind": "TAKEDOWN", "number": "31-2023"})
RECEIVED: Step = ("OrderReceived", {})
ACKNOWLEDGED: Step = ("OrderAcknowledged", {})
PARTIAL: Step = ("OrderEffectGiven", {"extent": "PARTIAL", "effect_at": "2023-08-01T00:00:00Z"})
FULL: Step = ("OrderEffectGiven", {"extent": "FULL", "effect_at": "2023-08-01T00:00:00Z", "restriction_ids": ["R1"]})
REFUSED: Step = ("OrderRefused", {"reason": "no such listing"})
CHALLENGED: Step = ("OrderChallenged", {"forum": "PTUN Jakarta"})
REVOKED: Step = ("OrderRevoked", {})
ASKED: Step = ("InformationRequested", {"due": "2023-08-10", "items": ["sellers by country id"]})
WARNED: Step = ("SanctionImposed", {"step": "WRITTEN_WARNING_1", "ladder": "ID-MoTR-31"})
BLOCKED: Step = ("SanctionImposed", {"step": "TEMPORARY_BLOCK", "ladder": "ID-MoTR-31"})
LIFTED: Step = ("SanctionLifted", {})


def told(*steps: Step) -> Story:
    """Tell steps on successive days from 2023-08-01 on."""
    story = Story(ORDER, "Asia/Jakarta")
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2023-08-{day:02}T00:00:00Z", **data)
    return story


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([ISSUED], "ISSUED"),
        ([RECEIVED], "RECEIVED"),
        ([ISSUED, RECEIVED], "RECEIVED"),
        ([RECEIVED, ISSUED], "RECEIVED"),
        ([ISSUED, RECEIVED, ACKNOWLEDGED], "ACKNOWLEDGED"),
        ([RECEIVED, FULL], "EFFECT_GIVEN"),
        ([RECEIVED, PARTIAL], "PARTIAL"),
        ([RECEIVED, ACKNOWLEDGED, PARTIAL, FULL], "EFFECT_GIVEN"),
        ([RECEIVED, FULL, PARTIAL], "EFFECT_GIVEN"),
        ([FULL, RECEIVED, ACKNOWLEDGED], "EFFECT_GIVEN"),
        ([RECEIVED, REFUSED], "REFUSED"),
        ([RECEIVED, PARTIAL, REFUSED], "REFUSED"),
        ([RECEIVED, CHALLENGED], "CHALLENGED"),
        ([RECEIVED, CHALLENGED, FULL], "EFFECT_GIVEN"),
        ([RECEIVED, REFUSED, WARNED], "REFUSED"),
        ([RECEIVED, REVOKED], "REVOKED"),
        ([REVOKED], "REVOKED"),
        ([REVOKED, FULL], "REVOKED"),
        ([REVOKED, REFUSED], "REVOKED"),
        ([REVOKED, CHALLENGED], "REVOKED"),
        ([ASKED], None),
        ([WARNED], None),
    ],
)
def test_each_event_leads_where_the_table_says(steps: list[Step], state: str | None) -> None:
    story = told(*steps)

    assert story.described().get("state") == state
    assert story.breach() is None


def test_an_order_is_described_in_full() -> None:
    issued: dict[str, Any] = {
        **ISSUED[1],
        "authority": "Kominfo",
        "addressee_platform_id": "platform:tiktok-shop-id",
        "targets": [{"listing_id": "listing:tiktok-shop-id:1"}, {"url_sha256": "0" * 64}],
        "urgency": "URGENT",
        "due_within": "PT4H",
        "reasons": "illegal drugs",
        "redress": [{"kind": "COURT"}],
        "territorial_scope": ["ID"],
    }
    basis = {"legal_basis": [{"instrument_id": "policy:id-permenkominfo-5-2020"}]}
    story = told(("OrderIssued", issued | basis), RECEIVED, ACKNOWLEDGED, PARTIAL, FULL, WARNED)

    assert story.described() == {
        **issued,
        "id": ORDER,
        "version": 6,
        "state": "EFFECT_GIVEN",
        "instruments": ["policy:id-permenkominfo-5-2020"],
        "issued_at": "2023-08-01T00:00:00.000000Z",
        "received_at": "2023-08-02T00:00:00.000000Z",
        "acknowledged_at": "2023-08-03T00:00:00.000000Z",
        "effects": [
            {"given_by": "e4", "given_at": "2023-08-04T00:00:00.000000Z", **PARTIAL[1]},
            {"given_by": "e5", "given_at": "2023-08-05T00:00:00.000000Z", **FULL[1]},
        ],
        "extent": "FULL",
        "sanctions": [{"imposed_by": "e6", "imposed_at": "2023-08-06T00:00:00.000000Z", "step_number": 1, **WARNED[1]}],
        "ladder": "ID-MoTR-31",
        "step": "WRITTEN_WARNING_1",
        "step_number": 1,
        "requests": [],
    }


def test_an_authority_that_no_event_names_is_the_subject_s() -> None:
    assert told(RECEIVED).described()["authority"] == "kominfo"


def test_the_step_is_the_highest_sanction_not_lifted() -> None:
    one: Step = ("SanctionLifted", {"step": "TEMPORARY_BLOCK", "ladder": "ID-MoTR-31"})
    story = told(WARNED, BLOCKED, one, LIFTED)

    steps = [story.described(f"2023-08-0{day}T12:00:00Z")["step_number"] for day in range(1, 5)]
    assert steps == [1, 6, 1, 0]
    assert [sanction["lifted_by"] for sanction in story.described()["sanctions"]] == ["e4", "e3"]


def test_a_sanction_lifted_twice_or_never_imposed_is_accepted() -> None:
    story = told(LIFTED, WARNED, LIFTED, LIFTED)

    assert story.breach() is None
    assert [sanction["lifted_by"] for sanction in story.described()["sanctions"]] == ["e3"]


@pytest.mark.parametrize(
    ("ladder", "step", "number"),
    [
        ("ID-MoTR-31", "LICENCE_REVOCATION", 7),
        ("ID-SAMAN", "ST3", 4),
        ("ID-SAMAN", "BLACKLIST", None),
        (None, "ST1", 2),
        ("EU-DSA", 3, 3),
        ("ID-SAMAN", "FINE", None),
    ],
)
def test_a_step_has_its_place_on_its_ladder(ladder: str | None, step: str | int, number: int | None) -> None:
    assert step_number(ladder, step) == number


def provided(extent: str = "FULL") -> Step:
    return ("InformationProvided", {"request_event_id": "e1", "extent": extent, "content_sha256": "0" * 64})


def test_a_request_is_open_then_overdue_from_the_end_of_its_local_day() -> None:
    story = told(ASKED)

    statuses = [
        story.described(as_of)["requests"][0]["status"]
        for as_of in ("2023-08-02T00:00:00Z", "2023-08-10T16:59:59Z", "2023-08-10T17:00:00Z")
    ]
    assert statuses == ["OPEN", "OPEN", "OVERDUE"]
    expiries = story.stream.expiries(story.state())
    assert [instant.isoformat() for instant in expiries] == ["2023-08-10T17:00:00+00:00"]


def test_a_request_is_provided_by_a_full_answer_only() -> None:
    story = told(ASKED, provided("PARTIAL"), provided())

    requests = [story.described(f"2023-08-0{day}T12:00:00Z")["requests"][0] for day in (2, 3)]
    assert [request["status"] for request in requests] == ["OPEN", "PROVIDED"]
    assert requests[1] == {
        "request_event_id": "e1",
        "requested_at": "2023-08-01T00:00:00.000000Z",
        **ASKED[1],
        "overdue_from": "2023-08-10T17:00:00.000000Z",
        "answers": [
            {"provided_by": "e2", "provided_at": "2023-08-02T00:00:00.000000Z", "extent": "PARTIAL"} | SHA,
            {"provided_by": "e3", "provided_at": "2023-08-03T00:00:00.000000Z", "extent": "FULL"} | SHA,
        ],
        "provided_at": "2023-08-03T00:00:00.000000Z",
        "status": "PROVIDED",
    }
    assert story.stream.expiries(story.state()) == []


SHA = {"content_sha256": "0" * 64}


def test_an_answer_after_the_day_is_late() -> None:
    story = told(ASKED)
    story.tell("InformationProvided", "2023-09-12T00:00:00Z", **provided()[1])

    assert story.described()["requests"][0]["status"] == "PROVIDED_LATE"


def test_an_answer_may_be_certain_before_its_request_is() -> None:
    story = Story(ORDER)
    story.tell("InformationRequested", "2023-08-01T00:00:00Z", precision="MONTH", **ASKED[1])
    story.tell("InformationProvided", "2023-08-05T00:00:00Z", request_event_id="e1", extent="FULL")

    assert story.described("2023-08-20T00:00:00Z")["requests"] == []
    assert story.described()["requests"][0]["status"] == "PROVIDED"


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("OrderIssued", ISSUED[1], {"kind": "TAKEDOWN"}),
        ("OrderIssued", {**ISSUED[1], "kind": "X_RECALL"}, {**ISSUED[1], "kind": "RECALL"}),
        ("OrderIssued", {**ISSUED[1], "due_within": "PT24H"}, {**ISSUED[1], "due_within": "24h"}),
        ("OrderIssued", {**ISSUED[1], "reasons": ["a", "b"], "redress": "appeal"}, {**ISSUED[1], "reasons": [1]}),
        ("OrderEffectGiven", FULL[1], {"extent": "FULL"}),
        ("OrderEffectGiven", FULL[1], {**FULL[1], "extent": "NONE"}),
        ("OrderReceived", {}, {"by": "x"}),
        ("InformationRequested", {"due": "2023-08-10"}, {"items": ["x"]}),
        ("InformationProvided", {"request_event_id": "e1", "extent": "NONE"}, {"extent": "FULL"}),
        ("SanctionImposed", {"step": 2}, {"ladder": "ID-SAMAN"}),
        ("SanctionImposed", {"step": "ST1"}, {"step": "ST9"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
