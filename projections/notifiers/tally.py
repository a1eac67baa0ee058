"""What came of the items that a notifier submitted: counts, and the rates over them (domain.md 13.2). Pure."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ledger.domain.takedown import Item
from projections.metrics.rates import Rate

Result = Literal["open", "actioned", "declined", "rejected", "withdrawn"]
"""What a notice came to for one of its items; what was done against a takedown later does not change it."""
CLOCK = "received_at"
"""An item belongs to the cohort of the time at which its notice came; one never received, to that of its sending."""
AFTER_ACTION = frozenset(
    {"ACTIONED", "COUNTER_NOTICED", "COUNTER_REJECTED", "FORWARDED", "MAINTAINED", "REVERSED", "CLOSED"}
)
"""States that only an item has that was taken down."""
ON_COUNTER_NOTICE = frozenset({"COUNTER_NOTICE_UPHELD", "WAITING_PERIOD_ELAPSED"})
"""Grounds of a reversal that a counter-notice brought about: it was upheld, or nobody went to law against it."""


class Tally(Struct, kw_only=True):
    """Counts of items, but for `notices`. `submitted` are all of them, `received` those that the platform took in.

    `tiers` and `size_classes` are the notifier's at the time of each notice (domain.md D17).
    """

    notices: int = 0
    submitted: int = 0
    received: int = 0
    results: Counter[Result] = msgspec.field(default_factory=Counter[Result])
    reversed: int = 0
    reversed_on_counter: int = 0
    tiers: Counter[str] = msgspec.field(default_factory=Counter[str])
    size_classes: Counter[str] = msgspec.field(default_factory=Counter[str])

    def add(self, item: Item) -> None:
        """Count one item."""
        self.submitted += 1
        self.received += item.received_at is not None
        self.results[result_of(item)] += 1
        if item.state == "REVERSED":
            self.reversed += 1
            self.reversed_on_counter += item.reversal_ground in ON_COUNTER_NOTICE
        if item.notifier_tier is not None:
            self.tiers[item.notifier_tier] += 1
        if item.notifier_size_class is not None:
            self.size_classes[item.notifier_size_class] += 1

    def rates(self) -> Mapping[str, Rate]:
        """Return the rates by name; the counter-notices' over both denominators that are in use."""
        actioned = self.results["actioned"]
        decided = actioned + self.results["declined"]
        upheld = self.reversed_on_counter
        return {
            "takedown_success_rate": self._rate("actioned", actioned, "decided", decided),
            "upheld_counter_rate": self._rate("reversed_on_counter", upheld, "actioned", actioned),
            "upheld_counter_rate_of_submitted": self._rate("reversed_on_counter", upheld, "submitted", self.submitted),
        }

    def _rate(self, numerator_is: str, numerator: int, denominator_is: str, denominator: int) -> Rate:
        return Rate(
            numerator=numerator,
            denominator=denominator,
            numerator_is=numerator_is,
            denominator_is=denominator_is,
            clock=CLOCK,
            censored=self.results["open"],
        )

    def record(self) -> dict[str, Decimal | int | None]:
        """Return what the predicate of a threshold may ask of a notifier: counts, and rates where there is one.

        `takedown_rate` and `counter_rate` are the names that MembershipTierChanged has for the first two rates.
        """
        rates = {name: rate.value for name, rate in self.rates().items()}
        return {
            **self.counts(),
            **rates,
            "takedown_rate": rates["takedown_success_rate"],
            "counter_rate": rates["upheld_counter_rate"],
        }

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return {
            "notices": self.notices,
            "submitted": self.submitted,
            "received": self.received,
            "actioned": self.results["actioned"],
            "declined": self.results["declined"],
            "rejected": self.results["rejected"],
            "withdrawn": self.results["withdrawn"],
            "open": self.results["open"],
            "reversed": self.reversed,
            "reversed_on_counter": self.reversed_on_counter,
        }

    def figures(self) -> dict[str, Any]:
        """Return counts and rates as JSON values."""
        return {**self.counts(), **{name: rate.describe() for name, rate in self.rates().items()}}

    def describe(self) -> dict[str, Any]:
        """Return the figures as JSON values, and what standing the notifier had when it gave them rise."""
        return {
            **self.figures(),
            "tier": sorted(self.tiers),
            "tier_counts": dict(sorted(self.tiers.items())),
            "size_class": sorted(self.size_classes),
            "size_class_counts": dict(sorted(self.size_classes.items())),
        }


def result_of(item: Item) -> Result:
    """Return what a notice came to for an item. Taken back after it was taken down, it was a takedown."""
    match item.state:
        case state if state in AFTER_ACTION:
            return "actioned"
        case "DECLINED":
            return "declined"
        case "REJECTED":
            return "rejected"
        case "WITHDRAWN":
            return "withdrawn" if item.measure is None else "actioned"
        case _:
            return "open"
