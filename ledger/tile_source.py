"""Where a log's public files come from: its checkpoint, tiles and bundles at the paths of C2SP tlog-tiles.

    checkpoint                            the newest note
    tile/<L>/<N>[.p/<W>]                  hashes
    tile/entries/<N>[.p/<W>]              entries
    log.json                              what the log says of itself; no proof covers it

Nothing is judged here but forms: what a file says is for `ledger.outside` to verify. A server, a folder and a database
all answer by these few calls.
"""

from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from ledger.errors import Gone, Inconclusive, Tampered
from ledger.intake import LogInfo
from ledger.tlog.bundle import ENTRY_MAX_BYTES, decode_bundle
from ledger.tlog.merkle import HASH_SIZE, TILE_WIDTH, Tile
from ledger.tlog.note import MAX_NOTE_BYTES
from ledger.tlog.tile_path import entries_path, tile_path

CHECKPOINT_PATH = "checkpoint"
DESCRIPTION_PATH = "log.json"
DESCRIPTION_MAX_BYTES = 4 * 1024
TILE_MAX_BYTES = TILE_WIDTH * HASH_SIZE
BUNDLE_MAX_BYTES = TILE_WIDTH * (2 + ENTRY_MAX_BYTES)


class LogDescription(Struct, frozen=True, kw_only=True):
    """What a log says of itself to those outside. It is no part of the log: believe it as far as its server."""

    slug: str
    kind: str
    timezone: str
    jurisdiction: str | None
    data_class: str
    origin: str
    created: datetime

    def log_info(self) -> LogInfo:
        """Return it as the log's own database would say it, but for the number that the log has there."""
        return LogInfo(log_id=0, **msgspec.structs.asdict(self))


def describe_log(log: LogInfo) -> LogDescription:
    """Return what a log says of itself."""
    return msgspec.convert(log, LogDescription, from_attributes=True)


class TileSource(Protocol):
    """Answers a log's public files. Who asks counts nothing as true that it has not verified.

    Each call raises Gone where there is no such file, Closed where it is not for who asks, Inconclusive where it could
    not be fetched, and Tampered where it is not of its form.
    """

    async def checkpoint(self) -> bytes:
        """Return the newest checkpoint, a signed note."""
        ...

    async def tile(self, tile: Tile) -> bytes:
        """Return a tile: 32 bytes for each of its `width` hashes."""
        ...

    async def entries(self, index: int, width: int) -> list[bytes]:
        """Return a bundle: `width` entries (1 to 256), the first of them at position index * 256."""
        ...

    async def description(self) -> LogDescription:
        """Return what the log says of itself."""
        ...


class Files(Protocol):
    """Reads files by their path."""

    async def read(self, path: str, most_bytes: int) -> bytes:
        """Return a file of at most so many bytes. Raises as TileSource says; Tampered for a longer one."""
        ...


class FileSource:
    """A log's public files, as a server or a folder has them."""

    def __init__(self, files: Files) -> None:
        """Take what reads them."""
        self._files = files

    async def checkpoint(self) -> bytes:
        """Return the newest checkpoint."""
        return await self._files.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)

    async def tile(self, tile: Tile) -> bytes:
        """Return a tile: a partial one that is no longer kept is the beginning of the full one (tlog-tiles)."""
        path, width = tile_path(tile), tile.width
        try:
            hashes = await self._files.read(path, TILE_MAX_BYTES)
        except Gone:
            if width == TILE_WIDTH:
                raise
            path, width = tile_path(Tile(tile.level, tile.index, TILE_WIDTH)), TILE_WIDTH
            hashes = await self._files.read(path, TILE_MAX_BYTES)
        if len(hashes) != width * HASH_SIZE:
            raise Tampered(path, f"has {len(hashes)} bytes, and {width} hashes are {width * HASH_SIZE}")
        return hashes[: tile.width * HASH_SIZE]

    async def entries(self, index: int, width: int) -> list[bytes]:
        """Return a bundle: a partial one that is no longer kept is the beginning of the full one."""
        path, read = entries_path(index, width), width
        try:
            bundle = await self._files.read(path, BUNDLE_MAX_BYTES)
        except Gone:
            if width == TILE_WIDTH:
                raise
            path, read = entries_path(index), TILE_WIDTH
            bundle = await self._files.read(path, BUNDLE_MAX_BYTES)
        try:
            return decode_bundle(bundle, read)[:width]
        except ValueError as error:
            raise Tampered(path, f"is no bundle of {read} entries: {error}") from error

    async def description(self) -> LogDescription:
        """Return what the log says of itself."""
        found = await self._files.read(DESCRIPTION_PATH, DESCRIPTION_MAX_BYTES)
        try:
            return msgspec.json.decode(found, type=LogDescription)
        except msgspec.MsgspecError as error:
            raise Tampered(DESCRIPTION_PATH, f"is no description of a log: {error}") from error


class FolderFiles:
    """Files of a folder, as `jejak export` writes them."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    async def read(self, path: str, most_bytes: int) -> bytes:
        """Return a file."""
        try:
            with (self._folder / path).open("rb") as file:
                found = file.read(most_bytes + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise Gone(f"{self._folder / path} is not there") from error
        except OSError as error:
            raise Inconclusive(f"{self._folder / path} cannot be read: {error.strerror}") from error
        if len(found) > most_bytes:
            raise Tampered(path, f"is longer than {most_bytes} bytes")
        return found
