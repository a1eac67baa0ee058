"""A log's public files in a folder, at their paths: for a mirror, an archive, or who may not ask the server."""

from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import msgspec

from ledger.tasks import ahead
from ledger.tile_source import CHECKPOINT_PATH, DESCRIPTION_PATH, TileSource
from ledger.tlog.bundle import encode_bundle
from ledger.tlog.checkpoint import parse_checkpoint
from ledger.tlog.merkle import TILE_HEIGHT, TILE_WIDTH, Tile, partial_width
from ledger.tlog.note import parse_note
from ledger.tlog.tile_path import entries_path, tile_path

READ_AHEAD = 2
"""Bundles that are read while others are written."""
Progress = Callable[[int], None]


async def export_log(source: TileSource, folder: Path, progress: Progress = lambda _: None) -> int:
    """Write what a source has under its newest checkpoint to a folder, and return how many entries that are.

    The checkpoint is written last, so what it covers is there; of an older one in the same folder all stays. Raises as
    TileSource says; nothing is verified here, as everybody who reads the folder does.
    """
    note = await source.checkpoint()
    size = parse_checkpoint(parse_note(note).text).size

    async def tile(wanted: Tile) -> int:
        _write(folder / tile_path(wanted), await source.tile(wanted))
        return wanted.width

    async def bundle(index: int, width: int) -> int:
        _write(folder / entries_path(index, width), encode_bundle(await source.entries(index, width)))
        return width

    async with aclosing(ahead((tile(wanted) for wanted in tiles_of(size)), READ_AHEAD)) as tiles:
        async for _ in tiles:
            pass
    leaves = (wanted for wanted in tiles_of(size) if wanted.level == 0)
    async with aclosing(ahead((bundle(leaf.index, leaf.width) for leaf in leaves), READ_AHEAD)) as bundles:
        async for width in bundles:
            progress(width)
    _write(folder / DESCRIPTION_PATH, msgspec.json.encode(await source.description()))
    _write(folder / CHECKPOINT_PATH, note)
    return size


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of a log of `size` entries, as wide as it is then, level by level. C2SP tlog-tiles."""
    for level in range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT):
        full, width = size >> TILE_HEIGHT * (level + 1), partial_width(level, size)
        yield from (Tile(level, index, TILE_WIDTH) for index in range(full))
        if width:
            yield Tile(level, full, width)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
