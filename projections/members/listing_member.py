"""A listing as a member: with its seller, its platform and its cluster, at every moment (domain.md 6.2, 7.6, D12)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from ledger.domain.listing import Listing, ListingPublished
from ledger.domain.platform import Platform
from ledger.domain.seller import Seller
from projections.inquiry import Known
from projections.members.clusters import Clusters
from projections.members.course import Course, course_of, merged
from projections.members.member import Member
from projections.members.records import (
    conformity_expiries,
    listing_record,
    platform_record,
    published_at,
    seller_record,
)
from projections.members.visibility import hidden_by


class ListingMember(Member):
    """A listing with its seller, its platform and the taxonomies of its log. It is active while it is visible."""

    def __init__(self, known: Known, sellers: Mapping[str, Course], platform: Course, clusters: Clusters) -> None:
        """Take the listing's stream and what its record draws on beside it: `sellers` holds those it ever had."""
        self._course = course_of(known)
        self._sellers = {name: sellers[name] for name in sellers_of(known)}
        self._platform, self._clusters = platform, clusters
        self._zone_name = known.log.timezone
        self._published = [
            (known.when(fact), fact.time) for fact in known.happened() if isinstance(fact.payload, ListingPublished)
        ]
        super().__init__(known, self._changes(known.moment.as_of))

    def _changes(self, as_of: datetime) -> list[datetime]:
        """Return the instants, from the listing's first on, at which anything of it or about it changes."""
        states = [state for _, state in self._course.steps if isinstance(state, Listing)]
        if not states:
            return []
        categories = {state.category_code for state in states if state.cluster is None and state.category_code}
        mapped = (instant for category in categories for instant in self._clusters.instants(category))
        expiries = (end for state in states for end in conformity_expiries(state, self._zone_name) if end <= as_of)
        held = (instant for course in self._sellers.values() for instant in course.instants)
        first, own = self._course.instants[0], self._course.instants
        everything = merged(own, expiries, mapped, held, self._platform.instants)
        return [instant for instant in everything if instant >= first]

    def _record(self, moment: datetime) -> dict[str, Any]:
        state = self._course.at(moment)
        if not isinstance(state, Listing):
            return {}
        record = listing_record(state, moment, self._zone_name)
        visible = not self._hidden_by(state, moment, self.known.log.jurisdiction)
        record |= {"visible": visible, "platform_id": platform_of(self.known.subject)}
        record["status"] = _status(state, visible)
        cluster = state.cluster or self._clusters.cluster(state.category_code, moment)
        if cluster is not None:
            record["cluster"] = cluster
        published = max((pair for pair in self._published if pair[0] <= moment), default=None)
        if published is not None:
            record |= published_at(published[1])
        return record | self._surroundings(state, moment)

    def _surroundings(self, state: Listing, moment: datetime) -> dict[str, Any]:
        seller, platform = self._seller(state, moment), self._platform.at(moment)
        record: dict[str, Any] = {}
        if seller is not None:
            record = {f"seller.{name}": value for name, value in seller_record(seller, moment).items()}
        if isinstance(platform, Platform):
            of_platform = platform_record(platform)
            names = ("country", "business_model")
            record |= {f"platform.{name}": of_platform[name] for name in names if name in of_platform}
        return record

    def _hidden_by(self, state: Listing, moment: datetime, country: str | None) -> list[str]:
        platform = self._platform.at(moment)
        known_platform = platform if isinstance(platform, Platform) else None
        return hidden_by(state, self._seller(state, moment), known_platform, moment, country)

    def _seller(self, state: Listing, moment: datetime) -> Seller | None:
        seller = self._sellers[state.seller_id].at(moment) if state.seller_id is not None else None
        return seller if isinstance(seller, Seller) else None

    def is_active(self, moment: datetime, countries: Collection[str]) -> bool:
        """Tell whether it is visible in one of these countries; of none: where its log is, or anywhere."""
        state = self._course.at(moment)
        if not isinstance(state, Listing):
            return False
        return any(
            not self._hidden_by(state, moment, country) for country in countries or (self.known.log.jurisdiction,)
        )


def sellers_of(known: Known) -> set[str]:
    """Return every seller that a listing had, or may have had, as far as is known."""
    named = (getattr(fact.payload, "seller_id", None) for fact in known.facts)
    return {seller for seller in named if seller is not None}


def platform_of(subject: str) -> str:
    """Return the platform of a listing: that of its namespace (`platform:shop` of `listing:shop:L1`)."""
    return f"platform:{subject.split(':')[1]}"


def _status(state: Listing, visible: bool) -> str | None:
    """Return VISIBLE or HIDDEN of a published listing, where its log is, and the lifecycle of any other."""
    if state.lifecycle != "PUBLISHED":
        return state.lifecycle
    return "VISIBLE" if visible else "HIDDEN"
