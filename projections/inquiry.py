"""A question that is answered from the facts themselves, at query time: what is known, at its moment, of any stream.

Deadlines, flags, breaches and whatever else joins streams (of other logs, too) are worked out here and not kept
(design.md, Time): each log is read at its own size, so that the same sizes give the same answer.

A question is *about* the logs that were asked, and *consults* others: a reference to another stream resolves in the
event's own log, then in logs of kind REGISTER (laws, calendars, taxonomies, agreements that several share).
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from ledger.database import Pool
from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.fact import Fact, known
from ledger.domain.stream import State
from ledger.errors import Fault, Refused
from ledger.intake import LogInfo
from ledger.keys import KeyRing, Sealed
from ledger.store import StoredEntry, read_entries, read_streams
from projections.moment import LogAt, Moment
from projections.replay import read_by_subject, statements

FOLD_MAX_EVENTS = 1_000_000
"""Events that one question reads at most; beyond, it has to be narrowed."""
LOOK_UP_MAX = 500
"""Streams looked up in one statement."""
HELD_MAX_EVENTS = 75_000
"""Events of looked-up streams that are kept in memory; those not asked for longest go first."""
REGISTER = "REGISTER"


class Known(Struct, frozen=True, kw_only=True):
    """One stream of one log, as known at a question's moment. Never empty.

    `recorded` are its events as recorded, corrections among them; `facts` what they let one know: corrected, without
    the voided. Both are in recorded order, and not cut at `as_of`.
    """

    log: LogInfo
    subject: str
    recorded: Sequence[Fact]
    facts: Sequence[Fact]
    moment: Moment

    def happened(self, as_of: datetime | None = None) -> list[Fact]:
        """Return the facts that count at `as_of` (default: the moment's), in recorded order."""
        limit = as_of or self.moment.as_of
        return [fact for fact in self.facts if self.when(fact) <= limit]

    def when(self, fact: Fact) -> datetime:
        """Return the instant from which a fact counts, by the moment's certainty and basis."""
        return fact.when(self.moment.certainty, self.moment.basis)

    def state(self, as_of: datetime | None = None) -> State | None:
        """Return the stream's state at `as_of` (default: the moment's); None while nothing has happened."""
        stream = STREAMS[kind_of(self.subject)]
        return stream.fold(self.facts, as_of or self.moment.as_of, self.moment.certainty, self.moment.basis)


class Inquiry:
    """A question at a moment. Make one for each request; it reads what is committed below the moment's sizes."""

    def __init__(self, pool: Pool, moment: Moment, asked: Iterable[str], keys: KeyRing | None = None) -> None:
        """Take the moment, over every log that is consulted, and the slugs of those that are asked.

        `keys` are those by which encrypted identifiers are compared; without, none matches another.
        """
        slugs = set(asked)
        self.moment = moment
        logs = sorted(moment.logs, key=lambda at: at.log.log_id)
        self.asked: tuple[LogAt, ...] = tuple(at for at in logs if at.log.slug in slugs)
        self._pool = pool
        self._keys = keys
        self._registers = tuple(at for at in logs if at.log.kind == REGISTER)
        self._at = {at.log.log_id: at for at in moment.logs}
        self._held: OrderedDict[tuple[int, str], Known | None] = OrderedDict()
        self._held_events = 0
        self._read = 0
        self.page_events: int | None = None
        self.paused: tuple[int, str] | None = None

    def log_at(self, log_id: int) -> LogAt:
        """Return a log of the question. Raises KeyError."""
        return self._at[log_id]

    async def streams(
        self,
        kinds: Iterable[str],
        *,
        logs: Sequence[LogAt] | None = None,
        subjects: Sequence[str] | None = None,
        prefixes: Sequence[str] | None = None,
        start: tuple[int, str] = (0, ""),
        pausing: bool = False,
    ) -> AsyncIterator[Known]:
        """Yield every stream of these kinds in order of log_id and subject: of the asked logs, or of `logs`.

        `subjects` and `prefixes` narrow it; it begins at `start`, a log_id and subject. With `pausing` it ends once
        about `page_events` have been read, if that is set, and `paused` then says after which log_id and subject.
        Raises Refused (`use-a-replay`) past FOLD_MAX_EVENTS.
        """
        wanted, begun = frozenset(kinds), self._read
        for at in self.asked if logs is None else logs:
            if at.log.log_id < start[0]:
                continue
            first = start[1] if at.log.log_id == start[0] else ""
            if subjects is not None:
                chosen = sorted({s for s in subjects if kind_of(s) in wanted and _begins(s, prefixes) and s >= first})
                await self.load((at.log.log_id, subject) for subject in chosen)
                for subject in chosen:
                    found = self.find(at.log.log_id, subject)
                    if found is not None:
                        yield found
                continue
            for prefix in _narrowed(wanted, prefixes):
                sparing = pausing and self.page_events is not None
                streams = read_by_subject(self._pool, at.log, at.size, prefix, first, sparing=sparing)
                async for subject, facts in streams:
                    self._count(len(facts))
                    found = self._known(at.log, facts)
                    if found is not None and found.subject == subject:
                        yield found
                    if pausing and self.page_events is not None and self._read - begun >= self.page_events:
                        self.paused = at.log.log_id, subject
                        return

    async def load(self, wanted: Iterable[tuple[int, str]]) -> None:
        """Read streams, by log_id and subject, so that `find` has them. What is held already is not read again."""
        missing: dict[int, set[str]] = {}
        kept = set(wanted)
        for log_id, subject in kept:
            if (log_id, subject) in self._held:
                self._held.move_to_end((log_id, subject))
            elif log_id in self._at and kind_of(subject) in STREAMS:
                missing.setdefault(log_id, set()).add(subject)
        for log_id, subjects in missing.items():
            at, ordered = self._at[log_id], sorted(subjects)
            for start in range(0, len(ordered), LOOK_UP_MAX):
                part = ordered[start : start + LOOK_UP_MAX]
                found = await read_streams(self._pool, log_id, part, at.size)
                self._count(sum(map(len, found.values())))
                for subject in part:
                    self._hold(at.log, subject, found.get(subject, []))
        self._bound(kept)

    async def resolve(self, log_id: int, references: Iterable[str]) -> None:
        """Read what these references may mean to an event of a log, so that `resolved` has it."""
        places = (log_id, *(at.log.log_id for at in self._registers))
        await self.load((place, reference) for reference in set(references) for place in dict.fromkeys(places))

    def find(self, log_id: int, subject: str) -> Known | None:
        """Return a stream that was loaded; None when nothing is known of it. Raises KeyError when it was not loaded."""
        if log_id not in self._at or kind_of(subject) not in STREAMS:
            return None
        return self._held[log_id, subject]

    def resolved(self, log_id: int, reference: str) -> Known | None:
        """Return what a reference means to an event of a log: the stream in that log, else in a register."""
        for place in dict.fromkeys((log_id, *(at.log.log_id for at in self._registers))):
            found = self.find(place, reference)
            if found is not None:
                return found
        return None

    async def all_of(self, kind: str, log_id: int | None = None) -> list[Known]:
        """Return every stream of a kind that a log's events may refer to: its own, then the registers'.

        Without a log: of every asked log and every register. For small registers: policies, calendars, taxonomies.
        """
        own = [at for at in (self.asked if log_id is None else (self._at[log_id],)) if at not in self._registers]
        return [found async for found in self.streams([kind], logs=[*own, *self._registers])]

    async def locate(self, log_id: int, event_ids: Iterable[str]) -> dict[str, str]:
        """Return the subjects of a log's events by id; what is not below the moment's size is left out."""
        ids = sorted(set(event_ids))
        rows = await self._pool.fetch(statements("locate_events"), log_id, ids, self._at[log_id].size) if ids else []
        return {row["id"]: row["subject"] for row in rows}

    async def match(self, log: LogInfo, sealed: Sequence[Sealed]) -> list[str | None]:
        """Return the tokens of encrypted identifiers, in order, to be compared and never shown; None for none."""
        return [None] * len(sealed) if self._keys is None else await self._keys.match(log, sealed)

    async def entries(self, at: LogAt) -> AsyncIterator[StoredEntry]:
        """Yield every entry of a log below its size, by position: what is recorded, whatever came of it since.

        Raises Refused (`use-a-replay`) past FOLD_MAX_EVENTS.
        """
        async for page in read_entries(self._pool, at.log.log_id, 0, at.size):
            self._count(len(page))
            for stored in page:
                yield stored

    def _known(self, log: LogInfo, recorded: Sequence[Fact]) -> Known | None:
        moment = self.moment
        if moment.basis == "SOURCE" and moment.known_at is not None:
            known_at = moment.known_at
            recorded = [fact for fact in recorded if fact.clock("SOURCE") <= known_at]
        if not recorded:
            return None
        facts = known(recorded, read_payload)
        return Known(log=log, subject=recorded[0].originator_id, recorded=recorded, facts=facts, moment=moment)

    def _hold(self, log: LogInfo, subject: str, recorded: Sequence[Fact]) -> None:
        self._held[log.log_id, subject] = self._known(log, recorded)
        self._held_events += len(recorded)

    def _bound(self, kept: Collection[tuple[int, str]]) -> None:
        """Let go of the streams not asked for longest; never of those just asked for."""
        while self._held_events > HELD_MAX_EVENTS and next(iter(self._held)) not in kept:
            _, gone = self._held.popitem(last=False)
            self._held_events -= len(gone.recorded) if gone is not None else 0

    def _count(self, events: int) -> None:
        self._read += events
        if self._read > FOLD_MAX_EVENTS:
            detail = f"reads more than {FOLD_MAX_EVENTS} events: narrow it by log, subject or subject_prefix"
            raise Refused((Fault("use-a-replay", "", detail),))


def _begins(subject: str, prefixes: Sequence[str] | None) -> bool:
    return prefixes is None or subject.startswith(tuple(prefixes))


def _narrowed(kinds: Iterable[str], prefixes: Sequence[str] | None) -> list[str]:
    """Return the prefixes of subjects to read: of these kinds, and of those asked for; none within another."""
    whole = {f"{kind}:" for kind in kinds}
    if prefixes is not None:
        whole = {max(kind, prefix, key=len) for kind in whole for prefix in prefixes if _overlap(kind, prefix)}
    return sorted(one for one in whole if not any(one != other and one.startswith(other) for other in whole))


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
