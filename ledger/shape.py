"""What a type says of a value: every fault of a refused event, and the members that need more than a type.

msgspec refuses at the first fault. Only when it has refused is the event taken apart here, member by member, so that
the sender hears of all faults at once; accepted events never come this way.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Raw, Struct, inspect

from ledger.domain.instants import parse_instant
from ledger.domain.json_values import is_array, is_object
from ledger.errors import Fault

INVALID = "invalid-event"
EVERY = "*"
Check = Callable[[Any], bool]
"""Whether something that a payload holds is sound."""
_PATH = re.compile(r"^(?P<detail>.*?)(?: - at `(?:key in )?(?P<path>\$[^`]*)`)?$", re.DOTALL)
_MEMBER = re.compile(
    r"^Object (?:contains unknown field `(?P<unknown>.*)`|missing required field `(?P<missing>.*)`)$", re.DOTALL
)
_STEP = re.compile(r"\.([A-Za-z_0-9]+)|\[([^\]]*)\]")


class Member(Struct, frozen=True):
    """A member that is marked: its path in the payload (`*` stands for every element) and what it is marked with.

    `attributes` is the same path by the Struct's own names.
    """

    path: tuple[str, ...]
    attributes: tuple[str, ...]
    mark: str
    bound: int = 0

    def is_sound(self, text: str) -> bool:
        """Tell whether a text is what it is marked as: within its bound, a date or an instant of the calendar."""
        if self.mark == "personal":
            return len(text) <= self.bound
        try:
            check_format(self.mark, text)
        except ValueError:
            return False
        return True


def pointer_of(path: str) -> str:
    """Turn msgspec's `$.items[0].item_no` into the JSON pointer `/items/0/item_no`."""
    return "".join("/" + (name or index) for name, index in _STEP.findall(path))


def escaped(name: str) -> str:
    """Return a member's name as a step of a JSON pointer (RFC 6901 section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def split_error(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return (JSON pointer, detail) of a validation error; the detail names no value."""
    match = _PATH.match(str(error))
    detail = match["detail"] if match else str(error)
    pointer = pointer_of((match and match["path"]) or "")
    if member := _MEMBER.match(detail):
        what = "is required" if member["unknown"] is None else "this member is not known"
        return f"{pointer}/{escaped(member['missing'] or member['unknown'] or '')}", what
    return pointer, re.sub(r"Invalid enum value .*", "is not one of the codes", detail)


def faults_of(value: Any, shape: type[Struct], pointer: str = "", foreign: str = "is not known") -> list[Fault]:  # noqa: ANN401
    """Return every fault of a decoded JSON value against a Struct: unknown, missing and wrong members."""
    if not is_object(value):
        return [Fault(INVALID, pointer, "is no object")]
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    unknown = [name for name in value if name not in fields]
    found = [Fault(INVALID, f"{pointer}/{escaped(name)}", f"this member {foreign}") for name in unknown]
    for name, field in fields.items():
        if name not in value:
            if field.required:
                found.append(Fault(INVALID, f"{pointer}/{name}", "is required"))
            continue
        if field.type is Raw:  # what it holds is read, and judged, later
            continue
        try:
            msgspec.convert(value[name], field.type)
        except msgspec.ValidationError as error:
            below, detail = split_error(error)
            found.append(Fault(INVALID, f"{pointer}/{name}{below}", detail))
    return found


@cache
def marked_members(shape: type[Struct]) -> tuple[Member, ...]:
    """Return the members of a payload that are marked: dates, instants and † fields."""
    return tuple(_marked(inspect.type_info(shape), (), ()))


@cache
def checks(shape: type[Struct]) -> tuple[tuple[str, int, Check], ...]:
    """Return what tells whether the marked members of a payload are sound, by what of the payload itself holds them.

    With each stands up to how many characters a text there is sound whatever it says: 0 where that is to be looked at.
    """
    return tuple(
        (name, members[0].bound if len(members) == len(members[0].path) == 1 else 0, _check(members, 1))
        for name, members in _gathered(marked_members(shape), 0).items()
    )


def _gathered(members: Iterable[Member], depth: int) -> dict[str, list[Member]]:
    """Return members by what they have at a place of their attributes."""
    gathered: dict[str, list[Member]] = {}
    for member in members:
        gathered.setdefault(member.attributes[depth], []).append(member)
    return gathered


def _check(members: Sequence[Member], depth: int) -> Check:
    """Return what tells, of what the first `depth` attributes of members hold, whether all texts at them are sound."""
    if depth == len(members[0].attributes):
        return members[0].is_sound
    parts: list[Check] = []
    for step, those in _gathered(members, depth).items():
        below = _check(those, depth + 1)
        parts.append(_each(below) if step == EVERY else _inside(step, below))
    return parts[0] if len(parts) == 1 else lambda value: all(part(value) for part in parts)


def _inside(attribute: str, check: Check) -> Check:
    held_by = attrgetter(attribute)

    def is_sound(value: object) -> bool:
        held = held_by(value)
        return held is None or held is msgspec.UNSET or check(held)

    return is_sound


def _each(check: Check) -> Check:
    return lambda values: all(map(check, values))


def _marked(node: inspect.Type, path: tuple[str, ...], attributes: tuple[str, ...]) -> Iterator[Member]:
    match node:
        case inspect.Metadata(type=inner):
            extra: dict[str, Any] = msgspec.structs.asdict(node)["extra"] or {}  # its own type says nothing
            if extra and "personal" in extra:
                yield Member(path, attributes, "personal", extra["personal"])
            if extra and "format" in extra:
                yield Member(path, attributes, extra["format"])
            yield from _marked(inner, path, attributes)
        case inspect.UnionType(types=types):
            for inner in types:
                yield from _marked(inner, path, attributes)
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner):
            yield from _marked(inner, (*path, EVERY), (*attributes, EVERY))
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from _marked(field.type, (*path, field.encode_name), (*attributes, field.name))
        case _:
            return


def values_at(value: Any, path: tuple[str, ...], pointer: str = "") -> Iterator[tuple[str, Any, Any, Any]]:  # noqa: ANN401
    """Yield (pointer, container, key, value) of everything present at a path in decoded JSON."""
    step, rest = path[0], path[1:]
    if step == EVERY:
        keys: Any = range(len(value)) if is_array(value) else ()
    else:
        keys = (step,) if is_object(value) and value.get(step) is not None else ()
    for key in keys:
        if rest:
            yield from values_at(value[key], rest, f"{pointer}/{key}")
        else:
            yield f"{pointer}/{key}", value, key, value[key]


def check_format(mark: str, text: str) -> None:
    """Raise ValueError unless `text` is what its mark says: `date`, `date-time` or either."""
    if mark == "date" or (mark == "date-or-date-time" and "T" not in text.upper()):
        date.fromisoformat(text)
    else:
        parse_instant(text)
