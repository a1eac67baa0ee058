"""Logs at which a follower stopped: why, and when each is tried again. One way for the views and for the search."""

import contextlib
import logging
import time
from collections.abc import Callable, Generator, Mapping

import asyncpg
from msgspec import Struct

from ledger.errors import reason_of

FIRST_WAIT_SECONDS = 1.0
"""How long a log waits that has just stopped: as long as it takes until a follower that sleeps looks again."""
LONGEST_WAIT_SECONDS = 60.0
"""Each wait is twice the one before, up to this: what was mended goes on within a minute, and a try costs a page."""
DATABASE_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What says that the database went away: no log's fault, so no log is named for it."""

log = logging.getLogger(__name__)


class Stop(Struct, frozen=True):
    """Why a log stopped, until when it waits (seconds of the clock), and how long it does (seconds)."""

    why: str
    until: float
    wait_seconds: float


class StoppedLogs:
    """Names the logs that a follower cannot follow, and gives each another turn, after longer and longer waits.

    It belongs to one follower, in one task. The other logs go on meanwhile.
    """

    def __init__(self, follower: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what follows, as the log is told of it ("the views"), and a clock of seconds."""
        self._follower = follower
        self._clock = clock
        self._stops: dict[int, Stop] = {}
        self._begun = False

    @property
    def reasons(self) -> Mapping[int, str]:
        """Why each log stopped, by its id."""
        return {log_id: stop.why for log_id, stop in self._stops.items()}

    @property
    def count(self) -> int | None:
        """How many logs have stopped; None in a process that does not follow them, and so does not know."""
        return len(self._stops) if self._begun else None

    def begin(self) -> None:
        """Say that this process follows logs."""
        self._begun = True

    def has_turn(self, log_id: int) -> bool:
        """Tell whether a log may be tried: it has not stopped, or has waited for long enough."""
        stop = self._stops.get(log_id)
        return stop is None or self._clock() >= stop.until

    def try_at_once(self) -> None:
        """Let no log wait any longer."""
        now = self._clock()
        self._stops = {log_id: Stop(stop.why, now, stop.wait_seconds) for log_id, stop in self._stops.items()}

    @contextlib.contextmanager
    def naming(self, log_id: int) -> Generator[None]:
        """Name a log for what its following raises inside; the database's going away (`DATABASE_GONE`) is raised on."""
        try:
            yield
        except DATABASE_GONE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and stops no other log
            self._stop(log_id, error)

    def _stop(self, log_id: int, error: Exception) -> None:
        before = self._stops.get(log_id)
        if before is None:
            said = "%s of log %s stopped; it is tried again, and the other logs go on"
            log.error(said, self._follower, log_id, exc_info=error)
        why = f"{type(error).__name__}: {reason_of(error)}"
        seconds = FIRST_WAIT_SECONDS if before is None else min(2 * before.wait_seconds, LONGEST_WAIT_SECONDS)
        self._stops[log_id] = Stop(why, self._clock() + seconds, seconds)

    def go_on(self, log_id: int) -> None:
        """Forget why a log stopped; say once that it is followed again."""
        if self._stops.pop(log_id, None) is not None:
            log.warning("%s of log %s: followed again", self._follower, log_id)
