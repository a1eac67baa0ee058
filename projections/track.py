"""What is believed of one stream, in one certainty or in both: drawn from the fold, with the fewest changes. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.fact import Certainty, Fact
from projections.folds import Fold, Step
from projections.rectangle import FOR_EVER, STILL_KNOWN, Change, Held, Rectangle, Row, View

Piece = tuple[datetime, datetime, Row]


class Track:
    """What is believed of a stream in each of some views: the rectangles that are still known, by key, in order."""

    __slots__ = ("_describe", "_fold", "_held", "_shown", "_subject", "_views")

    def __init__(self, subject: str, held: Held, fold: Fold, views: Sequence[View]) -> None:
        """Take the stream's subject, for which certainty it is, a fold for that, and the views."""
        self._subject = subject
        self._describe = STREAMS[kind_of(subject)].describe
        self._held: Held = held
        self._fold = fold
        self._views = views
        self._shown: list[dict[str, list[Rectangle]]] = [{} for _ in views]

    def split(self, certainties: Sequence[Certainty], position: int, changes: Sequence[Change]) -> list["Track"]:
        """Return a track for each certainty, to go on apart from `position`; this one is spent.

        What was believed in both is ended there, and goes on in each.
        """
        tracks: list[Track] = []
        for certainty in certainties:
            track = Track(self._subject, certainty, self._fold.copy(certainty), self._views)
            for shown, own, change in zip(self._shown, track._shown, changes, strict=True):
                for key, believed in shown.items():
                    own[key] = [track._rectangle(key, (r.valid_from, r.valid_to, r.row), position) for r in believed]
                    change.added.extend(own[key])
            tracks.append(track)
        for shown, change in zip(self._shown, changes, strict=True):
            for believed in shown.values():
                for rectangle in believed:
                    rectangle.known_to = position
                change.moved.extend(believed)
        return tracks

    @property
    def last(self) -> Step:
        """The last state, and from when it holds."""
        return self._fold.steps[-1]

    @property
    def will_expire(self) -> bool:
        """Whether time alone will change what is believed."""
        return self._fold.will_expire()

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
        moments = [(when, state, self._describe(state, when)) for when, state in self._fold.moments(since)]
        for view, shown, change in zip(self._views, self._shown, changes, strict=True):
            drawn = [(when, view.rows(state, item)) for when, state, item in moments]
            keys = dict.fromkeys(chain(shown, *(rows for _, rows in drawn)))
            for key in keys:
                believed = shown.setdefault(key, [])
                after = [(when, rows.get(key)) for when, rows in drawn]
                if not self._follow(believed, key, after, since, position, change):
                    self._replace(believed, key, after, since, position, change)
                if not believed:
                    del shown[key]

    def _follow(
        self,
        believed: list[Rectangle],
        key: str,
        after: Sequence[tuple[datetime, Row | None]],
        since: datetime,
        position: int,
        change: Change,
    ) -> bool:
        """Do the common case of `_replace`, if it is that: one row from `since` on, and one without an end before."""
        if len(after) != 1 or not believed or believed[-1].valid_to != FOR_EVER or believed[-1].valid_from >= since:
            return False
        last, ((_, row),) = believed[-1], after
        if row != last.row:
            _end(last, since, position, change)
            if row is not None:
                believed.append(self._rectangle(key, (since, FOR_EVER, row), position))
                change.added.append(believed[-1])
        return True

    def _replace(
        self,
        believed: list[Rectangle],
        key: str,
        after: Sequence[tuple[datetime, Row | None]],
        since: datetime,
        position: int,
        change: Change,
    ) -> None:
        """Make what is believed of one key from `since` on what is drawn after it, with the fewest changes."""
        first = bisect_right(believed, since, key=lambda rectangle: rectangle.valid_to)
        affected = believed[first:]
        across = affected[0] if affected and affected[0].valid_from < since else None
        if across is not None:
            if across.valid_to == FOR_EVER and all(row == across.row for _, row in after):
                return
            wanted = _joined(across, list(_pieces(across.row, after, since)), since)
        else:
            ended = believed[first - 1] if first else None
            before = ended.row if ended is not None and ended.valid_to == since else None
            wanted = list(_pieces(before, after, since))
        kept: list[Rectangle] = []
        for rectangle in affected:
            match = next((w for w in wanted if w[0] == rectangle.valid_from and w[2] == rectangle.row), None)
            if match is not None and rectangle.valid_to in (match[1], FOR_EVER):
                wanted.remove(match)
                kept.append(rectangle)
                if rectangle.valid_to != match[1]:
                    _end(rectangle, match[1], position, change)
            else:
                rectangle.known_to = position
                change.moved.append(rectangle)
        added = [self._rectangle(key, piece, position) for piece in wanted]
        change.added.extend(added)
        believed[first:] = sorted([*kept, *added], key=lambda rectangle: rectangle.valid_from)

    def _rectangle(self, key: str, piece: Piece, position: int) -> Rectangle:
        valid_from, valid_to, row = piece
        return Rectangle(self._subject, key, self._held, valid_from, valid_to, position, position, STILL_KNOWN, row)


def _end(rectangle: Rectangle, valid_to: datetime, position: int, change: Change) -> None:
    """Set the end of what had none: those who know less than `position` go on to believe that it has none."""
    rectangle.valid_to, rectangle.valid_to_known = valid_to, position
    change.moved.append(rectangle)


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
