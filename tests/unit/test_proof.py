"""Proofs, against the RFC's own recursion, through tiles, against others' vectors, and against every flipped bit."""

import base64
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from itertools import combinations_with_replacement, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tlog.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, Node, Tile, leaf_hash, partial_width, tile_root
from ledger.tlog.proof import (
    Part,
    ProofError,
    TileReader,
    check_consistency,
    check_inclusion,
    consistency_nodes,
    inclusion_nodes,
    prove_consistency,
    prove_inclusion,
    required_tiles,
)
from tests.merkle_vectors import decode, is_refused, vectors
from tests.shared import needs_shared, shared_path

LARGEST = 65_537
LEAVES = [leaf_hash(str(number).encode()) for number in range(LARGEST)]
BOUNDARIES = (255, 256, 257, 511, 512, 513, 65_535, 65_536, LARGEST)


def split(n: int) -> int:
    """Return k of RFC 6962 section 2.1: the largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


@cache
def naive_root(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962 section 2.1 over LEAVES."""
    if end - start <= 1:
        return LEAVES[start] if end > start else sha256(b"").digest()
    k = split(end - start)
    return sha256(b"\x01" + naive_root(start, start + k) + naive_root(start + k, end)).digest()


def naive_path(m: int, start: int, end: int) -> list[tuple[str, bytes]]:
    """PATH(m, D[start:end]) of RFC 6962 section 2.1.1; each hash with the side on which it stands."""
    n = end - start
    if n == 1:
        return []
    k = split(n)
    if m < k:
        return [*naive_path(m, start, start + k), ("right", naive_root(start + k, end))]
    return [*naive_path(m - k, start + k, end), ("left", naive_root(start, start + k))]


def naive_subproof(m: int, start: int, end: int, b: bool) -> list[tuple[str, bytes]]:
    """SUBPROOF(m, D[start:end], b) of RFC 6962 section 2.1.2; each hash with the side on which it stands."""
    n = end - start
    if m == n:
        return [] if b else [("old", naive_root(start, end))]
    k = split(n)
    if m <= k:
        return [*naive_subproof(m, start, start + k, b), ("right", naive_root(start + k, end))]
    return [*naive_subproof(m - k, start + k, end, b=False), ("left", naive_root(start, start + k))]


def hashes(path: list[tuple[str, bytes]]) -> tuple[bytes, ...]:
    return tuple(value for _, value in path)


def sides(path: list[tuple[str, bytes]]) -> list[str]:
    return [side for side, _ in path]


def naive_node(node: Node) -> bytes:
    return naive_root(node.index << node.level, (node.index + 1) << node.level)


def tiles_of(size: int) -> dict[Tile, bytes]:
    """All the tiles of the tree over LEAVES, made as C2SP tlog-tiles says: a level from the full tiles below it."""
    tiles: dict[Tile, bytes] = {}
    level, nodes = 0, LEAVES[:size]
    while nodes:
        rows = [nodes[start : start + 256] for start in range(0, len(nodes), 256)]
        tiles |= {Tile(level, index, len(row)): b"".join(row) for index, row in enumerate(rows)}
        level, nodes = level + 1, [tile_root(b"".join(row)) for row in rows if len(row) == 256]
    return tiles


def read(tiles: dict[Tile, bytes], parts: list[Part], size: int) -> Callable[[Node], bytes]:
    """Return a reader of exactly the tiles that are required; KeyError if one of them is not a tile of this size."""
    return TileReader({tile: tiles[tile] for tile in required_tiles(parts, size)}).hash_of


def flip(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value))


def test_every_inclusion_proof_up_to_64_leaves_is_the_rfcs_and_passes() -> None:
    for size in range(1, 65):
        for index in range(size):
            proof = prove_inclusion(index, size, naive_node)
            assert proof == hashes(naive_path(index, 0, size))
            check_inclusion(LEAVES[index], index, size, proof, naive_root(0, size))


def test_every_consistency_proof_up_to_64_leaves_is_the_rfcs_and_passes() -> None:
    for old, new in combinations_with_replacement(range(1, 65), 2):
        proof = prove_consistency(old, new, naive_node)
        assert proof == hashes(naive_subproof(old, 0, new, b=True))
        check_consistency(old, naive_root(0, old), new, naive_root(0, new), proof)


def test_a_leaf_is_refused_at_every_other_index_up_to_64_leaves() -> None:
    for size in range(1, 65):
        root = naive_root(0, size)
        for index, claimed in product(range(size), range(size + 2)):
            if claimed != index:
                with pytest.raises(ProofError):
                    check_inclusion(LEAVES[index], claimed, size, hashes(naive_path(index, 0, size)), root)


@pytest.mark.parametrize("size", BOUNDARIES)
def test_inclusion_is_proved_from_exactly_the_required_tiles(size: int) -> None:
    tiles, root = tiles_of(size), naive_root(0, size)
    for index in sorted({0, 1, 254, 255, 256, 257, 32_767, 32_768, 65_279, 65_280, size - 2, size - 1}):
        if index < size:
            proof = prove_inclusion(index, size, read(tiles, inclusion_nodes(index, size), size))
            assert proof == hashes(naive_path(index, 0, size))
            check_inclusion(LEAVES[index], index, size, proof, root)


@pytest.mark.parametrize("new", BOUNDARIES)
def test_consistency_is_proved_from_exactly_the_required_tiles(new: int) -> None:
    tiles = tiles_of(new)
    for old in sorted({1, 2, 3, 128, 254, 255, 256, 257, 32_768, 65_280, 65_281, 65_535, 65_536, new - 1, new}):
        if old <= new:
            proof = prove_consistency(old, new, read(tiles, consistency_nodes(old, new), new))
            assert proof == hashes(naive_subproof(old, 0, new, b=True))
            check_consistency(old, naive_root(0, old), new, naive_root(0, new), proof)


@settings(deadline=None)
@given(st.data())
def test_any_proof_comes_out_of_tiles_as_the_rfc_has_it(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    parts = inclusion_nodes(index, size) + consistency_nodes(index + 1, size)
    reader = TileReader({tile: naive_tile(tile) for tile in required_tiles(parts, size)})
    assert prove_inclusion(index, size, reader.hash_of) == hashes(naive_path(index, 0, size))
    assert prove_consistency(index + 1, size, reader.hash_of) == hashes(naive_subproof(index + 1, 0, size, b=True))


def naive_tile(tile: Tile) -> bytes:
    nodes = [Node(8 * tile.level, 256 * tile.index + offset) for offset in range(tile.width)]
    return b"".join(naive_node(node) for node in nodes)


def test_each_hash_of_a_proof_is_made_of_the_perfect_subtrees_under_it() -> None:
    # The examples of RFC 6962 section 2.1.3, a tree of 7 leaves.
    assert inclusion_nodes(0, 7) == [(Node(0, 1),), (Node(1, 1),), (Node(1, 2), Node(0, 6))]
    assert inclusion_nodes(3, 7) == [(Node(0, 2),), (Node(1, 0),), (Node(1, 2), Node(0, 6))]
    assert inclusion_nodes(4, 7) == [(Node(0, 5),), (Node(0, 6),), (Node(2, 0),)]
    assert inclusion_nodes(6, 7) == [(Node(1, 2),), (Node(2, 0),)]
    assert consistency_nodes(3, 7) == [(Node(0, 2),), (Node(0, 3),), (Node(1, 0),), (Node(1, 2), Node(0, 6))]
    assert consistency_nodes(4, 7) == [(Node(1, 2), Node(0, 6))]
    assert consistency_nodes(6, 7) == [(Node(1, 2),), (Node(0, 6),), (Node(2, 0),)]


def test_the_required_tiles_are_those_of_the_size_each_once() -> None:
    parts = inclusion_nodes(0, 70_000) + inclusion_nodes(1, 70_000)
    assert required_tiles(parts, 70_000) == [
        Tile(0, 0, 256),
        Tile(0, 273, 112),
        Tile(1, 0, 256),
        Tile(1, 1, 17),
    ]
    assert required_tiles([], 70_000) == []
    assert [partial_width(level, 70_000) for level in range(3)] == [112, 17, 1]


def test_a_full_tile_answers_for_the_partial_one_that_was_dropped() -> None:
    full = TileReader({Tile(0, 0, 256): naive_tile(Tile(0, 0, 256)), Tile(0, 0, 7): naive_tile(Tile(0, 0, 7))})
    assert prove_inclusion(3, 7, full.hash_of) == hashes(naive_path(3, 0, 7))
    assert full.hash_of(Node(0, 255)) == LEAVES[255]


def test_a_node_of_which_a_tile_is_missing_or_too_short_ends_in_a_proof_error() -> None:
    for fetched in ({}, {Tile(0, 0, 6): naive_tile(Tile(0, 0, 6))}):
        with pytest.raises(ProofError, match="was not fetched"):
            prove_inclusion(3, 7, TileReader(fetched).hash_of)
    with pytest.raises(ProofError, match="was not fetched"):
        prove_consistency(3, 7, {Node(0, 2): LEAVES[2]}.__getitem__)


def test_a_dict_of_nodes_serves_as_well_as_a_reader() -> None:
    nodes = {node: naive_node(node) for part in inclusion_nodes(3, 7) for node in part}
    assert prove_inclusion(3, 7, nodes.__getitem__) == hashes(naive_path(3, 0, 7))
    with pytest.raises(ProofError, match="a hash has 32 bytes"):
        prove_inclusion(3, 7, (nodes | {Node(0, 2): b"short"}).__getitem__)


@pytest.mark.parametrize(("width", "length"), [(7, 6 * 32), (7, 8 * 32), (7, 7 * 32 - 1), (0, 0), (257, 257 * 32)])
def test_a_tile_whose_bytes_do_not_fit_its_width_is_refused(width: int, length: int) -> None:
    with pytest.raises(ProofError):
        TileReader({Tile(0, 0, width): bytes(length)})


@pytest.mark.parametrize("node", [Node(0, 7), Node(1, 3), Node(3, 0), Node(0, -1), Node(600, 0)])
def test_a_node_that_the_tree_has_not_requires_no_tile(node: Node) -> None:
    with pytest.raises(ProofError, match="is not in a tree of 7 leaves"):
        required_tiles([(node,)], 7)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (7, 7), (8, 7), (-1, 7), (0, -1), (0, MAX_SIZE + 1)])
def test_a_leaf_that_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="has no leaf"):
        inclusion_nodes(index, size)
    with pytest.raises(ProofError, match="has no leaf"):
        check_inclusion(LEAVES[0], index, size, (), LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 7), (8, 7), (-1, 7), (1, MAX_SIZE + 1)])
def test_sizes_that_do_not_follow_each_other_have_no_proof(old: int, new: int) -> None:
    with pytest.raises(ProofError, match="there is no consistency proof"):
        consistency_nodes(old, new)
    with pytest.raises(ProofError, match="there is no consistency proof"):
        check_consistency(old, EMPTY_ROOT, new, EMPTY_ROOT, ())


def test_the_largest_tree_has_proofs_of_64_hashes() -> None:
    filler = bytes(HASH_SIZE)
    assert [len(part) for part in inclusion_nodes(0, MAX_SIZE)] == [1] * 63 + [63]
    assert len(prove_inclusion(0, MAX_SIZE, lambda _: filler)) == 64
    assert len(prove_consistency(MAX_SIZE - 1, MAX_SIZE, lambda _: filler)) == 64


def test_a_bit_flipped_in_any_hash_of_any_inclusion_proof_up_to_64_leaves_is_refused() -> None:
    for size in range(1, 65):
        for index in range(size):
            values = [LEAVES[index], naive_root(0, size), *hashes(naive_path(index, 0, size))]
            for place in range(len(values)):
                leaf, root, *proof = flipped(values, place, size * index + place)
                with pytest.raises(ProofError):
                    check_inclusion(leaf, index, size, proof, root)


def test_a_bit_flipped_in_any_hash_of_any_consistency_proof_up_to_64_leaves_is_refused() -> None:
    for old, new in combinations_with_replacement(range(1, 65), 2):
        values = [naive_root(0, old), naive_root(0, new), *hashes(naive_subproof(old, 0, new, b=True))]
        for place in range(len(values)):
            old_root, new_root, *proof = flipped(values, place, old * new + place)
            with pytest.raises(ProofError):
                check_consistency(old, old_root, new, new_root, proof)


def flipped(values: list[bytes], place: int, number: int) -> list[bytes]:
    """Return hashes of which one has a bit flipped; `number` chooses which bit."""
    return [*values[:place], flip(values[place], number % 256), *values[place + 1 :]]


FLIPPED_SIZES = (1, 2, 3, 7, 8, 21, 64, *BOUNDARIES)
FLIPPED_GROWTH = (
    *((1, 1), (1, 2), (2, 3), (3, 7), (4, 7), (6, 8), (21, 64), (32, 33), (63, 64)),
    *(*pairwise(BOUNDARIES), (1, LARGEST), (257, 65_535), (32_768, LARGEST)),
)


@pytest.mark.parametrize("size", FLIPPED_SIZES)
def test_any_flipped_bit_of_leaf_root_or_inclusion_proof_is_refused(size: int) -> None:
    root = naive_root(0, size)
    for index in sorted({0, size // 2, size - 1}):
        proof = hashes(naive_path(index, 0, size))
        values = [LEAVES[index], root, *proof]
        for place, bit in product(range(len(values)), range(256)):
            changed = list(values)
            changed[place] = flip(changed[place], bit)
            with pytest.raises(ProofError):
                check_inclusion(changed[0], index, size, changed[2:], changed[1])


@pytest.mark.parametrize(("old", "new"), FLIPPED_GROWTH)
def test_any_flipped_bit_of_roots_or_consistency_proof_is_refused(old: int, new: int) -> None:
    values = [naive_root(0, old), naive_root(0, new), *hashes(naive_subproof(old, 0, new, b=True))]
    for place, bit in product(range(len(values)), range(256)):
        changed = list(values)
        changed[place] = flip(changed[place], bit)
        with pytest.raises(ProofError):
            check_consistency(old, changed[0], new, changed[1], changed[2:])


def test_a_flipped_bit_of_index_or_size_is_refused_unless_the_path_is_the_same() -> None:
    same = 0
    for size, bit in product(range(1, 65), range(8)):
        other, root = size ^ 1 << bit, naive_root(0, size)
        for index in range(size):
            path = naive_path(index, 0, size)
            with pytest.raises(ProofError):
                check_inclusion(LEAVES[index], index ^ 1 << bit, size, hashes(path), root)
            if 0 <= index < other <= LARGEST and sides(naive_path(index, 0, other)) == sides(path):
                check_inclusion(LEAVES[index], index, other, hashes(path), root)
                same += 1
            else:
                with pytest.raises(ProofError):
                    check_inclusion(LEAVES[index], index, other, hashes(path), root)
    assert same > 0  # RFC 9162 binds a size by the root that is signed with it, not by the path alone


def test_a_flipped_bit_of_a_size_in_a_consistency_proof_is_refused_unless_the_path_is_the_same() -> None:
    for old, new in combinations_with_replacement(range(1, 33), 2):
        path, roots = naive_subproof(old, 0, new, b=True), (naive_root(0, old), naive_root(0, new))
        for bit, (first, second) in product(range(7), ((1, 0), (0, 1))):
            sizes = (old ^ first << bit, new ^ second << bit)
            if same_walk(sizes, (old, new)):
                check_consistency(sizes[0], roots[0], sizes[1], roots[1], hashes(path))
            else:
                with pytest.raises(ProofError):
                    check_consistency(sizes[0], roots[0], sizes[1], roots[1], hashes(path))


def same_walk(sizes: tuple[int, int], others: tuple[int, int]) -> bool:
    """Whether both pairs of sizes have proofs, and their hashes are of the same kinds on the same sides."""
    if not 0 < sizes[0] <= sizes[1]:
        return False
    return sides(naive_subproof(sizes[0], 0, sizes[1], b=True)) == sides(
        naive_subproof(others[0], 0, others[1], b=True)
    )


def test_a_proof_with_a_hash_more_or_less_is_refused() -> None:
    path, root = hashes(naive_path(3, 0, 7)), naive_root(0, 7)
    growth = hashes(naive_subproof(3, 0, 7, b=True))
    for extra in (LEAVES[0], root):
        for longer in ((*path, extra), (extra, *path)):
            with pytest.raises(ProofError, match="has 3 hashes, this one 4"):
                check_inclusion(LEAVES[3], 3, 7, longer, root)
        for longer in ((*growth, extra), (extra, *growth)):
            with pytest.raises(ProofError):
                check_consistency(3, naive_root(0, 3), 7, root, longer)
    for shorter in (path[1:], path[:-1], ()):
        with pytest.raises(ProofError, match="has 3 hashes, this one"):
            check_inclusion(LEAVES[3], 3, 7, shorter, root)
    for shorter in (growth[1:], growth[:-1], ()):
        with pytest.raises(ProofError):
            check_consistency(3, naive_root(0, 3), 7, root, shorter)


def test_a_hash_of_another_length_is_refused_even_where_the_concatenation_is_the_same() -> None:
    left, right, root = LEAVES[0], LEAVES[1], naive_root(0, 2)
    with pytest.raises(ProofError, match="a hash has 32 bytes, and one here 33"):
        check_inclusion(left + right[:1], 0, 2, (right[1:],), root)
    for wrong in (b"", right[:31], right + b"\x00"):
        with pytest.raises(ProofError, match="a hash has 32 bytes"):
            check_inclusion(left, 0, 2, (wrong,), root)
        with pytest.raises(ProofError, match="a hash has 32 bytes"):
            check_consistency(1, left, 2, root, (wrong,))
    for leaf, top in ((b"", b""), (b"", root), (left, b"")):
        with pytest.raises(ProofError, match="a hash has 32 bytes"):
            check_inclusion(leaf, 0, 1, (), top)
    with pytest.raises(ProofError, match="a hash has 32 bytes"):
        check_consistency(1, left + right[:1], 2, root, (right[1:],))
    with pytest.raises(ProofError, match="a hash has 32 bytes"):
        check_consistency(2, b"", 2, b"", ())


def test_two_roots_for_one_size_are_called_a_fork() -> None:
    with pytest.raises(ProofError, match="two roots for one size, 7"):
        check_consistency(7, naive_root(0, 7), 7, LEAVES[0], ())
    with pytest.raises(ProofError, match="equal sizes take an empty consistency proof"):
        check_consistency(7, naive_root(0, 7), 7, naive_root(0, 7), (LEAVES[0],))


@needs_shared
def test_inclusion_vectors_of_transparency_dev_merkle_pass_or_are_refused() -> None:
    found = vectors("inclusion")
    assert len(found) == 98
    for path, vector in found:
        leaf, root = decode([vector["leafHash"], vector["root"]])
        arguments = (leaf, vector["leafIdx"], vector["treeSize"], decode(vector["proof"]), root)
        assert is_refused(check_inclusion, *arguments) == vector["wantErr"], path


@needs_shared
def test_consistency_vectors_of_transparency_dev_merkle_pass_or_are_refused() -> None:
    found = vectors("consistency")
    assert len(found) == 98
    for path, vector in found:
        roots = decode([vector["root1"], vector["root2"]])
        arguments = (vector["size1"], roots[0], vector["size2"], roots[1], decode(vector["proof"]))
        # Their one vector of equal sizes that passes has the words "don't care 2" for both roots: no SHA-256 hash.
        stricter = path.name == "sizes-are-equal-one-and-proof-is-empty.json"
        assert is_refused(check_consistency, *arguments) == (vector["wantErr"] or stricter), path


@needs_shared
def test_every_proof_of_tesseras_test_log_leads_to_its_checkpoints() -> None:
    log = shared_path("vectors/tessera-testdata-log")
    roots = [base64.b64decode((log / f"checkpoint.{size}").read_text().splitlines()[2]) for size in range(16)]
    for size in range(1, 16):
        tile = Tile(0, 0, size)
        reader = TileReader({tile: (log / f"tile/0/000.p/{size}").read_bytes()})
        for index in range(size):
            leaf = reader.hash_of(Node(0, index))
            check_inclusion(leaf, index, size, prove_inclusion(index, size, reader.hash_of), roots[size])
        for old in range(1, size + 1):
            check_consistency(old, roots[old], size, roots[size], prove_consistency(old, size, reader.hash_of))
