"""Predicates of rules and claims: parsed once, then true, false or undetermined of a record (domain.md 7.6, D11).

A predicate is JSON: `{"all": [...]}`, `{"any": [...]}`, `{"not": ...}` or a leaf `{"field", "op", "value"}`. `not`
takes one predicate, as an object or as a list of exactly one. `all` and `any` take at least one: an empty one would
say something of everything that nobody wrote.

The logic is Kleene's strong one. A leaf is UNDETERMINED where its field is missing or null, and where the field's type
is none that its operator can compare with the value; only `exists` is always determined.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, TypeGuard, cast, get_args

from msgspec import Struct

from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import INTEGER_MAX

DEPTH_MAX = 16
"""Levels of a predicate: what people write has three or four."""
NODES_MAX = 500
"""Predicates within one predicate, itself included."""
VALUES_MAX = 2_000
"""Values of one `in` or `nin`: a positive list of goods has some hundreds."""
TEXT_MAX = 500
"""Characters of a value."""

Truth = Literal["TRUE", "FALSE", "UNDETERMINED"]
Operator = Literal["eq", "ne", "in", "nin", "lt", "lte", "gt", "gte", "contains", "exists"]
Scalar: TypeAlias = str | int | bool
Record: TypeAlias = Mapping[str, object]
"""A flat mapping of field to value: text, integer, Decimal, boolean, a sequence of these, or None."""

OPERATORS: frozenset[str] = frozenset(get_args(Operator))
OF_LISTS = frozenset({"in", "nin"})
OF_ORDER = frozenset({"lt", "lte", "gt", "gte"})
NEGATION: Mapping[Truth, Truth] = {"TRUE": "FALSE", "FALSE": "TRUE", "UNDETERMINED": "UNDETERMINED"}
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,99}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,18})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].*")


class PredicateError(ValueError):
    """A predicate does not parse: mend it at `pointer`, as `detail` says; nothing of it was kept."""

    def __init__(self, pointer: str, detail: str) -> None:
        """Take where in the event's data it fails, as a JSON pointer, and what is wrong there."""
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.detail = detail


class Leaf(Struct, frozen=True):
    """One comparison of one field. `value` is a tuple for `in` and `nin`, else one value."""

    field: str
    op: Operator
    value: Scalar | tuple[Scalar, ...]


class AllOf(Struct, frozen=True):
    """True where all parts are."""

    parts: tuple["Predicate", ...]


class AnyOf(Struct, frozen=True):
    """True where any part is."""

    parts: tuple["Predicate", ...]


class Not(Struct, frozen=True):
    """True where its part is false."""

    part: "Predicate"


Predicate: TypeAlias = AllOf | AnyOf | Not | Leaf


def parse_predicate(value: object, pointer: str = "") -> Predicate:
    """Read a predicate from decoded JSON that stands at `pointer` in an event's data.

    Raises:
        PredicateError: it is none, or it passes a bound; the first fault only.
    """
    return _Parser().read(value, pointer, 1)


def evaluate(predicate: Predicate, record: Record) -> Truth:
    """Say whether a predicate is true of a record."""
    match predicate:
        case AllOf(parts=parts):
            return all_true(evaluate(part, record) for part in parts)
        case AnyOf(parts=parts):
            return any_true(evaluate(part, record) for part in parts)
        case Not(part=part):
            return NEGATION[evaluate(part, record)]
        case Leaf() as leaf:
            return _compare(leaf, record.get(leaf.field))


def fields_of(predicate: Predicate) -> frozenset[str]:
    """Return the fields that a predicate asks for."""
    match predicate:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset[str]().union(*map(fields_of, parts))
        case Not(part=part):
            return fields_of(part)
        case Leaf(field=field):
            return frozenset({field})


def check_fields(predicate: Predicate, known: frozenset[str] | None, pointer: str) -> None:
    """Raise PredicateError unless a predicate asks only for known fields; None: nobody has said which are known."""
    for field in sorted(fields_of(predicate) - known) if known is not None else ():
        raise PredicateError(pointer, f"nothing has a field {field}")


def all_true(truths: Iterable[Truth]) -> Truth:
    """Say whether all are true (Kleene); of none, TRUE."""
    return NEGATION[any_true(NEGATION[truth] for truth in truths)]


def any_true(truths: Iterable[Truth]) -> Truth:
    """Say whether any is true (Kleene); of none, FALSE."""
    found: Truth = "FALSE"
    for truth in truths:
        if truth == "TRUE":
            return truth
        if truth == "UNDETERMINED":
            found = truth
    return found


class _Parser:
    """Reads one predicate, and counts what it has read."""

    def __init__(self) -> None:
        self._nodes = 0

    def read(self, value: object, pointer: str, depth: int) -> Predicate:
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise PredicateError(pointer, f"the predicate has more than {NODES_MAX} parts")
        if depth > DEPTH_MAX:
            raise PredicateError(pointer, f"the predicate is nested deeper than {DEPTH_MAX} levels")
        if not is_object(value):
            raise PredicateError(pointer, "a predicate is an object")
        match list(value.items()):
            case [("all", parts)]:
                return AllOf(self._parts(parts, f"{pointer}/all", depth))
            case [("any", parts)]:
                return AnyOf(self._parts(parts, f"{pointer}/any", depth))
            case [("not", [part])]:
                return Not(self.read(part, f"{pointer}/not/0", depth + 1))
            case [("not", part)]:
                return Not(self.read(part, f"{pointer}/not", depth + 1))
            case _:
                return _leaf(value, pointer)

    def _parts(self, parts: object, pointer: str, depth: int) -> tuple[Predicate, ...]:
        if not is_array(parts) or not parts:
            raise PredicateError(pointer, "is no list of at least one predicate")
        return tuple(self.read(part, f"{pointer}/{index}", depth + 1) for index, part in enumerate(parts))


def _leaf(value: dict[str, object], pointer: str) -> Leaf:
    for name in value:
        if name not in ("field", "op", "value"):
            raise PredicateError(pointer, "is neither one of all, any, not, nor a leaf of field, op and value")
    field, op = value.get("field"), value.get("op")
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        raise PredicateError(f"{pointer}/field", "is no name of a field")
    if not _is_operator(op):
        raise PredicateError(f"{pointer}/op", f"is none of {' '.join(get_args(Operator))}")
    return Leaf(field, op, _value(op, value, pointer))


def _is_operator(op: object) -> TypeGuard[Operator]:
    return isinstance(op, str) and op in OPERATORS


def _value(op: Operator, leaf: dict[str, object], pointer: str) -> Scalar | tuple[Scalar, ...]:
    pointer = f"{pointer}/value"
    value = leaf.get("value", True if op == "exists" else None)
    if op in OF_LISTS:
        if not is_array(value) or not 0 < len(value) <= VALUES_MAX:
            raise PredicateError(pointer, f"is no list of 1 to {VALUES_MAX} values")
        return tuple(_scalar(inner, f"{pointer}/{index}") for index, inner in enumerate(value))
    if op == "exists":
        if not isinstance(value, bool):
            raise PredicateError(pointer, "is neither true nor false")
        return value
    scalar = _scalar(value, pointer)
    if op in OF_ORDER and _ordered(scalar) is None:
        raise PredicateError(pointer, "has no order: it is no number, date or instant")
    return scalar


def _scalar(value: object, pointer: str) -> Scalar:
    if isinstance(value, str) and len(value) <= TEXT_MAX:
        return value
    if isinstance(value, int) and abs(value) <= INTEGER_MAX:
        return value
    raise PredicateError(pointer, f"is no text of at most {TEXT_MAX} characters, integer within 2^53, true or false")


def _compare(leaf: Leaf, found: object) -> Truth:
    op, value = leaf.op, leaf.value
    if op == "exists":
        return _truth((found is not None) == value)
    if found is None:
        return "UNDETERMINED"
    if isinstance(value, tuple):
        among = any_true(_equal(found, one) for one in value)
        return among if op == "in" else NEGATION[among]
    match op:
        case "eq":
            return _equal(found, value)
        case "ne":
            return NEGATION[_equal(found, value)]
        case "contains":
            return _contains(found, value)
        case _:
            return _in_order(found, op, value)


def _truth(value: bool) -> Truth:
    return "TRUE" if value else "FALSE"


def _equal(found: object, value: Scalar) -> Truth:
    """Compare: numbers as Decimal, written as integers or as decimals; other texts as they are, truths as truths.

    A code with a leading zero is text, not a number. Anything else compared with anything else is undetermined.
    """
    if isinstance(found, bool) or isinstance(value, bool):
        return _truth(found is value) if isinstance(found, bool) and isinstance(value, bool) else "UNDETERMINED"
    texts = isinstance(found, str) and isinstance(value, str)
    if texts and found == value:
        return "TRUE"
    number = _number(value)
    other = None if number is None else _number(found)
    if number is None or other is None:
        return "FALSE" if texts else "UNDETERMINED"
    return _truth(number == other)


def _contains(found: object, value: Scalar) -> Truth:
    """A list contains an element that is equal; a text contains a text within it."""
    if isinstance(found, str):
        return _truth(value in found) if isinstance(value, str) else "UNDETERMINED"
    if isinstance(found, Sequence | frozenset | set):
        elements = cast("Collection[object]", found)
        if isinstance(value, str) and value in elements:  # as almost always: a code among codes
            return "TRUE"
        return any_true(_equal(element, value) for element in elements)
    return "UNDETERMINED"


def _in_order(found: object, op: Operator, value: Scalar) -> Truth:
    pair = _ordered(found), _ordered(value)
    match pair:
        case (Decimal() as left, Decimal() as right):
            return _truth(_holds(op, (left > right) - (left < right)))
        case (datetime() as left, datetime() as right):
            return _truth(_holds(op, (left > right) - (left < right)))
        case (datetime(), date()) | (date(), datetime()):
            return "UNDETERMINED"
        case (date() as left, date() as right):
            return _truth(_holds(op, (left > right) - (left < right)))
        case _:
            return "UNDETERMINED"


def _holds(op: Operator, sign: int) -> bool:
    return {"lt": sign < 0, "lte": sign <= 0, "gt": sign > 0, "gte": sign >= 0}[op]


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _ordered(value: object) -> Decimal | date | datetime | None:
    """Read what has an order: a number, a date, or an instant with its offset."""
    number = _number(value)
    if number is not None or not isinstance(value, str):
        return number
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
        return parse_instant(value) if _INSTANT.fullmatch(value) else None
    except ValueError:
        return None
