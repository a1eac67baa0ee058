"""Proofs over a log's Merkle tree: that an entry is in it, and that it only grew. Pure.

Proofs are those of RFC 6962 section 2.1 and RFC 9162 section 2.1 over SHA-256: 32-byte hashes, nearest the leaf first.

A store that has to wait for its tiles proves in three steps, of which only the fetch in the middle waits:

    parts = inclusion_nodes(index, size)
    tiles = {tile: (bytes of the tile) for tile in required_tiles(parts, size)}
    proof = prove_inclusion(index, size, TileReader(tiles).hash_of)

A size and its root come from one checkpoint, always. A proof binds the root; the size it binds only as far as it
changes the path (the first leaf has the same path in trees of 5 and of 7 leaves), so a size of other origin proves
nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from ledger.tlog.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    MAX_SIZE,
    TILE_HEIGHT,
    TILE_WIDTH,
    Node,
    Tile,
    node_hash,
    partial_width,
    range_nodes,
    range_root,
    tile_node,
)

Part: TypeAlias = tuple[Node, ...]
"""What one hash of a proof is made of: the perfect subtrees of a range of leaves, largest first, one or more."""

HashOf: TypeAlias = Callable[[Node], bytes]
"""Answers the hash (32 bytes) of a node; raises LookupError for one it has not. A dict's __getitem__ will do."""


class ProofError(ValueError):
    """A proof that cannot be made, or that does not prove what it should. The message says which check failed.

    From a check: trust nothing that came with the proof. From `prove_...`: ask for a leaf and a size that exist, and
    fetch what `required_tiles` lists.
    """


def inclusion_nodes(index: int, size: int) -> list[Part]:
    """Return what the inclusion proof of leaf `index` in the tree of `size` leaves needs, in the proof's order.

    PATH(m, D[n]) of RFC 6962 section 2.1.1, from the root down to the leaf, then turned round.
    Raises ProofError if the tree has no such leaf.
    """
    _check_leaf(index, size)
    start, end = 0, size
    parts: list[Part] = []
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            parts.append(range_nodes(middle, end))
            end = middle
        else:
            parts.append(range_nodes(start, middle))
            start = middle
    return parts[::-1]


def consistency_nodes(old_size: int, new_size: int) -> list[Part]:
    """Return what the consistency proof between two sizes needs, in the proof's order; nothing if they are equal.

    PROOF(m, D[n]) of RFC 6962 section 2.1.2: SUBPROOF from the root down to the old tree's right edge, turned round.
    Raises ProofError unless 0 < old_size <= new_size: from size 0 there is nothing to prove, see check_consistency.
    """
    _check_sizes(old_size, new_size)
    start, end = 0, new_size
    parts: list[Part] = []
    while end != old_size:
        middle = _middle(start, end)
        if old_size <= middle:
            parts.append(range_nodes(middle, end))
            end = middle
        else:
            parts.append(range_nodes(start, middle))
            start = middle
    if start:  # SUBPROOF's flag b is false: this subtree is not the whole old tree, whose root the verifier has
        parts.append(range_nodes(start, end))
    return parts[::-1]


def prove_inclusion(index: int, size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the proof (32-byte hashes, the leaf's sibling first) that leaf `index` is in the tree of `size` leaves.

    RFC 6962 section 2.1.1. `hash_of` answers the nodes that inclusion_nodes lists. Its hashes are taken as they are: a
    store that is not trusted should have its proofs checked against the root before they leave.
    Raises ProofError if the tree has no such leaf, or `hash_of` lacks a node.
    """
    return _assemble(inclusion_nodes(index, size), hash_of)


def prove_consistency(old_size: int, new_size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the proof (32-byte hashes) that the tree of `new_size` leaves begins with the one of `old_size`.

    RFC 6962 section 2.1.2; empty if the sizes are equal. `hash_of` answers the nodes that consistency_nodes lists, and
    is trusted as by prove_inclusion.
    Raises ProofError unless 0 < old_size <= new_size, or if `hash_of` lacks a node.
    """
    return _assemble(consistency_nodes(old_size, new_size), hash_of)


def root_of(size: int, hash_of: HashOf) -> bytes:
    """Return the root (32 bytes) of the first `size` leaves of a tree. RFC 6962 section 2.1.

    `hash_of` answers the nodes that range_nodes(0, size) lists. Raises ProofError if it lacks one.
    """
    return _assemble([range_nodes(0, size)], hash_of)[0] if size else EMPTY_ROOT


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if `proof` shows that the leaf with hash `leaf` is number `index` of the tree with this size and root.

    RFC 9162 section 2.1.3.2, in the form that counts first: below the level where the paths to the leaf and to the
    last leaf part, the leaf's index says on which side each sibling stands; above it, every sibling is on the left.
    `leaf` is merkle.leaf_hash of the entry, never the entry: a hash of 32 bytes like all others here.
    Raises ProofError for everything else: an index outside the tree, another number of hashes than the path has, a
    hash, leaf or root that is not 32 bytes, another root.
    """
    _check_leaf(index, size)
    check_hashes(leaf, root, *proof)
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise ProofError(
            f"the inclusion proof of leaf {index} of {size} has {inner + border} hashes, this one {len(proof)}"
        )
    computed = leaf
    for level, sibling in enumerate(proof):
        if level >= inner or index >> level & 1:
            computed = node_hash(sibling, computed)
        else:
            computed = node_hash(computed, sibling)
    if computed != root:
        raise ProofError(f"the inclusion proof of leaf {index} of {size} leads to another root")


def check_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if `proof` shows that the tree with the new size and root begins with the one with the old.

    RFC 9162 section 2.1.4.2. Equal sizes take an empty proof and equal roots.
    An old size of 0 is refused, even with an empty proof: every tree begins with the empty one, so a proof of it says
    nothing, and verifiers differ in what they take for one. Who meets size 0 (tlog-witness: an empty proof) decides it
    before calling: old_root is EMPTY_ROOT, the proof is empty.
    Raises ProofError for everything else: an old size above the new, too few or too many hashes, a hash or root that
    is not 32 bytes, another old or new root.
    """
    _check_sizes(old_size, new_size)
    check_hashes(old_root, new_root, *proof)
    if old_size == new_size:
        if proof:
            raise ProofError(f"equal sizes take an empty consistency proof, and this one has {len(proof)} hashes")
        if old_root != new_root:
            raise ProofError(f"two roots for one size, {old_size}: the log has forked")
        return
    from_old, from_new = _consistency_roots(old_size, old_root, new_size, proof)
    if from_old != old_root:
        raise ProofError(f"the consistency proof from {old_size} to {new_size} leads to another old root")
    if from_new != new_root:
        raise ProofError(f"the consistency proof from {old_size} to {new_size} leads to another new root")


def required_tiles(parts: Iterable[Part], size: int) -> list[Tile]:
    """Return the tiles that hold the nodes of `parts`, each once, by level and index, as wide as they are at `size`.

    `parts` is what inclusion_nodes or consistency_nodes gave; of several proofs at one size, one after the other.
    A node of level l is in, or under, the hashes of tile level l // 8 (C2SP tlog-tiles): level 8 is a hash of a tile of
    level 1, never the root of one of level 0.
    Raises ProofError for a node that the tree of `size` leaves has not, and ValueError if `size` is no size.
    """
    return sorted({_tile_around(node, size) for node in chain.from_iterable(parts)})


class TileReader:
    """Answers nodes from the bytes of tiles that were fetched before. Pure; trusts the bytes.

    A tile may be wider than asked for: once it is full, a log may drop its partial ones (C2SP tlog-tiles).
    """

    def __init__(self, tiles: Mapping[Tile, bytes]) -> None:
        """Take tiles (32 bytes for each of `width` hashes). Raises ProofError if one has another length."""
        self._widest: dict[tuple[int, int], bytes] = {}
        for tile in sorted(tiles):
            if len(tiles[tile]) != tile.width * HASH_SIZE or not 1 <= tile.width <= TILE_WIDTH:
                raise ProofError(f"{tile} has {len(tiles[tile])} bytes")
            self._widest[tile.level, tile.index] = tiles[tile]

    def hash_of(self, node: Node) -> bytes:
        """Return the hash (32 bytes) of a node. Raises LookupError if it is not wholly in one of the tiles."""
        level, height = divmod(node.level, TILE_HEIGHT)
        index, index_in_tile = divmod(node.index, TILE_WIDTH >> height)
        hashes = self._widest[level, index]
        if (index_in_tile + 1) << height > len(hashes) // HASH_SIZE:
            raise LookupError(node)
        return tile_node(hashes, height, index_in_tile)


def _middle(start: int, end: int) -> int:
    """Return where the leaves from `start` to `end` (two or more) split: RFC 6962 section 2.1's k, from `start`."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _tile_around(node: Node, size: int) -> Tile:
    """Return the tile, as wide as it is at `size`, that has all of the node's hashes."""
    if node.index < 0 or (node.index + 1) << node.level > size:
        raise ProofError(f"{node} is not in a tree of {size} leaves")
    level, height = divmod(node.level, TILE_HEIGHT)
    index = node.index // (TILE_WIDTH >> height)
    full = size >> (TILE_HEIGHT * (level + 1))
    width = TILE_WIDTH if index < full else partial_width(level, size)
    return Tile(level, index, width)


def _assemble(parts: Sequence[Part], hash_of: HashOf) -> tuple[bytes, ...]:
    """Return the hash of each part, made from its nodes' hashes."""
    try:
        proof = tuple(range_root([hash_of(node) for node in part]) for part in parts)
    except LookupError as error:
        raise ProofError(f"a node that the proof needs was not fetched: {error}") from error
    check_hashes(*proof)
    return proof


def _consistency_roots(old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the (old, new) roots to which the proof leads, if 0 < old_size < new_size.

    RFC 9162 section 2.1.4.2, steps 2 to 6: `old` and `new` are its fn and sn, the paths to the trees' last leaves.
    Raises ProofError if the proof has too few or too many hashes.
    """
    path = list(proof)
    if old_size.bit_count() == 1:
        path.insert(0, old_root)
    old, new = old_size - 1, new_size - 1
    while old & 1:
        old, new = old >> 1, new >> 1
    if not path:
        raise ProofError(f"the consistency proof from {old_size} to {new_size} is empty")
    from_old = from_new = path[0]
    for sibling in path[1:]:
        if new == 0:
            raise ProofError(f"the consistency proof from {old_size} to {new_size} has too many hashes")
        if old & 1 or old == new:
            from_old, from_new = node_hash(sibling, from_old), node_hash(sibling, from_new)
            while old and not old & 1:
                old, new = old >> 1, new >> 1
        else:
            from_new = node_hash(from_new, sibling)
        old, new = old >> 1, new >> 1
    if new:
        raise ProofError(f"the consistency proof from {old_size} to {new_size} has too few hashes")
    return from_old, from_new


def _check_leaf(index: int, size: int) -> None:
    """Raise ProofError unless a tree of `size` leaves has leaf `index`."""
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")


def _check_sizes(old_size: int, new_size: int) -> None:
    """Raise ProofError unless there is a consistency proof between these sizes."""
    if not 0 < old_size <= new_size <= MAX_SIZE:
        raise ProofError(f"there is no consistency proof from {old_size} to {new_size} leaves")


def check_hashes(*hashes: bytes) -> None:
    """Raise ProofError unless each is 32 bytes: a shorter one would let bytes move between neighbours unseen."""
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise ProofError(f"a hash has {HASH_SIZE} bytes, and one here {len(value)}")
