"""Control totals: what a platform says it sent of a period, against what its log holds (domain.md D14, 7.1, Q44). Pure.

Counted are the known events of the whole log (a log is one tenant's), of every type, whose time is within the period:
from the first instant of `period_start` to the last of `period_end`, dates in the zone of the event that closes it.
Corrections are applied first and do not count themselves, nor does what was voided; an event of which only a day, a
month or a year is known, and that may be in the period as well as not, is counted as possible only (D11).
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ledger.domain.bounds import first_instant
from ledger.domain.fact import Fact
from ledger.domain.instants import parse_instant
from ledger.domain.payload import TimeClass
from ledger.domain.platform import SubmissionPeriodClosed
from projections.deadlines.terms import last_instant


class Total(Struct, frozen=True, kw_only=True):
    """One type of event: how many were declared, are certainly and are possibly of the period."""

    declared: int
    recorded: int
    possible: int

    @property
    def agrees(self) -> bool | None:
        """Whether the ledger's count is the declared one; None where it may be."""
        if self.recorded == self.possible:
            return self.recorded == self.declared
        return None if self.recorded <= self.declared <= self.possible else False


class Totals(Struct, frozen=True, kw_only=True):
    """What a period comes to: every declared type; and how much the log holds of others, possible ones counted.

    `agree` is None where it cannot be told: nothing was declared, or an event may be of the period or not. What was not
    declared does not count against it: totals may be of some types alone.
    """

    declared: Mapping[str, Total]
    undeclared: Mapping[str, int]
    agree: bool | None


class Tally:
    """Counts the events of one period. Show it every event of the log that had happened, once."""

    def __init__(self, closed: Fact) -> None:
        """Take the SubmissionPeriodClosed, as known. Raises TypeError for another event."""
        if not isinstance(closed.payload, SubmissionPeriodClosed):
            raise TypeError(f"{closed.id} closes no period")
        self._said = closed.payload
        first = first_instant(self._said.period_start, closed.timezone)
        self._first = None if first is None else parse_instant(first)
        self._last = last_instant(self._said.period_end, closed.timezone)
        self._certain: Counter[str] = Counter()
        self._possible: Counter[str] = Counter()

    def add(self, fact: Fact) -> None:
        """Count an event in, if it is of the period and of those that a platform declares.

        These are all but the ledger's own, and the closings of periods.
        """
        if fact.payload.time_class is TimeClass.LEDGER or isinstance(fact.payload, SubmissionPeriodClosed):
            return
        first, last = self._first, self._last
        begin, end = fact.time, max(fact.time, fact.latest)
        if first is not None and last is not None and begin <= last and end >= first:
            self._possible[fact.type] += 1
            self._certain[fact.type] += first <= begin and end <= last

    def totals(self) -> Totals:
        """Return what the events so far come to. A nil return declares none of every type."""
        said = self._said.totals or {}
        named = said.keys() | (self._possible.keys() if self._said.nil_return else frozenset[str]())
        declared = {
            name: Total(declared=said.get(name, 0), recorded=self._certain[name], possible=self._possible[name])
            for name in sorted(named)
        }
        undeclared = {name: count for name, count in sorted(self._possible.items()) if name not in named}
        return Totals(declared=declared, undeclared=undeclared, agree=self._agree(declared.values()))

    def _agree(self, declared: Iterable[Total]) -> bool | None:
        nothing_said = self._said.totals is None and not self._said.nil_return
        if nothing_said or self._first is None or self._last is None:
            return None
        return all_of(total.agrees for total in declared)


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all are true: false if any is, else None if any is (after Kleene, domain.md 7.6)."""
    found = set(answers)
    return False if False in found else None if None in found else True
