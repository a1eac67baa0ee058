"""`single`: 64 clients that post one event a request.

Beside it, a route that decodes the same body and does nothing; and the recorder of the `eventsourcing` library, in
process, which 16 threads hand the same events one by one.
"""

from collections import deque
from typing import Any

from msgspec import Struct

from api.bodies import CLOUDEVENT
from ledger.database import Connection
from tests.benchmarks.client import Driven, drive, encode_request
from tests.benchmarks.commits import commit_milliseconds, make_probe
from tests.benchmarks.copying import read_rows
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.options import Options
from tests.benchmarks.peers import read_recorded
from tests.benchmarks.peers.eventsourcing_recorder import Recorder, running_recorder
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.server import Child, Product, running_child, running_product
from tests.benchmarks.sides import percentile
from tests.benchmarks.workload import Lane

CLIENTS = 64
RECORDER_THREADS = 16
ROUNDS = 5
WARM_UP_EVENTS = 3_200
DEFAULT_EVENTS = 16_000
"""Events of one round."""
DEFAULT_SECONDS = 30.0
LIMITS = {"single/empty_post": Limit(at_least=0.5), "single/eventsourcing": Limit(at_least=4.0)}
"""How many single events are to be answered, to one of the other's."""
EMPTY = ("-m", "tests.benchmarks.empty")


class Round(Struct, frozen=True, kw_only=True):
    """The product, and then the others, with the same events."""

    driven: Driven
    empty: Driven
    recorded_per_second: float
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


class Contest(Struct, frozen=True, kw_only=True):
    """All that take part."""

    product: Product
    connection: Connection
    sender: Sender
    empty: Child
    recorder: Recorder


async def run(options: Options) -> Result:
    """Measure and return the ratios. Raises NotDurable, NotAsStored or RequestFailed."""
    async with (
        running_product() as product,
        running_child(EMPTY) as empty,
        running_recorder(product.server, RECORDER_THREADS) as recorder,
        product.database.owner() as connection,
    ):
        events, seconds = options.events or DEFAULT_EVENTS, options.seconds or DEFAULT_SECONDS
        await make_probe(connection)
        sender = Sender(product)
        contest = Contest(product=product, connection=connection, sender=sender, empty=empty, recorder=recorder)
        await _round(contest, WARM_UP_EVENTS, seconds)
        rounds = [await _round(contest, events, seconds) for _ in range(ROUNDS)]
        mean = await product.check(sender.sent_events)
        return _result(rounds, {"mean_entry_bytes": mean, **machine(await product.postgresql())})


async def _replay(empty: Child, driven: Driven, seconds: float) -> Driven:
    return await drive(empty.port, [deque(sent) for sent in driven.sent], seconds)


async def _round(contest: Contest, events: int, seconds: float) -> Round:
    """Let every side have its turn, the product first: the others get what it has got."""
    product, empty = contest.product, contest.empty
    commit = await commit_milliseconds(contest.connection)
    start, before = await product.size(), product.cpu()
    driven = await contest.sender.send(events, seconds)
    after = product.cpu()
    idle = cpu_seconds(empty.process)
    replayed = await _replay(empty, driven, seconds)
    empty_cpu = cpu_seconds(empty.process) - idle
    rows = await read_rows(contest.connection, product.log, start, await product.size())
    return Round(
        driven=driven,
        empty=replayed,
        recorded_per_second=await contest.recorder.store(read_recorded(rows), 1),
        service_cpu=after[0] - before[0],
        postgres_cpu=after[1] - before[1],
        empty_cpu=empty_cpu,
        commit_milliseconds=commit,
    )


def _latency(rounds: list[Driven]) -> dict[str, float]:
    """Return the median and the 99th percentile, in milliseconds."""
    latencies = [latency for each in rounds for latency in each.latencies]
    return {f"p{percent}": round(percentile(latencies, percent), 2) for percent in (50, 99)}


def _result(rounds: list[Round], more: dict[str, Any]) -> Result:
    total = sum(each.driven.requests for each in rounds)
    replayed = sum(each.empty.requests for each in rounds)
    ratios = {
        "single/empty_post": spread([each.requests_per_second / each.empty_per_second for each in rounds]),
        "single/eventsourcing": spread([each.requests_per_second / each.recorded_per_second for each in rounds]),
    }
    figures = {
        **ratios,
        "requests_per_second": spread([each.requests_per_second for each in rounds]),
        "empty_post_requests_per_second": spread([each.empty_per_second for each in rounds]),
        "eventsourcing_per_second": spread([each.recorded_per_second for each in rounds]),
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
    return Result(ratios={name: ratio["median"] for name, ratio in ratios.items()}, limits=LIMITS, figures=figures)
