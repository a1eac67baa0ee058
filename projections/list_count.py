"""How many items a list has at a moment: by the tallies of its view, or by its own statement without a page.

Tallies tell what is asked by their labels alone. All else (a subject, a seller, what is visible, what a source said) is
counted over the view's rectangles, by several processes of the server where there are many.
"""

import re
from collections.abc import Sequence
from typing import Any

from ledger.database import Pool
from projections.lists import COMMON_FILTERS, ListOf, arguments_of, asked, statement_of
from projections.moment import Moment
from projections.replay import statements
from projections.views import BY_NAME

LABELS = 5
"""Of a tally, at most."""
_PAGED = re.compile(r"\n *ORDER BY [^\n]*\n *LIMIT \$10")
"""What makes a page of a list, within each log and of all."""


async def count_items(pool: Pool, listed: ListOf, moment: Moment, filters: Sequence[Any]) -> int:
    """Return how many items the whole list has: by the tallies of its view, where those tell what is asked."""
    labels = labels_asked(listed, filters) if moment.basis == "LEDGER" else None
    if labels is not None:
        statement = tallied_statement(BY_NAME[listed.views[0]].table)
        log_ids, sizes, *time = arguments_of(moment, filters, None, None)[:4]
        counted: int = await pool.fetchval(statement, log_ids, sizes, *time, *labels, max(sizes, default=0))
        return counted
    statement = count_statement(statement_of(listed, moment))
    async with asked(pool, listed, moment) as connection:
        # Not `fetchval`, which asks for one row: the server then counts in one process alone.
        rows = await connection.fetch(statement, *arguments_of(moment, filters, None, None))
    count: int = rows[0]["count"]
    return count


def tallied_statement(table: str) -> str:
    """Return the statement that counts by the tallies of the view of this table."""
    return statements("count_tallied").replace("view_any", table)


def labels_asked(listed: ListOf, filters: Sequence[Any]) -> list[list[str] | None] | None:
    """Return which labels a question wants, in the order of its view's, each of some or of any (None).

    None where something else is asked, too: the tallies do not tell it.
    """
    tallied = BY_NAME[listed.views[0]].tallied
    names = (*COMMON_FILTERS, *(item.name for item in listed.filters))
    given = {name: value for name, value in zip(names, filters, strict=True) if value is not None}
    if not tallied or not given.keys() <= set(tallied):
        return None
    wanted = [given.get(name) for name in tallied]
    texts = [[str(value).lower()] if isinstance(value, bool) else value for value in wanted]
    return [*texts, *[None] * (LABELS - len(texts))]


def count_statement(statement: str) -> str:
    """Return the statement that counts what a list's statement lists, with the same parameters.

    The order and the limit of a page go: for them every row would be fetched one by one by the view's key, and sorted.
    """
    unordered = _PAGED.sub("", statement)
    return f"SELECT count(*) FROM ({unordered}) AS listed WHERE $10::bigint IS NULL"  # noqa: S608 - our own statement
