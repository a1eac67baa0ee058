"""Every statement prepares on the migrated schema and says what it is; the hot ones read little, and by which index."""

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from ledger.database import Connection, Database
from ledger.server.embedded import EmbeddedServer
from ledger.statements import Statements
from projections.lists import LISTS, read_filters
from projections.rectangle import FOR_EVER, STILL_KNOWN
from projections.replay import LAST, past
from projections.views import BY_NAME, VIEWS
from tests.conftest import copied_database

PACKAGES = {name: Statements(name) for name in ("ledger", "projections")}
TABLES = tuple(view.table for view in VIEWS)
UTILITIES = ("CREATE", "DROP", "ALTER", "GRANT", "LOCK")
EVENTS = 40_000
RECTANGLES = 6_000
"""Of each view and log: enough for its key to be worth more than reading it whole."""
STREAMS = 400
START = datetime(2024, 1, 1, tzinfo=UTC)
EVENT_KEY, ID_KEY, VERSION_KEY = "one_event_for_each_position", "one_event_for_each_id", "one_event_for_each_version"
Json = dict[str, Any]


def statements() -> Iterator[tuple[str, str]]:
    for package, found in PACKAGES.items():
        for name in found.names():
            yield f"{package}/{name}", found(name)


def filled_in(text: str) -> list[str]:
    """Return a statement for each view that its placeholders may stand for."""
    if "view_labels" in text:
        return [
            text.replace("view_any", view.table).replace(
                "view_labels", ", ".join(f"{name}::text" for name in view.tallied)
            )
            for view in VIEWS
            if view.tallied
        ]
    if "view_any" not in text and "view_fresh" not in text:
        return [text]
    return [text.replace("view_fresh", f"{table}_rebuilt").replace("view_any", table) for table in TABLES]


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()


def header(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.startswith("--"))


ALL = dict(statements())
PREPARED = sorted(name for name, text in ALL.items() if not body(text).startswith(UTILITIES))
RUN = sorted(ALL.keys() - PREPARED)


@pytest.fixture(scope="module")
async def migrated(server: EmbeddedServer, template: str) -> AsyncGenerator[Connection]:
    """Yield the owner's connection to a database in which nothing changes."""
    async with copied_database(server, template, test_clock=False) as database, database.owner() as connection:
        yield connection


@pytest.mark.parametrize("name", PREPARED)
async def test_a_statement_prepares_and_its_header_lists_its_parameters(migrated: Connection, name: str) -> None:
    text = ALL[name]
    assert re.match(r"-- [A-Z][^\n]+", text), "begins with what it does"
    for statement in filled_in(text):
        prepared = await migrated.prepare(statement)
        listed = {int(number) for number in re.findall(r"\$(\d+)", header(text))}
        assert listed == set(range(1, len(prepared.get_parameters()) + 1))


async def test_what_cannot_be_prepared_runs_in_the_order_of_a_rebuild(database: Database) -> None:
    steps = (
        "hold_tables",
        "drop_rebuilt",
        "make_rebuilt",
        "lock_table",
        "grant_reads",
        "grant_writes",
        "drop_view",
        "rename_rebuilt",
    )
    of_the_new = {"drop_rebuilt", "grant_reads", "grant_writes"}
    assert [f"projections/{name}" for name in sorted((*steps, "shadow_view"))] == RUN
    async with database.owner() as connection:
        for table in TABLES:
            transaction = connection.transaction()
            await transaction.start()
            for name in steps:
                text = PACKAGES["projections"](name)
                assert re.match(r"-- [A-Z][^\n]+", text)
                fresh = f"{table}_rebuilt"
                await connection.execute(
                    text.replace("view_fresh", fresh).replace("view_any", fresh if name in of_the_new else table)
                )
            assert await connection.fetchval("SELECT to_regclass($1)::text", table) == table
            assert await connection.fetchval("SELECT has_table_privilege('jejak_projector', $1, 'UPDATE')", table)
            assert not await connection.fetchval("SELECT has_table_privilege('jejak_reader', $1, 'INSERT')", table)
            await connection.execute(PACKAGES["projections"]("shadow_view").replace("view_any", table))
            await transaction.rollback()


@pytest.fixture(scope="module")
async def large(server: EmbeddedServer, template: str) -> AsyncGenerator[Connection]:
    """Yield the owner's connection to a database with enough rows for its planner to choose."""
    async with copied_database(server, template, test_clock=False) as database, database.owner() as connection:
        for log_id in (1, 2):
            await connection.execute(
                "INSERT INTO event SELECT $1, g, g / $3 + 1, $4::timestamptz + g * interval '1 second', 'id' || g, "
                "'listing:p1:l' || lpad((g % $3)::text, 5, '0'), 'ListingWithdrawn', sha256(g::text::bytea), "
                "repeat('x', 600)::bytea FROM generate_series(0, $2 - 1) AS g",
                log_id,
                EVENTS,
                STREAMS,
                START,
            )
            for view in VIEWS:
                await connection.execute(views_filled(connection, view.name), log_id, RECTANGLES)
        await connection.execute("ANALYZE")
        yield connection


def views_filled(_: Connection, name: str) -> str:
    """Return what fills a view: three rectangles of each of many subjects, for both certainties."""
    view = BY_NAME[name]
    values = {
        "lifecycle": "'PUBLISHED'",
        "restricted": "false",
        "in_force": "true",
        "holds": "false",
        "suspended": "false",
        "hidden_in": "'{}'::text[]",
        "destinations": "'{ID}'::text[]",
        "instruments": "'{}'::text[]",
        "parties": "'{}'::text[]",
        "countries": "'{}'::text[]",
        "industries": "'{}'::text[]",
        "territories": "'{}'::text[]",
        "item": "repeat('x', 300)::bytea",
    }
    columns = ", ".join(view.columns)
    given = ", ".join(values.get(column, "'X' || g % 7") for column in view.columns)
    return (
        f"INSERT INTO {view.table} (log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, "
        f"known_from, known_to, {columns}) "
        "SELECT $1, 'listing:p1:l' || lpad((g / 3)::text, 5, '0'), '', 'BOTH', "
        "'2024-01-01'::timestamptz + g % 3 * interval '1 day', "
        "CASE WHEN g % 3 < 2 THEN '2024-01-01'::timestamptz + (g % 3 + 1) * interval '1 day' ELSE 'infinity' END, "
        f"g, g, 9223372036854775807, {given} "
        "FROM generate_series(0, $2::integer - 1) AS g"
    )


def nodes(plan: Mapping[str, Any]) -> Iterator[Json]:
    yield dict(plan)
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def literal(value: object) -> str:
    """Write an argument as SQL."""
    match value:
        case None:
            return "NULL"
        case list():
            return "'{" + ",".join(map(str, cast("list[object]", value))) + "}'"
        case bool() | int():
            return str(value)
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def explained(connection: Connection, text: str, *arguments: object) -> list[Json]:
    """Return the nodes of the plan by which a statement runs once it ran so often that its plan may be kept."""
    await connection.execute(f"PREPARE asked AS {text}")
    try:
        run = f"EXECUTE asked ({', '.join(map(literal, arguments))})"
        for _ in range(8):
            await connection.execute(run)
        plan: str = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {run}")
    finally:
        await connection.execute("DEALLOCATE asked")
    (whole,) = msgspec.json.decode(plan, type=list[Json])
    return list(nodes(whole["Plan"]))


def assert_reads(plan: list[Json], index: str, most: int) -> None:
    """It reads by this index alone, and no more than so many rows."""
    scans = [node for node in plan if "Scan" in node["Node Type"] and node.get("Relation Name")]
    assert {node.get("Index Name") for node in scans if node["Node Type"] != "Bitmap Heap Scan"} - {None} == {index}
    assert not [node for node in scans if node["Node Type"] == "Seq Scan"], scans
    read = sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0))
        * node["Actual Loops"]
        for node in scans
    )
    assert read <= most, read


async def test_ids_are_found_by_the_index_of_ids(large: Connection) -> None:
    ids = [f"id{number * 7}" for number in range(1000)]
    assert_reads(await explained(large, ALL["ledger/find_ids"], 1, ids), ID_KEY, 1000)


async def test_streams_are_read_by_the_index_of_versions(large: Connection) -> None:
    subjects = [f"listing:p1:l{number:05d}" for number in (3, 77, 399, 5000)]
    plan = await explained(large, ALL["ledger/read_streams"], 1, subjects, EVENTS)
    assert_reads(plan, VERSION_KEY, 3 * EVENTS // STREAMS)


async def test_histories_read_the_entries_alone_that_rules_ask_for(large: Connection) -> None:
    subjects = [f"listing:p1:l{number:05d}" for number in (3, 77, 399)]
    plan = await explained(large, ALL["ledger/read_histories"], 1, subjects, ["ListingBlocked"], ["listing:p1:l00077"])
    rows = await large.fetch(
        "SELECT type = 'ListingBlocked' OR subject = 'listing:p1:l00077' AS needed "
        "FROM event WHERE log_id = 1 AND subject = ANY($1::text[])",
        subjects,
    )
    (placed,) = [node for node in plan if node["Node Type"] == "Index Only Scan"]
    assert (placed["Index Name"], placed["Actual Rows"]) == (VERSION_KEY, len(rows))
    (entries,) = [node for node in plan if node["Node Type"] == "Index Scan"]
    assert (entries["Index Name"], entries["Actual Loops"]) == (VERSION_KEY, sum(row["needed"] for row in rows))


async def test_entries_are_read_by_the_index_of_positions(large: Connection) -> None:
    plan = await explained(large, ALL["ledger/read_entries"], 1, 20_000, 39_000, 1000)
    assert_reads(plan, EVENT_KEY, 1001)
    plan = await explained(large, ALL["ledger/read_rows"], 1, 0, EVENTS, 1000)
    assert_reads(plan, EVENT_KEY, 1001)


async def test_a_log_is_verified_by_the_indexes_of_positions_and_of_versions(large: Connection) -> None:
    plan = await explained(large, ALL["ledger/read_packed_rows"], 1, 20_000, 21_000, 256)
    assert_reads([node for node in plan if node.get("Relation Name") != "tile"], EVENT_KEY, 1001)
    plan = await explained(large, ALL["ledger/read_misplaced"], 1, "listing:p1:l00200", 5, EVENTS, 1000)
    assert_reads(plan, VERSION_KEY, 1001)


async def test_a_log_is_read_subject_by_subject_by_the_index_of_versions(large: Connection) -> None:
    plan = await explained(large, ALL["projections/read_by_subject"], 1, "listing:p1:l00200", 5, EVENTS, 1000, LAST)
    assert_reads(plan, VERSION_KEY, 1001)


async def test_of_the_beginning_of_a_log_no_page_looks_at_more_than_another(large: Connection) -> None:
    """Whoever replays an early size passes over what came later, page by page: all at once took minutes."""
    plan = await explained(large, ALL["projections/read_by_subject"], 1, "listing:p1:l00200", 5, 10, 1000, LAST)
    assert_reads(plan, VERSION_KEY, 1001)


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_a_kind_without_streams_is_read_without_those_of_the_next(large: Connection, plans: str) -> None:
    asked = 1, "claim:", 0, EVENTS, 1000, past("claim:")
    async with large.transaction():
        await large.execute(f"SET LOCAL plan_cache_mode = {plans}")
        plan = await explained(large, ALL["projections/read_by_subject"], *asked)
    assert_reads(plan, VERSION_KEY, 0)


async def test_the_size_known_at_an_instant_takes_a_few_looks(large: Connection) -> None:
    for number in (0, 1, 12_345, EVENTS - 1):
        when = START + timedelta(seconds=number, milliseconds=500)
        plan = await explained(large, ALL["ledger/size_known_at"], 1, EVENTS, when)
        events = [node for node in plan if node.get("Relation Name") == "event"]
        assert [node["Index Name"] for node in events] == [EVENT_KEY]
        assert events[0]["Actual Rows"] * events[0]["Actual Loops"] <= EVENTS.bit_length() + 1
        assert await large.fetchval(ALL["ledger/size_known_at"], 1, EVENTS, when) == number + 1
    assert not await large.fetchval(ALL["ledger/size_known_at"], 1, EVENTS, START - timedelta(days=1))


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_a_list_of_named_subjects_is_read_by_the_views_key(large: Connection, name: str) -> None:
    listed = LISTS[name]
    subject, prefix, *rest = read_filters(listed, {"subject": ["listing:p1:l00007"]})
    arguments = ([1], [EVENTS], "CERTAIN", START + timedelta(days=1), subject, prefix, None, None, None, 100, *rest)
    plan = await explained(large, ALL[f"projections/{listed.statement}"], *arguments)
    table = BY_NAME[listed.views[0]].table
    scans = [node for node in plan if node.get("Relation Name") == table]
    assert [node["Index Name"] for node in scans] == [f"{table}_pkey"]
    assert sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in scans) <= 10


@pytest.mark.parametrize("name", sorted(LISTS.keys() - {"services"}))  # which are two views, and short
async def test_the_last_page_of_a_list_is_found_where_it_begins(large: Connection, name: str) -> None:
    """Not by walking there: what an index passes over is in no plan, but its blocks are."""
    listed = LISTS[name]
    subject, prefix, *rest = read_filters(listed, {"in_force": []})
    after = (1, f"listing:p1:l{RECTANGLES // 3 - 2:05d}", "")
    arguments = ([1], [EVENTS], "CERTAIN", START + timedelta(days=1), subject, prefix, *after, 100, *rest)
    plan = await explained(large, ALL[f"projections/{listed.statement}"], *arguments)
    table = BY_NAME[listed.views[0]].table
    (scan,) = [node for node in plan if node.get("Relation Name") == table]
    assert scan["Index Name"] == f"{table}_pkey"
    assert scan["Shared Hit Blocks"] + scan["Shared Read Blocks"] <= 12


async def test_a_page_of_visible_listings_is_met_in_order_as_the_planner_expects_many(large: Connection) -> None:
    listed = LISTS["listings"]
    subject, prefix, *rest = read_filters(listed, {"visible": ["true"]})
    arguments = ([1], [EVENTS], "CERTAIN", START + timedelta(days=1), subject, prefix, None, None, None, 100, *rest)
    plan = await explained(large, ALL[f"projections/{listed.statement}"], *arguments)
    scans = [node for node in plan if node.get("Relation Name") == "view_listing"]
    assert [node.get("Index Name") for node in scans] == ["view_listing_pkey"]
    assert sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in scans) <= 500
    assert scans[0]["Plan Rows"] > 50, "of few it would look at every listing there is, and sort"


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_what_sellers_were_is_not_read_for_a_page_of_their_listings(large: Connection, plans: str) -> None:
    """Seven of them have hundreds of rectangles, and none hides anything."""
    listed = LISTS["listings"]
    subject, prefix, *rest = read_filters(listed, {})
    arguments = ([1], [EVENTS], "CERTAIN", START + timedelta(days=1), subject, prefix, None, None, None, 100, *rest)
    transaction = large.transaction()
    await transaction.start()
    try:
        await large.execute(
            "INSERT INTO view_seller (log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, "
            "known_from, known_to, status, holds, verification, item) "
            "SELECT 1, 'X' || g % 7, '', 'BOTH', $1::timestamptz + g * interval '1 second', $1::timestamptz "
            "+ (g + 7) * interval '1 second', g, g, $2, 'ACTIVE', false, 'NONE', '' FROM generate_series(1, 3000) AS g",
            START,
            STILL_KNOWN,
        )
        await large.execute(f"SET LOCAL plan_cache_mode = {plans}")
        plan = await explained(large, ALL[f"projections/{listed.statement}"], *arguments)
    finally:
        await transaction.rollback()
    scans = [node for node in plan if node.get("Relation Name") == "view_seller"]
    assert {node["Index Name"] for node in scans} == {"seller_that_holds"}
    assert sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in scans) == 0


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_keys_are_found_one_by_one_before_there_are_statistics(database: Database, plans: str) -> None:
    """Those come once the server finds time for them: a plan by guesses alone may read every key of the log."""
    add = (
        "INSERT INTO subject_key (log_id, subject, key_id, wrapped) "
        "SELECT 1, 'subject:' || g, 'k' || g, repeat('x', 80)::bytea FROM generate_series(1, 20000) AS g"
    )
    subjects = [f"subject:{number * 11}" for number in range(250)]
    async with database.owner() as connection:
        await connection.execute(f"SET plan_cache_mode = {plans}")
        await connection.execute(add)
        plan = await explained(connection, ALL["ledger/find_keys"], 1, subjects)
        assert_reads(plan, "one_key_for_each_subject", len(subjects))


async def test_rectangles_are_moved_by_the_views_key(large: Connection) -> None:
    text = ALL["projections/move_rectangles"].replace("view_any", "view_seller")
    key = (["BOTH"], ["listing:p1:l00007"], [""], [START], [21])
    transaction = large.transaction()
    await transaction.start()
    plan = await explained(large, text, 1, *key, [START + timedelta(days=1)], [30], [40])
    await transaction.rollback()
    scans = [node for node in plan if node.get("Relation Name") == "view_seller" and "Scan" in node["Node Type"]]
    assert [(node["Node Type"], node.get("Index Name")) for node in scans] == [
        ("Index Scan", "view_seller_pkey"),
        ("Tid Scan", None),
    ]


async def test_rectangles_are_ended_by_the_views_key(large: Connection) -> None:
    text = ALL["projections/end_rectangles"].replace("view_any", "view_seller")
    key = (["BOTH"], ["listing:p1:l00007"], [""])
    transaction = large.transaction()
    await transaction.start()
    plan = await explained(large, text, 1, *key, [START + timedelta(days=1)], [30], FOR_EVER, STILL_KNOWN)
    await transaction.rollback()
    scans = [node for node in plan if node.get("Relation Name") == "view_seller" and "Scan" in node["Node Type"]]
    assert [(node["Node Type"], node.get("Index Name")) for node in scans] == [
        ("Index Scan", "view_seller_pkey"),
        ("Tid Scan", None),
    ]
    assert scans[0]["Actual Rows"] + scans[0].get("Rows Removed by Filter", 0) <= 10
