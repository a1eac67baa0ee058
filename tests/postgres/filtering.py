"""What the filters of the lists ask of an item, as the oracle writes items."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from ledger.domain.json_values import is_array
from projections.list_statements import Filter
from projections.lists import LISTS
from tests.postgres.asking import Json

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "listings": {
        "seller": "seller_id",
        "category": "category_code",
        "ship_from": "ship_from_country",
        "origin": "goods_origin_country",
    },
    "restrictions": {"instrument": "instruments", "ground": "decision_ground"},
    "sellers": {"platform": "platform_id"},
    "takedowns": {
        "case": "subject",
        "notifier": "notifier_party_id",
        "size_class": "notifier_size_class",
        "tier": "notifier_tier",
        "listing": "listing_id",
    },
    "agreements": {"party": "parties", "country": "countries"},
    "memberships": {"party": "party_id"},
    "bodies": {"status": "state"},
    "meetings": {"body": "subject", "industry": "industries", "party": "attendee_party_ids"},
    "ip-rights": {"owner": "owner_party_id", "territory": "territories"},
    "authority-orders": {"addressee": "addressee_platform_id"},
    "claims": {"speaker": "speaker_party_id"},
}
"""Which member of an item a filter asks for, where it has another name."""
COMPUTED: Mapping[tuple[str, str], Callable[[Json], object]] = {
    ("disputes", "forum"): lambda item: item["subject"].split(":")[1],
    ("memberships", "body"): lambda item: item["body_id"] or f"body:{item['body']}",
}
"""What a filter asks for that is no member."""
FILTERS: Mapping[str, tuple[Filter, ...]] = {
    **{name: listed.filters for name, listed in LISTS.items()},
    "referrals": (Filter("state"), Filter("to"), Filter("agreement")),
}
"""The filters of every list. That of referrals is worked out when asked, and judged as they are."""


def asked_for(name: str, filter_name: str, item: Json) -> object:
    """Return what a filter of a list asks of an item."""
    if (name, filter_name) in COMPUTED:
        return COMPUTED[name, filter_name](item)
    return item.get(MEMBERS.get(name, {}).get(filter_name, filter_name))


def each(said: object) -> list[object]:
    """Return what is said of an item one by one, as a client writes it: an item may have several."""
    values: Sequence[object] = said if is_array(said) else [said]
    return [str(value).lower() if isinstance(value, bool) else value for value in values]


def random_filters(name: str, random: Random, items: Sequence[Json]) -> dict[str, list[str]]:
    """Return up to two filters, mostly with values that there are."""
    names = sorted(one.name for one in FILTERS[name] if (name, one.name) != ("listings", "country"))
    truths = {one.name for one in FILTERS[name] if one.kind == "truth"}
    given: dict[str, list[str]] = {}
    for filter_name in random.sample(names, random.choice((0, 1, 1, 2))):
        said = sorted({str(one) for item in items for one in each(asked_for(name, filter_name, item)) if one})
        if filter_name in truths:
            given[filter_name] = [random.choice(("true", "false"))]
        elif said:
            given[filter_name] = random.sample(said, min(len(said), random.randint(1, 2)))
    if random.random() < 0.2 and items:
        given["subject_prefix"] = [random.choice(items)["subject"][: random.randint(7, 20)]]
    return given


def passes(name: str, item: Json, given: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether an item is asked for: any value of each filter, all filters together."""
    wanted = {"in_force": ["true"], **given} if name == "restrictions" else dict(given)
    prefixes = wanted.pop("subject_prefix", [""])
    return item["subject"].startswith(tuple(prefixes)) and all(
        any(one in values for one in each(asked_for(name, filter_name, item))) for filter_name, values in wanted.items()
    )
