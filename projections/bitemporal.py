"""The one engine that keeps rectangles: valid range x known range x certainty -> row. Pure.

An engine follows one stream. Each event changes what is believed from some valid instant on; the rectangles that no
longer hold are closed at the event's position and their successors open there. The common case, an event later than
all before it, closes nothing: the last rectangle's `valid_to` is set, and `valid_to_known` says from which position on
it counts, so that the same row answers for later times to anyone who asks with older knowledge.

A rectangle answers for (as_of T, size N) when

    valid_from <= T  and  known_from < N <= known_to  and  (T < valid_to  or  N <= valid_to_known)

Rectangles follow from the stream alone: to go on from position p, fold the events before p again and drop the output.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from msgspec import Struct

from ledger.domain.catalogue import STREAMS, kind_of, read_payload
from ledger.domain.corrections import EventCorrected, EventVoided
from ledger.domain.fact import Basis, Certainty, Fact, corrected, in_valid_order
from ledger.domain.instants import TICK
from ledger.domain.stream import State, Stream

FOR_EVER = datetime.max.replace(tzinfo=UTC)
"""`valid_to` of what has no end yet."""
STILL_KNOWN = 2**63 - 1
"""`known_to` of what is still believed."""
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)

Row = tuple[Any, ...]
Rows = Mapping[str, Row]
Step = tuple[datetime, State]
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


class Rectangle(Struct, eq=False):
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


class Change(Struct, frozen=True):
    """What one event does to one view's rectangles: new ones, and those whose ends moved."""

    added: list[Rectangle]
    moved: list[Rectangle]


class Fold:
    """The states of one stream along valid time, for one certainty and basis, as known so far."""

    def __init__(self, stream: Stream, certainty: Certainty, basis: Basis = "LEDGER") -> None:
        """Take the kind of stream."""
        self._stream = stream
        self._certainty: Certainty = certainty
        self._basis: Basis = basis
        self._facts: list[Fact] = []
        self.steps: list[Step] = []

    def update(self, facts: Sequence[Fact]) -> int:
        """Fold known facts; what came before the first difference is kept. Returns the first step that differs."""
        ordered = in_valid_order(facts, self._certainty, self._basis)
        same = 0
        for before, after in zip(self._facts, ordered, strict=False):
            if before is not after:
                break
            same += 1
        self._facts = ordered
        del self.steps[same:]
        for fact in ordered[same:]:
            self._step(fact)
        return same

    def append(self, fact: Fact) -> int | None:
        """Fold one more fact if it is later than all before; returns its step, or None when it is not."""
        when = fact.when(self._certainty, self._basis)
        if self.steps and when < self.steps[-1][0]:
            return None
        self._facts.append(fact)
        self._step(fact)
        return len(self._facts) - 1

    def _step(self, fact: Fact) -> None:
        before = self.steps[-1][1] if self.steps else self._stream.begin(fact.originator_id)
        self.steps.append((fact.when(self._certainty, self._basis), self._stream.apply(before, fact)))

    def before(self, since: datetime) -> Step | None:
        """Return the last step before an instant; None when there is none."""
        first = bisect_left(self.steps, since, key=lambda step: step[0])
        return self.steps[first - 1] if first else None

    def moments(self, since: datetime) -> Iterator[Step]:
        """Yield, from an instant on, the instants at which something changes, by an event or by time alone.

        What time alone does to the state from before that instant is among them.
        """
        first = max(bisect_left(self.steps, since, key=lambda step: step[0]) - 1, 0)
        for number, (when, state) in enumerate(self.steps[first:], first + 1):
            until = self.steps[number][0] if number < len(self.steps) else FOR_EVER
            if until == when:
                continue  # an event at the same instant says more
            if when >= since:
                yield when, state
            for expiry in sorted(set(self._stream.expiries(state))):
                if when < expiry < until and expiry >= since:
                    yield expiry, state


class Engine:
    """Follows one stream and tells, event by event, what changes in each view's rectangles."""

    def __init__(self, subject: str, views: Sequence[View]) -> None:
        """Take the stream's subject and the views that read its kind."""
        self._subject = subject
        self._views = views
        stream = STREAMS[kind_of(subject)]
        self._known: dict[str, Fact] = {}
        self._folds: dict[Certainty, Fold] = {certainty: Fold(stream, certainty) for certainty in CERTAINTIES}
        self._open: dict[tuple[int, Certainty, str], list[Rectangle]] = {}
        self.events = 0

    def take(self, fact: Fact) -> list[Change]:
        """Take the stream's next event, in recorded order; return what it changes, for each view."""
        self.events += 1
        changes = [Change([], []) for _ in self._views]
        correction = isinstance(fact.payload, EventCorrected | EventVoided)
        if correction:
            self._correct(fact)
        else:
            self._known[fact.id] = fact
        for certainty, fold in self._folds.items():
            before = len(fold.steps)
            first = None if correction else fold.append(fact)
            if first is None:
                old = list(fold.steps)
                first = fold.update(list(self._known.values()))
                touched = [step[0] for step in (*old[first : first + 1], *fold.steps[first : first + 1])]
            else:
                touched = [fold.steps[first][0]] if first < len(fold.steps) or before else []
            if touched:
                self._draw(fold, certainty, min(touched), fact.position, changes)
        return changes

    def _correct(self, fact: Fact) -> None:
        payload = fact.payload
        if isinstance(payload, EventVoided):
            self._known.pop(payload.target_event_id, None)
        elif isinstance(payload, EventCorrected):
            target = self._known.get(payload.target_event_id)
            if target is not None:
                self._known[target.id] = corrected(target, payload, read_payload)

    def _draw(
        self, fold: Fold, certainty: Certainty, since: datetime, position: int, changes: Sequence[Change]
    ) -> None:
        """Draw anew what is believed from `since` on."""
        last = fold.before(since)
        moments = list(fold.moments(since))
        for index, view in enumerate(self._views):
            before: Rows = view.rows(last[1], since - TICK) if last is not None else {}
            after = [(when, view.rows(state, when)) for when, state in moments]
            keys = {key for _, rows in after for key in rows}
            keys.update(before)
            keys.update(key for view_index, sure, key in self._open if view_index == index and sure == certainty)
            for key in sorted(keys):
                wanted = list(_pieces(before.get(key), ((when, rows.get(key)) for when, rows in after), since))
                self._replace((index, certainty, key), wanted, since, position, changes[index])

    def _replace(
        self,
        place: tuple[int, Certainty, str],
        wanted: list[Piece],
        since: datetime,
        position: int,
        change: Change,
    ) -> None:
        """Make the open rectangles of one key from `since` on those wanted, with the fewest changes."""
        rectangles = self._open.get(place, [])
        kept = [rectangle for rectangle in rectangles if rectangle.valid_to <= since]
        affected = rectangles[len(kept) :]
        if affected and affected[0].valid_from < since:
            wanted = _joined(affected[0], wanted, since)
        for rectangle in affected:
            match = next((w for w in wanted if w[0] == rectangle.valid_from and w[2] == rectangle.row), None)
            if match is not None and match[1] == rectangle.valid_to:
                kept.append(rectangle)
                wanted.remove(match)
                continue
            change.moved.append(rectangle)
            if match is not None and rectangle.valid_to == FOR_EVER:
                rectangle.valid_to, rectangle.valid_to_known = match[1], position
                kept.append(rectangle)
                wanted.remove(match)
            else:
                rectangle.known_to = position
        _, certainty, key = place
        for valid_from, valid_to, row in wanted:
            new = Rectangle(self._subject, key, certainty, valid_from, valid_to, position, position, STILL_KNOWN, row)
            change.added.append(new)
            kept.append(new)
        if kept:
            self._open[place] = sorted(kept, key=lambda rectangle: rectangle.valid_from)
        else:
            self._open.pop(place, None)


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
