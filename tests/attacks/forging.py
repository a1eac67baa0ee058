"""What an operator can do who owns database, disk and keys: write whatever is wanted, with every guard off."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ledger.database import Connection
from ledger.domain.instants import parse_instant
from ledger.tlog.checkpoint import Checkpoint
from ledger.tlog.merkle import extend_frontier, leaf_hash
from ledger.tlog.note import Ed25519Signer, parse_skey
from tests.tiles import WIDTH, levels_of, root_of, root_over

EVENT = "INSERT INTO event VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
TILE = "INSERT INTO tile VALUES ($1, $2, $3, $4, $5)"
HEAD = "UPDATE log_head SET size = $2, frontier = $3, recordedtime = $4 WHERE log_id = $1"
SIGNED = ("signature", "checkpoint")
FORGED = ("event", "tile", "log_head", *SIGNED)
"""The tables that attacks change."""


async def unguarded(connection: Connection) -> None:
    """Switch off the triggers that refuse changes."""
    await connection.execute("SET session_replication_role = replica")


async def log_id_of(connection: Connection, slug: str) -> int:
    found: int = await connection.fetchval("SELECT log_id FROM log WHERE slug = $1", slug)
    return found


async def entries_of(connection: Connection, slug: str) -> list[bytes]:
    query = "SELECT entry FROM event JOIN log USING (log_id) WHERE slug = $1 ORDER BY position"
    return [row["entry"] for row in await connection.fetch(query, slug)]


async def keep(connection: Connection) -> None:
    """Keep what attacks change, for `restore`."""
    for table in FORGED:
        await connection.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")


async def restore(connection: Connection) -> None:
    """Let all be again as it was kept."""
    await unguarded(connection)
    async with connection.transaction():
        for table in FORGED:
            await connection.execute(f"DELETE FROM {table}")
            await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")


async def rewrite(connection: Connection, slug: str, entries: Sequence[bytes]) -> None:
    """Make a log hold exactly these entries: columns, leaves, tiles and head are all as they would be."""
    await unguarded(connection)
    await connection.execute("ALTER TABLE event DROP CONSTRAINT IF EXISTS one_event_for_each_id")
    await connection.execute("ALTER TABLE event DROP CONSTRAINT IF EXISTS one_event_for_each_version")
    log_id = await log_id_of(connection, slug)
    leaves = [leaf_hash(entry) for entry in entries]
    async with connection.transaction():
        await connection.execute("DELETE FROM event WHERE log_id = $1", log_id)
        await connection.execute("DELETE FROM tile WHERE log_id = $1", log_id)
        for position, entry in enumerate(entries):
            event = msgspec.json.decode(entry)
            place = (log_id, position, event["streamversion"], parse_instant(event["recordedtime"]), event["id"])
            await connection.execute(EVENT, *place, event["subject"], event["type"], leaves[position], entry)
        for level, hashes in enumerate(levels_of(entries)):
            for at in range(0, len(hashes) - WIDTH + 1, WIDTH):
                tile = hashes[at : at + WIDTH]
                await connection.execute(TILE, log_id, level, at // WIDTH, b"".join(tile), root_of(tile))
        frontier = extend_frontier(0, b"", leaves)
        last = parse_instant(msgspec.json.decode(entries[-1])["recordedtime"])
        await connection.execute(HEAD, log_id, len(entries), frontier, last)


async def sign(connection: Connection, slug: str, entries: Sequence[bytes], signer: Ed25519Signer) -> None:
    """Let a checkpoint of these entries be the newest: larger ones, and another of this size, never were."""
    await unguarded(connection)
    log_id, size, origin = await log_id_of(connection, slug), len(entries), signer.verifier.name
    checkpoint = Checkpoint(origin, size, root_over(entries))
    signature = signer.sign(checkpoint.text)
    async with connection.transaction():
        for table in SIGNED:
            await connection.execute(f"DELETE FROM {table} WHERE log_id = $1 AND size >= $2", log_id, size)
        await connection.execute(
            "INSERT INTO checkpoint VALUES ($1, $2, $3, $4)", log_id, origin, size, checkpoint.root
        )
        row = (log_id, origin, size, signature.name, signature.key_id, signature.value)
        await connection.execute("INSERT INTO signature VALUES ($1, $2, $3, $4, $5, $6)", *row)


def stolen_key(folder: Path, slug: str) -> Ed25519Signer:
    """Return the log's real private key, of the vault beside a data folder."""
    (file,) = folder.with_name(f"{folder.name}.keys").glob(f"*/signing/{slug}.*.key")
    return parse_skey(file.read_text().strip())


def edited(entry: bytes) -> bytes:
    """Return an entry with another time of the fact: canonical, and of the same length."""
    assert entry.count(b'"time":"2025-03-01') == 1
    return entry.replace(b'"time":"2025-03-01', b'"time":"2025-02-01')
