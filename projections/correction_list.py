"""The list of corrections and voids: what each changed of what was known, why, and who approved it (domain.md 11).

All that are known are listed, also those recorded after `as_of`: they change what is known of any date. Values of †
members stay ciphertext here, as in an entry; who answers masks them.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from ledger.domain.catalogue import STREAMS, read_payload
from ledger.domain.corrections import CorrectionSet, EventCorrected, EventVoided
from ledger.domain.fact import Fact, known
from ledger.domain.instants import format_instant
from ledger.domain.json_values import is_object
from ledger.domain.payload import DecisionPayload
from projections.derived import Derivation, Item, Narrowing, of_streams
from projections.inquiry import Inquiry, Known

ENVELOPE = ("time", "timelatest", "timeprecision", "timezone")
"""The envelope attributes that a correction may set."""


async def correction_items(inquiry: Inquiry, narrowing: Narrowing) -> AsyncIterator[Item]:
    """Yield every correction and void, in order of log, stream and position."""
    async for item in of_streams(inquiry, narrowing, STREAMS, corrections_in):
        yield item


def corrections_in(stream: Known) -> Iterator[Item]:
    """Yield the corrections and voids of one stream, in recorded order."""
    histories: dict[str, list[Fact]] = {}
    for fact in stream.recorded:
        payload = fact.payload
        if not isinstance(payload, EventCorrected | EventVoided):
            histories[fact.id] = [fact]
            continue
        history = histories.get(payload.target_event_id, [])
        before = _last_known(history)
        history.append(fact)
        yield Item(
            log_id=stream.log.log_id,
            subject=stream.subject,
            key=f"{fact.position:020}",
            item=_describe(fact, payload, before, _last_known(history)),
        )


def _last_known(history: Sequence[Fact]) -> Fact | None:
    """Return what an event and its corrections so far let one know of it; None once it is void, or without it."""
    return next(iter(known(history, read_payload)), None)


def _describe(
    fact: Fact, payload: EventCorrected | EventVoided, before: Fact | None, after: Fact | None
) -> dict[str, Any]:
    """Return a correction as JSON values. `before` and `after` are null where nothing is known of the event."""
    change = payload.set if isinstance(payload, EventCorrected) else None
    return {
        "id": fact.id,
        "kind": "VOID" if change is None else "CORRECTION",
        "target": payload.target_event_id,
        "target_type": None if before is None else before.type,
        "decision": None if before is None else isinstance(before.payload, DecisionPayload),
        "reason": payload.reason_code,
        "approved_by": payload.approved_by,
        "source": payload.source,
        "recordedtime": format_instant(fact.recordedtime),
        "position": fact.position,
        "before": None if before is None else shown(before, change),
        "after": None if after is None else shown(after, change),
    }


def shown(fact: Fact, change: CorrectionSet | None) -> dict[str, Any]:
    """Return of an event what a correction sets: envelope attributes, and those members of the data. None: all of it.

    A member that is not there is null, as in the JSON Merge Patch that removes it.
    """
    data = msgspec.json.decode(fact.data)
    whole = {
        "time": format_instant(fact.time),
        "timelatest": None if fact.timelatest is None else format_instant(fact.timelatest),
        "timeprecision": fact.precision,
        "timezone": fact.timezone,
    }
    if change is None:
        return {**whole, "data": data}
    part: dict[str, Any] = {name: whole[name] for name in ENVELOPE if getattr(change, name) is not UNSET}
    return part if change.data is UNSET else {**part, "data": _of_patch(data, change.data)}


def _of_patch(data: object, patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of `data` that a merge patch speaks of, object by object."""
    held = data if is_object(data) else {}
    return {
        name: _of_patch(held.get(name), value) if is_object(value) and is_object(held.get(name)) else held.get(name)
        for name, value in patch.items()
    }


DERIVATION = Derivation(name="corrections", filters=("target", "reason", "kind"), items=correction_items)
