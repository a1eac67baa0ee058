"""Members: what a rule or a claim is asked of, each along its whole course (domain.md 7.6, D10).

A member is a record at every moment, and it is active or not: a seller while nothing keeps it from selling, a platform
always, a listing (`listing_member`) while it is visible.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from ledger.domain import seller as sellers
from ledger.domain.platform import Platform
from ledger.domain.seller import Seller
from projections.inquiry import Known
from projections.members.course import course_of
from projections.members.records import platform_record, seller_record

ACTIVE = "ACTIVE"


class Member(ABC):
    """One stream as predicates see it: between two of its `instants` nothing of it changes."""

    def __init__(self, known: Known, instants: Sequence[datetime]) -> None:
        """Take the stream and the instants, in order, at which anything that its record draws on changes."""
        self.known = known
        self.instants = instants
        self._records: dict[datetime, dict[str, Any]] = {}

    def record(self, moment: datetime) -> dict[str, Any] | None:
        """Return the member as a record; None before anything is known of it."""
        number = bisect_right(self.instants, moment)
        if number == 0:
            return None
        since = self.instants[number - 1]
        if since not in self._records:
            self._records[since] = self._record(since)
        return self._records[since]

    def has_status(self, status: str, moment: datetime) -> bool:
        """Tell whether the member has a status then: its record's `status` or `lifecycle` is it, or it is ACTIVE."""
        record = self.record(moment)
        if record is None:
            return False
        return status in (record.get("status"), record.get("lifecycle")) or (
            status == ACTIVE and self.is_active(moment, ())
        )

    @abstractmethod
    def _record(self, moment: datetime) -> dict[str, Any]:
        """Return the record at one of the instants; empty before anything is known of the stream itself."""

    @abstractmethod
    def is_active(self, moment: datetime, countries: Collection[str]) -> bool:
        """Tell whether a rule of these countries (none: of any) bears on the member then."""

    def _is_within(self, countries: Collection[str]) -> bool:
        """Tell whether the member's log is of one of these countries, or either is of none."""
        jurisdiction = self.known.log.jurisdiction
        return not countries or jurisdiction is None or jurisdiction in countries


class SellerMember(Member):
    """A seller. It is active while its status is."""

    def __init__(self, known: Known) -> None:
        """Take the seller's stream."""
        self._course = course_of(known)
        super().__init__(known, self._course.instants)

    def _record(self, moment: datetime) -> dict[str, Any]:
        state = self._course.at(moment)
        return seller_record(state, moment) if isinstance(state, Seller) else {}

    def is_active(self, moment: datetime, countries: Collection[str]) -> bool:
        """Tell whether it may sell, and in one of these countries."""
        state = self._course.at(moment)
        return isinstance(state, Seller) and sellers.status(state, moment) == ACTIVE and self._is_within(countries)


class PlatformMember(Member):
    """A platform. It is active from the first that is known of it."""

    def __init__(self, known: Known) -> None:
        """Take the platform's stream."""
        self._course = course_of(known)
        super().__init__(known, self._course.instants)

    def _record(self, moment: datetime) -> dict[str, Any]:
        state = self._course.at(moment)
        return platform_record(state) if isinstance(state, Platform) else {}

    def is_active(self, moment: datetime, countries: Collection[str]) -> bool:
        """Tell whether anything is known of it, and its log is of one of these countries."""
        return self._course.at(moment) is not None and self._is_within(countries)
