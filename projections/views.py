"""The views: which streams each reads, and the rows that a state at an instant gives it.

All are of one pattern: the typed columns are what lists filter by, and `item` is the answer itself.
Their tables are in ledger/migrations.
"""

from collections.abc import Sequence
from operator import attrgetter

from ledger.domain.dispute import Dispute
from ledger.domain.listing import Listing
from ledger.domain.platform import Platform
from ledger.domain.restriction import HIDING, WORLD
from ledger.domain.seller import Seller
from ledger.domain.takedown import TakedownCase
from projections.rectangle import Item, Rows, View
from projections.register_views import REGISTER_VIEWS

VISIBILITY = "decision_visibility"
WHOLE = ""
"""Key of a view that has one row for each stream."""
HOLDING = frozenset({"SUSPENDED", "BANNED"})
"""Restrictions of a seller that hide all of its listings (domain.md 6.2)."""


def hidden_in(restrictions: Sequence[Item]) -> tuple[str, ...]:
    """Return where restrictions of a listing's own hide it, in order: WORLD is everywhere."""
    hiding = (each for each in restrictions if each["in_force"] and not HIDING.isdisjoint(each.get(VISIBILITY, ())))
    return tuple(sorted({country for each in hiding for country in each.get("territorial_scope") or (WORLD,)}))


def listing_rows(state: Listing, item: Item) -> Rows:
    """One row: what a listing is, and where restrictions of its own hide it."""
    return {
        WHOLE: (
            state.lifecycle,
            state.seller_id,
            state.cluster,
            state.category_code,
            state.ship_from_country,
            state.goods_origin_country,
            state.destination_countries,
            item["restricted"],
            hidden_in(item["restrictions"]) if item["restricted"] else (),
            item,
        )
    }


def restriction_rows(_: Listing | Seller, whole: Item) -> Rows:
    """One row for each restriction that has begun."""
    return {
        item["restriction_id"]: (
            item["kind"],
            item["in_force"],
            item.get("decision_ground"),
            tuple(item.get("instruments", ())),
            item,
        )
        for item in whole["restrictions"]
    }


def seller_rows(state: Seller, item: Item) -> Rows:
    """One row: the account's status and verification. Closing an account lets go of nothing that a ban hides."""
    kinds = {restriction["kind"] for restriction in item["restrictions"] if restriction["in_force"]}
    return {
        WHOLE: (
            item["status"],
            not HOLDING.isdisjoint(kinds),
            item["verification"],
            item.get("entity_class"),
            state.platform_id,
            item,
        )
    }


def service_rows(_: Platform, whole: Item) -> Rows:
    """One row for each service and country of a platform."""
    return {
        f"{item['service']}|{item['country']}": (item["service"], item["country"], item["suspended"], item)
        for item in whole["services"]
    }


def takedown_rows(_: TakedownCase, whole: Item) -> Rows:
    """One row for each item of a case, with what it needs of the case; what its own notice says goes first.

    An item has none while nothing that is known of it says its state (a suit was notified, and no notice yet).
    """
    case = {name: value for name, value in whole.items() if name not in ("items", "state")}
    items = [{**case, "state": None, **item} for item in whole["items"]]
    return {
        f"{item['item_no']:016d}": (
            item["state"],
            item.get("notifier_party_id"),
            item.get("notifier_size_class"),
            item.get("notifier_tier"),
            item.get("regime"),
            item.get("listing_id"),
            {**item, "case_state": whole["state"]},
        )
        for item in items
        if item["state"] is not None
    }


def dispute_rows(state: Dispute, item: Item) -> Rows:
    """One row: where a dispute stands; none while nothing that is known of it says so (a neutral was appointed)."""
    if state.state is None:
        return {}
    return {
        WHOLE: (
            item["state"],
            item.get("outcome"),
            item["forum"],
            item.get("claimant_country"),
            item.get("respondent_country"),
            item,
        )
    }


VIEWS = (
    View(
        name="listing",
        kinds=("listing",),
        columns=(
            "lifecycle",
            "seller",
            "cluster",
            "category",
            "ship_from",
            "origin",
            "destinations",
            "restricted",
            "hidden_in",
            "item",
        ),
        rows=listing_rows,
        tallied=("cluster", "category", "ship_from", "origin", "restricted"),
    ),
    View(
        name="restriction",
        kinds=("listing", "seller"),
        columns=("kind", "in_force", "ground", "instruments", "item"),
        rows=restriction_rows,
        part=attrgetter("restrictions"),
        tallied=("kind", "in_force", "ground"),
    ),
    View(
        name="seller",
        kinds=("seller",),
        columns=("status", "holds", "verification", "entity_class", "platform", "item"),
        rows=seller_rows,
        tallied=("status", "verification", "entity_class", "platform"),
    ),
    View(
        name="service",
        kinds=("platform",),
        columns=("service", "country", "suspended", "item"),
        rows=service_rows,
    ),
    View(
        name="takedown",
        kinds=("takedown_case",),
        columns=("state", "notifier", "size_class", "tier", "regime", "listing", "item"),
        rows=takedown_rows,
    ),
    View(
        name="dispute",
        kinds=("dispute",),
        columns=("state", "outcome", "forum", "claimant_country", "respondent_country", "item"),
        rows=dispute_rows,
    ),
    *REGISTER_VIEWS,
)
VIEW_NAMES = tuple(view.name for view in VIEWS)
BY_NAME = {view.name: view for view in VIEWS}
