"""A log's entries, verified one stretch after another: each is a recorded event, and what stands beside it agrees.

A stretch is read packed, each column of it in one value, and compared as a whole. Only where that is not exactly as it
must be is it read again row by row, which takes several times as long and says what is wrong.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

import asyncpg
import msgspec

from ledger.entry import RecordedEvent, read_entry
from ledger.intake import LogInfo
from ledger.store import Reader, statements
from ledger.tlog.merkle import leaf_hash

COLUMNS = ("sequence", "streamversion", "recordedtime", "id", "subject", "type", "log")
POSTGRESQL_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Where PostgreSQL counts microseconds from."""
INSTANT_BYTES = 8
SEPARATOR = "\n"
"""Between the texts of a column that is packed: nothing that is accepted has one."""

Find = Callable[[str, str], None]


class EntryVerifier:
    """Verifies the entries of one log. Memory: one stretch."""

    def __init__(self, connection: Reader, log: LogInfo, find: Find) -> None:
        """Take where to read, the log, and whom to tell place and finding."""
        self._connection = connection
        self._log = log
        self._find = find
        self.last: datetime | None = None
        """The recordedtime of the last entry that was taken."""

    async def take(self, packed: asyncpg.Record, start: int, end: int) -> list[bytes]:
        """Return the leaf hashes of the entries of positions [start, end), fewer where one is missing: up to that."""
        entries = _entries(packed["entries"] or b"", packed["lengths"] or ())
        leaves = list(map(leaf_hash, entries))
        if self._agrees(packed, entries, leaves, range(start, end)):
            return leaves
        return await self._examine(start, end)

    def _agrees(
        self, packed: asyncpg.Record, entries: Sequence[bytes], leaves: Sequence[bytes], positions: range
    ) -> bool:
        """Tell whether a stretch is exactly as it must be; False, too, where only a close look can tell."""
        if packed["positions"] != list(positions):
            return False
        try:
            events = list(map(read_entry, entries))
            recorded = _instants(packed["recordedtimes"])
        except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
            return False
        agrees = (
            packed["leaf_hashes_whole"]
            and packed["leaf_hashes"] == b"".join(leaves)
            and packed["versions"] == [event.streamversion for event in events]
            and recorded == [event.recordedtime for event in events]
            and recorded == sorted(recorded)
            and (self.last is None or self.last <= recorded[0])
            and [event.sequence for event in events] == [f"{position:020}" for position in positions]
            and {event.log for event in events} == {self._log.slug}
            and _is_joined(packed["ids"], [event.id for event in events])
            and _is_joined(packed["subjects"], [event.subject for event in events])
            and _is_joined(packed["types"], [event.type for event in events])
        )
        if agrees:
            self.last = recorded[-1]
        return agrees

    async def _examine(self, start: int, end: int) -> list[bytes]:
        """Read a stretch row by row, say what is wrong in it, and return its leaf hashes."""
        rows = await self._connection.fetch(statements("read_rows"), self._log.log_id, start, end, end - start)
        if rows and rows[-1]["position"] != start + len(rows) - 1:
            gap = next(place for place, row in enumerate(rows, start) if row["position"] != place)
            self._find(f"position {gap}", "is missing")
            rows = rows[: gap - start]  # what comes after a gap is not judged
        leaves = [leaf_hash(row["entry"]) for row in rows]
        for row, leaf in zip(rows, leaves, strict=True):
            self._examine_row(row, leaf)
        return leaves

    def _examine_row(self, row: asyncpg.Record, leaf: bytes) -> None:
        """Compare an entry with what is stored beside it, and its time with that of the entry before."""
        position, version, recordedtime, event_id, subject, event_type, stored_leaf, entry = row
        place = f"position {position}"
        if leaf != stored_leaf:
            self._find(place, "the entry's hash is not the leaf hash stored beside it")
        try:
            event = _read(entry)
        except ValueError as error:
            self._find(place, f"the entry is no recorded event: {error}")
            return
        stored = (f"{position:020}", version, recordedtime, event_id, subject, event_type, self._log.slug)
        for name, column, of_entry in zip(COLUMNS, stored, _columns(event), strict=True):
            if column != of_entry:
                self._find(place, f"the entry's {name} is not the one stored beside it")
        if self.last is not None and event.recordedtime < self.last:
            self._find(place, "was recorded before the entry that it follows")
        self.last = event.recordedtime


def _entries(packed: bytes, lengths: Sequence[int]) -> list[bytes]:
    """Return packed entries, each by itself."""
    return [packed[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]


def _instants(packed: bytes) -> list[datetime]:
    """Return packed instants. There are few different ones: a commit has one. Raises OverflowError."""
    microseconds = struct.unpack(f">{len(packed) // INSTANT_BYTES}q", packed)
    instants = {moment: POSTGRESQL_EPOCH + timedelta(microseconds=moment) for moment in set(microseconds)}
    return [instants[moment] for moment in microseconds]


def _is_joined(joined: str, texts: Sequence[str]) -> bool:
    """Tell whether these are the texts that were joined: none of them holds what stands between them."""
    return joined == SEPARATOR.join(texts) and joined.count(SEPARATOR) == len(texts) - 1


def _read(entry: bytes) -> RecordedEvent:
    """Read an entry that may be anything. Raises ValueError, whatever is wrong with it."""
    try:
        event = read_entry(entry)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if event.recordedtime.tzinfo is None:
        raise ValueError("its recordedtime has no offset")
    return event


def _columns(event: RecordedEvent) -> tuple[Any, ...]:
    """Return what of an entry stands beside it as well, in the order of COLUMNS."""
    return (
        event.sequence,
        event.streamversion,
        event.recordedtime,
        event.id,
        event.subject,
        event.type,
        event.log,
    )
