"""Sums of money: one for each currency, and never one of several (domain.md 13.2). Pure."""

from collections import Counter
from collections.abc import Iterable

from ledger.domain.payload import Money


def currency_sums(amounts: Iterable[Money | None]) -> dict[str, int]:
    """Return the sum in minor units of each currency (ISO 4217), by its code; an amount not known adds nothing."""
    sums: Counter[str] = Counter()
    for amount in amounts:
        if amount is not None:
            sums[amount.currency] += amount.amount_minor
    return dict(sorted(sums.items()))
