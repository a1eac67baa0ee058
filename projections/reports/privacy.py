"""What was read of the ledger in a period and why, and what became of data subjects' requests (R10; Q47, Q48)."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from msgspec import Struct

from ledger.domain.audit import Subject, erasure_status, is_held
from ledger.domain.audit_events import AUDIT, SUBJECT, ExportProduced, RecordsAccessed, ReplayExecuted
from ledger.domain.fact import Fact
from ledger.domain.instants import parse_instant
from projections.inquiry import Known
from projections.reports.report import Asked, Part, Sections


class Access(Struct, frozen=True, order=True):
    """By what accesses are added up."""

    log: str
    type: str
    purpose: str


async def privacy(asked: Asked) -> Sections:
    """Return the accesses by purpose, and data subjects by what became of their requests, with the holds."""
    counts: dict[Access, Counter[str]] = defaultdict(Counter)
    subjects: Counter[tuple[str, str, bool]] = Counter()
    executed: Counter[tuple[str, str]] = Counter()
    async for known in asked.inquiry.streams((*AUDIT, *SUBJECT)):
        for fact in known.happened():
            _count(known, fact, asked, counts)
        state = known.state()
        if isinstance(state, Subject):
            as_of = asked.inquiry.moment.as_of
            subjects[known.log.slug, erasure_status(state, as_of) or "NOT_ASKED", is_held(state, as_of)] += 1
            executed.update((known.log.slug, basis) for basis in _executed(state, asked))
    return {
        "access": [
            {"log": one.log, "type": one.type, "purpose": one.purpose or None, **_totals(count)}
            for one, count in sorted(counts.items())
        ],
        "data_subjects": [
            {"log": log, "status": status, "held": held, "subjects": count}
            for (log, status, held), count in sorted(subjects.items())
        ],
        "erasures": [
            {"log": log, "basis": basis or None, "erasures": count} for (log, basis), count in sorted(executed.items())
        ],
    }


def _count(known: Known, fact: Fact, asked: Asked, counts: dict[Access, Counter[str]]) -> None:
    """Count what was read, replayed or taken away, if it was in the period by the ledger's clock."""
    payload = fact.payload
    if not isinstance(payload, RecordsAccessed | ReplayExecuted | ExportProduced):
        return
    if asked.period.holds(fact.recordedtime):
        purpose = payload.purpose if isinstance(payload, RecordsAccessed) else None
        count = counts[Access(known.log.slug, fact.type, purpose or "")]
        count["times"] += 1
        if isinstance(payload, RecordsAccessed):
            count["rows"] += payload.rows or 0
            count["pii_unmasked"] += payload.pii_unmasked or 0


def _totals(count: Counter[str]) -> dict[str, int]:
    return {name: count[name] for name in ("times", "rows", "pii_unmasked")}


def _executed(state: Subject, asked: Asked) -> Iterator[str]:
    for one in state.erasures:
        if asked.period.holds(parse_instant(one.executed_at)):
            yield one.basis or ""


PART = Part(sections=("access", "data_subjects", "erasures"), work_out=privacy)
