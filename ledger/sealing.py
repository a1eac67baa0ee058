"""What a commit adds to the tree: leaf hashes, the new frontier, and the tiles that become full."""

from collections.abc import Sequence

from msgspec import Struct

from ledger.errors import Tampered
from ledger.store import Reader, statements
from ledger.tlog.merkle import HASH_SIZE, TILE_WIDTH, extend_frontier, full_tiles, tile_root

TileRow = tuple[int, int, int, bytes, bytes]
"""A row of `tile`: log_id, level, index, hashes, root."""
Stored = dict[tuple[int, int], bytes]
"""By level and index of a tile, the first of its hashes."""


class Growth(Struct, frozen=True):
    """A tree after a commit: its frontier, and the rows of the tiles that became full."""

    frontier: bytes
    tiles: list[TileRow]


async def read_hashes(connection: Reader, log_id: int, size: int, events: int) -> Stored:
    """Return what is stored of the hashes of each tile that becomes full when so many events are appended to a tree.

    Mostly there is none but of the first tile of each level. Runs in the commit's transaction.
    """
    stored: Stored = {}
    full = full_tiles(size, size + events)
    for level, index in full:
        start, end = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
        new = min((below for upper, below in full if upper == level - 1), default=size)
        if start < new:
            stored[level, index] = await _hashes(connection, log_id, level, start, min(new, end))
    return stored


async def _hashes(connection: Reader, log_id: int, level: int, start: int, end: int) -> bytes:
    if level == 0:
        rows = await connection.fetch(statements("read_leaf_hashes"), log_id, start, end)
    else:
        rows = await connection.fetch(statements("read_tile_roots"), log_id, level - 1, start, end)
    return b"".join(row["hashes"] for row in rows)


def grow(log_id: int, size: int, frontier: bytes, leaves: Sequence[bytes], stored: Stored) -> Growth:
    """Return what appending `leaves` to a tree of `size` makes of it, with what `read_hashes` has returned. Pure.

    Raises Tampered when the store lacks a hash it must have.
    """
    made: dict[tuple[int, int], bytes] = {}
    rows: list[TileRow] = []
    for level, index in full_tiles(size, size + len(leaves)):
        start, end = index * TILE_WIDTH, (index + 1) * TILE_WIDTH
        if level == 0:
            new = leaves[max(0, start - size) : end - size]
        else:
            new = [root for (upper, below), root in made.items() if upper == level - 1 and start <= below < end]
        hashes = stored.get((level, index), b"") + b"".join(new)
        if len(hashes) != TILE_WIDTH * HASH_SIZE:
            raise Tampered(f"log {log_id}, tile {level}/{index}", "hashes that were committed before are missing")
        root = made[level, index] = tile_root(hashes)
        rows.append((log_id, level, index, hashes, root))
    roots = [made[level, index] for level, index in made if level == 0]
    return Growth(_frontier(size, frontier, leaves, roots), rows)


def _frontier(size: int, frontier: bytes, leaves: Sequence[bytes], roots: Sequence[bytes]) -> bytes:
    """Return the new frontier. `roots` are those of the tiles that became full: what is below them is hashed already.

    The frontier of a tree is that of its full tiles, whose leaves are their roots, and then that of its last tile.
    """
    tiles, rest = divmod(size, TILE_WIDTH)
    upper = tiles.bit_count() * HASH_SIZE
    if not roots:
        return frontier[:upper] + extend_frontier(rest, frontier[upper:], leaves)
    last = leaves[len(leaves) - (size + len(leaves)) % TILE_WIDTH :]
    return extend_frontier(tiles, frontier[:upper], roots) + extend_frontier(0, b"", last)
