"""Views that are rebuilt, followed by several, cut off and poisoned: in the end each is what the log gives."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from ledger.appender import Appender
from ledger.database import Database
from ledger.errors import Busy
from ledger.feed import Feed
from ledger.intake import LogInfo
from ledger.store import find_logs, read_heads
from projections.checking import check_views
from projections.packed_rows import RECTANGLE_COLUMNS
from projections.rebuild import rebuild
from projections.rebuilt import Rebuilt
from projections.rectangle import Item, Rows, View, tables_of
from projections.runner import Runner, statements
from projections.views import BY_NAME, VIEWS
from tests.faults.serving import poll
from tests.histories import ALL_KINDS, AUTHOR, INTAKE, KINDS, Commit, append_plain, make_appender, make_log, told
from tests.locks import blocked

ROOT = Path(__file__).parents[2]
Dump = dict[str, list[tuple[Any, ...]]]
TALLIED = """
SELECT log_id, view, certainty, labels, instant, position, sum(sign) AS sign
FROM tally CROSS JOIN LATERAL unnest(instants, positions, signs) AS corner (instant, position, sign)
WHERE view !~ '_rebuilt$' GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(sign) <> 0 ORDER BY 1, 2, 3, 4, 5, 6
"""
TAKEN_BACK = "SELECT count(*) FROM tally CROSS JOIN LATERAL unnest(signs) AS sign WHERE sign = 0"


async def dumped(database: Database) -> Dump:
    """Return every row of every view, in order of its key, and every corner of their tallies."""
    rows: Dump = {}
    for view in VIEWS:
        columns = ", ".join((*RECTANGLE_COLUMNS, *view.columns))
        for table in view.tables:
            found = await database.pool("reader").fetch(
                f"SELECT {columns} FROM {table} ORDER BY log_id, certainty, subject, key, valid_from, known_from"
            )
            rows[table] = [tuple(row) for row in found]
    rows["tally"] = [tuple(row) for row in await database.pool("reader").fetch(TALLIED)]
    return rows


async def assert_right(database: Database) -> None:
    """Every view is what the log gives, up to its end."""
    pool = database.pool("reader")
    for head in await read_heads(pool):
        positions = await pool.fetch(statements("read_positions"), head.log.log_id, [view.name for view in VIEWS])
        assert {row["view"]: row["position"] for row in positions} == {view.name: head.size for view in VIEWS}
        assert await check_views(pool, head.log, VIEWS) == []


async def fill(
    database: Database, appender: Appender, slug: str, seed: int, count: int, kinds: Sequence[str] = KINDS
) -> LogInfo:
    log = await make_log(database, slug)
    await append_plain(appender, log, told(seed, count, kinds, log=log).commits)
    return log


async def fill_logs(
    database: Database, folder: Path, seeds: Mapping[str, int], count: int, views: Sequence[View] = VIEWS
) -> None:
    """Fill new logs, each with a history of all kinds from its seed, and let views follow them."""
    appender = make_appender(database, folder)
    for slug, seed in seeds.items():
        await fill(database, appender, slug, seed, count, ALL_KINDS)
    await appender.close()
    await Runner(database, Feed(database.pool("reader")), views).catch_up()


@asynccontextmanager
async def running(database: Database, views: Sequence[View] = VIEWS) -> AsyncGenerator[Runner]:
    """Yield a runner that follows meanwhile, woken by its feed."""
    feed = Feed(database.pool("reader"))
    feed.start()
    runner = Runner(database, feed, views)
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await feed.close()


async def followed(database: Database, slugs: Sequence[str] | None = None) -> None:
    """Return when every view has followed these logs to their end."""
    pool = database.pool("reader")

    async def are_there() -> bool:
        rows = await pool.fetch(statements("read_cursors"), [view.name for view in VIEWS])
        asked = {log.log_id for log in await find_logs(pool, slugs)}
        return all(row["position"] == row["size"] for row in rows if row["log_id"] in asked)

    await poll(are_there)


async def append_slowly(appender: Appender, log: LogInfo, commits: Sequence[Commit]) -> None:
    for _, events in commits:
        await appender.append(log, AUTHOR, INTAKE.read_array(msgspec.json.encode(events)))


async def test_a_rebuild_gives_the_same_bytes(database: Database, tmp_path: Path) -> None:
    await fill_logs(database, tmp_path, {"alpha": 0, "beta": 1}, 400)
    before = await dumped(database)
    assert all(before.values())
    sizes = sum(head.size for head in await read_heads(database.pool("reader")))
    for _ in range(2):
        for view in VIEWS:
            assert await rebuild(database, [view]) == sizes
    assert await dumped(database) == before
    assert await database.pool("reader").fetchval(TAKEN_BACK) == 0
    await assert_right(database)


INDEXES = """
SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+ ON', 'INDEX ON') AS index, contype IS NOT DISTINCT FROM 'p'
FROM pg_indexes LEFT JOIN pg_constraint ON conindid = to_regclass(indexname)
WHERE tablename LIKE 'view\\_%' ORDER BY 1, 2
"""


async def test_a_rebuild_takes_views_on_to_where_each_of_them_was(database: Database, tmp_path: Path) -> None:
    """What streams went on with since the view that is least far has replaced what they were, in each of the others."""
    appender, log = make_appender(database, tmp_path), await make_log(database, "alpha")
    commits = told(5, 400, ALL_KINDS, log=log).commits
    feed = Feed(database.pool("reader"))
    for views, some in ((VIEWS, commits[:150]), (VIEWS[1:], commits[150:300]), (VIEWS[2:], commits[300:])):
        await append_plain(appender, log, some)
        await Runner(database, feed, views).catch_up()
    await appender.close()
    before = await dumped(database)
    await rebuild(database, VIEWS)
    assert await dumped(database) == before
    await Runner(database, feed, VIEWS).catch_up()
    await assert_right(database)


OPTIONS = "SELECT relname, reloptions FROM pg_class WHERE relname LIKE 'view\\_%' AND relkind = 'r' ORDER BY 1"
NOTE_WAITS = """
CREATE TABLE noted (tag text, waits text, helpers text);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO noted
    VALUES (tg_tag, current_setting('synchronous_commit'), current_setting('max_parallel_maintenance_workers'));
END $$;
CREATE EVENT TRIGGER noting ON ddl_command_end EXECUTE FUNCTION note()
"""


async def test_the_planner_knows_what_rebuilt_views_hold(database: Database, tmp_path: Path) -> None:
    await fill_logs(database, tmp_path, {"alpha": 0}, 300)
    await rebuild(database, VIEWS)
    held = {table: len(rows) for table, rows in (await dumped(database)).items()}
    async with database.owner() as connection:
        known = await connection.fetch("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
    assert {table for view in VIEWS for table in view.tables if held[table]} <= {row["tablename"] for row in known}


async def test_a_rebuilt_view_has_the_indexes_and_the_room_of_the_live_one(database: Database) -> None:
    async with database.owner() as connection:
        before = [tuple(row) for row in await connection.fetch(INDEXES)]
        options = [tuple(row) for row in await connection.fetch(OPTIONS)]
        await rebuild(database, VIEWS)
        after = [tuple(row) for row in await connection.fetch(INDEXES)]
        assert [tuple(row) for row in await connection.fetch(OPTIONS)] == options
    assert after == before
    assert {(table, key) for table, _, key in before} >= {(table, True) for view in VIEWS for table in view.tables}
    others = [table for table, _, key in before if not key]
    indexed = ("view_listing", "view_seller", "view_takedown", "view_takedown")
    assert sorted(others) == sorted(table for each in indexed for table in tables_of(each))


async def test_only_the_swap_of_a_rebuild_waits_for_the_disk(database: Database) -> None:
    async with database.owner() as connection:
        await connection.execute(NOTE_WAITS)
        await rebuild(database, [BY_NAME["listing"]])
        noted = {tuple(row) for row in await connection.fetch("SELECT tag, waits FROM noted")}
        helpers = {
            row["helpers"] for row in await connection.fetch("SELECT helpers FROM noted WHERE tag = 'CREATE INDEX'")
        }
    assert helpers == {"0"}, "parts are done beside each other"
    making = {(tag, "off") for tag in ("DROP TABLE", "CREATE TABLE", "CREATE INDEX", "ALTER TABLE")}
    assert noted == making | {(tag, "on") for tag in ("GRANT", "DROP TABLE", "ALTER TABLE")}


async def test_views_are_rebuilt_while_a_writer_appends_and_a_runner_follows(
    database: Database, tmp_path: Path
) -> None:
    appender = make_appender(database, tmp_path)
    log = await make_log(database, "alpha")
    other = await fill(database, appender, "beta", 2, 150)
    async with running(database) as runner:
        writing = asyncio.create_task(append_slowly(appender, log, told(3, 500, log=log).commits))
        rebuilt = 0
        while not writing.done():
            view = VIEWS[rebuilt % len(VIEWS)]
            await rebuild(database, [view])
            rebuilt += 1
        await writing
        for view in VIEWS:
            await rebuild(database, [view])
        await followed(database)
        assert runner.stopped.reasons == {}
    await appender.close()
    assert rebuilt > 1
    await assert_right(database)
    before = await dumped(database)
    assert {row[0] for rows in before.values() for row in rows} == {log.log_id, other.log_id}
    for view in VIEWS:
        await rebuild(database, [view])
    assert await dumped(database) == before


async def test_a_log_that_is_made_during_a_rebuild_is_in_the_view(database: Database, tmp_path: Path) -> None:
    appender = make_appender(database, tmp_path)
    await fill(database, appender, "alpha", 1, 60)
    runner = Runner(database, Feed(database.pool("reader")), VIEWS)
    await runner.catch_up()
    async with database.owner() as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute("SELECT FROM cursor FOR UPDATE")
        rebuilding = asyncio.create_task(rebuild(database, [BY_NAME["listing"]]))
        await blocked(holder)  # all is filled, and the swap is next
        await fill(database, appender, "beta", 2, 60)
        await runner.catch_up()
        await transaction.rollback()
        await rebuilding
    await appender.close()
    await runner.catch_up()
    await assert_right(database)


async def test_the_projector_of_a_new_log_and_a_swap_do_not_wait_for_each_other(
    database: Database, tmp_path: Path
) -> None:
    """The cursors of a log that is made now are not locked by the rebuild; only the table keeps its projector out."""
    appender = make_appender(database, tmp_path)
    await fill(database, appender, "alpha", 1, 60)
    runner = Runner(database, Feed(database.pool("reader")), VIEWS)
    await runner.catch_up()
    async with database.owner() as first, database.owner() as second:
        cursors, table = first.transaction(), second.transaction()
        await cursors.start()
        await first.execute("SELECT FROM cursor FOR UPDATE")
        rebuilding = asyncio.create_task(rebuild(database, [BY_NAME["listing"]]))
        await blocked(first)
        await table.start()
        await second.execute("LOCK TABLE view_listing_rebuilt IN EXCLUSIVE MODE")
        await cursors.rollback()
        await blocked(second)  # it holds the live table now
        await fill(database, appender, "beta", 2, 60)
        await database.pool("projector").expire_connections()  # a new one asks for a table's columns before it copies
        following = asyncio.create_task(runner.catch_up())
        await blocked(second, "jejak projector")
        await table.rollback()
        await rebuilding
        await following
    await appender.close()
    await assert_right(database)


async def test_a_rebuild_that_is_cut_off_leaves_the_live_view(database: Database, tmp_path: Path) -> None:
    appender = make_appender(database, tmp_path)
    await fill(database, appender, "alpha", 1, 120)
    runner = Runner(database, Feed(database.pool("reader")), VIEWS)
    await runner.catch_up()
    before = await dumped(database)
    async with database.owner() as holder:
        for victim in ("task", "connection"):
            transaction = holder.transaction()
            await transaction.start()
            await holder.execute("SELECT FROM cursor FOR UPDATE")
            rebuilding = asyncio.create_task(rebuild(database, [BY_NAME["listing"]]))
            await blocked(holder)
            if victim == "task":
                rebuilding.cancel()
            else:
                await holder.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND application_name = 'jejak owner' AND pid <> pg_backend_pid()"
                )
            (ended,) = await asyncio.gather(rebuilding, return_exceptions=True)
            assert isinstance(ended, BaseException)
            await transaction.rollback()
            assert await dumped(database) == before
            assert await holder.fetchval("SELECT to_regclass('view_listing_rebuilt') IS NOT NULL")
        await rebuild(database, [BY_NAME["listing"]])
        assert await holder.fetchval("SELECT to_regclass('view_listing_rebuilt') IS NULL")
    assert await dumped(database) == before
    await append_slowly(appender, await make_log(database, "beta"), told(2, 30).commits)
    await appender.close()
    await runner.catch_up()
    await assert_right(database)


async def test_of_two_rebuilds_of_a_view_at_once_none_spoils_it(database: Database, tmp_path: Path) -> None:
    appender = make_appender(database, tmp_path)
    await fill(database, appender, "alpha", 1, 2500)
    await appender.close()
    await Runner(database, Feed(database.pool("reader")), [BY_NAME["seller"]]).catch_up()
    heads = await read_heads(database.pool("reader"))
    for _ in range(3):
        ended = await asyncio.gather(
            *(rebuild(database, [BY_NAME["seller"]]) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(one, int | Busy | asyncpg.PostgresError) for one in ended), ended
        assert await check_views(database.pool("reader"), heads[0].log, [BY_NAME["seller"]]) == []


async def test_a_rebuild_finishes_no_tables_but_its_own(database: Database, tmp_path: Path) -> None:
    """Another may have dropped them and made its own, of the same names; but not while a part is being done."""
    await fill_logs(database, tmp_path, {"alpha": 0}, 100)
    view, logs = BY_NAME["listing"], await find_logs(database.pool("reader"))
    async with database.owner() as first, database.owner() as second:
        own, other = Rebuilt(first, [view]), Rebuilt(second, [view])
        async with first.transaction():
            await own.make()
        parts = own.parts(view, logs)
        assert len(parts) == 3
        for part in parts:
            transaction = first.transaction()
            await transaction.start()
            await part(first)
            making = asyncio.create_task(other.make())
            await blocked(first)
            await transaction.rollback()
            await making
            async with first.transaction():
                with pytest.raises(Busy, match="another rebuild of listing"):
                    await part(first)
            async with first.transaction():
                await own.make()


async def test_two_runners_in_two_tasks_never_apply_an_event_twice(database: Database, tmp_path: Path) -> None:
    appender = make_appender(database, tmp_path)
    logs = [await make_log(database, slug) for slug in ("alpha", "beta")]
    async with running(database) as first, running(database) as second:
        await asyncio.gather(
            *(append_slowly(appender, log, told(seed, 400, log=log).commits) for seed, log in enumerate(logs))
        )
        await followed(database)
        assert (first.stopped.reasons, second.stopped.reasons) == ({}, {})
    await appender.close()
    await assert_right(database)


async def test_two_runners_in_two_processes_never_apply_an_event_twice(database: Database, tmp_path: Path) -> None:
    assert database.settings.database_url is not None
    appender = make_appender(database, tmp_path)
    log = await make_log(database, "alpha")
    command = (
        sys.executable,
        "-m",
        "api",
        "serve",
        "--only",
        "projector",
        "--database",
        database.settings.database_url,
    )
    key = {"JEJAK_KEYS_DIR": str(tmp_path / "keys"), "PYTHONPATH": str(ROOT)}
    children = [
        await asyncio.create_subprocess_exec(*command, env=key, cwd=tmp_path, stderr=asyncio.subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        await running_already(database, len(children))
        await append_slowly(appender, log, told(5, 600, log=log).commits)
        await followed(database)
    finally:
        for child in children:
            child.terminate()
        said = [(await child.communicate())[1] for child in children]
    await appender.close()
    assert [child.returncode for child in children] == [0, 0], said
    assert not any(b"stopped" in text for text in said), said
    await assert_right(database)


async def running_already(database: Database, count: int) -> None:
    """Return when so many processes have a projector's connection."""
    asks = "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE application_name = 'jejak projector' "

    async def run() -> bool:
        return bool(await database.pool("reader").fetchval(asks + "AND datname = current_database()") >= count)

    await poll(run)


class Poison(Exception):
    """What a broken projection raises."""


def poisoned(view: View, subjects: set[str]) -> View:
    """Return a view like this one that fails on some subjects, as long as they are in the set."""

    def rows(state: Any, item: Item) -> Rows:  # noqa: ANN401 - as View has it
        if state.id in subjects:
            raise Poison(state.id)
        return view.rows(state, item)

    return msgspec.structs.replace(view, rows=rows)


async def test_a_log_whose_projection_fails_stops_and_says_so_and_the_others_go_on(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    appender = make_appender(database, tmp_path)
    good = await fill(database, appender, "alpha", 1, 80)
    bad = await make_log(database, "beta")
    commits = told(2, 80, log=bad).commits
    await append_plain(appender, bad, commits)
    broken = {"listing:p1:l1"}
    subjects = {event["subject"] for _, events in commits for event in events}
    assert broken < subjects
    alpha_subjects = {"listing:p1:l1"}
    views = [poisoned(view, broken) if view.name == "restriction" else view for view in VIEWS]
    await append_slowly(appender, bad, [])
    runner = Runner(database, Feed(database.pool("reader")), views)
    broken.clear()
    await runner.catch_up()
    broken |= alpha_subjects
    await append_slowly(appender, bad, [(datetime.min, [withdrawn("w1", "listing:p1:l1")])])  # noqa: DTZ901 - not used
    await append_slowly(appender, good, [(datetime.min, [withdrawn("w1", "listing:p1:l2")])])  # noqa: DTZ901
    for _ in range(3):
        with pytest.raises(RuntimeError, match=f"log {bad.log_id}: Poison: listing:p1:l1"):
            await runner.catch_up()
        assert runner.stopped.reasons == {bad.log_id: "Poison: listing:p1:l1"}
    assert sum("stopped" in record.message for record in caplog.records) == 1
    await followed(database, ["alpha"])
    assert await check_views(database.pool("reader"), good, VIEWS) == []
    assert await check_views(database.pool("reader"), bad, VIEWS) == []  # as far as it has followed
    broken.clear()
    assert await runner.step() is False  # it waits first
    await runner.catch_up()
    assert runner.stopped.reasons == {}
    await appender.close()
    await assert_right(database)


def withdrawn(event_id: str, subject: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "/test",
        "type": "ListingWithdrawn",
        "subject": subject,
        "time": "2025-01-01T00:00:00Z",
        "data": {},
    }
