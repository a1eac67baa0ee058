"""What differs between an answer as it was known at two dates, and which events made it so.

Pure. Both answers are of the same date of validity, so that an event makes a difference by being recorded between the
two dates of knowledge: an event that came late (RECORDED), a correction (CORRECTED) or a void (VOIDED), in the words of
`projections.diff`. It is one of the item's own subject, or of one that the item names and was worked out from: a
breach's policy and seller, say.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from api.pages.values import subjects_in

Item: TypeAlias = dict[str, Any]
Difference: TypeAlias = Literal["NONE", "ONLY_HERE", "ONLY_THERE", "OTHERWISE"]
"""HERE is what is known at the page's own date of knowledge, THERE what is known at the one it is compared with."""
Cause: TypeAlias = Literal["RECORDED", "CORRECTED", "VOIDED"]
CHANGES: dict[str, Cause] = {"EventCorrected": "CORRECTED", "EventVoided": "VOIDED"}
COUNTERS = frozenset({"version"})
"""Members that count events, and so differ where nothing does that they tell of."""
EVENTS_SHOWN = 8
"""Events shown as the causes of one difference; the link leads to all of them."""
LISTING, PLATFORM = "listing", "platform"
PARTS: Mapping[str, str] = {"rule": "rule_id", "restriction_id": "restriction_id"}
"""Members by which an item says of which part of a stream it tells, and what an event of that part calls the same."""


class Made(Struct, frozen=True, kw_only=True):
    """An event that made a difference: why it counts otherwise, itself, and of which event it changed the record."""

    cause: Cause
    event: Item
    target: str | None
    reason: str | None


class Row(Struct, frozen=True, kw_only=True):
    """One item of a list, here or else there, what differs, and the events that made the difference."""

    item: Item
    other: Item | None = None
    difference: Difference = "NONE"
    changed: tuple[str, ...] = ()
    causes: tuple[Made, ...] = ()


def compare(here: Sequence[Item], there: Sequence[Item], identity: Sequence[str]) -> list[Row]:
    """Return the items of both, those here in their order, then those that are only there.

    Items are the same where log, subject and the members of `identity` are; of several the first is the first.
    """
    left: dict[str, list[Item]] = {}
    for item in there:
        left.setdefault(_name(item, identity), []).append(item)
    rows = [_row(item, left.get(_name(item, identity), [])) for item in here]
    rest = [item for items in left.values() for item in items]
    return [*rows, *(Row(item=item, difference="ONLY_THERE") for item in rest)]


def _name(item: Item, identity: Sequence[str]) -> str:
    return repr([item.get(name) for name in ("log", "subject", *identity)])


def _row(item: Item, others: list[Item]) -> Row:
    if not others:
        return Row(item=item, difference="ONLY_HERE")
    other = others.pop(0)
    names = dict.fromkeys((*item, *other))
    changed = tuple(name for name in names if name not in COUNTERS and item.get(name) != other.get(name))
    return Row(item=item, other=other, difference="OTHERWISE" if changed else "NONE", changed=changed)


def sources_of(rows: Iterable[Row]) -> list[str]:
    """Return the subjects from which the rows that differ were worked out, each once."""
    return list(dict.fromkeys(name for row in rows if row.difference != "NONE" for name in _sources(row)))


def _sources(row: Row) -> list[str]:
    """Return a row's subject, those that it names, and the platform whose services show or hide a listing."""
    kind, _, rest = str(row.item["subject"]).partition(":")
    platform = [f"{PLATFORM}:{rest.partition(':')[0]}"] if kind == LISTING else []
    return [*subjects_in([row.item["subject"], row.item, row.other]), *platform]


def targets_of(recorded: Iterable[Item]) -> list[tuple[str, str]]:
    """Return log and id of the events whose record was changed by these, each once."""
    changes = [event for event in recorded if event["type"] in CHANGES]
    return list(dict.fromkeys((event["log"], event["data"]["target_event_id"]) for event in changes))


def explain(rows: Iterable[Row], recorded: Sequence[Item], targets: Mapping[str, Item], as_of: str) -> list[Row]:
    """Return rows with the causes of what differs; `recorded` are the events between the dates of knowledge.

    `targets` are, by id, the events whose record they changed, as far as they are seen. What took effect after `as_of`
    (an instant in UTC, as the API writes them) counts at neither date.
    """
    made = [_made(event) for event in recorded if event["type"] in CHANGES or event["time"] <= as_of]
    return [_explained(row, made, targets) if row.difference != "NONE" else row for row in rows]


def _explained(row: Row, made: Sequence[Made], targets: Mapping[str, Item]) -> Row:
    """Return a row with its causes, those of its own subject first."""
    order = {name: place for place, name in enumerate(_sources(row))}
    about = [one for one in made if one.event["subject"] in order]
    found = [one for one in about if _tells_of(row.item, targets.get(one.target or "", one.event))]
    found.sort(key=lambda one: order[one.event["subject"]])
    return Row(
        item=row.item,
        other=row.other,
        difference=row.difference,
        changed=row.changed,
        causes=tuple(found[:EVENTS_SHOWN]),
    )


def _tells_of(item: Item, event: Item) -> bool:
    """Tell whether an event is of the part of its stream that an item tells of: of this rule and no other, say."""
    said = [(item[name], event["data"][part]) for name, part in PARTS.items() if name in item and part in event["data"]]
    return all(held == told for held, told in said)


def _made(event: Item) -> Made:
    data = event["data"]
    changes = event["type"] in CHANGES
    return Made(
        cause=CHANGES.get(event["type"], "RECORDED"),
        event=event,
        target=data["target_event_id"] if changes else None,
        reason=data.get("reason_code") if changes else None,
    )
