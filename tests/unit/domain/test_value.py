"""Value objects: what states and payloads are made of is left alone by the collector of cycles."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.fact import known
from ledger.domain.instants import LATEST
from tests.histories import facts_by_subject, told


def structs_in(value: object) -> Iterator[msgspec.Struct]:
    """Yield a Struct and those that it holds."""
    members: Iterable[object] = ()
    if isinstance(value, msgspec.Struct):
        yield value
        members = msgspec.structs.astuple(value)
    elif isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value).values()
    elif isinstance(value, tuple):
        members = cast("tuple[object, ...]", value)
    for member in members:
        yield from structs_in(member)


def test_no_state_and_no_payload_is_searched_for_cycles() -> None:
    found: set[type[msgspec.Struct]] = set()
    for subject, facts in facts_by_subject(told(1, 3_000).entries).items():
        state = STREAMS[kind_of(subject)].fold(known(facts, read_payload), LATEST, "CERTAIN")
        for made in (*structs_in(state), *(one for fact in facts for one in structs_in(fact.payload))):
            assert not gc.is_tracked(made), made
            found.add(type(made))
    assert len(found) > 2 * len(STREAMS)
