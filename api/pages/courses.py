"""What lasted from when to when, as known at one date: a subject's stages, and those of each part of it, as bars.

Pure, and one for all kinds: a part is an element of a list in the state that has a name of its own and says how it
stands, such as a restriction, an item of a notice, a rule of a policy.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from api.pages.rectangles import BOTTOM, RIGHT, TICK_WIDTH, WIDTH, Tick, is_known, says, ticks, valid_until, with_room
from api.pages.scale import Scale, scale_over
from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object

PART_NAMES: tuple[str, ...] = ("item_no", "restriction_id", "verification_id", "rule_id")
"""Members of which the first that a part has is its name."""
PART_STATES: tuple[str, ...] = ("state", "status", "in_force")
"""Members of which the first that a part has says how it stands: what is true lasts, and what is false is over."""
TRACKS_MAX = 30
"""Bars under each other on one page: more are not read; the table of the rectangles has all."""
TRACK_HEIGHT, LEFT = 26, 180
"""Units of the drawing for each track, and for their names."""
WHOLE = ""
"""The track of the subject as a whole."""


class Stretch(Struct, frozen=True, kw_only=True):
    """A time in which something stood one way: from, until before (None: it goes on), and how; `True`: it was so."""

    start: datetime
    end: datetime | None
    says: str


class Track(Struct, frozen=True, kw_only=True):
    """The stretches of one thing, in order: of the subject itself (WHOLE), or of a part with its kind."""

    name: str
    kind: str
    stretches: tuple[Stretch, ...]


class Bar(Struct, frozen=True, kw_only=True):
    """A stretch as drawn: where it begins, how wide it is, and what it says."""

    x: float
    width: float
    stretch: Stretch


def tracks_of(items: Sequence[Mapping[str, Any]], known_at: datetime) -> list[Track]:
    """Return what a subject's rectangles tell those who ask with this date of knowledge, track by track."""
    known = sorted((item for item in items if is_known(item, known_at)), key=lambda item: item["valid_from"])
    found: dict[tuple[str, str], list[Stretch]] = {}
    for item in known:
        start, end = parse_instant(item["valid_from"]), valid_until(item, known_at)
        for place, word in _words(item["state"]):
            _lengthen(found.setdefault(place, []), Stretch(start=start, end=end, says=word))
    tracks = [Track(name=name, kind=kind, stretches=tuple(held)) for (name, kind), held in found.items()]
    return tracks[:TRACKS_MAX]


def _words(state: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield how a state and each of its parts stand; nothing of a part that is over."""
    word = says(state)
    if word:
        yield (WHOLE, ""), word
    for list_name, held in state.items():
        for part in held if is_array(held) else ():
            name = next((part[one] for one in PART_NAMES if one in part), None) if is_object(part) else None
            member = next((one for one in PART_STATES if one in part), None) if name is not None else None
            standing = None if member is None else part[member]
            if standing is not None and standing is not False:
                said = part.get("kind") or str(member).replace("_", " ")
                yield (str(name), list_name), str(said if standing is True else standing)


def _lengthen(stretches: list[Stretch], one: Stretch) -> None:
    """Add a stretch, which continues the last where that says the same and ends where it begins."""
    last = stretches[-1] if stretches else None
    if last is not None and last.says == one.says and last.end == one.start:
        stretches[-1] = Stretch(start=last.start, end=one.end, says=one.says)
    else:
        stretches.append(one)


def bars_of(track: Track, scale: Scale, right: float) -> list[Bar]:
    """Return the stretches of a track as bars on a scale; what goes on reaches to the right."""
    bars: list[Bar] = []
    for stretch in track.stretches:
        left = scale.at(stretch.start)
        end = right if stretch.end is None else scale.at(stretch.end)
        bars.append(Bar(x=left, width=max(end - left, 1.0), stretch=stretch))
    return bars


class Course(Struct, frozen=True, kw_only=True):
    """The tracks of a subject as drawn: each with its bars, the dates below them, and where the page's date stands."""

    height: float
    tracks: list[tuple[Track, list[Bar]]]
    across: list[Tick]
    x: float


def draw_course(tracks: Sequence[Track], as_of: datetime) -> Course | None:
    """Return the tracks as bars under each other; None where there are none."""
    if not tracks:
        return None
    stretches = [stretch for track in tracks for stretch in track.stretches]
    ends = {stretch.end for stretch in stretches if stretch.end is not None}
    instants = {stretch.start for stretch in stretches} | ends | {as_of}
    scale = scale_over(with_room(instants), LEFT, WIDTH - RIGHT)
    return Course(
        height=TRACK_HEIGHT * len(tracks) + BOTTOM,
        tracks=[(track, bars_of(track, scale, WIDTH - RIGHT)) for track in tracks],
        across=ticks(instants, scale, TICK_WIDTH),
        x=scale.at(as_of),
    )
