"""What a statement of reasons imposes: which restrictions, in which streams, from when to when."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.api.desk import RIVAL, Desk, Json
from tests.api.statements_of_reasons import END, WHO, read_back, statement, submit


async def imposed(desk: Desk, uuid: str) -> list[tuple[Json, ...]]:
    """Return the restrictions of a statement, of listing and seller, as the views have them at the end of time."""
    await desk.follow()
    items: list[Json] = []
    for in_force in ("true", "false"):
        asked = {"in_force": in_force, "as_of": END, "who": WHO}
        items += (await desk.get("/v1/restrictions", subject_prefix="listing:rival:", **asked))["items"]
        items += (await desk.get("/v1/restrictions", subject_prefix="seller:rival:", **asked))["items"]
    ours = [item for item in items if uuid in item["subject"]]
    return sorted((item["subject"].partition(":")[0], item["restriction_id"], item["kind"]) for item in ours)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ({"decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}, [("listing", "visibility", "BLOCKED")]),
        ({"decision_visibility": ["DECISION_VISIBILITY_CONTENT_LABELLED"]}, [("listing", "visibility", "RESTRICTED")]),
        ({"decision_monetary": "DECISION_MONETARY_SUSPENSION"}, [("seller", "monetary", "PAYMENTS_RESTRICTED")]),
        ({"decision_provision": "DECISION_PROVISION_PARTIAL_TERMINATION"}, [("seller", "service", "SUSPENDED")]),
        ({"decision_provision": "DECISION_PROVISION_TOTAL_TERMINATION"}, [("seller", "service", "BANNED")]),
        ({"decision_account": "DECISION_ACCOUNT_SUSPENDED"}, [("seller", "account", "SUSPENDED")]),
        (
            {
                "decision_visibility": ["DECISION_VISIBILITY_OTHER"],
                "decision_visibility_other": "shown to friends only",
                "decision_monetary": "DECISION_MONETARY_TERMINATION",
                "decision_account": "DECISION_ACCOUNT_TERMINATED",
            },
            [
                ("listing", "visibility", "RESTRICTED"),
                ("seller", "account", "BANNED"),
                ("seller", "monetary", "PAYMENTS_RESTRICTED"),
            ],
        ),
    ],
)
async def test_each_decision_of_a_statement_is_a_restriction_of_its_own(
    desk: Desk, decisions: dict[str, Any], expected: Sequence[tuple[str, str, str]]
) -> None:
    created = await submit(desk, {**statement(decision_visibility=None), **decisions})
    uuid = created.json()["uuid"]

    assert created.status_code == 201
    assert await imposed(desk, uuid) == [(stream, f"{uuid}:{name}", kind) for stream, name, kind in expected]


async def test_a_restriction_lasts_from_the_day_of_its_decision_to_the_end_of_its_last_day(desk: Desk) -> None:
    days = {"application_date": "2023-05-18", "end_date_visibility_restriction": "2023-05-20"}
    uuid = (await submit(desk, statement(**days))).json()["uuid"]
    await desk.follow()
    shown = {
        day: (await desk.get("/v1/restrictions", who=WHO, as_of=day, certainty="POSSIBLE"))["items"]
        for day in ("2023-05-17", "2023-05-18", "2023-05-20T23:59:59+07:00", "2023-05-21T00:00:00+07:00")
    }

    assert [len(items) for items in shown.values()] == [0, 1, 1, 0]
    (restriction,) = shown["2023-05-18"]
    assert restriction["subject"] == f"listing:rival:{uuid}"
    assert restriction["territorial_scope"] == ["BE", "DE", "FR"]
    assert (restriction["category"], restriction["source_type"]) == (
        "STATEMENT_CATEGORY_ANIMAL_WELFARE",
        "SOURCE_ARTICLE_16",
    )


async def test_a_decision_that_is_to_apply_later_is_kept_and_restricts_nothing_yet(desk: Desk) -> None:
    created = await submit(desk, statement(application_date="2037-12-31"))
    uuid = created.json()["uuid"]

    assert created.status_code == 201
    assert (await read_back(desk, uuid))["application_date"] == "2037-12-31"
    assert (await imposed(desk, uuid), await desk.size(RIVAL)) == ([], 1)
