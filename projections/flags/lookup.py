"""Reads what rules need beside the streams they look at, once for many of them, as known at the question's moment."""

from collections.abc import Iterable

from ledger.domain.fact import Fact
from ledger.domain.order_events import ORDER, OrderReceived
from projections.completeness.acknowledgement import Receipt
from projections.completeness.listing import read_submissions
from projections.completeness.notices import logs_of, read_receipts
from projections.deadlines.listing import Law, law_of
from projections.flags.rule import Needs, Submission, Surroundings
from projections.inquiry import REGISTER, Inquiry, Known


class Lookup:
    """What was read for the rules of one question. Kinds and laws are read once for a log, and kept."""

    def __init__(self, inquiry: Inquiry) -> None:
        """Take the question."""
        self._inquiry = inquiry
        self._registers = [at.log.log_id for at in inquiry.moment.logs if at.log.kind == REGISTER]
        self._kinds: dict[tuple[str, int], list[Known]] = {}
        self._receipts: dict[str, list[Receipt]] | None = None
        self._laws: dict[int, Law] = {}
        self._submissions: dict[int, dict[str, Submission]] = {}

    async def surroundings(self, log_id: int, needs: Needs) -> Surroundings:
        """Return what is needed of the events of a log."""
        none = Surroundings()
        return Surroundings(
            definitions=await self._definitions(log_id, needs.references),
            kinds={kind: await self._kind(kind, log_id) for kind in needs.kinds},
            events=await self._events(log_id, needs.events),
            receipts=await self._all_receipts() if needs.receipts else {},
            places={platform: await logs_of(self._inquiry, platform) for platform in needs.platforms},
            law=await self._law(log_id) if needs.law else none.law,
            submissions=await self._closed(log_id) if needs.submissions else {},
        )

    async def _definitions(self, log_id: int, references: Iterable[str]) -> dict[str, list[Known]]:
        named = set(references)
        await self._inquiry.resolve(log_id, named)
        places = list(dict.fromkeys((log_id, *self._registers)))
        return {
            reference: [found for place in places if (found := self._inquiry.find(place, reference)) is not None]
            for reference in named
        }

    async def _kind(self, kind: str, log_id: int) -> list[Known]:
        if (kind, log_id) not in self._kinds:
            self._kinds[kind, log_id] = await self._inquiry.all_of(kind, log_id)
        return self._kinds[kind, log_id]

    async def _all_receipts(self) -> dict[str, list[Receipt]]:
        """Return the receipts of notices by the notice, and those of orders by the order, of every log to be read."""
        if self._receipts is None:
            self._receipts = await read_receipts(self._inquiry)
            async for order in self._inquiry.streams(ORDER, logs=self._inquiry.moment.logs):
                for fact in order.happened():
                    if isinstance(fact.payload, OrderReceived):
                        receipt = Receipt(log_id=order.log.log_id, fact=fact)
                        self._receipts.setdefault(order.subject, []).append(receipt)
        return self._receipts

    async def _closed(self, log_id: int) -> dict[str, Submission]:
        """Return what every closed period of a log comes to."""
        if log_id not in self._submissions:
            self._submissions[log_id] = await self._read_closed(log_id)
        return self._submissions[log_id]

    async def _read_closed(self, log_id: int) -> dict[str, Submission]:
        found = await read_submissions(self._inquiry, self._inquiry.log_at(log_id))
        return {
            closed.fact.id: Submission(totals=found.totals[closed.fact.id], missing=found.missing(closed))
            for closed in found.closings
        }

    async def _law(self, log_id: int) -> Law:
        if log_id not in self._laws:
            self._laws[log_id] = await law_of(self._inquiry, log_id)
        return self._laws[log_id]

    async def _events(self, log_id: int, event_ids: Iterable[str]) -> dict[str, Fact]:
        """Return events by id, as known: the log's own, else those of another log that may be read."""
        missing = set(event_ids)
        found: dict[str, Fact] = {}
        others = [at.log.log_id for at in self._inquiry.moment.logs if at.log.log_id != log_id]
        for place in (log_id, *others):
            subjects = await self._inquiry.locate(place, missing)
            await self._inquiry.load((place, subject) for subject in set(subjects.values()))
            for event_id, subject in subjects.items():
                stream = self._inquiry.find(place, subject)
                known = {fact.id: fact for fact in stream.facts} if stream is not None else {}
                if event_id in known:
                    found[event_id] = known[event_id]
            missing -= subjects.keys()
        return found
