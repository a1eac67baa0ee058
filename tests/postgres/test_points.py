"""Streams that go on from where they are known to have come to: the views are the same, whatever is kept of that."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from ledger.appender import Appender
from ledger.database import Connection, Database
from ledger.domain.listing import Listing
from ledger.feed import Feed
from ledger.intake import LogInfo
from projections import projector, runner
from projections.points import encode
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.views import BY_NAME, VIEWS
from tests.histories import AUTHOR, INTAKE, make_appender, make_log
from tests.postgres.test_rebuild import Dump, assert_right, dumped, fill_logs

LISTINGS = 40
SECOND = "listing:p1:l001"
POINTS = "SELECT subject, version, moment, state FROM point ORDER BY subject"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a projector room for few streams, so that nearly all are let go of, and short pages and transactions."""
    monkeypatch.setattr(projector, "STREAMS_HELD", 3)
    monkeypatch.setattr(projector, "PAGE_EVENTS", 15)
    monkeypatch.setattr(runner, "TRANSACTION_EVENTS", 90)


async def tell_in_order(appender: Appender, log: LogInfo, day: int, *, blocked: bool = False) -> None:
    """Change every one of many listings once, each later than before."""
    name = "ListingPublished" if day == 1 else "ListingWithdrawn" if day % 2 == 0 else "ListingRelisted"
    data: dict[str, object] = {}
    if blocked:
        name = "ListingBlocked"
        shown = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
        data = {"restriction_id": f"R{day}", "decision_visibility": shown, "end_at": "2029-01-01T00:00:00Z"}
    events = [
        {
            "specversion": "1.0",
            "id": f"e-{day}-{number}",
            "source": "/test",
            "type": name,
            "subject": f"listing:p1:l{number:03d}",
            "time": f"2024-01-{day:02d}T00:00:00Z",
            "data": data,
        }
        for number in range(LISTINGS)
    ]
    await appender.append(log, AUTHOR, INTAKE.read_array(msgspec.json.encode(events)))


async def told_for(database: Database, tmp_path: Path, days: Sequence[int], log: LogInfo | None = None) -> LogInfo:
    appender = make_appender(database, tmp_path)
    log = log or await make_log(database, "alpha")
    for day in days:
        await tell_in_order(appender, log, day)
    await appender.close()
    return log


async def followed(database: Database) -> Dump:
    """Return the views when one that has just started has followed."""
    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    await assert_right(database)
    return await dumped(database)


async def kept(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await connection.fetch(POINTS)]


@pytest.mark.usefixtures("small")
async def test_a_projector_with_room_for_few_streams_writes_what_the_log_gives(
    database: Database, tmp_path: Path
) -> None:
    await fill_logs(database, tmp_path, {"alpha": 0, "beta": 1}, 400)
    await assert_right(database)
    assert all((await dumped(database)).values())


@pytest.mark.usefixtures("small")
async def test_a_stream_goes_on_from_where_it_has_come_to(database: Database, tmp_path: Path) -> None:
    log = await told_for(database, tmp_path, [1, 2, 3])
    await followed(database)
    async with database.owner() as connection:
        points = await kept(connection)
        assert len(points) == LISTINGS
        # Were the events read, nobody would see this title: it shows that they are not.
        state = msgspec.msgpack.decode(await connection.fetchval("SELECT state FROM point WHERE subject = $1", SECOND))
        await connection.execute(
            "UPDATE point SET state = $2 WHERE subject = $1", SECOND, msgspec.msgpack.encode({**state, "title": "kept"})
        )
    await told_for(database, tmp_path, [4], log)
    await Runner(database, Feed(database.pool("reader")), VIEWS).catch_up()
    async with database.owner() as connection:
        item = await connection.fetchval(
            "SELECT item FROM view_listing WHERE subject = $1 ORDER BY valid_from DESC LIMIT 1", SECOND
        )
        assert msgspec.json.decode(item)["title"] == "kept"
    await rebuild(database, [BY_NAME["listing"]])  # what is rebuilt believes the log alone
    await assert_right(database)
    async with database.owner() as connection:
        assert await kept(connection) == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("lost", ["", "WHERE subject < 'listing:p1:l020'"])
async def test_where_that_is_lost_the_log_is_read(database: Database, tmp_path: Path, lost: str) -> None:
    log = await told_for(database, tmp_path, [1, 2, 3])
    await followed(database)
    async with database.owner() as connection:
        await connection.execute(f"DELETE FROM point {lost}")
    await told_for(database, tmp_path, [4, 5], log)
    await followed(database)


@pytest.mark.usefixtures("small")
async def test_what_was_kept_of_an_earlier_version_is_not_believed(database: Database, tmp_path: Path) -> None:
    log = await told_for(database, tmp_path, [1, 2])
    await followed(database)
    async with database.owner() as connection:
        await connection.execute("CREATE TABLE earlier AS SELECT * FROM point")
    await told_for(database, tmp_path, [3], log)
    await followed(database)
    async with database.owner() as connection:
        await connection.execute("DELETE FROM point")
        await connection.execute("INSERT INTO point SELECT * FROM earlier")
    await told_for(database, tmp_path, [4], log)
    await followed(database)


@pytest.mark.usefixtures("small")
async def test_what_is_rebuilt_believes_the_log_alone(database: Database, tmp_path: Path) -> None:
    log = await make_log(database, "alpha")
    appender = make_appender(database, tmp_path)
    await tell_in_order(appender, log, 1, blocked=True)  # it will run out, so where it has come to is not kept
    await tell_in_order(appender, log, 2)
    await appender.close()
    before = await followed(database)
    state = encode(Listing(id=SECOND, version=1, title="never said"))
    async with database.owner() as connection:
        await connection.execute("DELETE FROM point")
        added = "INSERT INTO point (log_id, subject, version, moment, state) VALUES ($1, $2, 1, $3, $4)"
        await connection.execute(added, log.log_id, SECOND, datetime(2024, 1, 1, tzinfo=UTC), state)
    await rebuild(database, [BY_NAME["listing"]])
    assert await dumped(database) == before
