"""`verify`: a log is verified from its database, beside reading and hashing the same entries alone.

Hashing alone is the least that a verification can be: every entry is read, its leaf hashed and the tree over all
leaves. Verifying also reads each entry as an event, compares every column, tile and signed root, and every stream's
versions. Both are done in turns.
"""

import time
from typing import Any

from msgspec import Struct

from ledger.store import read_entries, read_heads
from ledger.tlog.merkle import extend_frontier, frontier_root, leaf_hash
from ledger.verify import LogVerifier
from tests.benchmarks.append import Sender
from tests.benchmarks.figures import Result, machine, spread
from tests.benchmarks.project import append
from tests.benchmarks.server import NotAsStored, Product, running_product

ROUNDS = 5
DEFAULT_EVENTS = 100_000
DEFAULT_SECONDS = 600.0
LIMIT = 0.5
"""The least part of the rate of hashing alone at which a log is to be verified."""


class Round(Struct, frozen=True, kw_only=True):
    """The seconds that each took over the same log; and hashing alone of entries that are in memory already."""

    verified: float
    read_and_hashed: float
    hashed: float

    @property
    def ratio(self) -> float:
        """The rate of verifying as a part of that of reading and hashing."""
        return self.read_and_hashed / self.verified


async def run(events: int | None = None, seconds: float | None = None) -> Result:
    """Measure and return the ratio. Raises NotDurable, NotAsStored or RequestFailed."""
    async with running_product() as product:
        appended, _ = await append(Sender(product), events or DEFAULT_EVENTS, seconds or DEFAULT_SECONDS)
        await _round(product)
        rounds = [await _round(product) for _ in range(ROUNDS)]
        size = await product.size()
        if size != appended:
            raise NotAsStored(f"{appended} events were answered, {size} are stored")
        return _result(rounds, size, await product.postgresql())


async def _round(product: Product) -> Round:
    started = time.perf_counter()
    verified = await LogVerifier(product.database.pool("reader"), product.log).verify()
    between = time.perf_counter()
    read_and_hashed, hashed = await _hash_alone(product, verified.root)
    if verified.findings:
        raise NotAsStored(f"the log does not verify: {verified.findings[:3]}")
    return Round(verified=between - started, read_and_hashed=read_and_hashed, hashed=hashed)


async def _hash_alone(product: Product, root: str) -> tuple[float, float]:
    """Return the seconds that reading and hashing took, and of them those of hashing. Raises NotAsStored."""
    pool = product.database.pool("reader")
    (head,) = await read_heads(pool, [product.log.slug])
    size, frontier, hashed = 0, b"", 0.0
    started = time.perf_counter()
    async for page in read_entries(pool, product.log.log_id, 0, head.size):
        before = time.perf_counter()
        frontier = extend_frontier(size, frontier, [leaf_hash(stored.entry) for stored in page])
        hashed += time.perf_counter() - before
        size += len(page)
    taken = time.perf_counter() - started
    if not frontier_root(size, frontier).hex() == root == head.root.hex():
        raise NotAsStored("the entries do not give the root of the head")
    return taken, hashed


def _result(rounds: list[Round], size: int, postgresql: str) -> Result:
    ratio = spread([each.ratio for each in rounds])
    figures: dict[str, Any] = {
        "verify/read_and_hash": ratio,
        "limit": LIMIT,
        "verify/hash": spread([each.hashed / each.verified for each in rounds]),
        "events_per_second": spread([size / each.verified for each in rounds]),
        "read_and_hash_events_per_second": spread([size / each.read_and_hashed for each in rounds]),
        "hash_events_per_second": spread([size / each.hashed for each in rounds]),
        "size": size,
        **machine(postgresql),
    }
    return Result(ratios={"verify/read_and_hash": ratio["median"]}, figures=figures)
