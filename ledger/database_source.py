"""A log's public files, from its database: never more of them than is signed."""

from ledger.checkpoints import newest_checkpoint
from ledger.errors import Gone, Tampered
from ledger.intake import LogInfo
from ledger.store import Reader, find_logs, read_entries, statements, tile_hashes
from ledger.tile_source import LogDescription, describe_log
from ledger.tlog.merkle import HASH_SIZE, TILE_HEIGHT, TILE_WIDTH, Tile
from ledger.tlog.tile_path import entries_path, tile_path


class DatabaseSource:
    """Answers what a log's newest checkpoint covers: a tile source, for what is served and for what is exported.

    A tile or bundle may be asked for at every width that it has had, so also at those of every signed size.
    """

    def __init__(self, reader: Reader, log: LogInfo) -> None:
        """Take where to read, and the log."""
        self._reader = reader
        self._log = log
        self._signed = 0

    async def checkpoint(self) -> bytes:
        """Return the newest checkpoint with all its signatures. Raises Gone where nothing is signed yet."""
        note = await newest_checkpoint(self._reader, self._log)
        if note is None:
            raise Gone(f"nothing is signed yet of log {self._log.slug}")
        return note

    async def tile(self, tile: Tile) -> bytes:
        """Return a tile. Raises Gone for one that no checkpoint covers, and Tampered where the database lacks it."""
        path = tile_path(tile)
        if not await self._covers((tile.index * TILE_WIDTH + tile.width) << TILE_HEIGHT * tile.level):
            raise Gone(f"log {self._log.slug} has signed no {path}")
        hashes = (await tile_hashes(self._reader, self._log.log_id, [tile]))[tile]
        if len(hashes) != tile.width * HASH_SIZE:
            raise Tampered(f"{path} of log {self._log.slug}", "is signed, and is missing")
        return hashes

    async def entries(self, index: int, width: int) -> list[bytes]:
        """Return a bundle. Raises Gone for one that no checkpoint covers, and Tampered where the database lacks it."""
        start, path = index * TILE_WIDTH, entries_path(index, width)
        if not await self._covers(start + width):
            raise Gone(f"log {self._log.slug} has signed no {path}")
        pages = read_entries(self._reader, self._log.log_id, start, start + width)
        found = [stored.entry async for page in pages for stored in page]
        if len(found) != width:
            raise Tampered(f"{path} of log {self._log.slug}", "is signed, and is missing")
        return found

    async def description(self) -> LogDescription:
        """Return what the log says of itself, as it is now: one that was reopened has another origin."""
        (log,) = await find_logs(self._reader, [self._log.slug])
        return describe_log(log)

    async def _covers(self, size: int) -> bool:
        """Tell whether so many entries are signed. What is signed only grows, so it is read where it was too little."""
        if size > self._signed:
            self._signed = await self._reader.fetchval(statements("read_signed_size"), self._log.log_id) or 0
        return size <= self._signed
