"""Every text in an event's data, with the member that it stands in, at any depth."""

from collections.abc import Iterator

import msgspec

from ledger.domain.fact import Fact
from ledger.domain.json_values import is_array, is_object

UNREAD = frozenset({"extra", "set"})
"""Members that are passed over: what no rule reads (contract 1), and what is told with the event that it corrects."""


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
