"""One subject: its state at a moment, and every rectangle of its history."""

from typing import Any

import pytest

from tests.api.desk import OPEN, SHOP, Desk, Json, block, corrected, published, reinstated, voided

LISTING = "listing:shop:A"


async def state(desk: Desk, **query: Json) -> dict[str, Any] | None:
    """Return the state of the listing in the shop's log, or None where nothing is known of it."""
    response = await desk.ask("GET", "/v1/subject", subject=LISTING, log=SHOP, **query)
    if response.status_code == 404:
        return None
    items = response.json()["items"]
    return items[0]["state"] if items else None


async def test_a_subject_is_shown_as_it_was_and_as_it_was_known(desk: Desk) -> None:
    await desk.tell(published("A", title="Batik"))
    await desk.tell(block("A", "R1"))
    await desk.tell(reinstated("A", "R1"))
    shown = await state(desk)
    assert shown is not None
    assert (shown["title"], shown["lifecycle"], shown["restricted"], shown["version"]) == (
        "Batik",
        "PUBLISHED",
        False,
        3,
    )
    assert [r["in_force"] for r in shown["restrictions"]] == [False]
    at = await state(desk, as_of="2026-01-11T00:00:00Z")
    assert at is not None
    assert (at["restricted"], at["version"]) == (True, 2)
    then = await state(desk, size=f"{SHOP}:2")
    assert then is not None
    assert then["restricted"] is True
    assert await state(desk, as_of="2026-01-04T00:00:00Z") is None
    assert await state(desk, size=f"{SHOP}:0") is None


async def test_a_subject_is_shown_once_for_each_log_that_knows_it(desk: Desk) -> None:
    await desk.tell(published("A", title="here"))
    await desk.tell(published("A", title="there"), log=OPEN)
    items = (await desk.get("/v1/subject", subject=LISTING))["items"]
    assert [(item["log"], item["kind"], item["subject"], item["state"]["title"]) for item in items] == [
        (OPEN, "listing", LISTING, "there"),
        (SHOP, "listing", LISTING, "here"),
    ]


async def test_a_subject_and_a_view_say_the_same(desk: Desk) -> None:
    await desk.tell(published("A"), block("A", "R1"))
    (listed,) = (await desk.get("/v1/listings", as_of="2026-02-01T00:00:00Z"))["items"]
    shown = await state(desk, as_of="2026-02-01T00:00:00Z")
    assert {k: v for k, v in listed.items() if k not in {"log", "subject", "visible", "hidden_by"}} == shown


@pytest.mark.parametrize("path", ["/v1/subject", "/v1/subject/history"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 422),
        ({"subject": ""}, 422),
        ({"subject": ["listing:shop:A", "listing:shop:B"]}, 422),
        ({"subject": "listing:shop:A\0"}, 422),
        ({"subject": "planet:shop:A"}, 404),
        ({"subject": "listing:shop:nobody"}, 404),
        ({"subject": "no colon"}, 404),
        ({"subject": LISTING, "log": "nobody"}, 404),
        ({"subject": LISTING, "log": "rival"}, 403),
    ],
)
async def test_a_subject_that_is_not_there_is_told(
    shared_desk: Desk, path: str, query: dict[str, Any], status: int
) -> None:
    response = await shared_desk.ask("GET", path, **query)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def told(item: dict[str, Any]) -> tuple[Any, ...]:
    """Return one rectangle: valid from and to, known from and to (positions), and whether restricted."""
    return (
        item["valid_from"],
        item["valid_to"],
        item["known_from_position"],
        item["known_to_position"],
        item["state"]["restricted"],
    )


def instant(day: int, hour: int = 0) -> str:
    """Return an instant of January as it is answered."""
    return f"2026-01-{day:02d}T{hour:02d}:00:00.000000Z"


async def test_history_holds_every_rectangle_that_was_ever_believed(desk: Desk) -> None:
    subject = LISTING
    await desk.tell(published("A"), block("A", "R1"))
    await desk.tell(corrected("c", subject, "block-A-R1", time=instant(8)))
    await desk.tell(voided("v", subject, "block-A-R1"))
    answer = await desk.get("/v1/subject/history", subject=subject, log=SHOP)
    assert sorted(map(told, answer["items"]), key=str) == sorted(
        [
            (instant(5), instant(10, 3), 0, 2, False),
            (instant(10, 3), None, 1, 2, True),
            (instant(5), instant(8), 2, None, False),
            (instant(8), None, 2, 3, True),
            (instant(8), None, 3, None, False),
        ],
        key=str,
    )
    before = await desk.get("/v1/subject/history", subject=subject, log=SHOP, size=f"{SHOP}:2")
    assert [told(item)[4] for item in before["items"]] == [False, True]
    ends = [(item["valid_to"], item["valid_to_known_from"] is None) for item in answer["items"]]
    assert all(unknown == (end is None) for end, unknown in ends)
    (recorded,) = {item["known_from"] for item in answer["items"] if item["known_from_position"] == 3}
    assert recorded == (await desk.get(f"/v1/logs/{SHOP}/events/v"))["recordedtime"]


async def test_history_holds_the_rectangles_of_the_certainty_asked_for(desk: Desk) -> None:
    await desk.tell(block("A", "R1", instant(10)) | {"timeprecision": "DAY", "timezone": "UTC"})
    for certainty, start in (("CERTAIN", "2026-01-10T23:59:59.999999Z"), ("POSSIBLE", instant(10))):
        (item,) = (await desk.get("/v1/subject/history", subject=LISTING, certainty=certainty))["items"]
        assert (item["valid_from"], item["valid_to"]) == (start, None)
