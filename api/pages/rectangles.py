"""A subject's history as a drawing: across, when something was so; upwards, when that was known.

Pure. Each rectangle of `GET /v1/subject/history` says one thing of a span of valid time, to whoever asks with a date of
knowledge in its span of that. One whose end became known later has the shape of an L: until then it went on.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from api.pages.scale import Scale, scale_over
from ledger.domain.instants import parse_instant

WIDTH, LEFT, RIGHT = 960, 110, 24
"""Units of the drawing, which is scaled to the page: its width, and the room beside the axes."""
TOP, BOTTOM = 16, 44
ROW_HEIGHT, HEIGHT_MIN, HEIGHT_MAX = 30, 180, 620
"""Room for each date of knowledge, and for all of them."""
TICK_WIDTH, TICK_HEIGHT = 88, 15
"""How far apart dates stand at least, across and upwards, so that they do not cover each other."""
LETTER_WIDTH, LABEL_HEIGHT = 7, 16
MARGIN = timedelta(days=1)
"""What is drawn at least before the first date and after the last."""
TONES = 6
"""Colours that are told apart; each shape is named by its label besides."""
DRAWN_MAX = 60
"""Rectangles in one drawing: more cannot be told apart. The newest are drawn, and the table has all."""
SAYS: tuple[str, ...] = ("status", "state", "lifecycle", "verification", "verdict")
"""Members of which the first that a state has says in a word how it stands."""
TRUTHS: tuple[str, ...] = ("restricted", "suspended")
"""Members that are said beside it where they are true."""


class Shape(Struct, frozen=True, kw_only=True):
    """A rectangle as drawn: its number in the table, its path, its label and where that stands, and its item.

    `chosen`: the page's dates lie in it. `tone` is the same for all that say the same.
    """

    number: int
    path: str
    label: str
    x: float
    y: float
    tone: int
    chosen: bool
    item: Mapping[str, Any]


class Tick(Struct, frozen=True, kw_only=True):
    """A date at an axis: where, and the instant."""

    place: float
    instant: datetime


class Picture(Struct, frozen=True, kw_only=True):
    """The drawing: its size, its shapes, the dates at its axes, where the page's dates cross, and what is left out."""

    height: float
    shapes: list[Shape]
    across: list[Tick]
    upwards: list[Tick]
    x: float
    y: float
    left_out: int


def says(state: Mapping[str, Any]) -> str:
    """Return in a word or two how a state stands."""
    word = next((str(state[name]) for name in SAYS if state.get(name) is not None), "")
    return " ".join([*([word] if word else []), *(name for name in TRUTHS if state.get(name) is True)])


def ever_known(item: Mapping[str, Any]) -> bool:
    """Tell whether a rectangle answers any date of knowledge: one between two events of one commit answers none."""
    return bool(item["known_from"] != item["known_to"])


def is_known(item: Mapping[str, Any], known_at: datetime) -> bool:
    """Tell whether a rectangle answers those who ask with this date of knowledge."""
    to = item["known_to"]
    return parse_instant(item["known_from"]) <= known_at and (to is None or known_at < parse_instant(to))


def valid_until(item: Mapping[str, Any], known_at: datetime) -> datetime | None:
    """Return until when a rectangle says that it was so, to those who ask then; None: it went on."""
    if item["valid_to"] is None or known_at < parse_instant(item["valid_to_known_from"]):
        return None
    return parse_instant(item["valid_to"])


def draw(items: Sequence[Mapping[str, Any]], as_of: datetime, known_at: datetime) -> Picture:
    """Return the drawing of a subject's rectangles in one log, with the page's dates across it."""
    numbered = list(enumerate(items, start=1))
    kept = sorted(numbered, key=lambda one: (one[1]["known_from"], one[0]))[-DRAWN_MAX:]
    shown = [item for _, item in kept]
    known = _instants(shown, ("known_from", "known_to", "valid_to_known_from")) | {known_at}
    valid = _instants(shown, ("valid_from", "valid_to")) | {as_of}
    height = min(HEIGHT_MAX, max(HEIGHT_MIN, TOP + BOTTOM + ROW_HEIGHT * (len(known) + 1)))
    across = scale_over(with_room(valid), LEFT, WIDTH - RIGHT)
    upwards = scale_over(with_room(known), height - BOTTOM, TOP)
    tones = {label: tone for tone, label in enumerate(dict.fromkeys(says(item["state"]) for item in items))}
    return Picture(
        height=height,
        shapes=[
            _shape(number, item, (across, upwards), tones, _holds(item, as_of, known_at))
            for number, item in sorted(kept, key=lambda one: one[0])
        ],
        across=ticks(valid, across, TICK_WIDTH),
        upwards=ticks(known, upwards, TICK_HEIGHT),
        x=across.at(as_of),
        y=upwards.at(known_at),
        left_out=len(items) - len(kept),
    )


def _instants(items: Sequence[Mapping[str, Any]], names: Sequence[str]) -> set[datetime]:
    return {parse_instant(item[name]) for item in items for name in names if item[name] is not None}


def with_room(instants: set[datetime]) -> list[datetime]:
    """Return instants with one more at each end, so that what goes on is drawn to go on."""
    first, last = min(instants), max(instants)
    margin = max((last - first) / 20, MARGIN)
    return [first - margin, *instants, last + margin]


def _holds(item: Mapping[str, Any], as_of: datetime, known_at: datetime) -> bool:
    until = valid_until(item, known_at)
    begun = parse_instant(item["valid_from"]) <= as_of
    return is_known(item, known_at) and begun and (until is None or as_of < until)


def _shape(
    number: int, item: Mapping[str, Any], scales: tuple[Scale, Scale], tones: Mapping[str, int], chosen: bool
) -> Shape:
    across, upwards = scales
    left, right = across.at(parse_instant(item["valid_from"])), float(WIDTH - RIGHT)
    low = upwards.at(parse_instant(item["known_from"]))
    high: float = TOP if item["known_to"] is None else upwards.at(parse_instant(item["known_to"]))
    end, bend = right, high
    if item["valid_to"] is not None:
        end = across.at(parse_instant(item["valid_to"]))
        bend = min(low, max(high, upwards.at(parse_instant(item["valid_to_known_from"]))))
    label = says(item["state"])
    room = (end if bend >= low - LABEL_HEIGHT else right) - left
    written = f"{number} {label}" if len(label) * LETTER_WIDTH + 24 <= room else str(number)
    corners = [(left, low), (right, low), (right, bend), (end, bend), (end, high), (left, high)]
    if bend == low:
        corners = [(left, low), (end, low), (end, high), (left, high)]
    return Shape(
        number=number,
        path="M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + " Z",
        label=written if low - high >= LABEL_HEIGHT or low - bend >= LABEL_HEIGHT else "",
        x=left + 5,
        y=low - 5,
        tone=tones[label] % TONES,
        chosen=chosen,
        item=item,
    )


def ticks(instants: set[datetime], scale: Scale, apart: float) -> list[Tick]:
    """Return the dates at an axis, the first and then each that stands clear of the one before."""
    ticks: list[Tick] = []
    for instant in sorted(instants):
        place = scale.at(instant)
        if not ticks or abs(place - ticks[-1].place) >= apart:
            ticks.append(Tick(place=place, instant=instant))
    return ticks
