"""Hard rules: what has no meaning on the timeline as it would be known after an append (domain.md 6).

A rule sees the known events of one stream that share a key (`Payload.rule_keys`), in recorded order. It refuses only
what no choice of instants within the events' [time, timelatest] makes possible.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.domain.fact import Fact
from ledger.domain.instants import parse_instant

IMPOSSIBLE = "timeline-impossible"


class Breach(Struct, frozen=True):
    """A broken hard rule: the code of the contract, where in the event, what is wrong, and which event is to blame."""

    code: str
    pointer: str
    detail: str
    event_id: str


Rule = Callable[[Sequence[Fact]], Breach | None]
Orders = Iterable[list[Fact]]


def only_one(what: str, pointer: str) -> Rule:
    """Return the rule that the events of a key stand at most once."""

    def rule(facts: Sequence[Fact]) -> Breach | None:
        if len(facts) > 1:
            return Breach("invalid-event", pointer, f"{what} is there already, by event {facts[0].id}", facts[-1].id)
        return None

    return rule


def plausible_orders(facts: Sequence[Fact]) -> Orders:
    """Yield the orders in which imprecise events may have happened: by first, by last and by recorded instant."""
    yield sorted(facts, key=lambda fact: (fact.time, fact.sequence))
    yield sorted(facts, key=lambda fact: (fact.latest, fact.sequence))
    yield sorted(facts, key=lambda fact: ((fact.latest if fact.payload.ends else fact.time), fact.sequence))
    recorded = sorted(facts, key=lambda fact: fact.sequence)
    if all(earlier.time <= later.latest for i, earlier in enumerate(recorded) for later in recorded[i + 1 :]):
        yield recorded


def judge_life(
    begin: Fact | None, amendments: Sequence[Fact], ends: Sequence[Fact], code: str, pointer: str
) -> Breach | None:
    """Judge one life that begins, is amended, and ends once: whatever amends or ends it must find it alive."""
    for fact in (*amendments, *ends):
        if begin is None:
            return Breach(code, pointer, "it never began, or its beginning was voided", fact.id)
        if fact.latest < begin.time:
            detail = f"it ends or changes what begins only later, by event {begin.id}"
            return Breach(IMPOSSIBLE, "/time", detail, fact.id)
    if len(ends) > 1:
        return Breach(code, pointer, f"it has ended already, by event {ends[0].id}", ends[-1].id)
    for fact in amendments:
        if ends and fact.time > ends[0].latest:
            return Breach(code, pointer, f"it has ended already, by event {ends[0].id}", fact.id)
    return None


def judge_expiry(
    end_at: str | None, changes: Sequence[tuple[Fact, str | None, bool]], code: str, pointer: str
) -> Breach | None:
    """Judge that nothing changes or ends what has surely expired.

    `changes` are (event, new end_at, whether it sets one), in valid order.
    """
    until: datetime | None = None if end_at is None else parse_instant(end_at)
    for fact, new_end, sets in changes:
        if until is not None and fact.time > until:
            return Breach(code, pointer, f"it expired on {until.isoformat()}", fact.id)
        if sets:
            until = None if new_end is None else parse_instant(new_end)
    return None
