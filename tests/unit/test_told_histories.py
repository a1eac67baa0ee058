"""The histories that projections are judged by: every type of event is told, and every way of being unruly."""

from collections import Counter
from itertools import pairwise

import msgspec

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.corrections import EventCorrected, EventVoided
from tests.histories import KINDS, facts_by_subject, told
from tests.postgres.conftest import EVENTS, LOGS, OFTEN

TOLD_MIN = 3


def test_every_type_of_event_of_the_streams_that_views_read_is_told() -> None:
    """In the world of the oracle: the same histories."""
    counted: Counter[tuple[str, str]] = Counter()
    for seed in range(LOGS):
        entries = [msgspec.json.decode(entry) for entry in told(seed, EVENTS, OFTEN).entries]
        counted.update((kind_of(entry["subject"]), entry["type"]) for entry in entries)
    expected = {(kind, event.event_type) for kind in OFTEN for event in STREAMS[kind].events}
    assert sorted(place for place in expected if counted[place] < TOLD_MIN) == []


def test_histories_are_late_imprecise_corrected_voided_out_of_order_and_at_one_instant() -> None:
    entries = told(2, EVENTS, KINDS, of_each=6).entries
    streams = facts_by_subject(entries).values()
    facts = [fact for stream in streams for fact in stream]
    pairs = [(before, after) for stream in streams for before, after in pairwise(stream)]
    ways: dict[str, int] = {
        "late": sum((fact.recordedtime - fact.time).days >= 1 for fact in facts),
        "out of order": sum(after.time < before.time for before, after in pairs),
        "at one instant": sum(after.time == before.time for before, after in pairs),
        "told by its source": sum(fact.sourcetime is not None for fact in facts),
        "with a last instant": sum(fact.timelatest is not None for fact in facts),
        "corrected": sum(isinstance(fact.payload, EventCorrected) for fact in facts),
        "voided": sum(isinstance(fact.payload, EventVoided) for fact in facts),
    }
    ways |= Counter[str](fact.precision for fact in facts)
    assert {way: number for way, number in ways.items() if number < EVENTS // 100} == {}
