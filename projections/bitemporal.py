"""The one engine that keeps rectangles: valid range x known range x certainty -> row. Pure.

An engine follows one stream. Each event changes what is believed from some valid instant on; the rectangles that no
longer hold are closed at the event's position and their successors open there. The common case, an event later than
all before it, closes nothing: the last rectangle's `valid_to` is set, and `valid_to_known` says from which position on
it counts, so that the same row answers for later times to anyone who asks with older knowledge.

A rectangle answers for (as_of T, size N) when

    valid_from <= T  and  known_from < N <= known_to  and  (T < valid_to  or  N <= valid_to_known)

Rectangles follow from the stream alone: to go on from position p, fold the events before p again (`Engine.resume`).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Certainty, Fact, corrected
from projections.folds import Fold

FOR_EVER = datetime.max.replace(tzinfo=UTC)
"""`valid_to` of what has no end yet."""
STILL_KNOWN = 2**63 - 1
"""`known_to` of what is still believed."""
NOT_FOLDED = (datetime.min.replace(tzinfo=UTC), -1)
"""`valid_from` and `known_from` of what a resumed engine only knows to be believed, and not since when."""
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)

Row = tuple[Any, ...]
Rows = Mapping[str, Row]
Piece = tuple[datetime, datetime, Row]


class View(Struct, frozen=True, kw_only=True):
    """A read model of one or more kinds of stream.

    `rows` turns a state, and an instant at which it holds, into rows by key (a stream may have many: one for each
    restriction, or item). A row is a tuple of the values of `columns`; rows are compared to tell whether anything
    changed. What follows from time alone (a restriction runs out) is drawn too, at the state's expiries.
    """

    name: str
    kinds: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Callable[[Any, datetime], Rows]

    @property
    def table(self) -> str:
        """The table that holds its rectangles."""
        return f"view_{self.name}"


class Rectangle(Struct, eq=False, gc=False):
    """One belief: `row` holds for a valid range, as known for a range of positions."""

    subject: str
    key: str
    certainty: Certainty
    valid_from: datetime
    valid_to: datetime
    valid_to_known: int
    known_from: int
    known_to: int
    row: Row

    @property
    def is_folded(self) -> bool:
        """Whether it is known since when it holds; else it can only be ended."""
        return self.known_from >= 0


class Change(Struct, frozen=True, gc=False):
    """What one event does to one view's rectangles: new ones, and those whose ends moved."""

    added: list[Rectangle]
    moved: list[Rectangle]


Group = tuple[Rectangle, ...]
"""One rectangle for each certainty of a track, alike but for it."""


class Track:
    """What is believed of a stream in certainties that agree so far, in each of some views: drawn once for all."""

    __slots__ = ("_certainties", "_fold", "_shown", "_subject", "_views")

    def __init__(self, subject: str, certainties: Sequence[Certainty], fold: Fold, views: Sequence[View]) -> None:
        """Take the stream's subject, the certainties, a fold for the first of them, and the views."""
        self._subject = subject
        self._certainties = certainties
        self._fold = fold
        self._views = views
        self._shown: list[dict[str, list[Group]]] = [{} for _ in views]

    def split(self) -> list["Track"]:
        """Return a track for each certainty, to go on apart from here; this one is spent."""
        tracks: list[Track] = []
        for number, certainty in enumerate(self._certainties):
            track = Track(self._subject, (certainty,), self._fold.copy(certainty), self._views)
            track._shown = [
                {key: [(group[number],) for group in groups] for key, groups in shown.items()} for shown in self._shown
            ]
            tracks.append(track)
        return tracks

    @property
    def last(self) -> datetime:
        """From when the last of the facts counts."""
        return self._fold.steps[-1][0]

    def resume(self, facts: Sequence[Fact]) -> bool:
        """Take the first facts of a stream, and draw only what is believed after the last of them.

        Returns False, and is spent, where they were not told in order or time alone will change what is believed.
        """
        if any(self._fold.append(fact) is None for fact in facts):
            return False
        when, state = self._fold.steps[-1]
        if self._fold.will_expire():
            return False
        valid_from, known_from = NOT_FOLDED
        for view, shown in zip(self._views, self._shown, strict=True):
            for key, row in view.rows(state, when).items():
                shown[key] = [self._group(key, (valid_from, FOR_EVER, row), known_from)]
        return True

    def append(self, fact: Fact, known: Iterable[Fact], changes: Sequence[Change]) -> None:
        """Take one more fact; `known` are all that are, with this one."""
        since = self._fold.append(fact)
        if since is None:
            self.update(known, fact.position, changes)
        else:
            self._draw(since, fact.position, changes)

    def update(self, known: Iterable[Fact], position: int, changes: Sequence[Change]) -> None:
        """Take all facts that are known from `position` on."""
        since = self._fold.update(list(known))
        if since is not None:
            self._draw(since, position, changes)

    def _draw(self, since: datetime, position: int, changes: Sequence[Change]) -> None:
        """Draw anew what is believed from `since` on."""
        moments = list(self._fold.moments(since))
        for view, shown, change in zip(self._views, self._shown, changes, strict=True):
            drawn = [(when, view.rows(state, when)) for when, state in moments]
            for key in sorted(shown.keys() | {key for _, rows in drawn for key in rows}):
                groups = shown.setdefault(key, [])
                self._replace(groups, key, [(when, rows.get(key)) for when, rows in drawn], since, position, change)
                if not groups:
                    del shown[key]

    def _replace(
        self,
        groups: list[Group],
        key: str,
        after: Sequence[tuple[datetime, Row | None]],
        since: datetime,
        position: int,
        change: Change,
    ) -> None:
        """Make what is believed of one key from `since` on what is drawn after it, with the fewest changes."""
        first = bisect_right(groups, since, key=lambda group: group[0].valid_to)
        affected = groups[first:]
        across = affected[0][0] if affected and affected[0][0].valid_from < since else None
        if across is not None:
            if across.valid_to == FOR_EVER and all(row == across.row for _, row in after):
                return
            wanted = _joined(across, list(_pieces(across.row, after, since)), since)
        else:
            ended = groups[first - 1][0] if first else None
            before = ended.row if ended is not None and ended.valid_to == since else None
            wanted = list(_pieces(before, after, since))
        kept: list[Group] = []
        for group in affected:
            believed = group[0]
            match = next((w for w in wanted if w[0] == believed.valid_from and w[2] == believed.row), None)
            if match is not None and believed.valid_to in (match[1], FOR_EVER):
                wanted.remove(match)
                kept.append(group)
                if believed.valid_to != match[1]:
                    _end(group, match[1], position)
                    change.moved.extend(group)
            else:
                for rectangle in group:
                    rectangle.known_to = position
                change.moved.extend(group)
        for piece in wanted:
            kept.append(group := self._group(key, piece, position))
            change.added.extend(group)
        groups[first:] = sorted(kept, key=lambda group: group[0].valid_from)

    def _group(self, key: str, piece: Piece, position: int) -> Group:
        valid_from, valid_to, row = piece
        return tuple(
            Rectangle(self._subject, key, certainty, valid_from, valid_to, position, position, STILL_KNOWN, row)
            for certainty in self._certainties
        )


class Engine:
    """Follows one stream and tells, event by event, what changes in each view's rectangles.

    Where every fact counts from one instant, whether certainly or possibly, there is one track. It is split by the
    first fact that does not: most streams have none.
    """

    __slots__ = ("_known", "_resumed", "_subject", "_tracks", "_views")

    def __init__(self, subject: str, views: Sequence[View]) -> None:
        """Take the stream's subject and the views that read its kind."""
        self._subject = subject
        self._views = views
        self._known: dict[str, Fact] = {}
        self._tracks = [self._first_track()]
        self._resumed: datetime | None = None

    def resume(self, facts: Sequence[Fact]) -> None:
        """Take the stream's first events; what they change is dropped. At most once, before any other.

        Where they were told in order, only what is believed after the last of them is drawn, which is all that an
        event later than these needs; another one makes the rest be drawn after all.
        """
        track = self._first_track()
        if all(map(_counts_at_once, facts)) and track.resume(facts):
            self._known = {fact.id: fact for fact in facts}
            self._tracks = [track]
            self._resumed = track.last
        else:
            for fact in facts:
                self.take(fact)

    def take(self, fact: Fact) -> list[Change]:
        """Take the stream's next event, in recorded order; return what it changes, for each view."""
        if self._resumed is not None and not (
            _counts_at_once(fact) and self._resumed < fact.when(CERTAINTIES[0]) >= self._tracks[0].last
        ):
            self._draw_all()
        changes = [Change([], []) for _ in self._views]
        learnt = self._learn(fact)
        if len(self._tracks) == 1 and learnt is not None and learnt.latest != learnt.time:
            (track,) = self._tracks
            self._tracks = track.split()
        for track in self._tracks:
            if learnt is fact:
                track.append(fact, self._known.values(), changes)
            else:
                track.update(self._known.values(), fact.position, changes)
        return changes

    def _first_track(self) -> Track:
        fold = Fold(STREAMS[kind_of(self._subject)], CERTAINTIES[0])
        return Track(self._subject, CERTAINTIES, fold, self._views)

    def _draw_all(self) -> None:
        """Draw what was left out when the stream was resumed."""
        track = self._first_track()
        dropped = [Change([], []) for _ in self._views]
        known: list[Fact] = []
        for fact in self._known.values():
            known.append(fact)
            track.append(fact, known, dropped)
        self._tracks = [track]
        self._resumed = None

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


def _counts_at_once(fact: Fact) -> bool:
    """Whether a fact is an event that counts from one instant, certainly and possibly, and corrects nothing."""
    return fact.latest == fact.time and not isinstance(fact.payload, EventCorrected | EventVoided)


def _end(group: Group, valid_to: datetime, position: int) -> None:
    """Set the end of what had none: those who know less than `position` go on to believe that it has none."""
    for rectangle in group:
        rectangle.valid_to, rectangle.valid_to_known = valid_to, position


def _joined(before: Rectangle, wanted: list[Piece], since: datetime) -> list[Piece]:
    """Join what holds up to `since` to what is wanted from there on."""
    if wanted and wanted[0][0] == since and wanted[0][2] == before.row:
        return [(before.valid_from, wanted[0][1], before.row), *wanted[1:]]
    return [(before.valid_from, since, before.row), *wanted]


def _pieces(before: Row | None, after: Iterable[tuple[datetime, Row | None]], since: datetime) -> Iterator[Piece]:
    """Yield (from, to, row) of what holds from `since` on; what did not change at `since` begins there too."""
    row, start = before, since
    for when, next_row in after:
        if next_row != row:
            if row is not None and start < when:
                yield start, when, row
            row, start = next_row, when
    if row is not None:
        yield start, FOR_EVER, row


def rectangles_of(subject: str, facts: Iterable[Fact], view: View) -> list[Rectangle]:
    """Return every rectangle that a stream's events ever made in a view, in order of their keys in the store."""
    engine = Engine(subject, [view])
    made: list[Rectangle] = []
    for fact in facts:
        made += engine.take(fact)[0].added
    return sorted(made, key=lambda r: (r.key, r.certainty, r.valid_from, r.known_from))
