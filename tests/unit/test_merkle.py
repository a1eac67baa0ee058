"""The tree, its right edge and its tiles, against the RFC's own recursion and others' vectors."""

import base64
import json
from functools import cache
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tlog.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    TILE_WIDTH,
    Node,
    extend_frontier,
    frontier_root,
    full_tiles,
    leaf_hash,
    node_hash,
    partial_width,
    range_nodes,
    range_root,
    split_hashes,
    tile_node,
    tile_root,
)
from tests.shared import needs_shared, shared_path

LEAVES = [leaf_hash(str(number).encode()) for number in range(65_537)]
BOUNDARIES = (255, 256, 257, 65_535, 65_536, 65_537)


@cache
def naive_root(start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962 section 2.1, written from its text, over LEAVES."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return sha256(b"\x01" + naive_root(start, start + k) + naive_root(start + k, end)).digest()


def test_the_empty_tree_has_the_hash_of_nothing_as_root() -> None:
    assert bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == EMPTY_ROOT
    assert frontier_root(0, b"") == EMPTY_ROOT
    assert range_nodes(0, 0) == ()


def test_leaf_and_node_hashes_are_those_that_others_publish() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def test_every_tree_up_to_64_leaves_has_the_root_of_the_rfc_however_it_grew() -> None:
    for old_size in range(65):
        frontier = extend_frontier(0, b"", LEAVES[:old_size])
        assert frontier_root(old_size, frontier) == naive_root(0, old_size)
        for new_size in range(old_size, 65):
            extended = extend_frontier(old_size, frontier, LEAVES[old_size:new_size])
            assert frontier_root(new_size, extended) == naive_root(0, new_size)


@pytest.mark.parametrize("size", BOUNDARIES)
def test_a_tree_at_a_boundary_of_tiles_has_the_root_of_the_rfc(size: int) -> None:
    frontier = extend_frontier(0, b"", LEAVES[: size - 1])
    assert frontier_root(size - 1, frontier) == naive_root(0, size - 1)
    assert frontier_root(size, extend_frontier(size - 1, frontier, LEAVES[size - 1 : size])) == naive_root(0, size)


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=8))
def test_a_frontier_extended_in_any_chunks_has_the_root_of_the_rfc(chunks: list[int]) -> None:
    size, frontier = 0, b""
    for chunk in chunks:
        frontier = extend_frontier(size, frontier, LEAVES[size : size + chunk])
        size += chunk
        assert frontier_root(size, frontier) == naive_root(0, size)
    assert frontier == b"".join(
        naive_root(node.index << node.level, (node.index + 1) << node.level) for node in range_nodes(0, size)
    )


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    frontier = extend_frontier(0, b"", LEAVES[:7])
    for size, wrong in ((7, frontier[:-1]), (7, frontier + b"\x00"), (8, frontier), (0, frontier), (7, b"")):
        with pytest.raises(ValueError, match="the frontier of a tree"):
            frontier_root(size, wrong)
        with pytest.raises(ValueError, match="the frontier of a tree"):
            extend_frontier(size, wrong, LEAVES[:1])
    with pytest.raises(ValueError, match="cannot have -1 leaves"):
        frontier_root(-1, b"\x00" * 32)


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    for wrong in (b"", LEAVES[0][:31], LEAVES[0] + b"\x00"):
        with pytest.raises(ValueError, match="a leaf hash is 32 bytes"):
            extend_frontier(0, b"", [LEAVES[0], wrong])


def test_a_tree_grows_to_64_bits_of_leaves_and_no_further() -> None:
    frontier = bytes(range(32)) * 63
    full = extend_frontier(MAX_SIZE - 1, frontier, LEAVES[:1])
    assert full == frontier + LEAVES[0]
    with pytest.raises(ValueError, match="cannot have"):
        extend_frontier(MAX_SIZE, full, LEAVES[:1])


def test_a_range_is_made_of_the_perfect_subtrees_under_it() -> None:
    assert range_nodes(0, 7) == (Node(2, 0), Node(1, 2), Node(0, 6))
    assert range_nodes(4, 7) == (Node(1, 2), Node(0, 6))
    assert range_nodes(4, 8) == (Node(2, 1),)
    assert range_root([naive_root(4, 6), naive_root(6, 7)]) == naive_root(4, 7)


@pytest.mark.parametrize(("start", "end"), [(1, 3), (4, 9), (2, 5), (3, 2), (-2, 0), (0, MAX_SIZE + 1)])
def test_a_range_over_which_no_tree_has_a_node_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"no subtree|cannot have"):
        range_nodes(start, end)


def test_every_node_within_a_full_tile_is_its_subtrees_root() -> None:
    tile = b"".join(LEAVES[256:512])
    assert tile_root(tile) == naive_root(256, 512)
    for level in range(9):
        for index in range(TILE_WIDTH >> level):
            start = 256 + (index << level)
            assert tile_node(tile, level, index) == naive_root(start, start + (1 << level))


def test_a_partial_tile_answers_exactly_the_nodes_that_are_wholly_in_it() -> None:
    for width in (1, 2, 3, 112, 255):
        tile = b"".join(LEAVES[:width])
        for level in range(9):
            last = width >> level
            if last:
                assert tile_node(tile, level, last - 1) == naive_root((last - 1) << level, last << level)
            with pytest.raises(ValueError, match="is not in a tile"):
                tile_node(tile, level, last)
        with pytest.raises(ValueError, match="is not in a tile"):
            tile_root(tile)


@pytest.mark.parametrize(("level", "index"), [(-1, 0), (9, 0), (0, -1), (0, 256), (8, 1)])
def test_a_node_outside_a_tile_is_refused(level: int, index: int) -> None:
    with pytest.raises(ValueError, match="is not in a tile"):
        tile_node(b"".join(LEAVES[:256]), level, index)


def test_hashes_side_by_side_come_apart_whole_or_not_at_all() -> None:
    assert split_hashes(b"".join(LEAVES[:3])) == LEAVES[:3]
    assert split_hashes(b"") == []
    with pytest.raises(ValueError, match="no whole number of 32-byte hashes"):
        split_hashes(LEAVES[0] + b"\x00")


@pytest.mark.parametrize("length", [0, 1, 31, 33, 8191, 8193, 8224])
def test_bytes_that_are_no_tile_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="a tile has 1 to 256 hashes"):
        tile_node(bytes(length), 0, 0)


def test_the_tiles_that_become_full_are_listed_once_each_lowest_level_first() -> None:
    assert full_tiles(0, 255) == []
    assert full_tiles(255, 256) == [(0, 0)]
    assert full_tiles(256, 511) == []
    assert full_tiles(65_535, 65_537) == [(0, 255), (1, 0)]
    assert full_tiles(256**3 - 1, 256**3) == [(0, 65_535), (1, 255), (2, 0)]
    sizes = (0, 1, 255, 257, 300, 1024, 65_535, 65_536, 70_000, 200_000)
    step_by_step = [tile for old, new in pairwise(sizes) for tile in full_tiles(old, new)]
    assert sorted(step_by_step) == full_tiles(0, sizes[-1])


@pytest.mark.parametrize(("old_size", "new_size"), [(2, 1), (-1, 1), (0, MAX_SIZE + 1)])
def test_a_log_that_does_not_grow_fills_no_tiles(old_size: int, new_size: int) -> None:
    with pytest.raises(ValueError, match=r"does not grow|cannot have"):
        full_tiles(old_size, new_size)


@pytest.mark.parametrize(("level", "size"), [(-1, 1), (64, 1), (0, -1), (0, MAX_SIZE + 1)])
def test_the_partial_width_of_what_cannot_be_is_refused(level: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"tiles have levels|cannot have"):
        partial_width(level, size)


@needs_shared
def test_roots_and_leaf_hashes_are_those_of_transparency_dev_merkle() -> None:
    vectors = json.loads(shared_path("vectors/rfc6962-roots.json").read_text())
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in vectors["leaf_inputs_hex"]]
    assert [leaf.hex() for leaf in leaves] == vectors["leaf_hashes_hex"]
    roots = [frontier_root(size, extend_frontier(0, b"", leaves[:size])).hex() for size in range(len(leaves) + 1)]
    assert roots == vectors["roots_hex_by_size"]
    assert leaf_hash(b"L123456").hex() == vectors["leaf_hash_of_ascii_L123456"]
    assert node_hash(b"N123", b"N456").hex() == vectors["node_hash_of_ascii_N123_N456"]
    assert base64.b64encode(leaf_hash(b"hello world")).decode() == vectors["leaf_hash_of_hello_world_b64"]


@needs_shared
def test_counts_of_full_and_partial_tiles_are_those_of_tessera() -> None:
    vectors = json.loads(shared_path("vectors/tile-paths.json").read_text())
    for name in ("size_70000", "size_256"):
        size = int(name.removeprefix("size_"))
        full = [level for level, _ in full_tiles(0, size)]
        counts = {f"level{level}_full": full.count(level) for level in set(full)}
        counts |= {f"level{level}_partial": partial_width(level, size) for level in range(8)}
        assert {key: count for key, count in counts.items() if count} == vectors[name]
