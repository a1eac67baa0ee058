"""The deadlines of authorities' orders, beside each order of the list (domain.md 11, v_orders: due; Q23).

They are worked out when asked, as `/v1/deadlines` does, from what is known of rules, policies and calendars: none of it
stands in a view.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ledger.database import Pool
from ledger.entry import encode_canonical
from projections.deadlines.listing import deadline_items
from projections.derived import Narrowing
from projections.inquiry import Inquiry
from projections.moment import Moment

ORDERS = "authority-orders"
"""The list whose items have them."""
MEMBERS = ("rule", "version", "triggered_at", "due", "due_on", "status", "met_at", "lag")
"""What is shown of a deadline here; `/v1/deadlines` has the rest."""


class Place(Struct, frozen=True):
    """Which order an item is of: the slug of its log, and its subject."""

    log: str
    subject: str


async def with_deadlines(pool: Pool, moment: Moment, items: Sequence[bytes]) -> list[bytes]:
    """Return orders, JSON objects, each with its `deadlines` at a moment, in order of trigger and rule.

    The moment is also of the registers that hold laws and calendars. There are none where no rule is of the order.
    """
    places = [msgspec.json.decode(item, type=Place) for item in items]
    inquiry = Inquiry(pool, moment, {place.log for place in places})
    found: dict[Place, list[dict[str, Any]]] = {place: [] for place in places}
    async for deadline in deadline_items(inquiry, Narrowing(subjects=sorted({place.subject for place in places}))):
        place = Place(inquiry.log_at(deadline.log_id).log.slug, deadline.subject)
        if place in found:
            found[place].append({name: deadline.item[name] for name in MEMBERS})
    beside = (encode_canonical(found[place]) for place in places)
    return [b'%b,"deadlines":%b}' % (item[:-1], deadlines) for item, deadlines in zip(items, beside, strict=True)]
