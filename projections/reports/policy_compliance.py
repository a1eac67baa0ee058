"""R6, policy compliance: rules, breaches in listing-days, blocks, evasion, reviews, sellers (domain.md 13.1)."""

from collections import Counter
from collections.abc import Iterator

from ledger.domain.bounds import has_come
from ledger.domain.instants import parse_instant
from ledger.domain.local_dates import passed_from
from ledger.domain.policy import Policy
from projections.derived import Narrowing, select
from projections.flag_list import DERIVATION as FLAGS
from projections.inquiry import Known
from projections.metrics.decisions import Decision, reversal_rate
from projections.reports.decision_cohort import decisions
from projections.reports.exposure import FILTERS
from projections.reports.exposure import PART as EXPOSURE
from projections.reports.report import Asked, Part, Report, Row, Sections
from projections.reports.sellers import PART as SELLERS

EVASION = "EVASION_SIGNAL"
OUT_OF_FORCE = "BASIS_NOT_IN_FORCE"


async def blocks(asked: Asked) -> Sections:
    """Return the restrictions of the period that cite an instrument or a rule, by what they cite."""
    cited: dict[tuple[str, str, str], list[Decision]] = {}
    for decision in await decisions(asked):
        rule = decision.restriction.policy_rule_id
        for instrument in decision.restriction.instruments or (() if rule is None else ("",)):
            cited.setdefault((decision.log, instrument, rule or ""), []).append(decision)
    return {
        "blocks": [
            {
                "log": log,
                "instrument": instrument or None,
                "policy_rule_id": rule or None,
                "restrictions": len(members),
                "reversal_rate": reversal_rate(members).describe(),
            }
            for (log, instrument, rule), members in sorted(cited.items())
        ]
    }


async def signals(asked: Asked) -> Sections:
    """Return how many events of the period look like evasion, or cite what was not in force, and are not made good."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    async for flag in select(FLAGS, asked.inquiry, Narrowing(filters={"flag": (EVASION, OUT_OF_FORCE)})):
        if asked.period.holds(parse_instant(flag.item["at"])):
            slug = asked.inquiry.log_at(flag.log_id).log.slug
            found[slug, flag.item["flag"], flag.item["rule"], flag.item["status"]] += 1
    names = ("log", "flag", "rule", "status")
    return {"signals": [{**dict(zip(names, one, strict=True)), "events": n} for one, n in sorted(found.items())]}


async def reviews(asked: Asked) -> Sections:
    """Return the policies' reviews of the period, and whether the next one is overdue at the question's moment."""
    return {
        "reviews": [
            row for known in await asked.inquiry.all_of("policy") for row in _reviews(known, asked) if known.facts
        ]
    }


def _reviews(known: Known, asked: Asked) -> Iterator[Row]:
    state = known.state()
    if not isinstance(state, Policy) or not state.reviews:
        return
    held = [one for one in state.reviews if asked.period.holds(parse_instant(one.reviewed_at))]
    due = state.reviews[-1].next_review_due
    over = passed_from(due, known.log.timezone)
    yield {
        "log": known.log.slug,
        "policy": known.subject,
        "reviews": len(held),
        "outcomes": dict(sorted(Counter(one.outcome for one in held).items())),
        "next_review_due": due,
        "overdue": has_come(over, asked.inquiry.moment.as_of),
    }


REPORT = Report(
    name="policy-compliance",
    id="R6",
    title="Policy compliance",
    answers=(
        "Which rules were in force in a period, on how many listing-days each was broken in which cluster or could not"
        " be told, what was blocked on their ground, which events look like evasion, which policies were reviewed, how"
        " sellers were verified, and whom programmes brought and kept"
    ),
    parts=(
        EXPOSURE,
        Part(sections=("blocks",), work_out=blocks),
        Part(sections=("signals",), work_out=signals),
        Part(sections=("reviews",), work_out=reviews),
        SELLERS,
    ),
    metrics=("breach_listing_days", "retention_90_days", "reversal_rate"),
    parameters=FILTERS,
    consults="EVERY_LOG",
)
