"""Rectangles against the plain fold: at any (as_of, size, certainty) they say what the fold says, and cost little."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.catalogue import STREAMS, decode_payload, kind_of
from ledger.domain.fact import Certainty, Fact, known
from ledger.domain.instants import TICK
from ledger.domain.payload import Payload
from projections.bitemporal import CERTAINTIES, Engine, rectangles_of
from projections.rectangle import FOR_EVER, STILL_KNOWN, Rectangle, Row, View
from projections.views import VIEWS
from tests.histories import KINDS, facts_by_subject, moment, streams, told
from tests.unit.domain.build import Story, payload
from tests.unit.domain.build import moment as instant

MANY = settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
Shape = tuple[Any, ...]


def views_of(subject: str) -> list[View]:
    return [view for view in VIEWS if kind_of(subject) in view.kinds]


def answers(rectangle: Rectangle, as_of: datetime, size: int) -> bool:
    """The documented condition."""
    return (
        rectangle.valid_from <= as_of
        and rectangle.known_from < size <= rectangle.known_to
        and (as_of < rectangle.valid_to or size <= rectangle.valid_to_known)
    )


def answered(made: Iterable[Rectangle], as_of: datetime, size: int, certainty: Certainty) -> dict[str, Row]:
    """Return the row of each key; no key has two."""
    rows: dict[str, Row] = {}
    for rectangle in made:
        if rectangle.certainty in (certainty, "BOTH") and answers(rectangle, as_of, size):
            assert rectangle.key not in rows, (rectangle.subject, rectangle.key, as_of, size)
            rows[rectangle.key] = rectangle.row
    return rows


def folded(view: View, facts: Sequence[Fact], as_of: datetime, size: int, certainty: Certainty) -> Mapping[str, Row]:
    """Return the rows that the plain fold gives."""
    below = [fact for fact in facts if fact.position < size]
    if not below:
        return {}
    stream = STREAMS[kind_of(below[0].originator_id)]
    state = stream.fold(known(below, decode_payload), as_of, certainty)
    return {} if state is None else view.rows(state, stream.describe(state, as_of))


def edges(made: Iterable[Rectangle], facts: Sequence[Fact]) -> list[datetime]:
    """Return every instant at which something may change: as events say, and as rectangles do."""
    spoken = {when for fact in facts for when in (fact.time, fact.latest)}
    drawn = {when for rectangle in made for when in (rectangle.valid_from, rectangle.valid_to) if when != FOR_EVER}
    return sorted(spoken | drawn)


def shape(rectangle: Rectangle) -> Shape:
    return tuple(getattr(rectangle, name) for name in rectangle.__struct_fields__)


def shapes(made: Iterable[Rectangle]) -> list[Shape]:
    return sorted((shape(one) for one in made), key=lambda one: [str(part) for part in one])


def run(engine: Engine, facts: Iterable[Fact], index: int, made: list[Rectangle]) -> None:
    """Take facts, and add what they make in one view; what is made before stays in `made`, as the engine moves it."""
    for fact in facts:
        made += engine.take(fact)[index].added


@MANY
@given(streams(), st.randoms(use_true_random=False))
def test_rectangles_answer_as_the_plain_fold_does_and_never_twice(
    stream: tuple[str, list[Fact]], random: Random
) -> None:
    subject, facts = stream
    for view in views_of(subject):
        made = rectangles_of(subject, facts, view)
        moments = edges(made, facts)
        for _ in range(40):
            as_of = random.choice(moments) + random.choice((-TICK, 0 * TICK, 0 * TICK, TICK))
            size = random.choice([fact.position for fact in facts]) + random.randint(0, 1)
            certainty = random.choice(CERTAINTIES)
            expected = folded(view, facts, as_of, size, certainty)
            assert answered(made, as_of, size, certainty) == expected, (view.name, as_of, size, certainty)


@pytest.mark.parametrize("kind", KINDS)
def test_every_corner_of_small_streams_answers_as_the_plain_fold_does(kind: str) -> None:
    for seed in range(25):
        ((subject, facts),) = facts_by_subject(told(seed, 9, [kind], of_each=1).entries).items()
        for view in views_of(subject):
            made = rectangles_of(subject, facts, view)
            corners = [edge + step for edge in edges(made, facts) for step in (-TICK, 0 * TICK)]
            for certainty in CERTAINTIES:
                for size in range(facts[-1].position + 2):
                    for as_of in corners:
                        assert answered(made, as_of, size, certainty) == folded(view, facts, as_of, size, certainty)


@MANY
@given(streams(), st.randoms(use_true_random=False))
def test_an_event_later_than_all_before_adds_one_and_moves_at_most_one_rectangle_of_a_key(
    stream: tuple[str, list[Fact]], random: Random
) -> None:
    subject, facts = stream
    story = [*facts, later_than(facts, random)]
    for index, view in enumerate(views_of(subject)):
        engine = Engine(subject, views_of(subject))
        made: list[Rectangle] = []
        run(engine, story[:-1], index, made)
        held = {
            key: [one for one in made if (one.key, one.certainty) == key]
            for key in {(m.key, m.certainty) for m in made}
        }
        before = {id(one): shape(one) for one in made}
        change = engine.take(story[-1])[index]
        for key in {(one.key, one.certainty) for one in (*change.added, *change.moved)}:
            added = [one for one in change.added if (one.key, one.certainty) == key]
            moved = [one for one in change.moved if (one.key, one.certainty) == key]
            assert len(added) <= 1, (view.name, key)
            assert len(moved) <= 1, (view.name, key)
            for one in moved:
                assert one in held[key]
                assert shape(one) != before[id(one)]
                assert one.known_to == STILL_KNOWN  # its end was set, and no copy of it was made


def later_than(facts: Sequence[Fact], random: Random) -> Fact:
    """Return an event like one of these, later than all that they say; an act, at an instant."""
    last = facts[-1]
    story = Story(last.originator_id)
    kind = kind_of(last.originator_id)
    acts: dict[str, Payload] = {
        "platform": payload("ServiceSuspended", service="MARKETPLACE", country=random.choice(("ID", "MY"))),
        "seller": payload("SellerSuspended", restriction_id="new", decision_account="DECISION_ACCOUNT_SUSPENDED"),
        "listing": payload("ListingWithdrawn"),
        "takedown_case": payload("TakedownActioned", item_no=random.randint(1, 3), measure="REMOVED"),
        "dispute": payload("DisputeClosed"),
    }
    for _ in range(last.position + 1):
        story.record(acts[kind], "9000-01-01T00:00:00Z")
    return story.record(acts[kind], "9000-01-01T00:00:00Z")


@MANY
@given(streams(), st.randoms(use_true_random=False))
def test_rectangles_are_the_same_when_an_engine_is_made_again_on_the_way(
    stream: tuple[str, list[Fact]], random: Random
) -> None:
    subject, facts = stream
    for index, view in enumerate(views_of(subject)):
        whole = rectangles_of(subject, facts, view)
        stop = random.randint(0, len(facts))
        stored: dict[Shape, Shape] = {}
        first, resumed = Engine(subject, views_of(subject)), Engine(subject, views_of(subject))
        for number, fact in enumerate(facts):
            engine = first if number < stop else resumed
            if number < stop:
                resumed.take(fact)  # as the runner does: fed the earlier events, what comes out is dropped
            change = engine.take(fact)[index]
            for one in (*change.moved, *change.added):
                stored[(one.key, one.certainty, one.valid_from, one.known_from)] = shape(one)
        assert sorted(map(repr, stored.values())) == sorted(repr(shape(one)) for one in whole)


def test_a_restriction_that_runs_out_again_after_its_amendment_was_voided_runs_out() -> None:
    story = Story("listing:p1:l1")
    story.tell(
        "ListingBlocked",
        "2024-01-01T00:00:00Z",
        restriction_id="R1",
        end_at="2024-01-05T00:00:00Z",
        decision_visibility=["DECISION_VISIBILITY_CONTENT_REMOVED"],
    )
    amendment = story.tell(
        "RestrictionAmended", "2024-01-02T00:00:00Z", restriction_id="R1", set={"end_at": "2024-01-09T00:00:00Z"}
    )
    story.void(amendment)
    for view in views_of("listing:p1:l1"):
        made = rectangles_of("listing:p1:l1", story.facts, view)
        for day in ("03", "04", "05", "06", "09"):
            for size in (1, 2, 3):
                as_of = instant(f"2024-01-{day}T00:00:00Z")
                assert answered(made, as_of, size, "CERTAIN") == folded(view, story.facts, as_of, size, "CERTAIN")


def test_a_stream_told_in_order_costs_one_rectangle_for_each_change() -> None:
    random = Random(7)
    story = Story("listing:p1:l1")
    for day in range(1, 29):
        name = random.choice(("ListingPublished", "ListingWithdrawn"))
        story.tell(name, f"2024-01-{day:02d}T{moment(random)[11:13]}:00:00Z")
    (view,) = [view for view in views_of("listing:p1:l1") if view.name == "listing"]
    made = rectangles_of("listing:p1:l1", story.facts, view)
    assert len(made) == len(story.facts)  # one for each event: the version in `item` grows
    assert {(one.certainty, one.known_to) for one in made} == {("BOTH", STILL_KNOWN)}


def test_certainties_are_told_apart_from_the_first_imprecise_fact_on() -> None:
    story = Story("listing:p1:l1")
    story.tell("ListingPublished", "2024-01-01T00:00:00Z")
    story.tell("ListingWithdrawn", "2024-01-02T00:00:00Z", precision="DAY")
    story.tell("ListingRelisted", "2024-01-04T00:00:00Z")
    (view,) = [view for view in views_of("listing:p1:l1") if view.name == "listing"]
    made = rectangles_of("listing:p1:l1", story.facts, view)
    assert [(one.certainty, one.valid_from.day, one.known_from, one.known_to) for one in made] == [
        ("BOTH", 1, 0, 1),
        ("CERTAIN", 1, 1, STILL_KNOWN),
        ("POSSIBLE", 1, 1, STILL_KNOWN),
        ("POSSIBLE", 2, 1, STILL_KNOWN),
        ("CERTAIN", 2, 1, STILL_KNOWN),
        ("CERTAIN", 4, 2, STILL_KNOWN),
        ("POSSIBLE", 4, 2, STILL_KNOWN),
    ]
    for certainty in CERTAINTIES:
        alone = rectangles_of("listing:p1:l1", story.facts, view, [certainty])
        assert [(one.certainty, one.known_from) for one in alone] == [(certainty, 0), (certainty, 1), (certainty, 2)]
