"""Rectangles: what is believed of a stream in a view, for a valid range, as known for a range of positions. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from ledger.entry import encode_canonical

FOR_EVER = datetime.max.replace(tzinfo=UTC)
"""`valid_to` of what has no end yet."""
STILL_KNOWN = 2**63 - 1
"""`known_to` of what is still believed."""

Held = Literal["CERTAIN", "POSSIBLE", "BOTH"]
"""For which certainty a rectangle answers. Most streams have no imprecise fact, and one rectangle for both."""
Row = tuple[Any, ...]
"""Values of a view's columns. The last is the answer itself, JSON values, which only what is written needs as text."""
Rows = Mapping[str, Row]
Item = Mapping[str, Any]
"""What a state is at an instant, JSON values: as its stream describes it. Several rows hold parts of one."""
End = tuple[datetime, int]
"""Of a rectangle, and the position from which on it is known: `valid_to`, `valid_to_known`."""


def stored_row(row: Row) -> Row:
    """Return a row as its view's table has it: the answer is its JSON."""
    return (*row[:-1], encode_canonical(row[-1]))


def history_of(table: str) -> str:
    """Return the table that holds the earlier rectangles of a view's table."""
    return f"{table}_history"


def tables_of(table: str) -> tuple[str, str]:
    """Return a view's table, and the one that holds its earlier rectangles."""
    return table, history_of(table)


def whole(state: object) -> object:
    """Return a state as the part of it that matters: all of it."""
    return state


class View(Struct, frozen=True, kw_only=True):
    """A read model of one or more kinds of stream.

    `rows` turns a state, and what it is at an instant, into rows by key (a stream may have many: one for each
    restriction, or item). A row is a tuple of the values of `columns`; rows are compared to tell whether anything
    changed. What follows from time alone (a restriction runs out) is drawn too, at the state's expiries. `part` is what
    of a state its rows are made of: they differ only where that is another object, or where time alone changes them.

    `tallied` are the columns, in their order, by whose values items are counted without being read (`tallies`): texts
    and truths of few values, five at most. None: the view is not tallied.
    """

    name: str
    kinds: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Callable[[Any, Item], Rows]
    part: Callable[[Any], object] = whole
    tallied: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table that holds the newest rectangle of each key. What it was before is in its history."""
        return f"view_{self.name}"

    @property
    def tables(self) -> tuple[str, str]:
        """That table, and its history."""
        return tables_of(self.table)


class Rectangle(Struct, eq=False, gc=False):
    """One belief: `row` holds for a valid range, as known for a range of positions.

    It answers for (as_of T, size N) when

        valid_from <= T  and  known_from < N <= known_to  and  (T < valid_to  or  N <= valid_to_known)
    """

    subject: str
    key: str
    certainty: Held
    valid_from: datetime
    valid_to: datetime
    valid_to_known: int
    known_from: int
    known_to: int
    row: Row

    @property
    def age(self) -> tuple[int, datetime, Held]:
        """What tells the newest of a key's rectangles: the last in time of those that became known last."""
        return self.known_from, self.valid_from, self.certainty

    @property
    def is_folded(self) -> bool:
        """Whether it is known since when it holds; else it can only be ended."""
        return self.known_from >= 0


class Change(Struct, frozen=True, gc=False):
    """What one event does to one view's rectangles: new ones, and those whose ends moved."""

    added: list[Rectangle]
    moved: list[Rectangle]

    def settled(self) -> "Change":
        """Return it without what the event made and replaced again: that never answers."""
        return Change(*([one for one in some if one.known_from < one.known_to] for some in (self.added, self.moved)))
