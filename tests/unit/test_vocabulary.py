"""The core speaks the `eventsourcing` library's language: its protocols, and its convention for older shapes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest
from eventsourcing.domain import DomainEventProtocol, ImmutableAggregateProtocol

from ledger.domain import catalogue
from ledger.domain.application import ApplicationEventStored, format_event_id, format_subject
from ledger.domain.catalogue import EVENTS, STREAMS, decode_payload
from ledger.domain.fact import Fact
from ledger.domain.listing import ListingWithdrawn
from ledger.domain.payload import Payload, TimeClass
from ledger.domain.stream import State

MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
SUBJECT = "listing:shop:1"


def make_fact(payload: Payload, subject: str = SUBJECT) -> Fact:
    return Fact(
        originator_id=subject,
        originator_version=1,
        sequence="00000000000000000000",
        id="event-1",
        type=payload.event_type,
        dataschema=f"/schemas/{payload.event_type}/{payload.class_version}",
        time=MOMENT,
        timelatest=None,
        precision="INSTANT",
        timezone="UTC",
        recordedtime=MOMENT,
        sourcetime=None,
        payload=payload,
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def place_of(event: DomainEventProtocol[str]) -> tuple[str, int]:
    """What the library asks of an event; a type checker sees that ours is one."""
    return event.originator_id, event.originator_version


def place_reached(aggregate: ImmutableAggregateProtocol[str]) -> tuple[str, int]:
    """What the library asks of an aggregate that does not change."""
    return aggregate.id, aggregate.version


def test_a_fact_is_a_domain_event_of_the_library() -> None:
    fact = make_fact(ListingWithdrawn())
    assert isinstance(fact, DomainEventProtocol)
    assert place_of(fact) == (SUBJECT, 1)


def test_the_state_of_every_stream_is_an_immutable_aggregate_of_the_library() -> None:
    states: list[State] = [stream.begin(f"{kind}:a:b") for kind, stream in STREAMS.items()]
    assert [place_reached(state) for state in states] == [(f"{kind}:a:b", 0) for kind in STREAMS]
    with pytest.raises(AttributeError):
        setattr(states[0], "version", 1)  # noqa: B010 - a type checker refuses the plain way


def test_a_fold_counts_the_events_of_an_aggregate() -> None:
    payload = ApplicationEventStored(originator_id="a", originator_version=7, topic="Opened", state=b"{}")
    state = STREAMS["aggregate"].fold([make_fact(payload, "aggregate:a")], MOMENT, "CERTAIN")
    assert state is not None
    assert place_reached(state) == ("aggregate:a", 1)
    assert STREAMS["aggregate"].describe(state, MOMENT) == {
        "id": "aggregate:a",
        "version": 1,
        "originator_id": "a",
        "originator_version": 7,
        "topic": "Opened",
    }


def test_every_event_keeps_to_the_convention_for_older_shapes() -> None:
    missing = [
        f"{name}.upcast_v{version}_v{version + 1}"
        for name, event in EVENTS.items()
        for version in range(1, event.class_version)
        if not callable(getattr(event, f"upcast_v{version}_v{version + 1}", None))
    ]
    assert missing == []


class ShelfMoved(Payload, frozen=True, kw_only=True):
    event_type: ClassVar[str] = "ShelfMoved"
    time_class: ClassVar[TimeClass] = TimeClass.ACT
    streams: ClassVar[tuple[str, ...]] = ("listing",)
    class_version: ClassVar[int] = 3

    places: tuple[str, ...]
    level: int = 0

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["place"] = state.pop("where")

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["places"] = [state.pop("place")]


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(catalogue.EVENTS, "ShelfMoved", ShelfMoved)
    yield
    catalogue.decoder.cache_clear()


@pytest.mark.usefixtures("shelf")
def test_an_older_shape_is_upcast_step_by_step() -> None:
    shapes = {1: b'{"where":"A1","level":2}', 2: b'{"place":"A1","level":2}', 3: b'{"places":["A1"],"level":2}'}
    read = [decode_payload("ShelfMoved", version, data) for version, data in shapes.items()]
    assert read == [ShelfMoved(places=("A1",), level=2)] * 3


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("version", "data"), [(1, b'{"where":1}'), (2, b'{"place":"A1","x":1}'), (3, b'{"place":"A1"}')]
)
def test_data_that_has_not_the_shape_of_its_version_is_refused(version: int, data: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_payload("ShelfMoved", version, data)


def test_the_ids_of_an_aggregate_are_its_own_and_sort_as_its_versions_do() -> None:
    names = ["a", "a:1", "a:0000000000000001", "A", "", "ä", "a b", "enc:v1", "sha256:ab", "x" * 160, "x" * 161]
    ids = [format_event_id(name, version) for name in names for version in (0, 9, 10, 2**53)]
    decode = msgspec.json.Decoder(ApplicationEventStored)
    assert len(set(ids)) == len(ids)
    assert len({format_subject(name) for name in names}) == len(names)
    assert all(sorted(ids[start : start + 4]) == ids[start : start + 4] for start in range(0, len(ids), 4))
    assert max(map(len, [*ids, *map(format_subject, names)])) <= 200
    assert decode.decode(b'{"originator_id":"a","originator_version":0,"topic":"t","state":"AA=="}').state == b"\0"
