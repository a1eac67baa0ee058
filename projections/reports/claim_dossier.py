"""R8, the dossier of claims: what was said, by whom it is disputed, and what comes of each reading (Q6 to Q8).

The verdicts are worked out at the question's moment; those that were recorded when somebody asked stand beside them.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec

from ledger.domain.claim import Claim
from ledger.domain.instants import LATEST
from projections.claim_evaluation import evaluate_claim, question_of
from projections.inquiry import Known
from projections.moment import LogAt
from projections.reports.report import Asked, Part, Report, Row, Sections

CLAIM = ("claim",)
SAID = (
    "statement",
    "lang",
    "metric",
    "value",
    "unit",
    "reference_time",
    "speaker_party_id",
    "attribution",
    "venue",
    "state",
    "published_at",
    "amended_at",
    "withdrawn_at",
)
VERDICT = (
    "verdict",
    "population_n",
    "tested_n",
    "coverage",
    "counterexamples_n",
    "undetermined_n",
    "counterexamples_sha256",
    "manifest_sha256",
)
FILTERS = {"claim": "this claim alone, e.g. claim:tiktok-shop-id:local-sellers"}


async def dossier(asked: Asked) -> Sections:
    """Return claims, their disputes, readings with verdicts, counterexamples and recorded evaluations."""
    sections: dict[str, list[Row]] = {
        name: [] for name in ("claims", "disputes", "readings", "counterexamples", "evaluations")
    }
    async for known in asked.inquiry.streams(CLAIM, subjects=asked.given.get("claim")):
        state = known.state()
        place = {"log": known.log.slug, "claim": known.subject}
        if isinstance(state, Claim):
            if state.published_at is not None:
                sections["claims"].append({**place, **_said(state)})
            sections["disputes"] += [{**place, **msgspec.to_builtins(one)} for one in state.disputes]
            sections["evaluations"] += [{**place, **msgspec.to_builtins(one)} for one in state.evaluations]
        async for reading, evaluated in _readings(asked, known):
            sections["readings"].append({**place, **reading})
            named = {**place, "predicate_id": reading["predicate_id"]}
            sections["counterexamples"] += [{**named, **one} for one in _contradicting(evaluated)]
    return sections


def _said(state: Claim) -> Row:
    item: dict[str, Any] = msgspec.to_builtins(state)
    size = None if state.population is None else state.population.size_claimed
    return {**{name: item.get(name) for name in SAID}, "size_claimed": size, "disputes": len(state.disputes)}


async def _readings(asked: Asked, known: Known) -> AsyncIterator[tuple[Row, Row]]:
    """Yield each reading with its verdict, and the whole evaluation; without one where its population may not be read.

    A claim is no fact of the day asked about: every reading counts that is known (see projections/claim_evaluation.py).
    """
    state = known.state(LATEST)
    for name, reading in sorted(state.predicates.items()) if isinstance(state, Claim) else ():
        at = _log_named(asked, reading.population.log)
        question = question_of(known, name)
        row: Row = {
            "predicate_id": name,
            "reading": reading.reading,
            "author": reading.author,
            "applies_to": reading.applies_to,
            "population_log": reading.population.log,
            "size_claimed": None if question is None else question.size_claimed,
        }
        if question is None or at is None:
            yield {**row, **dict.fromkeys(VERDICT)}, {}
        else:
            evaluated = (await evaluate_claim(asked.inquiry, at, question)).describe()
            yield {**row, **{member: evaluated[member] for member in VERDICT}}, evaluated


def _log_named(asked: Asked, slug: str) -> LogAt | None:
    return next((at for at in asked.inquiry.moment.logs if at.log.slug == slug), None)


def _contradicting(evaluated: Row) -> Iterator[Row]:
    """Yield the members that contradict a claim, and those of which too little is known to tell."""
    for subject in evaluated.get("counterexamples", ()):
        yield {"subject": subject, "truth": "FALSE", "missing": []}
    for one in evaluated.get("undetermined", ()):
        yield {"subject": one["subject"], "truth": "UNDETERMINED", "missing": one.get("missing", [])}


REPORT = Report(
    name="claim-dossier",
    id="R8",
    title="Dossier of claims",
    answers=(
        "What was claimed in public, who disputes it, how it is read, of how much of the claimed population the ledger"
        " knows, and whether each reading is confirmed, falsified, not falsified or cannot be told, with the members"
        " that contradict it"
    ),
    parts=(Part(sections=("claims", "disputes", "readings", "counterexamples", "evaluations"), work_out=dossier),),
    metrics=("coverage",),
    parameters=FILTERS,
    consults="EVERY_LOG",
)
