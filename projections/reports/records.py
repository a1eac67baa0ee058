"""What was recorded in a period, and how late: growth with its proof, lateness, corrections (R10).

The clock here is the ledger's: what belongs to the period is what was recorded in it. Lateness alone is of the events
that took effect in it.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from ledger.domain.catalogue import STREAMS
from ledger.domain.instants import TICK, parse_instant
from ledger.receipts import prove_growth
from ledger.store import size_known_at
from projections.correction_list import corrections_in
from projections.derived import Item
from projections.metrics.durations import Durations
from projections.metrics.lateness import PERCENTS, PROMISE, lateness
from projections.moment import LogAt
from projections.reports.report import Asked, Part, Row, Sections

REASONS = ("kind", "reason", "decision")


async def growth(asked: Asked) -> Sections:
    """Return how each log grew in the period, with the proof that nothing before was changed (RFC 9162 2.1.4)."""
    return {"logs": [await _grown(at, asked) for at in asked.inquiry.asked]}


async def _grown(at: LogAt, asked: Asked) -> Row:
    before = 0 if asked.period.begin is None else await _size(at, asked, asked.period.begin)
    size = at.size if asked.period.end is None else await _size(at, asked, asked.period.end)
    old_root, root, proof = await prove_growth(asked.reader, at.log, before, size)
    return {
        "log": at.log.slug,
        "size_before": before,
        "root_before": old_root.hex(),
        "size": size,
        "root": root.hex(),
        "recorded": size - before,
        "consistency_proof": [one.hex() for one in proof],
    }


async def _size(at: LogAt, asked: Asked, until: datetime) -> int:
    """Return the size that a log had before an instant, as far as the question knows the log."""
    return min(await size_known_at(asked.reader, at.log.log_id, at.size, until - TICK), at.size)


async def records(asked: Asked) -> Sections:
    """Return the corrections and voids by reason, and how late events were recorded, by log."""
    corrections: Counter[tuple[str, ...]] = Counter()
    found = {at.log.slug: Durations() for at in asked.inquiry.asked}
    async for known in asked.inquiry.streams(STREAMS):
        log = known.log.slug
        found[log].over += lateness(known.happened(), asked.period)
        for item in corrections_in(known):
            if asked.period.holds(parse_instant(item.item["recordedtime"])):
                corrections[log, *_named(item)] += 1
    return {
        "corrections": [
            {**dict(zip(("log", *REASONS), names, strict=True)), "n": count}
            for names, count in sorted(corrections.items())
        ],
        "lateness": [
            {
                "log": log,
                "late": sum(one > PROMISE for one in durations.over),
                "lateness": durations.describe("hours", PERCENTS),
            }
            for log, durations in sorted(found.items())
        ],
    }


def _named(item: Item) -> Iterator[str]:
    """Yield the kind and reason of a correction, and whether it was of a decision."""
    yield item.item["kind"]
    yield item.item["reason"]
    yield {True: "true", False: "false", None: "UNKNOWN"}[item.item["decision"]]


PARTS = (
    Part(sections=("logs",), work_out=growth),
    Part(sections=("corrections", "lateness"), work_out=records),
)
