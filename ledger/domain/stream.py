"""A kind of stream: its events, its state, its fold and its hard rules, in one value."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from msgspec import Struct

from ledger.domain.fact import Basis, Certainty, Fact
from ledger.domain.payload import Payload
from ledger.domain.rules import Rule
from ledger.domain.value import Value

WHEN = itemgetter(0)
"""Of (when a fact counts, the fact)."""


class State(Value, frozen=True, kw_only=True):
    """Base of every state: `id` is the subject, `version` counts the events folded (ImmutableAggregateProtocol)."""

    id: str
    version: int = 0


def never(_state: State) -> tuple[datetime, ...]:
    """Return no expiry: nothing follows from time alone."""
    return ()


class Stream(Struct, frozen=True, kw_only=True):
    """One kind of stream.

    `begin` makes the state before any event; `apply` is the fold's step, and never fails on what was accepted;
    `describe` says what a state is at a moment: JSON values, with what follows from time alone (expiry) worked out;
    `expiries` are the instants at which that changes though nothing happens.
    """

    kind: str
    pattern: str
    events: tuple[type[Payload], ...]
    begin: Callable[[str], State]
    apply: Callable[[Any, Fact], State]
    describe: Callable[[Any, datetime], dict[str, Any]]
    expiries: Callable[[Any], Iterable[datetime]] = never
    rules: Mapping[str, Rule]

    def fold(
        self, facts: Sequence[Fact], as_of: datetime, certainty: Certainty, basis: Basis = "LEDGER"
    ) -> State | None:
        """Return the state at `as_of`; None when nothing had happened yet (domain.md 2.3).

        `facts` are what is known, in order of position.
        """
        due = [(when, fact) for fact in facts if (when := fact.when(certainty, basis)) <= as_of]
        if not due:
            return None
        due.sort(key=WHEN)
        state, apply = self.begin(facts[0].originator_id), self.apply
        for _, fact in due:
            state = apply(state, fact)
        return state
