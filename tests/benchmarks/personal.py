"""`personal`: the same events with and without † values, in turns; what encryption, keys and tokens cost an append.

Of eight events five carry † values, nine in all. One is of somebody whom the ledger meets for the first time, and makes
a key for: a seller, who is verified and appeals, too, as one data subject. Notices come from notifiers who send many.
"""

import random
import uuid
from collections import deque
from typing import Any

import msgspec
from msgspec import Struct

from api.bodies import NDJSON
from tests.benchmarks.client import Driven, drive, encode_request
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.options import Options
from tests.benchmarks.server import Product, running_product
from tests.benchmarks.workload import FIRST_TIME, LOG, SEED, SOURCE, STEP, Event

BATCH_EVENTS = 1_000
CONNECTIONS = 4
ROUNDS = 9
"""More than elsewhere: what is compared differs by little, and a round is short."""
WARM_UP_EVENTS = 4_000
DEFAULT_EVENTS = 20_000
"""Events of each half of a round."""
DEFAULT_SECONDS = 30.0
LIMIT = Limit(at_most=1.3)
"""How many times as much an append with † values may cost."""
ADDRESSES = ("Jalan Kebon Kacang Raya 17, Jakarta Pusat", "Jalan Malioboro 52, Yogyakarta", "Jalan Braga 99, Bandung")
NOTIFIERS = 50
PERSONAL = frozenset({"shop_name", "name", "address", "national_id_token", "text", "notifier_name", "notifier_email"})
"""The † members of what is sent, left out in the half without."""


class People:
    """The events of one client: sellers, each a new person, who register, are verified and appeal; notices; blocks."""

    def __init__(self, number: int, *, personal: bool) -> None:
        """Take the lane's number, which is part of each of its ids, and whether † values are sent."""
        self._number = number
        self._personal = personal
        self._random = random.Random(f"{SEED}/{number // 2}")
        self._made = 0
        self._turns = (
            self._registered,
            self._verified,
            self._noticed,
            self._blocked,
            self._appealed,
            self._decided,
            self._noticed,
            self._blocked,
        )

    def take(self, count: int) -> list[bytes]:
        """Return the next events, each as JSON."""
        return [msgspec.json.encode(self._next()) for _ in range(count)]

    def _next(self) -> Event:
        event_type, subject, data = self._turns[self._made % len(self._turns)]()
        self._made += 1
        if not self._personal:
            data = {name: value for name, value in data.items() if name not in PERSONAL}
        time = (FIRST_TIME + self._made * STEP).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        identifier = uuid.UUID(int=self._random.getrandbits(128) ^ self._number, version=4)
        return {
            "specversion": "1.0",
            "id": str(identifier),
            "source": SOURCE,
            "type": event_type,
            "subject": subject,
            "time": time,
            "data": data,
        }

    def _who(self) -> str:
        return f"{self._number:02d}-{self._made // len(self._turns):07d}"

    def _registered(self) -> tuple[str, str, dict[str, Any]]:
        data = {
            "subject_id": f"subject:seller-{self._who()}",
            "platform_id": f"platform:{LOG}",
            "country": "ID",
            "store_kind": "MARKETPLACE",
            "shop_name": f"Toko Sari {self._who()}",
        }
        return "SellerRegistered", f"seller:{LOG}:{self._who()}", data

    def _verified(self) -> tuple[str, str, dict[str, Any]]:
        data = {
            "subject_id": f"subject:seller-{self._who()}",
            "verification_id": f"V-{self._who()}",
            "entity_class": "INDIVIDUAL",
            "document_type": "KTP",
            "document_country": "ID",
            "checks": ["NAME_MATCH", "REGISTRY_FOUND"],
            "verified_by": f"team:{self._random.randrange(1, 40)}",
            "name": f"Aminah binti Abdurrahman {self._random.randrange(1000)}",
            "address": self._random.choice(ADDRESSES),
            "national_id_token": f"{self._random.randrange(10**15, 10**16)}",
        }
        return "SellerVerified", f"seller:{LOG}:{self._who()}", data

    def _noticed(self) -> tuple[str, str, dict[str, Any]]:
        notifier = self._random.randrange(NOTIFIERS)
        data = {
            "subject_id": f"subject:notifier-{notifier}",
            "notice_ref": f"N-{self._number:02d}-{self._made:07d}",
            "notifier_party_id": f"party:holder-{notifier}",
            "notifier_tier": "STANDARD",
            "regime": "US_DMCA",
            "channel": "WEB_FORM",
            "items": [{"item_no": 1, "listing_id": f"listing:{LOG}:{self._who()}"}],
            "notifier_name": f"Siti Rahma {notifier}",
            "notifier_email": f"siti.{notifier}@holder.example",
        }
        return "NoticeReceived", f"takedown_case:{LOG}:{self._number:02d}-{self._made:07d}", data

    def _blocked(self) -> tuple[str, str, dict[str, Any]]:
        data = {
            "restriction_id": f"R-{self._number:02d}-{self._made:07d}",
            "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
            "territorial_scope": ["ID"],
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "decision_facts": "The registered mark is on goods that the rights holder's records do not know.",
            "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION",
        }
        return "ListingBlocked", f"listing:{LOG}:{self._number:02d}-{self._made:07d}", data

    def _appealed(self) -> tuple[str, str, dict[str, Any]]:
        data = {
            "subject_id": f"subject:seller-{self._who()}",
            "target_event_id": f"decision-{self._who()}",
            "appellant_seller_id": f"seller:{LOG}:{self._who()}",
            "grounds": "The mark is licensed.",
            "text": "I have sold these blenders since 2019 under a licence, of which a copy went to your team twice.",
        }
        return "AppealFiled", f"appeal:{LOG}:{self._who()}", data

    def _decided(self) -> tuple[str, str, dict[str, Any]]:
        data = {
            "result": "UPHELD_DECISION",
            "decided_by": f"team:{self._random.randrange(1, 40)}",
            "human_review": True,
        }
        return "AppealDecided", f"appeal:{LOG}:{self._who()}", data


class Half(Struct, frozen=True, kw_only=True):
    """One half of a round: the same events, with † values or without."""

    events: int
    driven: Driven
    service_cpu: float
    postgres_cpu: float

    @property
    def events_per_second(self) -> float:
        """The rate."""
        return self.events / self.driven.seconds


class Sender:
    """Makes and sends the batches of all connections, with † values or without."""

    def __init__(self, product: Product, *, personal: bool) -> None:
        """Take where to send, and what."""
        self.sent_events = 0
        self._product = product
        self._lanes = [People(2 * number + personal, personal=personal) for number in range(CONNECTIONS)]

    async def send(self, events: int, seconds: float) -> Half:
        """Send so many events, in whole batches, for at most so long."""
        waiting: list[deque[bytes]] = []
        for lane in self._lanes:
            bodies = [b"\n".join(lane.take(BATCH_EVENTS)) for _ in range(max(1, events // BATCH_EVENTS // CONNECTIONS))]
            product = self._product
            waiting.append(deque(encode_request(product.path, product.token, NDJSON, body) for body in bodies))
        before = self._product.cpu()
        driven = await drive(self._product.port, waiting, seconds)
        after = self._product.cpu()
        sent = driven.requests * BATCH_EVENTS
        self.sent_events += sent
        return Half(events=sent, driven=driven, service_cpu=after[0] - before[0], postgres_cpu=after[1] - before[1])


async def run(options: Options) -> Result:
    """Measure and return what † values cost. Raises NotDurable, NotAsStored or RequestFailed."""
    events, seconds = options.events or DEFAULT_EVENTS, options.seconds or DEFAULT_SECONDS
    async with running_product() as product:
        senders = [Sender(product, personal=personal) for personal in (False, True)]
        for sender in senders:
            await sender.send(WARM_UP_EVENTS, seconds)
        halves: list[list[Half]] = [[], []]
        for number in range(ROUNDS):
            for turn in (0, 1) if number % 2 else (1, 0):
                halves[turn].append(await senders[turn].send(events, seconds))
        mean = await product.check(sum(sender.sent_events for sender in senders), mean_entry_bytes_min=0)
        return _result(halves[0], halves[1], {"mean_entry_bytes": mean, **machine(await product.postgresql())})


def _result(without: list[Half], personal: list[Half], more: dict[str, Any]) -> Result:
    cost = spread(
        [one.events_per_second / other.events_per_second for one, other in zip(without, personal, strict=True)]
    )
    figures: dict[str, Any] = {"personal/without": cost}
    for name, halves in (("without", without), ("personal", personal)):
        total = sum(half.events for half in halves)
        figures[f"{name}_events_per_second"] = spread([half.events_per_second for half in halves])
        figures[f"{name}_service_cpu_us_per_event"] = per_event(sum(half.service_cpu for half in halves), total)
        figures[f"{name}_postgres_cpu_us_per_event"] = per_event(sum(half.postgres_cpu for half in halves), total)
    return Result(
        ratios={"personal/without": cost["median"]},
        limits={"personal/without": LIMIT},
        figures={**figures, **more},
    )
