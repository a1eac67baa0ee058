"""Tallies as they are kept: what does not agree with the log is found, and packing changes no count."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from ledger.database import Connection
from ledger.intake import LogInfo
from ledger.store import find_logs, read_heads
from projections.checking import check_views
from projections.list_count import LABELS, count_items, labels_asked, tallied_statement
from projections.list_statements import count_statement
from projections.lists import LISTS, question_of, read_filters
from projections.runner import statements
from projections.views import VIEWS
from tests.postgres.asking import World, random_time, resolved
from tests.postgres.test_statements import assert_reads, explained

TALLIED = [view for view in VIEWS if view.tallied]
APART = """
WITH taken AS (DELETE FROM tally RETURNING *)
INSERT INTO tally
SELECT log_id, view, certainty, labels, instant, instant, position, position, sign,
    ARRAY[instant], ARRAY[position], ARRAY[sign]
FROM taken CROSS JOIN LATERAL unnest(instants, positions, signs) AS corner (instant, position, sign)
"""
QUESTIONS = 300
ASKED: Sequence[tuple[str, dict[str, list[str]]]] = (
    ("listings", {}),
    ("listings", {"restricted": ["true"]}),
    ("listings", {"restricted": ["false"], "origin": ["ID", "CN"]}),
    ("restrictions", {"in_force": ["false"]}),
    ("restrictions", {"in_force": ["true"]}),
    ("sellers", {}),
    ("sellers", {"status": ["ACTIVE", "SUSPENDED"]}),
)
GROUPS = "SELECT DISTINCT view, certainty, labels FROM tally WHERE log_id = $1"


@pytest.fixture
async def changed(world: World) -> AsyncGenerator[Connection]:
    """Yield the owner's connection in a transaction of which nothing stays."""
    async with world.database.owner() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


@pytest.fixture
async def log(world: World) -> LogInfo:
    """Return the first log of the world."""
    return (await find_logs(world.database.pool("reader"), sorted(world.entries)))[0]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM tally",
        "UPDATE tally SET signs = (SELECT array_agg(-sign) FROM unnest(signs) AS sign) WHERE view = 'view_seller'",
        "UPDATE tally SET certainty = 'POSSIBLE' WHERE certainty = 'BOTH'",
        "UPDATE tally SET instants[1] = instants[1] + interval '1 microsecond' WHERE view = 'view_restriction'",
        "INSERT INTO tally SELECT * FROM tally WHERE view = 'view_listing' LIMIT 1",
    ],
)
async def test_tallies_that_the_log_does_not_give_are_found(changed: Connection, log: LogInfo, statement: str) -> None:
    assert await check_views(changed, log, VIEWS) == []
    await changed.execute(statement)
    found = {finding.place for finding in await check_views(changed, log, VIEWS)}
    assert found
    assert found <= {f"tallies of {view.table}" for view in TALLIED}


async def test_packed_tallies_are_one_row_for_each_certainty_and_labels_and_the_same_tallies(
    changed: Connection, log: LogInfo
) -> None:
    (head,) = await read_heads(changed, [log.slug])
    groups = await changed.fetch(GROUPS, log.log_id)
    await changed.execute(APART)
    assert await changed.fetchval("SELECT count(*) FROM tally WHERE log_id = $1", log.log_id) > len(groups)
    assert await check_views(changed, log, VIEWS) == []
    await changed.execute(statements("pack_tallies"), log.log_id, 0, head.size)
    assert await changed.fetchval("SELECT count(*) FROM tally WHERE log_id = $1", log.log_id) == len(groups)
    assert await check_views(changed, log, VIEWS) == []


async def test_tallies_count_what_the_rectangles_hold_at_any_moment(world: World) -> None:
    random, pool, counts = Random(7), world.database.pool("reader"), set[int]()
    for _ in range(QUESTIONS):
        moment = await resolved(world, random_time(random, world, basis="LEDGER"))
        name, given = random.choice(ASKED)
        listed, filters = LISTS[name], read_filters(LISTS[name], given)
        assert labels_asked(listed, filters) is not None
        question = question_of(moment, filters)
        counting = count_statement(listed, moment.basis, question)
        held = await pool.fetchval(counting.text, *counting.arguments(question))
        assert await count_items(pool, listed, moment, filters) == held, (name, given, moment)
        counts.add(held)
    assert len(counts) > QUESTIONS // 10


MANY = 20_000
MANY_TALLIES = """
INSERT INTO tally SELECT $1, 'view_listing', 'BOTH', ARRAY['C', 'K', 'ID', 'ID', 'false'], at, at, g, g, 1,
    ARRAY[at], ARRAY[g], ARRAY[1::smallint]
FROM generate_series(0, $2 - 1) AS g, LATERAL (SELECT timestamptz '2025-01-01' + g * interval '1 second' AS at) AS a
"""


@pytest.fixture
async def many(changed: Connection, log: LogInfo) -> Connection:
    """Return that connection, with many tallies of listings, which the planner knows of."""
    await changed.execute(MANY_TALLIES, log.log_id, MANY)
    await changed.execute("ANALYZE tally")
    return changed


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
async def test_the_few_tallies_of_a_view_are_read_without_the_many_of_another(
    many: Connection, log: LogInfo, mode: str
) -> None:
    """Whatever was counted before: a plan is kept for a statement, and each view's is one of its own."""
    await many.execute(f"SET LOCAL plan_cache_mode = {mode}")
    asked = [log.log_id], [MANY], "CERTAIN", datetime(2026, 1, 1, tzinfo=UTC), *[None] * LABELS, MANY
    plan = await explained(many, tallied_statement("view_seller"), *asked)
    held = await many.fetchval("SELECT count(*) FROM tally WHERE view = 'view_seller'")
    assert 0 < held < MANY // 50
    assert_reads(plan, "tally_by_position", held)


async def test_who_asks_as_known_early_reads_no_tallies_of_later(many: Connection, log: LogInfo) -> None:
    early = MANY // 100
    asked = [log.log_id], [early], "CERTAIN", datetime(2026, 1, 1, tzinfo=UTC), *[None] * LABELS, early
    plan = await explained(many, tallied_statement("view_listing"), *asked)
    held = "SELECT count(*) FROM tally WHERE view = 'view_listing' AND first_position < $1"
    assert_reads(plan, "tally_by_position", await many.fetchval(held, early))


@pytest.mark.parametrize(
    ("name", "given", "labels"),
    [
        ("listings", {"restricted": ["true"], "origin": ["ID", "MY"]}, [None, None, None, ["ID", "MY"], ["true"]]),
        ("listings", {"seller": ["seller:p1:s1"]}, None),
        ("listings", {"visible": ["true"]}, None),
        ("listings", {"subject_prefix": ["listing:p1"]}, None),
        ("restrictions", {}, [None, ["true"], None, None, None]),
        ("takedowns", {}, None),
    ],
)
def test_tallies_are_asked_where_they_tell_all_that_is_asked(
    name: str, given: dict[str, list[str]], labels: list[list[str] | None] | None
) -> None:
    listed = LISTS[name]
    assert labels_asked(listed, read_filters(listed, given)) == labels


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_what_no_tally_tells_is_counted_without_an_order(changed: Connection, name: str) -> None:
    listed = LISTS[name]
    question = {**dict.fromkeys(("log_ids", "sizes", "certainty", "as_of"), ""), **read_filters(listed, {})}
    counting = count_statement(listed, "LEDGER", question)
    assert "ORDER BY" not in counting.text
    assert len((await changed.prepare(counting.text)).get_parameters()) == len(counting.parameters)
