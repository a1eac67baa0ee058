"""What a commit adds to the tree, of what is stored and of what is new."""

import hashlib

import pytest

from ledger.sealing import Stored, grow
from ledger.tlog.merkle import HASH_SIZE, TILE_WIDTH, extend_frontier, full_tiles, tile_root

LOG = 7
UPPER = TILE_WIDTH**2
LEAVES = [hashlib.sha256(b"%d" % number).digest() for number in range(UPPER + 9 * TILE_WIDTH + 3)]
TILES = [b"".join(LEAVES[start : start + TILE_WIDTH]) for start in range(0, len(LEAVES), TILE_WIDTH)]
ROOTS = [tile_root(hashes) for hashes in TILES[: len(LEAVES) // TILE_WIDTH]]


def hashes_of(level: int, index: int) -> bytes:
    return TILES[index] if level == 0 else b"".join(ROOTS[index * TILE_WIDTH : (index + 1) * TILE_WIDTH])


@pytest.mark.parametrize(
    ("size", "end"),
    [
        (0, len(LEAVES)),
        (0, 255),
        (3, 256),
        (300, 301),
        (UPPER - 700, UPPER + 700),
        (UPPER - 1, UPPER),
        (UPPER, len(LEAVES)),
    ],
)
def test_tiles_are_made_of_what_is_stored_and_of_what_is_new(size: int, end: int) -> None:
    tiles = full_tiles(size, end)
    stored: Stored = {}
    for level, index in tiles:
        before = size // TILE_WIDTH**level - index * TILE_WIDTH
        if before > 0:
            stored[level, index] = hashes_of(level, index)[: before * HASH_SIZE]
    growth = grow(LOG, size, extend_frontier(0, b"", LEAVES[:size]), LEAVES[size:end], stored)
    assert growth.frontier == extend_frontier(0, b"", LEAVES[:end])
    assert [(log_id, level, index, hashes) for log_id, level, index, hashes, _ in growth.tiles] == [
        (LOG, level, index, hashes_of(level, index)) for level, index in tiles
    ]
    assert [row[-1] for row in growth.tiles] == [tile_root(row[-2]) for row in growth.tiles]
