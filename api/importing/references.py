"""References: what a mapping names of a row: a column, or what a JSON pointer (RFC 6901) finds below one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ledger.domain.json_values import is_array, is_object

VALUE_SHOWN = 60
"""Characters of a value that are shown of a bad row."""
Row: TypeAlias = Mapping[str, Any]
"""A row by column: texts of a CSV file, any JSON of an NDJSON one."""


class RowFault(Exception):
    """What is wrong with a row, for one event that it was to make: a stable code, and where and what.

    The codes: `missing-value`, `bad-date`, `bad-value`, `unknown-code`; of whole rows `unreadable` and `wrong-cells`.
    What the ledger itself refuses has the codes of the contract.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{detail} ({code})")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RowReference:
    """A reference that was read: a column, and the steps below it."""

    column: str
    steps: tuple[str, ...] = ()

    def find(self, row: Row) -> Any:  # noqa: ANN401 - decoded JSON
        """Return what a row has here: texts without blanks around them, and None for nothing, blank or empty."""
        found: Any = row.get(self.column)
        for step in self.steps:
            found = _below(found, step)
        if isinstance(found, str):
            found = found.strip()
        return None if found in ("", [], {}) else found

    def __str__(self) -> str:
        """Return it as it stands in a mapping."""
        return "/" + "/".join((self.column, *self.steps)) if self.steps else self.column


def parse_reference(text: str) -> RowReference:
    """Return the reference that a text is: one that begins with a slash is a JSON pointer."""
    if not text.startswith("/"):
        return RowReference(text)
    column, *steps = (step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    return RowReference(column, tuple(steps))


def shown(value: object) -> str:
    """Return a value as it is shown of a bad row."""
    text = repr(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[:VALUE_SHOWN]}..."


def _below(value: Any, step: str) -> Any:  # noqa: ANN401 - decoded JSON
    if is_object(value):
        return value.get(step)
    if is_array(value) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None
