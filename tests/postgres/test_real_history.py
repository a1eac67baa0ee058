"""Two real histories, loaded and asked: what their folders' READMEs say must come out, by replay and over HTTP."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from msgspec import Struct

from api.app import make_app
from api.files import FileAppended, append_file
from api.service import Service, service_over
from ledger.domain.fact import Basis, Certainty
from ledger.domain.instants import end_of
from ledger.server.embedded import EmbeddedServer
from ledger.store import read_heads
from ledger.tokens import create_token
from projections.list_count import count_items
from projections.lists import LISTS, read_filters
from projections.moment import TimeParameters, resolve
from projections.replay import Manifest, replay
from tests.conftest import copied_database
from tests.shared import needs_shared, shared_path

pytestmark = needs_shared
ZONE = "America/Los_Angeles"
# The table at the end of shared/data/vsmarketplace_removals/README.md: listings with a restriction in force at the end
# of the day, certainty CERTAIN: by what is known now, and, basis SOURCE, by what was known at the end of that day.
RESTRICTED = {
    "2025-03-01": (11, 1),
    "2025-06-30": (131, 127),
    "2025-12-31": (410, 408),
    "2026-06-30": (1574, 1570),
    "2026-08-22": (1841, 1841),
}
REMOVALS = (2099, "data/vsmarketplace_removals/events.ndjson.gz")
# "22,116 events: 21,424 NoticeReceived ... 112,892 items in all" (shared/data/github_dmca/README.md).
NOTICES = (22116, "data/github_dmca/events.ndjson.gz")
ITEMS = 112_892
CASES = 21_424
TABLE = [
    (day, certainty, column)
    for day in sorted(RESTRICTED)
    for certainty in ("CERTAIN", "POSSIBLE")
    for column in ("now", "then")
]


class Desk(Struct, frozen=True):
    """A service, and a client of its HTTP application who may read everything."""

    service: Service
    client: httpx.AsyncClient


@pytest.fixture(scope="module")
async def desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(copied_database(server, template, test_clock=False))
        service = await stack.enter_async_context(service_over(database))
        await service.create_log("vsmarketplace", "PLATFORM", ZONE, "US", "PUBLIC")
        await service.create_log("github", "PLATFORM", "UTC", "US", "PUBLIC")
        token = await create_token(database.pool("keeper"), "operator", [], None)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(service)),  # type: ignore[arg-type]
            base_url="http://jejak",
            headers={"authorization": f"Bearer {token}"},
            timeout=60,
        )
        yield Desk(service, await stack.enter_async_context(client))


@pytest.fixture(scope="module")
async def loaded(desk: Desk) -> dict[str, tuple[FileAppended, FileAppended]]:
    """Append both files, each twice, and bring the views up to date; return what was said of each."""
    said: dict[str, tuple[FileAppended, FileAppended]] = {}
    for slug, (_, name) in (("vsmarketplace", REMOVALS), ("github", NOTICES)):
        first = await append_file(desk.service, slug, str(shared_path(name)), atomic=False)
        said[slug] = (first, await append_file(desk.service, slug, str(shared_path(name)), atomic=False))
    await desk.service.runner.catch_up()
    return said


@pytest.mark.parametrize(("slug", "events"), [("vsmarketplace", REMOVALS[0]), ("github", NOTICES[0])])
async def test_every_event_is_taken_once(
    loaded: dict[str, tuple[FileAppended, FileAppended]], slug: str, events: int
) -> None:
    first, second = loaded[slug]
    assert (first.new, first.repeated, first.refused, first.size, first.refusals) == (events, 0, 0, events, [])
    assert (second.new, second.repeated, second.refused, second.size) == (0, events, 0, events)


def time_of(day: str, certainty: Certainty, column: str) -> dict[str, str]:
    """Return the time parameters of a cell of the table."""
    basis: Basis = "LEDGER" if column == "now" else "SOURCE"
    known = {} if column == "now" else {"known_at": day}
    return {"as_of": day, "tz": ZONE, "certainty": certainty, "basis": basis, **known}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("day", "certainty", "column"), TABLE)
async def test_a_replay_counts_as_many_restricted_listings_as_the_readme(
    desk: Desk, day: str, certainty: Certainty, column: str
) -> None:
    pool = desk.service.database.pool("reader")
    parameters = TimeParameters(**time_of(day, certainty, column))  # type: ignore[arg-type]
    moment = await resolve(pool, parameters, await read_heads(pool, ["vsmarketplace"]))
    assert moment.as_of == end_of(datetime.fromisoformat(day).date(), ZONE)
    manifest = Manifest(moment, None)
    restricted = [item["state"]["restricted"] async for item in replay(pool, moment, manifest)]
    assert sum(restricted) == RESTRICTED[day][column == "then"]
    assert manifest.subjects == len(restricted)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("day", "certainty", "column"), TABLE)
async def test_the_list_counts_as_many_restricted_listings_as_the_readme(
    desk: Desk, day: str, certainty: Certainty, column: str
) -> None:
    query = {"log": "vsmarketplace", "restricted": "true", "count": "true", **time_of(day, certainty, column)}
    answer = await desk.client.get("/v1/listings", params=query)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["count"] == RESTRICTED[day][column == "then"]
    assert said["logs"]["vsmarketplace"]["size"] == REMOVALS[0]


@pytest.mark.usefixtures("loaded")
async def test_every_item_of_every_notice_is_in_the_view(desk: Desk) -> None:
    pool = desk.service.database.pool("reader")
    now = TimeParameters(as_of=datetime.now(UTC).isoformat(), certainty="POSSIBLE")
    moment = await resolve(pool, now, await read_heads(pool, ["github"]))
    assert await count_items(pool, LISTS["takedowns"], moment, read_filters(LISTS["takedowns"], {})) == ITEMS
    answer = await desk.client.get("/v1/takedowns", params={"log": "github", "count": "true"})
    assert (answer.status_code, answer.json()["count"]) == (200, ITEMS)
    cases = await pool.fetchval(
        "SELECT count(DISTINCT subject) FROM view_takedown JOIN log USING (log_id) WHERE slug = 'github'"
    )
    assert cases <= CASES
