"""Entries one after another: what must hold of each, and between them, whoever shows them."""

from typing import Any

import msgspec
import pytest

from ledger.entry_order import EntryOrder, is_origin_of
from ledger.errors import Tampered
from ledger.stream_versions import StreamVersions
from tests.histories import ALL_KINDS, told

Json = dict[str, Any]
ORIGIN = "ledger.example/alpha"
ENTRIES = told(11, 300, ALL_KINDS).entries


def refused(entries: list[bytes], start: int = 0, origin: str = ORIGIN) -> str:
    """Return what is said of the first entry that is not as it must be."""
    with EntryOrder(origin, start) as order, pytest.raises(Tampered) as tampered:
        order.take(entries)
    return str(tampered.value)


def changed(entry: bytes, change: Json) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(entry), **change}, order="sorted")


def test_a_log_as_the_ledger_writes_it_is_as_it_must_be() -> None:
    with EntryOrder(ORIGIN) as order:
        events = order.take(ENTRIES[:100]) + order.take(ENTRIES[100:])
    assert [int(event.sequence) for event in events] == list(range(len(ENTRIES)))
    for start in (1, 100, len(ENTRIES) - 1):
        with EntryOrder(ORIGIN, start) as order:
            assert len(order.take(ENTRIES[start:])) == len(ENTRIES) - start


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sequence": None}, "the entry is no recorded event: "),
        ({"recordedtime": "2024-06-01T00:00:00"}, "the entry's recordedtime has no offset"),
        ({"sequence": "5"}, "the entry says that it is of position 5"),
        ({"sequence": "00000000000000000006"}, "the entry says that it is of position 00000"),
        ({"log": "beta"}, f"the entry says that it is of log beta, and this is {ORIGIN}"),
        ({"recordedtime": "2000-01-01T00:00:00Z"}, "was recorded before the entry that it follows"),
        ({"streamversion": 99}, "is version 99 of "),
    ],
)
def test_an_entry_that_is_not_as_it_must_be_is_named(change: Json, reason: str) -> None:
    entries = [*ENTRIES[:5], changed(ENTRIES[5], change), *ENTRIES[6:]]
    assert refused(entries).startswith(f"position 5: {reason}")


@pytest.mark.parametrize("entry", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, ENTRIES[5][:-1]])
def test_bytes_that_are_no_event_are_named(entry: bytes) -> None:
    assert refused([*ENTRIES[:5], entry]).startswith("position 5: the entry is no recorded event: ")


def test_an_entry_that_is_not_canonical_is_named() -> None:
    for entry in (ENTRIES[5] + b" ", ENTRIES[5].replace(b'"log":', b'"log": '), b'{"type":"",' + ENTRIES[5][1:]):
        assert refused([*ENTRIES[:5], entry]) == "position 5: the entry is not canonical JSON"


def test_a_log_that_is_another_than_its_origin_says_is_seen_at_once() -> None:
    said = "position 0: the entry says that it is of log alpha, and this is ledger.example/other"
    assert refused(ENTRIES, origin="ledger.example/other") == said


def test_an_entry_that_is_missing_or_is_there_twice_is_seen() -> None:
    assert refused([*ENTRIES[:5], *ENTRIES[6:]]).startswith("position 5: the entry says that it is of position 0")
    assert refused([*ENTRIES[:6], *ENTRIES[5:]]).startswith("position 6: the entry says that it is of position 0")


def test_versions_of_every_stream_count_from_one() -> None:
    cases: list[tuple[bool, list[tuple[str, int]], bool]] = [
        (True, [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2)], True),
        (True, [("a", 2)], False),
        (True, [("a", 1), ("a", 1)], False),
        (True, [("a", 1), ("a", 3)], False),
        (True, [("a", 1), ("a", 2), ("a", 1)], False),
        (False, [("a", 7), ("b", 1), ("a", 8), ("b", 2)], True),
        (False, [("a", 7), ("a", 7)], False),
        (False, [("a", 7), ("a", 9)], False),
        (False, [("a", 7), ("a", 1)], False),
        (False, [("a", 0)], False),
    ]
    for whole, taken, good in cases:
        versions = StreamVersions(whole=whole)
        if good:
            for position, (subject, version) in enumerate(taken):
                versions.take(subject, version, position)
        else:
            *before, (subject, version) = taken
            for position, one in enumerate(before):
                versions.take(*one, position)
            with pytest.raises(Tampered, match=rf"^position {len(before)}: is version {version} of {subject}"):
                versions.take(subject, version, len(before))
        versions.close()


def test_an_origin_is_that_of_its_log_and_of_it_reopened() -> None:
    assert is_origin_of("ledger.example/shop", "shop")
    assert is_origin_of("ledger.example/shop/2", "shop")
    assert not is_origin_of("ledger.example/workshop", "shop")
    assert not is_origin_of("ledger.example/shop/two", "shop")
    assert not is_origin_of("ledger.example/workshop/2", "shop")
    assert not is_origin_of("shop/other", "shop")
