"""Claims held against what is known: an evaluation is answered, and recorded in the audit log (contract section 2)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct, field

from api.audit import record
from api.auth import credential_of, must_read
from api.bodies import json_response, read_body
from api.derived import inquire
from api.queries import asked_logs
from api.service import Service
from ledger.domain.catalogue import read_payload
from ledger.domain.claim_events import ClaimEvaluated, ClaimPredicateAttached
from ledger.domain.fact import Basis, Certainty, Fact, known
from ledger.domain.instants import format_instant, start_of
from ledger.domain.local_dates import DATE_LENGTH
from ledger.domain.payload import Count, DateOrInstant, Identifier, reference
from ledger.errors import Fault, NotFound, Refused, UnknownLog
from ledger.intake import LogInfo
from ledger.store import read_heads, read_streams
from projections.claim_evaluation import Evaluation, Question, evaluate_claim, question_of
from projections.inquiry import Inquiry
from projections.moment import AUDIT, TimeParameters, read_moment

NOT_EVALUABLE = "not-evaluable"


class NewEvaluation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to ask, of when. `log` is the claim's, where several have one of its id.

    With `from`, the first counterexample of all the time from then to `as_of` is looked for, too.
    """

    claim: Annotated[str, reference("claim")]
    predicate_id: Identifier
    log: Identifier | None = None
    as_of: DateOrInstant | None = None
    since: DateOrInstant | None = field(name="from", default=None)
    known_at: DateOrInstant | None = None
    tz: Annotated[str, Meta(max_length=64)] | None = None
    certainty: Certainty = "CERTAIN"
    basis: Basis = "LEDGER"
    sizes: Mapping[str, Count] = field(default_factory=dict[str, int])


@post("/v1/claims/evaluations", status_code=200, name="claims/evaluations", summary="Evaluate a claim at a moment")
async def evaluate(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Ask a claim's predicate of its population, answer what comes of it, and record it as ClaimEvaluated."""
    asked = read_body(await request.body(), NewEvaluation)
    log, facts = await _claim(request, service, asked)
    population = await _population(request, service, asked, facts)
    parameters = TimeParameters(
        as_of=asked.as_of,
        known_at=asked.known_at,
        tz=asked.tz or population.timezone,
        certainty=asked.certainty,
        basis=asked.basis,
        size=asked.sizes,
    )
    logs = {one.log_id: one for one in (population, log)}
    inquiry = await inquire(request, service, parameters, list(logs.values()))
    question = await _question(inquiry, log, population, asked)
    evaluation = await evaluate_claim(inquiry, inquiry.log_at(population.log_id), question)
    recorded = await _record(request, service, inquiry, evaluation)
    return json_response({**evaluation.describe(), "recorded": recorded, **inquiry.moment.describe()})


async def _claim(
    request: Request[Any, Any, Any], service: Service, asked: NewEvaluation
) -> tuple[LogInfo, Sequence[Fact]]:
    """Return the one log that the asker may read and that knows the claim, and all that is recorded of it there."""
    reader = service.database.pool("reader")
    logs = await asked_logs(request, reader, None if asked.log is None else [asked.log])
    found: list[tuple[LogInfo, Sequence[Fact]]] = []
    for head in await read_heads(reader, [log.slug for log in logs if log.kind != AUDIT]):
        facts = (await read_streams(reader, head.log.log_id, [asked.claim], head.size)).get(asked.claim, ())
        found += [(head.log, facts)] if facts else []
    if not found:
        raise NotFound(f"no log that this token may read knows {asked.claim}")
    if len(found) > 1:
        detail = f"is in logs {', '.join(log.slug for log, _ in found)}: say which one is meant"
        raise Refused((Fault("ambiguous-claim", "/log", detail),))
    return found[0]


async def _population(
    request: Request[Any, Any, Any], service: Service, asked: NewEvaluation, facts: Sequence[Fact]
) -> LogInfo:
    """Return the log whose members a predicate asks about, by what is known of it now. Raises Refused or Forbidden."""
    slugs = [
        fact.payload.population.log
        for fact in known(facts, read_payload)
        if isinstance(fact.payload, ClaimPredicateAttached) and fact.payload.predicate_id == asked.predicate_id
    ]
    if not slugs:
        raise _not_evaluable("/predicate_id", "the claim has no such predicate, and so no population to ask")
    try:
        log = await service.find_log(slugs[-1])
    except UnknownLog:
        raise _not_evaluable("/predicate_id", f"its population is in log {slugs[-1]}, which is not here") from None
    must_read(credential_of(request), log)
    return log


async def _question(inquiry: Inquiry, log: LogInfo, population: LogInfo, asked: NewEvaluation) -> Question:
    """Return what was asked, as it was known at the moment."""
    await inquiry.load([(log.log_id, asked.claim)])
    claim = inquiry.find(log.log_id, asked.claim)
    since = None if asked.since is None else _begin(asked.since, inquiry.moment.tz)
    question = question_of(claim, asked.predicate_id, since) if claim is not None else None
    if question is None or question.reading.population.log != population.slug:
        raise _not_evaluable("/known_at", "the claim had no such predicate of this population then")
    if since is not None and since > inquiry.moment.as_of:
        raise Refused((Fault("invalid-time", "/from", "is after as_of"),))
    return question


def _begin(text: str, tz: str | None) -> datetime:
    """Return the first instant of a date, or an instant itself."""
    instant = read_moment(text, tz, "/from")
    if len(text) == DATE_LENGTH and tz is not None:
        return start_of(date.fromisoformat(text), tz)
    return instant.astimezone(UTC)


def _not_evaluable(pointer: str, detail: str) -> Refused:
    return Refused((Fault(NOT_EVALUABLE, pointer, detail),))


async def _record(
    request: Request[Any, Any, Any], service: Service, inquiry: Inquiry, evaluation: Evaluation
) -> dict[str, Any]:
    """Record an evaluation; return where it stands. Without a known_at, what was known is what was known now."""
    answer, moment = evaluation.describe(), inquiry.moment
    names = ("predicate_id", "verdict", "population_n", "tested_n", "coverage", "counterexamples_n", "undetermined_n")
    payload = ClaimEvaluated(
        as_of=format_instant(moment.as_of),
        known_at=format_instant(moment.known_at or datetime.now(UTC)),
        counterexamples_sha256=answer["counterexamples_sha256"],
        manifest_sha256=answer["manifest_sha256"],
        **{name: answer[name] for name in names},
    )
    log, receipt = await record(service, credential_of(request), answer["claim"], payload)
    return {"log": log.slug, "id": receipt.id, "position": receipt.position, "recordedtime": receipt.recordedtime}


ROUTES = (evaluate,)
