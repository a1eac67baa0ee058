"""Takedown notices: how long they took, and what came of two that were countered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from api.asking import Asker
from api.questions.question import Question
from ledger.domain.instants import LATEST, parse_instant
from ledger.domain.takedown import Item
from projections.metrics.order_statistics import median, nearest_rank
from projections.metrics.takedown_times import time_to_action, wait_of

LOG, ZONE, COUNTRY = "alibaba", "Asia/Shanghai", "CN"
CASES = "takedown_case:alibaba-ipp:"
WAITING_PERIOD = "CN-ECL-43"
"""The rule by which goods come back unless the right holder goes to law (domain.md 8)."""
SIZES = {"SME": {"MICRO", "SMALL", "MEDIUM"}, "LARGE": {"LARGE"}}
PERCENT = 90
HOUR = timedelta(hours=1)


def hours_to_action(ask: Asker) -> dict[str, Any]:
    """Return, by size of the notifier, the hours from notice to decision of each item (domain.md 13.2)."""
    day = "2020-10-31"
    items = ask.items("takedowns", log=LOG, subject_prefix=CASES, as_of=day, known_at=day, tz=ZONE)
    received = [item for item in items if "received_at" in item]
    return {
        name: times_to_action([item for item in received if item.get("notifier_size_class") in sizes])
        for name, sizes in SIZES.items()
    }


def times_to_action(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how many items were decided and after how many hours, and how many are open (domain.md 13.2)."""
    waits = [wait_of(msgspec.convert(item, Item), LATEST) for item in items]
    times = time_to_action([wait for wait in waits if wait is not None], LATEST)
    middle, most = median(times.over), nearest_rank(times.over, PERCENT)
    return {
        "n": len(times.over),
        "median_h": None if middle is None else middle / HOUR,
        "p90_nearest_rank_h": None if most is None else most / HOUR,
        "open": len(times.open),
    }


def say_hours(answer: dict[str, Any]) -> str:
    """Return the hours by size in words."""
    return "\n".join(_say_times(name, times) for name, times in answer.items())


def _say_times(name: str, times: dict[str, Any]) -> str:
    counts = f"{times['n']} decided, {times['open']} open"
    if not times["n"]:
        return f"{name}: {counts}"
    return f"{name}: median {times['median_h']:g}, 90 % within {times['p90_nearest_rank_h']:g} ({counts})"


def countered(ask: Asker) -> list[Any]:
    """Return what came of T02, for which nobody went to law, and whether T09, for which one did, was visible."""
    case = f"{CASES}T02"
    due = ask.first("deadlines", log=LOG, rule=WAITING_PERIOD, subject=case).get("due")
    item = ask.first("takedowns", log=LOG, case=case)
    back = item.get("reversed_at")
    late = max((parse_instant(back) - parse_instant(due)).days, 0) if due and back else None
    listing, sued = item.get("listing_id"), ask.first("takedowns", log=LOG, case=f"{CASES}T09").get("listing_id")
    return [
        _in_milliseconds(due),
        _in_milliseconds(back),
        late,
        _visible(ask, listing, "2020-11-03"),
        _visible(ask, listing, "2020-11-05"),
        _visible(ask, sued, "2020-11-05"),
    ]


def _visible(ask: Asker, listing: str | None, as_of: str) -> bool:
    if listing is None:
        return False
    query = {"log": LOG, "subject": listing, "visible": "true", "country": COUNTRY}
    return ask.count("listings", **query, as_of=as_of, tz=ZONE) > 0


def _in_milliseconds(instant: str | None) -> str | None:
    """Return an instant as people write it who need no microseconds (`ts` of domain.md 2.1)."""
    moment: datetime | None = parse_instant(instant) if instant else None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z" if moment else None


NOTICES = (
    Question(
        id="A12",
        chapter="Notices, and how long they wait",
        text="Hours from notice to action for small firms and large ones, as known on 31 October 2020",
        ask=hours_to_action,
        say=say_hours,
    ),
    Question(
        id="A13",
        text="Countered notices: when T02's listing was to come back and did, and what was visible of it and of T09's",
        ask=countered,
        parts=(
            "T02 due back",
            "came back",
            "days late",
            "visible on 3 November",
            "visible on 5 November",
            "T09 visible then",
        ),
    ),
)
