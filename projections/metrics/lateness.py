"""How late events were recorded (domain.md 2.2, 13.2: lateness). Pure."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from ledger.domain.fact import Fact
from ledger.domain.payload import TimeClass
from projections.window import Window

PROMISED = frozenset({TimeClass.ACT, TimeClass.RECEIPT})
"""Classes of events that are to be recorded soon after they took effect."""
PROMISE = timedelta(hours=24)
"""Within which they are: the reporting promise of domain.md 2.2."""
PERCENTS = (50, 95)
"""The percentiles of lateness that are told."""


def lateness(facts: Iterable[Fact], period: Window) -> Iterator[timedelta]:
    """Yield recordedtime - time of each promised event that took effect in a period, as it is known."""
    for fact in facts:
        if fact.payload.time_class in PROMISED and period.holds(fact.time):
            yield fact.recordedtime - fact.time
