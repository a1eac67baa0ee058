"""Every text in an event's data: with the member that it stands in, and those in which people write what they like."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import Struct, inspect

from ledger.domain.catalogue import EVENTS
from ledger.domain.fact import Fact
from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import NAME_MAX, Payload
from ledger.shape import EVERY, values_at

UNREAD = frozenset({"extra", "set"})
"""Members that are passed over: what no rule reads (contract 1), and what is told with the event that it corrects."""
SENTENCE_MIN = 300
"""A text without a pattern that may have so many characters is one that people write; shorter ones are codes."""
Freedom: TypeAlias = Literal["SENTENCE", "NAME"]
"""What a member holds: sentences, or the name or number of a thing."""


class FreeMember(Struct, frozen=True):
    """A member in which people write: its path in the payload (`*` stands for every element), and what it holds."""

    path: tuple[str, ...]
    freedom: Freedom

    @property
    def name(self) -> str:
        """The member's own name."""
        return next(step for step in reversed(self.path) if step != EVERY)


def texts_of(fact: Fact) -> Iterator[tuple[str, str]]:
    """Yield the name of each member that holds a text, or a list of texts, and each text."""
    return _texts(msgspec.json.decode(msgspec.json.encode(fact.payload)), "")


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif is_object(value):
        for inner, member in value.items():
            if inner not in UNREAD:
                yield from _texts(member, inner)
    elif is_array(value):
        for member in value:
            yield from _texts(member, name)


def free_texts_of(fact: Fact) -> Iterator[tuple[FreeMember, str]]:
    """Yield each text that people have written freely, with its member; none that is encrypted."""
    members = free_members(EVENTS[fact.type])  # what is read was checked, and its own types say less
    data = msgspec.json.decode(msgspec.json.encode(fact.payload)) if members else None
    for member in members:
        for _, _, _, text in values_at(data, member.path):
            if isinstance(text, str):
                yield member, text


@cache
def free_members(shape: type[Payload]) -> tuple[FreeMember, ...]:
    """Return the members of a payload in which people write what they like, as their types tell.

    Those are texts without a pattern, a format or a list of codes, that are not encrypted and may be long.
    """
    return tuple(dict.fromkeys(_free(inspect.type_info(shape), ())))


def _free(node: inspect.Type, path: tuple[str, ...]) -> Iterator[FreeMember]:
    match node:
        case inspect.Metadata(type=inner):
            extra: dict[str, Any] = msgspec.structs.asdict(node)["extra"] or {}  # its own type says nothing
            if not extra.keys() & {"personal", "format"}:
                yield from _free(inner, path)
        case inspect.StrType(max_length=int(longest), min_length=shortest, pattern=None) if longest >= SENTENCE_MIN:
            yield FreeMember(path, "NAME" if shortest and longest == NAME_MAX else "SENTENCE")
        case inspect.UnionType(types=types):
            for inner in types:
                yield from _free(inner, path)
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner):
            yield from _free(inner, (*path, EVERY))
        case inspect.StructType(fields=fields):
            for field in fields:
                if field.encode_name not in UNREAD:
                    yield from _free(field.type, (*path, field.encode_name))
        case _:
            return
