"""The parts of a running ledger, put together: what the HTTP routes and the command line both stand on."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence

from msgspec import Struct

from api.drafting import Drafters
from ledger.appender import Appender
from ledger.database import Database, open_database
from ledger.embedded import kept_running
from ledger.errors import Busy
from ledger.feed import Feed
from ledger.intake import Intake, LogInfo
from ledger.keys import KeyRing, read_destroyed_keys, read_master_key
from ledger.settings import Settings
from ledger.store import LogHead, create_log, find_logs, read_heads
from ledger.tasks import end
from projections.moment import Moment, TimeParameters, resolve
from projections.replay import statements
from projections.runner import Runner
from projections.views import VIEWS

VIEWS_WAIT_SECONDS = 5.0
"""How long an answer waits for the views to reach what was asked (contract section 2)."""
POLL_SECONDS = 0.05


class Service(Struct, frozen=True, eq=False):
    """A ledger that runs: its database, who appends, who follows."""

    database: Database
    keys: KeyRing
    feed: Feed
    appender: Appender
    runner: Runner
    intake: Intake
    drafters: Drafters
    logs: dict[str, LogInfo]

    async def create_log(
        self, slug: str, kind: str, timezone: str, jurisdiction: str | None, data_class: str
    ) -> LogInfo:
        """Create a log; its origin is `<ledger name>/<slug>`. Raises LogExists."""
        origin = f"{self.database.name}/{slug}"
        return await create_log(self.database.pool("keeper"), slug, kind, timezone, jurisdiction, data_class, origin)

    async def find_log(self, slug: str) -> LogInfo:
        """Return a log. What it says of itself never changes, so it is read once. Raises UnknownLog."""
        log = self.logs.get(slug)
        if log is None:
            log = self.logs[slug] = (await find_logs(self.database.pool("reader"), [slug]))[0]
        return log

    async def followed(self) -> dict[int, int]:
        """Return how many entries of each log every view has followed."""
        rows = await self.database.pool("reader").fetch(statements("read_cursors"), [view.name for view in VIEWS])
        return {row["log_id"]: row["position"] for row in rows}

    async def moment(
        self,
        parameters: TimeParameters,
        logs: Sequence[LogInfo],
        *,
        views: bool,
        zoned: Sequence[LogInfo] | None = None,
    ) -> Moment:
        """Resolve time parameters over logs. With `views`, the views have followed that far when it returns.

        Dates are in the zone of the logs `zoned`; None: of all.

        Raises Busy when they do not within VIEWS_WAIT_SECONDS.
        """
        pool = self.database.pool("reader")
        heads: list[LogHead] = await read_heads(pool, [log.slug for log in logs])
        moment = await resolve(pool, parameters, heads, await self.followed() if views else None, zoned)
        if views and parameters.basis == "LEDGER":
            await self._wait_for_views({at.log.log_id: at.size for at in moment.logs})
        return moment

    async def _wait_for_views(self, sizes: Mapping[int, int]) -> None:
        deadline = asyncio.get_running_loop().time() + VIEWS_WAIT_SECONDS
        while True:
            followed = await self.followed()
            if all(followed.get(log_id, 0) >= size for log_id, size in sizes.items()):
                return
            if asyncio.get_running_loop().time() >= deadline:
                raise Busy("the views have not followed as far as was asked", retry_after_seconds=5)
            await asyncio.sleep(POLL_SECONDS)

    async def destroyed(self, log: LogInfo) -> frozenset[bytes]:
        """Return the ids of a log's destroyed keys; none are looked for where nothing is personal."""
        return await read_destroyed_keys(self.database.pool("keeper"), log)


@contextlib.asynccontextmanager
async def open_service(settings: Settings, *, project: bool = False, drafters: int = 0) -> AsyncGenerator[Service]:
    """Yield a running ledger; with `project`, its views are kept up to date meanwhile.

    `drafters` is how many processes may draft large bodies.
    """
    async with await open_database(settings) as database, kept_running(database.server):
        if settings.master_key_file is None:  # a ledger on a server of its own has no data folder yet
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        master_key = read_master_key(settings.master_key_file or settings.data / "master.key")
        async with service_over(database, master_key, project=project, drafters=drafters) as service:
            yield service


@contextlib.asynccontextmanager
async def service_over(
    database: Database, master_key: bytes, *, project: bool = False, drafters: int = 0
) -> AsyncGenerator[Service]:
    """Yield a ledger that runs on an open database, which stays open afterwards. See `open_service`."""
    keys = KeyRing(database.pool("keeper"), master_key)
    feed = Feed(database.pool("reader"))
    appender = Appender(database.pool("writer"), keys, feed.wake)
    runner = Runner(database, feed, VIEWS)
    drafting = Drafters(0 if database.test_clock else drafters)
    feed.start()
    following = asyncio.create_task(runner.run(), name="views") if project else None
    try:
        intake = Intake(test_clock=database.test_clock)
        yield Service(database, keys, feed, appender, runner, intake, drafting, {})
    finally:
        await drafting.close()
        await appender.close()
        await end(following)
        await feed.close()
