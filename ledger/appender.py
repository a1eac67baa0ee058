"""From events to receipts: checked, encrypted and pre-encoded here, then decided and sealed by the log's sequencer."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec
from msgspec import UNSET, Struct

from ledger.database import Pool
from ledger.domain.catalogue import EVENTS
from ledger.domain.corrections import EventCorrected
from ledger.domain.payload import Payload, RuleKey
from ledger.entry import Draft, encode_canonical, read_entry
from ledger.errors import Fault, JejakError, Refused, SubjectErased
from ledger.intake import (
    Author,
    ClockedEventData,
    EventData,
    LogInfo,
    Read,
    compose,
    examine_event,
    marked_faults,
)
from ledger.judging import Receipt
from ledger.keys import HeldKeys, KeyRing
from ledger.personal import PersonalData, find_personal, may_be_personal, personal_values, take_erased
from ledger.sequencer import Sequencer
from ledger.store import statements
from ledger.tasks import Turns

YIELD_EVERY_EVENTS = 250
"""Events checked before other tasks get their turn."""
TURN_REQUESTS = 2
"""Requests whose drafting begins in one turn of the event loop. Those of many clients come at once: without turns a
commit that is under way would wait until all of them are drafted, and they would then wait for each of its steps."""
Answer = Receipt | JejakError


class Unsealed(Struct, frozen=True, gc=False):
    """A checked event whose decoded data holds † values in clear: what `compose` takes, but for the data's bytes."""

    event: EventData
    version: int
    keys: tuple[RuleKey, ...]
    personal: PersonalData


class Appender:
    """Appends to every log of a ledger. Owns one sequencer for each log written to."""

    def __init__(self, writers: Pool, keys: KeyRing, wake: Callable[[LogInfo, int], None]) -> None:
        """Take the writers' pool, the keys, and whom to tell a log's new size."""
        self._pool = writers
        self._keys = keys
        self._wake = wake
        self._sequencers: dict[int, Sequencer] = {}
        self._turns = Turns(TURN_REQUESTS)

    async def append(
        self,
        log: LogInfo,
        author: Author,
        events: Sequence[Read],
        *,
        dry_run: bool = False,
        refuse_repeats: bool = False,
        recordedtime: datetime | None = None,
    ) -> list[Receipt]:
        """Append events, all or none; return their receipts in order.

        Raises:
            Refused: every fault of every event; nothing was stored.
            Busy, OutcomeUnknown: see `Sequencer.append`.
        """
        await self._turns.take()
        drafts, faults = await self._drafts(log, author, events, keep_keys=not dry_run)
        if faults:
            raise Refused(tuple(faults))
        return await self._sequencer(log).append(
            drafts, dry_run=dry_run, refuse_repeats=refuse_repeats, recordedtime=recordedtime
        )

    async def append_each(
        self, log: LogInfo, author: Author, events: Sequence[Read], *, dry_run: bool = False
    ) -> list[Answer]:
        """Append events each on its own; return a receipt or what is wrong for each, in order.

        They are all drafted before any of them queues: encryption waits, and must not change their order.
        """
        await self._turns.take()
        drafted: list[Draft | Refused] = []
        for event in events:
            earlier = [draft for draft in drafted if isinstance(draft, Draft)] if _corrects(event) else []
            drafts, faults = await self._drafts(log, author, [event], earlier, keep_keys=not dry_run)
            drafted.append(Refused(tuple(faults)) if faults else drafts[0])
        sequencer = self._sequencer(log)

        async def one(event: Read, draft: Draft | Refused) -> Answer:
            if isinstance(draft, Refused):
                return draft
            recordedtime = event.recordedtime if isinstance(event, ClockedEventData) else None
            try:
                return (await sequencer.append([draft], dry_run=dry_run, recordedtime=recordedtime))[0]
            except JejakError as error:
                return error

        answers = await asyncio.gather(*map(one, events, drafted))
        return [_at(answer, index) for index, answer in enumerate(answers)]

    async def append_drafts(self, log: LogInfo, drafts: Sequence[Draft], *, dry_run: bool = False) -> list[Receipt]:
        """Append drafts that were made elsewhere, and hold no † field in clear. See `append`."""
        return await self._sequencer(log).append(drafts, dry_run=dry_run)

    async def close(self) -> None:
        """Answer what has queued, then stop every sequencer."""
        await asyncio.gather(*(sequencer.close() for sequencer in self._sequencers.values()))

    def _sequencer(self, log: LogInfo) -> Sequencer:
        sequencer = self._sequencers.get(log.log_id)
        if sequencer is None:
            sequencer = self._sequencers[log.log_id] = Sequencer(log, self._pool, self._wake)
        return sequencer

    async def _drafts(
        self,
        log: LogInfo,
        author: Author,
        events: Sequence[Read],
        earlier: Sequence[Draft] = (),
        *,
        keep_keys: bool = True,
    ) -> tuple[list[Draft], list[Fault]]:
        drafts: list[Draft] = []
        faults: list[Fault] = []
        held = self._keys.held(log)
        checked = deque(await _check_all(events, log, author))
        await self._keys.hold([one.personal for one in checked if isinstance(one, Unsealed)], held, keep=keep_keys)
        for index in range(len(checked)):
            if index % YIELD_EVERY_EVENTS == YIELD_EVERY_EVENTS - 1:
                await asyncio.sleep(0)
            one = checked.popleft()  # given up at once: it takes longer when all of them are, out of the cache
            try:
                if isinstance(one, Refused):
                    raise one
                draft = await self._sealed(log, author, one, held) if isinstance(one, Unsealed) else one
                if draft.type == EventCorrected.event_type:
                    event, there = cast("EventData", events[index]), (*earlier, *drafts)
                    draft = await self._sealed_correction(log, author, event, draft, there, held, keep_keys=keep_keys)
            except Refused as refused:
                faults += [fault.at(index) for fault in refused.faults]
            else:
                drafts.append(draft)
        return drafts, faults

    async def _sealed(self, log: LogInfo, author: Author, unsealed: Unsealed, held: HeldKeys) -> Draft:
        event, personal = unsealed.event, unsealed.personal
        try:
            held.seal(event.id, personal)
        except SubjectErased as erased:
            await self._take_erased(log, event.id, EVENTS[event.type], personal, "/data", erased)
        return compose(event, log, author, unsealed.version, encode_canonical(personal.data), unsealed.keys)

    async def _sealed_correction(
        self,
        log: LogInfo,
        author: Author,
        event: EventData,
        draft: Draft,
        earlier: Sequence[Draft],
        held: HeldKeys,
        *,
        keep_keys: bool,
    ) -> Draft:
        """Encrypt what a correction sets as its target's fields are: under the target's subject, type and id."""
        correction = draft.payload
        assert isinstance(correction, EventCorrected)  # noqa: S101 - narrows for the type checker
        if correction.set.data is UNSET:
            return draft
        pointer, target_id = "/data/set/data", correction.target_event_id
        shape, target = await self._target(log, target_id, earlier)
        data: Any = msgspec.json.decode(draft.data)
        patch = data["set"]["data"]
        faults = marked_faults(shape, patch, pointer)
        if faults:
            raise Refused(tuple(faults))
        merged = {**{name: value for name, value in target.items() if name.endswith("subject_id")}, **patch}
        personal = find_personal(shape, merged, {**target, **patch}, pointer)
        if personal is None:
            return draft
        await self._keys.hold([personal], held, keep=keep_keys)
        try:
            held.seal(target_id, personal)
        except SubjectErased as erased:
            await self._take_erased(log, draft.id, shape, personal, pointer, erased)
        data["set"]["data"] = {name: merged[name] for name in patch}
        return compose(event, log, author, draft.schema_version, encode_canonical(data), draft.keys)

    async def _take_erased(
        self,
        log: LogInfo,
        event_id: str,
        shape: type[Payload],
        personal: PersonalData,
        pointer: str,
        erased: SubjectErased,
    ) -> None:
        """Take the † values at `pointer` of an event that is there already from there: it is only sent again.

        Raises `erased` for one that is not: of somebody who is erased nothing new is taken, since an id is never used
        again, and no key is made anew.
        """
        row = await self._pool.fetchrow(statements("find_event"), log.log_id, event_id)
        if row is None:
            raise erased
        recorded: Any = msgspec.json.decode(read_entry(row["entry"]).data)
        for step in pointer.split("/")[2:]:
            recorded = recorded.get(step, {})
        take_erased(personal, personal_values(shape, recorded, frozenset()), erased.key_id)

    async def _target(
        self, log: LogInfo, event_id: str, earlier: Sequence[Draft]
    ) -> tuple[type[Payload], Mapping[str, Any]]:
        for draft in earlier:
            if draft.id == event_id:
                return EVENTS[draft.type], msgspec.json.decode(draft.data)
        row = await self._pool.fetchrow(statements("find_event"), log.log_id, event_id)
        if row is None:
            raise Refused((Fault("unknown-reference", "/data/target_event_id", "is no event of this log"),))
        recorded = read_entry(row["entry"])
        return EVENTS[recorded.type], msgspec.json.decode(recorded.data)


async def _check_all(events: Sequence[Read], log: LogInfo, author: Author) -> list[Draft | Unsealed | Refused]:
    """Check events; those that hold † values are not composed before these are encrypted."""
    checked: list[Draft | Unsealed | Refused] = []
    for index, event in enumerate(events):
        if index % YIELD_EVERY_EVENTS == YIELD_EVERY_EVENTS - 1:
            await asyncio.sleep(0)
        try:
            if isinstance(event, Refused):
                raise event
            checked.append(_checked(event, log, author))
        except Refused as refused:
            checked.append(refused)
    return checked


def _checked(event: EventData, log: LogInfo, author: Author) -> Draft | Unsealed:
    """Check an event. Raises Refused."""
    version, content, keys = examine_event(event, author)
    if may_be_personal(event.type):
        personal = find_personal(EVENTS[event.type], msgspec.json.decode(content))
        if personal is not None:
            return Unsealed(event, version, keys, personal)
    return compose(event, log, author, version, content, keys)


def _corrects(event: Read) -> bool:
    return isinstance(event, EventData) and event.type == EventCorrected.event_type


def _at(answer: Answer, index: int) -> Answer:
    """Let the faults of one of several events say which of them it is."""
    return Refused(tuple(fault.at(index) for fault in answer.faults)) if isinstance(answer, Refused) else answer
