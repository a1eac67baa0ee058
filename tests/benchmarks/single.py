"""`single`: 64 clients that post one event a request, against a route that decodes the same body and does nothing."""

import statistics
from collections import deque
from typing import Any

from msgspec import Struct

from api.bodies import CLOUDEVENT
from ledger.database import Connection
from tests.benchmarks.client import Driven, drive, encode_request
from tests.benchmarks.commits import commit_milliseconds, make_probe
from tests.benchmarks.figures import Result, cpu_seconds, machine, per_event, spread
from tests.benchmarks.server import Child, Product, running_child, running_product
from tests.benchmarks.workload import Lane

CLIENTS = 64
ROUNDS = 3
WARM_UP_EVENTS = 3_200
DEFAULT_EVENTS = 16_000
"""Events of one round."""
DEFAULT_SECONDS = 30.0
EMPTY = ("-m", "tests.benchmarks.empty")


class Round(Struct, frozen=True, kw_only=True):
    """The product, and then the limit, with the same requests."""

    driven: Driven
    empty: Driven
    service_cpu: float
    postgres_cpu: float
    empty_cpu: float
    commit_milliseconds: float

    @property
    def requests_per_second(self) -> float:
        """The product's rate."""
        return self.driven.requests / self.driven.seconds

    @property
    def empty_per_second(self) -> float:
        """The limit's rate."""
        return self.empty.requests / self.empty.seconds


class Sender:
    """Makes and sends the requests of all clients; what a round did not send is sent by the next."""

    def __init__(self, product: Product) -> None:
        """Take where to send."""
        self.sent_events = 0
        self._product = product
        self._lanes = [Lane(number) for number in range(CLIENTS)]
        self._waiting: list[deque[bytes]] = [deque() for _ in range(CLIENTS)]

    async def send(self, events: int, seconds: float) -> Driven:
        """Send so many events, for at most so long."""
        each = max(1, events // CLIENTS)
        path, token = self._product.path, self._product.token
        for lane, waiting in zip(self._lanes, self._waiting, strict=True):
            bodies = lane.take(max(0, each - len(waiting)))
            waiting.extend(encode_request(path, token, CLOUDEVENT, body) for body in bodies)
        driven = await drive(self._product.port, self._waiting, seconds)
        self.sent_events += driven.requests
        return driven


async def run(events: int | None = None, seconds: float | None = None) -> Result:
    """Measure and return the ratio to `empty_post`. Raises NotDurable, NotAsStored or RequestFailed."""
    async with (
        running_product() as product,
        running_child(EMPTY) as empty,
        product.database.owner() as connection,
    ):
        await make_probe(connection)
        sender = Sender(product)
        warm = await sender.send(WARM_UP_EVENTS, seconds or DEFAULT_SECONDS)
        await _replay(empty, warm, seconds or DEFAULT_SECONDS)
        rounds = [
            await _round(product, connection, empty, sender, events or DEFAULT_EVENTS, seconds or DEFAULT_SECONDS)
            for _ in range(ROUNDS)
        ]
        mean = await product.check(sender.sent_events)
        return _result(rounds, {"mean_entry_bytes": mean, **machine(await product.postgresql())})


async def _replay(empty: Child, driven: Driven, seconds: float) -> Driven:
    return await drive(empty.port, [deque(sent) for sent in driven.sent], seconds)


async def _round(
    product: Product, connection: Connection, empty: Child, sender: Sender, events: int, seconds: float
) -> Round:
    commit = await commit_milliseconds(connection)
    before = product.cpu()
    driven = await sender.send(events, seconds)
    after = product.cpu()
    idle = cpu_seconds(empty.process)
    replayed = await _replay(empty, driven, seconds)
    return Round(
        driven=driven,
        empty=replayed,
        service_cpu=after[0] - before[0],
        postgres_cpu=after[1] - before[1],
        empty_cpu=cpu_seconds(empty.process) - idle,
        commit_milliseconds=commit,
    )


def _latency(rounds: list[Driven]) -> dict[str, float]:
    """Return the median and the 99th percentile, in milliseconds."""
    percentiles = statistics.quantiles((latency for each in rounds for latency in each.latencies), n=100)
    return {"p50": round(percentiles[49] * 1e3, 2), "p99": round(percentiles[98] * 1e3, 2)}


def _result(rounds: list[Round], more: dict[str, Any]) -> Result:
    total = sum(each.driven.requests for each in rounds)
    replayed = sum(each.empty.requests for each in rounds)
    ratio = spread([each.requests_per_second / each.empty_per_second for each in rounds])
    figures = {
        "requests_per_second": spread([each.requests_per_second for each in rounds]),
        "empty_post_requests_per_second": spread([each.empty_per_second for each in rounds]),
        "single/empty_post": ratio,
        "requests_per_second_by_round": [round(each.requests_per_second) for each in rounds],
        "events": total,
        "milliseconds": _latency([each.driven for each in rounds]),
        "empty_post_milliseconds": _latency([each.empty for each in rounds]),
        "least_commit_milliseconds": spread([each.commit_milliseconds for each in rounds]),
        "service_cpu_us_per_event": per_event(sum(each.service_cpu for each in rounds), total),
        "postgres_cpu_us_per_event": per_event(sum(each.postgres_cpu for each in rounds), total),
        "client_cpu_us_per_event": per_event(sum(each.driven.client_cpu_seconds for each in rounds), total),
        "empty_post_cpu_us_per_request": per_event(sum(each.empty_cpu for each in rounds), replayed),
        "seconds": {
            "single": round(sum(each.driven.seconds for each in rounds), 2),
            "empty_post": round(sum(each.empty.seconds for each in rounds), 2),
        },
        **more,
    }
    return Result(ratios={"single/empty_post": ratio["median"]}, figures=figures)
