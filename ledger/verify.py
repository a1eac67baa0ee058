"""Recompute everything of a log from its stored entries, and compare: leaves, columns, tiles, head, what was signed.

What is found says where. A log is judged as far as its head says it goes; nothing is believed but the entries' bytes
and, between two stored copies that contradict each other, neither.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from typing import Any, TypeAlias

import asyncpg
import msgspec
from msgspec import Struct

from ledger.entry import RecordedEvent, read_entry
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
    leaf_hash,
    range_nodes,
    split_hashes,
    tile_root,
)
from ledger.verify_checkpoints import CheckpointVerifier

PAGE_ENTRIES = 8 * TILE_WIDTH
"""Entries read in one statement, with the tiles over them: no snapshot is held longer than a page."""
PAGES_AHEAD = 2
"""Pages read while one is verified: the database works meanwhile."""
VERSIONS_PAGE = 10_000
"""Places of events read in one statement: they are short."""
FINDINGS_MAX = 100
"""Findings told of one log: past them, one looks at the log, not at a list."""
COLUMNS = ("sequence", "streamversion", "recordedtime", "id", "subject", "type", "log")
Progress = Callable[[int], None]
Page: TypeAlias = tuple[list[asyncpg.Record], list[asyncpg.Record]]
"""Entries with what is stored beside them, and the full tiles over them."""


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
        self._last: datetime | None = None
        self._is_pool = isinstance(connection, asyncpg.Pool)
        self._misplaced: list[Finding] = []
        self._above: list[list[bytes]] = []  # of each level from 1 on, the hashes of the tile that is not full yet
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
        async with aclosing(self._pages(head["size"])) as pages:
            async for rows, tiles in pages:
                await self._take(rows, tiles)
                self._progress(len(rows))
        if self._size != head["size"]:
            self._find(f"position {self._size}", f"is missing: the head says {head['size']} entries")
        await self._check_head(head)
        await self._signed.finish(self._size, self._frontier)
        stray: int | None = await self._connection.fetchval(statements("find_stray_event"), self._log.log_id)
        if stray is not None:
            self._find(f"position {stray}", "is an event outside the log as its head has it")

    async def _pages(self, size: int) -> AsyncGenerator[Page]:
        """Yield page by page what is stored, until a position is missing; all but the last are of PAGE_ENTRIES."""
        fetches = (self._fetch(start, min(start + PAGE_ENTRIES, size)) for start in range(0, size, PAGE_ENTRIES))
        async with aclosing(ahead(fetches, PAGES_AHEAD if self._is_pool else 0)) as pages:
            async for rows, tiles in pages:
                whole = min(PAGE_ENTRIES, size - self._size)
                if rows and rows[-1]["position"] != self._size + len(rows) - 1:
                    gap = next(place for place, row in enumerate(rows, self._size) if row["position"] != place)
                    self._find(f"position {gap}", "is missing")
                    rows = rows[: gap - self._size]  # noqa: PLW2901 - what comes after a gap is not judged
                yield rows, tiles
                if len(rows) < whole or len(self._findings) >= FINDINGS_MAX:
                    return

    async def _fetch(self, start: int, end: int) -> Page:
        log_id, level = self._log.log_id, 0
        first, last = start // TILE_WIDTH, end // TILE_WIDTH
        async with AsyncExitStack() as held:
            connection = self._connection
            if isinstance(connection, asyncpg.Pool):
                connection = await held.enter_async_context(connection.acquire())
            rows = await connection.fetch(statements("read_rows"), log_id, start, end, end - start)
            return rows, await connection.fetch(statements("read_tile_rows"), log_id, level, first, last)

    async def _take(self, rows: list[asyncpg.Record], tiles: list[asyncpg.Record]) -> None:
        """Verify a page that begins where a tile begins. The tree over full tiles is that over their roots."""
        leaves = [leaf_hash(row["entry"]) for row in rows]
        self._check_rows(rows, leaves)
        await self._signed.take(self._size, self._frontier, leaves)
        stored = {row["index"]: row for row in tiles}
        full = len(leaves) - len(leaves) % TILE_WIDTH
        roots: list[bytes] = []
        for start in range(0, full, TILE_WIDTH):
            index = (self._size + start) // TILE_WIDTH
            roots.append(self._check_tile(0, index, b"".join(leaves[start : start + TILE_WIDTH]), stored.get(index)))
            await self._rise(1, roots[-1], index)
        self._frontier = extend_frontier(self._size // TILE_WIDTH, self._frontier, roots)
        self._frontier = extend_frontier(self._size + full, self._frontier, leaves[full:])
        self._size += len(leaves)

    def _check_rows(self, rows: Sequence[asyncpg.Record], leaves: Sequence[bytes]) -> None:
        """Compare each entry with what is stored beside it, and its time with that of the entry before."""
        slug, last = self._log.slug, self._last
        for row, leaf in zip(rows, leaves, strict=True):
            position, version, recordedtime, event_id, subject, event_type, stored_leaf, entry = row
            if leaf != stored_leaf:
                self._find(f"position {position}", "the entry's hash is not the leaf hash stored beside it")
            try:
                event = _read(entry)
            except ValueError as error:
                self._find(f"position {position}", f"the entry is no recorded event: {error}")
                continue
            stored = (f"{position:020}", version, recordedtime, event_id, subject, event_type, slug)
            if stored != _columns(event):
                self._tell_columns(position, stored, _columns(event))
            if last is not None and event.recordedtime < last:
                self._find(f"position {position}", "was recorded before the entry that it follows")
            last = event.recordedtime
        self._last = last

    def _tell_columns(self, position: int, stored: tuple[Any, ...], written: tuple[Any, ...]) -> None:
        for name, column, of_entry in zip(COLUMNS, stored, written, strict=True):
            if column != of_entry:
                self._find(f"position {position}", f"the entry's {name} is not the one stored beside it")

    def _check_tile(self, level: int, index: int, hashes: bytes, row: asyncpg.Record | None) -> bytes:
        """Compare a full tile with the stored one, and return its root."""
        root, place = tile_root(hashes), f"tile {level}/{index}"
        if row is None:
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
        if self._size == head["size"] and head["recordedtime"] != self._last:
            self._find("head", "its recordedtime is not that of the last entry")
        for row in await self._connection.fetch(statements("count_tiles"), self._log.log_id):
            wanted = self._size >> (8 * (row["level"] + 1))
            if row["tiles"] > wanted and self._size == head["size"]:
                self._find(f"tiles of level {row['level']}", f"there are {row['tiles']}, and the log fills {wanted}")

    async def _check_streams(self, size: int) -> None:
        """See that the versions of every stream are 1, 2, 3 ... in the order of the log; keep what is not apart."""
        subject, version, position = "", 0, -1
        log_id, slug, detail = self._log.log_id, self._log.slug, "its version does not follow {} of its stream"
        while True:
            rows = await self._connection.fetch(
                statements("read_versions"), log_id, subject, version, size, VERSIONS_PAGE
            )
            for of_subject, of_version, place in rows:
                if of_subject != subject:
                    subject, version, position = of_subject, 0, -1
                if of_version != version + 1 or place < position:
                    found = Finding(log=slug, place=f"position {place}", detail=detail.format(version))
                    self._misplaced.append(found)
                version, position = of_version, place
            if len(rows) < VERSIONS_PAGE or len(self._misplaced) >= FINDINGS_MAX:
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


def _columns(event: RecordedEvent) -> tuple[Any, ...]:
    """Return what of an entry stands beside it as well, in the order of COLUMNS."""
    return (
        event.sequence,
        event.streamversion,
        event.recordedtime,
        event.id,
        event.subject,
        event.type,
        event.log,
    )
