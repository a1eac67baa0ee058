"""Sellers, listings and platforms as flat records, which predicates are asked of (domain.md 7.6).

A field that is not known is left out, and a predicate that needs it is undetermined (D11). The names are those of
`ledger.domain.codes_public`.
"""

from datetime import datetime
from typing import Any

from ledger.domain import seller as sellers
from ledger.domain.codes_public import SELLER_FIELDS
from ledger.domain.instants import format_instant, parse_instant
from ledger.domain.listing import Conformity, Listing
from ledger.domain.local_dates import passed_from
from ledger.domain.platform import Platform
from ledger.domain.seller import Seller
from ledger.domain.verification import effective
from projections.members.prices import amount_of, dollars_of

VERIFICATION_FIELDS = ("verification_id", "verified_at", "verified_by", "checks")
"""What a record says of the verification that counts, beside what a seller's description says of it."""
STATED = (
    "id", "lifecycle", "seller_id", "title", "category_code", "taxonomy_version", "hs_code", "gtin", "brand",
    "ship_from_country", "goods_origin_country", "destination_countries", "price_basis", "content_sha256", "relist_of",
)  # fmt: skip
"""Fields of a listing that are as they were stated."""


def seller_record(state: Seller, moment: datetime) -> dict[str, Any]:
    """Return a seller as a record. `verification_status` is another name of `verification`."""
    item = sellers.describe(state, moment)
    verification = effective(state.verifications, moment)
    item["verification_status"] = item["verification"]
    item["programme_ids"] = list(state.programme_ids)
    item["restricted"] = any(restriction["in_force"] for restriction in item["restrictions"])
    if verification is not None:
        item |= {name: getattr(verification, name) for name in VERIFICATION_FIELDS}
    return {name: value for name, value in item.items() if name in SELLER_FIELDS and value is not None}


def platform_record(state: Platform) -> dict[str, Any]:
    """Return a platform as a record, with `service.<name>.<country>` and `feature.<name>.<country>` of what is known.

    A service without any event is not in it: whether the platform offers it at all is not known.
    """
    services = {
        f"service.{service.service}.{service.country}": "SUSPENDED" if service.suspended else "ACTIVE"
        for service in state.services.values()
    }
    features = {f"feature.{feature.feature}.{feature.country}": feature.status for feature in state.features.values()}
    stated = {
        "id": state.id,
        "slug": state.slug,
        "legal_entity": state.legal_entity,
        "country": state.country,
        "business_model": state.business_model,
        "url": state.url,
        "registered_at": state.registered_at,
        "status": None if state.registered_at is None else "REGISTERED",
    }
    return {**_stated(stated), **services, **features}


def listing_record(state: Listing, moment: datetime, zone_name: str) -> dict[str, Any]:
    """Return what a listing says by itself as a record: neither its cluster nor whether it is visible.

    `zone_name` is that in which dates until which its marks of conformity are valid are meant.
    """
    marks = (
        None if state.conformity is None else [one.mark for one in state.conformity if holds(one, moment, zone_name)]
    )
    return _stated(
        {
            **{name: getattr(state, name) for name in STATED},
            **_priced(state),
            "conformity": marks,
            "restricted": any(restriction.in_force(moment) for restriction in state.restrictions.values()),
        }
    )


def holds(conformity: Conformity, moment: datetime, zone_name: str) -> bool:
    """Tell whether a mark of conformity is valid at `moment`."""
    over_at = passed_from(conformity.valid_to, zone_name)
    return over_at is None or moment < parse_instant(over_at)


def conformity_expiries(state: Listing, zone_name: str) -> list[datetime]:
    """Return the instants from which marks of conformity are valid no more."""
    instants = (passed_from(one.valid_to, zone_name) for one in state.conformity or ())
    return [parse_instant(instant) for instant in instants if instant is not None]


def _priced(state: Listing) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if state.fx is not None:
        record = {"fx_quote": state.fx.quote, "fx_rate": state.fx.rate, "fx_rate_date": state.fx.rate_date}
    if state.price is not None:
        amount = amount_of(state.price)
        record |= {
            "price": amount,
            "price_amount": amount,
            "price_minor": state.price.amount_minor,
            "price_currency": state.price.currency,
            "price_usd": dollars_of(state.price, state.fx),
        }
    return record


def _stated(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


def published_at(instant: datetime) -> dict[str, str]:
    """Return the field that says when a listing was published last."""
    return {"published_at": format_instant(instant)}
