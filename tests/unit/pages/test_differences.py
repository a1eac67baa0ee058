"""What differs between two dates of knowledge, and which events made it so."""

from typing import Any

from api.pages.differences import Made, Row, compare, explain, sources_of, targets_of

ONE, OTHER = "listing:shop:L1", "listing:shop:L2"
POLICY = "policy:shop:P"
AS_OF = "2026-01-31T16:59:59.999999Z"


def item(subject: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"log": "shop", "subject": subject, **members}


def recorded(event_id: str, event_type: str, subject: str, time: str = "2026-01-10", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "id": event_id,
        "log": "shop",
        "type": event_type,
        "subject": subject,
        "time": f"{time}T00:00:00Z",
        "data": data,
    }


def test_an_item_is_new_gone_otherwise_or_the_same() -> None:
    here = [item(ONE, status="A"), item(OTHER, status="A", version=1), item("listing:shop:L3", status="A")]
    there = [item(ONE, status="B"), item(OTHER, status="A", version=2), item("listing:shop:L4", status="A")]
    assert compare(here, there, ()) == [
        Row(item=here[0], other=there[0], difference="OTHERWISE", changed=("status",)),
        Row(item=here[1], other=there[1]),
        Row(item=here[2], difference="ONLY_HERE"),
        Row(item=there[2], difference="ONLY_THERE"),
    ]


def test_items_of_one_subject_are_told_apart_by_what_names_them() -> None:
    here = [item(ONE, rule="r1", days=1), item(ONE, rule="r2", days=1)]
    there = [item(ONE, rule="r2", days=1), item(ONE, rule="r3", days=1)]
    found = compare(here, there, ("rule",))
    assert [(row.item["rule"], row.difference) for row in found] == [
        ("r1", "ONLY_HERE"),
        ("r2", "NONE"),
        ("r3", "ONLY_THERE"),
    ]


def test_what_an_item_names_is_what_it_was_worked_out_from() -> None:
    rows = compare([item(ONE, seller="seller:shop:S1", links=[{"to": POLICY}])], [item(OTHER)], ())
    assert sources_of(rows) == [ONE, "seller:shop:S1", POLICY, "platform:shop", OTHER]
    assert sources_of([Row(item=item(ONE))]) == []


def test_a_cause_is_an_event_of_what_the_item_names_its_own_first() -> None:
    rows = compare([item(ONE, policy=POLICY)], [], ())
    events = [
        recorded("e1", "PolicySuspended", POLICY),
        recorded("e2", "ListingBlocked", ONE),
        recorded("e3", "ListingBlocked", OTHER),
    ]
    (row,) = explain(rows, events, {}, AS_OF)
    assert row.causes == (
        Made(cause="RECORDED", event=events[1], target=None, reason=None),
        Made(cause="RECORDED", event=events[0], target=None, reason=None),
    )


def test_what_took_effect_only_later_made_no_difference_but_a_correction_did() -> None:
    rows = compare([item(ONE)], [], ())
    late = recorded("e1", "ListingBlocked", ONE, "2026-02-01")
    fix = recorded("e2", "EventCorrected", ONE, "2026-02-01", target_event_id="e0", reason_code="CLERICAL")
    void = recorded("e3", "EventVoided", ONE, "2026-02-01", target_event_id="e0", reason_code="DUPLICATE")
    (row,) = explain(rows, [late, fix, void], {}, AS_OF)
    assert row.causes == (
        Made(cause="CORRECTED", event=fix, target="e0", reason="CLERICAL"),
        Made(cause="VOIDED", event=void, target="e0", reason="DUPLICATE"),
    )
    assert targets_of([late, fix, void]) == [("shop", "e0")]


def test_a_correction_of_another_rule_is_no_cause() -> None:
    rows = compare([item(ONE, policy=POLICY, rule="r1")], [], ("rule",))
    fixes = [
        recorded(f"fix-{rule}", "EventCorrected", POLICY, target_event_id=rule, reason_code="CLERICAL")
        for rule in ("r1", "r2", "r3")
    ]
    targets = {rule: recorded(rule, "PolicyRuleDefined", POLICY, rule_id=rule) for rule in ("r1", "r2")}
    (row,) = explain(rows, fixes, targets, AS_OF)
    assert [made.event["id"] for made in row.causes] == ["fix-r1", "fix-r3"]  # of r3 it is not known what it is


def test_what_does_not_differ_has_no_causes() -> None:
    rows = compare([item(ONE)], [item(ONE)], ())
    assert explain(rows, [recorded("e1", "ListingBlocked", ONE)], {}, AS_OF) == rows
