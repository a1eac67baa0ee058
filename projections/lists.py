"""Lists of views at a moment: one SQL statement each, the same for both bases.

On basis LEDGER it reads the rectangles. On basis SOURCE, which rectangles do not keep, the streams are folded and
their rows put into temporary tables of the views' names, and the same statement is asked.

Each statement bounds the subject by itself beside its comparison of whole keys: an index that looks for one log begins
at the first subject that is asked for, but would only check the other against all that it passes.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.database import Pool, PoolConnection
from ledger.domain.catalogue import kind_of
from ledger.errors import Fault, Refused
from projections.cursors import write_cursor
from projections.moment import LogAt, Moment
from projections.rectangle import FOR_EVER, STILL_KNOWN, View, stored_row
from projections.replay import replay_log, statements
from projections.views import BY_NAME
from projections.written import RECTANGLE_COLUMNS

LIST_LIMIT = 1_000
"""Items on one page at most."""
DEFAULT_LIMIT = 100
SOURCE_MAX_EVENTS = 1_000_000
"""Events that a list on basis SOURCE folds at most; beyond, a replay is the tool."""
COPY_ROWS = 5_000
BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)
FilterKind = Literal["texts", "text", "truth"]


class Filter(Struct, frozen=True):
    """A filter of a list: its name, and whether it takes several texts, one text, or true and false."""

    name: str
    kind: FilterKind = "texts"
    default: bool | None = None


class ListOf(Struct, frozen=True, kw_only=True):
    """A list that can be asked for: its statement, the views that reads, and its filters in order of parameters."""

    name: str
    statement: str
    views: tuple[str, ...]
    filters: tuple[Filter, ...]


def register(name: str, statement: str, view: str, *filters: str) -> ListOf:
    """Return a list of one view, whose filters all take several texts."""
    return ListOf(name=name, statement=statement, views=(view,), filters=tuple(map(Filter, filters)))


LISTS: Mapping[str, ListOf] = {
    listed.name: listed
    for listed in (
        ListOf(
            name="listings",
            statement="list_listings",
            views=("listing", "seller", "service"),
            filters=(
                Filter("seller"),
                Filter("cluster"),
                Filter("category"),
                Filter("ship_from"),
                Filter("origin"),
                Filter("restricted", "truth"),
                Filter("visible", "truth"),
                Filter("country", "text"),
            ),
        ),
        ListOf(
            name="restrictions",
            statement="list_restrictions",
            views=("restriction",),
            filters=(Filter("in_force", "truth", default=True), Filter("kind"), Filter("instrument"), Filter("ground")),
        ),
        ListOf(
            name="sellers",
            statement="list_sellers",
            views=("seller",),
            filters=(Filter("status"), Filter("verification"), Filter("entity_class"), Filter("platform")),
        ),
        ListOf(
            name="takedowns",
            statement="list_takedowns",
            views=("takedown",),
            filters=(
                Filter("case"),
                Filter("state"),
                Filter("notifier"),
                Filter("size_class"),
                Filter("tier"),
                Filter("regime"),
                Filter("listing"),
            ),
        ),
        ListOf(
            name="disputes",
            statement="list_disputes",
            views=("dispute",),
            filters=(
                Filter("state"),
                Filter("outcome"),
                Filter("forum"),
                Filter("claimant_country"),
                Filter("respondent_country"),
            ),
        ),
        ListOf(
            name="services",
            statement="list_services",
            views=("service", "feature"),
            filters=(
                Filter("service"),
                Filter("feature"),
                Filter("country"),
                Filter("status"),
                Filter("suspended", "truth"),
            ),
        ),
        register("appeals", "list_appeals", "appeal", "state", "result", "platform"),
        register("policies", "list_policies", "policy", "status", "kind"),
        register("agreements", "list_agreements", "agreement", "status", "kind", "party", "country"),
        register("memberships", "list_memberships", "membership", "body", "party", "tier", "status"),
        register("bodies", "list_bodies", "body", "kind", "status"),
        register("meetings", "list_meetings", "meeting", "body", "state", "mode", "industry", "party"),
        register("programmes", "list_programmes", "programme", "owner", "state"),
        register("parties", "list_parties", "party", "kind", "country", "size_class"),
        register("ip-rights", "list_ip_rights", "ip_right", "status", "type", "owner", "territory"),
        register(
            "authority-orders", "list_authority_orders", "authority_order", "authority", "kind", "state", "addressee"
        ),
        register(
            "information-requests",
            "list_information_requests",
            "information_request",
            "authority",
            "status",
            "addressee",
        ),
        register("investigations", "list_investigations", "investigation", "state", "kind"),
        register("claims", "list_claims", "claim", "speaker", "state"),
    )
}
COMMON_FILTERS = ("subject", "subject_prefix")


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page ended: the last item's log, subject and key."""

    log_id: int
    subject: str
    key: str


class Page(Struct, frozen=True):
    """Items as JSON objects, and where the next page begins; None when there is none."""

    items: list[bytes]
    next: str | None


def read_filters(listed: ListOf, given: Mapping[str, Sequence[str]]) -> list[Any]:
    """Return the parameters of a list's statement from $5 on, but for cursor and limit. Raises Refused."""
    values: list[Any] = []
    for item in (*(Filter(name) for name in COMMON_FILTERS), *listed.filters):
        texts = list(given.get(item.name, ()))
        if item.kind == "texts":
            values.append(texts or None)
        elif len(texts) > 1:
            raise Refused((Fault("invalid-filter", f"/{item.name}", "is given more than once"),))
        elif item.kind == "text":
            values.append(texts[0] if texts else None)
        elif texts and texts[0] not in {"true", "false"}:
            raise Refused((Fault("invalid-filter", f"/{item.name}", "is neither true nor false"),))
        else:
            values.append(texts[0] == "true" if texts else item.default)
    return values


async def list_items(
    pool: Pool, listed: ListOf, moment: Moment, filters: Sequence[Any], cursor: Cursor | None, limit: int
) -> Page:
    """Return one page of a list at a moment. `filters` come from `read_filters`, `limit` is 1 to LIST_LIMIT."""
    statement = statement_of(listed, moment)
    async with asked(pool, listed, moment) as connection:
        rows = await connection.fetch(statement, *arguments_of(moment, filters, cursor, limit + 1))
    slugs = {at.log.log_id: at.log.slug for at in moment.logs}
    items = [_item(slugs[row["log_id"]], row["subject"], row["item"], row["hidden_by"]) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items, None)
    last = rows[limit - 1]
    return Page(items, write_cursor(Cursor(last["log_id"], last["subject"], last["key"])))


def statement_of(listed: ListOf, moment: Moment) -> str:
    """Return the statement, with a text of its own for each basis.

    One that was prepared on the views' tables would not look for temporary ones.
    """
    return f"-- basis {moment.basis}\n{statements(listed.statement)}"


def arguments_of(moment: Moment, filters: Sequence[Any], cursor: Cursor | None, limit: int | None) -> list[Any]:
    """Return the parameters of a list's statement: for one page, or without a limit for the whole list."""
    subject, prefix, *rest = filters
    source = moment.basis == "SOURCE"
    return [
        [at.log.log_id for at in moment.logs],
        [STILL_KNOWN if source else at.size for at in moment.logs],
        moment.certainty,
        moment.as_of,
        subject,
        prefix,
        cursor.log_id if cursor else None,
        cursor.subject if cursor else None,
        cursor.key if cursor else None,
        limit,
        *rest,
    ]


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
                await connection.execute(statements("shadow_view").replace("view_any", BY_NAME[name].table))
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

    async for replayed, _ in replay_log(connection, at, moment):
        for view in views:
            if kind_of(replayed.subject) in view.kinds:
                for key, row in view.rows(replayed.state, moment.as_of).items():
                    place = (at.log.log_id, replayed.subject, key, moment.certainty, BEFORE_ALL, FOR_EVER, 0, -1)
                    rows[view.name].append((*place, STILL_KNOWN, *stored_row(row)))
        await write(lambda count: count >= COPY_ROWS)
    await write(lambda count: count > 0)
