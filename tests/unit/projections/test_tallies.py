"""Tallies: the corners before a moment are as many as the items that answer for it, wherever the pages of a log end."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain.catalogue import kind_of
from ledger.domain.fact import Fact
from projections.bitemporal import CERTAINTIES, Engine
from projections.rectangle import Rectangle, View
from projections.tallies import COLUMNS, Labels, Tally, labels_of, written
from projections.views import VIEWS
from tests.histories import KINDS, facts_by_subject, told
from tests.unit.projections.test_bitemporal import answers, edges

MANY = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
TALLIED = [view for view in VIEWS if view.tallied]
Tallies = list[dict[str, Any]]


def tallied(view: View, streams: Sequence[Sequence[Fact]], page: int) -> tuple[list[Rectangle], Tallies]:
    """Return the rectangles of some streams, and their tallies, taken in pages of so many events."""
    engines = {facts[0].originator_id: Engine(facts[0].originator_id, [view]) for facts in streams}
    facts = sorted((fact for stream in streams for fact in stream), key=lambda fact: fact.position)
    made: list[Rectangle] = []
    rows: Tallies = []
    for start in range(0, len(facts), page):
        part = facts[start : start + page]
        tally = Tally(view, part[0].position)
        for subject in dict.fromkeys(fact.originator_id for fact in part):
            (change,) = engines[subject].take_all([fact for fact in part if fact.originator_id == subject])
            made += change.added
            tally.take(change)
        rows.extend(dict[str, Any](zip(COLUMNS, row, strict=True)) for row in tally.rows(1, view.table))
    return made, rows


def counted(rows: Tallies, certainty: str, labels: Labels, moment: datetime, size: int) -> int:
    """Return what the corners of some labels come to at a moment."""
    return sum(
        sign
        for row in rows
        if row["certainty"] in (certainty, "BOTH") and row["labels"] == labels
        for instant, position, sign in zip(row["instants"], row["positions"], row["signs"], strict=True)
        if instant <= moment and position < size
    )


@MANY
@given(seed=st.integers(0, 10_000), page=st.integers(1, 40))
def test_the_corners_before_a_moment_are_the_items_that_answer_for_it(seed: int, page: int) -> None:
    random = Random(seed)
    streams = facts_by_subject(told(seed, 60, KINDS).entries)
    for view in TALLIED:
        own = [facts for subject, facts in streams.items() if kind_of(subject) in view.kinds]
        made, rows = tallied(view, own, page)
        of = labels_of(view)
        facts = [fact for stream in own for fact in stream]
        for _ in range(20 if made else 0):
            as_of, size = random.choice(edges(made, facts)), random.randint(0, 61)
            certainty = random.choice(CERTAINTIES)
            labels = written(of(random.choice(made).row))
            items = [r for r in made if r.certainty in (certainty, "BOTH") and answers(r, as_of, size)]
            wanted = sum(written(of(rectangle.row)) == labels for rectangle in items)
            assert counted(rows, certainty, labels, as_of, size) == wanted
