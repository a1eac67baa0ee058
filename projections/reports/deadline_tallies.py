"""Deadlines whose time began in a period, by rule and by whoever's stream it is (Q13, Q23, Q28)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from ledger.domain.instants import parse_instant
from projections.deadlines.listing import DERIVATION as DEADLINES
from projections.derived import Item, Narrowing, select
from projections.metrics.durations import Durations
from projections.reports.report import Asked, Row, Sections

LATE = "MET_LATE"
OPEN = frozenset({"PENDING", "PAUSED"})
NAMESPACE = 1
"""Where the authority, the forum or the platform stands in a subject."""


async def deadlines(asked: Asked, kinds: Sequence[str]) -> Sections:
    """Return the deadlines of streams of these kinds by rule and namespace; the lag is that of acts that came late."""
    prefixes = tuple(f"{kind}:" for kind in kinds)
    found: dict[tuple[str, str], list[Item]] = {}
    async for item in select(DEADLINES, asked.inquiry, Narrowing(prefixes=prefixes)):
        if asked.period.holds(parse_instant(item.item["triggered_at"])):
            whose = item.subject.split(":")[NAMESPACE]
            found.setdefault((item.item["rule"], whose), []).append(item)
    return {"deadlines": [_row(rule, whose, items) for (rule, whose), items in sorted(found.items())]}


def _row(rule: str, whose: str, items: Sequence[Item]) -> Row:
    statuses = Counter[str](one.item["status"] for one in items)
    lags = [msgspec.convert(one.item["lag"], timedelta) for one in items if one.item["status"] == LATE]
    return {
        "rule": rule,
        "of": whose,
        "deadlines": len(items),
        "met": statuses["MET"],
        "met_late": statuses[LATE],
        "missed": statuses["MISSED"],
        "n_open": sum(statuses[name] for name in OPEN),
        "not_applicable": statuses["NOT_APPLICABLE"],
        "undetermined": statuses["UNDETERMINED"],
        "lag": Durations(over=lags).describe("hours"),
    }
