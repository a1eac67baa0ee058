"""What stands in the database of a service, read past it, in the form in which it was answered."""

from collections.abc import Mapping, Sequence

import asyncpg

from ledger.domain.instants import format_instant
from ledger.judging import Receipt
from ledger.tlog.merkle import leaf_hash
from tests.faults.serving import Serving

Stored = Mapping[str, Receipt]


async def read_stored(served: Serving, ids: Sequence[str]) -> Stored:
    """Return what stands of these ids, as receipts; hashes are made of the entries' bytes."""
    async with served.database() as database:
        rows = await database.fetch(
            "SELECT id, position, version, recordedtime, entry FROM event WHERE id = ANY($1)", list(ids)
        )
    return {row["id"]: receipt_of(row) for row in rows}


def receipt_of(row: asyncpg.Record) -> Receipt:
    return Receipt(
        id=row["id"],
        position=row["position"],
        version=row["version"],
        recordedtime=format_instant(row["recordedtime"]),
        leaf_hash=leaf_hash(row["entry"]).hex(),
    )


def as_new(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return receipts without what says that the event was there before."""
    return [
        Receipt(id=r.id, position=r.position, version=r.version, recordedtime=r.recordedtime, leaf_hash=r.leaf_hash)
        for r in receipts
    ]
