"""Prices as predicates compare them: major units of their currency, and US dollars (domain.md 7.6, P_MIN_PRICE)."""

from collections.abc import Mapping
from decimal import Decimal

from ledger.domain.listing import ForeignExchange
from ledger.domain.payload import Money

USUAL_EXPONENT = 2
"""Decimal digits of most currencies' minor unit (ISO 4217), IDR among them."""
_WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_OF_THREE = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS: Mapping[str, int] = {
    **dict.fromkeys(_WITHOUT.split(), 0),
    **dict.fromkeys(_OF_THREE.split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Decimal digits of the minor units of all others (ISO 4217)."""
DOLLAR = "USD"


def amount_of(price: Money) -> Decimal:
    """Return a price in major units of its currency: 999 minor units of USD are 9.99."""
    return Decimal(price.amount_minor).scaleb(-EXPONENTS.get(price.currency, USUAL_EXPONENT))


def dollars_of(price: Money, exchange: ForeignExchange | None) -> Decimal | None:
    """Return a price in US dollars; None where the listing itself does not say at which rate.

    A rate is the units of `quote` for one unit of the price's currency, on the listing's own `rate_date`: no rate of
    anybody else is brought in.
    """
    if price.currency == DOLLAR:
        return amount_of(price)
    if exchange is None or exchange.quote != DOLLAR:
        return None
    return amount_of(price) * Decimal(exchange.rate)
