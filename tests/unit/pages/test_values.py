"""What a value is, so that it is shown as that: dates, subjects and events are told from other texts."""

from typing import Any

import pytest

from api.pages.values import sort_of, subjects_in


@pytest.mark.parametrize(
    ("name", "value", "sort"),
    [
        ("ended_at", None, "nothing"),
        ("in_force", False, "truth"),
        ("points", 0, "number"),
        ("imposed_from", "2026-01-10T03:00:00.000000Z", "time"),
        ("due", "2026-01-10", "time"),
        ("due", "2026-01-10Tuesday", "text"),
        ("due", "2026-13-45", "text"),
        ("seller_id", "seller:shop:S1", "subject"),
        ("decided_by", "officer:demo-1", "text"),
        ("imposed_by", "block-L1", "event"),
        ("hidden_by", "RESTRICTION", "text"),
        ("event", "e1", "event"),
        ("id", "fix-1", "event"),
        ("id", "party:p", "subject"),
        ("trigger", "PERIODIC", "text"),
        ("trigger", "test purchases of three members", "text"),
        ("title", "a: of everything", "text"),
        ("items", [], "list"),
        ("price", {"currency": "IDR"}, "object"),
    ],
)
def test_a_value_is_told_by_its_form_and_an_event_by_its_member(name: str, value: Any, sort: str) -> None:  # noqa: ANN401 - JSON
    assert sort_of(name, value) == sort


def test_subjects_are_found_however_deep_each_once() -> None:
    deep = {"a": "seller:shop:S1", "b": [{"c": "party:p"}, "seller:shop:S1", 3, None], "d": "text: no subject"}
    assert subjects_in(deep) == ["seller:shop:S1", "party:p"]
