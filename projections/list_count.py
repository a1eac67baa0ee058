"""How many items a list has at a moment: by the tallies of its view, or by its own statement without a page.

Tallies tell what is asked by their labels alone. All else (a subject, a seller, what is visible, what a source said) is
counted over the view's rectangles, by several processes of the server where there are many.
"""

from ledger.database import Pool
from projections.list_statements import ListOf, count_statement
from projections.lists import Filters, asked, question_of
from projections.moment import Moment
from projections.replay import statements
from projections.views import BY_NAME

LABELS = 5
"""Of a tally, at most."""


async def count_items(pool: Pool, listed: ListOf, moment: Moment, filters: Filters) -> int:
    """Return how many items the whole list has: by the tallies of its view, where those tell what is asked."""
    question = question_of(moment, filters)
    labels = labels_asked(listed, filters) if moment.basis == "LEDGER" else None
    if labels is not None:
        statement = tallied_statement(BY_NAME[listed.views[0]].table)
        given = [question[name] for name in ("log_ids", "sizes", "certainty", "as_of")]
        counted: int = await pool.fetchval(statement, *given, *labels, max(question["sizes"], default=0))
        return counted
    counting = count_statement(listed, moment.basis, question)
    async with asked(pool, listed, moment) as connection:
        # Not `fetchval`, which asks for one row: the server then counts in one process alone.
        rows = await connection.fetch(counting.text, *counting.arguments(question))
    count: int = rows[0]["count"]
    return count


def tallied_statement(table: str) -> str:
    """Return the statement that counts by the tallies of the view of this table."""
    return statements("count_tallied").replace("view_any", table)


def labels_asked(listed: ListOf, filters: Filters) -> list[list[str] | None] | None:
    """Return which labels a question wants, in the order of its view's, each of some or of any (None).

    None where something else is asked, too: the tallies do not tell it.
    """
    tallied = BY_NAME[listed.views[0]].tallied
    if not tallied or not filters.keys() <= set(tallied):
        return None
    wanted = [filters.get(name) for name in tallied]
    texts = [[str(value).lower()] if isinstance(value, bool) else value for value in wanted]
    return [*texts, *[None] * (LABELS - len(texts))]
