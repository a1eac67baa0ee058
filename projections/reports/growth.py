"""How many members and brands a body had, month by month, certainly and possibly; and who joined (R9; Q31)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct

from ledger.domain.fact import Certainty
from ledger.domain.instants import format_instant, start_of, zone
from ledger.domain.membership import Membership
from ledger.domain.membership_events import MEMBERSHIP
from projections.inquiry import Known
from projections.members.course import course_of
from projections.reports.report import Asked, Part, Row, Sections

ACTIVE, UNKNOWN = "ACTIVE", "UNKNOWN"
DECEMBER = 12
CERTAINTIES: tuple[Certainty, Certainty] = ("CERTAIN", "POSSIBLE")
FILTERS = {"body": "this body alone, e.g. body:aaca"}
Held = tuple[bool, frozenset[str]]
"""Whether somebody is a member, and with which brands."""

Step = tuple[datetime, Held]
"""What held from an instant on."""


class Course(Struct, frozen=True, kw_only=True):
    """A membership: of which body, and what held from each instant on, by certainty."""

    body: str
    state: Membership | None
    steps: Mapping[Certainty, Sequence[Step]]

    def held(self, certainty: Certainty, before: datetime) -> Held:
        """Return what held just before an instant."""
        held: Held = (False, frozenset())
        for instant, value in self.steps[certainty]:
            if instant >= before:
                break
            held = value
        return held


async def growth(asked: Asked) -> Sections:
    """Return members and brands at the end of each month in which they changed, and joiners by industry."""
    courses: dict[tuple[str, str], list[Course]] = {}
    async for known in asked.inquiry.streams(MEMBERSHIP):
        course = _course(known)
        if asked.wants("body", course.body):
            courses.setdefault((known.log.slug, course.body), []).append(course)
    zones = {at.log.slug: at.log.timezone for at in asked.inquiry.asked}
    named = [({"log": log, "body": body}, members, zones[log]) for (log, body), members in sorted(courses.items())]
    return {
        "growth": [{**name, **row} for name, members, place in named for row in _curve(members, place, asked)],
        "joiners": [{**name, **row} for name, members, _ in named for row in _joiners(members, asked)],
    }


def _course(known: Known) -> Course:
    states: dict[Certainty, list[tuple[datetime, Membership]]] = {
        certainty: list(_states(known, certainty)) for certainty in CERTAINTIES
    }
    steps: Mapping[Certainty, Sequence[Step]] = {
        certainty: [_step(instant, state) for instant, state in found] for certainty, found in states.items()
    }
    certain = states[known.moment.certainty]
    state = certain[-1][1] if certain else None
    last = state or next((found[-1][1] for found in states.values() if found), None)
    body = UNKNOWN if last is None else last.body_id or f"body:{last.body}"
    return Course(body=body, state=state, steps=steps)


def _step(instant: datetime, state: Membership) -> Step:
    return instant, (state.status == ACTIVE, frozenset(state.brands))


def _states(known: Known, certainty: Certainty) -> Iterator[tuple[datetime, Membership]]:
    """Yield what a membership was, from each instant on, up to the question's moment."""
    moment = msgspec.structs.replace(known.moment, certainty=certainty)
    for instant, state in course_of(msgspec.structs.replace(known, moment=moment)).steps:
        if isinstance(state, Membership):
            yield instant, state


def _curve(members: Sequence[Course], place: str, asked: Asked) -> Iterator[Row]:
    for end in _month_ends(members, place, asked):
        last = min(end, asked.inquiry.moment.as_of)
        held = {certainty: [one.held(certainty, end) for one in members] for certainty in CERTAINTIES}
        row: Row = {"month": _month(end, place), "until": format_instant(last)}
        for certainty, all_held in held.items():
            active = [brands for is_member, brands in all_held if is_member]
            row[f"members_{certainty.lower()}"] = len(active)
            row[f"brands_{certainty.lower()}"] = len(frozenset[str]().union(*active))
        yield row


def _month_ends(members: Iterable[Course], place: str, asked: Asked) -> list[datetime]:
    """Return the first instants after each local month of the period in which anything changed."""
    return sorted(
        {
            _after_month(instant, place)
            for one in members
            for steps in one.steps.values()
            for instant, _ in steps
            if asked.period.holds(instant)
        }
    )


def _after_month(instant: datetime, place: str) -> datetime:
    day = instant.astimezone(zone(place)).date()
    after = date(day.year + 1, 1, 1) if day.month == DECEMBER else date(day.year, day.month + 1, 1)
    return start_of(after, place)


def _month(end: datetime, place: str) -> str:
    """Return the local month, YYYY-MM, that ends before an instant."""
    first = end.astimezone(zone(place)).date()
    year, month = (first.year - 1, DECEMBER) if first.month == 1 else (first.year, first.month - 1)
    return f"{year:04}-{month:02}"


def _joiners(members: Iterable[Course], asked: Asked) -> Iterator[Row]:
    """Yield how many joined in the period, by industry; who is of several counts in each."""
    found: Counter[str] = Counter()
    for one in members:
        joined = next((at for at, (is_member, _) in one.steps[asked.inquiry.moment.certainty] if is_member), None)
        if joined is not None and asked.period.holds(joined):
            found["ALL"] += 1
            found.update((one.state.industries if one.state is not None else None) or (UNKNOWN,))
    for industry, count in sorted(found.items()):
        yield {"industry": industry, "joined": count}


PART = Part(sections=("growth", "joiners"), work_out=growth)
