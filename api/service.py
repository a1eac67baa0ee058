"""The parts of a running ledger, put together: what the HTTP routes and the command line both stand on."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from api.accesses import Accesses
from api.audit import AuditLog
from api.log_making import make_log
from api.sessions import SignInLinks
from ledger.appender import Appender
from ledger.checkpoints import covering_checkpoint, newest_checkpoint
from ledger.cosigning import open_cosigning
from ledger.database import Database, open_database
from ledger.destroyed import DestroyedKeys, open_destroyed
from ledger.drafters import Drafters
from ledger.errors import Busy
from ledger.feed import Feed
from ledger.intake import Intake, LogInfo
from ledger.keys import KeyRing, read_destroyed_keys
from ledger.log_keys import open_log_keys
from ledger.marks import check_marks
from ledger.masters import open_masters
from ledger.scrubbing import Scrubber
from ledger.server.embedded import kept_running
from ledger.settings import Settings
from ledger.signer import Signer
from ledger.store import LogHead, find_logs, read_heads
from ledger.store import statements as ledger_statements
from ledger.tasks import end
from ledger.vault import Vault, open_vault
from projections.event_search import EventSearch
from projections.moment import Moment, TimeParameters, resolve
from projections.replay import statements
from projections.runner import Runner
from projections.views import VIEW_NAMES, VIEWS

VIEWS_WAIT_SECONDS = 5.0
"""How long an answer waits for the views to reach what was asked (contract section 2)."""
CHECKPOINT_WAIT_SECONDS = 5.0
"""How long an answer waits for a checkpoint that another process is to sign: it does so every second."""
UNSIGNED_TIME = timedelta(seconds=30)
"""For how long a log may have grown without a checkpoint before the ledger says so: it signs every second."""
POLL_SECONDS = 0.05
SERVICE = "jejak_service"
"""Where an application's state has its service, for routes that are called without being given it."""
Signing: TypeAlias = Literal["always", "asked", "never"]
"""Whether a process signs: every log that grows, only what somebody waits for, or nothing, as another process does."""


class Service(Struct, frozen=True, eq=False):
    """A ledger that runs: its database, who appends, who follows."""

    database: Database
    vault: Vault
    destroyed_keys: DestroyedKeys
    scrubber: Scrubber
    keys: KeyRing
    feed: Feed
    appender: Appender
    runner: Runner
    search: EventSearch
    intake: Intake
    drafters: Drafters
    signer: Signer | None
    logs: dict[str, LogInfo]
    audit: AuditLog
    accesses: Accesses
    sign_in_links: SignInLinks = msgspec.field(default_factory=SignInLinks)

    async def create_log(
        self, slug: str, kind: str, timezone: str, jurisdiction: str | None, data_class: str
    ) -> LogInfo:
        """Create a log. See `make_log`."""
        return await make_log(self.database, self.signer, slug, kind, timezone, jurisdiction, data_class)

    async def find_log(self, slug: str) -> LogInfo:
        """Return a log, read once: only its origin ever changes, which is read where it counts. Raises UnknownLog."""
        log = self.logs.get(slug)
        if log is None:
            log = self.logs[slug] = (await find_logs(self.database.pool("reader"), [slug]))[0]
        return log

    async def followed(self, views: Sequence[str] = VIEW_NAMES) -> dict[int, int]:
        """Return how many entries of each log all of these views have followed, whichever process keeps them."""
        rows = await self.database.pool("reader").fetch(statements("read_cursors"), views)
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

    async def newest_checkpoint(self, log: LogInfo) -> bytes | None:
        """Return the newest checkpoint of a log, as a note; None where nothing is signed yet."""
        return await newest_checkpoint(self.database.pool("reader"), log)

    async def unsigned(self) -> int:
        """Return how many logs have waited too long for a checkpoint, whichever process is to sign them."""
        count: int = await self.database.pool("reader").fetchval(ledger_statements("count_unsigned"), UNSIGNED_TIME)
        return count

    async def covering(self, log: LogInfo, size: int) -> bytes:
        """Return the first checkpoint of a log with `size` entries or more, as a note: signed now if need be.

        Raises Busy when there is none within CHECKPOINT_WAIT_SECONDS, and what the signer raises.
        """
        deadline = asyncio.get_running_loop().time() + CHECKPOINT_WAIT_SECONDS
        note = await covering_checkpoint(self.database.pool("reader"), log, size)
        while note is None:
            if self.signer is not None:
                note = await self.signer.cover(log, size)
            else:
                note = await covering_checkpoint(self.database.pool("reader"), log, size)
            if note is None:
                if asyncio.get_running_loop().time() >= deadline:
                    raise Busy(f"log {log.slug} has signed no checkpoint of {size} entries yet")
                await asyncio.sleep(POLL_SECONDS)
        return note

    async def destroyed(self, log: LogInfo) -> frozenset[bytes]:
        """Return the ids of a log's destroyed keys; none are looked for where nothing is personal."""
        return await read_destroyed_keys(self.database.pool("keeper"), log)


@contextlib.asynccontextmanager
async def open_service(
    settings: Settings, *, project: bool = False, drafters: int = 0, sign: Signing = "asked"
) -> AsyncGenerator[Service]:
    """Yield a running ledger; with `project`, its views are kept up to date meanwhile.

    `drafters` is how many processes may draft large bodies. A log that contradicts what was signed of it is halted
    before anything is answered.
    """
    async with (
        await open_database(settings) as database,
        kept_running(database.server),
        service_over(database, project=project, drafters=drafters, sign=sign) as service,
    ):
        yield service


@contextlib.asynccontextmanager
async def service_over(
    database: Database, *, project: bool = False, drafters: int = 0, sign: Signing = "asked"
) -> AsyncGenerator[Service]:
    """Yield a ledger that runs on an open database, which stays open afterwards. See `open_service`."""
    vault = open_vault(database.settings, database.ledger.ledger_id)
    destroyed = await open_destroyed(database.pool("keeper"), vault)
    scrubber = Scrubber(database, vault)
    await scrubber.catch_up()
    keys = KeyRing(database.pool("keeper"), await open_masters(database, vault), destroyed)
    feed = Feed(database.pool("reader"))
    cosigning = open_cosigning(database)
    signer = Signer(database, vault, feed, open_log_keys(database.settings, vault), cosigning)
    await check_marks(database, vault)
    appender = Appender(database.pool("writer"), keys, feed.wake)
    runner, search = Runner(database, feed, VIEWS), EventSearch(database, feed)
    drafting = Drafters(0 if database.test_clock else drafters)
    feed.start()
    following = asyncio.create_task(runner.run(), name="views") if project else None
    searching = asyncio.create_task(search.run(), name="search") if project else None
    signing = asyncio.create_task(signer.run(), name="signer") if sign == "always" else None
    asked = None if sign == "never" else signer
    audit = AuditLog(database, appender, asked)
    accesses = Accesses(audit)
    try:
        intake = Intake(test_clock=database.test_clock)
        parts = vault, destroyed, scrubber, keys, feed, appender, runner, search, intake, drafting, asked
        yield Service(database, *parts, {}, audit, accesses)
    finally:
        await accesses.close()
        await drafting.close()
        await appender.close()
        await end(following)
        await end(searching)
        await end(signing)
        if cosigning is not None:
            await cosigning.close()
        await feed.close()
