"""When a question is about, and what was known: the time parameters of every view, subject, replay and report.

K resolves to a size for each log once; the sizes stand in the answer, and asking again with them gives the same bytes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from ledger.checkpoints import root_at
from ledger.domain.fact import Basis, Certainty
from ledger.domain.instants import EARLIEST, LATEST, end_of, format_instant, parse_instant, zone
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.store import LogHead, Reader, size_known_at

AUDIT = "AUDIT"
"""The kind of the log in which the ledger records what was asked of it."""


class TimeParameters(Struct, frozen=True, kw_only=True):
    """What a client said of time: RFC 3339 instants, or dates, which mean the end of the local day in `tz`."""

    as_of: str | None = None
    known_at: str | None = None
    tz: str | None = None
    certainty: Certainty = "CERTAIN"
    basis: Basis = "LEDGER"
    size: Mapping[str, int] = msgspec.field(default_factory=dict[str, int])


class LogAt(Struct, frozen=True, kw_only=True):
    """A log as far as it is known: the first `size` entries, and the root over them."""

    log: LogInfo
    size: int
    root: bytes


class Moment(Struct, frozen=True, kw_only=True):
    """A resolved question of time. `known_at` is None when nobody asked for one."""

    as_of: datetime
    known_at: datetime | None
    tz: str | None
    certainty: Certainty
    basis: Basis
    logs: tuple[LogAt, ...]

    def of_logs(self, slugs: Collection[str]) -> "Moment":
        """Return the same moment of some of its logs."""
        return msgspec.structs.replace(self, logs=tuple(at for at in self.logs if at.log.slug in slugs))

    def describe(self) -> dict[str, Any]:
        """Return what every answer carries: with these sizes, the same question gives the same bytes."""
        return {
            "as_of": format_instant(self.as_of),
            "known_at": format_instant(self.known_at) if self.known_at else None,
            "tz": self.tz,
            "certainty": self.certainty,
            "basis": self.basis,
            "logs": {at.log.slug: {"size": at.size, "root": at.root.hex()} for at in self.logs},
        }


def read_moment(text: str, tz: str | None, pointer: str) -> datetime:
    """Return the instant that an instant or a date means. Raises Refused."""
    try:
        if len(text) == len("2021-09-01"):
            day = date.fromisoformat(text)
            if tz is None:
                detail = "several zones: say in which one the date is meant, with tz"
                raise Refused((Fault("zone-needed", pointer, detail),))
            moment = end_of(day, tz)
        else:
            moment = parse_instant(text)
    except (ValueError, OverflowError) as error:
        detail = "is no RFC 3339 instant with offset, and no date"
        raise Refused((Fault("invalid-time", pointer, detail),)) from error
    if not EARLIEST <= moment <= LATEST:
        raise Refused((Fault("invalid-time", pointer, "is outside the calendar"),))
    return moment


def read_zone(parameters: TimeParameters, logs: Sequence[LogInfo]) -> str | None:
    """Return the zone of dates: the one said, else the logs' own when they share one.

    The ledger's own audit log does not count beside others: nobody means its zone.
    """
    if parameters.tz is not None:
        try:
            zone(parameters.tz)
        except ValueError as error:
            raise Refused((Fault("invalid-zone", "/tz", str(error)),)) from error
        return parameters.tz
    zones = {log.timezone for log in logs if log.kind != AUDIT} or {log.timezone for log in logs}
    return zones.pop() if len(zones) == 1 else None


class Knowledge(Protocol):
    """What resolving a question needs to know of logs: of a database's, or of one that is seen from outside."""

    async def now(self) -> datetime:
        """Return the instant it is by the ledger's clock."""
        ...

    async def size_known_at(self, head: LogHead, moment: datetime) -> int:
        """Return the size that a log had at an instant of its clock."""
        ...

    async def root_at(self, head: LogHead, size: int) -> bytes:
        """Return the root over the first `size` entries of a log."""
        ...


class StoredKnowledge:
    """Knowledge of the logs of a database."""

    def __init__(self, connection: Reader) -> None:
        """Take where to read."""
        self._connection = connection

    async def now(self) -> datetime:
        """Return the instant by the database's clock."""
        now: datetime = await self._connection.fetchval("SELECT clock_timestamp()")
        return now

    async def size_known_at(self, head: LogHead, moment: datetime) -> int:
        """Return the size that a log had at an instant."""
        return await size_known_at(self._connection, head.log.log_id, head.size, moment)

    async def root_at(self, head: LogHead, size: int) -> bytes:
        """Return the root over the first `size` entries of a log."""
        return head.root if size == head.size else await root_at(self._connection, head.log.log_id, size, head.size)


async def resolve(
    connection: Reader,
    parameters: TimeParameters,
    heads: Sequence[LogHead],
    followed: Mapping[int, int] | None = None,
    zoned: Sequence[LogInfo] | None = None,
) -> Moment:
    """Resolve time parameters over these logs of a database. See `resolve_by`."""
    return await resolve_by(StoredKnowledge(connection), parameters, heads, followed, zoned)


async def resolve_by(
    knowledge: Knowledge,
    parameters: TimeParameters,
    heads: Sequence[LogHead],
    followed: Mapping[int, int] | None = None,
    zoned: Sequence[LogInfo] | None = None,
) -> Moment:
    """Resolve time parameters over these logs. `followed` bounds what is known where nobody asked: by the views.

    Dates are in the zone of the logs `zoned`; None: of all.

    Raises:
        Refused: `invalid-time`, `invalid-zone`, `zone-needed`, `future-knowledge`, `unknown-size`.
    """
    now = await knowledge.now()
    tz = read_zone(parameters, [head.log for head in heads] if zoned is None else zoned)
    as_of = read_moment(parameters.as_of, tz, "/as_of") if parameters.as_of else now
    known_at = read_moment(parameters.known_at, tz, "/known_at") if parameters.known_at else None
    if known_at is not None and known_at > now:
        raise Refused((Fault("future-knowledge", "/known_at", "nobody knows yet what will be known then"),))
    unknown = parameters.size.keys() - {head.log.slug for head in heads}
    if unknown:
        raise Refused((Fault("unknown-size", "/size", f"names {min(unknown)}, which is not asked"),))
    logs = [
        await _log_at(knowledge, head, parameters, known_at, (followed or {}).get(head.log.log_id, head.size))
        for head in heads
    ]
    return Moment(
        as_of=as_of.astimezone(UTC),
        known_at=known_at,
        tz=tz,
        certainty=parameters.certainty,
        basis=parameters.basis,
        logs=tuple(logs),
    )


async def _log_at(
    knowledge: Knowledge, head: LogHead, parameters: TimeParameters, known_at: datetime | None, followed: int
) -> LogAt:
    size = followed
    if head.log.slug in parameters.size:
        size = parameters.size[head.log.slug]
        if not 0 <= size <= head.size:
            detail = f"log {head.log.slug} has {head.size} entries, not {size}"
            raise Refused((Fault("unknown-size", "/size", detail),))
    elif known_at is not None and parameters.basis == "LEDGER":
        size = await knowledge.size_known_at(head, known_at)
    elif known_at is not None:
        size = head.size
    return LogAt(log=head.log, size=size, root=await knowledge.root_at(head, size))
