"""Cohorts in parts: the same things by one attribute after another, as lines of one table. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

Said: TypeAlias = str | bool | tuple[str, ...] | None
"""What a member of a cohort says of itself; None: nothing."""

ALL = "all"
UNKNOWN = "UNKNOWN"
"""What stands for an attribute that was not said."""
T = TypeVar("T")


class Group(Struct, Generic[T], frozen=True):
    """The members of a cohort that have `value` as the attribute `by`."""

    by: str
    value: str
    members: Sequence[T]


def groups(cohort: Sequence[T], attributes: Mapping[str, Callable[[T], Said]]) -> Iterator[Group[T]]:
    """Yield the whole cohort, then its parts by each attribute, in order of value. A list has each of its values."""
    yield Group(ALL, ALL, cohort)
    for by, attribute in attributes.items():
        parts: dict[str, list[T]] = {}
        for member in cohort:
            for value in _values(attribute(member)):
                parts.setdefault(value, []).append(member)
        for value, members in sorted(parts.items()):
            yield Group(by, value, members)


def _values(said: Said) -> Sequence[str]:
    if said is None:
        return (UNKNOWN,)
    if isinstance(said, bool):
        return ("true" if said else "false",)
    if isinstance(said, tuple):
        return tuple(dict.fromkeys(said)) or (UNKNOWN,)
    return (said,)
