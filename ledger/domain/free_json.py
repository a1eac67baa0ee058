"""Members whose shape is free: parameters of a rule, manifests, changes of a report. They are bounded all the same.

What canonical JSON cannot keep is refused here: numbers that are no integers within 2^53, names that are not ASCII.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import INTEGER_MAX

DEPTH_MAX = 8
"""Levels of a free member: deeper than any parameter or manifest needs, far from any stack's end."""
BYTES_MAX = 16_384
"""Size of a free member: a quarter of an entry."""

FreeObject = dict[str, Any]


def check_free(name: str, value: FreeObject | None) -> None:
    """Raise ValueError for what is wrong in a free member; its text begins with a pointer below `data`."""
    for fault in _faults(value, f"/{name}", 1):
        raise ValueError(fault)
    if value is not None and len(msgspec.json.encode(value)) > BYTES_MAX:
        raise ValueError(f"/{name}: is over {BYTES_MAX} bytes")


def _faults(value: object, pointer: str, depth: int) -> Iterator[str]:
    if depth > DEPTH_MAX:
        yield f"{pointer}: is nested deeper than {DEPTH_MAX} levels"
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        yield f"{pointer}: is no integer within 2^53: write decimals as strings"
    elif is_object(value):
        for member, inner in value.items():
            if not member.isascii() or not member.isprintable() or member.startswith("enc:"):
                yield f"{pointer}: has a member whose name is not printable ASCII, or begins enc:"
            yield from _faults(inner, f"{pointer}/{member}", depth + 1)
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from _faults(inner, f"{pointer}/{index}", depth + 1)
