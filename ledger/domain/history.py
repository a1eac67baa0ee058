"""What the hard rules need to know of one stream, kept from append to append (domain.md 2.4, 6).

A history takes the events of a request in, judges the timeline as it would be known after them, and can take them
back. It holds each event as it is known now, by id, and which of them share a rule's key; once they are stored, only
where those of each key are to be found: alone an event breaks no rule, and few ever share a key with another.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime
from enum import IntEnum

import msgspec
from msgspec import Struct

from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Decode, Fact, corrected
from ledger.domain.instants import EARLIEST, LATEST, zone
from ledger.domain.payload import CLOCK_SKEW, RuleKey, TimeClass
from ledger.domain.rules import IMPOSSIBLE, Breach, Rule

HISTORY_BYTES = 300
PLACES_BYTES = 350
"""Roughly what a history, and each key in it, take in memory."""


NO_KEYS: dict[RuleKey, list[str]] = {}
NO_PLACES: dict[RuleKey, tuple[int, ...]] = {}


class Unread(Struct, frozen=True, gc=False):
    """An event that is held as it came: alone it breaks no rule, so it is read when another shares a key with it."""

    id: str
    originator_version: int
    keys: tuple[RuleKey, ...]
    read: Callable[[], Fact]


Held = Fact | Unread | None
"""An event as it is known now; None when it was voided."""


class Attempt(Struct, eq=False, gc=False):
    """What a request has done to a history since it was last settled: how to undo it, and what to judge.

    `placed` are the keys that its events say something about, each with the event's version.
    """

    replaced: list[tuple[str, Held, bool]] = msgspec.field(default_factory=list[tuple[str, Held, bool]])
    placed: list[tuple[RuleKey, int]] = msgspec.field(default_factory=list[tuple[RuleKey, int]])
    touched: dict[RuleKey, str] = msgspec.field(default_factory=dict[RuleKey, str])
    fresh: list[str] = msgspec.field(default_factory=list[str])


class Depth(IntEnum):
    """How much a history knows of its stream: its version, the events that hard rules ask for too, or all events."""

    VERSION = 0
    RULED = 1
    WHOLE = 2


class History(Struct, eq=False, gc=False):
    """The known events of one stream, to some depth.

    An event that no rule asks for needs the version alone; only a correction or a void needs all events: its target
    may be any of them. `version` is that of the newest event, 0 before the first. (A Struct, since there are as many as
    streams are opened; and none is part of a cycle.)

    Of what rules ask for, `_places` has the versions of the settled events that say something about each key; `_keyed`
    the ids of those that are held, for keys of which all are.
    """

    _decode: Decode
    _ruled: Container[str] = ()
    depth: Depth = Depth.WHOLE
    version: int = 0
    _settled_version: int = 0
    _places: dict[RuleKey, tuple[int, ...]] = msgspec.field(default_factory=lambda: NO_PLACES)
    _known: dict[str, Held] | None = None  # most streams have nothing that a rule asks for
    _keyed: dict[RuleKey, list[str]] = msgspec.field(default_factory=lambda: NO_KEYS)
    _attempt: Attempt | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing was taken in since the last `settle` that a rule may ask for."""
        return self._attempt is None

    @property
    def weight(self) -> int:
        """Roughly what the history takes in memory once its events are let go, in bytes."""
        return HISTORY_BYTES + PLACES_BYTES * len(self._places)

    def load(self, facts: Iterable[Fact], version: int) -> None:
        """Take in what is recorded already, in order of version, up to `version`; nothing is judged."""
        for fact in facts:
            self.take(fact)
        self.version = version
        self.settle()

    def missing(self, keys: Iterable[RuleKey]) -> set[int]:
        """Return the versions of the settled events that say something about these keys and were let go."""
        places, keyed = self._places, self._keyed
        return {version for key in keys if key in places and key not in keyed for version in places[key]}

    def recall(self, keys: Iterable[RuleKey], facts: Iterable[Fact]) -> None:
        """Hold settled events again: all that are `missing` for these keys, in order of version."""
        version, known = self.version, self._hold()
        for key in keys:
            if key in self._places:
                self._keyed.setdefault(key, [])
        for fact in facts:
            self._take(fact, known, Attempt())
        self.version = version

    def let_go(self) -> None:
        """Let go of all events: they are stored, and will be recalled where a rule asks for them."""
        self._known, self._keyed = None, NO_KEYS
        self.depth = min(self.depth, Depth.RULED)

    def count(self, version: int) -> None:
        """Take in an event that no rule asks for: it is only counted."""
        self.version = version

    def asks_for(self, event_type: str) -> bool:
        """Tell whether an event must be taken in: not where it is only counted."""
        return self.depth is Depth.WHOLE or event_type in self._ruled

    def type_of(self, event_id: str) -> str | None:
        """Return the type of an event that is held; None where it is voided, or not there."""
        fact = read(self._known, event_id) if self._known is not None else None
        return None if fact is None else fact.type

    def take(self, fact: Fact | Unread) -> Breach | None:
        """Take one event of a request in. Returns what is wrong with the event itself; the timeline comes later.

        Raises LookupError when events that it is to be judged by were let go, and not recalled.
        """
        known = self._hold()
        for key in keys_of(fact):
            if key in self._places and key not in self._keyed:
                raise LookupError(f"events of {key} were let go, and are needed for {fact.id}")
        attempt = self._attempt = self._attempt or Attempt()
        return self._take(fact, known, attempt)

    def judge(self, rules: Mapping[str, Rule]) -> list[Breach]:
        """Judge every key that the events taken in since the last `settle` have touched; empty when all is well."""
        if self._attempt is None or self._known is None:
            return []
        breaches: list[Breach] = []
        for key, event_id in self._attempt.touched.items():
            members = self._keyed.get(key, ())
            if len(members) == 1 and isinstance(self._known[members[0]], Unread):
                continue
            facts = [fact for other in members if (fact := read(self._known, other)) is not None]
            if len(facts) > 1:
                facts.sort(key=by_position)
            breach = rules[key.rule](facts)
            if breach is not None:
                breaches.append(self._blame(breach, event_id, self._attempt))
        return breaches

    def settle(self) -> int:
        """Keep what was taken in: the request stands. Returns by how much that weighs, in bytes."""
        self._settled_version = self.version
        if self._attempt is None:
            return 0
        before, placed, self._attempt = len(self._places), self._attempt.placed, None
        if placed and self._places is NO_PLACES:
            self._places = {}
        for key, version in placed:
            self._places[key] = (*self._places.get(key, ()), version)
        return PLACES_BYTES * (len(self._places) - before)

    def take_back(self) -> None:
        """Forget what was taken in since the last `settle`: the request is refused, or was only tried."""
        self.version = self._settled_version
        if self._attempt is not None and self._known is not None:
            for event_id, previous, missing in reversed(self._attempt.replaced):
                self._restore(event_id, previous, self._known, missing=missing)
        self._attempt = None

    def _blame(self, breach: Breach, event_id: str, attempt: Attempt) -> Breach:
        """Blame the event of the request: one that corrects or voids makes a timeline impossible."""
        cause = read(self._known, event_id) if self._known is not None else None
        if breach.event_id not in attempt.fresh:
            breach = Breach(breach.code, breach.pointer, breach.detail, event_id)
        if cause is not None and isinstance(cause.payload, EventCorrected | EventVoided):
            detail = f"with it the timeline makes no sense at event {breach.event_id}: {breach.detail}"
            return Breach(IMPOSSIBLE, "", detail, event_id)
        return breach

    def _hold(self) -> dict[str, Held]:
        if self._known is None:
            self._known, self._keyed = {}, {}
        return self._known

    def _take(self, fact: Fact | Unread, known: dict[str, Held], attempt: Attempt) -> Breach | None:
        breach = None
        if isinstance(fact, Fact) and isinstance(fact.payload, EventCorrected | EventVoided):
            breach = self._correct(fact, known, attempt)
        if breach is None:
            self._put(fact.id, fact, known, attempt)
            attempt.placed += [(key, fact.originator_version) for key in keys_of(fact)]
        attempt.fresh.append(fact.id)
        self.version = fact.originator_version
        return breach

    def _put(self, event_id: str, fact: Held, known: dict[str, Held], attempt: Attempt) -> None:
        missing = event_id not in known
        previous = known.get(event_id)
        known[event_id] = fact
        attempt.replaced.append((event_id, previous, missing))
        for holder in (previous, fact):
            for key in keys_of(holder):
                members = self._keyed.get(key)
                if members is None:
                    if key in self._places:
                        continue  # it is recalled for another key, and of this one others are missing still
                    members = self._keyed[key] = []
                attempt.touched[key] = event_id
                if event_id not in members:
                    members.append(event_id)

    def _restore(self, event_id: str, previous: Held, known: dict[str, Held], *, missing: bool) -> None:
        if not missing:
            known[event_id] = previous
            return
        fact = known.pop(event_id)
        for key in keys_of(fact):
            members = self._keyed[key]
            members.remove(event_id)
            if not members:
                del self._keyed[key]

    def _correct(self, fact: Fact, known: dict[str, Held], attempt: Attempt) -> Breach | None:
        payload = fact.payload
        assert isinstance(payload, EventCorrected | EventVoided)  # noqa: S101 - narrows for the type checker
        pointer = "/data/target_event_id"
        target = read(known, payload.target_event_id)
        if target is None:
            what = "was voided" if payload.target_event_id in known else "is not an event of this stream"
            return Breach("unknown-reference", pointer, f"the target {what}", fact.id)
        if target.payload.time_class is TimeClass.LEDGER:
            return Breach("invalid-event", pointer, "the target is itself a record of the ledger", fact.id)
        if isinstance(payload, EventVoided):
            self._put(target.id, None, known, attempt)
        else:
            try:
                after = corrected(target, payload, self._decode)
                _check_correction(target, after)
            except (ValueError, msgspec.ValidationError) as error:
                return Breach("invalid-event", "/data/set", f"the corrected event would be no event: {error}", fact.id)
            if is_future(after.payload.time_class, after.time, fact.recordedtime):
                return Breach("future-not-allowed", "/data/set/time", "the corrected time is in the future", fact.id)
            self._put(target.id, after, known, attempt)
        for key in target.payload.rule_keys():
            attempt.touched[key] = fact.id
            attempt.placed.append((key, fact.originator_version))
        return None


def read(known: dict[str, Held], event_id: str) -> Fact | None:
    """Return an event as it is known, reading it where nobody has yet; None where it is voided, or not there."""
    held = known.get(event_id)
    if isinstance(held, Unread):
        held = known[event_id] = held.read()
    return held


def keys_of(held: Held) -> tuple[RuleKey, ...]:
    """Return what an event says to the hard rules; one that was voided says nothing."""
    if isinstance(held, Unread):
        return held.keys
    return () if held is None else held.payload.rule_keys()


def by_position(fact: Fact) -> str:
    """Return where an event stands in its log, in its digits."""
    return fact.sequence


def is_future(time_class: TimeClass, time: datetime, recordedtime: datetime) -> bool:
    """Tell whether an act, receipt or statement is said to lie ahead of the clock that records it (domain.md 2.2)."""
    if time_class is TimeClass.LEGAL_EFFECT or time_class is TimeClass.LEDGER:
        return False
    return time > recordedtime + CLOCK_SKEW


def _check_correction(target: Fact, after: Fact) -> None:
    """Raise ValueError when a correction changes what it may not, or its instants make no sense."""
    zone(after.timezone)
    for moment in (after.time, after.timelatest):
        if moment is not None and not EARLIEST <= moment <= LATEST:
            raise ValueError("an instant is outside the calendar")
    if after.timelatest is not None and after.timelatest < after.time:
        raise ValueError("timelatest is before time")
    if after.payload.rule_keys() != target.payload.rule_keys():
        raise ValueError("ids that an event makes cannot be corrected: void it and append it again")
    after.payload.check()
