"""The Merkle tree of a log, its right edge, and its tiles. Pure: bytes in, bytes out.

The tree is that of RFC 6962 section 2.1 (RFC 9162 section 2.1 is the same) over SHA-256:

    MTH({})   = SHA-256("")
    leaf      = SHA-256(0x00 || entry)
    node      = SHA-256(0x01 || left || right)
    MTH(D[n]) = node(MTH(D[0:k]), MTH(D[k:n])),   k the largest power of two below n

A hash is 32 bytes everywhere. Where many hashes are one `bytes` value they stand side by side, leftmost first.
Sizes count leaves, and fit in 64 bits. Arguments that cannot be are refused with ValueError.

A `frontier` is the right edge of a tree: the hashes of its perfect subtrees, one for each bit set in its size,
largest (leftmost) first, in one `bytes` value; empty for the empty tree. It is all that is needed to append.

Tiles are those of C2SP tlog-tiles (c2sp.org/tlog-tiles): tile (L, n) holds the 256 nodes of level 8L whose index begins
at 256n, or, at the right edge, the first W of them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HASH_SIZE: Final = 32
"""Bytes of a hash."""

TILE_WIDTH: Final = 256
"""Hashes in a full tile, and entries in a full bundle."""

TILE_HEIGHT: Final = 8
"""Levels of the tree that one level of tiles spans: 2 to this power is TILE_WIDTH."""

MAX_SIZE: Final = 2**64 - 1
"""Leaves in the largest tree: C2SP's tools keep sizes in 64 bits, and a frontier then has at most 64 hashes."""

MAX_TILE_LEVEL: Final = 63
"""The highest level a tile path may name (as Tessera has it); a tree of MAX_SIZE uses levels 0 to 7."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of the tree without leaves, RFC 6962 section 2.1."""


@dataclass(frozen=True, order=True, slots=True)
class Node:
    """A perfect subtree: the 2^level leaves from index * 2^level on. Level 0 are the leaf hashes."""

    level: int
    index: int


@dataclass(frozen=True, order=True, slots=True)
class Tile:
    """A tile of hashes: `width` (1 to 256) nodes of level 8 * level, the first of them at index * 256."""

    level: int
    index: int
    width: int


def leaf_hash(entry: bytes) -> bytes:
    """Return the leaf hash of an entry's bytes. RFC 6962 section 2.1; no CT `MerkleTreeLeaf` around it."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two hashes. RFC 6962 section 2.1. Lengths are the caller's to check."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def range_nodes(start: int, end: int) -> tuple[Node, ...]:
    """Return the perfect subtrees of the leaves from `start` up to `end`, largest first; none if they are equal.

    The range must be one over which RFC 6962 section 2.1 forms a node: `start` is a multiple of a power of two that is
    at least `end - start`. The whole tree, range_nodes(0, size), gives the nodes of the frontier.
    Raises ValueError for any other range.
    """
    _check_size(end)
    width = end - start
    if start < 0 or width < 0 or (width and start % (1 << (width - 1).bit_length())):
        raise ValueError(f"leaves {start} to {end} are no subtree of a log's tree")
    nodes: list[Node] = []
    while width:
        level = width.bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
        width -= 1 << level
    return tuple(nodes)


def range_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of the nodes that range_nodes names, in its order; one or more.

    MTH of RFC 6962 section 2.1 unrolled: the smallest subtrees meet first, so the fold goes from right to left.
    """
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def frontier_root(size: int, frontier: bytes) -> bytes:
    """Return the root (32 bytes) of the tree of `size` leaves with this frontier. RFC 6962 section 2.1.

    Raises ValueError if the frontier has not 32 bytes for each bit set in `size`.
    """
    _check_frontier(size, frontier)
    return range_root(split_hashes(frontier)) if size else EMPTY_ROOT


def extend_frontier(size: int, frontier: bytes, leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the frontier of the tree of `size` leaves after `leaf_hashes` (32 bytes each) were appended.

    One level at a time, from the leaves up: a left node that waited in the frontier joins the level's new nodes, an odd
    last one waits in the new frontier, and the rest are hashed in pairs. Each new leaf costs one hash on average, and
    no Python loop of its own. The tree is that of RFC 6962 section 2.1.
    Raises ValueError for a frontier that does not fit the size, a leaf hash of another length, or a size past 64 bits.
    """
    _check_frontier(size, frontier)
    _check_size(size + len(leaf_hashes))
    nodes = list(leaf_hashes)
    if not {HASH_SIZE}.issuperset(map(len, nodes)):
        raise ValueError(f"a leaf hash is {HASH_SIZE} bytes, and not all of these are")
    kept = len(frontier)
    smallest_first: list[bytes] = []
    while nodes:
        if size & 1:
            nodes.insert(0, frontier[kept - HASH_SIZE : kept])
            kept -= HASH_SIZE
        if len(nodes) & 1:
            smallest_first.append(nodes.pop())
        nodes = hash_pairs(nodes)
        size >>= 1
    return frontier[:kept] + b"".join(reversed(smallest_first))


def hash_pairs(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the parents of an even number of neighbouring nodes. The hot loop of bulk appends: nothing is checked."""
    sha256 = hashlib.sha256
    node = iter(hashes)
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(node, node, strict=True)]


def split_hashes(hashes: bytes) -> list[bytes]:
    """Return hashes that stand side by side as a list. Raises ValueError if the last one is cut short."""
    if len(hashes) % HASH_SIZE:
        raise ValueError(f"{len(hashes)} bytes are no whole number of {HASH_SIZE}-byte hashes")
    return [hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)]


def _check_size(size: int) -> None:
    """Raise ValueError unless a tree may have `size` leaves."""
    if not 0 <= size <= MAX_SIZE:
        raise ValueError(f"a tree cannot have {size} leaves: its size is between 0 and 2^64 - 1")


def _check_frontier(size: int, frontier: bytes) -> None:
    """Raise ValueError unless the frontier has one hash for each bit set in `size`."""
    _check_size(size)
    if len(frontier) != size.bit_count() * HASH_SIZE:
        raise ValueError(
            f"the frontier of a tree of {size} leaves is {size.bit_count() * HASH_SIZE} bytes, not {len(frontier)}"
        )


def tile_root(hashes: bytes) -> bytes:
    """Return the root (32 bytes) of a full tile (8,192 bytes): the node that stands in the tile above it.

    Raises ValueError for a tile that is not full.
    """
    return tile_node(hashes, TILE_HEIGHT, 0)


def tile_node(hashes: bytes, level_in_tile: int, index_in_tile: int) -> bytes:
    """Return the root (32 bytes) of the 2^level_in_tile hashes from index_in_tile * 2^level_in_tile on.

    `hashes` is a tile, full or partial: 1 to 256 hashes side by side. Level 0 answers a hash of the tile itself, level
    8 the root of a full tile. Raises ValueError for a tile of another length, and for a node that is not wholly in it.
    """
    width, remainder = divmod(len(hashes), HASH_SIZE)
    if remainder or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"a tile has 1 to {TILE_WIDTH} hashes of {HASH_SIZE} bytes, not {len(hashes)} bytes")
    if not 0 <= level_in_tile <= TILE_HEIGHT or not 0 <= index_in_tile < width >> level_in_tile:
        raise ValueError(f"node ({level_in_tile}, {index_in_tile}) is not in a tile of {width} hashes")
    span = HASH_SIZE << level_in_tile
    nodes = split_hashes(hashes[index_in_tile * span : (index_in_tile + 1) * span])
    while len(nodes) > 1:
        nodes = hash_pairs(nodes)
    return nodes[0]


def full_tiles(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """Return (level, index) of the tiles that become full when a log grows, level 0 first, in order of index.

    A tile of level L + 1 is made of the roots of full tiles of level L, so in this order each can be made from those
    before it. Raises ValueError if the log shrinks.
    """
    _check_size(new_size)
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a log does not grow from {old_size} to {new_size} entries")
    tiles: list[tuple[int, int]] = []
    level = 0
    while new_size >= TILE_WIDTH:
        old_size //= TILE_WIDTH
        new_size //= TILE_WIDTH
        tiles.extend((level, index) for index in range(old_size, new_size))
        level += 1
    return tiles


def partial_width(level: int, size: int) -> int:
    """Return the hashes (0 to 255) in the last, partial tile of a level; 0 means that there is none to serve."""
    _check_size(size)
    _check_level(level)
    return (size >> (TILE_HEIGHT * level)) % TILE_WIDTH


def _check_level(level: int) -> None:
    """Raise ValueError unless a tile path may name this level."""
    if not 0 <= level <= MAX_TILE_LEVEL:
        raise ValueError(f"tiles have levels 0 to {MAX_TILE_LEVEL}, not {level}")
