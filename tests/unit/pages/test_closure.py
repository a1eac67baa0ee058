"""The story of a closure: its steps in order, the days between, and how late they became known."""

from typing import Any

from api.pages.closure import closure_of

AKAR = "policy:shop:akar"


def told(name: str, kind: str, at: str, recorded: str, *corrected_by: str) -> dict[str, Any]:
    return {
        "log": "shop",
        "id": name,
        "type": kind,
        "at": f"{at}T00:00:00Z",
        "recordedtime": f"{recorded}T00:00:00Z",
        "corrected_by": list(corrected_by),
    }


POLICY: dict[str, Any] = {
    "log": "shop",
    "subject": AKAR,
    "rules": [{"rule_id": "textile", "defined_by": "r"}],
    "versions": [{"version": "1", "adopted_by": "v", "enforced_from": "2021-03-01T00:00:00Z", "grace_over": None}],
}
TIMELINE = [
    told("r", "PolicyRuleDefined", "2021-01-01", "2021-02-10", "r-fix"),
    told("v", "PolicyVersionAdopted", "2021-02-01", "2021-02-01"),
    told("a", "PolicyAnnounced", "2021-02-10", "2021-02-10"),
]


def test_the_steps_come_in_the_order_in_which_they_took_effect_with_those_that_no_event_is_for() -> None:
    steps = closure_of([POLICY], TIMELINE, "2021-12-31T00:00:00Z")
    assert [(step.kind, step.name, step.event, step.after_days, step.late_days) for step in steps] == [
        ("PolicyRuleDefined", "textile", "r", None, 40),
        ("PolicyVersionAdopted", "1", "v", 31, None),
        ("PolicyAnnounced", None, "a", 9, None),
        ("ENFORCED", "1", "v", 19, None),
    ]
    assert steps[0].corrected_by == ["r-fix"]


def test_what_has_not_come_by_the_moment_is_no_step() -> None:
    steps = closure_of([POLICY], TIMELINE, "2021-02-28T23:59:59Z")
    assert [step.kind for step in steps] == ["PolicyRuleDefined", "PolicyVersionAdopted", "PolicyAnnounced"]
    assert closure_of([], [], "2021-02-28T23:59:59Z") == []
