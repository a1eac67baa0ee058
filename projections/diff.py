"""What is different between two moments, and which events made it so: two folds side by side, stream by stream.

The moments are of the same logs. An event is a cause of a difference where one moment counts it and the other does not,
or counts it with other content (domain.md 2.3, 2.4). A difference without any cause is made by time alone: what lasts
until a date, say, is over at the later of the two.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ledger.domain.catalogue import kind_of, read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Fact, known
from ledger.domain.instants import format_instant
from ledger.entry import encode_canonical
from ledger.store import Reader
from projections.moment import LogAt, Moment
from projections.replay import Manifest, Stream, item_of, read_by_subject, recorded_by, state_at
from projections.timeline import lateness_of

Cause: TypeAlias = Literal["HAPPENED", "RECORDED", "CORRECTED", "VOIDED"]
"""Why an event counts at one moment and not, or otherwise, at the other.

It took effect between the two dates; it was recorded between what was known at the one and at the other; or a
correction or a void was.
"""
Item: TypeAlias = dict[str, Any]
Watch: TypeAlias = Callable[[AsyncIterator[Stream]], AsyncIterator[Stream]]


class Side(Struct, frozen=True, kw_only=True):
    """One stream at one moment: what was recorded by then, what of it counts, by id, and the state it comes to."""

    moment: Moment
    recorded: Mapping[str, Fact]
    counting: Mapping[str, Fact]
    state: Item | None

    def when(self, fact: Fact) -> str:
        """Return from when a fact counts at this moment."""
        return format_instant(fact.when(self.moment.certainty, self.moment.basis))


def unwatched(streams: AsyncIterator[Stream]) -> AsyncIterator[Stream]:
    """Return streams as they are."""
    return streams


async def differences(
    reader: Reader,
    before: Moment,
    after: Moment,
    manifest: Manifest,
    prefix: str = "",
    watch: Watch = unwatched,
) -> AsyncIterator[Item]:
    """Yield every stream that differs, log by log, in order of subject; `manifest` counts them in as they pass.

    `watch` is given the streams that are read, of each log, and returns them.
    """
    for first, second in zip(before.logs, after.logs, strict=True):
        streams = watch(read_by_subject(reader, first.log, max(first.size, second.size), prefix))
        async for subject, facts in streams:
            item = difference((first, before), (second, after), subject, facts)
            if item is not None:
                manifest.add(encode_canonical(item) + b"\n", len(facts))
                yield item


def difference(
    first: tuple[LogAt, Moment], second: tuple[LogAt, Moment], subject: str, facts: Sequence[Fact]
) -> Item | None:
    """Return how a stream of one log differs between two moments; None where it does not.

    `before` and `after` are the members of its state that differ, or null where it was not there; `events` the causes.
    """
    if _is_same_question(first, second, facts):
        return None
    one, other = _side(*first, facts), _side(*second, facts)
    if one.state == other.state:
        return None
    return {
        "log": first[0].log.slug,
        "kind": kind_of(subject),
        "subject": subject,
        "before": _differing(one.state, other.state),
        "after": _differing(other.state, one.state),
        "events": causes(one, other),
    }


def _is_same_question(first: tuple[LogAt, Moment], second: tuple[LogAt, Moment], facts: Sequence[Fact]) -> bool:
    """Tell whether two moments can only agree on a stream: of most streams nothing was recorded between them."""
    (at, before), (also_at, after) = first, second
    asked = (before.as_of, before.certainty, before.basis)
    if asked != (after.as_of, after.certainty, after.basis):
        return False
    if before.basis == "SOURCE" and before.known_at != after.known_at:
        return False
    return all((fact.position < at.size) == (fact.position < also_at.size) for fact in facts)


def _side(at: LogAt, moment: Moment, facts: Sequence[Fact]) -> Side:
    below = [fact for fact in facts if fact.position < at.size]
    state = state_at(below, moment)
    recorded = recorded_by(below, moment)
    counting = [
        fact for fact in known(recorded, read_payload) if fact.when(moment.certainty, moment.basis) <= moment.as_of
    ]
    subject = facts[0].originator_id
    return Side(
        moment=moment,
        recorded={fact.id: fact for fact in recorded},
        counting={fact.id: fact for fact in counting},
        state=None if state is None else item_of(at.log, subject, state, moment)["state"],
    )


def _differing(state: Item | None, other: Item | None) -> Item | None:
    """Return the members of a state that the other has not, or has otherwise; all of them where there is no other."""
    if state is None or other is None:
        return state
    return {name: value for name, value in state.items() if name not in other or other[name] != value}


def causes(before: Side, after: Side) -> list[Item]:
    """Return the events that count at one moment and not, or otherwise, at the other, in order of position."""
    ids = before.counting.keys() | after.counting.keys()
    changed = [
        _describe(before, after, event_id)
        for event_id in ids
        if before.counting.get(event_id) != after.counting.get(event_id)
    ]
    return sorted(changed, key=lambda item: item["position"])


def _describe(before: Side, after: Side, event_id: str) -> Item:
    """Return a cause as JSON values. `late`: it had taken effect by the earlier date, and was recorded between."""
    side = after if event_id in after.counting else before
    fact = side.counting[event_id]
    lateness = lateness_of(fact)
    changes = _changes_between(before, after, event_id)
    cause = _cause(before, after, event_id, changes)
    earlier = min(before.moment.as_of, after.moment.as_of)
    return {
        "id": fact.id,
        "type": fact.type,
        "cause": cause,
        "at": side.when(fact),
        "recordedtime": format_instant(fact.recordedtime),
        "position": fact.position,
        "lateness_seconds": None if lateness is None else int(lateness.total_seconds()),
        "late": cause == "RECORDED" and fact.when(side.moment.certainty, side.moment.basis) <= earlier,
        "corrections": [_describe_change(change) for change in changes],
    }


def _cause(before: Side, after: Side, event_id: str, changes: Sequence[Fact]) -> Cause:
    """Return why an event counts otherwise. What was unknown at one of the moments is there only recorded."""
    if event_id not in before.recorded or event_id not in after.recorded:
        return "RECORDED"
    if any(isinstance(change.payload, EventVoided) for change in changes):
        return "VOIDED"
    return "CORRECTED" if changes else "HAPPENED"


def _changes_between(before: Side, after: Side, event_id: str) -> list[Fact]:
    """Return the corrections and voids of an event that only one of the moments knows, by position."""
    ids = before.recorded.keys() ^ after.recorded.keys()
    facts = [before.recorded.get(one) or after.recorded[one] for one in ids]
    changes = [fact for fact in facts if _target_of(fact) == event_id]
    return sorted(changes, key=lambda fact: fact.position)


def _target_of(fact: Fact) -> str | None:
    payload = fact.payload
    return payload.target_event_id if isinstance(payload, EventCorrected | EventVoided) else None


def _describe_change(fact: Fact) -> Item:
    payload = fact.payload
    assert isinstance(payload, EventCorrected | EventVoided)  # noqa: S101 - narrows for the type checker
    return {
        "id": fact.id,
        "type": fact.type,
        "target": payload.target_event_id,
        "reason": payload.reason_code,
        "source": payload.source,
        "approved_by": payload.approved_by,
        "recordedtime": format_instant(fact.recordedtime),
        "position": fact.position,
    }
