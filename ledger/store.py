"""Reads of the truth: logs and their heads, streams, pages of a log, tiles and proofs. Writes are the sequencer's."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import starmap
from typing import TypeAlias

import asyncpg
from msgspec import Struct

from ledger.database import Connection, Pool, PoolConnection
from ledger.domain.fact import Fact
from ledger.entry import fact_of
from ledger.errors import LogExists, NotFound, Tampered, UnknownLog
from ledger.intake import LogInfo
from ledger.statements import Statements
from ledger.tlog.merkle import TILE_WIDTH, Tile, frontier_root
from ledger.tlog.proof import (
    TileReader,
    consistency_nodes,
    inclusion_nodes,
    prove_consistency,
    prove_inclusion,
    required_tiles,
)

PAGE_EVENTS = 1_000
"""Events read in one statement: no snapshot is held longer than a page."""

statements = Statements("ledger")
Reader: TypeAlias = "Pool | Connection | PoolConnection"
"""Whatever statements can be run on."""


class LogHead(Struct, frozen=True, kw_only=True):
    """A log with its size, root and first and last recordedtime."""

    log: LogInfo
    size: int
    root: bytes
    first_recordedtime: datetime | None
    last_recordedtime: datetime | None


class StoredEntry(Struct, frozen=True):
    """An entry as stored, with its position and the leaf hash stored beside it."""

    position: int
    entry: bytes
    leaf_hash: bytes


def log_info(row: asyncpg.Record) -> LogInfo:
    """Turn a row of `log` into what it says."""
    return LogInfo(
        log_id=row["log_id"],
        slug=row["slug"],
        kind=row["kind"],
        timezone=row["timezone"],
        jurisdiction=row["jurisdiction"],
        data_class=row["data_class"],
        origin=row["origin"],
        created=row["created"],
    )


async def create_log(
    connection: Reader, slug: str, kind: str, timezone: str, jurisdiction: str | None, data_class: str, origin: str
) -> LogInfo:
    """Create a log. Raises LogExists when the slug is taken."""
    while True:
        try:
            row = await connection.fetchrow(
                statements("create_log"), slug, kind, timezone, jurisdiction, data_class, origin
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "one_log_for_each_slug":
                raise LogExists(slug) from error
            continue  # another process took the same log_id: take the next
        if row is None:
            raise NotFound("the new log")
        return log_info(row)


async def find_logs(connection: Reader, slugs: Sequence[str] | None = None) -> list[LogInfo]:
    """Return the logs of these slugs, in order of slug; all of them for None. Raises UnknownLog for one not there."""
    rows = await connection.fetch(statements("find_logs"), None if slugs is None else list(slugs))
    logs = [log_info(row) for row in rows]
    missing = set(slugs or ()) - {log.slug for log in logs}
    if missing:
        raise UnknownLog(min(missing))
    return logs


async def read_heads(connection: Reader, slugs: Sequence[str] | None = None) -> list[LogHead]:
    """Return the heads of these logs, in order of slug; of all logs for None.

    Raises UnknownLog for one not there, and Tampered for a head whose frontier is none of its size.
    """
    rows = await connection.fetch(statements("read_heads"), None if slugs is None else list(slugs))
    heads = [_log_head(row) for row in rows]
    missing = set(slugs or ()) - {head.log.slug for head in heads}
    if missing:
        raise UnknownLog(min(missing))
    return heads


async def read_sound_heads(connection: Reader) -> tuple[list[LogHead], list[LogInfo]]:
    """Return the heads of all logs, and apart from them the logs whose head is none of its size; in order of slug."""
    heads: list[LogHead] = []
    unsound: list[LogInfo] = []
    for row in await connection.fetch(statements("read_heads"), None):
        try:
            heads.append(_log_head(row))
        except Tampered:
            unsound.append(log_info(row))
    return heads, unsound


def _log_head(row: asyncpg.Record) -> LogHead:
    try:
        root = frontier_root(row["size"], row["frontier"])
    except ValueError as error:
        raise Tampered(f"head of log {row['slug']}", str(error)) from error
    return LogHead(
        log=log_info(row),
        size=row["size"],
        root=root,
        first_recordedtime=row["first_recordedtime"],
        last_recordedtime=row["recordedtime"],
    )


async def read_entries(connection: Reader, log_id: int, start: int, end: int) -> AsyncIterator[list[StoredEntry]]:
    """Yield the entries of positions [start, end) page by page, in order; it ends early where one is missing."""
    while start < end:
        rows = await connection.fetch(statements("read_entries"), log_id, start, end, PAGE_EVENTS)
        page = list(starmap(StoredEntry, rows))  # a row's values in its order: by name they take twice as long
        if not page:
            return
        yield page
        start = page[-1].position + 1


async def read_streams(connection: Reader, log_id: int, subjects: Sequence[str], size: int) -> dict[str, list[Fact]]:
    """Return the facts of these streams below a size, in order of version; nothing for a stream without events."""
    streams: dict[str, list[Fact]] = {}
    for row in await connection.fetch(statements("read_streams"), log_id, list(subjects), size):
        streams.setdefault(row["subject"], []).append(fact_of(row["entry"]))
    return streams


async def find_event(connection: Reader, log_id: int, event_id: str) -> StoredEntry:
    """Return one event by its id. Raises NotFound."""
    row = await connection.fetchrow(statements("find_event"), log_id, event_id)
    if row is None:
        raise unknown_event(event_id)
    return StoredEntry(row["position"], row["entry"], row["leaf_hash"])


def unknown_event(event_id: str) -> NotFound:
    """Return the error that says that a log has no event of an id, or none that may be seen."""
    return NotFound(f"there is no event {event_id!r} in this log")


async def size_known_at(connection: Reader, log_id: int, size: int, moment: datetime) -> int:
    """Return the size a log, now of `size`, had at an instant of its clock."""
    found: int | None = await connection.fetchval(statements("size_known_at"), log_id, size, moment)
    return found or 0


async def read_clock(connection: Reader) -> datetime:
    """Return the instant that it is by the ledger's clock, which is the database's."""
    now: datetime = await connection.fetchval(statements("read_clock"))
    return now


async def read_tiles(connection: Reader, log_id: int, tiles: Sequence[Tile]) -> TileReader:
    """Return a reader over these tiles. ProofError where a hash is missing."""
    return TileReader(await tile_hashes(connection, log_id, tiles))


async def tile_hashes(connection: Reader, log_id: int, tiles: Sequence[Tile]) -> dict[Tile, bytes]:
    """Return the hashes of these tiles: as stored, or derived of partial ones; fewer where some are missing."""
    places = [[tile.level for tile in tiles], [tile.index for tile in tiles], [tile.width for tile in tiles]]
    rows = await connection.fetch(statements("read_tiles"), log_id, *places, TILE_WIDTH) if tiles else ()
    return {Tile(row["level"], row["index"], row["width"]): row["hashes"] or b"" for row in rows}


async def inclusion_proof(connection: Reader, log_id: int, position: int, size: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of a position in the tree of `size`, computed from tiles (RFC 6962 2.1.1)."""
    parts = inclusion_nodes(position, size)
    reader = await read_tiles(connection, log_id, required_tiles(parts, size))
    return prove_inclusion(position, size, reader.hash_of)


async def consistency_proof(connection: Reader, log_id: int, old_size: int, size: int) -> tuple[bytes, ...]:
    """Return the consistency proof between two sizes, computed from tiles (RFC 6962 2.1.2)."""
    parts = consistency_nodes(old_size, size)
    reader = await read_tiles(connection, log_id, required_tiles(parts, size))
    return prove_consistency(old_size, size, reader.hash_of)
