"""Every statement prepares on the migrated schema and says what it is; the hot ones read little, and by which index."""

import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from ledger.database import Connection, Database
from ledger.server.embedded import EmbeddedServer
from ledger.statements import Statements
from projections.list_statements import COMMON_FILTERS, Filter, count_statement, gather_statement, page_statement
from projections.lists import LISTS, read_filters
from projections.rectangle import STILL_KNOWN, View
from projections.replay import LAST, past
from projections.views import BY_NAME, VIEWS
from projections.writing import of_columns, replacing_of
from tests.conftest import copied_database

PACKAGES = {name: Statements(name) for name in ("ledger", "projections")}
TABLES = tuple(table for view in VIEWS for table in view.tables)
PARTS = ("list_items", "fragment_")
"""Of which statements of lists are made."""
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
            if not name.startswith(PARTS):
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
    return [of_columns(text, view).replace("view_any", view.table) for view in VIEWS] if "view_any" in text else [text]


def body(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()


def header(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.startswith("--"))


ALL = dict(statements())
PREPARED = sorted(name for name, text in ALL.items() if not body(text).startswith(UTILITIES))
RUN = sorted(ALL.keys() - PREPARED)


@pytest.fixture(scope="module")
async def migrated(server: EmbeddedServer, template: str) -> AsyncGenerator[Connection]:
    """Yield the owner's connection to a database in which nothing changes, with the tables of what replaces."""
    async with copied_database(server, template, test_clock=False) as database, database.owner() as connection:
        for view in VIEWS:
            await connection.execute(PACKAGES["projections"]("make_replacing").replace("view_any", view.table))
        yield connection


def given_names(*names: str) -> dict[str, object]:
    """Return something that is asked by each of these names."""
    return dict.fromkeys(names, True)


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_every_statement_of_a_list_prepares_with_the_parameters_of_its_filters(
    migrated: Connection, name: str
) -> None:
    listed, always = LISTS[name], given_names("log_ids", "sizes", "certainty", "as_of", "limit")
    after = given_names("after_log", "after_subject", "after_key")
    filters = [*COMMON_FILTERS, *(one.name for one in listed.filters)]
    for given in ({}, after, *(given_names(one) for one in filters), given_names(*filters)):
        asked = always | given
        page, count = page_statement(listed, "LEDGER", asked), count_statement(listed, "LEDGER", asked)
        assert {*page.parameters} - {"country"} == asked.keys() - {"country"}
        assert {*count.parameters} == {*page.parameters} - {"limit"}
        for statement in (page, count):
            prepared = await migrated.prepare(statement.text)
            assert len(prepared.get_parameters()) == len(statement.parameters)


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
        "keep_table",
        "lock_table",
        "grant_reads",
        "grant_writes",
        "drop_view",
        "rename_rebuilt",
    )
    of_the_new = {"drop_rebuilt", "grant_reads", "grant_writes"}
    assert [f"projections/{name}" for name in sorted((*steps, "make_replacing", "shadow_view"))] == RUN
    async with database.owner() as connection:
        for table in TABLES:
            transaction = connection.transaction()
            await transaction.start()
            for name in steps:
                text = PACKAGES["projections"](name)
                assert re.match(r"-- [A-Z][^\n]+", text)
                fresh = f"{table}_rebuilt"
                text = text.replace("view_fresh", fresh).replace("view_fill", "100")
                await connection.execute(text.replace("view_any", fresh if name in of_the_new else table))
            assert await connection.fetchval("SELECT to_regclass($1)::text", table) == table
            assert await connection.fetchval("SELECT has_table_privilege('jejak_projector', $1, 'UPDATE')", table)
            assert not await connection.fetchval("SELECT has_table_privilege('jejak_reader', $1, 'INSERT')", table)
            await connection.execute(PACKAGES["projections"]("shadow_view").replace("view_any", table))
            await transaction.rollback()


FILL_EVENTS = (
    "INSERT INTO event SELECT $1, g, g / $3 + 1, $4::timestamptz + g * interval '1 second', 'id' || g, "
    "'listing:p1:l' || lpad((g % $3)::text, 5, '0'), 'ListingWithdrawn', sha256(g::text::bytea), "
    "(repeat('x', 600) || g)::bytea FROM generate_series(0, $2 - 1) AS g"
)


@pytest.fixture(scope="module")
async def large(server: EmbeddedServer, template: str) -> AsyncGenerator[Connection]:
    """Yield the owner's connection to a database with enough rows for its planner to choose."""
    async with copied_database(server, template, test_clock=False) as database, database.owner() as connection:
        for log_id in (1, 2):
            await connection.execute(FILL_EVENTS, log_id, EVENTS, STREAMS, START)
            for view in VIEWS:
                for table, condition in zip(view.tables, ("g % 3 = 2", "g % 3 < 2"), strict=True):
                    await connection.execute(filled(view, table, condition), log_id, RECTANGLES)
        await connection.execute("ANALYZE")
        yield connection


def filled(view: View, table: str, condition: str) -> str:
    """Return what fills a table of a view: of many subjects three rectangles for both certainties."""
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
        f"INSERT INTO {table} (log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, "
        f"known_from, known_to, {columns}) "
        "SELECT $1, 'listing:p1:l' || lpad((g / 3)::text, 5, '0'), '', 'BOTH', "
        "'2024-01-01'::timestamptz + g % 3 * interval '1 day', "
        "CASE WHEN g % 3 < 2 THEN '2024-01-01'::timestamptz + (g % 3 + 1) * interval '1 day' ELSE 'infinity' END, "
        f"g, g, 9223372036854775807, {given} "
        f"FROM generate_series(0, $2::integer - 1) AS g WHERE {condition}"
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
            return "'{" + ",".join(f'"{each}"' for each in cast("list[object]", value)) + "}'"
        case bool() | int():
            return str(value)
        case _:
            return "'" + str(value).replace("'", "''") + "'"


async def explained(connection: Connection, text: str, *arguments: object, runs: int = 8) -> list[Json]:
    """Return the nodes of the plan by which a statement runs once it ran so often that its plan may be kept."""
    await connection.execute(f"PREPARE asked AS {text}")
    try:
        run = f"EXECUTE asked ({', '.join(map(literal, arguments))})"
        for _ in range(runs):
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
    asked: tuple[object, ...] = (1, [], subjects, ["ListingBlocked"], ["listing:p1:l00077"], [], [])
    plan = await explained(large, ALL["ledger/read_histories"], *asked)
    rows = await large.fetch(
        "SELECT subject, entry, type = 'ListingBlocked' OR subject = 'listing:p1:l00077' AS needed "
        "FROM event WHERE log_id = 1 AND subject = ANY($1::text[]) ORDER BY version",
        subjects,
    )
    needed = {each: [row["entry"] for row in rows if row["needed"] and row["subject"] == each] for each in subjects}
    read = await large.fetch(ALL["ledger/read_histories"], *asked)
    assert {row["subject"]: (row["entries"] or b"").splitlines() for row in read} == needed
    (placed,) = [node for node in plan if node["Node Type"] == "Index Only Scan" and node["Actual Loops"]]
    assert (placed["Index Name"], placed["Actual Rows"]) == (VERSION_KEY, len(rows))
    (entries,) = [node for node in plan if node["Node Type"] == "Index Scan" and node["Actual Loops"]]
    assert (entries["Index Name"], entries["Actual Loops"]) == (VERSION_KEY, sum(row["needed"] for row in rows))


async def test_entries_that_are_known_by_their_places_are_read_alone_in_their_order(large: Connection) -> None:
    places = {"listing:p1:l00003": (5, 2, 9, 1, 7, 3), "listing:p1:l00399": (4,)}
    pairs = [(subject, version) for subject, versions in places.items() for version in versions]
    asked: tuple[object, ...] = (1, [], [], ["ListingBlocked"], [], *map(list, zip(*pairs, strict=True)))
    plan = await explained(large, ALL["ledger/read_histories"], *asked)
    read = [node for node in plan if node["Node Type"].startswith("Index") and node["Actual Rows"]]
    assert [(node["Index Name"], node["Actual Rows"] * node["Actual Loops"]) for node in read] == [(VERSION_KEY, 7)]
    rows = await large.fetch(ALL["ledger/read_histories"], *asked)
    for subject, _, entries in rows:
        statement = "SELECT entry FROM event WHERE log_id = 1 AND subject = $1 AND version = ANY($2) ORDER BY version"
        stored = await large.fetch(statement, subject, places[subject])
        assert entries.splitlines() == [row["entry"] for row in stored]
    assert {row["subject"] for row in rows} == places.keys()


async def test_of_streams_whose_version_is_enough_one_entry_of_the_index_is_read(large: Connection) -> None:
    subjects = [f"listing:p1:l{number:05d}" for number in (3, 77, 399, 5000)]
    asked: tuple[object, ...] = (1, subjects, [], ["ListingBlocked"], [], [], [])
    assert_reads(await explained(large, ALL["ledger/read_histories"], *asked), VERSION_KEY, 3)
    newest = "SELECT subject, max(version), NULL FROM event WHERE log_id = 1 AND subject = ANY($1::text[]) GROUP BY 1"
    rows = await large.fetch(ALL["ledger/read_histories"], *asked)
    assert [tuple(row) for row in rows] == sorted(map(tuple, await large.fetch(newest, subjects)))


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


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_a_log_is_read_in_the_order_of_the_index_before_there_are_statistics(
    database: Database, plans: str
) -> None:
    """By a guess at how many are left, all of them were read and sorted for each page."""
    async with database.owner() as connection:
        await connection.execute(f"SET plan_cache_mode = {plans}")
        await connection.execute(FILL_EVENTS, 1, EVENTS, STREAMS, START)
        asked = 1, "listing:p1:l00010", 0, EVENTS, 1000, LAST
        plan = await explained(connection, ALL["projections/read_by_subject"], *asked)
    assert_reads(plan, VERSION_KEY, 1001)


async def test_of_the_beginning_of_a_log_no_page_looks_at_more_than_another(large: Connection) -> None:
    """Whoever replays an early size passes over what came later, page by page: all at once took minutes."""
    plan = await explained(large, ALL["projections/read_by_subject"], 1, "listing:p1:l00200", 5, 10, 1000, LAST)
    assert_reads(plan, VERSION_KEY, 1001)


@pytest.mark.parametrize("size", [EVENTS, EVENTS // 2, 10])
@pytest.mark.parametrize("limit", [1, 1000, 3 * EVENTS])
@pytest.mark.parametrize(
    ("after", "version", "end"),
    [("", 0, LAST), ("listing:p1:l00200", 5, LAST), ("listing:p1:l00398", 99, LAST), ("claim:", 0, past("claim:"))],
)
async def test_a_page_of_a_long_log_is_the_same_page(
    large: Connection, size: int, limit: int, after: str, version: int, end: str
) -> None:
    asked = 1, after, version, size, limit, end
    page, same = [
        await large.fetch(ALL[f"projections/{name}"], *asked) for name in ("read_by_subject", "read_scattered")
    ]
    assert [tuple(row) for row in same] == [tuple(row) for row in page]


async def test_of_a_long_log_all_events_of_a_page_are_found_before_the_first_is_read(large: Connection) -> None:
    """Then the disk can be asked for many at once, which an index scan does not: it reads as it finds."""
    (row,) = await large.fetch("SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'scattered_events'")
    given = {"of_log": "$1", "after_subject": "'listing:p1:l00200'", "after_version": "5", "known": str(EVENTS)}
    given |= {"last_subject": "'listing:p1:l00209'", "last_version": "1"}
    text = re.sub(r"\b(" + "|".join(given) + r")\b", lambda name: given[name[1]], row["prosrc"])
    async with undone(large):
        for setting in row["proconfig"]:
            name, _, value = setting.partition("=")
            await large.execute(f"SET LOCAL {name} = {value}")
        plan = await explained(large, text, 1)
    assert [node["Node Type"] for node in plan] == ["Sort", "Bitmap Heap Scan", "Bitmap Index Scan"]
    assert (plan[2]["Index Name"], plan[2]["Actual Rows"]) == (VERSION_KEY, 100 - 5 + 8 * 100 + 1)
    assert {"enable_indexscan=off", "effective_io_concurrency=64"} <= {*row["proconfig"]}
    plan = await explained(large, ALL["projections/read_scattered"], 1, "listing:p1:l00200", 5, EVENTS, 1000, LAST)
    (last,) = [node for node in plan if "Scan" in node["Node Type"] and node.get("Relation Name") == "event"]
    assert (last["Node Type"], last["Index Name"]) == ("Index Only Scan", VERSION_KEY)


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


FIRST_DAY, SECOND_DAY, LAST_DAY = (START + timedelta(days=number, hours=12) for number in range(3))
"""Of each key's three rectangles one holds on each of these days: the newest on the last."""


async def page_explained(
    connection: Connection,
    name: str,
    given: Mapping[str, list[str]],
    *,
    after: tuple[int, str, str] | None = None,
    as_of: datetime = SECOND_DAY,
) -> list[Json]:
    """Return the plan of a page of a list, of the log that it begins in."""
    question = {
        "log_ids": [1 if after is None else after[0]],
        "sizes": [EVENTS],
        "certainty": "CERTAIN",
        "as_of": as_of,
        "limit": 100,
    }
    question |= read_filters(LISTS[name], given)
    if after is not None:
        question |= dict(zip(("after_log", "after_subject", "after_key"), after, strict=True))
    statement = page_statement(LISTS[name], "LEDGER", question)
    return await explained(connection, statement.text, *statement.arguments(question))


def scans_of(plan: list[Json], table: str) -> list[Json]:
    return [node for node in plan if node.get("Relation Name") == table and "Scan" in node["Node Type"]]


def looked_at(scans: list[Json]) -> float:
    """Return how many rows were fetched."""
    read = [(node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in scans]
    return float(sum(read))


async def test_of_a_long_log_the_next_keys_of_a_view_are_all_found_before_the_first_is_read(large: Connection) -> None:
    (row,) = await large.fetch("SELECT prosrc, proconfig FROM pg_proc WHERE proname = 'scattered_rectangles'")
    (text,) = re.findall(r"'(SELECT .*)'", row["prosrc"])
    async with undone(large):
        for setting in row["proconfig"]:
            name, _, value = setting.partition("=")
            await large.execute(f"SET LOCAL {name} = {value}")
        after, last = ("listing:p1:l00200", ""), ("listing:p1:l00300", "")
        plan = await explained(large, text % "view_restriction", 1, *after, *last)
    scans = [(node["Node Type"], node["Actual Rows"]) for node in plan if "Scan" in node["Node Type"]]
    assert scans == [("Bitmap Heap Scan", 100), ("Bitmap Index Scan", 100)]
    assert {"enable_indexscan=off", "effective_io_concurrency=64"} <= {*row["proconfig"]}
    statement = gather_statement(LISTS["restrictions"], {"in_force": True})
    assert statement is not None
    plan = await explained(large, statement, 1, *after, 30, LAST)
    (end,) = [node for node in plan if "Scan" in node["Node Type"] and node.get("Relation Name") == "view_restriction"]
    assert (end["Node Type"], end["Index Name"], end["Actual Rows"]) == ("Index Only Scan", "view_restriction_pkey", 30)
    for keys, found in ((30, 30), (EVENTS, RECTANGLES // 3 - 201)):
        assert await large.fetchval(statement, 1, *after, keys, LAST) == found


@pytest.mark.parametrize(
    ("name", "asked"),
    [("services", "service"), ("listings", "seller"), ("sellers", "subject"), ("sellers", "subject_prefix")],
)
def test_what_is_not_looked_for_key_by_key_is_not_gathered(name: str, asked: str) -> None:
    assert gather_statement(LISTS[name], {asked: ["x"]}) is None


@pytest.mark.parametrize("name", sorted(LISTS))
async def test_a_list_of_named_subjects_is_read_by_the_views_key(large: Connection, name: str) -> None:
    plan = await page_explained(large, name, {"subject": ["listing:p1:l00007"]})
    for table in BY_NAME[LISTS[name].views[0]].tables:
        scans = scans_of(plan, table)
        assert [node["Index Name"] for node in scans] == [f"{table}_pkey"]
        assert looked_at(scans) <= 3


@pytest.mark.parametrize("name", sorted(LISTS.keys() - {"services"}))  # which are two views, and short
async def test_the_last_page_of_a_list_is_found_where_it_begins(large: Connection, name: str) -> None:
    """Not by walking there: what an index passes over is in no plan, but its blocks are."""
    after = (1, f"listing:p1:l{RECTANGLES // 3 - 2:05d}", "")
    plan = await page_explained(large, name, {"in_force": []}, after=after)
    table = BY_NAME[LISTS[name].views[0]].table
    (scan,) = scans_of(plan, table)
    assert scan["Index Name"] == f"{table}_pkey"
    assert scan["Shared Hit Blocks"] + scan["Shared Read Blocks"] <= 5


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize("as_of", [FIRST_DAY, SECOND_DAY, LAST_DAY])
@pytest.mark.parametrize("name", sorted(LISTS.keys() - {"services"}))
async def test_of_each_key_of_a_page_one_rectangle_is_read_and_of_its_history_another_at_most(
    large: Connection, name: str, as_of: datetime, plans: str
) -> None:
    async with large.transaction():
        await large.execute(f"SET LOCAL plan_cache_mode = {plans}")
        plan = await page_explained(large, name, {"in_force": []}, as_of=as_of)
    table, history = BY_NAME[LISTS[name].views[0]].tables
    newest, earlier = scans_of(plan, table), scans_of(plan, history)
    assert [node["Index Name"] for node in (*newest, *earlier)] == [f"{table}_pkey", f"{history}_pkey"]
    assert looked_at(newest) == 100
    assert looked_at(earlier) == (0 if as_of == LAST_DAY else 100)


@pytest.mark.parametrize(
    ("name", "one"), [(listed.name, one) for listed in LISTS.values() for one in listed.filters if one.holds_many]
)
@pytest.mark.parametrize(("asked", "found"), [(["B", "C"], 1), (["B"], 1), (["C", "D"], 0)])
async def test_a_filter_of_what_has_several_values_asks_whether_it_has_any(
    large: Connection, name: str, one: Filter, asked: list[str], found: int
) -> None:
    question = {"log_ids": [1], "sizes": [EVENTS], "certainty": "CERTAIN", "as_of": LAST_DAY, "limit": 100}
    page = page_statement(LISTS[name], "LEDGER", question := question | {one.name: asked})
    column = (one.asked or "").removeprefix("item.")
    async with undone(large):
        await large.execute(
            f"UPDATE {BY_NAME[LISTS[name].views[0]].table} SET {column} = '{{A,B}}' "
            "WHERE log_id = 1 AND subject = 'listing:p1:l00007'"
        )
        assert len(await large.fetch(page.text, *page.arguments(question))) == found


@pytest.mark.parametrize(
    ("name", "given", "index"),
    [
        ("listings", "seller", "listing_by_seller"),
        ("takedowns", "notifier", "takedown_by_notifier"),
        ("takedowns", "listing", "takedown_by_listing"),
    ],
)
@pytest.mark.parametrize("after", [None, (2, "listing:p1:l00000", "")])
async def test_what_an_index_leaves_is_looked_for_by_it(
    large: Connection, name: str, given: str, index: str, after: tuple[int, str, str] | None
) -> None:
    """In the history too: what a listing's seller was then is asked, and not what it is. And for every page."""
    plan = await page_explained(large, name, {given: ["rare"]}, after=after)
    kind, _, by = index.partition("_by_")
    for table, own in zip(BY_NAME[LISTS[name].views[0]].tables, (index, f"{kind}_history_by_{by}"), strict=True):
        assert {node.get("Index Name") for node in scans_of(plan, table)} == {own}
        assert looked_at(scans_of(plan, table)) == 0


async def test_a_page_of_visible_listings_is_met_in_order_as_the_planner_expects_many(large: Connection) -> None:
    plan = await page_explained(large, "listings", {"visible": ["true"]})
    (scan,) = scans_of(plan, "view_listing")
    assert scan["Index Name"] == "view_listing_pkey"
    assert looked_at([scan]) <= 500


@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_what_sellers_were_is_not_read_for_a_page_of_their_listings(large: Connection, plans: str) -> None:
    """Seven of them have hundreds of rectangles, and none hides anything."""
    async with undone(large):
        for table, rectangles in zip(BY_NAME["seller"].tables, (7, 3000), strict=True):
            await large.execute(
                f"INSERT INTO {table} (log_id, subject, key, certainty, valid_from, valid_to, valid_to_known, "
                f"known_from, known_to, status, holds, verification, item) SELECT 1, 'X' || g % 7, '', 'BOTH', "
                "$1::timestamptz + g * interval '1 second', $1::timestamptz + (g + 7) * interval '1 second', g, g, $2, "
                "'ACTIVE', false, 'NONE', '' FROM generate_series(1, $3::integer) AS g",
                START,
                STILL_KNOWN,
                rectangles,
            )
        await large.execute(f"SET LOCAL plan_cache_mode = {plans}")
        plan = await page_explained(large, "listings", {})
    for table, index in zip(BY_NAME["seller"].tables, ("seller_that_holds", "seller_that_held"), strict=True):
        assert {node["Index Name"] for node in scans_of(plan, table)} == {index}
        assert looked_at(scans_of(plan, table)) == 0


@asynccontextmanager
async def undone(connection: Connection) -> AsyncGenerator[None]:
    """Take back what is done within."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


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


@pytest.mark.parametrize(("table", "known_from", "found"), [("view_seller", 23, 1), ("view_seller_history", 21, 1)])
async def test_rectangles_are_moved_by_the_key_of_their_table(
    large: Connection, table: str, known_from: int, found: int
) -> None:
    text = ALL["projections/move_rectangles"].replace("view_any", table)
    key = (["BOTH"], ["listing:p1:l00007"], [""], [START + timedelta(days=known_from - 21)], [known_from])
    async with undone(large):
        plan = await explained(large, text, 1, *key, [START + timedelta(days=3)], [30], [40])
    scans = scans_of(plan, table)
    assert [(node["Node Type"], node.get("Index Name"), node["Actual Rows"]) for node in scans] == [
        ("Index Scan", f"{table}_pkey", found),
        ("Tid Scan", None, found),
    ]


async def by_key(connection: Connection, text: str, *arguments: object) -> list[Json]:
    """Return the nodes of a statement's plan as the projector has it; it runs once."""
    await connection.execute(ALL["projections/find_by_key"].replace("$1", "true"))
    return await explained(connection, text, *arguments, runs=0)


async def test_rectangles_are_ended_by_the_views_key(large: Connection) -> None:
    text = ALL["projections/end_rectangles"].replace("view_any", "view_seller")
    async with undone(large):
        plan = await by_key(large, text, 1, ["listing:p1:l00007"], [""], [START + timedelta(days=4)], [30])
    assert [(node["Node Type"], node["Actual Rows"]) for node in scans_of(plan, "view_seller")] == [
        ("Index Scan", 1),
        ("Tid Scan", 1),
    ]


REPLACING = 500
SUBJECTS = [f"listing:p1:l{number:05d}" for number in range(REPLACING)]
MORE: dict[str, tuple[object, ...]] = {
    "replace_rectangles": (),
    "add_rectangles": (True,),
    "end_rectangles": (SUBJECTS, [""] * REPLACING, [START] * REPLACING, [1] * REPLACING),
}
"""What each takes after the log."""


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("plans", ["force_generic_plan", "force_custom_plan"])
async def test_newest_rectangles_are_looked_up_one_by_one_before_there_are_statistics(
    database: Database, name: str, plans: str
) -> None:
    """There are none of what replaces, ever, and none of a view that begins: all pairs would be compared."""
    view = BY_NAME["seller"]
    text = of_columns(ALL[f"projections/{name}"], view).replace("view_any", view.table)
    async with database.owner() as connection, undone(connection):
        await connection.execute(f"SET LOCAL plan_cache_mode = {plans}")
        await connection.execute(filled(view, view.table, "g % 3 = 2"), 1, RECTANGLES)
        await connection.execute(ALL["projections/make_replacing"].replace("view_any", view.table))
        later = f"SELECT * FROM {view.table} ORDER BY subject LIMIT {REPLACING}"
        await connection.execute(f"INSERT INTO {replacing_of(view.table)} {later}")
        plan = await by_key(connection, text, 1, *MORE[name])
    scans = scans_of(plan, view.table)
    assert {scan["Node Type"] for scan in scans} <= {"Index Scan", "Index Only Scan", "Tid Scan"}
    assert {scan.get("Index Name") for scan in scans} - {None} == {f"{view.table}_pkey"}
    assert {looked_at([scan]) for scan in (*scans, *scans_of(plan, replacing_of(view.table)))} == {REPLACING}
