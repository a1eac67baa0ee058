"""What a job does: it folds logs, in memory that a page and a stream take, and lets others have their turn."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from ledger.entry import encode_canonical
from ledger.store import Reader, read_heads
from projections.diff import differences
from projections.jobs.question import MomentSaid, Question
from projections.moment import Moment, resolve
from projections.replay import Manifest, Stream, items_of, read_by_subject

TURN_SECONDS = 0.005
"""How long a job works before others have their turn: a request waits no longer, but for a stream of many events."""


class Work:
    """Answers a question line by line. `done` of `total` events have been read; with a prefix there may be fewer."""

    def __init__(self, reader: Reader, question: Question, moment: Moment, compared: Moment | None) -> None:
        """Take where to read, the question, and its moments as they were resolved."""
        self._reader = reader
        self._prefix = question.subject_prefix or ""
        self._moment = moment
        self._compared = compared
        self.manifest = Manifest(moment, question.subject_prefix, compared)
        self.done = 0
        others = moment.logs if compared is None else compared.logs
        self.total = sum(max(at.size, other.size) for at, other in zip(moment.logs, others, strict=True))

    async def lines(self) -> AsyncGenerator[bytes]:
        """Yield the lines of the result, each a JSON object with its line feed."""
        items = self._replayed() if self._compared is None else self._different(self._compared)
        async for item in items:
            yield encode_canonical(item) + b"\n"

    async def _replayed(self) -> AsyncIterator[dict[str, Any]]:
        for at in self._moment.logs:
            streams = self._watched(read_by_subject(self._reader, at.log, at.size, self._prefix))
            async for item in items_of(streams, at, self._moment, self.manifest):
                yield item

    def _different(self, compared: Moment) -> AsyncIterator[dict[str, Any]]:
        return differences(self._reader, self._moment, compared, self.manifest, self._prefix, self._watched)

    async def _watched(self, streams: AsyncIterator[Stream]) -> AsyncIterator[Stream]:
        """Yield streams as they are read, counted, with a pause where others have waited long enough."""
        begun = time.monotonic()
        async for subject, facts in streams:
            yield subject, facts
            self.done += len(facts)
            if time.monotonic() - begun > TURN_SECONDS:
                await asyncio.sleep(0)
                begun = time.monotonic()


async def open_work(reader: Reader, question: Question) -> Work:
    """Return the work that a question is, on the entries that it means. Raises Refused where those are not there."""
    moment = await _resolved(reader, question.moment)
    compared = None if question.compared is None else await _resolved(reader, question.compared)
    return Work(reader, question, moment, compared)


async def _resolved(reader: Reader, said: MomentSaid) -> Moment:
    moment = await resolve(reader, said.parameters(), await read_heads(reader, list(said.logs)))
    said.check(moment)
    return moment
