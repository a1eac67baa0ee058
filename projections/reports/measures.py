"""Measures of a period: what was imposed, on what ground, by whom or what, and what came of it (R1; Q15, Q20, Q42)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from projections.metrics.decisions import Decision, error_rate, lag_of_reasons, reversal_rate, zero_sale_rate
from projections.reports.decision_cohort import decisions, flags_on
from projections.reports.groups import Said, groups
from projections.reports.report import Asked, Part, Row, Sections

OWN_INITIATIVE = frozenset({"SOURCE_VOLUNTARY", "X_SOURCE_RESTOCK_MATCH"})
"""Sources of a decision that nobody asked for (domain.md 5)."""
UNWARNED, UNTOLD, TOLD_LATE = "NO_PRIOR_WARNING", "NO_REASONS", "LATE_REASONS"

ATTRIBUTES: Mapping[str, Callable[[Decision], Said]] = {
    "log": lambda one: one.log,
    "kind": lambda one: one.restriction.kind,
    "decision_visibility": lambda one: one.restriction.decision_visibility,
    "decision_account": lambda one: one.restriction.decision_account,
    "ground": lambda one: one.restriction.decision_ground,
    "category": lambda one: one.restriction.category,
    "source_type": lambda one: one.restriction.source_type,
    "automated_decision": lambda one: one.payload.automated_decision,
    "automated_detection": lambda one: one.payload.automated_detection,
    "instrument": lambda one: one.restriction.instruments,
    "notifier": lambda one: one.notifier,
}
OWN_ATTRIBUTES: Mapping[str, Callable[[Decision], Said]] = {
    name: ATTRIBUTES[name] for name in ("log", "automated_detection", "category")
}
KINDS: Mapping[str, Callable[[Decision], Said]] = {name: ATTRIBUTES[name] for name in ("log", "kind")}


async def measures(asked: Asked) -> Sections:
    """Return all measures, those of the platforms' own accord, and how their addressees were told why."""
    cohort = await decisions(asked)
    flagged = await _flagged(asked, cohort)
    own = [one for one in cohort if one.restriction.source_type in OWN_INITIATIVE]
    return {
        "measures": [_measures(one.by, one.value, one.members) for one in groups(cohort, ATTRIBUTES)],
        "own_initiative": [
            {
                "by": one.by,
                "value": one.value,
                "removals": len(one.members),
                "zero_sale_rate": zero_sale_rate(one.members).describe(),
            }
            for one in groups(own, OWN_ATTRIBUTES)
        ],
        "reasons": [_reasons(one.by, one.value, one.members, flagged) for one in groups(cohort, KINDS)],
    }


def _measures(by: str, value: str, members: Sequence[Decision]) -> Row:
    grounds = Counter(one.restriction.end_ground or "UNKNOWN" for one in members if one.is_reversed)
    return {
        "by": by,
        "value": value,
        "decisions": len(members),
        "reversal_rate": reversal_rate(members).describe(),
        "reversal_grounds": dict(sorted(grounds.items())),
        "error_rate": error_rate(members).describe(),
    }


async def _flagged(asked: Asked, cohort: Sequence[Decision]) -> dict[str, set[tuple[str, str]]]:
    """Return the (log, imposing event) of decisions without a warning, without reasons, or with late ones, by flag."""
    found: dict[str, set[tuple[str, str]]] = {flag: set() for flag in (UNWARNED, UNTOLD, TOLD_LATE)}
    async for log, flag in flags_on(asked, {one.subject for one in cohort}, *found):
        name = flag.item["flag"]
        found[name].add((log, flag.item["related"][0] if name == TOLD_LATE else flag.item["event"]))
    return found


def _reasons(by: str, value: str, members: Sequence[Decision], flagged: Mapping[str, set[tuple[str, str]]]) -> Row:
    events = {(one.log, one.restriction.imposed_by or "") for one in members}
    return {
        "by": by,
        "value": value,
        "decisions": len(members),
        "without_warning": len(events & flagged[UNWARNED]),
        "without_reasons": len(events & flagged[UNTOLD]),
        "late_reasons": len(events & flagged[TOLD_LATE]),
        "lag_of_reasons": lag_of_reasons(members).describe("hours"),
    }


PART = Part(sections=("measures", "own_initiative", "reasons"), work_out=measures)
