"""The list of what completeness rests on (domain.md D14, Q12, Q44): closed periods, gaps in counters, notices.

PERIOD: a closed period's control totals against the log (`control_totals` says what is counted), and its range of
native numbers. SEQUENCE_GAP: numbers of a source that no entry carries. NOTICE: a right holder's notice, and whether
the platform recorded that it received it, in whatever log the asker may read.

`status` is COMPLETE, INCOMPLETE, PENDING (a notice that is not due yet) or UNDETERMINED (D11).
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from ledger.domain.catalogue import STREAMS
from ledger.domain.fact import Fact
from ledger.domain.instants import format_instant
from ledger.domain.platform import PLATFORM, SubmissionPeriodClosed
from projections.completeness.control_totals import Tally, Totals, all_of
from projections.completeness.native_sequence import Declared, Gap, Mark, NativeSequence, missing_within, sequence_gaps
from projections.completeness.notices import notice_items
from projections.derived import Derivation, Item, Narrowing
from projections.inquiry import Inquiry, Known
from projections.moment import LogAt, Moment

PERIOD, SEQUENCE_GAP, NOTICE = "PERIOD", "SEQUENCE_GAP", "NOTICE"
STATUS = {True: "COMPLETE", False: "INCOMPLETE", None: "UNDETERMINED"}


class Numbered(Struct, frozen=True):
    """What an entry says of its source's own counter."""

    id: str
    type: str
    subject: str
    source: str
    recordedtime: datetime
    sourcetime: datetime | None = None
    nativeseq: int | None = None


class Closed(Struct, frozen=True, kw_only=True):
    """A SubmissionPeriodClosed, as known, and whose counter it speaks of; None where that cannot be told."""

    fact: Fact
    said: SubmissionPeriodClosed
    platform: str
    source: str | None

    def declared(self) -> Declared | None:
        """Return the range of numbers that it declares; None where it declares none, or not from one to a later."""
        first, last = self.said.first_native_seq, self.said.last_native_seq
        if first is None or last is None or first > last:
            return None
        return Declared(first=first, last=last, mark=Mark(event=self.fact.id, subject=self.platform))


class Submissions(Struct, frozen=True, kw_only=True):
    """What a log says of its own completeness: its platforms, the periods they closed, and gaps by source.

    `totals` are what periods come to, by the event that closes them; those that were not counted are not in it.
    """

    platforms: Sequence[str]
    closings: Sequence[Closed]
    gaps: Mapping[str, Sequence[Gap]]
    totals: Mapping[str, Totals]

    def missing(self, closed: Closed) -> int | None:
        """Return how many of the numbers that a period declares never came; None where that cannot be told."""
        declared = closed.declared()
        if declared is None or closed.source is None:
            return None
        return missing_within(self.gaps[closed.source], declared.first, declared.last)


_numbered = msgspec.json.Decoder(Numbered)


async def completeness_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield the items of every asked log, in order of log, subject and key. What is not asked for is not read."""
    kinds = frozenset(narrowing.filters.get("kind", (PERIOD, SEQUENCE_GAP, NOTICE)))
    for at in inquiry.asked:
        if at.log.log_id < narrowing.start[0]:
            continue
        items: list[Item] = []
        if kinds & {PERIOD, SEQUENCE_GAP}:
            items += _submission_items(at, await read_submissions(inquiry, at, counting=PERIOD in kinds))
        if NOTICE in kinds:
            items += [item async for item in notice_items(inquiry, at, narrowing)]
        for item in sorted(items, key=lambda one: (one.subject, one.key)):
            yield item


async def read_submissions(inquiry: Inquiry, at: LogAt, *, counting: bool = True) -> Submissions:
    """Read what a log says of its own completeness; without `counting`, not what its periods come to."""
    platforms = [found async for found in inquiry.streams(PLATFORM, logs=[at])]
    sequences, sources = await read_sequences(inquiry, at)
    closings = [closed for platform in platforms for closed in closed_periods(platform, sources, sequences)]
    counted = sorted({*sequences, *(one.source for one in closings if one.source is not None)})
    gaps = {
        source: sequence_gaps(sequences.get(source, NativeSequence()), _ranges(closings, source)) for source in counted
    }
    totals = await _count(inquiry, at, closings) if counting and closings else {}
    return Submissions(
        platforms=[platform.subject for platform in platforms], closings=closings, gaps=gaps, totals=totals
    )


async def read_sequences(inquiry: Inquiry, at: LogAt) -> tuple[dict[str, NativeSequence], dict[str, str]]:
    """Return the numbers that came of every source of a log, and the source of each closing of a period, by event id.

    All that is known counts, also of events after `as_of`: a number that came is no gap, whenever its event takes
    effect. Raises Refused (`use-a-replay`) for a log of more entries than a question may read.
    """
    sequences: dict[str, NativeSequence] = {}
    closings: dict[str, str] = {}
    async for stored in inquiry.entries(at):
        entry = _numbered.decode(stored.entry)
        if not _is_known(entry, inquiry.moment):
            continue
        if entry.type == SubmissionPeriodClosed.event_type:
            closings[entry.id] = entry.source
        if entry.nativeseq is not None:
            mark = Mark(event=entry.id, subject=entry.subject)
            sequences.setdefault(entry.source, NativeSequence()).add(entry.nativeseq, mark)
    return sequences, closings


def _is_known(entry: Numbered, moment: Moment) -> bool:
    if moment.basis == "LEDGER" or moment.known_at is None:
        return True
    return (entry.sourcetime or entry.recordedtime) <= moment.known_at


def closed_periods(
    platform: Known, sources: Mapping[str, str], sequences: Mapping[str, NativeSequence]
) -> Iterator[Closed]:
    """Yield the periods that a platform had closed.

    The range of one is of its own source's counter; where that counts nothing, of the only counter of the log.
    """
    for fact in platform.happened():
        if isinstance(fact.payload, SubmissionPeriodClosed):
            own = sources[fact.id]
            counters = [own] if own in sequences or not sequences else list(sequences)
            source = counters[0] if len(counters) == 1 else None
            yield Closed(fact=fact, said=fact.payload, platform=platform.subject, source=source)


def _ranges(closings: Iterable[Closed], source: str) -> list[Declared]:
    return [declared for one in closings if one.source == source and (declared := one.declared()) is not None]


async def _count(inquiry: Inquiry, at: LogAt, closings: Sequence[Closed]) -> dict[str, Totals]:
    """Return what each closed period of a log comes to, by the event that closes it: one reading of the whole log."""
    tallies = {closed.fact.id: Tally(closed.fact) for closed in closings}
    async for stream in inquiry.streams(STREAMS, logs=[at]):
        for fact in stream.happened():
            for tally in tallies.values():
                tally.add(fact)
    return {event_id: tally.totals() for event_id, tally in tallies.items()}


def _submission_items(at: LogAt, found: Submissions) -> Iterator[Item]:
    """Yield the periods that were counted, and every gap: of the log's platform, where it has only one."""
    only = found.platforms[0] if len(found.platforms) == 1 else None
    for closed in found.closings:
        if closed.fact.id in found.totals:
            yield _period_item(at, closed, found.totals[closed.fact.id], found.missing(closed))
    for source, gaps in found.gaps.items():
        for gap in gaps:
            yield _gap_item(at, source, gap, only)


def _period_item(at: LogAt, closed: Closed, totals: Totals, missing: int | None) -> Item:
    said = closed.said
    answers = [totals.agree]
    if said.first_native_seq is not None or said.last_native_seq is not None:
        answers.append(None if missing is None else missing == 0)
    item: dict[str, Any] = {
        "kind": PERIOD,
        "status": STATUS[all_of(answers)],
        "platform": closed.platform,
        "period_start": said.period_start,
        "period_end": said.period_end,
        "closed_by": closed.fact.id,
        "closed_at": format_instant(closed.fact.time),
        "attested_by": said.attested_by,
        "nil_return": said.nil_return,
        "totals": {
            name: {**msgspec.to_builtins(total), "difference": total.recorded - total.declared}
            for name, total in totals.declared.items()
        },
        "undeclared": totals.undeclared,
        "source": closed.source,
        "first_native_seq": said.first_native_seq,
        "last_native_seq": said.last_native_seq,
        "missing": missing,
    }
    key = f"{PERIOD}|{item['closed_at']}|{closed.fact.id}"
    return Item(log_id=at.log.log_id, subject=closed.platform, key=key, item=item)


def _gap_item(at: LogAt, source: str, gap: Gap, platform: str | None) -> Item:
    """Return a gap, of the subject at whose event it shows."""
    item = {
        "kind": SEQUENCE_GAP,
        "status": STATUS[False],
        "platform": platform,
        "source": source,
        "from": gap.first,
        "to": gap.last,
        "missing": gap.missing,
        "shown_by": gap.mark.event,
    }
    key = f"{SEQUENCE_GAP}|{source}|{gap.first}"
    return Item(log_id=at.log.log_id, subject=gap.mark.subject, key=key, item=item)


DERIVATION = Derivation(
    name="completeness",
    filters=("kind", "status", "platform"),
    items=completeness_items,
    consults="EVERY_LOG",
)
