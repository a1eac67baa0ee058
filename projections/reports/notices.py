"""Notices of a period: what came of their items, and how long they waited (R1, R4; Q10, Q11)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from ledger.domain.takedown import Item, TakedownCase
from ledger.domain.takedown_events import TAKEDOWN, NoticeFoundAbusive
from projections.inquiry import Known
from projections.metrics.takedown_times import PROMISE, Wait, share_within, time_to_action, wait_of
from projections.notifiers.tally import Tally
from projections.reports.groups import Said, groups
from projections.reports.report import Asked, Part, Row, Sections
from projections.window import Window

FULLY_AUTOMATED = "AUTOMATED_DECISION_FULLY"
SMALL = frozenset({"MICRO", "SMALL", "MEDIUM"})
"""Size classes that make a small or medium firm (domain.md 5)."""


class Noticed(Struct, frozen=True, kw_only=True):
    """One item of a notice, and how long it waited; `log` is where it was received."""

    log: str
    item: Item
    wait: Wait


def _firm(noticed: Noticed) -> str | None:
    size = noticed.item.notifier_size_class
    return "SME" if size in SMALL else None if size == "UNKNOWN" else size


ATTRIBUTES: Mapping[str, Callable[[Noticed], Said]] = {
    "log": lambda one: one.log,
    "firm": _firm,
    "size_class": lambda one: one.item.notifier_size_class,
    "tier": lambda one: one.item.notifier_tier,
    "priority": lambda one: one.item.priority,
    "regime": lambda one: one.item.regime,
    "channel": lambda one: one.item.channel,
    "ip_right_type": lambda one: one.item.ip_right_type,
}
"""By what notices are told apart; all are those of the time of the notice (domain.md D17)."""
FILTERS = {
    "priority": "notices of this priority alone: COUNTERFEIT, SAFETY, OTHER (section notices)",
    "regime": "notices under this regime alone (section notices)",
}


async def notices(asked: Asked) -> Sections:
    """Return the notices, all of them and by each attribute, and what was found abusive among them."""
    as_of = asked.inquiry.moment.as_of
    cohort: list[Noticed] = []
    abuses: Counter[tuple[str, str | None]] = Counter()
    async for known in asked.inquiry.streams(TAKEDOWN):
        abuses.update(_abuses(known, asked.period))
        state = known.state()
        if isinstance(state, TakedownCase):
            waits = [(item, wait_of(item, as_of)) for item in state.items.values()]
            cohort += [
                Noticed(log=known.log.slug, item=item, wait=wait)
                for item, wait in waits
                if wait is not None and _is_asked(item, wait, asked)
            ]
    return {
        "notices": [_row(group.by, group.value, group.members, asked) for group in groups(cohort, ATTRIBUTES)],
        "abusive_notices": [
            {"finding": finding, "measure": measure, "notices": count}
            for (finding, measure), count in sorted(abuses.items(), key=str)
        ],
    }


def _is_asked(item: Item, wait: Wait, asked: Asked) -> bool:
    """Tell whether an item passes the parameters, and came or was due in the period."""
    in_period = asked.period.holds(wait.begun) or asked.period.holds(wait.due(PROMISE))
    return in_period and all(asked.wants(name, getattr(item, name)) for name in FILTERS)


def _abuses(known: Known, period: Window) -> Iterator[tuple[str, str | None]]:
    """Yield finding and measure of each notice that was found abusive in a period (DSA article 23(2))."""
    for fact in known.happened():
        if isinstance(fact.payload, NoticeFoundAbusive) and period.holds(fact.time):
            yield fact.payload.finding, fact.payload.measure


def _row(by: str, value: str, members: Sequence[Noticed], asked: Asked) -> Row:
    as_of, period = asked.inquiry.moment.as_of, asked.period
    received = [one for one in members if period.holds(one.wait.begun)]
    waits = [one.wait for one in received]
    return {
        "by": by,
        "value": value,
        **_outcomes(received),
        "time_to_action": time_to_action(waits, as_of).describe("hours"),
        "time_to_action_unpaused": time_to_action(waits, as_of, unpaused=True).describe("hours"),
        "share_within_24_hours": share_within([one.wait for one in members], PROMISE, period, as_of).describe(),
    }


def _outcomes(received: Sequence[Noticed]) -> Row:
    tally = Tally()
    for one in received:
        tally.add(one.item)
    rates = tally.rates()
    return {
        "items": tally.submitted,
        **{name: tally.results[name] for name in ("actioned", "declined", "rejected", "withdrawn")},
        "n_open": tally.results["open"],
        "fully_automated": sum(one.item.automated_decision == FULLY_AUTOMATED for one in received),
        "reversed": tally.reversed,
        **{name: rate.describe() for name, rate in rates.items()},
    }


PART = Part(sections=("notices", "abusive_notices"), work_out=notices)
