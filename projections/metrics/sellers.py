"""Who infringes again, comes back under another account, or stays (domain.md 13.2: recidivism; Q18, Q39). Pure."""

from collections.abc import Collection
from datetime import timedelta

from projections.metrics.rates import Rate

KEPT_AFTER = timedelta(days=90)
"""After which an onboarded seller that is still active counts as kept (Q39)."""


def recidivism(sanctioned: Collection[bool]) -> Rate:
    """Return which share of the sanctioned parties infringed again; each says whether it did."""
    return _of_parties("recidivist", "sanctioned", sanctioned)


def re_entry_rate(banned: Collection[bool]) -> Rate:
    """Return which share of the banned parties came back under another account; each says whether it did."""
    return _of_parties("re_entered", "banned", banned)


def retention_rate(onboarded: Collection[bool | None]) -> Rate:
    """Return which share of the onboarded was active KEPT_AFTER later; None: that day is still to come."""
    due = [kept for kept in onboarded if kept is not None]
    days = KEPT_AFTER.days
    return Rate(
        numerator=sum(due),
        denominator=len(due),
        numerator_is=f"active_after_{days}_days",
        denominator_is=f"onboarded_{days}_days_ago",
        clock="onboarded_at",
        censored=len(onboarded) - len(due),
    )


def _of_parties(numerator_is: str, denominator_is: str, parties: Collection[bool]) -> Rate:
    return Rate(
        numerator=sum(parties),
        denominator=len(parties),
        numerator_is=numerator_is,
        denominator_is=denominator_is,
        clock="as_of",
        censored=0,
    )
