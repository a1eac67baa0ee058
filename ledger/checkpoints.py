"""The checkpoints that a log has signed, and its public keys, as they are kept. Reads; writes are the signer's.

A checkpoint is answered as its note, with every signature on it: the log's own first, those of witnesses after them.
What is answered is of the log's present origin: a log that was reopened begins anew. Where no note can be made of what
is stored, that is Tampered.
"""

from collections.abc import AsyncIterator, Mapping, Sequence

import asyncpg
from msgspec import Struct

from ledger.errors import Tampered
from ledger.intake import LogInfo
from ledger.store import Reader, read_tiles, statements
from ledger.tlog.checkpoint import Checkpoint, open_checkpoint
from ledger.tlog.merkle import range_nodes
from ledger.tlog.note import Note, NoteError, Signature, VerifierKey, format_note, parse_vkey
from ledger.tlog.proof import required_tiles, root_of

PAGE_CHECKPOINTS = 1_000
"""Checkpoints read in one statement."""


class StoredCheckpoint(Struct, frozen=True, kw_only=True):
    """A checkpoint as its rows say it, whether or not its signatures hold."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...]

    @property
    def note(self) -> bytes:
        """The signed note. Raises NoteError where no note can be made of what is stored."""
        text = Checkpoint(self.origin, self.size, self.root).text
        return format_note(Note(text, self.signatures))


async def newest_checkpoint(reader: Reader, log: LogInfo, *, withheld: bool = False) -> bytes | None:
    """Return the newest checkpoint of a log, as a note; None where nothing is signed yet. See `newest_checkpoints`."""
    return (await newest_checkpoints(reader, [log], withheld=withheld)).get(log.log_id)


async def newest_checkpoints(reader: Reader, logs: Sequence[LogInfo], *, withheld: bool = False) -> Mapping[int, bytes]:
    """Return the newest checkpoint of each of these logs, as notes, by log_id; nothing where nothing is signed yet.

    With `withheld`, also one that is shown to nobody before enough witnesses have cosigned it (`ledger.cosigning`).
    """
    rows = await reader.fetch(statements("read_newest_checkpoints"), [log.log_id for log in logs], withheld)
    return {row["log_id"]: _note(_stored(row)) for row in rows}


async def newest_sizes(reader: Reader, logs: Sequence[LogInfo]) -> Mapping[int, int]:
    """Return how many entries the newest checkpoint of each of these logs covers, by log_id. See `newest_checkpoints`.

    No note is made of it: one that cannot be made keeps nobody from knowing the size.
    """
    ids, withheld = [log.log_id for log in logs], False
    rows = await reader.fetch(statements("read_newest_checkpoints"), ids, withheld)
    return {row["log_id"]: row["size"] for row in rows}


async def checkpoint_at(reader: Reader, log: LogInfo, size: int) -> bytes | None:
    """Return the checkpoint of a log at exactly this size, as a note; None where that size was never signed."""
    found = await _covering(reader, log, size)
    return _note(found) if found is not None and found.size == size else None


async def covering_checkpoint(reader: Reader, log: LogInfo, size: int) -> bytes | None:
    """Return the first checkpoint of a log with `size` entries or more, as a note; None where there is none yet.

    The one that covers a position is that of `position + 1` entries or more.
    """
    found = await _covering(reader, log, size)
    return None if found is None else _note(found)


async def _covering(reader: Reader, log: LogInfo, size: int) -> StoredCheckpoint | None:
    row = await reader.fetchrow(statements("read_covering_checkpoint"), log.log_id, size)
    return None if row is None else _stored(row)


async def read_checkpoints(
    reader: Reader, log_id: int, origin: str, start: int = 0
) -> AsyncIterator[list[StoredCheckpoint]]:
    """Yield the checkpoints of one origin, those of `start` entries and more, page by page, in order of size."""
    while True:
        rows = await reader.fetch(statements("read_checkpoints"), log_id, origin, start, PAGE_CHECKPOINTS)
        if not rows:
            return
        yield [_stored(row) for row in rows]
        start = rows[-1]["size"] + 1


async def log_keys(reader: Reader, log_id: int) -> list[VerifierKey]:
    """Return the public keys that a log has signed with, of all its origins, retired ones too, oldest first.

    Raises Tampered where what is stored is no key.
    """
    rows = await reader.fetch(statements("read_log_keys"), log_id)
    try:
        return [parse_vkey(row["vkey"]) for row in rows]
    except NoteError as error:
        raise Tampered(f"keys of log {log_id}", str(error)) from error


async def newest_keys(reader: Reader, logs: Sequence[LogInfo]) -> Mapping[int, str]:
    """Return the newest public key (vkey) of the present origin of each of these logs that has one, by log_id."""
    rows = await reader.fetch(statements("read_newest_keys"), [log.log_id for log in logs])
    return {row["log_id"]: row["vkey"] for row in rows}


async def open_own(reader: Reader, log: LogInfo, note: bytes) -> Checkpoint:
    """Return the checkpoint of a note that the log itself signed. Raises NoteError for any other."""
    return open_checkpoint(note, await log_keys(reader, log.log_id))


async def root_at(reader: Reader, log_id: int, size: int, grown_to: int | None = None) -> bytes:
    """Return the root (32 bytes) that a log has at `size`, recomputed from its tiles. RFC 6962 section 2.1.

    `grown_to` is a size that the log has reached since: a tile that is full by then is read as it is stored, and not
    put together of the hashes that it had at `size`.

    Raises ProofError where the log has fewer entries, or not the tiles.
    """
    tiles = await read_tiles(reader, log_id, required_tiles([range_nodes(0, size)], grown_to or size))
    return root_of(size, tiles.hash_of)


def _note(stored: StoredCheckpoint) -> bytes:
    """Return the note of a stored checkpoint. Raises Tampered where it is none."""
    try:
        return stored.note
    except NoteError as error:
        raise Tampered(f"checkpoint {stored.origin} {stored.size}", f"is no note: {error}") from error


def _stored(row: asyncpg.Record) -> StoredCheckpoint:
    signed = zip(row["names"], row["key_ids"], row["values"], strict=True)
    return StoredCheckpoint(
        origin=row["origin"],
        size=row["size"],
        root=row["root"],
        signatures=tuple(Signature(*one) for one in signed),
    )
