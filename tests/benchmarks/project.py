"""`project`: at some sizes of a log an equal part is appended, which the views then follow; beside the append's rate.

The sizes are spread evenly on a logarithmic scale, the first part being the log's first events. The projector is one
process all the time, which rests while a part is appended. What an event costs it in the last part is set beside what
it costs in the first.
"""

from typing import Any

from msgspec import Struct

from projections.checking import check_views
from projections.views import VIEWS
from tests.benchmarks.append import WARM_UP_EVENTS, Sender
from tests.benchmarks.figures import Limit, Result, machine, per_event, spread
from tests.benchmarks.following import Followed, Follower, following
from tests.benchmarks.options import Options
from tests.benchmarks.server import NotAsStored, running_product

ROUNDS = 5
DEFAULT_EVENTS = 200_000
"""Events of the log in the end."""
MEASURED_EVENTS = 20_000
"""Events of each part that is measured: about two seconds of the projector's time."""
PART_EVENTS = 40_000
"""Events that are made before they are sent: they are held in memory."""
DEFAULT_SECONDS = 600.0
LIMIT = Limit(at_least=0.4)
"""The part of the append rate at which views are to follow."""


class Round(Struct, frozen=True, kw_only=True):
    """A part of the log: appended, and then followed."""

    appended: int
    append_seconds: float
    followed: Followed

    @property
    def append_per_second(self) -> float:
        """The rate of the bulk append."""
        return self.appended / self.append_seconds

    @property
    def ratio(self) -> float:
        """The rate of the views as a part of it."""
        return self.followed.events_per_second / self.append_per_second

    @property
    def microseconds(self) -> float:
        """What one event takes the views."""
        return 1e6 / self.followed.events_per_second


async def run(options: Options) -> Result:
    """Measure and return the ratio to the append and the growth. Raises NotDurable, NotAsStored or RequestFailed."""
    seconds = options.seconds or DEFAULT_SECONDS
    async with running_product() as product:
        sender = Sender(product)
        await sender.send(WARM_UP_EVENTS, seconds)
        async with following(product) as follower:
            rounds = [await _round(follower, sender, size, seconds) for size in sizes(options.events or DEFAULT_EVENTS)]
        size = await product.size()
        if size != sender.sent_events:
            raise NotAsStored(f"{sender.sent_events} events were answered, {size} are stored")
        wrong = await check_views(product.database.pool("reader"), product.log, VIEWS)
        if wrong:
            raise NotAsStored(f"the views are not what the log gives: {wrong[:3]}")
        return _result(rounds, {"size": size, **machine(await product.postgresql())})


def sizes(events: int) -> list[int]:
    """Return the sizes of the log after each round: so many events in the end, and a round's in the first."""
    growth = (events / MEASURED_EVENTS) ** (1 / (ROUNDS - 1))
    return [round(MEASURED_EVENTS * growth**number) for number in range(ROUNDS)]


async def append(sender: Sender, events: int, seconds: float) -> tuple[int, float]:
    """Append about so many events, in parts that memory holds; return how many, and the time the requests took."""
    before, taken = sender.sent_events, 0.0
    while (left := events - (sender.sent_events - before)) > 0 and taken < seconds:
        taken += (await sender.send(min(left, PART_EVENTS), seconds - taken)).seconds
    return sender.sent_events - before, taken


async def _round(follower: Follower, sender: Sender, size: int, seconds: float) -> Round:
    """Let the log grow and the views follow, up to the part that is measured, and measure that."""
    await append(sender, size - MEASURED_EVENTS - sender.sent_events, seconds)
    if sender.sent_events > await follower.position():
        await follower.follow()
    appended, append_seconds = await append(sender, MEASURED_EVENTS, seconds)
    return Round(appended=appended, append_seconds=append_seconds, followed=await follower.follow())


def _result(rounds: list[Round], more: dict[str, Any]) -> Result:
    ratio = spread([each.ratio for each in rounds])
    growth = round(rounds[-1].microseconds / rounds[0].microseconds, 3)
    figures = {
        "project/append": ratio,
        "cost_growth": growth,
        "events_per_second": spread([each.followed.events_per_second for each in rounds]),
        "append_events_per_second": spread([each.append_per_second for each in rounds]),
        "us_per_event_by_round": [round(each.microseconds, 1) for each in rounds],
        "append_us_per_event_by_round": [round(1e6 / each.append_per_second, 1) for each in rounds],
        "position_by_round": [each.followed.position for each in rounds],
        "projector_cpu_us_per_event_by_round": [
            per_event(each.followed.projector_cpu, each.followed.events) for each in rounds
        ],
        "postgres_cpu_us_per_event_by_round": [
            per_event(each.followed.postgres_cpu, each.followed.events) for each in rounds
        ],
        **more,
    }
    return Result(
        ratios={"project/append": ratio["median"], "cost_growth": growth},
        limits={"project/append": LIMIT},
        figures=figures,
    )
