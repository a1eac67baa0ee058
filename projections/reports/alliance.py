"""R9, alliances and committees: members, brands, meetings against their cadence, recommendations (domain.md 13.1)."""

from collections import Counter
from collections.abc import Iterator

from ledger.domain.body import YEAR_LENGTH, Body, Meeting
from ledger.domain.body_events import BODY
from ledger.domain.bounds import has_come
from ledger.domain.instants import parse_instant
from ledger.domain.local_dates import passed_from
from projections.inquiry import Known
from projections.reports.growth import FILTERS
from projections.reports.growth import PART as GROWTH
from projections.reports.report import Asked, Part, Report, Row, Sections


async def bodies(asked: Asked) -> Sections:
    """Return what bodies are at the question's moment, and their meetings and recommendations of the period."""
    sections: dict[str, list[Row]] = {"bodies": [], "meetings": [], "recommendations": []}
    async for known in asked.inquiry.streams(BODY):
        state = known.state()
        if isinstance(state, Body) and asked.wants("body", known.subject):
            place = {"log": known.log.slug, "body": known.subject}
            sections["bodies"].append({**place, **_body(state)})
            sections["meetings"] += [{**place, **row} for row in _meetings(state, asked)]
            sections["recommendations"] += [{**place, **row} for row in _recommendations(known, state, asked)]
    return sections


def _body(state: Body) -> Row:
    return {
        "state": state.state,
        "kind": state.kind,
        "parent_body_id": state.parent_body_id,
        "announced_at": state.announced_at,
        "established_at": state.established_at,
        "dissolved_at": state.dissolved_at,
        "cadence_per_year": None if state.mandate is None else state.mandate.per_year,
    }


def _meetings(state: Body, asked: Asked) -> Iterator[Row]:
    """Yield a line for each local year of the period in which a body met, with what its mandate asks for."""
    held = [one for one in state.meetings if asked.period.holds(parse_instant(one.held_at))]
    cadence = None if state.mandate is None else state.mandate.per_year
    for year, count in sorted(Counter(one.date[:YEAR_LENGTH] for one in held).items()):
        meetings = [one for one in held if one.date[:YEAR_LENGTH] == year]
        yield {
            "year": year,
            "meetings": count,
            "cadence_per_year": cadence,
            "short_of_cadence": None if cadence is None else max(cadence - count, 0),
            "attendees": sum(one.attendee_count or 0 for one in meetings),
            "countries": _all_of(meetings, "attendee_countries"),
            "industries": _all_of(meetings, "industries"),
            "dates": sorted(one.date for one in meetings),
        }


def _all_of(meetings: list[Meeting], name: str) -> list[str]:
    return sorted({value for one in meetings for value in getattr(one, name) or ()})


def _recommendations(known: Known, state: Body, asked: Asked) -> Iterator[Row]:
    """Yield what was recommended in the period, and whether the day by which it was to be followed has passed."""
    for one in state.recommendations:
        if asked.period.holds(parse_instant(one.adopted_at)):
            over = passed_from(one.due, known.log.timezone)
            yield {
                "ref": one.ref,
                "addressee": one.addressee,
                "adopted_at": one.adopted_at,
                "due": one.due,
                "due_has_passed": has_come(over, asked.inquiry.moment.as_of),
            }


REPORT = Report(
    name="alliance",
    id="R9",
    title="Alliances and committees",
    answers=(
        "How many members and brands a body had at the end of each month, certainly and possibly, who joined of which"
        " industry, whether it met as often as its mandate asks, and what it recommended"
    ),
    parts=(GROWTH, Part(sections=("bodies", "meetings", "recommendations"), work_out=bodies)),
    metrics=(),
    parameters=FILTERS,
)
