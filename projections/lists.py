"""Lists of views at a moment: one SQL statement each, the same for both bases.

On basis LEDGER it reads the rectangles. On basis SOURCE, which rectangles do not keep, the streams are folded and
their rows put into temporary tables of the views' names, and the same statement is asked.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from math import ceil
from typing import Any, TypeAlias

import asyncpg
import msgspec
from msgspec import Struct

from ledger.database import Pool, PoolConnection
from ledger.domain.catalogue import STREAMS, kind_of
from ledger.errors import Fault, Refused
from projections.cursors import write_cursor
from projections.list_statements import (
    COMMON_FILTERS,
    Filter,
    ListOf,
    any_of,
    gather_statement,
    page_statement,
    register,
    stream,
)
from projections.moment import LogAt, Moment
from projections.packed_rows import RECTANGLE_COLUMNS
from projections.rectangle import FOR_EVER, STILL_KNOWN, View, stored_row
from projections.replay import LAST, SCATTERED_EVENTS, read_by_subject, state_at, statements
from projections.views import BY_NAME

LIST_LIMIT = 1_000
"""Items on one page at most."""
DEFAULT_LIMIT = 100
SOURCE_MAX_EVENTS = 1_000_000
"""Events that a list on basis SOURCE folds at most; beyond, a replay is the tool."""
COPY_ROWS = 5_000
GATHERED_KEYS = 2
"""Keys of a long log that are read at once for each item that is wanted of a list that is narrowed, at first."""
GATHERED_SPARE = 1.5
"""Of how many keys more than the items are expected of it goes on, so that a page seldom ends a few items short."""
GATHERED_MIN_KEYS, GATHERED_MAX_KEYS = 50, 4_000
"""Of how many keys it goes on at least, and at most."""
BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


LISTS: Mapping[str, ListOf] = {
    listed.name: listed
    for listed in (
        ListOf(
            name="listings",
            views=("listing", "seller", "service"),
            filters=(
                Filter("seller", indexed=True),
                Filter("cluster"),
                Filter("category"),
                Filter("ship_from"),
                Filter("origin"),
                Filter("restricted", "truth"),
                # That nothing hides a listing is asked as `< 1`, which the planner takes to be so of a third of them:
                # of an equality it guesses one in two hundred, and would rather work out what hides each listing there
                # is than meet a page in order.
                Filter("visible", "truth", asked="(cardinality(hiding.hidden_by) < 1)"),
                Filter("country", "text", asked=""),
            ),
            joined="fragment_hiding",
            hidden_by="hiding.hidden_by",
        ),
        ListOf(
            name="restrictions",
            views=("restriction",),
            filters=(
                Filter("in_force", "truth", default=True),
                Filter("kind"),
                any_of("instrument", "instruments"),
                Filter("ground"),
            ),
        ),
        register("sellers", "seller", "status", "verification", "entity_class", "platform"),
        register(
            "takedowns",
            "takedown",
            stream("case"),
            "state",
            Filter("notifier", indexed=True),
            "size_class",
            "tier",
            "regime",
            Filter("listing", indexed=True),
        ),
        register("disputes", "dispute", "state", "outcome", "forum", "claimant_country", "respondent_country"),
        ListOf(
            name="services",
            views=("service", "feature"),
            filters=(
                Filter("service"),
                Filter("feature"),
                Filter("country"),
                Filter("status"),
                Filter("suspended", "truth"),
            ),
            rectangles="fragment_services",
        ),
        register("appeals", "appeal", "state", "result", "platform"),
        register("policies", "policy", "status", "kind"),
        register(
            "agreements", "agreement", "status", "kind", any_of("party", "parties"), any_of("country", "countries")
        ),
        register("memberships", "membership", "body", "party", "tier", "status"),
        register("bodies", "body", "kind", "status"),
        register(
            "meetings",
            "meeting",
            stream("body"),
            "state",
            "mode",
            any_of("industry", "industries"),
            any_of("party", "parties"),
        ),
        register("programmes", "programme", "owner", "state"),
        register("parties", "party", "kind", "country", "size_class"),
        register("ip-rights", "ip_right", "status", "type", "owner", any_of("territory", "territories")),
        register("authority-orders", "authority_order", "authority", "kind", "state", "addressee"),
        register("information-requests", "information_request", "authority", "status", "addressee"),
        register("investigations", "investigation", "state", "kind"),
        register("claims", "claim", "speaker", "state"),
    )
}


Filters: TypeAlias = Mapping[str, Any]
"""What a list is narrowed to: the values of filters that are given, by name."""


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page ended: the last item's log, subject and key."""

    log_id: int
    subject: str
    key: str


class Page(Struct, frozen=True):
    """Items as JSON objects, and where the next page begins; None when there is none."""

    items: list[bytes]
    next: str | None


def read_filters(listed: ListOf, given: Mapping[str, Sequence[str]]) -> Filters:
    """Return the filters of a list that are given, or that it has by default, as its statement takes them.

    Raises Refused.
    """
    values: dict[str, Any] = {}
    for item in (*(Filter(name) for name in COMMON_FILTERS), *listed.filters):
        texts = list(given.get(item.name, ()))
        if item.kind == "texts":
            values[item.name] = texts or None
        elif len(texts) > 1:
            raise Refused((Fault("invalid-filter", f"/{item.name}", "is given more than once"),))
        elif item.kind == "text":
            values[item.name] = texts[0] if texts else None
        elif texts and texts[0] not in {"true", "false"}:
            raise Refused((Fault("invalid-filter", f"/{item.name}", "is neither true nor false"),))
        else:
            values[item.name] = texts[0] == "true" if texts else item.default
    return {name: value for name, value in values.items() if value is not None}


async def list_items(
    pool: Pool, listed: ListOf, moment: Moment, filters: Filters, cursor: Cursor | None, limit: int
) -> Page:
    """Return one page of a list at a moment. `filters` come from `read_filters`, `limit` is 1 to LIST_LIMIT."""
    question = {**question_of(moment, filters), "limit": limit + 1}
    if cursor is not None:
        question |= {"after_log": cursor.log_id, "after_subject": cursor.subject, "after_key": cursor.key}
    async with asked(pool, listed, moment) as connection:
        rows = await _rows(connection, listed, moment, question)
    slugs = {at.log.log_id: at.log.slug for at in moment.logs}
    items = [_item(slugs[row["log_id"]], row["subject"], row["item"], row["hidden_by"]) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items, None)
    last = rows[limit - 1]
    return Page(items, write_cursor(Cursor(last["log_id"], last["subject"], last["key"])))


async def _rows(
    connection: PoolConnection, listed: ListOf, moment: Moment, question: Mapping[str, Any]
) -> list[asyncpg.Record]:
    """Return the rows of a page: of a long log part by part, each of keys whose rectangles are read at once."""
    rows: list[asyncpg.Record] = []
    wanted: int = question["limit"]
    keys = wanted if question.keys().isdisjoint(one.name for one in listed.filters) else GATHERED_KEYS * wanted
    while len(rows) < wanted:
        end = await _gather(connection, listed, moment, question, keys)
        until = {} if end is None else {f"until_{name}": value for name, value in end.items()}
        statement = page_statement(listed, moment.basis, {**question, **until})
        found = await connection.fetch(statement.text, *statement.arguments({**question, **until}))
        rows += found
        if end is None:
            break
        missing = wanted - len(rows)
        question = {**question, **{f"after_{name}": value for name, value in end.items()}, "limit": missing}
        keys = next_keys(keys, len(found), missing)
    return rows


def next_keys(keys: int, found: int, missing: int) -> int:
    """Return of how many keys to go on where so many items were found in the last: twice as many as these at most."""
    expected = ceil(GATHERED_SPARE * missing * keys / found) if found else GATHERED_MAX_KEYS
    return max(min(expected, 2 * keys, GATHERED_MAX_KEYS), GATHERED_MIN_KEYS)


async def _gather(
    connection: PoolConnection, listed: ListOf, moment: Moment, question: Mapping[str, Any], keys: int
) -> dict[str, Any] | None:
    """Have so many of the next keys of a long log read at once, and return the last; None where there is none."""
    statement = gather_statement(listed, question) if moment.basis == "LEDGER" else None
    after: int = question.get("after_log", 0)
    at = min((at for at in moment.logs if at.log.log_id >= after), key=lambda at: at.log.log_id, default=None)
    if statement is None or at is None or at.size < SCATTERED_EVENTS:
        return None
    begin = (question["after_subject"], question["after_key"]) if at.log.log_id == after else ("", "")
    end = await connection.fetchrow(statement, at.log.log_id, *begin, keys, LAST)
    if end is None or end["subject"] is None:
        return None
    return {"log": at.log.log_id, "subject": end["subject"], "key": end["key"]}


def question_of(moment: Moment, filters: Filters) -> dict[str, Any]:
    """Return what a whole list is asked, by name."""
    sizes = [STILL_KNOWN if moment.basis == "SOURCE" else at.size for at in moment.logs]
    log_ids = [at.log.log_id for at in moment.logs]
    return {"log_ids": log_ids, "sizes": sizes, "certainty": moment.certainty, "as_of": moment.as_of, **filters}


def _item(slug: str, subject: str, item: bytes, hidden_by: list[str] | None) -> bytes:
    head = b'{"log":%b,"subject":%b,' % (msgspec.json.encode(slug), msgspec.json.encode(subject))
    if hidden_by is not None:
        head += b'"visible":%b,"hidden_by":%b,' % (
            b"false" if hidden_by else b"true",
            msgspec.json.encode(hidden_by),
        )
    return head + item[1:]


@asynccontextmanager
async def asked(pool: Pool, listed: ListOf, moment: Moment) -> AsyncGenerator[PoolConnection]:
    """Yield a connection on which the list's views answer for the moment's basis."""
    async with pool.acquire() as connection:
        if moment.basis == "LEDGER":
            yield connection
            return
        if sum(at.size for at in moment.logs) > SOURCE_MAX_EVENTS:
            detail = f"on basis SOURCE a list folds at most {SOURCE_MAX_EVENTS} events: ask for a replay"
            raise Refused((Fault("use-a-replay", "/basis", detail),))
        async with connection.transaction():
            for name in listed.views:
                for table in BY_NAME[name].tables:
                    await connection.execute(statements("shadow_view").replace("view_any", table))
            for at in moment.logs:
                await _fold_into(connection, at, moment, [BY_NAME[name] for name in listed.views])
            yield connection


async def _fold_into(connection: PoolConnection, at: LogAt, moment: Moment, views: Sequence[View]) -> None:
    """Put the rows of one log's states into the temporary tables, valid and known for ever."""
    rows: dict[str, list[tuple[Any, ...]]] = {view.name: [] for view in views}

    async def write(enough: Callable[[int], bool]) -> None:
        for view in views:
            if rows[view.name] and enough(len(rows[view.name])):
                columns = (*RECTANGLE_COLUMNS, *view.columns)
                await connection.copy_records_to_table(
                    view.table, schema_name="pg_temp", records=rows[view.name], columns=columns
                )
                rows[view.name].clear()

    async for subject, facts in read_by_subject(connection, at.log, at.size):
        state = state_at(facts, moment)
        if state is None:
            continue
        kind = kind_of(subject)
        item = STREAMS[kind].describe(state, moment.as_of)
        for view in views:
            if kind in view.kinds:
                for key, row in view.rows(state, item).items():
                    place = (at.log.log_id, subject, key, moment.certainty, BEFORE_ALL, FOR_EVER, 0, -1)
                    rows[view.name].append((*place, STILL_KNOWN, *stored_row(row)))
        await write(lambda count: count >= COPY_ROWS)
    await write(lambda count: count > 0)
