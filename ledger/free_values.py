"""Free JSON, of which no type says what it holds: what is wrong in it, wherever it is (contract section 1). Pure."""

from typing import Any

from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import INTEGER_MAX
from ledger.errors import Fault
from ledger.shape import INVALID, escaped

NESTING_MAX = 64
"""Levels of data at most: whoever reads an entry must be able to, however deep its own stack is."""
TOO_DEEP = f"is nested deeper than {NESTING_MAX} levels"


def free_faults(value: Any, pointer: str, depth: int = 0) -> list[Fault]:  # noqa: ANN401 - any JSON value
    """Return what is wrong in free JSON: U+0000, `enc:`, numbers that are no integers, names that are not ASCII."""
    if depth > NESTING_MAX:
        return [Fault(INVALID, pointer, TOO_DEEP)]
    if isinstance(value, str):
        if "\0" in value:
            return [Fault(INVALID, pointer, "holds U+0000")]
        return (
            [Fault(INVALID, pointer, "begins with enc:, which only the ledger writes")] if value[:4] == "enc:" else []
        )
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > INTEGER_MAX):
        return [Fault(INVALID, pointer, "is no integer within 2^53: write decimals as strings")]
    faults: list[Fault] = []
    if is_object(value):
        for name, inner in value.items():
            if not name.isascii() or not name.isprintable() or name[:4] == "enc:":
                faults.append(Fault(INVALID, pointer, "has a member whose name is not printable ASCII, or begins enc:"))
            faults += free_faults(inner, f"{pointer}/{escaped(name)}", depth + 1)
    elif is_array(value):
        for index, inner in enumerate(value):
            faults += free_faults(inner, f"{pointer}/{index}", depth + 1)
    return faults
