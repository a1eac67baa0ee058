"""The one engine that keeps rectangles: valid range x known range x certainty -> row. Pure.

An engine follows one stream. Each event changes what is believed from some valid instant on; the rectangles that no
longer hold are closed at the event's position and their successors open there. The common case, an event later than
all before it, closes nothing: the last rectangle's `valid_to` is set, and `valid_to_known` says from which position on
it counts, so that the same row answers for later times to anyone who asks with older knowledge.

Rectangles follow from the stream alone, so an engine can be made again from the events before (`Engine.resume`). Of a
stream that is told in order the last state is enough, and `course` does what an engine would.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Certainty, Fact, corrected
from projections.course import Point, beginning, counts_at_once, course
from projections.folds import Fold
from projections.rectangle import Change, Rectangle, View
from projections.track import Track

CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


class Engine:
    """Follows one stream and tells, event by event, what changes in each view's rectangles.

    Where every fact counts from one instant, whether certainly or possibly, there is one track. It is split by the
    first fact that does not: most streams have none.
    """

    __slots__ = ("_certainties", "_in_order", "_known", "_subject", "_tracks", "_version", "_views")

    def __init__(self, subject: str, views: Sequence[View], certainties: Sequence[Certainty] = CERTAINTIES) -> None:
        """Take the stream's subject, the views that read its kind, and the certainties to follow it in."""
        self._subject = subject
        self._certainties = certainties
        self._views = views
        self._known: dict[str, Fact] = {}
        self._tracks = [self._first_track()]
        self._version = 0
        self._in_order = True

    @property
    def point(self) -> Point | None:
        """Where the stream has come to, where that is enough to go on."""
        if not self._in_order or self._version == 0 or self._tracks[0].will_expire:
            return None
        moment, state = self._tracks[0].last
        return Point(subject=self._subject, version=self._version, moment=moment, state=state)

    def resume(self, facts: Iterable[Fact]) -> None:
        """Take the stream's first events; what they change is dropped."""
        for fact in facts:
            self.take(fact)

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

    def take_all(self, facts: Iterable[Fact]) -> list[Change]:
        """Take the stream's next events; return what they change, for each view."""
        changes = [Change([], []) for _ in self._views]
        for fact in facts:
            for change, made in zip(changes, self.take(fact), strict=True):
                change.added.extend(made.added)
                change.moved.extend(made.moved)
        return changes

    def _first_track(self) -> Track:
        first, *others = self._certainties
        fold = Fold(STREAMS[kind_of(self._subject)], first)
        return Track(self._subject, "BOTH" if others else first, fold, self._views)

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


def rectangles_of(
    subject: str, facts: Iterable[Fact], view: View, certainties: Sequence[Certainty] = CERTAINTIES
) -> list[Rectangle]:
    """Return every rectangle that a stream's events ever made in a view, in order of their keys in the store."""
    engine = Engine(subject, [view], certainties)
    made: list[Rectangle] = []
    for fact in facts:
        made += engine.take(fact)[0].added
    return sorted(made, key=lambda r: (r.key, r.valid_from, r.known_from, r.certainty))


def draw_whole(subject: str, facts: Sequence[Fact], views: Sequence[View]) -> list[Change]:
    """Return every rectangle that the whole of a stream makes in some views: with its ends, so that none is moved."""
    going = course(beginning(subject), facts)
    return going.draw(views) if going is not None else Engine(subject, views).take_all(facts)
