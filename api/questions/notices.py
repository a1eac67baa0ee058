"""Takedown notices: how long they took, and what came of two that were countered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any

from api.asking import Asker
from api.questions.question import Question
from ledger.domain.instants import parse_instant

LOG, ZONE, COUNTRY = "alibaba", "Asia/Shanghai", "CN"
CASES = "takedown_case:alibaba-ipp:"
WAITING_PERIOD = "CN-ECL-43"
"""The rule by which goods come back unless the right holder goes to law (domain.md 8)."""
SIZES = {"SME": {"MICRO", "SMALL", "MEDIUM"}, "LARGE": {"LARGE"}}
PERCENTILE = 0.9
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
    """Return how many items were decided and after how many hours, and how many are open (domain.md 13.2).

    The percentile is the nearest rank: of n values in order that at ⌈p·n⌉; of an even n the median is the mean of the
    two middle ones. Of no value there is neither.
    """
    hours = sorted(_time_to_action(item) / HOUR for item in items if "decided_at" in item)
    over = ("decided_at", "rejected_at", "withdrawn_at")
    return {
        "n": len(hours),
        "median_h": median(hours) if hours else None,
        "p90_nearest_rank_h": hours[ceil(PERCENTILE * len(hours)) - 1] if hours else None,
        "open": sum(1 for item in items if not any(end in item for end in over)),
    }


def _time_to_action(item: dict[str, Any]) -> timedelta:
    """Return the time from notice to decision, without the spans in which the notifier had to complete it."""
    decided = parse_instant(item["decided_at"])
    paused = timedelta()
    for pause in item.get("pauses", ()):
        ended = parse_instant(pause["supplemented_at"]) if "supplemented_at" in pause else decided
        paused += max(min(ended, decided) - parse_instant(pause["returned_at"]), timedelta())
    return decided - parse_instant(item["received_at"]) - paused


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
