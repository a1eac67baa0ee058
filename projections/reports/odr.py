"""R7, disputes online and across borders: corridors, stages, compliance, referrals, agreements (domain.md 13.1)."""

from collections import Counter

from ledger.domain.agreement import Agreement, status
from ledger.domain.dispute_events import DISPUTE
from ledger.domain.instants import parse_instant
from projections.derived import Narrowing, select
from projections.referral_list import DERIVATION as REFERRALS
from projections.reports.corridors import FILTERS
from projections.reports.corridors import PART as CORRIDORS
from projections.reports.deadline_tallies import deadlines
from projections.reports.report import Asked, Part, Report, Sections

IN_FORCE = "IN_FORCE"


async def dispute_deadlines(asked: Asked) -> Sections:
    """Return the deadlines of disputes, by rule and forum."""
    return await deadlines(asked, DISPUTE)


async def referrals(asked: Asked) -> Sections:
    """Return the referrals of the period, by whether an agreement was in force to refer under."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    async for item in select(REFERRALS, asked.inquiry, Narrowing()):
        said = item.item
        if said.get("referred_at") is not None and asked.period.holds(parse_instant(said["referred_at"])):
            names = (said["to"] or "", said["agreement"] or "", said["agreement_basis"], said["state"])
            found[names] += 1
    return {
        "referrals": [
            {"to": to or None, "agreement": agreement or None, "agreement_basis": basis, "state": state, "n": count}
            for (to, agreement, basis, state), count in sorted(found.items())
        ]
    }


async def agreements(asked: Asked) -> Sections:
    """Return the agreements that are in force at the question's moment, of the asked logs and of the registers."""
    as_of = asked.inquiry.moment.as_of
    states = [(known.log.slug, known.state()) for known in await asked.inquiry.all_of("agreement")]
    return {
        "agreements": [
            {"log": slug, "subject": state.id, "parties": list(state.parties or ()), "scope": list(state.scope or ())}
            for slug, state in states
            if isinstance(state, Agreement) and status(state, as_of) == IN_FORCE
        ]
    }


REPORT = Report(
    name="odr",
    id="R7",
    title="Dispute resolution across borders",
    answers=(
        "How many disputes were filed, settled and decided between which countries, how many days each stage took,"
        " what was claimed and recovered, whether outcomes were complied with in time, which referrals had no agreement"
        " in force, and what part machines had"
    ),
    parts=(
        CORRIDORS,
        Part(sections=("deadlines",), work_out=dispute_deadlines),
        Part(sections=("referrals",), work_out=referrals),
        Part(sections=("agreements",), work_out=agreements),
    ),
    metrics=("currency_sums", "human_review_rate", "settlement_rate", "stage_days", "time_to_decision"),
    parameters=FILTERS,
)
