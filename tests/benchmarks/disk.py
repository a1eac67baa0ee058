"""What a ledger takes of the disk, by table with its indexes; the write-ahead log; the bytes of the entries."""

from collections.abc import Mapping

from msgspec import Struct

from ledger.database import Connection
from projections.event_search import SEARCH
from tests.benchmarks.copying import TABLE_PREFIX
from tests.benchmarks.server import Product

SIZES = """
SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT starts_with(relname, $1)
ORDER BY bytes DESC, name
"""
ENTRIES = "SELECT sum(length(entry)) FROM event WHERE log_id = $1 AND position >= $2 AND position < $3"
WRITE_AHEAD = "SELECT sum(size)::bigint FROM pg_ls_waldir()"


class Disk(Struct, frozen=True, kw_only=True):
    """Bytes: of each table with its indexes, and of the write-ahead log as it stands."""

    tables: Mapping[str, int]
    write_ahead: int

    @property
    def search(self) -> int:
        """The search's."""
        return self.tables[SEARCH]

    @property
    def all_but_search(self) -> int:
        """Those of all tables but the search's: events, proofs, views, and what little there is beside them."""
        return sum(self.tables.values()) - self.search

    def per_event(self, events: int) -> dict[str, float]:
        """Return the bytes of each table for each event; none of those that have less than a byte for each."""
        return {name: round(size / events, 1) for name, size in self.tables.items() if size >= events}


async def read_disk(connection: Connection) -> Disk:
    """Return what the ledger takes now. The connection is the owner's, who sees every file."""
    return Disk(
        tables={row["name"]: row["bytes"] for row in await connection.fetch(SIZES, TABLE_PREFIX)},
        write_ahead=await connection.fetchval(WRITE_AHEAD),
    )


async def entry_bytes(product: Product, connection: Connection, start: int, end: int) -> int:
    """Return the bytes of the entries from `start` to before `end`."""
    total: int = await connection.fetchval(ENTRIES, product.log.log_id, start, end)
    return total
