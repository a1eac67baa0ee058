from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.codes_public import FIELDS, LISTING_FIELDS, SELLER_FIELDS
from ledger.domain.listing import ATTRIBUTES
from ledger.domain.predicate import (
    DEPTH_MAX,
    NODES_MAX,
    OPERATORS,
    TEXT_MAX,
    VALUES_MAX,
    AllOf,
    AnyOf,
    Leaf,
    Not,
    Predicate,
    PredicateError,
    Record,
    Truth,
    check_fields,
    evaluate,
    fields_of,
    parse_predicate,
)

TRUTHS: tuple[Truth, ...] = ("FALSE", "UNDETERMINED", "TRUE")
"""From the least to the most true: Kleene's `and` is the least, `or` the greatest, `not` the mirror."""
LEAVES: dict[Truth, dict[str, Any]] = {
    "TRUE": {"field": "x", "op": "eq", "value": 1},
    "FALSE": {"field": "x", "op": "eq", "value": 2},
    "UNDETERMINED": {"field": "missing", "op": "eq", "value": 1},
}
X_IS_ONE: Record = {"x": 1}


def leaf(op: str, value: object, field: str = "x") -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def asked(op: str, value: object, found: object) -> Truth:
    return evaluate(parse_predicate(leaf(op, value)), {"x": found})


def truth_of(predicate: dict[str, Any]) -> Truth:
    return evaluate(parse_predicate(predicate), X_IS_ONE)


@pytest.mark.parametrize("truths", [*product(TRUTHS, repeat=2), *product(TRUTHS, repeat=3)])
def test_all_is_the_least_true_and_any_the_most_true_of_its_parts(truths: tuple[Truth, ...]) -> None:
    parts = [LEAVES[truth] for truth in truths]

    assert truth_of({"all": parts}) == min(truths, key=TRUTHS.index)
    assert truth_of({"any": parts}) == max(truths, key=TRUTHS.index)


@pytest.mark.parametrize("truth", TRUTHS)
def test_not_is_the_mirror_whether_of_one_predicate_or_of_a_list_of_one(truth: Truth) -> None:
    mirror = TRUTHS[2 - TRUTHS.index(truth)]

    assert truth_of({"not": LEAVES[truth]}) == mirror
    assert truth_of({"not": [LEAVES[truth]]}) == mirror
    assert truth_of({"not": {"not": LEAVES[truth]}}) == truth


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, repeat=2)))
def test_de_morgan_holds_of_three_values(left: Truth, right: Truth) -> None:
    parts = [LEAVES[left], LEAVES[right]]

    assert truth_of({"not": {"all": parts}}) == truth_of({"any": [{"not": part} for part in parts]})


@pytest.mark.parametrize(
    ("op", "value", "found", "truth"),
    [
        ("eq", "ID", "ID", "TRUE"),
        ("eq", "ID", "CN", "FALSE"),
        ("ne", "ID", "CN", "TRUE"),
        ("eq", "100.00", "100", "TRUE"),
        ("eq", 100, "100.0", "TRUE"),
        ("eq", "490100", "0490100", "FALSE"),
        ("eq", True, True, "TRUE"),
        ("eq", True, False, "FALSE"),
        ("in", ["KTP", "PASSPORT"], "PASSPORT", "TRUE"),
        ("in", ["KTP", "PASSPORT"], "NIB", "FALSE"),
        ("nin", ["49011000"], "49019900", "TRUE"),
        ("nin", ["49011000"], "49011000", "FALSE"),
        ("lt", "100.00", "99.999999999999999999", "TRUE"),
        ("lt", "100.00", "100.00", "FALSE"),
        ("lte", "100.00", 100, "TRUE"),
        ("gt", 9, "10", "TRUE"),
        ("gte", "0.1", Decimal("0.10"), "TRUE"),
        ("gt", "2023-07-20", "2023-07-26", "TRUE"),
        ("lt", "2023-07-26T00:00:00+07:00", "2023-07-25T16:59:59Z", "TRUE"),
        ("contains", "ID", ("MY", "ID"), "TRUE"),
        ("contains", "ID", ["MY"], "FALSE"),
        ("contains", "ID", [], "FALSE"),
        ("contains", "silk", "a silk scarf", "TRUE"),
        ("contains", "wool", "a silk scarf", "FALSE"),
        ("exists", True, "", "TRUE"),
        ("exists", False, "", "FALSE"),
    ],
)
def test_a_leaf_compares_what_can_be_compared(op: str, value: object, found: object, truth: Truth) -> None:
    assert asked(op, value, found) == truth


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("eq", "ID", 1),
        ("eq", "ID", True),
        ("eq", 1, True),
        ("eq", True, 1),
        ("eq", "ID", ["ID"]),
        ("ne", "ID", ["ID"]),
        ("eq", 1, 1.0),
        ("in", ["ID"], ["ID"]),
        ("in", ["ID", 1], True),
        ("nin", ["ID"], 1),
        ("lt", 1, "one"),
        ("lt", 1, True),
        ("lt", 1, Decimal("NaN")),
        ("lt", "2023-07-26", "2023-02-30"),
        ("lt", "2023-07-26", "2023-07-25T00:00:00Z"),
        ("lt", "2023-07-26T00:00:00Z", "2023-07-25"),
        ("lt", "2023-07-26T00:00:00Z", "2023-07-25T00:00:00"),
        ("contains", "ID", 5),
        ("contains", 1, "1"),
        ("contains", 1, ["one"]),
    ],
)
def test_types_that_cannot_be_compared_leave_it_undetermined(op: str, value: object, found: object) -> None:
    assert asked(op, value, found) == "UNDETERMINED"


@pytest.mark.parametrize("op", sorted(OPERATORS - {"exists"}))
def test_a_missing_field_leaves_everything_undetermined_but_its_existence(op: str) -> None:
    predicate = parse_predicate(leaf(op, ["1"] if op in ("in", "nin") else "1"))

    assert evaluate(predicate, {}) == evaluate(predicate, {"x": None}) == "UNDETERMINED"
    assert [evaluate(parse_predicate(leaf("exists", value)), {}) for value in (True, False)] == ["FALSE", "TRUE"]
    assert evaluate(parse_predicate({"field": "x", "op": "exists"}), {"x": 0}) == "TRUE"


@pytest.mark.parametrize(
    ("record", "truth"),
    [
        ({"cluster": "CRAFT", "ship_from_country": "CN", "destination_countries": ["ID"]}, "TRUE"),
        ({"cluster": "CRAFT", "ship_from_country": "ID", "destination_countries": ["ID"]}, "FALSE"),
        ({"cluster": "CRAFT", "destination_countries": ["ID"]}, "UNDETERMINED"),
        ({"cluster": "TOYS", "destination_countries": ["ID"]}, "FALSE"),
    ],
)
def test_a_closed_cluster_s_predicate_is_undetermined_only_where_the_rest_is_true(
    record: dict[str, Any], truth: Truth
) -> None:
    parts = [leaf("eq", "CRAFT", "cluster"), leaf("ne", "ID", "ship_from_country")]
    predicate = parse_predicate({"all": [*parts, leaf("contains", "ID", "destination_countries")]})

    assert evaluate(predicate, record) == truth
    assert fields_of(predicate) == {"cluster", "ship_from_country", "destination_countries"}


def test_a_predicate_is_read_into_its_parts() -> None:
    written = {"all": [{"any": [leaf("in", ["a", 1, True])]}, {"not": [leaf("exists", False)]}]}

    assert parse_predicate(written) == AllOf(
        (AnyOf((Leaf("x", "in", ("a", 1, True)),)), Not(Leaf("x", "exists", False)))
    )


@pytest.mark.parametrize(
    ("written", "pointer"),
    [
        ("x", "/when"),
        ([], "/when"),
        ({}, "/when/field"),
        ({"all": []}, "/when/all"),
        ({"any": {}}, "/when/any"),
        ({"not": []}, "/when/not"),
        ({"not": [leaf("eq", 1), leaf("eq", 2)]}, "/when/not"),
        ({"all": [leaf("eq", 1)], "any": [leaf("eq", 1)]}, "/when"),
        ({"none": [leaf("eq", 1)]}, "/when"),
        ({"all": [leaf("eq", 1), leaf("like", 1)]}, "/when/all/1/op"),
        ({**leaf("eq", 1), "note": ""}, "/when"),
        ({"op": "eq", "value": 1}, "/when/field"),
        (leaf("eq", 1, "a b"), "/when/field"),
        ({"field": "x", "op": ["eq"], "value": 1}, "/when/op"),
        ({"field": "x", "op": "eq"}, "/when/value"),
        (leaf("eq", None), "/when/value"),
        (leaf("eq", 1.5), "/when/value"),
        (leaf("eq", 2**53 + 1), "/when/value"),
        (leaf("eq", "x" * (TEXT_MAX + 1)), "/when/value"),
        (leaf("eq", ["a"]), "/when/value"),
        (leaf("in", "a"), "/when/value"),
        (leaf("in", []), "/when/value"),
        (leaf("in", ["a", None]), "/when/value/1"),
        (leaf("in", ["a"] * (VALUES_MAX + 1)), "/when/value"),
        (leaf("lt", "ID"), "/when/value"),
        (leaf("lt", True), "/when/value"),
        (leaf("exists", "yes"), "/when/value"),
    ],
)
def test_what_is_no_predicate_is_refused_where_it_fails(written: object, pointer: str) -> None:
    with pytest.raises(PredicateError) as refused:
        parse_predicate(written, "/when")

    assert refused.value.pointer == pointer
    assert str(refused.value) == f"{pointer}: {refused.value.detail}"


def nested(depth: int) -> dict[str, Any]:
    written = leaf("eq", 1)
    for _ in range(depth - 1):
        written = {"not": written}
    return written


def test_depth_and_size_are_bounded() -> None:
    parse_predicate(nested(DEPTH_MAX))
    parse_predicate({"all": [leaf("eq", 1)] * (NODES_MAX - 1)})
    with pytest.raises(PredicateError, match="nested deeper"):
        parse_predicate(nested(DEPTH_MAX + 1))
    with pytest.raises(PredicateError, match="more than"):
        parse_predicate({"all": [leaf("eq", 1)] * NODES_MAX})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)
SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
FIELD_NAMES = st.sampled_from(["a", "b.c", "d_1"])
ORDERED = st.integers(-(2**53), 2**53) | st.dates().map(lambda day: day.isoformat())
LEAF = st.one_of(
    st.builds(leaf, st.sampled_from(["eq", "ne", "contains"]), SCALARS, FIELD_NAMES),
    st.builds(leaf, st.sampled_from(["in", "nin"]), st.lists(SCALARS, min_size=1, max_size=5), FIELD_NAMES),
    st.builds(leaf, st.sampled_from(["lt", "lte", "gt", "gte"]), ORDERED, FIELD_NAMES),
    st.builds(leaf, st.just("exists"), st.booleans(), FIELD_NAMES),
)


def every(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"all": parts}


def some(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"any": parts}


def none(part: dict[str, Any], listed: bool) -> dict[str, Any]:
    return {"not": [part] if listed else part}


def composed(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(st.builds(every, parts), st.builds(some, parts), st.builds(none, inner, st.booleans()))


WRITTEN = st.recursive(LEAF, composed, max_leaves=20)


def read_or_refused(written: object) -> Predicate | PredicateError:
    try:
        return parse_predicate(written)
    except PredicateError as refused:
        return refused


@given(JSON)
def test_any_json_is_read_or_refused_and_nothing_else(value: object) -> None:
    read = read_or_refused(value)

    assert read.detail if isinstance(read, PredicateError) else fields_of(read)


def depth_of(predicate: Predicate) -> int:
    match predicate:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return 1 + max(map(depth_of, parts))
        case Not(part=part):
            return 1 + depth_of(part)
        case Leaf():
            return 1


@given(WRITTEN, st.dictionaries(FIELD_NAMES, JSON))
def test_every_predicate_within_the_bounds_is_read_and_answers_of_any_record(
    written: dict[str, Any], record: dict[str, Any]
) -> None:
    predicate = read_or_refused(written)

    if isinstance(predicate, PredicateError):
        assert "nested deeper" in predicate.detail
        return
    assert depth_of(predicate) <= DEPTH_MAX
    assert evaluate(predicate, record) in TRUTHS
    assert fields_of(predicate) <= {"a", "b.c", "d_1"}


@given(WRITTEN, st.dictionaries(FIELD_NAMES, SCALARS), FIELD_NAMES, SCALARS)
def test_learning_a_missing_field_never_turns_true_into_false(
    written: dict[str, Any], record: dict[str, Any], field: str, value: object
) -> None:
    predicate = read_or_refused(written)
    if isinstance(predicate, PredicateError) or field in record or asks_whether_it_exists(predicate):
        return
    before, after = evaluate(predicate, record), evaluate(predicate, {**record, field: value})
    assert before in ("UNDETERMINED", after)


def asks_whether_it_exists(predicate: Predicate) -> bool:
    match predicate:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(asks_whether_it_exists, parts))
        case Not(part=part):
            return asks_whether_it_exists(part)
        case Leaf(op=op):
            return op == "exists"


def test_a_predicate_asks_only_for_fields_that_somebody_has() -> None:
    known = parse_predicate({"all": [leaf("eq", "ID", "ship_from_country"), leaf("eq", "ID", "seller.country")]})
    unknown = parse_predicate(leaf("eq", "red", "colour"))

    check_fields(known, FIELDS["LISTING"], "/when")
    check_fields(unknown, FIELDS.get("DISPUTE"), "/when")
    with pytest.raises(PredicateError, match="/when: nothing has a field colour"):
        check_fields(unknown, FIELDS["LISTING"], "/when")


def test_the_known_fields_are_what_the_story_and_the_states_have() -> None:
    assert set(ATTRIBUTES) - {"fx"} <= LISTING_FIELDS
    story = {"verification_status", "entity_class", "document_country", "document_type"}
    assert story | {"status", "country"} <= SELLER_FIELDS
