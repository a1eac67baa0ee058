"""SANCTION_NOT_APPLIED and LADDER_SKIPPED: schemes of sanctions that are not followed (domain.md 5, 6.7, 7.3).

Points have thresholds, which the scheme's policy defines (a rule THEN=THRESHOLD, `params.thresholds`); three serious
strikes are a ban; an authority's sanctions go up their ladder one step at a time.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.json_values import is_array, is_object
from ledger.domain.order import step_number
from ledger.domain.order_events import SanctionImposed, SanctionLifted
from ledger.domain.policy import Policy, rules_in_force
from ledger.domain.predicate import Truth, all_true
from ledger.domain.restriction import RestrictionPayload
from ledger.domain.seller_events import (
    SellerBanned,
    SellerPointsAssessed,
    SellerPointsCleared,
    SellerStrikeRecorded,
    SellerStrikeRescinded,
)
from projections.flags.history import History, further_than, later, span_of
from projections.flags.rule import Check, Finding, Needs, Surroundings, raised
from projections.notifiers.thresholds import THRESHOLD

SELLER = frozenset({"seller"})
APPLIED_WITHIN = timedelta(days=3)
"""How soon a sanction follows what calls for it (domain.md 7.3, P3D)."""
USUAL_THRESHOLDS = (12, 24, 36, 48)
"""Thresholds of points that the known schemes share (domain.md 5); what rests on them alone is undetermined."""
STRIKES_TO_BAN = 3
"""Serious strikes after which a seller is banned (domain.md 5)."""


class Due(Struct, frozen=True, kw_only=True):
    """That an event calls for a sanction, certainly or perhaps, and why."""

    fact: Fact
    reason: str
    truth: Truth
    ban: bool = False


def need_schemes(history: History) -> Needs:
    """Need the policies whose points were given."""
    schemes = (given.scheme_policy_id for _, given in history.of(SellerPointsAssessed))
    return Needs(references=frozenset(scheme for scheme in schemes if scheme is not None))


def find_unsanctioned(history: History, around: Surroundings) -> Iterator[Finding]:
    """Find thresholds of points, and third strikes, that no sanction followed in time. A late one makes it good."""
    for due in (*_points_due(history, around), *_strikes_due(history)):
        sanctions = history.of(SellerBanned) if due.ban else history.of(RestrictionPayload)
        begin = span_of(due.fact)
        after = [fact for fact, _ in sanctions if later(begin, span_of(fact)) != "TRUE"]
        over: Truth = further_than((history.as_of, history.as_of), APPLIED_WITHIN, begin)
        missed: list[Truth] = [further_than(span_of(fact), APPLIED_WITHIN, begin) for fact in after]
        truth = all_true((due.truth, over, *missed))
        for finding in raised(truth, due.fact, due.reason):
            yield Finding(
                fact=finding.fact,
                detail=finding.detail,
                determined=finding.determined,
                cured_by=after[0].id if after else None,
            )


def _points_due(history: History, around: Surroundings) -> Iterator[Due]:
    points = 0
    for fact, payload in _in_order(history, SellerPointsAssessed, SellerPointsCleared):
        before = points
        if isinstance(payload, SellerPointsCleared):
            points = max(0, points - (payload.points or 0))
        elif isinstance(payload, SellerPointsAssessed):
            points += payload.points or 0
            said = _thresholds(around, payload.scheme_policy_id, history.span(fact)[1])
            crossed = [one for one in said or USUAL_THRESHOLDS if before < one <= points]
            if crossed:
                reason = f"The points passed {crossed[-1]}, and no sanction followed within 3 days."
                yield Due(fact=fact, reason=reason, truth="TRUE" if said else "UNDETERMINED")


def _thresholds(around: Surroundings, scheme: str | None, moment: datetime) -> list[int]:
    """Return the thresholds of points that a scheme's policy defines then; none where it does not say."""
    policy = around.resolved(scheme)
    state = policy.state(moment) if policy is not None else None
    if not isinstance(state, Policy):
        return []
    rules = [rule for rule in rules_in_force(state, moment) if rule.then == THRESHOLD]
    return sorted({one for rule in rules for one in _numbers((rule.params or {}).get("thresholds"))})


def _numbers(value: Any) -> Iterator[int]:  # noqa: ANN401 - decoded JSON
    """Yield the points of a list of numbers, or of objects with `points`, or of an object by points."""
    for one in value if is_array(value) else list(value) if is_object(value) else ():
        number = one.get("points") if is_object(one) else one
        if isinstance(number, int) or (isinstance(number, str) and number.isdecimal()):
            yield int(number)


def _strikes_due(history: History) -> Iterator[Due]:
    standing: dict[int, str | None] = {}
    for fact, payload in _in_order(history, SellerStrikeRecorded, SellerStrikeRescinded):
        if isinstance(payload, SellerStrikeRescinded):
            standing.pop(payload.strike_no, None)
        elif isinstance(payload, SellerStrikeRecorded):
            before = _counted(standing)
            standing[payload.strike_no] = payload.severity
            serious, possible = _counted(standing)
            if before[0] < STRIKES_TO_BAN <= serious or before[1] < STRIKES_TO_BAN <= possible:
                truth: Truth = "TRUE" if serious >= STRIKES_TO_BAN else "UNDETERMINED"
                reason = f"The strikes came to {possible}, and no ban followed within 3 days."
                yield Due(fact=fact, reason=reason, truth=truth, ban=True)


def _counted(strikes: Mapping[int, str | None]) -> tuple[int, int]:
    """Return how many strikes are serious, and how many may be: a general one does not count."""
    severities = list(strikes.values())
    return severities.count("SERIOUS"), len(severities) - severities.count("GENERAL")


def _in_order(history: History, *shapes: type[Any]) -> Iterator[tuple[Fact, object]]:
    return ((fact, fact.payload) for fact in history.facts if isinstance(fact.payload, shapes))


def find_skipped(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find sanctions more than one step above the highest one in force on their ladder."""
    standing: dict[str | None, dict[str | int, int]] = {}
    for fact, payload in _in_order(history, SanctionImposed, SanctionLifted):
        if isinstance(payload, SanctionLifted):
            for ladder, steps in standing.items():
                if payload.ladder in (None, ladder):
                    for step in list(steps) if payload.step is None else [payload.step]:
                        steps.pop(step, None)
        elif isinstance(payload, SanctionImposed):
            number = step_number(payload.ladder, payload.step)
            if number is None:
                continue
            steps = standing.setdefault(payload.ladder, {})
            highest = max(steps.values(), default=0)
            steps[payload.step] = number
            if number > highest + 1:
                yield Finding(
                    fact=fact, detail=f"The sanction is step {number}; step {highest} was the last before it."
                )


def find_general_strikes(history: History, _around: Surroundings) -> Iterator[Finding]:
    """Find bans that count more strikes than there are serious ones."""
    for fact, banned in history.of(SellerBanned):
        strikes = [one for one in history.of(SellerStrikeRecorded) if one[0].time <= fact.latest]
        serious = sum(strike.severity != "GENERAL" for _, strike in strikes)
        if strikes and (banned.strikes_counted or 0) > serious:
            detail = f"The ban counts {banned.strikes_counted} strikes; {serious} of those known are serious."
            related = tuple(one.id for one, _ in strikes)
            yield Finding(fact=fact, detail=detail, related=related)


SANCTION_NOT_APPLIED = Check(find=find_unsanctioned, kinds=SELLER, needs=need_schemes)
LADDER_SKIPPED = Check(find=find_skipped, kinds=frozenset({"order"}))
GENERAL_STRIKES_COUNTED = Check(find=find_general_strikes, kinds=SELLER)
