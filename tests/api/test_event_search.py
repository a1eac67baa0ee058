"""The search of events as it is kept: checked against the log, and made anew."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import pytest

from ledger.database import Database
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.migration import migrate
from ledger.verify import Finding
from projections import event_search
from projections.event_search import SEARCH, EventSearch, statements
from projections.event_search_check import check_search, clear_search
from tests.api.desk import CLOUDEVENTS, OPEN, SHOP, Desk, published
from tests.locks import WAIT_SECONDS, blocked

WRONG, EARLY = "is not found by what its entry says", "is in the search before its time"
ROWS = "SELECT log_id, position, type, time, words::text FROM event_search ORDER BY log_id, position"


BEFORE_PLACES = """
DROP INDEX event_by_words;
DROP FUNCTION stretch_of, place_of, placed, words_asked_at;
CREATE INDEX event_by_words ON event_search USING gin (words);
DELETE FROM migration WHERE number = 16
"""
"""What makes the search as migrations up to 014 leave it."""


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


async def test_a_search_of_an_earlier_release_begins_anew(desk: Desk) -> None:
    log = await filled(desk)
    reader = desk.service.database.pool("reader")
    before = await reader.fetch(ROWS)
    async with desk.service.database.owner() as connection:
        await connection.execute(BEFORE_PLACES)
        await migrate(connection)
    assert (await reader.fetch(ROWS), await searched(desk)) == ([], 0)
    assert len((await desk.get(f"/v1/logs/{SHOP}/events", q="batik"))["items"]) == 9
    await EventSearch(desk.service.database, desk.service.feed).catch_up()
    assert await reader.fetch(ROWS) == before
    assert await findings(desk, log) == []


async def searched(desk: Desk) -> int:
    """Return how many events of the one log the search has taken in."""
    rows = await desk.service.database.pool("reader").fetch(statements("read_cursors"), [SEARCH])
    return sum(row["position"] for row in rows)


class Watched(EventSearch):
    """A search that tells whenever it has taken a step, and whenever it has looked whether views are behind."""

    def __init__(self, database: Database, feed: Feed) -> None:
        super().__init__(database, feed)
        self.steps, self.looks = asyncio.Semaphore(0), asyncio.Semaphore(0)

    async def step(self) -> bool:
        moved = await super().step()
        self.steps.release()
        return moved

    async def _views_are_behind(self) -> bool:
        behind = await super()._views_are_behind()
        self.looks.release()
        return behind

    async def looked(self, times: int) -> None:
        """Return once it has looked so often since it was last waited for."""
        async with asyncio.timeout(WAIT_SECONDS):
            for _ in range(times):
                await self.looks.acquire()

    async def reached(self, desk: Desk, size: int) -> None:
        """Return once it has taken in so many events."""
        async with asyncio.timeout(WAIT_SECONDS):
            while await searched(desk) < size:
                await self.steps.acquire()


@contextlib.asynccontextmanager
async def searching(desk: Desk, behind: int) -> AsyncGenerator[Watched]:
    """Let the search run over twelve events in pages of four, where views that are so many behind keep up."""
    await desk.send([published(f"L{number}", title="batik") for number in range(12)], media=CLOUDEVENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_search, "PAGE_EVENTS", 4)
        patch.setattr(event_search, "BEHIND_EVENTS", behind)
        patch.setattr(event_search, "REST", 1e9)
        search = Watched(desk.service.database, desk.service.feed)
        running = asyncio.create_task(search.run())
        try:
            yield search
        finally:
            running.cancel()
            await asyncio.wait([running])


async def test_the_search_goes_on_beside_views_that_keep_up(desk: Desk) -> None:
    async with searching(desk, behind=12) as search:
        await search.reached(desk, 12)


async def test_the_search_lets_views_that_are_behind_go_first(desk: Desk) -> None:
    async with searching(desk, behind=11) as search:
        await search.reached(desk, 4)
        await search.looked(3)  # after each of which it would go on
        assert await searched(desk) == 4
        await desk.follow()
        await search.reached(desk, 12)


async def test_a_search_that_is_late_takes_nothing_back(desk: Desk) -> None:
    """Between its look at the sizes and its lock of the cursor, another process has gone further."""
    log = await filled(desk)
    await desk.send([published("L9", title="batik")], media=CLOUDEVENTS)
    async with desk.service.database.owner() as other, other.transaction():
        await other.execute("LOCK TABLE cursor IN EXCLUSIVE MODE")
        late = asyncio.create_task(EventSearch(desk.service.database, desk.service.feed).step())
        await blocked(other, "jejak projector")
        await desk.send([published("L10", title="batik")], media=CLOUDEVENTS)
        await other.execute(statements("index_events"), log.log_id, 9, 11)
        await other.execute(statements("move_cursors"), log.log_id, [SEARCH], 11)
    assert not await late
    assert await searched(desk) == 9 + 11
    assert await findings(desk, log) == []
