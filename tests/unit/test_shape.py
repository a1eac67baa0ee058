"""Every fault of a value against a type, by pointer; and the members that are marked."""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import pytest
from msgspec import Meta, Raw, Struct

from ledger.domain.catalogue import EVENTS
from ledger.domain.listing import ListingBlocked, ListingPublished
from ledger.domain.seller_events import SellerRegistered
from ledger.shape import check_format, escaped, faults_of, marked_members, pointer_of, split_error, values_at

Json: TypeAlias = Any
"""Any JSON value."""


class Inner(Struct, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1)]
    code: Literal["A", "B"] = "A"


class Outer(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=3)]
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    free: Raw = Raw(b"{}")
    renamed: str = msgspec.field(name="from", default="")


GOOD: dict[str, Any] = {"name": "abc", "inner": {"number": 1}, "many": [{"number": 1, "code": "B"}], "free": {"x": 1}}
FAULTS: list[tuple[Any, list[str]]] = [
    (GOOD, []),
    (5, [""]),
    (None, [""]),
    ([GOOD], [""]),
    ({}, ["/name"]),
    (GOOD | {"name": "abcd"}, ["/name"]),
    (GOOD | {"name": None}, ["/name"]),
    (GOOD | {"colour": 1, "size": 2}, ["/colour", "/size"]),
    (GOOD | {"a/b~c": 1}, ["/a~1b~0c"]),
    (GOOD | {"": 1}, ["/"]),
    (GOOD | {"renamed": "x"}, ["/renamed"]),
    (GOOD | {"from": 5}, ["/from"]),
    (GOOD | {"inner": {"number": 0}}, ["/inner/number"]),
    (GOOD | {"inner": {"number": 1, "colour": 1}}, ["/inner/colour"]),
    (GOOD | {"inner": {"number": 1, "": 1}}, ["/inner/"]),
    (GOOD | {"inner": {"number": 1, "a/b": 1}}, ["/inner/a~1b"]),
    (GOOD | {"inner": {}}, ["/inner/number"]),
    (GOOD | {"many": [{"number": 1}, {"number": 1, "code": "C"}]}, ["/many/1/code"]),
    (GOOD | {"many": {}}, ["/many"]),
    (GOOD | {"free": 5}, []),
    ({"name": 1, "inner": 1, "many": 1, "x": 1}, ["/x", "/name", "/inner", "/many"]),
]


@pytest.mark.parametrize(("value", "pointers"), FAULTS)
def test_every_member_that_is_wrong_is_told_by_its_pointer(value: Json, pointers: list[str]) -> None:
    found = faults_of(value, Outer)
    assert [(fault.pointer, fault.code) for fault in found] == [(pointer, "invalid-event") for pointer in pointers]
    below = faults_of(value, Outer, "/data")
    assert [fault.pointer for fault in below] == ["/data" + pointer for pointer in pointers]
    assert all(fault.detail for fault in found)


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize("value", [None, 5, "secret", [], ["secret"], {"secret": "secret"}, 0.5, True])
def test_no_detail_quotes_what_was_sent(event: str, value: Json) -> None:
    shape = EVENTS[event]
    for name in shape.__struct_fields__:
        for fault in faults_of({name: value}, shape, "/data"):
            assert "secret" not in fault.detail
            assert fault.pointer.startswith("/data/")


def test_pointers_are_made_of_what_msgspec_says() -> None:
    assert pointer_of("$.items[0].item_no") == "/items/0/item_no"
    assert pointer_of("$") == ""
    assert escaped("~/~1") == "~0~1~01"
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert({"name": "a", "inner": {"number": 1, "code": "secret"}}, Outer)
    assert split_error(error.value) == ("/inner/code", "is not one of the codes")


def test_marked_members_are_found_wherever_they_stand() -> None:
    name = marked_members(SellerRegistered)[-1]
    assert (name.path, name.mark, name.bound) == (("shop_name",), "personal", 500)
    marks = {member.path: member.mark for member in marked_members(ListingBlocked)}
    assert marks[("end_at",)] == "date-time"
    assert marks[("evidence", "*", "captured_at")] == "date-time"
    published = {member.path: member.mark for member in marked_members(ListingPublished)}
    assert published[("fx", "rate_date")] == "date"
    assert published[("conformity", "*", "valid_to")] == "date-or-date-time"


def test_values_are_found_by_path() -> None:
    value = {"a": [{"b": "1"}, {}, {"b": None}, {"b": "2"}], "c": "3", "d": None}
    assert [(pointer, text) for pointer, _, _, text in values_at(value, ("a", "*", "b"), "/data")] == [
        ("/data/a/0/b", "1"),
        ("/data/a/3/b", "2"),
    ]
    assert [pointer for pointer, *_ in values_at(value, ("c",))] == ["/c"]
    for path in (("d",), ("e",), ("c", "*"), ("c", "x"), ("a", "b"), ("d", "*", "x")):
        assert list(values_at(value, path)) == []


@pytest.mark.parametrize(
    ("mark", "good", "bad"),
    [
        ("date", "2024-02-29", ["2023-02-29", "2024-13-01", "2024-02-29T00:00:00Z", ""]),
        ("date-time", "2024-02-29T00:00:00+07:00", ["2024-02-30T00:00:00Z", "2024-02-29T00:00:00", "2024-02-29", ""]),
        ("date-or-date-time", "2024-02-29", ["2023-02-29"]),
        ("date-or-date-time", "2024-02-29T00:00:00Z", ["2024-02-29T25:00:00Z", "2024-02-29T00:00:00"]),
        ("date-time", "9998-12-31T00:00:00Z", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]),
    ],
)
def test_a_marked_text_must_be_of_the_calendar(mark: str, good: str, bad: list[str]) -> None:
    check_format(mark, good)
    for text in bad:
        with pytest.raises(ValueError):  # noqa: PT011 - the class is the contract
            check_format(mark, text)
