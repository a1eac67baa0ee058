"""`verify`: a log is verified from its database, beside hashing its entries alone.

Hashing alone is the least that a verification can be: the entries are read, in the cheapest way we know, and of every
one the leaf is hashed, and the tree over all leaves. Verifying also reads each entry as an event, and compares every
column, tile and signed root, and every stream's versions. Both are done in turns. Beside them stands what is left of
hashing alone where the entries are in memory already.
"""

import time
from itertools import accumulate, pairwise
from typing import Any

from msgspec import Struct

from ledger.store import read_heads
from ledger.tlog.merkle import extend_frontier, frontier_root, leaf_hash
from ledger.verify import LogVerifier
from tests.benchmarks.figures import Limit, Result, machine, spread
from tests.benchmarks.grown import grown_product
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, Product

ROUNDS = 5
DEFAULT_EVENTS = 100_000
LIMIT = Limit(at_least=0.6)
"""The part of the rate of hashing alone at which a log is to be verified."""
READ_ENTRIES = 2_048
"""Entries read at once: as many as a verification reads."""
READ = """
SELECT array_agg(length(entry)) AS lengths, string_agg(entry, ''::bytea) AS entries
FROM (SELECT entry FROM event WHERE log_id = $1 AND position >= $2 AND position < $3 ORDER BY position) AS ordered
"""


class Round(Struct, frozen=True, kw_only=True):
    """The seconds that each took over the same log; `hashed` are those of hashing entries that are in memory."""

    verified: float
    read_and_hashed: float
    hashed: float


async def run(options: Options) -> Result:
    """Measure and return the ratio. Raises NotDurable, NoRoom, NotAsStored or RequestFailed."""
    async with grown_product(options, DEFAULT_EVENTS) as product:
        await _round(product)
        rounds = [await _round(product) for _ in range(ROUNDS)]
        return _result(rounds, await product.size(), await product.postgresql())


async def _round(product: Product) -> Round:
    started = time.perf_counter()
    verified = await LogVerifier(product.database.pool("reader"), product.log).verify()
    between = time.perf_counter()
    if verified.findings:
        raise NotAsStored(f"the log does not verify: {verified.findings[:3]}")
    read_and_hashed, hashed = await _hash_alone(product, verified.root)
    return Round(verified=between - started, read_and_hashed=read_and_hashed, hashed=hashed)


async def _hash_alone(product: Product, root: str) -> tuple[float, float]:
    """Return the seconds that reading and hashing took, and of them those of hashing. Raises NotAsStored."""
    pool = product.database.pool("reader")
    (head,) = await read_heads(pool, [product.log.slug])
    frontier, hashed = b"", 0.0
    started = time.perf_counter()
    for start in range(0, head.size, READ_ENTRIES):
        row = await pool.fetchrow(READ, product.log.log_id, start, min(start + READ_ENTRIES, head.size))
        if row is None:
            raise NotAsStored("the log is not there")
        before, packed = time.perf_counter(), row["entries"]
        leaves = [leaf_hash(packed[first:last]) for first, last in pairwise(accumulate(row["lengths"], initial=0))]
        frontier = extend_frontier(start, frontier, leaves)
        hashed += time.perf_counter() - before
    taken = time.perf_counter() - started
    if not frontier_root(head.size, frontier).hex() == root == head.root.hex():
        raise NotAsStored("the entries do not give the root of the head")
    return taken, hashed


def _result(rounds: list[Round], size: int, postgresql: str) -> Result:
    ratio = spread([each.read_and_hashed / each.verified for each in rounds])
    figures: dict[str, Any] = {
        "verify/hash": ratio,
        "verify/hash_in_memory": spread([each.hashed / each.verified for each in rounds]),
        "events_per_second": spread([size / each.verified for each in rounds]),
        "hash_events_per_second": spread([size / each.read_and_hashed for each in rounds]),
        "hash_in_memory_events_per_second": spread([size / each.hashed for each in rounds]),
        "size": size,
        **machine(postgresql),
    }
    return Result(ratios={"verify/hash": ratio["median"]}, limits={"verify/hash": LIMIT}, figures=figures)
