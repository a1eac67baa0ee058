"""What hides a listing at a moment (domain.md 6.2), from states of one certainty.

The list of listings says the same from rectangles, in SQL; this is for questions that are answered from the facts.
"""

from datetime import datetime

from ledger.domain import seller as sellers
from ledger.domain.listing import Listing
from ledger.domain.platform import Platform
from ledger.domain.seller import Seller
from projections.views import HOLDING

MARKETPLACE = "MARKETPLACE"
"""The service whose suspension hides listings; checkout and others hide none."""


def hidden_by(
    listing: Listing, seller: Seller | None, platform: Platform | None, moment: datetime, country: str | None
) -> list[str]:
    """Return every cause for which a listing is hidden in a country (None: anywhere); none of a visible one."""
    causes: list[str] = []
    if listing.lifecycle != "PUBLISHED":
        causes.append("NOT_PUBLISHED")
    destinations = listing.destination_countries
    if country is not None and destinations is not None and country not in destinations:
        causes.append("NOT_OFFERED_THERE")
    if any(restriction.hides(moment, country) for restriction in listing.restrictions.values()):
        causes.append("RESTRICTION")
    if seller is not None and is_held(seller, moment):
        causes.append(f"SELLER_{sellers.status(seller, moment)}")
    if platform is not None and is_suspended(platform, country):
        causes.append("SERVICE_SUSPENDED")
    return causes


def is_held(seller: Seller, moment: datetime) -> bool:
    """Tell whether a ban or a suspension of a seller is in force, which hides all of its listings."""
    return any(held.kind in HOLDING and held.in_force(moment) for held in seller.restrictions.values())


def is_suspended(platform: Platform, country: str | None) -> bool:
    """Tell whether a platform's marketplace is suspended in a country (None: in any)."""
    return any(
        service.service == MARKETPLACE and service.suspended and country in (None, service.country)
        for service in platform.services.values()
    )
