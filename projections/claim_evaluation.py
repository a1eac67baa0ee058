"""What comes of asking a claim's predicate of its population (domain.md D10, D11, 7.9; Q6 to Q8).

The population is every member of the predicate's log that has its status at the moment. A predicate is read as it is
known at the moment, whatever the date asked about: a claim may be held against days before it was made.

| there is | verdict |
|---|---|
| a counterexample | FALSIFIED |
| none, but a member of which it is undetermined, or nobody to ask | UNDETERMINED |
| none, and all that are claimed were asked | CONFIRMED |
| none, and not all that are claimed are members here | NOT_FALSIFIED |

Coverage is the share of the claimed population (without a claimed size: of the members) that was asked, whatever the
answer: a member of whom a field is not known was asked, and is undetermined.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.claim import Claim, ClaimPredicate
from ledger.domain.instants import LATEST, format_instant
from ledger.domain.predicate import Predicate, evaluate, parse_predicate
from ledger.entry import encode_canonical
from projections.inquiry import Inquiry, Known
from projections.members.member import Member
from projections.members.population import KINDS, members
from projections.moment import LogAt
from projections.replay import Manifest
from projections.rule_spans import undetermined_fields

Verdict = Literal["CONFIRMED", "FALSIFIED", "NOT_FALSIFIED", "UNDETERMINED"]
LISTED_MAX = 1_000
"""Counterexamples, and undetermined members, that an answer names: more than anybody reads. Their hash is over all."""
COVERAGE_PLACES = Decimal("0.000000001")
"""Coverage is written down to a billionth, and never up: only what was asked in full is 1."""


class Question(Struct, frozen=True, kw_only=True):
    """A reading of a claim, ready to be asked. `size_claimed` is the reading's, else the claim's own."""

    claim: str
    reading: ClaimPredicate
    predicate: Predicate
    size_claimed: int | None
    since: datetime | None = None
    """From when on the first counterexample is looked for; None: it is not."""


class Example(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member that is named in an answer; `missing` are the fields for want of which it is undetermined."""

    subject: str
    missing: tuple[str, ...] = ()


class FirstCounterexample(Struct, frozen=True, order=True):
    """The first instant at which a member contradicted a claim."""

    at: datetime
    subject: str


class Evaluation:
    """Counts the members of a population as they are asked, one after another, and says what comes of it."""

    def __init__(self, question: Question, manifest: Manifest) -> None:
        """Take what is asked, and what makes the answer reproducible."""
        self.question = question
        self.population = 0
        self.counterexamples: list[Example] = []
        self.undetermined: list[Example] = []
        self.counterexamples_n = self.undetermined_n = 0
        self.first: FirstCounterexample | None = None
        self._manifest = manifest
        self._hash = hashlib.sha256()

    def ask(self, member: Member) -> None:
        """Count one stream in, if it is a member of the population at the moment."""
        question, known = self.question, member.known
        self._look_back(member)
        record = member.record(known.moment.as_of)
        if record is None or not member.has_status(question.reading.population.status, known.moment.as_of):
            return
        truth = evaluate(question.predicate, record)
        line = encode_canonical({"log": known.log.slug, "subject": known.subject, "truth": truth}) + b"\n"
        self._manifest.add(line, len(known.recorded))
        self.population += 1
        if truth == "FALSE":
            self._hash.update(known.subject.encode() + b"\n")
            self.counterexamples_n += 1
            _name(self.counterexamples, Example(subject=known.subject))
        elif truth == "UNDETERMINED":
            missing = tuple(sorted(undetermined_fields(question.predicate, record)))
            self.undetermined_n += 1
            _name(self.undetermined, Example(subject=known.subject, missing=missing))

    def _look_back(self, member: Member) -> None:
        question = self.question
        if question.since is None:
            return
        at = next(contradictions(member, question, question.since), None)
        if at is not None:
            found = FirstCounterexample(at, member.known.subject)
            self.first = found if self.first is None else min(self.first, found)

    @property
    def coverage(self) -> Fraction:
        """The share of the claimed population that was asked, from 0 to 1; of nobody it is 0."""
        claimed = self.question.size_claimed or 0
        return Fraction(self.population, max(claimed, self.population) or 1)

    def verdict(self) -> Verdict:
        """Return what comes of it (D10)."""
        if self.counterexamples_n:
            return "FALSIFIED"
        if self.undetermined_n or not self.population:
            return "UNDETERMINED"
        return "CONFIRMED" if self.coverage == 1 else "NOT_FALSIFIED"

    def describe(self) -> dict[str, Any]:
        """Return it as JSON values, with its manifest."""
        reading, question = self.question.reading, self.question
        counterexamples_sha256 = self._hash.hexdigest()
        manifest = {
            **self._manifest.describe(),
            "claim": question.claim,
            "predicate_id": reading.predicate_id,
            "predicate_defined_by": reading.attached_by,
            "population": msgspec.to_builtins(reading.population),
            "counterexamples_sha256": counterexamples_sha256,
        }
        answer = {
            "claim": question.claim,
            "predicate_id": reading.predicate_id,
            "reading": reading.reading,
            "applies_to": reading.applies_to,
            "population": {**msgspec.to_builtins(reading.population), "size_claimed": question.size_claimed},
            "population_n": self.population,
            "tested_n": self.population - self.undetermined_n,
            "coverage": written_coverage(self.coverage),
            "verdict": self.verdict(),
            "counterexamples_n": self.counterexamples_n,
            "counterexamples": [one.subject for one in self.counterexamples],
            "counterexamples_sha256": counterexamples_sha256,
            "undetermined_n": self.undetermined_n,
            "undetermined": msgspec.to_builtins(self.undetermined),
            "manifest": manifest,
            "manifest_sha256": hashlib.sha256(encode_canonical(manifest)).hexdigest(),
        }
        if question.since is None:
            return answer
        first = self.first
        found = None if first is None else {"at": format_instant(first.at), "subject": first.subject}
        return {**answer, "from": format_instant(question.since), "first_counterexample": found}


def _name(listed: list[Example], example: Example) -> None:
    if len(listed) < LISTED_MAX:
        listed.append(example)


def written_coverage(coverage: Fraction) -> str:
    """Return a share from 0 to 1 as a decimal, rounded down."""
    exact = Decimal(coverage.numerator) / Decimal(coverage.denominator)
    text = format(exact.quantize(COVERAGE_PLACES, ROUND_DOWN), "f")
    return text.rstrip("0").rstrip(".")


def contradictions(member: Member, question: Question, since: datetime) -> Iterator[datetime]:
    """Yield the instants, from `since` on, from which a member of the population is a counterexample."""
    for instant in (since, *(instant for instant in member.instants if instant > since)):
        record = member.record(instant)
        if (
            record is not None
            and member.has_status(question.reading.population.status, instant)
            and evaluate(question.predicate, record) == "FALSE"
        ):
            yield instant


def question_of(known: Known, predicate_id: str, since: datetime | None = None) -> Question | None:
    """Return what a claim asks under one of its predicates; None where no such predicate is known, or none of members.

    A claim is no fact of the day asked about: all that is known of it counts, and not only what had happened by then.
    """
    state = known.state(LATEST)
    reading = state.predicates.get(predicate_id) if isinstance(state, Claim) else None
    if not isinstance(state, Claim) or reading is None or reading.applies_to not in KINDS:
        return None
    stated = state.population.size_claimed if state.population is not None else None
    return Question(
        claim=known.subject,
        reading=reading,
        predicate=parse_predicate(reading.predicate),
        size_claimed=reading.size_claimed if reading.size_claimed is not None else stated,
        since=since,
    )


async def evaluate_claim(inquiry: Inquiry, at: LogAt, question: Question) -> Evaluation:
    """Ask every member of a claim's population, which is in the log `at`. Raises Refused (`use-a-replay`)."""
    kind = KINDS[question.reading.applies_to]
    evaluation = Evaluation(question, Manifest(inquiry.moment, f"{kind}:"))
    population: AsyncIterator[Member] = members(inquiry, at, [kind])
    async for member in population:
        evaluation.ask(member)
    return evaluation
