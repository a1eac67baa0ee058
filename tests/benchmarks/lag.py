"""`lag`: how far the views are behind the log while 5,000 events a second are appended.

Service and projector are processes of their own, as whoever appends so much runs them. Twenty times a second it is
looked how old the oldest event is that the views have not followed: nobody who asks then sees it yet. An event's age is
told by the clock that recorded it.
"""

import asyncio
import signal
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct

from tests.benchmarks.client import RequestFailed
from tests.benchmarks.figures import Limit, Result, machine
from tests.benchmarks.following import following, position_of, reach, searched_of
from tests.benchmarks.grown import check_grown
from tests.benchmarks.options import Options
from tests.benchmarks.pacing import BATCH_EVENTS, Paced, Target, make_lanes, send_paced
from tests.benchmarks.server import Product, running_product
from tests.benchmarks.sides import percentile

EVENTS_PER_SECOND = 5_000
DEFAULT_SECONDS = 60.0
WARM_UP_SECONDS = 3.0
LOOK_SECONDS = 0.05
LIMIT_SECONDS = 1.0
LAG = "lag_p99/1_s"
LIMITS = {LAG: Limit(at_most=1.0)}
PACE_MIN = 0.95
"""The part of the pace that must be kept: what is behind a slower append says nothing."""
AGE = "SELECT clock_timestamp() - recordedtime FROM event WHERE log_id = $1 AND position = $2"


class Behind(Struct, frozen=True, kw_only=True):
    """How old (seconds) the oldest event was that the views had not followed, and that the search had not; 0: none."""

    views: list[float]
    search: list[float]


async def run(options: Options) -> Result:
    """Measure and return the lag. `options.events` counts those of each second.

    Raises NotDurable, NotAsStored, or RequestFailed: also when the pace could not be kept.
    """
    pace, seconds = options.events or EVENTS_PER_SECOND, options.seconds or DEFAULT_SECONDS
    lanes = make_lanes(round(pace * (WARM_UP_SECONDS + seconds)))
    warm_up = round(len(lanes[0]) * WARM_UP_SECONDS / (WARM_UP_SECONDS + seconds))
    async with running_product() as product, following(product) as follower:
        follower.send(signal.SIGCONT)
        target = Target(port=product.port, token=product.token, path=product.path)
        await send_paced(target, [lane[:warm_up] for lane in lanes], pace)
        paced, behind = await _watched(product, target, [lane[warm_up:] for lane in lanes], pace)
        if paced.events_per_second < PACE_MIN * pace:
            raise RequestFailed(f"only {paced.events_per_second:.0f} events a second could be sent, not {pace}")
        more = {"search_behind_events": await product.size() - await searched_of(product)}
        await reach(product, await product.size(), position_of)
        sent = len(lanes) * len(lanes[0]) * BATCH_EVENTS
        await check_grown(product, sent)
        return _result(paced, behind, {**more, "size": sent, **machine(await product.postgresql())})


async def _watched(
    product: Product, target: Target, lanes: Sequence[Sequence[bytes]], pace: float
) -> tuple[Paced, Behind]:
    """Send the batches, and look meanwhile."""
    behind = Behind(views=[], search=[])
    sending = asyncio.create_task(send_paced(target, lanes, pace), name="paced")
    while not sending.done():
        behind.views.append(await _age(product, await position_of(product)))
        behind.search.append(await _age(product, await searched_of(product)))
        await asyncio.wait([sending], timeout=LOOK_SECONDS)
    return await sending, behind


async def _age(product: Product, position: int) -> float:
    """Return how old (seconds) the event at a position is; 0 where the log ends before it."""
    age: timedelta | None = await product.database.pool("reader").fetchval(AGE, product.log.log_id, position)
    return age.total_seconds() if age is not None else 0.0


def _result(paced: Paced, behind: Behind, more: dict[str, Any]) -> Result:
    lag = percentile(behind.views, 99)
    figures: dict[str, Any] = {
        "events_per_second": round(paced.events_per_second),
        "views_behind_milliseconds": _percentiles(behind.views),
        "search_behind_milliseconds": _percentiles(behind.search),
        "answer_milliseconds": _percentiles(paced.answered),
        "sent_late_milliseconds": _percentiles(paced.late),
        "looks": len(behind.views),
        **more,
    }
    return Result(ratios={LAG: round(lag / 1e3 / LIMIT_SECONDS, 3)}, limits=LIMITS, figures=figures)


def _percentiles(seconds: list[float]) -> dict[str, float]:
    return {f"p{percent}": round(percentile(seconds, percent), 1) for percent in (50, 95, 99)} | {
        "max": round(max(seconds) * 1e3, 1)
    }
