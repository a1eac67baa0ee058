"""Orders of authorities that were received in a period, and how soon they were given effect (R1; Q23)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.domain.instants import parse_instant
from ledger.domain.local_dates import DATE_LENGTH
from ledger.domain.order import AUTHORITY_FIELD, Order
from projections.metrics.durations import Durations
from projections.reports.groups import Said, groups
from projections.reports.report import Asked, Part, Row, Sections

ORDER = ("order",)
FULL = "FULL"
OVER = frozenset({"REVOKED", "REFUSED"})
"""States in which no effect is to come."""


class Received(Struct, frozen=True, kw_only=True):
    """An order that a platform received."""

    log: str
    order: Order
    at: datetime

    @property
    def authority(self) -> str:
        """Whose order it is; where no event says it, the subject does."""
        return self.order.authority or self.order.id.split(":")[AUTHORITY_FIELD]

    @property
    def effect_at(self) -> datetime | None:
        """When it was first given effect in full: of an effect on a day, when the event says that it was given."""
        full = next((effect for effect in self.order.effects if effect.extent == FULL), None)
        if full is None:
            return None
        return parse_instant(full.effect_at if len(full.effect_at) > DATE_LENGTH else full.given_at)


ATTRIBUTES: Mapping[str, Callable[[Received], Said]] = {
    "log": lambda one: one.log,
    "authority": lambda one: one.authority,
    "kind": lambda one: one.order.kind,
    "urgency": lambda one: one.order.urgency,
    "state": lambda one: one.order.state,
    "instrument": lambda one: one.order.instruments,
}


async def orders(asked: Asked) -> Sections:
    """Return the orders, all of them and by each attribute."""
    cohort: list[Received] = []
    async for known in asked.inquiry.streams(ORDER):
        state = known.state()
        if isinstance(state, Order) and state.received_at is not None:
            at = parse_instant(state.received_at)
            if asked.period.holds(at):
                cohort.append(Received(log=known.log.slug, order=state, at=at))
    as_of = asked.inquiry.moment.as_of
    return {"orders": [_row(one.by, one.value, one.members, as_of) for one in groups(cohort, ATTRIBUTES)]}


def _row(by: str, value: str, members: Sequence[Received], as_of: datetime) -> Row:
    acknowledged = [
        (one, None if one.order.acknowledged_at is None else parse_instant(one.order.acknowledged_at))
        for one in members
    ]
    return {
        "by": by,
        "value": value,
        "orders": len(members),
        "given_effect": sum(one.effect_at is not None for one in members),
        "refused": sum(one.order.state == "REFUSED" for one in members),
        "revoked": sum(one.order.state == "REVOKED" for one in members),
        "time_to_acknowledge": _times(acknowledged, as_of).describe("hours"),
        "time_to_effect": _times([(one, one.effect_at) for one in members], as_of).describe("hours"),
    }


def _times(ends: Sequence[tuple[Received, datetime | None]], as_of: datetime) -> Durations:
    """Return how long it took from receipt to some end; without one it is open, unless none is to come."""
    durations = Durations()
    for one, end in ends:
        if end is not None:
            durations.over.append(max(end - one.at, timedelta()))
        elif one.order.state not in OVER:
            durations.open.append(as_of - one.at)
    return durations


PART = Part(sections=("orders",), work_out=orders)
