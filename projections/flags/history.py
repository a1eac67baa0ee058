"""One stream as a soft rule reads it: what had happened, in valid order, and when each thing may have been.

What is imprecise is compared as spans, with three answers (domain.md D11, 2.3).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Certainty, Fact, in_valid_order
from ledger.domain.payload import Payload, TimeClass
from ledger.domain.predicate import Truth, all_true
from ledger.domain.stream import State
from projections.inquiry import Known

P = TypeVar("P", bound=Payload)
S = TypeVar("S", bound=State)
Span: TypeAlias = tuple[datetime, datetime]
"""The first and the last instant at which something may have been."""
CERTAINTIES: tuple[Certainty, Certainty] = ("CERTAIN", "POSSIBLE")


class History:
    """One stream as known, up to its moment."""

    def __init__(self, known: Known) -> None:
        """Take the stream."""
        self.known = known
        self.as_of = known.moment.as_of
        self.facts: Sequence[Fact] = in_valid_order(known.happened(), known.moment.certainty, known.moment.basis)
        self.corrections: Sequence[Fact] = [
            fact
            for fact in known.recorded
            if isinstance(fact.payload, EventCorrected | EventVoided) and known.when(fact) <= self.as_of
        ]

    @property
    def kind(self) -> str:
        """The kind of the stream."""
        return kind_of(self.known.subject)

    def of(self, shape: type[P]) -> list[tuple[Fact, P]]:
        """Return the events whose data has this shape, with their data, in valid order."""
        return [(fact, fact.payload) for fact in self.facts if isinstance(fact.payload, shape)]

    def named(self, types: Iterable[str]) -> list[Fact]:
        """Return the events of these types, in valid order."""
        wanted = frozenset(types)
        return [fact for fact in self.facts if fact.type in wanted]

    def span(self, fact: Fact) -> Span:
        """Return when an event may have been, as far as the history goes."""
        if fact.payload.time_class is TimeClass.LEDGER:
            return self.known.when(fact), self.known.when(fact)
        first, last = span_of(fact)
        return first, max(first, min(last, self.as_of))


def span_of(fact: Fact) -> Span:
    """Return when an event may have been."""
    return fact.time, max(fact.time, fact.latest)


def later(one: Span, other: Span) -> Truth:
    """Say whether `one` was after `other`. At the same instant, it was not."""
    if one[0] > other[1]:
        return "TRUE"
    return "FALSE" if one[1] <= other[0] else "UNDETERMINED"


def further_than(one: Span, limit: timedelta, other: Span) -> Truth:
    """Say whether `one` was more than `limit` after `other`."""
    return later(one, (other[0] + limit, other[1] + limit))


def holds(known: Known, shape: type[S], span: Span, test: Callable[[S | None, datetime], bool]) -> Truth:
    """Say whether a stream's state passes a test over the whole of a span, certainly as well as possibly."""
    stream = STREAMS[kind_of(known.subject)]
    found: set[bool] = set()
    for instant in dict.fromkeys(span):
        for certainty in CERTAINTIES:
            state = stream.fold(known.facts, instant, certainty, known.moment.basis)
            found.add(test(state if isinstance(state, shape) else None, instant))
    if len(found) > 1:
        return "UNDETERMINED"
    return "TRUE" if True in found else "FALSE"


def none_before(spans: Iterable[Span], span: Span) -> Truth:
    """Say whether each of these was after `span`: TRUE, too, where there are none."""
    return all_true(later(one, span) for one in spans)
