"""Recompute everything of a log from its stored entries, and compare: leaves, columns, tiles, head.

What is found says where. A log is judged as far as its head says it goes; nothing is believed but the entries' bytes
and, between two stored copies that contradict each other, neither.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from ledger.entry import RecordedEvent, read_entry
from ledger.intake import LogInfo
from ledger.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_WIDTH,
    extend_frontier,
    frontier_root,
    leaf_hash,
    range_nodes,
    split_hashes,
    tile_root,
)
from ledger.store import PAGE_EVENTS, Reader, statements

VERSIONS_PAGE = 10_000
"""Places of events read in one statement: they are short."""
FINDINGS_MAX = 100
"""Findings told of one log: past them, one looks at the log, not at a list."""
Progress = Callable[[int], None]


class Finding(Struct, frozen=True, kw_only=True):
    """Something that is not as it must be: where, and what."""

    log: str
    place: str
    detail: str


class Verified(Struct, frozen=True, kw_only=True):
    """What a verification found of one log: the size and root it reached, and what is wrong."""

    log: str
    size: int
    root: str
    findings: list[Finding]


class LogVerifier:
    """Verifies one log against its own entries. Memory: a page of entries, and one tile for each level."""

    def __init__(self, connection: Reader, log: LogInfo, progress: Progress = lambda _: None) -> None:
        """Take where to read, the log, and whom to tell how many entries were read."""
        self._connection = connection
        self._log = log
        self._progress = progress
        self._findings: list[Finding] = []
        self._frontier = b""
        self._size = 0
        self._last: datetime | None = None
        self._pending: list[list[bytes]] = [[]]
        self._tiles: list[int] = [0]

    async def verify(self) -> Verified:
        """Read the whole log and return what is wrong with it."""
        head = await self._connection.fetchrow(statements("read_head"), self._log.log_id)
        if head is None:
            self._find("head", "is missing")
            return Verified(log=self._log.slug, size=0, root=EMPTY_ROOT.hex(), findings=self._findings)
        async for rows in self._pages(head["size"]):
            await self._take(rows)
            self._progress(len(rows))
        if self._size != head["size"]:
            self._find(f"position {self._size}", f"is missing: the head says {head['size']} entries")
        await self._check_head(head)
        stray: int | None = await self._connection.fetchval(statements("find_stray_event"), self._log.log_id)
        if stray is not None:
            self._find(f"position {stray}", "is an event outside the log as its head has it")
        if not self._findings:  # an event that is missing or misplaced breaks its stream too, and is told already
            await self._check_streams()
        return Verified(log=self._log.slug, size=self._size, root=self._root().hex(), findings=self._findings)

    async def _pages(self, size: int) -> AsyncIterator[list[asyncpg.Record]]:
        start = 0
        while start < size and len(self._findings) < FINDINGS_MAX:
            rows = await self._connection.fetch(statements("read_rows"), self._log.log_id, start, size, PAGE_EVENTS)
            if not rows:
                return
            for number, row in enumerate(rows):
                if row["position"] != start + number:
                    self._find(f"position {start + number}", "is missing")
                    yield rows[:number]
                    return
            yield rows
            start += len(rows)

    async def _take(self, rows: list[asyncpg.Record]) -> None:
        leaves: list[bytes] = []
        for row in rows:
            leaf = leaf_hash(row["entry"])
            if leaf != row["leaf_hash"]:
                self._find(f"position {row['position']}", "the entry's hash is not the leaf hash stored beside it")
            self._check_columns(row)
            leaves.append(leaf)
        self._frontier = extend_frontier(self._size, self._frontier, leaves)
        self._size += len(leaves)
        for leaf in leaves:
            self._pending[0].append(leaf)
            if len(self._pending[0]) == TILE_WIDTH:
                await self._check_tile(0)

    def _check_columns(self, row: asyncpg.Record) -> None:
        place = f"position {row['position']}"
        try:
            event = _read(row["entry"])
        except ValueError as error:
            self._find(place, f"the entry is no recorded event: {error}")
            return
        for name, stored, written in _columns(row, event, self._log.slug):
            if stored != written:
                self._find(place, f"the entry's {name} is not the one stored beside it")
        if self._last is not None and event.recordedtime < self._last:
            self._find(place, "was recorded before the entry that it follows")
        self._last = event.recordedtime

    async def _check_tile(self, level: int) -> None:
        """Compare a tile that is full with the stored one, and go on a level up with its root."""
        index = self._tiles[level]
        hashes, self._pending[level] = b"".join(self._pending[level]), []
        self._tiles[level] += 1
        root = tile_root(hashes)
        rows = await self._connection.fetch(statements("read_tile_rows"), self._log.log_id, level, index, index + 1)
        place = f"tile {level}/{index}"
        if not rows:
            self._find(place, "is missing")
        elif rows[0]["hashes"] != hashes:
            stored = split_hashes(rows[0]["hashes"])
            for number, own in enumerate(split_hashes(hashes)):
                if stored[number] != own:
                    under = f"position {index * TILE_WIDTH + number}, " if level == 0 else ""
                    self._find(f"{under}{place}, hash {number}", "is not what the entries give")
        elif rows[0]["root"] != root:
            self._find(place, "its root is not that of its hashes")
        if level + 1 == len(self._pending):
            self._pending.append([])
            self._tiles.append(0)
        self._pending[level + 1].append(root)
        if len(self._pending[level + 1]) == TILE_WIDTH:
            await self._check_tile(level + 1)

    async def _check_head(self, head: asyncpg.Record) -> None:
        if self._size == head["size"] and self._frontier != head["frontier"]:
            stored = split_hashes(head["frontier"]) if len(head["frontier"]) == len(self._frontier) else []
            start = 0
            for number, node in enumerate(range_nodes(0, self._size)):
                end = start + (1 << node.level)
                own = self._frontier[number * HASH_SIZE : (number + 1) * HASH_SIZE]
                if not stored or stored[number] != own:
                    self._find(f"positions {start} to {end - 1}", "do not give the hash that the head has of them")
                start = end
        if self._size == head["size"] and head["recordedtime"] != self._last:
            self._find("head", "its recordedtime is not that of the last entry")
        for row in await self._connection.fetch(statements("count_tiles"), self._log.log_id):
            wanted = self._size >> (8 * (row["level"] + 1))
            if row["tiles"] > wanted and self._size == head["size"]:
                self._find(f"tiles of level {row['level']}", f"there are {row['tiles']}, and the log fills {wanted}")

    async def _check_streams(self) -> None:
        """See that the versions of every stream are 1, 2, 3 ... in the order of the log."""
        subject, version, position = "", 0, -1
        while True:
            rows = await self._connection.fetch(
                statements("read_versions"), self._log.log_id, subject, version, self._size, VERSIONS_PAGE
            )
            for row in rows:
                if row["subject"] != subject:
                    subject, version, position = row["subject"], 0, -1
                if row["version"] != version + 1 or row["position"] < position:
                    self._find(f"position {row['position']}", f"its version does not follow {version} of its stream")
                version, position = row["version"], row["position"]
            if len(rows) < VERSIONS_PAGE or len(self._findings) >= FINDINGS_MAX:
                return

    def _root(self) -> bytes:
        return frontier_root(self._size, self._frontier)

    def _find(self, place: str, detail: str) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(log=self._log.slug, place=place, detail=detail))


def _read(entry: bytes) -> RecordedEvent:
    """Read an entry that may be anything. Raises ValueError, whatever is wrong with it."""
    try:
        event = read_entry(entry)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if event.recordedtime.tzinfo is None:
        raise ValueError("its recordedtime has no offset")
    return event


def _columns(row: asyncpg.Record, event: RecordedEvent, slug: str) -> list[tuple[str, Any, Any]]:
    return [
        ("sequence", row["position"], int(event.sequence) if event.sequence.isdecimal() else -1),
        ("streamversion", row["version"], event.streamversion),
        ("recordedtime", row["recordedtime"], event.recordedtime),
        ("id", row["id"], event.id),
        ("subject", row["subject"], event.subject),
        ("type", row["type"], event.type),
        ("log", slug, event.log),
    ]
