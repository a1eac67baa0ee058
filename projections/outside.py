"""Replay of a log that is seen from outside: the same fold, the same result, the same manifest as inside.

The entries come verified (`ledger.outside`), in the order of the log; a fold wants them stream by stream. So they pass
through a temporary file, and memory holds one stream at a time, as it does inside.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Self

from ledger.domain.fact import Fact
from ledger.entry import fact_of
from ledger.entry_order import EntryOrder, is_origin_of, read_canonical
from ledger.errors import Tampered
from ledger.intake import LogInfo
from ledger.outside import OutsideLog
from ledger.spill import temporary_database
from ledger.store import LogHead
from projections.moment import Moment, TimeParameters, resolve_by
from projections.replay import Manifest, items_of

Progress = Callable[[int], None]

_TABLE = "CREATE TABLE entry (subject TEXT NOT NULL, version INTEGER NOT NULL, entry BLOB NOT NULL)"
_ADD = "INSERT INTO entry VALUES (?, ?, ?)"
_INDEX = "CREATE UNIQUE INDEX one_entry_for_each_version ON entry (subject, version)"
_READ = "SELECT subject, entry FROM entry ORDER BY subject, version"


class Streams:
    """Entries that come in the order of their log, and go stream by stream. Used in `with`."""

    def __init__(self) -> None:
        """Make the temporary file, which has no name: the system removes it when it is closed, whatever happens."""
        self._database = temporary_database(_TABLE)

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file."""
        self._database.close()

    def add(self, entries: list[tuple[str, int, bytes]]) -> None:
        """Take in (subject, version, entry) of some entries."""
        self._database.executemany(_ADD, entries)

    async def read(self) -> AsyncIterator[tuple[str, list[Fact]]]:
        """Yield (subject, its facts in order of version) of every stream, in order of subject: by code point."""
        self._database.execute(_INDEX)
        subject, facts = "", list[Fact]()
        for owner, entry in self._database.execute(_READ):
            if owner != subject:
                if facts:
                    yield subject, facts
                subject, facts = owner, []
            facts.append(fact_of(entry))
        if facts:
            yield subject, facts


class OutsideKnowledge:
    """What resolving a question needs to know of a log that is seen from outside."""

    def __init__(self, log: OutsideLog) -> None:
        """Take the log."""
        self._log = log

    async def now(self) -> datetime:
        """Return the instant by our own clock: the ledger's is not to be had."""
        return datetime.now(UTC)

    async def size_known_at(self, head: LogHead, moment: datetime) -> int:
        """Return the size that the log had at an instant: a binary search, since recordedtime grows with positions."""
        low, high = 0, head.size
        while low < high:
            middle = (low + high) // 2
            if await self._recordedtime(middle) <= moment:
                low = middle + 1
            else:
                high = middle
        return low

    async def _recordedtime(self, position: int) -> datetime:
        return read_canonical(await self._log.entry(position), f"position {position}").recordedtime

    async def root_at(self, head: LogHead, size: int) -> bytes:
        """Return the root over the first `size` entries, which the signed one stands on."""
        del head  # there is one log
        return await self._log.root_at(size)


class OutsideReplay:
    """The state of every stream of a log at a moment, from verified entries. Made by `replay_outside`."""

    def __init__(self, log: OutsideLog, moment: Moment, prefix: str) -> None:
        """Take the log, the moment and what the subjects begin with."""
        self.manifest = Manifest(moment, prefix or None)
        self.moment = moment
        self.size = moment.logs[0].size
        self._log = log
        self._prefix = prefix

    async def items(self, progress: Progress = lambda _: None) -> AsyncIterator[dict[str, Any]]:
        """Yield the item of every stream; the first comes when every entry below the moment's size is verified.

        `progress` is told how many entries were. Raises Tampered and Inconclusive.
        """
        (at,) = self.moment.logs
        with Streams() as streams:
            await self._read(streams, progress)
            async for item in items_of(streams.read(), at, self.moment, self.manifest):
                yield item

    async def _read(self, streams: Streams, progress: Progress) -> None:
        """Take every entry in, verified."""
        reading = aclosing(self._log.entries(0, self.size))
        async with reading as verified:
            with EntryOrder(self._log.checkpoint.origin) as order:
                async for entries in verified:
                    events = zip(order.take(entries), entries, strict=True)
                    streams.add(
                        [(e.subject, e.streamversion, b) for e, b in events if e.subject.startswith(self._prefix)]
                    )
                    progress(len(entries))


async def replay_outside(log: OutsideLog, said: LogInfo, parameters: TimeParameters, prefix: str = "") -> OutsideReplay:
    """Return a replay of a log from outside. `said` is what the log says of itself: its slug, and the zone of dates.

    Raises Refused as `resolve_by` does, and Tampered where `said` is of another log than the checkpoint.
    """
    if not is_origin_of(log.checkpoint.origin, said.slug):
        raise Tampered("log.json", f"the log says that it is {said.slug}, and its checkpoint {log.checkpoint.origin}")
    head = LogHead(log=said, size=log.size, root=log.checkpoint.root, first_recordedtime=None, last_recordedtime=None)
    moment = await resolve_by(OutsideKnowledge(log), parameters, [head])
    return OutsideReplay(log, moment, prefix)
