"""The events that are measured: made from a fixed seed, realistic, and all of them acceptable in their order.

A lane is what one client sends: its listings and sellers are its own, so lanes may be appended side by side in any
order, and within a lane an event only ends a restriction that an earlier event of the lane has imposed.
"""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

SEED = 20_250_301
LOG = "bench"
TIMEZONE = "Asia/Jakarta"
JURISDICTION = "ID"
SOURCE = "/bench/moderation"
MEAN_ENTRY_BYTES_MIN = 700
"""The mean length of what is stored for an event is at least this."""

OPENS_LISTING, OPENS_SELLER, CHANGES, BLOCKS, REINSTATES, WARNS_AGAIN = range(6)
DECK: tuple[int, ...] = (
    *[OPENS_LISTING] * 9,
    OPENS_SELLER,
    *[BLOCKS] * 6,
    *[REINSTATES] * 3,
    *[CHANGES] * 8,
    *[WARNS_AGAIN] * 3,
)
"""Thirty events: ten open a stream, three end a restriction. A lane plays it in this order once, then shuffled: it
imposes twice as many restrictions as it ends, so from then on the three to end are there in any order."""

FIRST_TIME = datetime(2025, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=7)
CATEGORIES = ("batik-tulis", "sepatu-olahraga", "kosmetik-perawatan", "suku-cadang-motor", "elektronik-rumah")
CLUSTERS = ("TEXTILE_FASHION", "FOOTWEAR", "COSMETICS", "AUTOMOTIVE", "ELECTRONICS")
BRANDS = ("Rajawali", "Nusantara Craft", "Sinar Abadi", "Garuda Prima", "Cahaya Timur")
GOODS = ("Kemeja batik panjang", "Sepatu lari pria", "Krim wajah pencerah", "Kampas rem depan", "Blender 2 liter")
FACTS = (
    "The registered mark is on goods that the rights holder's records do not know.",
    "The distribution permit named is that of another product of another maker.",
    "Three buyers returned the goods with photos of missing safety marks.",
)
WARNINGS = (
    "Two listings had prices in a currency other than rupiah.",
    "Answers to buyers asked for payment outside the platform.",
)

Event = dict[str, Any]


class Lane:
    """The events of one client, in the order in which they must be appended; the same for the same seed and number."""

    def __init__(self, number: int, seed: int = SEED) -> None:
        """Take the lane's number, which is part of each of its ids."""
        self._number = number
        self._random = random.Random(f"{seed}/{number}")
        self._deck: list[int] = []
        self._made = 0
        self._listings: list[str] = []
        self._sellers: list[str] = []
        self._in_force: list[tuple[str, str]] = []
        self._makers: dict[int, Callable[[], Event]] = {
            OPENS_LISTING: self._publish,
            OPENS_SELLER: self._open_seller,
            CHANGES: self._change,
            BLOCKS: self._block,
            REINSTATES: self._reinstate,
            WARNS_AGAIN: self._warn_again,
        }

    def take(self, count: int) -> list[bytes]:
        """Return the next events, each as JSON."""
        return [msgspec.json.encode(event) for event in self.make(count)]

    def make(self, count: int) -> list[Event]:
        """Return the next events."""
        return [self.next() for _ in range(count)]

    def next(self) -> Event:
        """Return the next event."""
        if not self._deck:
            self._deck = list(reversed(DECK))
            if self._made:
                self._random.shuffle(self._deck)
        self._made += 1
        return self._makers[self._deck.pop()]()

    def _event(self, event_type: str, subject: str, data: Event) -> Event:
        # The id is a UUIDv4, which is what the CloudEvents libraries give an event by default.
        identifier = uuid.UUID(int=self._random.getrandbits(128), version=4)
        time = (FIRST_TIME + self._made * STEP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {
            "specversion": "1.0",
            "id": str(identifier),
            "source": SOURCE,
            "type": event_type,
            "subject": subject,
            "time": time,
            "data": data,
        }

    def _new_name(self) -> str:
        return f"{self._number:02d}-{self._made:07d}"

    def _digest(self) -> str:
        return f"{self._random.getrandbits(256):064x}"

    def _price(self) -> Event:
        return {"amount_minor": self._random.randrange(15_000_00, 950_000_00), "currency": "IDR"}

    def _title(self, kind: int) -> str:
        return f"{GOODS[kind]} {self._random.choice(BRANDS)} seri {self._random.randrange(100, 999)}, garansi resmi"

    def _publish(self) -> Event:
        kind = self._random.randrange(len(GOODS))
        listing = f"listing:{LOG}:{self._new_name()}"
        self._listings.append(listing)
        data = {
            "seller_id": self._random.choice(self._sellers) if self._sellers else f"seller:{LOG}:first",
            "title": self._title(kind),
            "category_code": CATEGORIES[kind],
            "cluster": CLUSTERS[kind],
            "hs_code": f"{self._random.randrange(100000, 999999)}",
            "gtin": f"{self._random.randrange(10**12, 10**13)}",
            "ship_from_country": "ID",
            "goods_origin_country": self._random.choice(("ID", "CN", "VN")),
            "destination_countries": ["ID", "MY", "SG"],
            "price": self._price(),
            "content_sha256": self._digest(),
        }
        return self._event("ListingPublished", listing, data)

    def _open_seller(self) -> Event:
        self._sellers.append(f"seller:{LOG}:{self._new_name()}")
        return self._warn(self._sellers[-1])

    def _warn_again(self) -> Event:
        return self._warn(self._random.choice(self._sellers))

    def _warn(self, seller: str) -> Event:
        data = {
            "warning_id": f"W-{self._new_name()}",
            "reason_code": "LISTING_QUALITY",
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "decision_facts": self._random.choice(WARNINGS),
            "source_type": "SOURCE_VOLUNTARY",
            "cure_by": "2031-01-31T17:00:00Z",
            "legal_basis": [self._basis("TERMS_INCOMPATIBLE")],
        }
        return self._event("SellerWarned", seller, data)

    def _change(self) -> Event:
        kind = self._random.randrange(len(GOODS))
        data = {
            "changed": {
                "title": {"from": self._title(kind), "to": self._title(kind)},
                "price": {"from": self._price(), "to": self._price()},
            }
        }
        return self._event("ListingAttributesChanged", self._random.choice(self._listings), data)

    def _block(self) -> Event:
        listing, restriction = self._random.choice(self._listings), f"R-{self._new_name()}"
        self._in_force.append((listing, restriction))
        data = {
            "restriction_id": restriction,
            "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
            "territorial_scope": ["ID", "MY"],
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
            "decision_facts": self._random.choice(FACTS),
            "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
            "automated_detection": False,
            "legal_basis": [self._basis("ILLEGAL_CONTENT")],
            "evidence": [self._evidence()],
        }
        return self._event("ListingBlocked", listing, data)

    def _evidence(self) -> Event:
        return {
            "evidence_id": f"E-{self._new_name()}",
            "sha256": self._digest(),
            "size_bytes": self._random.randrange(40_000, 900_000),
            "captured_at": "2025-01-01T09:30:00+07:00",
        }

    def _basis(self, ground: str) -> Event:
        return {"instrument_id": f"policy:{LOG}:terms", "ground": ground, "jurisdiction": "ID"}

    def _reinstate(self) -> Event:
        at = self._random.randrange(len(self._in_force))
        self._in_force[at], self._in_force[-1] = self._in_force[-1], self._in_force[at]
        listing, restriction = self._in_force.pop()
        data = {
            "restriction_id": restriction,
            "ground": self._random.choice(("APPEAL_UPHELD", "COUNTER_NOTICE_UPHELD", "LICENCE_SHOWN")),
            "decided_by": f"team:{self._random.randrange(1, 40)}",
            "compensation": self._price(),
            "legal_basis": [self._basis("CONTRACT")],
        }
        return self._event("ListingReinstated", listing, data)
