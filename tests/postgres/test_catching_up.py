"""Views that are new in a release: filled from the log's first entry on, while the others wait or go on."""

from itertools import pairwise
from pathlib import Path

import pytest

from ledger.database import Database
from ledger.feed import Feed
from ledger.migration import migrate
from projections import runner
from projections.runner import Runner, statements
from projections.views import BY_NAME, VIEWS
from tests.histories import ALL_KINDS, append_plain, make_appender, make_log, told
from tests.postgres.test_rebuild import assert_right, dumped, fill_logs, followed, running

FIRST_RELEASE = tuple(BY_NAME[name] for name in ("listing", "restriction", "seller", "service", "takedown", "dispute"))
"""The views of migration 002."""
PAGE = 40


async def positions(database: Database, log_id: int) -> dict[str, int]:
    rows = await database.pool("reader").fetch(statements("read_positions"), log_id, [view.name for view in VIEWS])
    return {row["view"]: row["position"] for row in rows}


async def test_the_views_of_a_later_migration_are_filled_from_the_logs_that_were_there(
    database: Database, tmp_path: Path
) -> None:
    later = [table for view in VIEWS if view not in FIRST_RELEASE for table in view.tables]
    async with database.owner() as connection:
        await connection.execute("CREATE SCHEMA later")
        for table in later:
            await connection.execute(f"ALTER TABLE {table} SET SCHEMA later")
    await fill_logs(database, tmp_path, {"alpha": 0, "beta": 1}, 300, FIRST_RELEASE)
    async with database.owner() as connection:
        for table in later:
            await connection.execute(f"ALTER TABLE later.{table} SET SCHEMA public")
    await fill_logs(database, tmp_path, {"gamma": 3}, 60)
    await assert_right(database)
    rows = await dumped(database)
    assert all(rows.values())


TOGETHER = """
INSERT INTO view_any_history SELECT * FROM view_any;
DROP TABLE view_any;
ALTER TABLE view_any_history RENAME TO view_any;
ALTER INDEX view_any_history_pkey RENAME TO view_any_pkey
"""
"""How views stood before migration 020: all rectangles in one table."""
INDEXES = {
    "listing_history_by_seller": "listing_by_seller",
    "takedown_history_by_notifier": "takedown_by_notifier",
    "takedown_history_by_listing": "takedown_by_listing",
    "seller_that_held": "seller_that_holds",
}


async def test_the_newest_rectangles_of_an_earlier_release_are_divided_from_their_history(
    database: Database, tmp_path: Path
) -> None:
    await fill_logs(database, tmp_path, {"alpha": 0, "beta": 1}, 300)
    before = await dumped(database)
    async with database.owner() as connection:
        for view in VIEWS:
            await connection.execute(TOGETHER.replace("view_any", view.table))
        for name, earlier in INDEXES.items():
            await connection.execute(f"ALTER INDEX {name} RENAME TO {earlier}")
        await connection.execute("DELETE FROM migration WHERE number = 20")
        await migrate(connection)
    assert await dumped(database) == before
    await assert_right(database)
    await fill_logs(database, tmp_path, {"gamma": 3}, 60)
    await assert_right(database)


async def test_a_page_moves_only_the_views_that_are_furthest_behind_and_no_further_than_the_next(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "TRANSACTION_EVENTS", PAGE)
    appender = make_appender(database, tmp_path)
    log = await make_log(database, "alpha")
    commits = told(4, 300, ALL_KINDS, log=log).commits
    feed = Feed(database.pool("reader"))
    ends: list[int] = []
    for number, views in enumerate((VIEWS[:2], VIEWS[2:4], ())):
        await append_plain(appender, log, commits[number * 60 : (number + 1) * 60])
        if views:
            await Runner(database, feed, views).catch_up()
            ends.append((await positions(database, log.log_id))[views[0].name])
    await appender.close()
    last, following = Runner(database, feed, VIEWS), True
    furthest = [await positions(database, log.log_id)]
    while following:
        following = await last.step()
        furthest.append(await positions(database, log.log_id))
    for before, after in pairwise(furthest):
        lowest = min(before.get(view.name, 0) for view in VIEWS)
        moved = {name for name in after if after[name] != before.get(name, 0)}
        assert moved <= {view.name for view in VIEWS if before.get(view.name, 0) == lowest}
        assert len({after[name] for name in moved}) <= 1
        assert all(after[name] <= min((end for end in ends if end > lowest), default=lowest + PAGE) for name in moved)
    await assert_right(database)


async def test_new_views_catch_up_while_a_writer_appends(database: Database, tmp_path: Path) -> None:
    appender = make_appender(database, tmp_path)
    log = await make_log(database, "alpha")
    commits = told(5, 400, ALL_KINDS, log=log).commits
    await append_plain(appender, log, commits[:120])
    await Runner(database, Feed(database.pool("reader")), FIRST_RELEASE).catch_up()
    async with running(database) as first, running(database) as second:
        await append_plain(appender, log, commits[120:], batch=10)
        await followed(database)
        assert (first.stopped.reasons, second.stopped.reasons) == ({}, {})
    await appender.close()
    await assert_right(database)
