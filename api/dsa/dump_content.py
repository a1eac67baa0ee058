"""The bytes of a day's files, read from the log page by page: the same bytes each time, whatever came after."""

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256

from msgspec import Struct

from api.dsa.dump_notes import DumpFile
from api.dsa.dump_rows import VARIANTS, Variant, change_row, format_header, format_rows, statement_row
from ledger.domain.catalogue import read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Fact, known
from ledger.domain.statement import KIND, StatementSubmitted
from ledger.entry import fact_of
from ledger.intake import LogInfo
from ledger.store import Reader, read_entries, read_streams

SUBJECT = f'"subject":"{KIND}:'.encode()
"""What stands in every entry of a statement's stream: all others are passed over unread."""
CORRECTED, VOIDED = "CORRECTED", "VOIDED"
Row = dict[str, str]


class Page(Struct, frozen=True):
    """A part of a file: its bytes, and the rows in them."""

    content: bytes
    rows: int


async def write_pages(reader: Reader, log: LogInfo, variant: Variant, start: int, end: int) -> AsyncIterator[Page]:
    """Yield a file of the entries [start, end) of a log, in parts of at most a page of entries each."""
    yield Page(format_header(variant), 0)
    async for facts in _facts(reader, log, start, end):
        rows = await _changes(reader, log, facts) if variant == "changes" else _statements(log, facts)
        yield Page(format_rows(variant, rows), len(rows))


class Tally:
    """Counts and hashes one file as it is written."""

    def __init__(self, variant: Variant) -> None:
        """Begin with the header."""
        self.variant: Variant = variant
        self._digest = sha256()
        self._rows = self._bytes = 0
        self.add(Page(format_header(variant), 0))

    def add(self, page: Page) -> None:
        """Take the next part."""
        self._digest.update(page.content)
        self._rows += page.rows
        self._bytes += len(page.content)

    def file(self) -> DumpFile:
        """Return what is said of the file so far."""
        return DumpFile(self.variant, self._rows, self._bytes, self._digest.hexdigest())


async def measure(reader: Reader, log: LogInfo, start: int, end: int) -> tuple[DumpFile, ...]:
    """Return what is said of every file of the entries [start, end) of a log, which are read once."""
    tallies = [Tally(variant) for variant in VARIANTS]
    async for facts in _facts(reader, log, start, end):
        statements, changes = _statements(log, facts), await _changes(reader, log, facts)
        for tally in tallies:
            rows = changes if tally.variant == "changes" else statements
            tally.add(Page(format_rows(tally.variant, rows), len(rows)))
    return tuple(tally.file() for tally in tallies)


async def _facts(reader: Reader, log: LogInfo, start: int, end: int) -> AsyncIterator[list[Fact]]:
    """Yield what is about statements, page by page, where there is any."""
    async for entries in read_entries(reader, log.log_id, start, end):
        facts = [fact_of(entry.entry) for entry in entries if SUBJECT in entry.entry]
        if facts:
            yield facts


def _statements(log: LogInfo, facts: Sequence[Fact]) -> list[Row]:
    return [
        statement_row(fact.payload, log.slug, fact.recordedtime)
        for fact in facts
        if isinstance(fact.payload, StatementSubmitted)
    ]


async def _changes(reader: Reader, log: LogInfo, facts: Sequence[Fact]) -> list[Row]:
    """Return what corrections and voids made of statements: each as it reads since, a voided one as it read last."""
    rows: list[Row] = []
    for fact in facts:
        change = fact.payload
        if not isinstance(change, EventCorrected | EventVoided):
            continue
        voided = isinstance(change, EventVoided)
        size = fact.position if voided else fact.position + 1
        streams = await read_streams(reader, log.log_id, [fact.originator_id], size)
        for target in known(streams.get(fact.originator_id, ()), read_payload):
            if target.id == change.target_event_id and isinstance(target.payload, StatementSubmitted):
                row = statement_row(target.payload, log.slug, target.recordedtime)
                kind = VOIDED if voided else CORRECTED
                rows.append(change_row(row, target.recordedtime, kind, change.reason_code, fact.recordedtime))
    return rows
