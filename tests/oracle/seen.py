"""What every list says at a moment, from what is known of one log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from tests.oracle.agreement import agreement_of
from tests.oracle.appeal import appeal_of
from tests.oracle.body import body_of, meetings_of
from tests.oracle.claim import claim_of
from tests.oracle.dispute import dispute_of, referrals_of
from tests.oracle.investigation import investigation_of
from tests.oracle.ip_right import ip_right_of
from tests.oracle.knowledge import Event, Item, told_until
from tests.oracle.membership import membership_of
from tests.oracle.order import order_of, requests_of
from tests.oracle.party import party_of
from tests.oracle.policy import policy_of
from tests.oracle.programme import programme_of
from tests.oracle.shop import (
    HOLDS,
    features_of,
    hides,
    kinds_in_force,
    listing_of,
    restrictions_of,
    seller_of,
    services_of,
)
from tests.oracle.takedown import items_of

Listed = Callable[[str, Sequence[Event], datetime], Sequence[Item | None]]
"""Makes the items of one stream: from its subject, its events that count, in valid order, and `as_of`."""


def _restrictions(_: str, events: Sequence[Event], as_of: datetime) -> Sequence[Item | None]:
    return list(restrictions_of(events, as_of).values())


def _takedowns(_: str, events: Sequence[Event], __: datetime) -> Sequence[Item | None]:
    return [item for item in items_of(events).values() if item["state"] is not None]


def _disputes(_: str, events: Sequence[Event], __: datetime) -> Sequence[Item | None]:
    found = dispute_of(events)
    return [found if found["state"] is not None else None]


LISTED: Mapping[str, tuple[tuple[str, ...], Listed]] = {
    "restrictions": (("listing", "seller"), _restrictions),
    "sellers": (("seller",), lambda _, events, as_of: [seller_of(events, as_of)]),
    "takedowns": (("takedown_case",), _takedowns),
    "disputes": (("dispute",), _disputes),
    "services": (("platform",), lambda _, events, __: [*services_of(events), *features_of(events)]),
    "appeals": (("appeal",), lambda subject, events, _: [appeal_of(subject, events)]),
    "policies": (("policy",), lambda _, events, as_of: [policy_of(events, as_of)]),
    "agreements": (("agreement",), lambda _, events, as_of: [agreement_of(events, as_of)]),
    "referrals": (("dispute",), lambda _, events, __: referrals_of(events)),
    "memberships": (("membership",), lambda subject, events, _: [membership_of(subject, events)]),
    "bodies": (("body",), lambda _, events, __: [body_of(events)]),
    "meetings": (("body",), lambda _, events, __: meetings_of(events)),
    "programmes": (("programme",), lambda _, events, __: [programme_of(events)]),
    "parties": (("party",), lambda _, events, __: [party_of(events)]),
    "ip-rights": (("ip_right",), lambda _, events, as_of: [ip_right_of(events, as_of)]),
    "authority-orders": (("order",), lambda subject, events, _: [order_of(subject, events)]),
    "information-requests": (("order",), requests_of),
    "investigations": (("investigation",), lambda _, events, __: [investigation_of(events)]),
    "claims": (("claim",), lambda _, events, __: [claim_of(events)]),
}
"""Of which kinds of streams each list is, and its items; `listings` look at other streams, too."""
KINDS_OF: Mapping[str, tuple[str, ...]] = {"listings": ("listing",)} | {name: of for name, (of, _) in LISTED.items()}
"""Every list, and the kinds of streams it is of."""


class Seen:
    """What a log's events say at (as_of, known_at or size, certainty, basis)."""

    def __init__(
        self,
        entries: Sequence[Event],
        as_of: datetime,
        *,
        size: int | None = None,
        known_at: datetime | None = None,
        certainty: str = "CERTAIN",
        basis: str = "LEDGER",
    ) -> None:
        """Take everything recorded of one log, and the question. `size` counts entries."""
        self.as_of = as_of
        self.streams: dict[str, list[Event]] = {}
        for event in told_until(entries, as_of, size=size, known_at=known_at, certainty=certainty, basis=basis):
            self.streams.setdefault(event["subject"], []).append(event)

    def items(self, name: str, country: str | None = None) -> list[Item]:
        """Return a list's items, each with its `subject`. `country` is where listings are to be visible."""
        if name == "listings":
            return [self._listing(subject, events, country) for subject, events in self._of_kinds("listing")]
        kinds, listed = LISTED[name]
        return [
            {"subject": subject, **item}
            for subject, events in self._of_kinds(*kinds)
            for item in listed(subject, events, self.as_of)
            if item is not None
        ]

    def _of_kinds(self, *kinds: str) -> Iterator[tuple[str, list[Event]]]:
        """Yield (subject, its known events up to `as_of` in valid order) of these kinds."""
        for subject, events in self.streams.items():
            if subject.partition(":")[0] in kinds:
                yield subject, events

    def _listing(self, subject: str, events: Sequence[Event], country: str | None) -> Item:
        found = listing_of(events)
        restrictions = [r for r in restrictions_of(events, self.as_of).values() if r["in_force"]]
        hidden: list[str] = []
        if found["lifecycle"] != "PUBLISHED":
            hidden.append("NOT_PUBLISHED")
        destinations = found["destination_countries"]
        if country is not None and destinations is not None and country not in destinations:
            hidden.append("NOT_OFFERED_THERE")
        if any(hides(restriction, country) for restriction in restrictions):
            hidden.append("RESTRICTION")
        if found["seller_id"] in self.streams:
            seller = self.streams[found["seller_id"]]
            if HOLDS & kinds_in_force(seller, self.as_of):
                hidden.append("SELLER_" + seller_of(seller, self.as_of)["status"])
        if self._stopped(subject.split(":")[1], country):
            hidden.append("SERVICE_SUSPENDED")
        said = {"restricted": bool(restrictions), "visible": not hidden, "hidden_by": hidden}
        return {"subject": subject, **found, **said}

    def _stopped(self, platform: str, country: str | None) -> bool:
        """Tell whether a platform's marketplace is suspended in a country, or anywhere."""
        return any(
            service["service"] == "MARKETPLACE" and service["suspended"] and country in {None, service["country"]}
            for service in services_of(self.streams.get(f"platform:{platform}", []))
        )
