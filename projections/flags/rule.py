"""What a soft rule is: which streams it looks at, what it has to know beside them, and what it finds (domain.md 9).

A rule is pure. It names what it needs of other streams; that is read for many streams at once; then it looks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.predicate import Truth
from projections.completeness.acknowledgement import Receipt
from projections.completeness.control_totals import Totals
from projections.deadlines.listing import Law
from projections.flags.history import History
from projections.inquiry import Known

Severity: TypeAlias = Literal["INFO", "WARNING", "SERIOUS"]
Owner: TypeAlias = Literal["PLATFORM", "HOLDER", "FORUM", "AUTHORITY", "SECRETARIAT", "REGISTRAR", "APPENDER"]
"""Which role has to act. APPENDER: whoever keeps the log that the event is in."""


class Finding(Struct, frozen=True, kw_only=True):
    """That an event broke a rule.

    `detail` is one sentence without personal data. `about` tells apart what one rule finds in one event. `determined`
    is False where an imprecise instant, or something that is not known, leaves it open (D11). `cured_by` is the event
    that made it good, if any did.
    """

    fact: Fact
    detail: str
    related: tuple[str, ...] = ()
    about: str = ""
    determined: bool = True
    cured_by: str | None = None


class Submission(Struct, frozen=True, kw_only=True):
    """What a closed period comes to; `missing` counts the native numbers that it declares and no entry carries."""

    totals: Totals
    missing: int | None


class Needs(Struct, frozen=True, kw_only=True):
    """What a rule has to know beside a stream.

    `references` are streams by id; `kinds` those of which every stream is wanted that the log's events may refer to;
    `events` events of any log, by id; `receipts` those of notices and orders in every log that may be read; `platforms`
    those whose own logs are asked for; `law` what deadlines are worked out by; `submissions` what the closed periods
    of the log come to.
    """

    references: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    receipts: bool = False
    platforms: frozenset[str] = frozenset()
    law: bool = False
    submissions: bool = False

    def __or__(self, other: "Needs") -> "Needs":
        """Return what both need together."""
        return Needs(
            references=self.references | other.references,
            kinds=self.kinds | other.kinds,
            events=self.events | other.events,
            receipts=self.receipts or other.receipts,
            platforms=self.platforms | other.platforms,
            law=self.law or other.law,
            submissions=self.submissions or other.submissions,
        )


class Surroundings(Struct, frozen=True, kw_only=True):
    """What was needed, as far as it is known at the question's moment.

    `definitions` are the streams that a reference may mean: the log's own first, then the registers'. `receipts` are
    by the notice or order that they acknowledge, `places` the platforms' own logs, `submissions` by the event that
    closes the period.
    """

    definitions: Mapping[str, Sequence[Known]] = msgspec.field(default_factory=dict[str, Sequence[Known]])
    kinds: Mapping[str, Sequence[Known]] = msgspec.field(default_factory=dict[str, Sequence[Known]])
    events: Mapping[str, Fact] = msgspec.field(default_factory=dict[str, Fact])
    receipts: Mapping[str, Sequence[Receipt]] = msgspec.field(default_factory=dict[str, Sequence[Receipt]])
    places: Mapping[str, frozenset[int]] = msgspec.field(default_factory=dict[str, frozenset[int]])
    law: Law = msgspec.field(default_factory=lambda: Law(calendars={}, rules={}))
    submissions: Mapping[str, Submission] = msgspec.field(default_factory=dict[str, Submission])

    def resolved(self, reference: str | None) -> Known | None:
        """Return what a reference means: the log's own stream, else a register's; None where nothing is known."""
        return next(iter(self.definitions.get(reference or "", ())), None)


def nothing(_history: History) -> Needs:
    """Need nothing beside the stream."""
    return Needs()


class Check(Struct, frozen=True, kw_only=True):
    """What a rule looks at and finds. `kinds` are those of the streams it is about; None: of every kind."""

    find: Callable[[History, Surroundings], Iterable[Finding]]
    kinds: frozenset[str] | None = None
    needs: Callable[[History], Needs] = nothing


class Rule(Struct, frozen=True, kw_only=True):
    """A soft rule: the flag it raises, how much that weighs, who has to act, and the norm it comes from."""

    flag: str
    severity: Severity
    owner: Owner
    rule: str
    check: Check


def raised(
    truth: Truth, fact: Fact, detail: str, *, related: Iterable[str | None] = (), about: str = ""
) -> Iterator[Finding]:
    """Yield the finding, unless it is certainly none."""
    if truth != "FALSE":
        named = tuple(dict.fromkeys(one for one in related if one is not None))
        yield Finding(fact=fact, detail=detail, related=named, about=about, determined=truth == "TRUE")
