"""Views against the log: every rectangle made again from its stream, and compared with the stored one."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg

from ledger.database import Connection, PoolConnection
from ledger.domain.catalogue import kind_of
from ledger.domain.fact import Fact
from ledger.domain.json_values import is_array
from ledger.intake import LogInfo
from ledger.store import Reader, read_streams
from ledger.verify import FINDINGS_MAX, Finding
from projections.bitemporal import rectangles_of
from projections.rectangle import FOR_EVER, Rectangle, View, stored_row
from projections.runner import statements
from projections.tally_check import TallyCheck

SUBJECTS_PAGE = 200
STRANGE_MAX = 10
Progress = Callable[[int], None]


async def check_views(
    reader: Reader, log: LogInfo, views: Sequence[View], progress: Progress = lambda _: None
) -> list[Finding]:
    """Return what is wrong with the streams' versions and the views' rows of one log, as far as the views followed.

    Where every row is right, the tallies are compared too.

    Each page of subjects is read in a snapshot of its own, so that it can run beside a projector; a connection that
    is in a transaction already is read as that sees it.
    """
    findings: list[Finding] = []
    tallies = TallyCheck(views, await _positions(reader, log, views))
    after = ""
    while len(findings) < FINDINGS_MAX:
        async with _snapshot(reader) as connection:
            rows = await connection.fetch(statements("read_subjects"), log.log_id, after, SUBJECTS_PAGE)
            subjects = [row["subject"] for row in rows]
            if not subjects:
                break
            findings += await _check_page(connection, log, views, subjects, tallies)
        progress(len(subjects))
        after = subjects[-1]
    for view in views:
        statement = statements("read_strange_rectangles").replace("view_any", view.table)
        for row in await reader.fetch(statement, log.log_id, STRANGE_MAX):
            findings.append(_finding(log, view, row["subject"], row["key"], "no stream gives this row"))
    if not findings:
        async with _snapshot(reader) as connection:
            await tallies.read(connection, log.log_id)
        findings = [
            Finding(log=log.slug, place=f"tallies of {table}", detail=f"those of {labels} are not what the log gives")
            for table, labels in tallies.wrong()
        ]
    return findings[:FINDINGS_MAX]


async def _positions(reader: Reader, log: LogInfo, views: Sequence[View]) -> dict[str, int]:
    """Return how far each view has followed, by name."""
    rows = await reader.fetch(statements("read_positions"), log.log_id, [view.name for view in views])
    return {row["view"]: row["position"] for row in rows}


@asynccontextmanager
async def _snapshot(reader: Reader) -> AsyncGenerator["Connection | PoolConnection"]:
    """Yield a connection that sees one state of the database."""
    if isinstance(reader, asyncpg.Pool):
        async with reader.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
    elif reader.is_in_transaction():
        yield reader
    else:
        async with reader.transaction(isolation="repeatable_read", readonly=True):
            yield reader


async def _check_page(
    connection: "Connection | PoolConnection",
    log: LogInfo,
    views: Sequence[View],
    subjects: Sequence[str],
    tallies: TallyCheck,
) -> list[Finding]:
    positions = await _positions(connection, log, views)
    streams = await read_streams(connection, log.log_id, subjects, max(positions.values(), default=0))
    findings = [finding for facts in streams.values() for finding in _check_versions(log, facts)]
    for view in views:
        stored: dict[str, list[asyncpg.Record]] = {}
        for row in await _rectangles(connection, log, view, subjects, findings):
            stored.setdefault(row["subject"], []).append(row)
        for subject in subjects:
            facts = [fact for fact in streams.get(subject, []) if fact.position < positions.get(view.name, 0)]
            made = rectangles_of(subject, facts, view) if kind_of(subject) in view.kinds else []
            tallies.expect(view, made)
            findings += _compare(log, view, subject, made, stored.get(subject, []))
    return findings


async def _rectangles(
    connection: "Connection | PoolConnection",
    log: LogInfo,
    view: View,
    subjects: Sequence[str],
    findings: list[Finding],
) -> list[asyncpg.Record]:
    """Return the stored rows of some streams. PostgreSQL's calendar is longer than ours: what is outside is found."""
    statement = statements("read_rectangles").replace("view_any", view.table)
    try:
        return await connection.fetch(statement, log.log_id, list(subjects))
    except OverflowError:
        if len(subjects) == 1:
            findings.append(_finding(log, view, subjects[0], "", "an instant of a row is outside the calendar"))
            return []
    found: list[asyncpg.Record] = []
    for subject in subjects:
        found += await _rectangles(connection, log, view, [subject], findings)
    return found


def _check_versions(log: LogInfo, facts: Sequence[Fact]) -> list[Finding]:
    for number, fact in enumerate(facts, 1):
        if fact.originator_version != number:
            place = f"position {fact.position}"
            detail = f"is version {fact.originator_version} of {fact.originator_id}, and version {number} is missing"
            return [Finding(log=log.slug, place=place, detail=detail)]
    return []


def _compare(
    log: LogInfo, view: View, subject: str, made: Sequence[Rectangle], stored: Sequence[asyncpg.Record]
) -> list[Finding]:
    wanted = {(r.key, r.certainty, r.valid_from, r.known_from): r for r in made}
    newest = {r.key: r for r in sorted(made, key=lambda r: r.age)}
    findings: list[Finding] = []
    for row in stored:
        rectangle = wanted.pop((row["key"], row["certainty"], row["valid_from"], row["known_from"]), None)
        if rectangle is None:
            findings.append(_finding(log, view, subject, row["key"], "the log does not give this row"))
            continue
        if row["stands_as_newest"] != (newest[rectangle.key] is rectangle):
            findings.append(_finding(log, view, subject, row["key"], "a row stands among those of the other table"))
        values = (rectangle.valid_to, rectangle.valid_to_known, rectangle.known_to, *stored_row(rectangle.row))
        names = ("valid_to", "valid_to_known", "known_to", *view.columns)
        for name, value in zip(names, values, strict=True):
            if _as_made(row[name]) != value:
                findings.append(_finding(log, view, subject, row["key"], f"its {name} is not what the log gives"))
    missing = "a row that the log gives is missing"
    return [*findings, *(_finding(log, view, subject, rectangle.key, missing) for rectangle in wanted.values())]


def _as_made(value: Any) -> Any:  # noqa: ANN401 - a column's value
    """Return a stored value as rectangles have it.

    asyncpg reads an array as a list, `infinity` as the last naive instant, and `-infinity` as the first.
    """
    if is_array(value):
        return tuple(value)
    return FOR_EVER if isinstance(value, datetime) and value == datetime.max else value  # noqa: DTZ901 - the naive one


def _finding(log: LogInfo, view: View, subject: str, key: str, detail: str) -> Finding:
    place = f"view {view.name}, {subject}" + (f", {key}" if key else "")
    return Finding(log=log.slug, place=place, detail=detail)
