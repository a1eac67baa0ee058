"""Recompute everything of a log from its stored entries, and compare: leaves, columns, tiles, head, what was signed.

What is found says where. A log is judged as far as its head says it goes; nothing is believed but the entries' bytes
and, between two stored copies that contradict each other, neither.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import asyncpg
from msgspec import Struct

from ledger.intake import LogInfo
from ledger.marks import Mark
from ledger.store import Reader, statements
from ledger.tasks import ahead, end
from ledger.tlog.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_WIDTH,
    extend_frontier,
    frontier_root,
    range_nodes,
    split_hashes,
    tile_root,
)
from ledger.verify_checkpoints import CheckpointVerifier
from ledger.verify_entries import EntryVerifier
from ledger.verify_streams import find_misplaced

PAGE_ENTRIES = 8 * TILE_WIDTH
"""Entries read in one statement, with the tiles over them: no snapshot is held longer than a page."""
PAGES_AHEAD = 2
"""Pages read while one is verified: the database works meanwhile."""
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
    """Verifies one log against its own entries. Memory: a few pages of entries, and one tile for each level.

    On a pool pages are read ahead, and streams beside them; on a single connection one after the other.
    """

    def __init__(
        self, connection: Reader, log: LogInfo, progress: Progress = lambda _: None, mark: Mark | None = None
    ) -> None:
        """Take where to read, the log, whom to tell how many entries were read, and the log's mark if it is at hand."""
        self._connection = connection
        self._log = log
        self._progress = progress
        self._findings: list[Finding] = []
        self._frontier = b""
        self._size = 0
        self._is_pool = isinstance(connection, asyncpg.Pool)
        self._misplaced: list[Finding] = []
        self._above: list[list[bytes]] = []  # of each level from 1 on, the hashes of the tile that is not full yet
        self._entries = EntryVerifier(connection, log, self._find)
        self._signed = CheckpointVerifier(connection, log, mark, self._find)

    async def verify(self) -> Verified:
        """Read the whole log and return what is wrong with it."""
        head = await self._connection.fetchrow(statements("read_head"), self._log.log_id)
        if head is None:
            self._find("head", "is missing")
            return Verified(log=self._log.slug, size=0, root=EMPTY_ROOT.hex(), findings=self._findings)
        beside = asyncio.create_task(self._check_streams(head["size"])) if self._is_pool else None
        try:
            await self._walk(head)
            await (beside or self._check_streams(head["size"]))
        finally:
            await end(beside)
        if not self._findings:  # an event that is missing or misplaced breaks its stream too, and is told already
            self._findings = self._misplaced[:FINDINGS_MAX]
        return Verified(log=self._log.slug, size=self._size, root=self._root().hex(), findings=self._findings)

    async def _walk(self, head: asyncpg.Record) -> None:
        """Verify entries, tiles, head and what was signed, in the order of the log."""
        await self._signed.begin()
        async with aclosing(self._stretches(head["size"])) as stretches:
            async for stretch in stretches:
                start, end = self._size, min(self._size + TILE_WIDTH, head["size"])
                await self._take(stretch, end)
                self._progress(self._size - start)
                if self._size < end or len(self._findings) >= FINDINGS_MAX:
                    break
        if self._size != head["size"]:
            self._find(f"position {self._size}", f"is missing: the head says {head['size']} entries")
        await self._check_head(head)
        await self._signed.finish(self._size, self._frontier)
        stray: int | None = await self._connection.fetchval(statements("find_stray_event"), self._log.log_id)
        if stray is not None:
            self._find(f"position {stray}", "is an event outside the log as its head has it")

    async def _stretches(self, size: int) -> AsyncGenerator[asyncpg.Record]:
        """Yield what is stored, packed: TILE_WIDTH positions at a time, and at last those that are left."""
        fetches = (
            self._connection.fetch(
                statements("read_packed_rows"), self._log.log_id, start, min(start + PAGE_ENTRIES, size), TILE_WIDTH
            )
            for start in range(0, size, PAGE_ENTRIES)
        )
        async with aclosing(ahead(fetches, PAGES_AHEAD if self._is_pool else 0)) as pages:
            async for page in pages:
                for stretch in page:
                    yield stretch

    async def _take(self, stretch: asyncpg.Record, end: int) -> None:
        """Verify the entries up to a position, and their tile if they fill it: the tree above it is over its root."""
        leaves = await self._entries.take(stretch, self._size, end)
        await self._signed.take(self._size, self._frontier, leaves)
        if len(leaves) == TILE_WIDTH:
            index = self._size // TILE_WIDTH
            root = self._check_tile(0, index, b"".join(leaves), stretch)
            await self._rise(1, root, index)
            self._frontier = extend_frontier(index, self._frontier, [root])
        else:
            self._frontier = extend_frontier(self._size, self._frontier, leaves)
        self._size += len(leaves)

    def _check_tile(self, level: int, index: int, hashes: bytes, row: asyncpg.Record | None) -> bytes:
        """Compare a full tile with the stored one, and return its root."""
        root, place = tile_root(hashes), f"tile {level}/{index}"
        if row is None or row["hashes"] is None:
            self._find(place, "is missing")
        elif row["hashes"] != hashes:
            stored = split_hashes(row["hashes"])
            for number, own in enumerate(split_hashes(hashes)):
                if stored[number] != own:
                    under = f"position {index * TILE_WIDTH + number}, " if level == 0 else ""
                    self._find(f"{under}{place}, hash {number}", "is not what the entries give")
        elif row["root"] != root:
            self._find(place, "its root is not that of its hashes")
        return root

    async def _rise(self, level: int, root: bytes, index: int) -> None:
        """Take the root of a tile of this index into the tile above it, and verify that where it is full now."""
        if level > len(self._above):
            self._above.append([])
        self._above[level - 1].append(root)
        if len(self._above[level - 1]) == TILE_WIDTH:
            hashes, self._above[level - 1] = b"".join(self._above[level - 1]), []
            index //= TILE_WIDTH
            parameters = self._log.log_id, level, index, index + 1
            row = await self._connection.fetchrow(statements("read_tile_rows"), *parameters)
            await self._rise(level + 1, self._check_tile(level, index, hashes, row), index)

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
        if self._size == head["size"] and head["recordedtime"] != self._entries.last:
            self._find("head", "its recordedtime is not that of the last entry")
        for row in await self._connection.fetch(statements("count_tiles"), self._log.log_id):
            wanted = self._size >> (8 * (row["level"] + 1))
            if row["tiles"] > wanted and self._size == head["size"]:
                self._find(f"tiles of level {row['level']}", f"there are {row['tiles']}, and the log fills {wanted}")

    async def _check_streams(self, size: int) -> None:
        """See that every stream is in the order of the log; keep what is found apart."""
        self._misplaced = [
            Finding(
                log=self._log.slug,
                place=f"position {position}",
                detail=f"its version does not follow {before} of its stream",
            )
            for position, before in await find_misplaced(self._connection, self._log, size, FINDINGS_MAX)
        ]

    def _root(self) -> bytes:
        return frontier_root(self._size, self._frontier)

    def _find(self, place: str, detail: str) -> None:
        if len(self._findings) < FINDINGS_MAX:
            self._findings.append(Finding(log=self._log.slug, place=place, detail=detail))
