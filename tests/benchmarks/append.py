"""`append`: batches of 1,000 as NDJSON over four connections, validated, sealed and durable, against raw COPY."""

from collections import deque
from typing import Any

from msgspec import Struct

from api.bodies import NDJSON
from ledger.database import Connection
from tests.benchmarks.client import Driven, drive, encode_request
from tests.benchmarks.commits import commit_milliseconds, make_probe
from tests.benchmarks.copying import STEPS, Copied, copy_rows, make_tables, read_rows
from tests.benchmarks.figures import Result, machine, per_event, spread
from tests.benchmarks.server import Product, running_product
from tests.benchmarks.workload import Lane

BATCH_EVENTS = 1_000
CONNECTIONS = 4
ROUNDS = 5
WARM_UP_EVENTS = 12_000
DEFAULT_EVENTS = 60_000
"""Events of one round."""
DEFAULT_SECONDS = 30.0


class Round(Struct, frozen=True, kw_only=True):
    """The product, and then the limit, on the same rows."""

    events: int
    driven: Driven
    copied: dict[int, Copied]
    service_cpu: float
    postgres_cpu: float
    copy_postgres_cpu: float
    commit_milliseconds: float

    @property
    def events_per_second(self) -> float:
        """The product's rate."""
        return self.events / self.driven.seconds

    @property
    def ratio(self) -> float:
        """The product's rate as a part of the faster COPY."""
        return self.events_per_second / max(copied.rows_per_second for copied in self.copied.values())


class Sender:
    """Makes and sends the batches of all connections; what a round did not send is sent by the next."""

    def __init__(self, product: Product) -> None:
        """Take where to send."""
        self.sent_events = 0
        self._product = product
        self._lanes = [Lane(number) for number in range(CONNECTIONS)]
        self._waiting: list[deque[bytes]] = [deque() for _ in range(CONNECTIONS)]

    async def send(self, events: int, seconds: float) -> Driven:
        """Send so many events, in whole batches, for at most so long."""
        batches = max(1, events // BATCH_EVENTS // CONNECTIONS)
        for lane, waiting in zip(self._lanes, self._waiting, strict=True):
            while len(waiting) < batches:
                body = b"\n".join(lane.take(BATCH_EVENTS))
                waiting.append(encode_request(self._product.path, self._product.token, NDJSON, body))
        driven = await drive(self._product.port, self._waiting, seconds)
        self.sent_events += driven.requests * BATCH_EVENTS
        return driven


async def run(events: int | None = None, seconds: float | None = None) -> Result:
    """Measure and return the ratio to `copy`. Raises NotDurable, NotAsStored or RequestFailed."""
    async with running_product() as product, product.database.owner() as connection:
        await make_tables(connection)
        await make_probe(connection)
        sender = Sender(product)
        await sender.send(WARM_UP_EVENTS, seconds or DEFAULT_SECONDS)
        warm = await read_rows(connection, product.log, 0, await product.size())
        for step in STEPS:
            await copy_rows(connection, warm, step)
        rounds = [
            await _round(product, connection, sender, number, events or DEFAULT_EVENTS, seconds or DEFAULT_SECONDS)
            for number in range(ROUNDS)
        ]
        mean = await product.check(sender.sent_events)
        return _result(rounds, {"mean_entry_bytes": mean, **machine(await product.postgresql())})


async def _round(
    product: Product, connection: Connection, sender: Sender, number: int, events: int, seconds: float
) -> Round:
    commit = await commit_milliseconds(connection)
    start = await product.size()
    before = product.cpu()
    driven = await sender.send(events, seconds)
    between = product.cpu()
    rows = await read_rows(connection, product.log, start, await product.size())
    reading = product.cpu()
    steps = STEPS if number % 2 else STEPS[::-1]
    copied = {step: await copy_rows(connection, rows, step) for step in steps}
    return Round(
        events=driven.requests * BATCH_EVENTS,
        driven=driven,
        copied=copied,
        service_cpu=between[0] - before[0],
        postgres_cpu=between[1] - before[1],
        copy_postgres_cpu=product.cpu()[1] - reading[1],
        commit_milliseconds=commit,
    )


def _result(rounds: list[Round], more: dict[str, Any]) -> Result:
    total = sum(each.events for each in rounds)
    copied = sum(copied.rows for each in rounds for copied in each.copied.values())
    ratio = spread([each.ratio for each in rounds])
    figures = {
        "events_per_second": spread([each.events_per_second for each in rounds]),
        **{
            f"copy_{step}_rows_per_second": spread([each.copied[step].rows_per_second for each in rounds])
            for step in STEPS
        },
        "append/copy": ratio,
        "events_per_second_by_round": [round(each.events_per_second) for each in rounds],
        "copy_by_round": [round(max(c.rows_per_second for c in each.copied.values())) for each in rounds],
        "events": total,
        "batch_milliseconds": spread([latency * 1e3 for each in rounds for latency in each.driven.latencies]),
        "least_commit_milliseconds": spread([each.commit_milliseconds for each in rounds]),
        "service_cpu_us_per_event": per_event(sum(each.service_cpu for each in rounds), total),
        "postgres_cpu_us_per_event": per_event(sum(each.postgres_cpu for each in rounds), total),
        "client_cpu_us_per_event": per_event(sum(each.driven.client_cpu_seconds for each in rounds), total),
        "copy_postgres_cpu_us_per_row": per_event(sum(each.copy_postgres_cpu for each in rounds), copied),
        "seconds": {
            "append": round(sum(each.driven.seconds for each in rounds), 2),
            **{f"copy_{step}": round(sum(each.copied[step].seconds for each in rounds), 2) for step in STEPS},
        },
        **more,
    }
    return Result(ratios={"append/copy": ratio["median"]}, figures=figures)
