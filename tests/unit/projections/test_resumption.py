"""Courses, and engines that are resumed, write what engines that have seen everything write, wherever pages end."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from ledger.binary_copy import timestamp
from ledger.domain.catalogue import STREAMS, decode_payload, kind_of
from ledger.domain.fact import Fact, known
from ledger.domain.instants import LATEST
from projections.bitemporal import Engine, rectangles_of
from projections.course import Point, beginning, course
from projections.packed_rows import END_COLUMNS, RECTANGLE_COLUMNS
from projections.points import decode, encode
from projections.rectangle import FOR_EVER, STILL_KNOWN, Change, View
from projections.views import BY_NAME, VIEWS
from projections.written import Written
from tests.histories import facts_by_subject, streams, told
from tests.unit.domain.build import Story

MANY = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
LOG_ID = 1
KEY = ("subject", "key")
PLACE = ("subject", "key", "valid_from", "known_from", "certainty")
Row = dict[str, bytes | None]
"""Fields of a row, by column, as COPY reads them."""


Place = tuple[bytes | None, ...]
"""What tells a row from others: the fields of some columns."""


def place_of(row: Row, columns: Sequence[str]) -> Place:
    return tuple(row[name] for name in columns)


def packed(*values: str | int | datetime) -> Place:
    """Return values as COPY reads them: texts, positions and instants."""
    numbers = [timestamp(value) if isinstance(value, datetime) else value for value in values]
    return tuple(
        number.encode() if isinstance(number, str) else number.to_bytes(8, "big", signed=True) for number in numbers
    )


def unpacked(rows: Iterable[bytes], columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that were packed (PostgreSQL manual, COPY, "Binary Format")."""
    for row in rows:
        fields: list[bytes | None] = []
        place = 2
        while place < len(row):
            size = int.from_bytes(row[place : place + 4], "big", signed=True)
            place += 4
            fields.append(None if size < 0 else row[place : place + size])
            place += max(size, 0)
        assert int.from_bytes(row[:2], "big") == len(fields)
        yield dict(zip(columns, fields, strict=True))


class Table(Struct):
    """A view's table, by subject and key, and its history, by PLACE."""

    newest: dict[Place, Row] = msgspec.field(default_factory=dict[Place, Row])
    history: dict[Place, Row] = msgspec.field(default_factory=dict[Place, Row])

    def add(self, row: Row) -> None:
        place = place_of(row, PLACE)
        assert place not in self.history
        self.history[place] = row


def views_of(subject: str) -> list[View]:
    return [view for view in VIEWS if kind_of(subject) in view.kinds]


def apply(table: Table, written: Written) -> None:
    """Do what the statements do, in their order: move, end, replace, add."""
    columns = (*RECTANGLE_COLUMNS, *written.view.columns)
    for certainty, subject, key, valid_from, known_from, *ends in written.moved:
        place = packed(subject, key, valid_from, known_from, certainty)
        here = [row for row in table.newest.values() if place_of(row, PLACE) == place]
        (row,) = [*here, *([table.history[place]] if place in table.history else [])]
        row |= zip(("valid_to", "valid_to_known", "known_to"), packed(*ends), strict=True)
    for subject, key, *ends in written.ended:
        row = table.newest[packed(subject, key)]
        assert place_of(row, ("valid_to", "known_to")) == packed(FOR_EVER, STILL_KNOWN)
        row |= zip(("valid_to", "valid_to_known"), packed(*ends), strict=True)
    for row in unpacked(written.later, (*columns, *END_COLUMNS)):
        valid_to, valid_to_known = (row.pop(column) for column in END_COLUMNS)
        before = table.newest.get(place_of(row, KEY))
        if before is not None:
            table.add(before if valid_to is None else before | {"valid_to": valid_to, "valid_to_known": valid_to_known})
        table.newest[place_of(row, KEY)] = row
    for row in unpacked(written.first, columns):
        assert place_of(row, KEY) not in table.newest
        table.newest[place_of(row, KEY)] = row
    for row in unpacked(written.earlier, columns):
        table.add(row)


def drawn_up(view: View, change: Change, *, begins: bool) -> Written:
    written = Written(view=view, log_id=LOG_ID)
    written.draw_up(change, begins=begins)
    return written


def whole(facts: Sequence[Fact], view: View) -> Table:
    """Return the table as it is written at once."""
    table = Table()
    apply(table, drawn_up(view, Change(rectangles_of(facts[0].originator_id, facts, view), []), begins=True))
    return table


def pages(facts: Sequence[Fact], random: Random) -> Iterator[Sequence[Fact]]:
    """Yield the facts in pages of random length."""
    start = 0
    while start < len(facts):
        end = start + random.randint(1, 4)
        yield facts[start:end]
        start = end


def resumed(facts: Sequence[Fact], index: int, random: Random) -> Table:
    """Return the table of one of the views as it is written page by page, by courses where they can and may.

    A page that a course does not take is taken by the engine that is there, or by one that is made from all events
    before.
    """
    subject = facts[0].originator_id
    views = views_of(subject)
    table = Table()
    point: Point | None = beginning(subject)
    engine, position = Engine(subject, views), 0
    for page in pages(facts, random):
        going = course(kept(point), page) if point is not None else None
        if going is not None and random.random() < 0.8:
            changes = going.draw(views)
            point = going.end
            engine.resume(page)
        else:
            if random.random() < 0.5:
                engine = Engine(subject, views)
                engine.resume(facts[:position])
            changes = engine.take_all(page)
            point = engine.point
        apply(table, drawn_up(views[index], changes[index], begins=position == 0))
        position += len(page)
    return table


def kept(point: Point) -> Point:
    """Return a point as it is after it was written and read."""
    return structs.replace(point, state=decode(point.subject, encode(point.state)))


@MANY
@given(streams(), st.randoms(use_true_random=False))
def test_pages_write_what_an_engine_that_saw_everything_writes(stream: tuple[str, list[Fact]], random: Random) -> None:
    subject, facts = stream
    for index, view in enumerate(views_of(subject)):
        assert resumed(facts, index, random) == whole(facts, view)


@MANY
@given(st.randoms(use_true_random=False))
def test_a_stream_told_in_order_but_for_some_events_is_resumed_as_it_was(random: Random) -> None:
    story = Story("listing:p1:l1")
    hour = 0
    for number in range(random.randint(2, 12)):
        hour += random.choice((0, 1, 1, 1))
        at = hour if random.random() < 0.8 else random.randint(0, hour)
        name = random.choice(("ListingPublished", "ListingBlocked", "ListingWithdrawn"))
        data: dict[str, Any] = {}
        if name == "ListingBlocked":
            data = {"restriction_id": f"R{number}", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"]}
            if random.random() < 0.2:
                data["end_at"] = "2024-01-01T20:00:00Z"
        told = story.tell(name, f"2024-01-01T{at:02d}:00:00Z", **data)
        if random.random() < 0.1:
            story.void(told)
    for index, view in enumerate(views_of("listing:p1:l1")):
        assert resumed(story.facts, index, random) == whole(story.facts, view)


def test_what_a_course_ends_is_looked_up_by_its_key() -> None:
    story = Story("listing:p1:l1")
    story.tell("ListingPublished", "2024-01-01T00:00:00Z")
    story.tell("ListingWithdrawn", "2024-01-02T00:00:00Z")
    before = course(beginning("listing:p1:l1"), story.facts[:1])
    assert before is not None
    going = course(kept(before.end), story.facts[1:])
    assert going is not None
    (change,) = going.draw([BY_NAME["listing"]])
    written = drawn_up(BY_NAME["listing"], change, begins=False)
    assert [len(values) for values in (written.ended, written.moved, written.first, written.earlier)] == [0, 0, 0, 0]
    (row,) = unpacked(written.later, (*RECTANGLE_COLUMNS, *written.view.columns, *END_COLUMNS))
    assert place_of(row, END_COLUMNS) == packed(story.facts[1].time, 1)


def begun() -> tuple[Story, Point]:
    """Return a listing that was published on the second of January, and where it has come to."""
    story = Story("listing:p1:l1")
    story.tell("ListingPublished", "2024-01-02T00:00:00Z")
    going = course(beginning("listing:p1:l1"), story.facts)
    assert going is not None
    return story, going.end


@pytest.mark.parametrize(
    ("name", "time", "more"),
    [
        ("ListingWithdrawn", "2024-01-01T00:00:00Z", {}),
        ("ListingWithdrawn", "2024-01-02T00:00:00Z", {}),
        ("ListingBlocked", "2024-01-03T00:00:00Z", {"restriction_id": "R1", "end_at": "2024-02-01T00:00:00Z"}),
    ],
    ids=["earlier", "at the same instant", "it will run out"],
)
def test_what_the_last_state_is_not_enough_for_has_no_course(name: str, time: str, more: dict[str, Any]) -> None:
    story, point = begun()
    story.tell(name, time, **more)
    assert course(point, story.facts[1:]) is None


def test_an_event_that_is_not_the_next_has_no_course() -> None:
    story, point = begun()
    story.tell("ListingWithdrawn", "2024-01-03T00:00:00Z")
    story.tell("ListingRelisted", "2024-01-04T00:00:00Z")
    assert course(point, story.facts[2:]) is None
    assert course(point, story.facts[1:]) is not None


def test_what_corrects_has_no_course() -> None:
    story, point = begun()
    story.void(story.facts[0])
    assert course(point, story.facts[1:]) is None


@pytest.mark.parametrize("kind", sorted({kind for view in VIEWS for kind in view.kinds}))
def test_where_a_stream_has_come_to_is_read_as_it_was_written(kind: str) -> None:
    for seed in range(40):
        for subject, facts in facts_by_subject(told(seed, 9, [kind], of_each=1).entries).items():
            state = STREAMS[kind].fold(known(facts, decode_payload), LATEST, "CERTAIN")
            assert state is not None
            assert encode(decode(subject, encode(state))) == encode(state)
            assert STREAMS[kind].describe(decode(subject, encode(state)), LATEST) == STREAMS[kind].describe(
                state, LATEST
            )
