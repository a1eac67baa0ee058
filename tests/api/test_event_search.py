"""The search of events as it is kept: checked against the log, and made anew."""

import pytest

from ledger.intake import LogInfo
from ledger.verify import Finding
from projections.event_search import EventSearch
from projections.event_search_check import check_search, clear_search
from tests.api.desk import CLOUDEVENTS, OPEN, SHOP, Desk, published

WRONG, EARLY = "is not found by what its entry says", "is in the search before its time"
ROWS = "SELECT log_id, position, type, time, words::text FROM event_search ORDER BY log_id, position"


async def filled(desk: Desk) -> LogInfo:
    """Tell events in two logs, and let the search take them in; return one of the logs."""
    for log in (SHOP, OPEN):
        await desk.send([published(f"L{number}", title="batik") for number in range(9)], media=CLOUDEVENTS, log=log)
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    return await desk.service.find_log(SHOP)


async def findings(desk: Desk, log: LogInfo) -> list[Finding]:
    return await check_search(desk.service.database.pool("reader"), log)


TAMPERED = [
    ("UPDATE event_search SET words = '' WHERE log_id = $1 AND position = 3", {3: WRONG}),
    ("UPDATE event_search SET type = 'X' WHERE log_id = $1 AND position = 0", {0: WRONG}),
    ("UPDATE event_search SET time = now() WHERE log_id = $1 AND position = 8", {8: WRONG}),
    (
        "DELETE FROM event_search WHERE log_id = $1 AND position IN (4, 5)",
        {4: WRONG, 5: WRONG},
    ),
    ("INSERT INTO event_search VALUES ($1, 9, 'X', now(), '')", {9: EARLY}),
    (
        "UPDATE cursor SET position = 8 WHERE log_id = $1 AND view = 'event_search'",
        {8: EARLY},
    ),
]


@pytest.mark.parametrize(("statement", "expected"), TAMPERED)
async def test_what_was_changed_in_the_search_is_found(desk: Desk, statement: str, expected: dict[int, str]) -> None:
    log = await filled(desk)
    assert await findings(desk, log) == []
    async with desk.service.database.owner() as connection:
        await connection.execute(statement, log.log_id)
    found = [finding for finding in await findings(desk, log) if finding.place.startswith("search")]
    assert found == [
        Finding(log=SHOP, place=f"search, position {position}", detail=detail) for position, detail in expected.items()
    ]
    assert await findings(desk, await desk.service.find_log(OPEN)) == []


async def test_a_search_that_is_made_anew_is_what_it_was(desk: Desk) -> None:
    log = await filled(desk)
    reader = desk.service.database.pool("reader")
    before = await reader.fetch(ROWS)
    async with desk.service.database.owner() as connection:
        await connection.execute("DELETE FROM event_search WHERE position < 4")
    await clear_search(desk.service.database)
    assert await reader.fetch(ROWS) == []
    assert len((await desk.get(f"/v1/logs/{SHOP}/events", q="batik"))["items"]) == 9
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    assert await reader.fetch(ROWS) == before
    assert await findings(desk, log) == []
