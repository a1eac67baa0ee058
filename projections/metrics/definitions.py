"""The definitions of the metrics, in words (domain.md 13.2): a report carries those of the figures that it shows."""

from collections.abc import Iterable, Mapping

DEFINITIONS: Mapping[str, str] = {
    "appeal_overturn_rate": (
        "appeals decided OVERTURNED or PARTIAL / appeals decided; of the appeals filed in the period"
    ),
    "breach_listing_days": (
        "local days, in the zone of the log, on which a listing was VIOLATING, clipped to the period; a part of a day"
        " is one, and no day of a listing counts twice; UNDETERMINED days are counted apart"
    ),
    "censoring": (
        "what has no result yet is in no median and no numerator: n_open counts it, open_ages are how old it is at"
        " as_of, the oldest first, at most 100; `censored` of a rate counts what is in neither number"
    ),
    "coverage": (
        "members of the claimed population that are here / the claimed population; without a claimed size, of those"
        " that are here; rounded down"
    ),
    "currency_sums": "minor units (ISO 4217) by currency; amounts of several currencies are never added or converted",
    "error_rate": "decisions reversed on ground PLATFORM_ERROR / decisions of the period",
    "human_review_rate": "outcomes with assistance, all of whose uses a human reviewed / outcomes with assistance",
    "lag_of_reasons": (
        "sent_at of the first statement of reasons - beginning of the restriction; below zero when it was sent before"
    ),
    "lateness": "recordedtime - time of the events of classes T1 and T3, of those that took effect in the period",
    "median": "the middle value; of an even number the mean of the two middle ones",
    "percentile": "nearest rank: of n values in order the one at ceil(p * n); of n < 10 the values stand beside it",
    "period": (
        "from `from` to `to`, dates being whole local days; what belongs to it is said by each rate's `clock`, and"
        " what came of it is told as of as_of, as known at known_at"
    ),
    "recidivism": (
        "parties with a new upheld infringement within 365 days of a sanction / sanctioned parties, at as_of; a party"
        " is a cluster linked with a confidence of 0.8 or more"
    ),
    "re_entry_rate": "parties with a new account within 90 days of a ban of another / banned or sanctioned parties",
    "retention_90_days": "onboarded sellers that were ACTIVE 90 days later / onboarded sellers whose 90 days are over",
    "reversal_rate": (
        "restrictions of the period that were ended by an event, on any ground / restrictions imposed in the period;"
        " what was voided is in neither number, and running out at its own end is no reversal"
    ),
    "settlement_rate": "outcomes SETTLED / outcomes in force; of the disputes filed in the period",
    "share_within_24_hours": (
        "items decided within 24 hours of their notice, pauses not counted / items due in the period; open items that"
        " are not due yet are left out, older ones are failures, rejected and withdrawn ones are in neither number"
    ),
    "stage_days": "time from entering a stage of a dispute to entering the next one that was entered",
    "takedown_success_rate": "items actioned / items decided; of the notices received in the period",
    "time_to_action": (
        "decision (TakedownActioned or TakedownDeclined) - receipt of the notice, without the spans in which it was"
        " with its notifier to be completed; `unpaused` with them; of the notices received in the period"
    ),
    "time_to_decision": "decision - filing; of the appeals, or disputes, filed in the period",
    "time_to_effect": "first effect given in FULL - receipt of the order; of the orders received in the period",
    "upheld_counter_rate": (
        "items reversed because a counter-notice was upheld, or nobody went to law against it / items actioned;"
        " `_of_submitted`: / items submitted"
    ),
    "zero_sale_rate": (
        "removals of the platform's own accord before the first sale / such removals whose sales are known"
    ),
}
"""Definitions by metric. `period`, `median`, `percentile` and `censoring` hold for every report."""
ALWAYS = ("censoring", "median", "percentile", "period")


def definitions_of(metrics: Iterable[str]) -> dict[str, str]:
    """Return the definitions of these metrics, and those that hold for every report, by name. Raises KeyError."""
    return {name: DEFINITIONS[name] for name in sorted({*metrics, *ALWAYS})}
