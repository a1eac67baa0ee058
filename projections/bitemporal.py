"""The one engine that keeps rectangles: valid range x known range x certainty -> row. Pure.

An engine follows one stream. Each event changes what is believed from some valid instant on; the rectangles that no
longer hold are closed at the event's position and their successors open there. The common case, an event later than
all before it, closes nothing: the last rectangle's `valid_to` is set, and `valid_to_known` says from which position on
it counts, so that the same row answers for later times to anyone who asks with older knowledge.

Rectangles follow from the stream alone, so an engine can be made again from the events before (`Engine.resume`). Of a
stream that was told in order, the last state is enough (`Engine.begin`), and is all that is held (`Engine.forget`):
such an engine takes what `follows`, and another event needs one that holds the events before.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import get_args

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Certainty, Fact, corrected
from ledger.domain.stream import State
from projections.folds import Fold
from projections.rectangle import Change, Rectangle, View
from projections.track import Track

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
FACTS_HELD = 4
"""Facts from which on an engine lets go of them: to do so costs more than to hold a few."""


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """Where a stream that was told in order has come to: so many events, and the state from `moment` on."""

    subject: str
    version: int
    moment: datetime
    state: State

    def leads_to(self, facts: Sequence[Fact]) -> bool:
        """Tell whether it is enough to take these events of the stream next."""
        return self.version + 1 == facts[0].originator_version and follows(self.moment, facts)


class Engine:
    """Follows one stream and tells, event by event, what changes in each view's rectangles.

    Where every fact counts from one instant, whether certainly or possibly, there is one track. It is split by the
    first fact that does not: most streams have none.
    """

    __slots__ = ("_certainties", "_forgot", "_in_order", "_known", "_subject", "_tracks", "_version", "_views")

    def __init__(self, subject: str, views: Sequence[View], certainties: Sequence[Certainty] = CERTAINTIES) -> None:
        """Take the stream's subject, the views that read its kind, and the certainties to follow it in."""
        self._subject = subject
        self._certainties = certainties
        self._views = views
        self._known: dict[str, Fact] = {}
        self._tracks = [self._first_track()]
        self._version = 0
        self._in_order = True
        self._forgot = False

    @property
    def point(self) -> Point | None:
        """Where the stream has come to, where that is enough to go on."""
        if not self._is_at_a_point:
            return None
        moment, state = self._tracks[0].last
        return Point(subject=self._subject, version=self._version, moment=moment, state=state)

    def begin(self, point: Point) -> None:
        """Begin where a stream has come to. At most once, before any event."""
        self._tracks[0].begin(point.moment, point.state)
        self._version = point.version
        self._forgot = True

    def resume(self, facts: Sequence[Fact], after: Sequence[Fact]) -> None:
        """Take the stream's first events; what they change is dropped. At most once, before any other.

        `after` are the events to be taken next: where all are told in order, only the last state is drawn.
        """
        if not (follows(BEFORE_ALL, (*facts, *after)) and self._begin_after(facts, after[0])):
            for fact in facts:
                self.take(fact)

    def _begin_after(self, facts: Sequence[Fact], next_fact: Fact) -> bool:
        """Begin after facts that were told in order. Returns False, with nothing done, where that is not enough."""
        fold = Fold(STREAMS[kind_of(self._subject)], self._certainties[0])
        for fact in facts:
            fold.append(fact)
        moment, state = fold.steps[-1]
        if fold.will_expire() or not follows(moment, [next_fact]):
            return False
        self.begin(Point(subject=self._subject, version=facts[-1].originator_version, moment=moment, state=state))
        return True

    def forget(self) -> None:
        """Let go of all but the last state where that is enough to go on: call it between pages."""
        if len(self._known) >= FACTS_HELD and self._is_at_a_point:
            self._tracks[0].forget()
            self._known.clear()
            self._forgot = True

    def can_take(self, facts: Sequence[Fact]) -> bool:
        """Tell whether these events can be taken next; if not, an engine is needed that has seen all before."""
        return not self._forgot or follows(self._tracks[0].last[0], facts)

    def take(self, fact: Fact) -> list[Change]:
        """Take the stream's next event, in recorded order; return what it changes, for each view."""
        changes = [Change([], []) for _ in self._views]
        self._in_order = self._in_order and (self._version == 0 or self._counts_last(fact)) and counts_at_once(fact)
        self._version = fact.originator_version
        learnt = self._learn(fact)
        if len(self._tracks) < len(self._certainties) and learnt is not None and learnt.latest != learnt.time:
            (track,) = self._tracks
            self._tracks = track.split(self._certainties, fact.position, changes)
        for track in self._tracks:
            if learnt is fact:
                track.append(fact, self._known.values(), changes)
            else:
                track.update(self._known.values(), fact.position, changes)
        return [change.settled() for change in changes] if len(self._tracks) > 1 else changes

    def _first_track(self) -> Track:
        first, *others = self._certainties
        fold = Fold(STREAMS[kind_of(self._subject)], first)
        return Track(self._subject, "BOTH" if others else first, fold, self._views)

    @property
    def _is_at_a_point(self) -> bool:
        return self._in_order and self._version > 0 and not self._tracks[0].will_expire

    def _counts_last(self, fact: Fact) -> bool:
        return fact.when(self._certainties[0]) >= self._tracks[0].last[0]

    def _learn(self, fact: Fact) -> Fact | None:
        """Keep what is known now; return the fact that is new, or as it is corrected, if any."""
        payload = fact.payload
        if isinstance(payload, EventVoided):
            self._known.pop(payload.target_event_id, None)
            return None
        if isinstance(payload, EventCorrected):
            target = self._known.get(payload.target_event_id)
            if target is None:
                return None
            fact = corrected(target, payload, read_payload)
        self._known[fact.id] = fact
        return fact


def counts_at_once(fact: Fact) -> bool:
    """Whether a fact is an event that counts from one instant, certainly and possibly, and corrects nothing."""
    return fact.latest == fact.time and not isinstance(fact.payload, EventCorrected | EventVoided)


def follows(moment: datetime, facts: Iterable[Fact]) -> bool:
    """Tell whether facts are told in order, the first later than `moment`, and count at once."""
    last: datetime | None = None
    for fact in facts:
        when = fact.when(CERTAINTIES[0])
        if not counts_at_once(fact) or (when <= moment if last is None else when < last):
            return False
        last = when
    return True


def rectangles_of(
    subject: str, facts: Iterable[Fact], view: View, certainties: Sequence[Certainty] = CERTAINTIES
) -> list[Rectangle]:
    """Return every rectangle that a stream's events ever made in a view, in order of their keys in the store."""
    engine = Engine(subject, [view], certainties)
    made: list[Rectangle] = []
    for fact in facts:
        made += engine.take(fact)[0].added
    return sorted(made, key=lambda r: (r.key, r.valid_from, r.known_from, r.certainty))
