"""`replay`: the state of every stream by a fold of the whole log, with its manifest, beside reading the rows.

The limit is beside reading them in the order of the log. A fold reads them stream by stream, which takes the database
longer: beside that stands a ratio of its own.

It is what `jejak replay` does: every event is read, every state made, written as JSON and hashed. Both sides are done
in turns, by one process on one core. In the end the manifest's hash is that of the states as the views have them, which
come by another way.
"""

import hashlib
import time

import msgspec
from msgspec import Struct

from ledger.domain.catalogue import kind_of
from ledger.entry import encode_canonical
from ledger.garbage import spare_collections
from ledger.store import read_heads
from projections.moment import Moment, TimeParameters, resolve
from projections.rectangle import FOR_EVER, STILL_KNOWN
from projections.replay import Manifest, replay
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.grown import grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.reading import Read, on_one_core, read_rows, read_rows_by_subject
from tests.benchmarks.server import NotAsStored, Product

ROUNDS = 5
DEFAULT_EVENTS = 100_000
LIMIT = Limit(at_least=0.3)
"""The part of the rate of reading the rows at which a log is to be folded."""
PAGE_STATES = 1_000
STATES = """
SELECT subject, item FROM view_listing WHERE log_id = $1 AND subject > $2 AND valid_to = $3 AND known_to = $4
UNION ALL
SELECT subject, item FROM view_seller WHERE log_id = $1 AND subject > $2 AND valid_to = $3 AND known_to = $4
ORDER BY subject LIMIT $5
"""
"""The views that have a row for each stream of the workload."""


class Replayed(Struct, frozen=True, kw_only=True):
    """How many events were folded, in what time, and the hash of all states."""

    events: int
    seconds: float
    cpu_seconds: float
    sha256: str

    @property
    def events_per_second(self) -> float:
        """The rate."""
        return self.events / self.seconds


class Round(Struct, frozen=True, kw_only=True):
    """Both sides over the same log."""

    replayed: Replayed
    read: Read
    read_by_subject: Read

    @property
    def ratio(self) -> float:
        """The rate of the fold as a part of that of reading."""
        return self.replayed.events_per_second / self.read.rows_per_second

    @property
    def ratio_by_subject(self) -> float:
        """The rate of the fold as a part of that of reading stream by stream."""
        return self.replayed.events_per_second / self.read_by_subject.rows_per_second


async def run(options: Options) -> Result:
    """Measure and return the ratio to reading the rows. Raises NotDurable, NotAsStored or RequestFailed."""
    async with grown_product(options, DEFAULT_EVENTS) as product:
        size = await product.size()
        reader = product.database.pool("reader")
        moment = await resolve(reader, TimeParameters(), await read_heads(reader, [product.log.slug]))
        spare_collections()  # as the command does
        with on_one_core():
            await _round(product, moment, 0)
            rounds = [await _round(product, moment, number) for number in range(ROUNDS)]
        folded = {(each.replayed.events, each.replayed.sha256) for each in rounds}
        if folded != {(size, await hash_of_views(product))}:
            raise NotAsStored("the states are not those that the views have")
        return _result(rounds, size, await product.postgresql())


async def _round(product: Product, moment: Moment, number: int) -> Round:
    """Read and fold, now the one first and now the other."""
    if number % 2:
        replayed = await fold(product, moment)
        read, by_subject = await _read(product)
    else:
        read, by_subject = await _read(product)
        replayed = await fold(product, moment)
    return Round(replayed=replayed, read=read, read_by_subject=by_subject)


async def _read(product: Product) -> tuple[Read, Read]:
    size = await product.size()
    async with product.database.pool("reader").acquire() as connection:
        read = await read_rows(connection, product.log, size)
        return read, await read_rows_by_subject(connection, product.log, size)


async def fold(product: Product, moment: Moment) -> Replayed:
    """Replay a log to a moment, and let go of the states."""
    manifest = Manifest(moment, None)
    cpu, started = time.process_time(), time.perf_counter()
    async for _ in replay(product.database.pool("reader"), moment, manifest):
        pass
    described = manifest.describe()
    return Replayed(
        events=described["event_count"],
        seconds=time.perf_counter() - started,
        cpu_seconds=time.process_time() - cpu,
        sha256=described["result_sha256"],
    )


async def hash_of_views(product: Product) -> str:
    """Return the hash that a replay to now must have, from the rows of the views that have no end."""
    hashed, after = hashlib.sha256(), ""
    while True:
        parameters = product.log.log_id, after, FOR_EVER, STILL_KNOWN, PAGE_STATES
        rows = await product.database.pool("reader").fetch(STATES, *parameters)
        for subject, item in rows:
            line = {"kind": kind_of(subject), "log": product.log.slug, "subject": subject, "state": msgspec.Raw(item)}
            hashed.update(encode_canonical(line) + b"\n")
        if len(rows) < PAGE_STATES:
            return hashed.hexdigest()
        after = rows[-1]["subject"]


def _result(rounds: list[Round], size: int, postgresql: str) -> Result:
    ratio = spread([each.ratio for each in rounds])
    by_subject = spread([each.ratio_by_subject for each in rounds])
    figures = {
        "replay/read": ratio,
        "replay/read_by_subject": by_subject,
        "events_per_second": spread([each.replayed.events_per_second for each in rounds]),
        "read_rows_per_second": spread([each.read.rows_per_second for each in rounds]),
        "read_by_subject_rows_per_second": spread([each.read_by_subject.rows_per_second for each in rounds]),
        "cpu_us_per_event": spread([per_event(each.replayed.cpu_seconds, size) for each in rounds]),
        "read_cpu_us_per_row": spread([per_event(each.read.cpu_seconds, size) for each in rounds]),
        "size": size,
        **machine(postgresql),
    }
    ratios = {"replay/read": ratio["median"], "replay/read_by_subject": by_subject["median"]}
    return Result(ratios=ratios, limits={"replay/read": LIMIT}, figures=figures)
