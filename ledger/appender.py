"""From events to receipts: checked, encrypted and pre-encoded here, then decided and sealed by the log's sequencer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from ledger.database import Pool
from ledger.domain.catalogue import EVENTS, decode_payload
from ledger.domain.corrections import EventCorrected
from ledger.domain.payload import Payload
from ledger.entry import Draft, encode_canonical, read_entry
from ledger.errors import Fault, Refused
from ledger.intake import Author, EventData, LogInfo, check_event, compose
from ledger.judging import Receipt
from ledger.keys import KeyRing, personal_members
from ledger.sequencer import Sequencer
from ledger.store import statements

YIELD_EVERY_EVENTS = 250
"""Events checked before other tasks get their turn."""
Answer = Receipt | Refused
_PERSONAL = {name: bool(personal_members(shape)) for name, shape in EVENTS.items()}


class Appender:
    """Appends to every log of a ledger. Owns one sequencer for each log written to."""

    def __init__(self, writers: Pool, keys: KeyRing, wake: Callable[[LogInfo, int], None]) -> None:
        """Take the writers' pool, the keys, and whom to tell a log's new size."""
        self._pool = writers
        self._keys = keys
        self._wake = wake
        self._sequencers: dict[int, Sequencer] = {}

    async def append(
        self,
        log: LogInfo,
        author: Author,
        events: Sequence[EventData],
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
        drafts, faults = await self._drafts(log, author, events)
        if faults:
            raise Refused(tuple(faults))
        return await self._sequencer(log).append(
            drafts, dry_run=dry_run, refuse_repeats=refuse_repeats, recordedtime=recordedtime
        )

    async def append_each(
        self,
        log: LogInfo,
        author: Author,
        events: Sequence[EventData],
        *,
        dry_run: bool = False,
        recordedtime: datetime | None = None,
    ) -> list[Answer]:
        """Append events each on its own; return a receipt or what is wrong for each, in order."""
        sequencer = self._sequencer(log)

        async def one(event: EventData) -> Answer:
            try:
                drafts, faults = await self._drafts(log, author, [event])
                if faults:
                    return Refused(tuple(faults))
                return (await sequencer.append(drafts, dry_run=dry_run, recordedtime=recordedtime))[0]
            except Refused as refused:
                return refused

        answers = await asyncio.gather(*(one(event) for event in events), return_exceptions=True)
        results: list[Answer] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            results.append(answer)
        return results

    async def close(self) -> None:
        """Answer what has queued, then stop every sequencer."""
        await asyncio.gather(*(sequencer.close() for sequencer in self._sequencers.values()))

    def _sequencer(self, log: LogInfo) -> Sequencer:
        sequencer = self._sequencers.get(log.log_id)
        if sequencer is None:
            sequencer = self._sequencers[log.log_id] = Sequencer(log, self._pool, self._wake)
        return sequencer

    async def _drafts(
        self, log: LogInfo, author: Author, events: Sequence[EventData]
    ) -> tuple[list[Draft], list[Fault]]:
        drafts: list[Draft] = []
        faults: list[Fault] = []
        for index, event in enumerate(events):
            if index % YIELD_EVERY_EVENTS == YIELD_EVERY_EVENTS - 1:
                await asyncio.sleep(0)
            try:
                draft = check_event(event, log, author)
                if _PERSONAL[event.type]:
                    draft = await self._encrypted(log, author, event, draft)
                elif isinstance(draft.payload, EventCorrected) and draft.payload.set.data is not UNSET:
                    draft = await self._encrypted_correction(log, author, event, draft, drafts)
            except Refused as refused:
                faults += [fault.at(index) for fault in refused.faults]
            else:
                drafts.append(draft)
        return drafts, faults

    async def _encrypted(self, log: LogInfo, author: Author, event: EventData, draft: Draft) -> Draft:
        data: Any = msgspec.json.decode(draft.data)
        if not await self._keys.encrypt(log, draft.id, type(draft.payload), data, "/data"):
            return draft
        sealed = encode_canonical(data)
        payload = decode_payload(draft.type, draft.schema_version, sealed)
        return compose(event, log, author, payload, draft.schema_version, sealed)

    async def _encrypted_correction(
        self, log: LogInfo, author: Author, event: EventData, draft: Draft, earlier: Sequence[Draft]
    ) -> Draft:
        """Encrypt what a correction sets as its target's fields are: under the target's subject, type and id."""
        correction = draft.payload
        assert isinstance(correction, EventCorrected)  # noqa: S101 - narrows for the type checker
        shape, target = await self._target(log, correction.target_event_id, earlier)
        data: Any = msgspec.json.decode(draft.data)
        patch = data["set"]["data"]
        fields = {name: value for name, value in target.items() if name.endswith("subject_id")}
        merged = {**fields, **patch}
        if not await self._keys.encrypt(log, correction.target_event_id, shape, merged, "/data/set/data"):
            return draft
        data["set"]["data"] = {name: merged[name] for name in patch}
        sealed = encode_canonical(data)
        payload = decode_payload(draft.type, draft.schema_version, sealed)
        return compose(event, log, author, payload, draft.schema_version, sealed)

    async def _target(
        self, log: LogInfo, event_id: str, earlier: Sequence[Draft]
    ) -> tuple[type[Payload], Mapping[str, Any]]:
        for draft in earlier:
            if draft.id == event_id:
                return type(draft.payload), msgspec.json.decode(draft.data)
        row = await self._pool.fetchrow(statements("find_event"), log.log_id, event_id)
        if row is None:
            raise Refused((Fault("unknown-reference", "/data/target_event_id", "is no event of this log"),))
        recorded = read_entry(row["entry"])
        return EVENTS[recorded.type], msgspec.json.decode(recorded.data)
