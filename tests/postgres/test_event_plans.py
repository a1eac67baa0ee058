"""How events are found: every filter reads few rows and by an index, whether what it asks for is rare or common.

`SEARCH_EVENTS` says among how many events: 40,000, and a million when it is asked for.
"""

import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.database import Connection
from ledger.server.embedded import EmbeddedServer
from projections import event_list
from projections.event_list import STRETCH_EVENTS, Cursor, EventFilters, Look, Way, begin, statement_of
from projections.event_search import statements
from tests.conftest import copied_database
from tests.postgres.test_statements import EVENT_KEY, VERSION_KEY, explained

EVENTS = int(os.environ.get("SEARCH_EVENTS", "40000"))
RARE = EVENTS // 20
"""Every so many events one is rare: twenty are."""
LIMIT = 101
READ_MAX = 2_000
"""Rows that a page may read: those on it, those passed over, and those looked up."""
OF_OURS = {"CTE Scan", "Subquery Scan", "Function Scan"}
"""Scans of what the statement itself has made."""
START = datetime(2024, 1, 1, tzinfo=UTC)
SEARCH_KEY, TYPE_KEY, TIME_KEY, WORDS_KEY = (
    "one_search_row_for_each_event",
    "event_by_type",
    "event_by_time",
    "event_by_words",
)
FILL = """
INSERT INTO event
SELECT $1, g, 1, $4::timestamptz + g * interval '1 second', 'id' || g,
    CASE WHEN g % $3 = 7 THEN 'dispute:' ELSE 'listing:' END || 'p1:' || md5(g::text),
    CASE WHEN g % $3 = 7 THEN 'Rare' ELSE 'Common' END, sha256(''), convert_to(json_build_object(
        'data', json_build_object('title', CASE WHEN g % $3 = 7 THEN 'langka ' ELSE 'batik dijual ' END || g),
        'time', to_char($4::timestamptz AT TIME ZONE 'UTC' + (g::bigint * 7919 % $2) * interval '1 minute',
            'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text, 'UTF8')
FROM generate_series(0, $2 - 1) AS g
"""


@pytest.fixture(scope="module")
async def filled(server: EmbeddedServer, template: str) -> AsyncGenerator[Connection]:
    """Yield a connection to a database with two logs in the search; statements are planned each time they are run."""
    async with copied_database(server, template, test_clock=False) as database, database.owner() as connection:
        for log_id, events in ((1, EVENTS), (2, EVENTS // 10)):
            await connection.execute(FILL, log_id, events, RARE, START, timeout=600)
            await connection.execute(statements("index_events"), log_id, 0, events, timeout=1800)
        await connection.execute("VACUUM ANALYZE", timeout=600)  # as the server's own does once a table has grown
        async with connection.transaction():
            await connection.execute(statements("plan_each_time"))
            yield connection


def minutes(count: float) -> datetime:
    return START + timedelta(minutes=count)


async def rare_subject(connection: Connection) -> str:
    subject: str = await connection.fetchval("SELECT subject FROM event WHERE log_id = 1 AND position = 7")
    return subject


ASKED: dict[str, tuple[EventFilters, set[str], bool]] = {
    "nothing": (EventFilters(), {EVENT_KEY}, True),
    "a common type": (EventFilters(types=["Common"]), {EVENT_KEY}, True),
    "a rare type": (EventFilters(types=["Rare"]), {TYPE_KEY, EVENT_KEY}, False),
    "rare types": (EventFilters(types=["Rare", "None"]), {TYPE_KEY, EVENT_KEY}, False),
    "a few minutes": (EventFilters(time_from=minutes(500), time_to=minutes(520)), {TIME_KEY, EVENT_KEY}, False),
    "a long time": (EventFilters(time_from=minutes(500)), {SEARCH_KEY, EVENT_KEY}, True),
    "a rare word": (EventFilters(words=["langka"]), {WORDS_KEY, EVENT_KEY}, False),
    "a common word": (EventFilters(words=["menjual"]), {SEARCH_KEY, EVENT_KEY}, True),
    "a rare word and a common one": (EventFilters(words=["batik", "777"]), {WORDS_KEY, EVENT_KEY}, False),
    "a rare word of a common type": (EventFilters(words=["777"], types=["Common"]), {WORDS_KEY, EVENT_KEY}, False),
    "a rare prefix": (EventFilters(prefixes=["dispute:", "order:"]), {VERSION_KEY}, False),
    "a common prefix": (EventFilters(prefixes=["listing:"]), {EVENT_KEY}, True),
    "a subject that is not there": (EventFilters(subjects=["listing:p1:none"]), {VERSION_KEY}, False),
    "a subject and a type": (
        EventFilters(subjects=["listing:p1:none"], types=["Common"]),
        {VERSION_KEY, SEARCH_KEY, TYPE_KEY, EVENT_KEY},
        False,
    ),
}
"""What is asked for, by which indexes it may be read, and whether it is common."""


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("asked", ASKED)
async def test_a_filter_reads_few_rows_and_by_an_index(filled: Connection, asked: str, backwards: bool) -> None:
    filters, indexes, common = ASKED[asked]
    way: Way = "list" if not filters.searched else "find" if common else "seek"
    for arguments in filters.arguments():
        statement = statement_of(way, filters, backwards=backwards)
        scans = await scans_of(filled, statement, 1, 100, EVENTS - 100, LIMIT, *arguments)
        assert {scan["Index Name"] for scan in scans if "Index Name" in scan} <= indexes
        assert sum(map(rows_read, scans)) <= READ_MAX, scans


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("asked", [asked for asked, (filters, _, _) in ASKED.items() if filters.searched])
async def test_a_stretch_takes_no_more_than_its_rows(filled: Connection, asked: str, backwards: bool) -> None:
    filters, _, _ = ASKED[asked]
    start = EVENTS // 2
    for arguments in filters.arguments():
        statement = statement_of("find", filters, backwards=backwards)
        scans = await scans_of(filled, statement, 1, start, start + STRETCH_EVENTS, LIMIT, *arguments)
        assert sum(map(rows_read, scans)) <= 2 * STRETCH_EVENTS + READ_MAX, scans  # a bitmap has them, then its table


async def test_words_alone_are_looked_up_by_their_index_alone_among_however_few_events(filled: Connection) -> None:
    filters = EventFilters(words=["langka"])
    statement = statement_of("seek", filters, backwards=False)
    scans = await scans_of(filled, statement, 1, 100, 110, LIMIT, *filters.arguments()[0])
    assert {scan["Index Name"] for scan in scans if "Index Name" in scan} == {WORDS_KEY, EVENT_KEY}


async def test_a_rare_word_is_looked_up_in_hundreds_of_stretches_by_the_index(filled: Connection) -> None:
    filters = EventFilters(words=["langka"])
    statement = statement_of("seek", filters, backwards=False)
    scans = await scans_of(filled, statement, 1, 0, 100_000_000, LIMIT, *filters.arguments()[0])
    assert {scan["Index Name"] for scan in scans if "Index Name" in scan} <= {WORDS_KEY, EVENT_KEY}
    assert sum(map(rows_read, scans)) <= READ_MAX, scans


async def scans_of(connection: Connection, statement: str, *arguments: object) -> list[dict[str, Any]]:
    """Return the scans by which a statement runs; none reads a whole table."""
    plan = await explained(connection, statement, *arguments)
    scans = [node for node in plan if "Scan" in node["Node Type"] and node["Node Type"] not in OF_OURS]
    assert not [node for node in scans if node["Node Type"] == "Seq Scan"], scans
    return scans


def rows_read(scan: dict[str, Any]) -> int:
    """Return how many rows a scan has read, those that it left out too."""
    dropped = scan.get("Rows Removed by Filter", 0) + scan.get("Rows Removed by Index Recheck", 0)
    read: int = (scan["Actual Rows"] + dropped) * scan["Actual Loops"]
    return read


async def test_one_subject_among_all_is_found_by_its_stream(filled: Connection) -> None:
    filters = EventFilters(subjects=[await rare_subject(filled)])
    scans = await scans_of(filled, statements("list_events"), 1, 0, EVENTS, LIMIT, *filters.arguments()[0])
    assert ([node["Index Name"] for node in scans], sum(map(rows_read, scans))) == ([VERSION_KEY], 1)


async def test_the_newest_events_are_read_forwards_from_where_they_begin(
    filled: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a disk is asked for in its order, it reads ahead."""
    ways: list[bool] = []

    def noted(way: Way, filters: EventFilters, *, backwards: bool) -> str:
        ways.append(backwards)
        return statement_of(way, filters, backwards=backwards)

    monkeypatch.setattr(event_list, "statement_of", noted)
    look, logs = Look(filled, EventFilters(), backwards=True), ((1, EVENTS),)
    found, place = await look.on(Cursor(EVENTS, logs), LIMIT)
    assert [one.position for one in found] == list(range(EVENTS - 1, EVENTS - 1 - LIMIT, -1))
    assert place == Cursor(EVENTS - LIMIT, logs)
    assert ways == [False]


async def test_the_newest_events_are_found_before_a_hole_too(filled: Connection) -> None:
    """Of a log that lost its last entries the others are still listed: every part is looked at to its beginning."""
    held, lost = EVENTS // 10, 2 * LIMIT
    look, place = Look(filled, EventFilters(), backwards=True), begin([(2, held + lost)], backwards=True)
    met: list[int] = []
    while place is not None:
        found, place = await look.on(place, LIMIT)
        met += [one.position for one in found]
    assert met == list(range(held - 1, -1, -1))
