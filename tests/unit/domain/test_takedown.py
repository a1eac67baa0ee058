from typing import Any

import msgspec
import pytest

from tests.unit.domain.build import Story, payload

CASE = "takedown_case:alibaba-ipp:T02"
NOTICE: dict[str, Any] = {
    "channel": "WEB_FORM",
    "notifier_party_id": "party:rh-001",
    "notifier_size_class": "SMALL",
    "notifier_tier": "STANDARD",
    "ip_right_type": "TRADEMARK",
    "regime": "CN_ECL",
}
Step = tuple[str, dict[str, Any]]
RECEIVED: Step = ("NoticeReceived", {"items": [{"item_no": 1, "listing_id": "listing:tmall:TM02"}]})
ACTIONED: Step = ("TakedownActioned", {"item_no": 1, "measure": "REMOVED", "restriction_id": "RT02"})
COUNTERED: Step = ("CounterNoticeSubmitted", {"item_no": 1, "attempt": 1, "grounds": ["AUTHORISED_SELLER"]})
FORWARDED: Step = ("CounterNoticeForwarded", {"item_no": 1, "delivered_at": "2020-10-15T03:00:00Z"})
SUED: Step = ("LegalActionNotified", {"item_no": 1, "filed_on": "2020-10-28", "forum": "COURT"})
REVERSED: Step = ("TakedownReversed", {"item_no": 1, "ground": "WAITING_PERIOD_ELAPSED"})
COUNTER_REJECTED: Step = ("CounterNoticeRejected", {"item_no": 1})
MAINTAINED: Step = ("MeasureMaintained", {"item_no": 1, "ground": "APPEAL_REJECTED"})
CLOSED: Step = ("TakedownCaseClosed", {"reason": "done"})

DIAGRAM: list[tuple[list[Step], str]] = [
    ([("NoticeSubmitted", {"notice_ref": "N1", "items": [{"item_no": 1}]})], "SUBMITTED"),
    ([("NoticeSubmitted", {"notice_ref": "N1", "items": [{"item_no": 1}]}), RECEIVED], "RECEIVED"),
    ([RECEIVED], "RECEIVED"),
    ([RECEIVED, ("NoticeReturned", {"item_nos": [1]})], "RETURNED"),
    ([RECEIVED, ("NoticeReturned", {"item_nos": [1]}), ("NoticeSupplemented", {})], "RECEIVED"),
    ([RECEIVED, ("NoticeReturned", {"item_nos": [1]}), ("NoticeSupplemented", {"item_nos": [1]})], "RECEIVED"),
    ([RECEIVED, ("NoticeReturned", {"item_nos": [1]}), RECEIVED], "RECEIVED"),
    ([RECEIVED, ("NoticeRejected", {"item_nos": [1], "reasons": ["DUPLICATE"]})], "REJECTED"),
    ([RECEIVED, ("NoticeWithdrawn", {"item_nos": [1], "by": "NOTIFIER"})], "WITHDRAWN"),
    ([RECEIVED, ("TakedownDeclined", {"item_no": 1})], "DECLINED"),
    ([RECEIVED, ACTIONED], "ACTIONED"),
    ([RECEIVED, ACTIONED, COUNTERED], "COUNTER_NOTICED"),
    ([RECEIVED, ACTIONED, COUNTERED, COUNTER_REJECTED], "COUNTER_REJECTED"),
    ([RECEIVED, ACTIONED, COUNTERED, FORWARDED], "FORWARDED"),
    ([RECEIVED, ACTIONED, COUNTERED, FORWARDED, SUED], "MAINTAINED"),
    ([RECEIVED, ACTIONED, COUNTERED, FORWARDED, REVERSED], "REVERSED"),
    ([RECEIVED, ACTIONED, REVERSED], "REVERSED"),
    ([RECEIVED, ACTIONED, MAINTAINED], "MAINTAINED"),
    ([RECEIVED, ACTIONED, CLOSED], "CLOSED"),
    ([RECEIVED, ACTIONED, COUNTERED, COUNTER_REJECTED, CLOSED], "CLOSED"),
]


def told(*steps: Step) -> Story:
    """Tell a step a day, from 2020-10-01 on."""
    story = Story(CASE)
    for day, (event_type, data) in enumerate(steps, start=1):
        story.tell(event_type, f"2020-10-{day:02}T00:00:00Z", **data)
    return story


def item(story: Story, as_of: str = "2029-12-31T00:00:00Z", number: int = 1) -> dict[str, Any]:
    items: list[dict[str, Any]] = story.described(as_of)["items"]
    return next(one for one in items if one["item_no"] == number)


@pytest.mark.parametrize(("steps", "state"), DIAGRAM)
def test_an_item_goes_through_the_diagram(steps: list[Step], state: str) -> None:
    story = told(*steps)

    assert item(story)["state"] == state
    assert story.described()["state"] == state


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([ACTIONED], "MAINTAINED"),
        ([COUNTERED], "MAINTAINED"),
        ([COUNTER_REJECTED], "MAINTAINED"),
        ([FORWARDED], "MAINTAINED"),
        ([REVERSED], "REVERSED"),
        ([RECEIVED], "RECEIVED"),
    ],
)
def test_going_to_law_maintains_what_is_down_and_nothing_else(before: list[Step], after: str) -> None:
    described = item(told(*before, SUED))

    assert (described["state"], described["legal_forum"]) == (after, "COURT")


@pytest.mark.parametrize("before", [RECEIVED, FORWARDED, MAINTAINED, REVERSED])
def test_closing_a_case_leaves_its_other_items_as_they_are(before: Step) -> None:
    described = told(before, CLOSED).described()

    assert described["items"][0]["state"] == item(told(before))["state"]
    assert (described["closed"], described["closed_reason"]) == (True, "done")


def test_one_case_has_items_of_different_states_and_the_furthest_is_its_own() -> None:
    story = told(
        ("NoticeReceived", {"items": [{"item_no": number} for number in (1, 2, 3, 4)], **NOTICE}),
        ("NoticeReturned", {"item_nos": [3, 4], "reasons": ["MISSING_LOCATION"]}),
        ("TakedownActioned", {"item_no": 1, "measure": "DISABLED"}),
        ("TakedownDeclined", {"item_no": 2, "reasons": ["NOT_INFRINGING"]}),
        ("NoticeSupplemented", {"item_nos": [4]}),
    )

    described = story.described()
    assert [(one["item_no"], one["state"]) for one in described["items"]] == [
        (1, "ACTIONED"),
        (2, "DECLINED"),
        (3, "RETURNED"),
        (4, "RECEIVED"),
    ]
    assert described["state"] == "ACTIONED"


def test_supplementing_without_numbers_is_of_all_that_was_returned() -> None:
    story = told(
        ("NoticeReceived", {"items": [{"item_no": 1}, {"item_no": 2}, {"item_no": 3}]}),
        ("NoticeReturned", {"item_nos": [1, 2]}),
        ("NoticeWithdrawn", {"item_nos": [3]}),
        ("NoticeSupplemented", {}),
    )

    assert [one["state"] for one in story.described()["items"]] == ["RECEIVED", "RECEIVED", "WITHDRAWN"]


def test_an_item_is_described_in_full() -> None:
    story = told(
        ("NoticeSubmitted", {"notice_ref": "N1", "items": [{"item_no": 1, "listing_url_sha256": "a" * 64}]}),
        ("NoticeReceived", {**NOTICE, "items": [{"item_no": 1, "listing_id": "listing:tmall:TM02"}]}),
        ("NoticeReturned", {"item_nos": [1], "reasons": ["MISSING_LOCATION"], "cure_by": "2020-10-09"}),
        ("NoticeSupplemented", {}),
        ("TakedownActioned", {**ACTIONED[1], "decided_by": "officer:1", "sales_before_action": 0}),
        COUNTERED,
        FORWARDED,
        REVERSED,
    )

    assert item(story) == {
        **NOTICE,
        "item_no": 1,
        "state": "REVERSED",
        "listing_id": "listing:tmall:TM02",
        "listing_url_sha256": "a" * 64,
        "notice_ref": "N1",
        "submitted_at": "2020-10-01T00:00:00.000000Z",
        "received_at": "2020-10-02T00:00:00.000000Z",
        "pauses": [{"returned_at": "2020-10-03T00:00:00.000000Z", "supplemented_at": "2020-10-04T00:00:00.000000Z"}],
        "reasons": ["MISSING_LOCATION"],
        "cure_by": "2020-10-09",
        "decided_at": "2020-10-05T00:00:00.000000Z",
        "decided_by": "officer:1",
        "measure": "REMOVED",
        "restriction_id": "RT02",
        "sales_before_action": 0,
        "countered_at": "2020-10-06T00:00:00.000000Z",
        "counter_attempts": 1,
        "counter_grounds": ["AUTHORISED_SELLER"],
        "forwarded_at": "2020-10-07T00:00:00.000000Z",
        "delivered_at": "2020-10-15T03:00:00Z",
        "reversed_at": "2020-10-08T00:00:00.000000Z",
        "reversal_ground": "WAITING_PERIOD_ELAPSED",
    }


def test_what_is_acted_upon_without_being_named_has_the_notice_s_attributes() -> None:
    story = told(("NoticeReceived", {**NOTICE, "items": []}), ("TakedownDeclined", {"item_no": 7}))

    described = item(story, number=7)
    assert (described["state"], described["regime"]) == ("DECLINED", "CN_ECL")


def test_the_size_class_of_each_notice_stays_with_its_items() -> None:
    story = told(
        ("NoticeReceived", {"notifier_size_class": "SMALL", "items": [{"item_no": 1}]}),
        ("NoticeReceived", {"notifier_size_class": "LARGE", "items": [{"item_no": 2}]}),
    )

    assert [item(story, number=number)["notifier_size_class"] for number in (1, 2)] == ["SMALL", "LARGE"]
    assert item(story, number=2)["received_at"] == "2020-10-02T00:00:00.000000Z"


@pytest.mark.parametrize("items", [{}, {"items": []}])
def test_a_notice_without_items_is_received(items: dict[str, Any]) -> None:
    described = told(("NoticeReceived", items)).described()

    assert (described["items"], described["state"]) == ([], "RECEIVED")


def test_a_case_without_items_is_submitted_received_closed() -> None:
    story = told(("NoticeSubmitted", {"notice_ref": "N1"}), ("NoticeReceived", {}), CLOSED)

    states = [story.described(f"2020-10-0{day}T12:00:00Z")["state"] for day in (1, 2, 3)]
    assert states == ["SUBMITTED", "RECEIVED", "CLOSED"]


def test_a_notice_of_a_day_does_not_undo_what_followed_within_the_day() -> None:
    story = Story(CASE)
    story.tell("NoticeReceived", "2020-10-01T00:00:00Z", precision="DAY", items=[{"item_no": 1}], **NOTICE)
    story.tell("TakedownActioned", "2020-10-01T10:00:00Z", **ACTIONED[1])

    described = item(story, "2020-10-03T00:00:00Z")
    assert (described["state"], described["regime"]) == ("ACTIONED", "CN_ECL")
    assert described["received_at"] == "2020-10-01T00:00:00.000000Z"
    possible = story.described("2020-10-01T05:00:00Z", "POSSIBLE")
    assert possible["state"] == "RECEIVED"
    assert story.described("2020-10-01T05:00:00Z", "CERTAIN") == {}


def test_counter_notices_are_counted_by_number_or_by_attempt() -> None:
    third: Step = ("CounterNoticeSubmitted", {"item_no": 1, "attempt": 3})
    unnumbered: Step = ("CounterNoticeSubmitted", {"item_no": 1})

    assert item(told(unnumbered, unnumbered))["counter_attempts"] == 2
    assert item(told(third))["counter_attempts"] == 3


def test_extensions_and_abuse_stand_with_the_case() -> None:
    story = told(
        ("DeadlineExtended", {"deadline_kind": "CN-ECL-43", "new_due": "2020-11-10", "reason": "holiday"}),
        ("NoticeFoundAbusive", {"finding": "FORGED", "measure": "WARNING"}),
    )

    described = story.described()
    assert described["extensions"] == [
        {
            "deadline_kind": "CN-ECL-43",
            "new_due": "2020-11-10",
            "extended_at": "2020-10-01T00:00:00.000000Z",
            "reason": "holiday",
        }
    ]
    assert described["abuse"] == {"finding": "FORGED", "measure": "WARNING", "found_at": "2020-10-02T00:00:00.000000Z"}


def notice(count: int) -> dict[str, Any]:
    return {"items": [{"item_no": number} for number in range(1, count + 1)]}


@pytest.mark.parametrize(
    ("event_type", "accepted", "refused"),
    [
        ("NoticeReceived", notice(300), notice(301)),
        ("NoticeReceived", {"items": [{"item_no": 1}]}, {"items": [{"listing_id": "listing:a:b"}]}),
        ("NoticeReceived", {"items": [{"item_no": 1, "listing_id": "EXTERNAL"}]}, {"items": [{"item_no": 0}]}),
        ("NoticeReceived", {"channel": "X_FAX"}, {"channel": "FAX"}),
        ("NoticeSubmitted", {"notice_ref": "N1"}, {}),
        ("NoticeWithdrawn", {"item_nos": []}, {}),
        ("TakedownActioned", {"item_no": 1, "measure": "REMOVED"}, {"item_no": 1}),
        ("CounterNoticeSubmitted", {"item_no": 1, "attempt": 3}, {"item_no": 1, "attempt": 4}),
        ("CounterNoticeForwarded", FORWARDED[1], {"item_no": 1}),
        ("LegalActionNotified", {"item_no": 1, "filed_on": "2020-10-28"}, {"item_no": 1}),
        ("DeadlineExtended", {"deadline_kind": "K", "new_due": "2020-11-10"}, {"deadline_kind": "K"}),
    ],
)
def test_shapes_are_hard(event_type: str, accepted: dict[str, Any], refused: dict[str, Any]) -> None:
    payload(event_type, **accepted)
    with pytest.raises(msgspec.ValidationError):
        payload(event_type, **refused)
