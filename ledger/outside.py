"""A log seen from outside: verified by its public key alone, from its checkpoint, its tiles and its bundles.

Nothing that a source answers is believed. The checkpoint must be signed by a key that is known; the tiles at the right
edge must give its root; every other tile must have the root that the tile above it says (C2SP tlog-tiles); every entry
must have the leaf hash of its tile. What is yielded has passed all of it, and memory holds one tile for each level and
the few bundles that are fetched ahead.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from ledger.errors import Closed, Gone, Inconclusive, InputError, Tampered
from ledger.tasks import ahead
from ledger.tile_source import TileSource
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    leaf_hash,
    partial_width,
    range_nodes,
    split_hashes,
    tile_root,
)
from ledger.tlog.note import NoteError, VerifierKey, parse_note
from ledger.tlog.policy import Policy
from ledger.tlog.proof import (
    Part,
    ProofError,
    TileReader,
    check_consistency,
    consistency_nodes,
    prove_consistency,
    required_tiles,
    root_of,
)

FETCHED_AHEAD = 4
"""Bundles under way: they hide the way to a server, and are held in memory (16 MiB each at the very most)."""
WHERE_LOGS_ARE = (
    "a log's checkpoint is open to everybody: give the log's own URL, as http://ledger.example/logs/shop, or its folder"
)
"""What to do where not even the checkpoint is answered."""


class OutsideLog:
    """A log under one verified checkpoint. Made by `open_outside`.

    `note` is the checkpoint as it was answered, with all its signatures. Every call raises Tampered for what is not
    what was signed, and Inconclusive for what could not be fetched.
    """

    def __init__(self, source: TileSource, note: bytes, checkpoint: Checkpoint) -> None:
        """Take where to read, and a checkpoint whose signature was verified."""
        self.note = note
        self.checkpoint = checkpoint
        self._source = source
        self._edge: dict[int, bytes] = {}
        self._full: dict[int, tuple[int, bytes]] = {}  # of each level the last one read, which its children stand on

    @property
    def size(self) -> int:
        """How many entries the log has under its checkpoint."""
        return self.checkpoint.size

    async def read_edge(self) -> None:
        """Read the partial tiles, and see that they give the root. All else is verified by them."""
        size = self.size
        for level in range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT):
            width = partial_width(level, size)
            if width:
                tile = Tile(level, size >> TILE_HEIGHT * (level + 1), width)
                self._edge[level] = await self._source.tile(tile)
        if await self.root_at(size) != self.checkpoint.root:
            raise Tampered("tiles of the right edge", f"do not give the root that was signed for {size} entries")

    async def tile(self, level: int, index: int) -> bytes:
        """Return a tile, as wide as it is at the checkpoint's size, that the signed root stands on."""
        if index == self.size >> TILE_HEIGHT * (level + 1):
            return self._edge[level]
        known = self._full.get(level)
        if known is not None and known[0] == index:
            return known[1]
        return await self._stand(level, index, await self._source.tile(Tile(level, index, TILE_WIDTH)))

    async def _stand(self, level: int, index: int, hashes: bytes) -> bytes:
        """Return a full tile that was fetched, once the tile above it is seen to have its root."""
        above = await self.tile(level + 1, index // TILE_WIDTH)
        start = index % TILE_WIDTH * HASH_SIZE
        if tile_root(hashes) != above[start : start + HASH_SIZE]:
            raise Tampered(f"tile {level}/{index}", "its hashes do not give the one that the tile above it has of them")
        self._full[level] = index, hashes
        return hashes

    async def root_at(self, size: int) -> bytes:
        """Return the root that the log had at a size up to the checkpoint's."""
        reader = await self._reader([range_nodes(0, size)])
        return root_of(size, reader.hash_of)

    async def _reader(self, parts: Sequence[Part]) -> TileReader:
        tiles = required_tiles(parts, self.size)
        return TileReader({tile: await self.tile(tile.level, tile.index) for tile in tiles})

    async def check_grown_from(self, trusted: Checkpoint) -> None:
        """Return if the log begins with what an older checkpoint, which is believed, says of it.

        Raises InputError where that is another log's, and Tampered where the log was cut, set back or rewritten.
        """
        if trusted.origin != self.checkpoint.origin:
            raise InputError(f"the trusted checkpoint is of {trusted.origin}, and this log is {self.checkpoint.origin}")
        if trusted.size > self.size:
            detail = f"is signed for {self.size} entries, and there were {trusted.size}: the log was cut or set back"
            raise Tampered("checkpoint", detail)
        try:
            if trusted.size == 0:
                if trusted.root != EMPTY_ROOT:
                    raise InputError("the trusted checkpoint is of no entries, and has a root of some")
                return
            reader = await self._reader(consistency_nodes(trusted.size, self.size))
            proof = prove_consistency(trusted.size, self.size, reader.hash_of)
            check_consistency(trusted.size, trusted.root, self.size, self.checkpoint.root, proof)
        except ProofError as error:
            raise Tampered(
                f"the first {trusted.size} entries", f"are not those of the trusted checkpoint: {error}"
            ) from error

    def check_cosigned(self, policy: Policy) -> list[str]:
        """Return which witnesses of a policy have cosigned the checkpoint, if they are those that it asks for.

        Raises Tampered where a cosignature does not hold, and Inconclusive where there are too few: the log may show
        somebody else another history, and nothing here says that it does not.
        """
        try:
            cosignatures = policy.cosignatures(parse_note(self.note))
        except NoteError as error:
            raise Tampered("checkpoint", str(error)) from error
        names = sorted({cosignature.name for cosignature in cosignatures})
        if not policy.satisfied(cosignatures):
            by = ", ".join(names) or "none of its witnesses"
            raise Inconclusive(f"the checkpoint is not cosigned as the policy asks: by {by}; ask again later")
        return names

    async def tiles(self, start: int = 0) -> AsyncGenerator[int]:
        """Verify every tile that a position from `start` on stands on, without its entries; yield leaves of each."""
        first, last = start // TILE_WIDTH, (self.size + TILE_WIDTH - 1) // TILE_WIDTH
        fetches = (self._fetch_tile(index) for index in range(first, last))
        async with aclosing(ahead(fetches, FETCHED_AHEAD)) as fetched:
            async for index, hashes in fetched:
                yield len(await self._leaves(index, hashes)) // HASH_SIZE

    async def entries(self, start: int, end: int) -> AsyncGenerator[list[bytes]]:
        """Yield the entries of positions [start, end), bundle by bundle; `end` is at most the checkpoint's size."""
        first, last = start // TILE_WIDTH, (end + TILE_WIDTH - 1) // TILE_WIDTH
        fetches = (self._fetch_both(index) for index in range(first, last))
        async with aclosing(ahead(fetches, FETCHED_AHEAD)) as fetched:
            async for index, hashes, bundle in fetched:
                await self._check_bundle(index, hashes, bundle)
                position = index * TILE_WIDTH
                yield bundle[max(start - position, 0) : end - position]

    async def entry(self, position: int) -> bytes:
        """Return one entry."""
        index, hashes, bundle = await self._fetch_both(position // TILE_WIDTH)
        await self._check_bundle(index, hashes, bundle)
        return bundle[position % TILE_WIDTH]

    def _width(self, index: int) -> int:
        return min(TILE_WIDTH, self.size - index * TILE_WIDTH)

    async def _fetch_tile(self, index: int) -> tuple[int, bytes]:
        width = self._width(index)
        return index, await self._source.tile(Tile(0, index, width)) if width == TILE_WIDTH else b""

    async def _fetch_both(self, index: int) -> tuple[int, bytes, list[bytes]]:
        (_, hashes), bundle = await asyncio.gather(
            self._fetch_tile(index), self._source.entries(index, self._width(index))
        )
        return index, hashes, bundle

    async def _check_bundle(self, index: int, hashes: bytes, bundle: list[bytes]) -> None:
        leaves = split_hashes(await self._leaves(index, hashes))
        for number, (entry, leaf) in enumerate(zip(bundle, leaves, strict=True), index * TILE_WIDTH):
            if leaf_hash(entry) != leaf:
                raise Tampered(f"position {number}", "the entry is not the one that the signed root stands on")

    async def _leaves(self, index: int, hashes: bytes) -> bytes:
        """Return the leaf hashes of a bundle; those of the last one are known already."""
        return await self._stand(0, index, hashes) if hashes else self._edge[0]


async def open_outside(source: TileSource, keys: Sequence[VerifierKey]) -> OutsideLog:
    """Return a log under its newest checkpoint, which one of these keys has signed. Raises Tampered, Inconclusive."""
    try:
        note = await source.checkpoint()
    except (Closed, Gone) as error:
        raise type(error)(f"{error}; {WHERE_LOGS_ARE}") from error
    try:
        checkpoint = open_checkpoint(note, keys)
    except NoteError as error:
        raise Tampered("checkpoint", str(error)) from error
    log = OutsideLog(source, note, checkpoint)
    await log.read_edge()
    return log
