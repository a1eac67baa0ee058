"""State by plain fold of the log, not from views: domain.md 2.3, one stream after another, in bounded memory."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from contextlib import aclosing
from importlib.metadata import version
from typing import Any, TypeAlias

import asyncpg
from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.fact import Fact, known
from ledger.domain.stream import State
from ledger.entry import StreamEntries, encode_canonical, facts_of
from ledger.intake import LogInfo
from ledger.statements import Statements
from ledger.store import PAGE_EVENTS, Reader
from ledger.tasks import one_ahead
from projections.moment import LogAt, Moment

FOLD_VERSION = 1
"""Grows when a fold gives another answer to the same manifest."""

FIRST_PAGE_EVENTS = 125
"""Of who may need no more."""
LARGE_PAGE_EVENTS = 4 * PAGE_EVENTS
"""Of who has read much: to ask for a page takes as long as to fold fifty events."""
SCATTERED_EVENTS = 2_000_000
"""Of a log that is as long, most pages are not in memory: those that a page of streams needs are read many at once."""
YIELD_EVERY_STREAMS = 5
"""Streams folded before other tasks get their turn: what the database sends is taken while it is little."""
LAST = "\U0010ffff"
"""No subject begins with it: they are ASCII."""
SURROGATES, AFTER_SURROGATES = range(0xD800, 0xE000), 0xE000
"""Code points that no text has (Unicode standard, 3.8)."""
statements = Statements("projections")
Stream: TypeAlias = tuple[str, Sequence[Fact]]
"""A subject, and the facts of its stream in order of version."""


class StreamPage(Struct, frozen=True):
    """Streams that end on a page of a log, and how many entries were found on it."""

    streams: list[StreamEntries]
    entries: int


class Manifest:
    """What reproduces a replay: the question, the sizes and roots it was answered from, and the result's hash.

    A comparison's has a second moment, in its member `and`.
    """

    def __init__(self, moment: Moment, subject_prefix: str | None, compared: Moment | None = None) -> None:
        """Take the question."""
        self._moment = moment
        self._compared = compared
        self._prefix = subject_prefix
        self._result = hashlib.sha256()
        self.subjects = 0
        self.events = 0

    def add(self, line: bytes, events: int) -> None:
        """Count one line of the result in."""
        self._result.update(line)
        self.subjects += 1
        self.events += events

    def describe(self) -> dict[str, Any]:
        """Return the manifest. `result_sha256` is over the NDJSON lines, each with its line feed."""
        return {
            **self._moment.describe(),
            **({} if self._compared is None else {"and": self._compared.describe()}),
            "subject_prefix": self._prefix,
            "fold_version": FOLD_VERSION,
            "tzdata_version": version("tzdata"),
            "event_count": self.events,
            "subject_count": self.subjects,
            "result_sha256": self._result.hexdigest(),
        }


async def read_by_subject(
    connection: Reader, log: LogInfo, size: int, prefix: str = "", first: str = "", *, sparing: bool = False
) -> AsyncIterator[Stream]:
    """Yield (subject, its facts in order of version) of every stream of a log below a size, in order of subject.

    Of the subjects with a prefix, from the subject `first` on. On a pool a page is read while the last one is used;
    but not for who is `sparing`, and may need no more than some: for them pages are short at first, too.
    """
    pages = read_pages_by_subject(connection, log, size, prefix, first, FIRST_PAGE_EVENTS if sparing else PAGE_EVENTS)
    reads_ahead = isinstance(connection, asyncpg.Pool) and not sparing
    async with aclosing(one_ahead(pages) if reads_ahead else pages) as ahead:
        async for page in ahead:
            for number, (subject, entries) in enumerate(page.streams, 1):
                yield subject, facts_of(entries)
                if number % YIELD_EVERY_STREAMS == 0:
                    await asyncio.sleep(0)


async def read_pages_by_subject(
    connection: Reader, log: LogInfo, size: int, prefix: str = "", first: str = "", page_events: int = PAGE_EVENTS
) -> AsyncGenerator[StreamPage]:
    """Yield what `read_by_subject` does page by page, as entries: a stream with the page that holds its last one.

    The first page has `page_events`, and each twice as many as the one before, up to LARGE_PAGE_EVENTS.
    """
    read = statements("read_by_subject" if size < SCATTERED_EVENTS else "read_scattered")
    subject, parts, end = "", list[bytes](), past(prefix)
    after, after_version = max(prefix, first), 0
    while True:
        rows = await connection.fetch(read, log.log_id, after, after_version, size, page_events, end)
        ended: list[StreamEntries] = []
        looked_at = found = 0
        for owner, _, looked_at_there, found_there, entries in rows:
            looked_at += looked_at_there
            found += found_there
            if entries is None:  # all of it came after what is asked about
                continue
            if owner != subject:
                if parts:
                    ended.append((subject, b"\n".join(parts)))
                subject, parts = owner, []
            parts.append(entries)
        if looked_at < page_events:
            yield StreamPage([*ended, (subject, b"\n".join(parts))] if parts else ended, found)
            return
        yield StreamPage(ended, found)
        after, after_version = rows[-1]["subject"], rows[-1]["version"]
        page_events = min(2 * page_events, LARGE_PAGE_EVENTS)


def past(prefix: str) -> str:
    """Return the first text, in order of code points, after all those that begin with a prefix: the last one for none.

    So a kind that has no stream is no page of the next kind's.
    """
    while prefix:
        code = ord(prefix[-1]) + 1
        if code <= ord(LAST):
            return prefix[:-1] + chr(AFTER_SURROGATES if code in SURROGATES else code)
        prefix = prefix[:-1]
    return LAST


def recorded_by(facts: Sequence[Fact], moment: Moment) -> Sequence[Fact]:
    """Return those facts, of all below a log's size at a moment, that were recorded by then on the moment's basis."""
    if moment.basis != "SOURCE" or moment.known_at is None:
        return facts
    known_at = moment.known_at
    return [fact for fact in facts if fact.clock("SOURCE") <= known_at]


def state_at(facts: Sequence[Fact], moment: Moment) -> State | None:
    """Return the state of one stream, given everything recorded of it below the moment's size; None before any."""
    facts = recorded_by(facts, moment)
    stream = STREAMS[kind_of(facts[0].originator_id)] if facts else None
    if stream is None:
        return None
    return stream.fold(known(facts, read_payload), moment.as_of, moment.certainty, moment.basis)


def item_of(log: LogInfo, subject: str, state: State, moment: Moment) -> dict[str, Any]:
    """Return the state of one stream at a moment as JSON values, the same as a view's item."""
    kind = kind_of(subject)
    return {"log": log.slug, "kind": kind, "subject": subject, "state": STREAMS[kind].describe(state, moment.as_of)}


async def replay(
    connection: Reader, moment: Moment, manifest: Manifest, prefix: str = ""
) -> AsyncIterator[dict[str, Any]]:
    """Yield the item of every stream of every log of the moment; `manifest` counts them in as they pass."""
    for at in moment.logs:
        async for item in items_of(read_by_subject(connection, at.log, at.size, prefix), at, moment, manifest):
            yield item


async def items_of(
    streams: AsyncIterable[Stream], at: LogAt, moment: Moment, manifest: Manifest
) -> AsyncIterator[dict[str, Any]]:
    """Yield the item of every stream of one log, given (subject, its facts below the log's size) of each.

    `manifest` counts them in as they pass.
    """
    async for subject, facts in streams:
        state = state_at(facts, moment)
        if state is not None:
            item = item_of(at.log, subject, state, moment)
            manifest.add(encode_canonical(item) + b"\n", len(facts))
            yield item
