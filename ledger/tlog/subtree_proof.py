"""Proofs over a part of a log's tree: that an entry is in it, and that a larger tree holds it. Pure.

A subtree of the leaves from `start` up to `end` begins at a multiple of a power of two that is at least its size, so
that its root is what RFC 6962 section 2.1 makes of those leaves alone. A mirror takes a log's entries in such parts and
checks each against one signed checkpoint (C2SP tlog-mirror); a cosigner may sign one (tlog-cosignature, sign-subtree).
draft-ietf-plants-merkle-tree-certs sections 4.3 and 4.4 have the algorithms.
"""

from collections.abc import Sequence

from ledger.tlog.merkle import EMPTY_ROOT, MAX_SIZE, node_hash, range_nodes
from ledger.tlog.proof import ProofError, check_hashes, check_inclusion


def check_subtree_inclusion(leaf: bytes, index: int, start: int, end: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if `proof` shows that the leaf with hash `leaf` is number `index` of the log and in this subtree.

    `root` is the subtree's. It is the inclusion proof of leaf `index - start` in the tree of `end - start` leaves.
    Raises ProofError for everything else, a range that is no subtree among it.
    """
    _check_subtree(start, end)
    check_inclusion(leaf, index - start, end - start, proof, root)


def check_subtree_consistency(
    start: int, end: int, subtree_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Return if `proof` shows that the subtree with this root is that of the tree with this size and root.

    The draft's section 4.4.3: `first`, `last` and `edge` are its fn, sn and tn, the paths to the subtree's first and
    last leaves and to the tree's last. While the subtree is a whole node of the tree, its own root begins the walk.
    Raises ProofError for everything else: a range that is no subtree or past the tree, too few or too many hashes, a
    hash or root that is not 32 bytes, another root.
    """
    _check_subtree(start, end)
    if not end <= size <= MAX_SIZE:
        raise ProofError(f"a tree of {size} leaves has no subtree from {start} to {end}")
    check_hashes(subtree_root, root, *proof)
    if start == end:
        if proof or subtree_root != EMPTY_ROOT:
            raise ProofError("the empty subtree has the root of nothing, and is in every tree without a proof")
        return
    from_subtree, from_tree = _walk(start, end - 1, size - 1, subtree_root, list(proof))
    if from_subtree != subtree_root:
        raise ProofError(f"the consistency proof of leaves {start} to {end} leads to another root of theirs")
    if from_tree != root:
        raise ProofError(f"the consistency proof of leaves {start} to {end} leads to another root of {size} leaves")


def _walk(first: int, last: int, edge: int, subtree_root: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the subtree and of the tree to which a proof leads. Raises ProofError by its length."""
    while first != last and (last == edge or last & 1):
        first, last, edge = first >> 1, last >> 1, edge >> 1
    if first == last:
        proof.insert(0, subtree_root)
    if not proof:
        raise ProofError("the consistency proof of a subtree has too few hashes")
    from_subtree = from_tree = proof[0]
    for sibling in proof[1:]:
        if edge == 0:
            raise ProofError("the consistency proof of a subtree has too many hashes")
        if last & 1 or last == edge:
            if first < last:
                from_subtree = node_hash(sibling, from_subtree)
            from_tree = node_hash(sibling, from_tree)
            while not last & 1:
                first, last, edge = first >> 1, last >> 1, edge >> 1
        else:
            from_tree = node_hash(from_tree, sibling)
        first, last, edge = first >> 1, last >> 1, edge >> 1
    if edge:
        raise ProofError("the consistency proof of a subtree has too few hashes")
    return from_subtree, from_tree


def _check_subtree(start: int, end: int) -> None:
    """Raise ProofError unless the leaves from `start` to `end` are a subtree."""
    try:
        range_nodes(start, end)
    except ValueError as error:
        raise ProofError(str(error)) from error
