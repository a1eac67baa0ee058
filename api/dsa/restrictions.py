"""The restrictions that a statement of reasons imposes, as events in the streams of what they restrict. Pure.

A statement names neither listing nor account, only itself: each is the listing, and the seller, of the statement's own
UUID. Each kind of decision is a restriction of its own, since each may end on a day of its own (domain.md D1):

| decision | event |
|---|---|
| visibility: removed or disabled | ListingBlocked |
| visibility: anything else | ListingRestricted |
| monetary | SellerPaymentsRestricted |
| provision: suspended, or terminated in part | SellerSuspended |
| provision: terminated | SellerBanned |
| account: suspended | SellerSuspended |
| account: terminated | SellerBanned |
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ledger.domain.instants import format_instant, start_of
from ledger.domain.listing import ListingBlocked, ListingRestricted
from ledger.domain.restriction import HIDING, RestrictionPayload
from ledger.domain.seller_events import SellerBanned, SellerPaymentsRestricted, SellerSuspended
from ledger.domain.statement import StatementSubmitted

Imposed = tuple[str, str, RestrictionPayload]
"""A restriction by the name of its decision, the stream that it is in, and what it says."""
BANNING = frozenset({"DECISION_PROVISION_TOTAL_TERMINATION", "DECISION_ACCOUNT_TERMINATED"})
"""What ends a seller's business with the platform."""
YES = "Yes"


def restrictions_of(statement: StatementSubmitted, slug: str, uuid: UUID, timezone: str) -> Iterator[Imposed]:
    """Yield what a statement of a log imposes. Dates end with their day in this zone."""
    listing, seller = f"listing:{slug}:{uuid}", f"seller:{slug}:{uuid}"
    if statement.decision_visibility:
        blocks = not HIDING.isdisjoint(statement.decision_visibility)
        yield (
            "visibility",
            listing,
            (ListingBlocked if blocks else ListingRestricted)(
                restriction_id=f"{uuid}:visibility",
                decision_visibility=statement.decision_visibility,
                decision_visibility_other=statement.decision_visibility_other,
                end_at=_end(statement.end_date_visibility_restriction, timezone),
                **_decision(statement),
            ),
        )
    if statement.decision_monetary:
        payments = SellerPaymentsRestricted(
            restriction_id=f"{uuid}:monetary",
            decision_monetary=statement.decision_monetary,
            end_at=_end(statement.end_date_monetary_restriction, timezone),
            **_decision(statement),
        )
        yield "monetary", seller, payments
    if statement.decision_provision:
        service = _sanction(statement.decision_provision)(
            restriction_id=f"{uuid}:service",
            decision_provision=statement.decision_provision,
            end_at=_end(statement.end_date_service_restriction, timezone),
            **_decision(statement),
        )
        yield "service", seller, service
    if statement.decision_account:
        account = _sanction(statement.decision_account)(
            restriction_id=f"{uuid}:account",
            decision_account=statement.decision_account,
            end_at=_end(statement.end_date_account_restriction, timezone),
            **_decision(statement),
        )
        yield "account", seller, account


def _sanction(decision: str) -> type[SellerBanned | SellerSuspended]:
    return SellerBanned if decision in BANNING else SellerSuspended


def _decision(statement: StatementSubmitted) -> dict[str, Any]:
    """Return what every restriction of a statement says of the decision."""
    return {
        "territorial_scope": statement.territorial_scope,
        "decision_ground": statement.decision_ground,
        "category": statement.category,
        "category_specification": statement.category_specification,
        "decision_facts": statement.decision_facts,
        "source_type": statement.source_type,
        "automated_detection": statement.automated_detection == YES,
        "automated_decision": statement.automated_decision,
    }


def _end(day: str | None, timezone: str) -> str | None:
    """Return the instant at which a restriction ends: with its last day."""
    return None if day is None else format_instant(start_of(date.fromisoformat(day) + timedelta(days=1), timezone))
