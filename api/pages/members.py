"""The data of an event as a person reads it: member by member, nested ones by their path, or in a short line. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from api.pages.values import Sort, sort_of
from ledger.domain.json_values import is_array, is_object

HIDDEN = {"[MASKED]": "masked", "[ERASED]": "erased"}
"""What stands where a personal value is not shown (contract section 1), with the name of its text."""
TELLING = (
    "title", "name", "display_name", "statement", "status", "outcome", "verdict", "kind", "reason_code",
    "decision_facts", "decision_ground", "category", "measure", "ground", "issue", "method", "feature", "country",
)  # fmt: skip
"""Members that tell most of an event, first: of what is not here the data's own order decides."""
UNREAD = "extra."
"""What a client added for itself, which no rule reads (contract section 1)."""
SUMMARY_MAX = 120
"""Characters of an event's short line: one row of a list."""
SUMMARY_MEMBERS = 4


class Member(Struct, frozen=True, kw_only=True):
    """A value of an event's data: its path, as `items[1].listing_id`, the value, and what that is."""

    path: str
    value: Any
    sort: Sort

    @property
    def hidden(self) -> str | None:
        """The name of the text for a personal value that is not shown; None for what is."""
        return HIDDEN.get(self.value) if isinstance(self.value, str) else None


def members_of(data: Mapping[str, Any]) -> list[Member]:
    """Return the values of an event's data in its order; what is empty or null says nothing and is left out."""
    return [
        Member(path=path, value=value, sort=sort_of(name, value))
        for path, name, value in _values(data, "", "")
        if value is not None and value != ""
    ]


def summary_of(data: Mapping[str, Any]) -> str:
    """Return an event's short line: the members that tell most, by name, as many as fit."""
    found = {
        member.path: f"{member.path}: {_written(member.value)}"
        for member in members_of(data)
        if not member.hidden and not member.path.startswith(UNREAD)
    }
    order = [name for name in TELLING if name in found] + [name for name in found if name not in TELLING]
    line = ", ".join(found[name] for name in order[:SUMMARY_MEMBERS])
    return line if len(line) <= SUMMARY_MAX else line[: SUMMARY_MAX - 1].rstrip() + "…"


def _written(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _values(value: object, path: str, name: str) -> Iterator[tuple[str, str, Any]]:
    """Yield every value that holds no others: its path, the name of the member that it is, or is in, and itself."""
    if is_object(value):
        for inner, held in value.items():
            yield from _values(held, f"{path}.{inner}" if path else inner, inner)
    elif is_array(value):
        for number, held in enumerate(value, 1):
            yield from _values(held, f"{path}[{number}]", name)
    else:
        yield path, name, value
