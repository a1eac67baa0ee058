"""Claims: what was said in public, how it is read, who disputes it, what came of asking (domain.md 6.9, 7.9, D10).

An event sets the state whatever it was before, but two: a publication never sets it back, for it may be certain only
after what followed from it, and what is withdrawn stays so. A predicate changes nothing of the state.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from ledger.domain.claim_events import (
    EVENTS,
    PREDICATE,
    ClaimAmended,
    ClaimDisputed,
    ClaimEvaluated,
    ClaimPredicateAttached,
    ClaimPublished,
    ClaimWithdrawn,
    Population,
    StatedPopulation,
)
from ledger.domain.fact import Fact
from ledger.domain.free_json import FreeObject
from ledger.domain.instants import format_instant
from ledger.domain.payload import Payload
from ledger.domain.rules import only_one
from ledger.domain.stream import State, Stream
from ledger.domain.value import Value

ClaimState = Literal["PUBLISHED", "DISPUTED", "EVALUATED", "AMENDED", "WITHDRAWN"]
STATED = ("statement", "lang", "metric", "value", "unit", "reference_time", "attribution", "venue", "predicate_id")
"""What a publication says, and an amendment may say otherwise."""


class ClaimPredicate(Value, frozen=True, kw_only=True):
    """A reading of a claim. `attached_at` is by the ledger's clock."""

    predicate_id: str
    attached_by: str
    attached_at: str
    reading: str
    author: str | None = None
    applies_to: str
    population: Population
    size_claimed: int | None = None
    predicate: FreeObject


class ClaimDispute(Value, frozen=True, kw_only=True):
    """What somebody says is wrong in a claim."""

    disputed_by: str
    disputed_at: str
    by: str | None = None
    disputed_field: str | None = None
    value: str | None = None
    source: str | None = None


class Evaluation(Value, frozen=True, kw_only=True):
    """What came of asking a predicate. `evaluated_at` is by the ledger's clock."""

    evaluated_by: str
    evaluated_at: str
    as_of: str
    known_at: str
    predicate_id: str
    verdict: str
    population_n: int
    tested_n: int
    coverage: str
    counterexamples_n: int
    undetermined_n: int
    counterexamples_sha256: str | None = None
    manifest_sha256: str | None = None


class Claim(State, frozen=True, kw_only=True):
    """State of a claim."""

    state: ClaimState | None = None
    statement: str | None = None
    lang: str | None = None
    metric: str | None = None
    value: str | None = None
    unit: str | None = None
    reference_time: str | None = None
    speaker_party_id: str | None = None
    attribution: str | None = None
    venue: str | None = None
    predicate_id: str | None = None
    population: StatedPopulation | None = None
    published_at: str | None = None
    amended_at: str | None = None
    amended_by: str | None = None
    withdrawn_at: str | None = None
    withdrawn_by: str | None = None
    predicates: Mapping[str, ClaimPredicate] = msgspec.field(default_factory=dict[str, ClaimPredicate])
    disputes: tuple[ClaimDispute, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()


def begin(subject: str) -> Claim:
    """Return the state before any event."""
    return Claim(id=subject)


def apply(state: Claim, fact: Fact) -> Claim:
    """Return the state after one more event."""
    return msgspec.structs.replace(_changed(state, fact), version=state.version + 1)


def _changed(state: Claim, fact: Fact) -> Claim:
    at = format_instant(fact.time)
    match fact.payload:
        case ClaimPublished() as published:
            return _published(state, published, at)
        case ClaimPredicateAttached() as attached:
            predicate = _predicate(attached, fact.id, format_instant(fact.recordedtime))
            return msgspec.structs.replace(state, predicates={**state.predicates, attached.predicate_id: predicate})
        case ClaimDisputed(by=by, disputed_field=disputed_field, value=value, source=source):
            dispute = ClaimDispute(
                disputed_by=fact.id, disputed_at=at, by=by, disputed_field=disputed_field, value=value, source=source
            )
            target = _unless_withdrawn(state, "DISPUTED")
            return msgspec.structs.replace(state, state=target, disputes=(*state.disputes, dispute))
        case ClaimEvaluated() as evaluated:
            evaluation = _evaluation(evaluated, fact.id, format_instant(fact.recordedtime))
            target = _unless_withdrawn(state, "EVALUATED")
            return msgspec.structs.replace(state, state=target, evaluations=(*state.evaluations, evaluation))
        case ClaimAmended() as amended:
            target = _unless_withdrawn(state, "AMENDED")
            return msgspec.structs.replace(
                state, state=target, amended_at=at, amended_by=amended.by, **_stated(amended)
            )
        case ClaimWithdrawn(by=by):
            return msgspec.structs.replace(state, state="WITHDRAWN", withdrawn_at=at, withdrawn_by=by)
        case _:
            return state


def _published(state: Claim, published: ClaimPublished, at: str) -> Claim:
    said = _stated(published)
    if state.amended_at is not None and at <= state.amended_at:
        said |= {name: before for name in STATED if (before := getattr(state, name)) is not None}
    return msgspec.structs.replace(
        state,
        state=state.state or "PUBLISHED",
        speaker_party_id=published.speaker_party_id,
        population=published.population,
        published_at=at,
        **said,
    )


def _stated(payload: Payload) -> dict[str, Any]:
    return {name: value for name in STATED if (value := getattr(payload, name)) is not None}


def _unless_withdrawn(state: Claim, target: ClaimState) -> ClaimState:
    return "WITHDRAWN" if state.state == "WITHDRAWN" else target


def _predicate(attached: ClaimPredicateAttached, event_id: str, at: str) -> ClaimPredicate:
    return ClaimPredicate(
        predicate_id=attached.predicate_id,
        attached_by=event_id,
        attached_at=at,
        reading=attached.reading,
        author=attached.author,
        applies_to=attached.applies_to,
        population=attached.population,
        size_claimed=attached.size_claimed,
        predicate=attached.predicate,
    )


def _evaluation(evaluated: ClaimEvaluated, event_id: str, at: str) -> Evaluation:
    return Evaluation(
        evaluated_by=event_id,
        evaluated_at=at,
        as_of=evaluated.as_of,
        known_at=evaluated.known_at,
        predicate_id=evaluated.predicate_id,
        verdict=evaluated.verdict,
        population_n=evaluated.population_n,
        tested_n=evaluated.tested_n,
        coverage=str(evaluated.coverage),
        counterexamples_n=evaluated.counterexamples_n,
        undetermined_n=evaluated.undetermined_n,
        counterexamples_sha256=evaluated.counterexamples_sha256,
        manifest_sha256=evaluated.manifest_sha256,
    )


def describe(state: Claim, _moment: datetime) -> dict[str, Any]:
    """Return the claim as JSON values; nothing of it changes by time alone. `verdict` is that of the last asking."""
    item: dict[str, Any] = msgspec.to_builtins(state)
    item["predicates"] = [msgspec.to_builtins(predicate) for _, predicate in sorted(state.predicates.items())]
    item["verdict"] = state.evaluations[-1].verdict if state.evaluations else None
    return item


STREAM = Stream(
    kind="claim",
    pattern=r"^claim:[!-~]+:[!-~]+$",
    events=EVENTS,
    begin=begin,
    apply=apply,
    describe=describe,
    rules={PREDICATE: only_one("a predicate of this id", "/data/predicate_id")},
)
