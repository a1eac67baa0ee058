"""A rate that says what it is a rate of (domain.md D16): numerator, denominator, clock and what is left out as open."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from msgspec import Struct

PLACES = Decimal("0.0001")
"""A rate is written to a hundredth of a per cent; whoever compares uses numerator and denominator."""


class Rate(Struct, frozen=True, kw_only=True):
    """`numerator` things of `denominator`; `numerator_is` and `denominator_is` name what was counted.

    `clock` names the instant by which a thing belongs to the cohort; `censored` things of it have no result yet, and
    are in neither number.
    """

    numerator: int
    denominator: int
    numerator_is: str
    denominator_is: str
    clock: str
    censored: int

    @property
    def value(self) -> Decimal | None:
        """The rate; None of nothing."""
        return Decimal(self.numerator) / self.denominator if self.denominator else None

    def describe(self) -> dict[str, Any]:
        """Return the rate as JSON values, with its value as a decimal string of four places."""
        value = self.value
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "decimal": None if value is None else str(value.quantize(PLACES, ROUND_HALF_UP)),
            "numerator_is": self.numerator_is,
            "denominator_is": self.denominator_is,
            "clock": self.clock,
            "censored": self.censored,
        }
