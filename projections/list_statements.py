"""The statements of lists, all made of one: of which view, where its rectangles are looked for, what is asked of them.

A page goes key by key: of each it takes the newest rectangle, or the one of its history that answers. What an index
narrows down to a few rectangles, and what is asked of all of them, is asked of each rectangle by itself.

A statement has a condition for what is asked and for nothing else, so that a plan that is kept suits what it is kept
for. It bounds the subject by itself beside its comparison of whole keys: an index that looks for one log begins at the
first subject that is asked for, but would only check the other against all that it passes.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct

from ledger.domain.fact import Basis
from ledger.statements import Statements
from projections.views import BY_NAME

statements = Statements("projections")

FilterKind = Literal["texts", "text", "truth"]
COMMON_FILTERS = ("subject", "subject_prefix")
NEWEST_FIRST, ALL_RECTANGLES = "fragment_newest_first", "fragment_all_rectangles"
STATEMENTS_KEPT = 1_024
"""Of all lists and what they are asked: some three kilobytes each."""
_ANSWERS = re.compile(r"answers\((\w+)\)")
_DOES_ANSWER = (
    r"\1.certainty IN (:certainty, 'BOTH') AND \1.valid_from <= :as_of AND \1.known_from < at.size "
    r"AND at.size <= \1.known_to AND (:as_of < \1.valid_to OR at.size <= \1.valid_to_known)"
)
"""What `answers(x)` stands for: whether rectangle x holds at an instant, as known at the log's size, in a certainty."""
_PAGE = re.compile(r"list_page\((\w+)\)")
_PAGED = r"ORDER BY \1.log_id, \1.subject, \1.key LIMIT :limit"
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_SUBJECTS = "AND place.subject = ANY(:subject::text[])"
_PREFIXES = (
    "AND EXISTS (SELECT FROM unnest(:subject_prefix::text[]) AS prefix WHERE starts_with(place.subject, prefix))"
)
_BEGINS = "AND place.subject >= CASE WHEN at.log_id = :after_log THEN :after_subject::text ELSE '' END "
_AFTER = {
    NEWEST_FIRST: f"{_BEGINS}AND (place.log_id, place.subject, place.key) "
    "> (:after_log, :after_subject::text, :after_key::text)",
    # Of a comparison that begins with the log the planner expects that hardly any row passes it, and would read the
    # whole view in its order rather than the few rows that another index leaves: so here it does not.
    ALL_RECTANGLES: f"{_BEGINS}AND (place.log_id > :after_log OR (place.log_id = :after_log "
    "AND (place.subject, place.key) > (:after_subject::text, :after_key::text)))",
}
"""What a page begins after, of where its rectangles are looked for."""
_UNTIL = "AND at.log_id = :until_log AND (place.subject, place.key) <= (:until_subject::text, :until_key::text)"
"""What a part of a page ends with."""


class Filter(Struct, frozen=True):
    """A filter of a list: its name, and whether it takes several texts, one text, or true and false.

    `asked` is the SQL that it asks about of the list's `place` and `item`, a column of its own name by default; with
    `holds_many` that is an array, which is to hold any of the texts. Empty: the list's statement sees to it. With
    `indexed`, the rectangles that it leaves are found by an index.
    """

    name: str
    kind: FilterKind = "texts"
    default: bool | None = None
    asked: str | None = None
    holds_many: bool = False
    indexed: bool = False


class ListOf(Struct, frozen=True, kw_only=True):
    """A list that can be asked for: the views that its statement reads, and its filters.

    It is of the first view, unless a fragment of its own says where its `rectangles` are; `joined` is a fragment that
    is joined to each item, and `hidden_by` what of that says what hides the item.
    """

    name: str
    views: tuple[str, ...]
    filters: tuple[Filter, ...]
    rectangles: str | None = None
    joined: str | None = None
    hidden_by: str = "NULL::text[]"


def register(name: str, view: str, *filters: str | Filter) -> ListOf:
    """Return a list of one view, whose filters all take several texts."""
    made = tuple(Filter(one) if isinstance(one, str) else one for one in filters)
    return ListOf(name=name, views=(view,), filters=made)


def any_of(name: str, column: str) -> Filter:
    """Return a filter that asks whether a column of texts holds any of those given."""
    return Filter(name, asked=f"item.{column}", holds_many=True)


def stream(name: str) -> Filter:
    """Return a filter that asks of which stream an item is."""
    return Filter(name, asked="place.subject")


class Statement(Struct, frozen=True):
    """A statement, and the names of its parameters in their order."""

    text: str
    parameters: tuple[str, ...]

    def arguments(self, asked: Mapping[str, Any]) -> list[Any]:
        """Return what it takes of a question, by name."""
        return [asked.get(name) for name in self.parameters]


def page_statement(listed: ListOf, basis: Basis, asked: Mapping[str, Any]) -> Statement:
    """Return the statement of a page of a list.

    `asked` are by name: `log_ids` and `sizes`, `certainty`, `as_of`; `limit`; where the page begins, `after_log`,
    `after_subject` and `after_key`, and where a part of it ends, `until_log` and so on; and the list's filters.
    """
    given = frozenset(asked)
    return _statement(listed, basis, ALL_RECTANGLES if _is_narrowed(listed, given) else NEWEST_FIRST, given)


def gather_statement(listed: ListOf, asked: Mapping[str, Any]) -> str | None:
    """Return the statement that has the next keys of a list's view read at once; None where a page is not of all keys.

    It takes a log, the subject and the key after which they begin, how many they are, and a subject after all subjects.
    """
    if listed.rectangles or _is_narrowed(listed, frozenset(asked)) or not asked.keys().isdisjoint(COMMON_FILTERS):
        return None
    return _body("gather_rectangles").replace("view_any", BY_NAME[listed.views[0]].table)


def count_statement(listed: ListOf, basis: Basis, asked: Mapping[str, Any]) -> Statement:
    """Return the statement that counts a whole list: in no order, by which every row would be fetched one by one."""
    listing = _statement(listed, basis, ALL_RECTANGLES, frozenset(asked) - {"limit"})
    return Statement(f"SELECT count(*) FROM ({listing.text}) AS listed", listing.parameters)  # noqa: S608 - our own


def _is_narrowed(listed: ListOf, given: frozenset[str]) -> bool:
    """Tell whether an index leaves few rectangles of what is asked for."""
    return any(one.indexed and one.name in given for one in listed.filters)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _statement(listed: ListOf, basis: Basis, rectangles: str, given: frozenset[str]) -> Statement:
    """Return the statement of a list for what is given, with a text of its own for each basis.

    One that was prepared on the views' tables would not look for temporary ones.
    """
    common = {"subject": _SUBJECTS, "subject_prefix": _PREFIXES, "after_log": _AFTER[rectangles], "until_log": _UNTIL}
    asked = [condition for name, condition in common.items() if name in given]
    asked += [_condition(one) for one in listed.filters if one.name in given and one.asked != ""]
    text = (
        _body("list_items")
        .replace("list_rectangles", _body(listed.rectangles or rectangles))
        .replace("list_joined", _body(listed.joined) if listed.joined else "")
        .replace("list_hidden_by", listed.hidden_by)
        .replace("list_asked", "\n        ".join(asked))
        .replace("view_any", BY_NAME[listed.views[0]].table)
    )
    text = _ANSWERS.sub(_DOES_ANSWER, _PAGE.sub(_PAGED if "limit" in given else "", text))
    names = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return Statement(f"-- {listed.name}, basis {basis}\n{_PARAMETER.sub(lambda one: numbers[one[1]], text)}", names)


def _condition(one: Filter) -> str:
    about = f"item.{one.name}" if one.asked is None else one.asked
    if one.kind == "truth":
        return f"AND {about} = :{one.name}"
    return f"AND {about} {'&& ' if one.holds_many else '= ANY'}(:{one.name}::text[])"


def _body(name: str) -> str:
    """Return a statement, or a part of one, without what is said of it."""
    return "\n".join(line for line in statements(name).splitlines() if not line.startswith("--"))
