"""How many entries came, by log, month and type: kept with the search, and checked against the log."""

from typing import Any

import msgspec
import pytest

from ledger.verify import Finding
from projections.event_search import EventSearch
from projections.event_search_check import check_search, clear_search
from tests.api.desk import CLOUDEVENTS, OPEN, SHOP, Desk, published


async def counted(desk: Desk, query: str = "", who: str | None = "operator") -> list[tuple[Any, ...]]:
    answer = (await desk.ask("GET", f"/v1/counts{query}", who=who)).json()
    return [(one["log"], one["month"], one["type"], one["count"]) for one in answer["items"]]


async def told(desk: Desk) -> str:
    """Tell nine events in one log and three, which took effect in 2020, in another; return the month of the clock."""
    await desk.send([published(f"L{number}") for number in range(9)], media=CLOUDEVENTS)
    early = [published(f"E{month}", time=f"2020-{month:02d}-15T00:00:00Z") for month in (1, 1, 2)]
    distinct = [{**one, "id": f"early-{n}", "subject": f"listing:shop:E-{n}"} for n, one in enumerate(early)]
    await desk.send(distinct, media=CLOUDEVENTS, log=OPEN)
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    log = await desk.get(f"/v1/logs/{SHOP}", who="operator")
    return str(log["last_recordedtime"])[:7]


async def test_entries_are_counted_by_log_month_and_type_and_either_clock(desk: Desk) -> None:
    now = await told(desk)
    kind = "ListingPublished"
    assert await counted(desk) == [(OPEN, now, kind, 3), (SHOP, now, kind, 9)]
    assert await counted(desk, "?clock=EFFECT&to=2020-12") == [(OPEN, "2020-01", kind, 2), (OPEN, "2020-02", kind, 1)]
    assert await counted(desk, "?clock=EFFECT&from=2020-02&to=2020-02") == [(OPEN, "2020-02", kind, 1)]
    assert await counted(desk, f"?log={SHOP}&type={kind}") == [(SHOP, now, kind, 9)]
    assert await counted(desk, f"?log={SHOP}&type=ListingBlocked") == []
    answer = await desk.get("/v1/counts", who="operator")
    assert answer["logs"][SHOP] == 9  # of how many entries


async def test_who_may_not_read_a_log_is_told_no_count_of_it(desk: Desk) -> None:
    await told(desk)
    assert await counted(desk, who="other") == []
    assert (await desk.ask("GET", f"/v1/counts?log={SHOP}", who="other")).status_code == 403


@pytest.mark.parametrize(
    ("window", "seen"),
    [(("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z"), 12), (("2000-01-01T00:00:00Z", "2001-01-31T00:00:00Z"), 0)],
)
async def test_a_token_with_a_window_is_told_of_whole_months_within_it(
    desk: Desk, window: tuple[str, str], seen: int
) -> None:
    await told(desk)
    wanted = {"role": "AUDITOR", "logs": [SHOP, OPEN], "window_from": window[0], "window_to": window[1]}
    made = await desk.ask("POST", "/v1/tokens", who="operator", content=msgspec.json.encode(wanted))
    desk.tokens = {**desk.tokens, "auditor": made.json()["token"]}
    assert sum(count for *_, count in await counted(desk, who="auditor")) == seen
    assert await counted(desk, "?clock=EFFECT", who="auditor") == []


@pytest.mark.parametrize("query", ["?clock=OTHER", "?from=2020", "?to=2020-13", "?month=2020-01"])
async def test_a_question_that_is_none_is_refused(desk: Desk, query: str) -> None:
    assert (await desk.ask("GET", f"/v1/counts{query}", who="operator")).status_code == 422


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event_count SET entries = entries + 1 WHERE log_id = $1 AND clock = 'RECORDED'",
        "DELETE FROM event_count WHERE log_id = $1 AND clock = 'RECORDED'",
        "UPDATE event_count SET type = 'X' WHERE log_id = $1 AND clock = 'RECORDED'",
    ],
)
async def test_a_count_that_was_changed_is_found(desk: Desk, statement: str) -> None:
    now = await told(desk)
    log, reader = await desk.service.find_log(SHOP), desk.service.database.pool("reader")
    assert await check_search(reader, log) == []
    async with desk.service.database.owner() as connection:
        await connection.execute(statement, log.log_id)
    found = await check_search(reader, log)
    detail = "is not how many entries there are"
    assert Finding(log=SHOP, place=f"counts, ListingPublished of {now} by RECORDED", detail=detail) in found


async def test_counts_that_are_made_anew_are_what_they_were(desk: Desk) -> None:
    await told(desk)
    before = await counted(desk), await counted(desk, "?clock=EFFECT")
    await clear_search(desk.service.database)
    assert await counted(desk) == []
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    assert (await counted(desk), await counted(desk, "?clock=EFFECT")) == before
