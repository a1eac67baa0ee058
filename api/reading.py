"""What a request reads, noted while it is answered: of which logs, which cases, how many rows.

Whoever lets a request read notes it here (`api.auth`, `api.cases`), so that no route can forget to; what comes of it
is recorded once the answer has left (`api.accesses`).
"""

from collections.abc import Iterable
from contextvars import ContextVar

from msgspec import Struct, field

from ledger.intake import LogInfo

CLOSED = frozenset({"CONFIDENTIAL", "RESTRICTED"})
"""Classes of logs whose reading is recorded (domain.md 3)."""
AUDIT = "AUDIT"


class Reading(Struct, eq=False):
    """What one request has read of logs whose reading is recorded; each is named once, or each of its cases is.

    `rows` is how much of it the answer held, where the route says so.
    """

    scope: set[str] = field(default_factory=set[str])
    rows: int | None = None


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


def begin_reading() -> Reading:
    """Return what the request that is now answered reads: nothing yet."""
    reading = Reading()
    _reading.set(reading)
    return reading


def note_reading(logs: Iterable[LogInfo], subject: str | None = None) -> None:
    """Note that the request reads logs, or one case of them. That somebody reads the audit log is recorded nowhere."""
    reading = _reading.get()
    if reading is not None:
        reading.scope.update(scope_of(log, subject) for log in logs if is_recorded(log))


def note_rows(count: int) -> None:
    """Note how many events, items or states the answer to the request holds."""
    reading = _reading.get()
    if reading is not None:
        reading.rows = (reading.rows or 0) + count


def is_recorded(log: LogInfo) -> bool:
    """Tell whether the reading of a log is recorded."""
    return log.data_class in CLOSED and log.kind != AUDIT


def scope_of(log: LogInfo, subject: str | None = None) -> str:
    """Return how a record of access names a log, or a case in it."""
    return log.slug if subject is None else f"{log.slug} {subject}"
