"""The streams that a state names, to be followed one step: from a case to its listing, its seller, its parties."""

import re
from collections.abc import Iterator

import msgspec

from ledger.domain.catalogue import STREAMS, kind_of
from ledger.domain.json_values import is_array, is_object

_REFERENCE = re.compile(r"[a-z_]+:[!-~]{1,200}")


def references_in(state: object, own: str) -> list[str]:
    """Return the subjects of streams that a state, as JSON values, names beside its own: sorted, each once."""
    return sorted(
        {text for text in _texts(msgspec.json.decode(msgspec.json.encode(state))) if text != own and _is_subject(text)}
    )


def _is_subject(text: str) -> bool:
    return _REFERENCE.fullmatch(text) is not None and kind_of(text) in STREAMS


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for member in value.values():
            yield from _texts(member)
    elif is_array(value):
        for element in value:
            yield from _texts(element)
