"""`append`: batches of 1,000 as NDJSON over four connections, validated, sealed and durable, to one log and to four.

Beside it, on the same server, the events just stored: as raw COPY of their rows, which is the limit; and in what a
user might pick instead, in process, which knows neither rules nor proofs. All sides take turns, and each round turns
their order round.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from api.bodies import NDJSON
from ledger.database import Connection
from ledger.store import create_log
from ledger.tokens import create_token
from tests.benchmarks.client import Driven, drive, encode_request
from tests.benchmarks.commits import commit_milliseconds, make_probe
from tests.benchmarks.copying import COMMITS, STEPS, Row, copy_rows, make_tables, parts_of, read_rows
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.options import Options
from tests.benchmarks.peers import read_recorded
from tests.benchmarks.peers.eventsourcing_recorder import Recorder, running_recorder
from tests.benchmarks.peers.umadb_server import Store, running_umadb
from tests.benchmarks.processes import family_cpu_seconds
from tests.benchmarks.server import DATA_CLASS, Product, running_product
from tests.benchmarks.workload import JURISDICTION, LOG, TIMEZONE, Lane

BATCH_EVENTS = 1_000
CONNECTIONS = 4
RECORDER_THREADS = CONNECTIONS
"""With which the recorder was fastest, of one, two and four."""
ROUNDS = 5
WARM_UP_EVENTS = 12_000
IS_STORED = "SELECT EXISTS (SELECT FROM event WHERE log_id = $1 AND id = $2)"
DEFAULT_EVENTS = 60_000
"""Events of one round."""
DEFAULT_SECONDS = 30.0
LIMITS = {
    "append/copy": Limit(at_least=0.6),
    "append_four_logs/copy": Limit(at_least=0.8),
    "append/eventsourcing": Limit(at_least=2.0),
    "append/umadb": Limit(at_least=1.0),
}
"""What a rate is to be, beside another of the same round."""
COPIES = {f"copy_{step}": step for step in STEPS} | {"copy_commits": COMMITS}


class Round(Struct, frozen=True, kw_only=True):
    """The events a second of every side, and what they took.

    `commits` are the sizes of those of the append to one log, `cpu_seconds` is all that it took, by who took it, and
    `postgres_cpu_seconds` what PostgreSQL took for each side.
    """

    driven: Driven
    rates: dict[str, float]
    commits: list[int]
    cpu_seconds: dict[str, float]
    postgres_cpu_seconds: dict[str, float]
    commit_milliseconds: float


class Sender:
    """Makes and sends the batches of all connections; what a round did not send is sent by the next."""

    def __init__(self, product: Product, first_lane: int = 0, *, beside: Sequence[Product] = ()) -> None:
        """Take where to send, and the number of the first lane: its connections' lanes are this one and the next.

        With other logs `beside`, the connections send to all of them in turn.
        """
        self.sent = dict.fromkeys((each.log.slug for each in (product, *beside)), 0)
        self._products = list(islice(cycle((product, *beside)), CONNECTIONS))
        self._lanes = [Lane(first_lane + number) for number in range(CONNECTIONS)]
        self._waiting: list[deque[bytes]] = [deque() for _ in range(CONNECTIONS)]

    @property
    def sent_events(self) -> int:
        """How many events were sent, to all logs."""
        return sum(self.sent.values())

    async def go_on(self) -> None:
        """Go on after the batches that the logs have already: each connection's next is the first that is not there."""
        for product, lane, waiting in zip(self._products, self._lanes, self._waiting, strict=True):
            reader, events = product.database.pool("reader"), lane.make(BATCH_EVENTS)
            while await reader.fetchval(IS_STORED, product.log.log_id, events[0]["id"]):
                events = lane.make(BATCH_EVENTS)
            waiting.append(_request(product, [msgspec.json.encode(event) for event in events]))

    async def send(self, events: int, seconds: float) -> Driven:
        """Send so many events, in whole batches, for at most so long."""
        batches = max(1, events // BATCH_EVENTS // CONNECTIONS)
        for product, lane, waiting in zip(self._products, self._lanes, self._waiting, strict=True):
            while len(waiting) < batches:
                waiting.append(_request(product, lane.take(BATCH_EVENTS)))
        driven = await drive(self._products[0].port, self._waiting, seconds)
        for product, sent in zip(self._products, driven.sent, strict=True):
            self.sent[product.log.slug] += len(sent) * BATCH_EVENTS
        return driven


def _request(product: Product, events: Sequence[bytes]) -> bytes:
    return encode_request(product.path, product.token, NDJSON, b"\n".join(events))


class Contest(Struct, frozen=True, kw_only=True):
    """All that take part."""

    product: Product
    connection: Connection
    sender: Sender
    four: Sender
    recorder: Recorder
    store: Store


async def run(options: Options) -> Result:
    """Measure and return the ratios. Raises NotDurable, NotAsStored or RequestFailed."""
    events, seconds = options.events or DEFAULT_EVENTS, options.seconds or DEFAULT_SECONDS
    async with (
        running_product() as product,
        product.database.owner() as connection,
        running_recorder(product.server, RECORDER_THREADS) as recorder,
        running_umadb() as store,
    ):
        await make_tables(connection)
        await make_probe(connection)
        logs = await _make_logs(product)
        sender, four = Sender(product), Sender(logs[0], beside=logs[1:])
        contest = Contest(
            product=product, connection=connection, sender=sender, four=four, recorder=recorder, store=store
        )
        await _round(contest, 0, WARM_UP_EVENTS, seconds)
        rounds = [await _round(contest, number, events, seconds) for number in range(ROUNDS)]
        for log in logs:
            await log.check(four.sent[log.log.slug])
        mean = await product.check(sender.sent_events)
        return _result(rounds, {"mean_entry_bytes": mean, **machine(await product.postgresql())})


async def _make_logs(product: Product) -> list[Product]:
    """Return the way to a new log for each connection."""
    keeper, origin = product.database.pool("keeper"), product.database.name
    slugs = [f"{LOG}-{number}" for number in range(CONNECTIONS)]
    logs = [
        await create_log(keeper, slug, "PLATFORM", TIMEZONE, JURISDICTION, DATA_CLASS, f"{origin}/{slug}")
        for slug in slugs
    ]
    token = await create_token(keeper, "PLATFORM_WRITER", slugs, None)
    return [replace(product, log=log, token=token) for log in logs]


async def _round(contest: Contest, number: int, events: int, seconds: float) -> Round:
    """Let every side have its turn, the product first: the others store what it has stored."""
    product = contest.product
    commit = await commit_milliseconds(contest.connection)
    start, before = await product.size(), _cpu(product)
    driven = await contest.sender.send(events, seconds)
    after, end = _cpu(product), await product.size()
    four = await contest.four.send(events, seconds)
    rows = await read_rows(contest.connection, product.log, start, end)
    others = _others(contest, rows)
    rates, postgres = {}, {"append": after["postgres"] - before["postgres"]}
    for name in others if number % 2 else reversed(others):
        used = product.cpu()[1]
        rates[name] = await others[name]()
        postgres[name] = product.cpu()[1] - used
    return Round(
        driven=driven,
        rates={"append": _rate(driven), "append_four_logs": _rate(four), **{name: rates[name] for name in others}},
        commits=[len(part) for part in parts_of(rows, COMMITS)],
        cpu_seconds={"client": driven.client_cpu_seconds, **{name: after[name] - before[name] for name in after}},
        postgres_cpu_seconds=postgres,
        commit_milliseconds=commit,
    )


def _others(contest: Contest, rows: Sequence[Row]) -> dict[str, Callable[[], Awaitable[float]]]:
    """Return what stores these rows on each of the other sides, and then gives its rate."""

    async def copy(step: int) -> float:
        return (await copy_rows(contest.connection, rows, step)).rows_per_second

    recorded = read_recorded(rows)
    return {
        **{name: partial(copy, step) for name, step in COPIES.items()},
        "eventsourcing": partial(contest.recorder.store, recorded, BATCH_EVENTS),
        "umadb": partial(contest.store.store, recorded, BATCH_EVENTS),
    }


def _rate(driven: Driven) -> float:
    return driven.requests * BATCH_EVENTS / driven.seconds


def _cpu(product: Product) -> dict[str, float]:
    """Return the seconds of processor time used so far by the service, by its drafting processes and by PostgreSQL."""
    service, postgres = product.cpu()
    return {"service": service, "drafting": family_cpu_seconds(product.process) - service, "postgres": postgres}


def ratio_of(rates: Mapping[str, float], name: str) -> float:
    """Return the ratio of this name, `ours/theirs`. `copy` is the faster of those in fixed steps."""
    ours, _, theirs = name.partition("/")
    copies = [rates[f"copy_{step}"] for step in STEPS]
    return rates[ours] / (max(copies) if theirs == "copy" else rates[theirs])


def _result(rounds: Sequence[Round], more: Mapping[str, Any]) -> Result:
    total = sum(each.driven.requests * BATCH_EVENTS for each in rounds)
    ratios = {
        name: spread([ratio_of(each.rates, name) for each in rounds]) for name in (*LIMITS, "append/copy_commits")
    }
    commits = [events for each in rounds for events in each.commits]

    def per(of: Callable[[Round], Mapping[str, float]]) -> dict[str, float]:
        return {name: per_event(sum(of(each)[name] for each in rounds), total) for name in of(rounds[0])}

    figures = {
        **ratios,
        **{f"{name}_per_second": spread([each.rates[name] for each in rounds]) for name in rounds[0].rates},
        **{f"{name}_by_round": [round(each.rates[name]) for each in rounds] for name in rounds[0].rates},
        "events": total,
        "events_of_a_commit": spread(commits),
        "commits": len(commits),
        "batch_milliseconds": spread([latency * 1e3 for each in rounds for latency in each.driven.latencies]),
        "least_commit_milliseconds": spread([each.commit_milliseconds for each in rounds]),
        "append_cpu_us_per_event": per(lambda each: each.cpu_seconds),
        "postgres_cpu_us_per_event": per(lambda each: each.postgres_cpu_seconds),
        **more,
    }
    return Result(ratios={name: ratio["median"] for name, ratio in ratios.items()}, limits=LIMITS, figures=figures)
