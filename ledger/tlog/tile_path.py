"""The paths under which a log's tiles and bundles of entries are served. Pure. C2SP tlog-tiles.

    tile/<level>/<index>[.p/<width>]          hashes, "Merkle Tree"
    tile/entries/<index>[.p/<width>]          entries, "Log Entries"

The index stands in groups of three digits, all but the last after an x: 1234067 is x001/x234/067. A full tile or bundle
has no width in its path. Exactly one path names each, so those that a reader of numbers would also understand (more
zeros, a width of 256) are refused.
"""

import re
from dataclasses import dataclass

from ledger.tlog.merkle import MAX_SIZE, MAX_TILE_LEVEL, TILE_WIDTH, Tile

_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?"
)
_ENTRIES = "entries"


@dataclass(frozen=True, order=True, slots=True)
class Bundle:
    """A bundle of entries: `width` (1 to 256) entries, the first of them at position index * 256."""

    index: int
    width: int


def tile_path(tile: Tile) -> str:
    """Return the path of a tile of hashes, `tile/0/x001/x234/067.p/112`.

    Raises ValueError for a level, index or width that no tile has.
    """
    if not 0 <= tile.level <= MAX_TILE_LEVEL:
        raise ValueError(f"tiles have levels 0 to {MAX_TILE_LEVEL}, not {tile.level}")
    return f"tile/{tile.level}/{_numbered_path(tile.index, tile.width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return the path of a bundle of entries, `tile/entries/x001/x234/067.p/112`; a width of 256 is the full bundle.

    Raises ValueError for an index or width that no bundle has.
    """
    return f"tile/{_ENTRIES}/{_numbered_path(index, width)}"


def _numbered_path(index: int, width: int) -> str:
    """Return what tiles' and bundles' paths end in: the index in groups of three digits, and a partial width."""
    if not 0 <= index <= MAX_SIZE or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"there is no tile or bundle {index} of width {width}")
    groups = f"{index:,}".split(",")
    groups[0] = groups[0].zfill(3)
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return number if width == TILE_WIDTH else f"{number}.p/{width}"


def parse_tile_path(path: str) -> Tile:
    """Return the tile that a path names: the inverse of tile_path. Raises ValueError for every other string."""
    level, index, width = _parse_path(path)
    if level == _ENTRIES:
        raise ValueError(f"{path[:80]!r} is no path of a tile, but of a bundle of entries")
    tile = Tile(int(level), index, width)
    _check_canonical(path, tile_path(tile))
    return tile


def parse_entries_path(path: str) -> Bundle:
    """Return the bundle that a path names: the inverse of entries_path. Raises ValueError for every other string."""
    level, index, width = _parse_path(path)
    if level != _ENTRIES:
        raise ValueError(f"{path[:80]!r} is no path of a bundle of entries, but of a tile")
    _check_canonical(path, entries_path(index, width))
    return Bundle(index, width)


def _parse_path(path: str) -> tuple[str, int, int]:
    """Return level, index and width as they stand in a path. Raises ValueError if it does not look like one."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f"{path[:80]!r} is no path of a tile or a bundle of entries")
    return match["level"], int(re.sub("[x/]", "", match["index"])), int(match["width"] or TILE_WIDTH)


def _check_canonical(path: str, canonical: str) -> None:
    """Raise ValueError if a path is written otherwise than it should be."""
    if path != canonical:
        raise ValueError(f"{path!r} is written {canonical!r}")
