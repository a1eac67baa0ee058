"""What happens to a public statement: published, read as a predicate, disputed, evaluated, taken back (7.9)."""

from decimal import Decimal as Number
from typing import Annotated, ClassVar

from msgspec import Meta

from ledger.domain.codes_public import FIELDS, Attribution, ClaimReading, ClaimSubject, Verdict
from ledger.domain.free_json import FreeObject, check_free
from ledger.domain.payload import (
    Block,
    Code,
    Count,
    DateOrInstant,
    Decimal,
    Identifier,
    Language,
    Name,
    PartyId,
    Payload,
    RuleKey,
    Sha256,
    Text,
    TimeClass,
)
from ledger.domain.predicate import check_fields, parse_predicate

CLAIM = ("claim",)
PREDICATE = "predicate"
_DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[Tt][0-9:.]+(?:[Zz]|[+-][0-9]{2}:[0-9]{2}))?)?)?"
ReferenceTime = Annotated[str, Meta(pattern=rf"^{_DAY}(?:/{_DAY})?$(?!\n)", max_length=81)]
"""What a number is about: a year, a month, a day, an instant, or two of these as `from/to`."""
Statement = Annotated[str, Meta(min_length=1, max_length=1000)]


class StatedPopulation(Block, frozen=True, kw_only=True):
    """Of what a claim speaks, as its publisher has it."""

    stream_type: Code | None = None
    filter: Text | FreeObject | None = None
    size_claimed: Count | None = None


class Population(Block, frozen=True, kw_only=True):
    """Of what a predicate is asked: the members of a log that have a status."""

    log: Identifier
    status: Code


class ClaimPublished(Payload, frozen=True, kw_only=True):
    """Somebody made a statement in public, or gave a figure. `reference_time` is what it is about."""

    event_type: ClassVar[str] = "ClaimPublished"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = CLAIM

    reference_time: ReferenceTime
    statement: Statement | None = None
    lang: Language | None = None
    metric: Code | None = None
    value: Decimal | None = None
    unit: Name | None = None
    speaker_party_id: PartyId | None = None
    attribution: Attribution | None = None
    venue: Name | None = None
    predicate_id: Identifier | None = None
    population: StatedPopulation | None = None

    def check(self) -> None:
        """A filter is canonical JSON."""
        if self.population is not None and not isinstance(self.population.filter, str):
            check_free("population/filter", self.population.filter)


class ClaimPredicateAttached(Payload, frozen=True, kw_only=True):
    """Somebody wrote a claim as a predicate that can be asked of every member of a population."""

    event_type: ClassVar[str] = "ClaimPredicateAttached"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = CLAIM

    predicate_id: Identifier
    reading: ClaimReading
    applies_to: ClaimSubject
    population: Population
    predicate: FreeObject
    author: Identifier | None = None
    size_claimed: Count | None = None

    def rule_keys(self) -> tuple[RuleKey, ...]:
        """A predicate's id is used once in a claim: evaluations name it."""
        return (RuleKey(PREDICATE, self.predicate_id),)

    def check(self) -> None:
        """The predicate parses and asks for known fields."""
        check_fields(parse_predicate(self.predicate, "/predicate"), FIELDS.get(self.applies_to), "/predicate")


class ClaimDisputed(Payload, frozen=True, kw_only=True):
    """Somebody says that a part of a claim is wrong; both are kept."""

    event_type: ClassVar[str] = "ClaimDisputed"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = CLAIM

    by: Identifier | None = None
    disputed_field: Code | None = None
    value: Text | None = None
    source: Text | None = None


class ClaimEvaluated(Payload, frozen=True, kw_only=True):
    """A claim's predicate was asked of the part of its population that `coverage` says, 0 to 1."""

    event_type: ClassVar[str] = "ClaimEvaluated"
    time_class: ClassVar[TimeClass] = TimeClass.LEDGER
    streams: ClassVar[tuple[str, ...]] = CLAIM

    as_of: DateOrInstant
    known_at: DateOrInstant
    predicate_id: Identifier
    verdict: Verdict
    population_n: Count
    tested_n: Count
    coverage: Decimal | Annotated[int, Meta(ge=0, le=1)]
    counterexamples_n: Count
    undetermined_n: Count
    counterexamples_sha256: Sha256 | None = None
    manifest_sha256: Sha256 | None = None

    def check(self) -> None:
        """The verdict is one that the counts allow (domain.md D10, D11)."""
        coverage = Number(self.coverage)
        if not 0 <= coverage <= 1:
            raise ValueError("/coverage: is not from 0 to 1")
        if (self.verdict == "FALSIFIED") != (self.counterexamples_n > 0):
            raise ValueError("/verdict: a claim is FALSIFIED where there is a counterexample, and only there")
        everything = coverage == 1 and self.undetermined_n == 0
        if self.verdict == "CONFIRMED" and not everything:
            raise ValueError("/verdict: CONFIRMED needs a coverage of 1 and nothing undetermined")
        if self.verdict == "UNDETERMINED" and everything and self.tested_n > 0:
            raise ValueError("/verdict: with a coverage of 1 and nothing undetermined it is determined")


class ClaimAmended(Payload, frozen=True, kw_only=True):
    """Who made a claim says it otherwise now: what is given here replaces what was."""

    event_type: ClassVar[str] = "ClaimAmended"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = CLAIM

    by: Identifier | None = None
    statement: Statement | None = None
    lang: Language | None = None
    metric: Code | None = None
    value: Decimal | None = None
    unit: Name | None = None
    reference_time: ReferenceTime | None = None
    attribution: Attribution | None = None
    venue: Name | None = None
    predicate_id: Identifier | None = None
    reason: Text | None = None


class ClaimWithdrawn(Payload, frozen=True, kw_only=True):
    """Who made a claim took it back."""

    event_type: ClassVar[str] = "ClaimWithdrawn"
    time_class: ClassVar[TimeClass] = TimeClass.STATEMENT
    streams: ClassVar[tuple[str, ...]] = CLAIM

    by: Identifier | None = None
    reason: Text | None = None


EVENTS: tuple[type[Payload], ...] = (
    ClaimPublished,
    ClaimPredicateAttached,
    ClaimDisputed,
    ClaimEvaluated,
    ClaimAmended,
    ClaimWithdrawn,
)
