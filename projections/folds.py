"""The states of one stream along valid time: folded as facts become known, and kept for as long as they stand. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime

from ledger.domain.fact import Basis, Certainty, Fact, in_valid_order
from ledger.domain.stream import State, Stream

Step = tuple[datetime, State]
"""A state, and the instant from which it holds."""


class Fold:
    """The states of one stream along valid time, for one certainty and basis, as known so far."""

    __slots__ = ("_basis", "_certainty", "_facts", "_stream", "steps")

    def __init__(self, stream: Stream, certainty: Certainty, basis: Basis = "LEDGER") -> None:
        """Take the kind of stream."""
        self._stream = stream
        self._certainty: Certainty = certainty
        self._basis: Basis = basis
        self._facts: list[Fact] = []
        self.steps: list[Step] = []

    def copy(self, certainty: Certainty) -> "Fold":
        """Return a fold for another certainty, from which so far every fact counts from the same instant."""
        made = Fold(self._stream, certainty, self._basis)
        made._facts, made.steps = self._facts.copy(), self.steps.copy()
        return made

    def update(self, facts: Sequence[Fact]) -> datetime | None:
        """Fold known facts; what came before the first difference is kept. Returns from when states differ, if any."""
        ordered = in_valid_order(facts, self._certainty, self._basis)
        same = 0
        for before, after in zip(self._facts, ordered, strict=False):
            if before is not after:
                break
            same += 1
        self._facts = ordered
        touched = self.steps[same : same + 1]
        del self.steps[same:]
        for fact in ordered[same:]:
            self._step(fact, fact.when(self._certainty, self._basis))
        touched += self.steps[same : same + 1]
        return min((when for when, _ in touched), default=None)

    def append(self, fact: Fact) -> datetime | None:
        """Fold one more fact unless it is earlier than one before; returns from when it counts, or None where it is."""
        when = fact.when(self._certainty, self._basis)
        if self.steps and when < self.steps[-1][0]:
            return None
        self._facts.append(fact)
        self._step(fact, when)
        return when

    def will_expire(self) -> bool:
        """Whether time alone changes the last state."""
        when, state = self.steps[-1]
        return any(expiry > when for expiry in self._stream.expiries(state))

    def _step(self, fact: Fact, when: datetime) -> None:
        before = self.steps[-1][1] if self.steps else self._stream.begin(fact.originator_id)
        self.steps.append((when, self._stream.apply(before, fact)))

    def moments(self, since: datetime) -> Iterator[Step]:
        """Yield, from an instant on, the instants at which something changes, by an event or by time alone.

        What time alone does to the state from before that instant is among them.
        """
        first = max(bisect_left(self.steps, since, key=lambda step: step[0]) - 1, 0)
        for number, (when, state) in enumerate(self.steps[first:], first + 1):
            until = self.steps[number][0] if number < len(self.steps) else None
            if until is not None and (until == when or until <= since):
                continue  # an event at the same instant says more; and what ends before `since` is not asked
            if when >= since:
                yield when, state
            for expiry in sorted(set(self._stream.expiries(state))):
                if when < expiry and (until is None or expiry < until) and expiry >= since:
                    yield expiry, state
