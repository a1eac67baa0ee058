"""How long a notice waited for a decision on each of its items (domain.md 13.2: time_to_action, share_within). Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.domain.instants import parse_instant
from ledger.domain.takedown import Item, Pause
from projections.metrics.durations import Durations
from projections.metrics.rates import Rate
from projections.window import Window

PROMISE = timedelta(hours=24)
"""Within which a notice is to be decided (ALI-IPP-24H, domain.md 8)."""


class Wait(Struct, frozen=True, kw_only=True):
    """The wait of one item: from when its notice came, until when it was decided; None: it was not.

    `paused` is how much of it the notice was with its notifier, to be completed. `dropped`: it was rejected or taken
    back, and will never be decided.
    """

    begun: datetime
    ended: datetime | None
    paused: timedelta
    dropped: bool

    @property
    def taken(self) -> timedelta | None:
        """How long it took, without the pauses; None while it was not decided."""
        return None if self.ended is None else self.ended - self.begun - self.paused

    def due(self, limit: timedelta) -> datetime:
        """Return until when a decision comes within `limit`, pauses not counted."""
        return self.begun + limit + self.paused

    @property
    def is_open(self) -> bool:
        """Whether a decision is still to come."""
        return self.ended is None and not self.dropped


def wait_of(item: Item, as_of: datetime) -> Wait | None:
    """Return the wait of an item up to `as_of`; None where it is not known when its notice came."""
    if item.received_at is None:
        return None
    ended = None if item.decided_at is None else parse_instant(item.decided_at)
    return Wait(
        begun=parse_instant(item.received_at),
        ended=ended,
        paused=sum((_length(pause, ended or as_of) for pause in item.pauses), timedelta()),
        dropped=ended is None and (item.rejected_at is not None or item.withdrawn_at is not None),
    )


def _length(pause: Pause, end: datetime) -> timedelta:
    resumed = end if pause.supplemented_at is None else min(parse_instant(pause.supplemented_at), end)
    return max(resumed - parse_instant(pause.returned_at), timedelta())


def time_to_action(waits: Iterable[Wait], as_of: datetime, *, unpaused: bool = False) -> Durations:
    """Return how long the decided ones took and how old the open ones are; with `unpaused`, pauses counted in."""
    durations = Durations()
    for wait in waits:
        paused = timedelta() if unpaused else wait.paused
        if wait.ended is not None:
            durations.over.append(wait.ended - wait.begun - paused)
        elif wait.is_open:
            durations.open.append(as_of - wait.begun - paused)
    return durations


def share_within(waits: Iterable[Wait], limit: timedelta, due_in: Window, as_of: datetime) -> Rate:
    """Return which share of the items that were due in a window were decided within `limit` of their notice.

    An item is due `limit` after its notice, pauses not counted. An open one that is not due yet is left out, one that
    is counts as a failure; what was dropped is in neither number.
    """
    kept = total = censored = 0
    for wait in waits:
        due = wait.due(limit)
        if wait.dropped or not due_in.holds(due):
            continue
        if wait.taken is None and as_of < due:
            censored += 1
            continue
        total += 1
        kept += wait.taken is not None and wait.taken <= limit
    hours = limit // timedelta(hours=1)
    return Rate(
        numerator=kept,
        denominator=total,
        numerator_is=f"decided_within_{hours}_hours",
        denominator_is="items_due",
        clock="due_at",
        censored=censored,
    )
