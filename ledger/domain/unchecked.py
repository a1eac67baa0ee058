"""Shapes without their constraints: for data that was checked when it was recorded, and is only read again.

An unchecked shape is a subclass that has the same members, of the same types, but any text where a code or a pattern
was asked for, and no bounds. Reading it takes a fifth of the time, and most of what is read is read again.
"""

from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct, structs

Shape = TypeVar("Shape", bound=Struct)


@cache
def unchecked(shape: type[Shape]) -> type[Shape]:
    """Return the unchecked shape of a Struct: what it reads is an instance of that Struct, and says the same."""
    hints = get_type_hints(shape, include_extras=True)
    fields = [(field.name, _unchecked_type(hints[field.name]), _default(field)) for field in structs.fields(shape)]
    made = msgspec.defstruct(shape.__name__, fields, bases=(shape,), module=shape.__module__, frozen=True, kw_only=True)
    return cast("type[Shape]", made)


def _default(field: structs.FieldInfo) -> Any:  # noqa: ANN401 - whatever the member's default is
    if field.default_factory is not NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return field.default


def _unchecked_type(hint: Any) -> Any:  # noqa: ANN401 - a type, of which Python has no type
    """Return a type without constraints: those of `Annotated`, and the codes of a list of texts."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _unchecked_type(parts[0])
    if origin is Literal:
        return str if all(isinstance(code, str) for code in parts) else hint
    if origin in (Union, UnionType):
        return Union[tuple(_unchecked_type(part) for part in parts)]  # noqa: UP007 - of as many as there are
    if isinstance(origin, type):
        return GenericAlias(origin, tuple(part if part is Ellipsis else _unchecked_type(part) for part in parts))
    if isinstance(hint, type) and issubclass(hint, Struct):
        return unchecked(hint)
    return cast("Any", hint)
