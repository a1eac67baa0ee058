"""R2, the statements of reasons of a period: one line for each decision, in the fields of the DSA database.

A statement that was submitted as such (`StatementSubmitted`) is given in its own words; what it imposed is not given
again. Any other decision is written as a statement. Those in whose words personal data seems to stand are refused, and
listed without them: the database takes no personal data (DSA article 24(5)).
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime

import msgspec

from ledger.domain.instants import parse_instant
from ledger.domain.listing import LISTING, Listing, ListingPublished
from ledger.domain.statement import KIND, Statement
from projections.inquiry import Known
from projections.reports.decision_cohort import decisions, flags_on
from projections.reports.report import Asked, Part, Report, Row, Sections
from projections.reports.statement_fields import COLUMNS, statement_of

PERSONAL = "POSSIBLE_PII_IN_FREE_TEXT"
SUBMITTED = f"{KIND}:"
"""What the ids of the events begin with that come of a submitted statement, restrictions among them."""
Goods = Mapping[tuple[str, str], tuple[datetime | None, str | None]]
"""When a listing was published first, and its GTIN, by log and subject."""


async def statements(asked: Asked) -> Sections:
    """Return the statements of the period, and those that are refused."""
    submitted = [one async for one in _submitted(asked)]
    own = [one for one in await decisions(asked) if not (one.restriction.imposed_by or "").startswith(SUBMITTED)]
    subjects = {*(subject for subject, *_ in submitted), *(one.subject for one in own)}
    flagged = {(log, flag.item["event"]) async for log, flag in flags_on(asked, subjects, PERSONAL)}
    taken: list[Row] = []
    refused: list[Row] = []
    for _, log, event, row in submitted:
        (refused if (log, event) in flagged else taken).append({"log": log, **row})
    goods = await _goods(asked, {one.subject for one in own})
    zones = {at.log.slug: at.log.timezone for at in asked.inquiry.asked}
    for decision in own:
        published, gtin = goods.get((decision.log, decision.subject), (None, None))
        row = {"log": decision.log, **statement_of(decision, published, gtin, zones[decision.log])}
        (refused if (decision.log, row["puid"]) in flagged else taken).append(row)
    return {
        "statements": taken,
        "refused": [{"log": row["log"], "puid": row["puid"], "because": PERSONAL} for row in refused],
    }


async def _submitted(asked: Asked) -> AsyncIterator[tuple[str, str, str, Row]]:
    """Yield stream, log, event and row of every statement that was submitted in the period."""
    async for known in asked.inquiry.streams((KIND,)):
        state = known.state()
        if not isinstance(state, Statement) or state.statement is None or state.submitted_at is None:
            continue
        if asked.period.holds(parse_instant(state.submitted_at)):
            said = msgspec.to_builtins(state.statement)
            scope = list(state.statement.territorial_scope or ())
            row = {name: said.get(name) for name in COLUMNS} | {"territorial_scope": scope}
            yield known.subject, known.log.slug, state.submitted_by or "", row


async def _goods(asked: Asked, subjects: set[str]) -> Goods:
    """Return what is known of the goods of these listings."""
    found: dict[tuple[str, str], tuple[datetime | None, str | None]] = {}
    async for known in asked.inquiry.streams(LISTING, subjects=sorted(subjects)):
        state = known.state()
        if isinstance(state, Listing):
            found[known.log.slug, known.subject] = (min(_published(known), default=None), state.gtin)
    return found


def _published(known: Known) -> Iterator[datetime]:
    return (fact.time for fact in known.happened() if isinstance(fact.payload, ListingPublished))


REPORT = Report(
    name="statements-of-reasons",
    id="R2",
    title="Statements of reasons",
    answers=(
        "Which decisions were taken in a period, each in the fields of the DSA Transparency Database; and which are"
        " kept back because personal data seems to stand in their words"
    ),
    parts=(Part(sections=("statements", "refused"), work_out=statements),),
    metrics=(),
    consults="EVERY_LOG",
)
