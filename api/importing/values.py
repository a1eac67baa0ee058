"""Values of an event's data: constants, templates, and members made of one column. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from api.importing.conditions import Test, all_hold
from api.importing.dates import Known
from api.importing.references import Row, RowFault, RowReference, shown
from api.importing.templates import Template, text_of
from ledger.domain.json_values import is_array

ANYTHING_ELSE = "*"
"""What a code map says of everything that it does not name."""


class Maker(Protocol):
    """Makes a part of an event's data from a row."""

    def make(self, row: Row) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON value; None where there is nothing to say. Raises RowFault."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row."""

    value: Any

    def make(self, row: Row) -> Any:  # noqa: ANN401, ARG002 - JSON; no row is asked
        """Return it."""
        return self.value


@dataclass(frozen=True, slots=True)
class Text:
    """What a template comes to."""

    template: Template

    def make(self, row: Row) -> str | None:
        """Return the text; None where something of it is missing."""
        return self.template.fill(row)


@dataclass(frozen=True, slots=True)
class Items:
    """A list; what its elements leave out is left out of it."""

    makers: tuple[Maker, ...]

    def make(self, row: Row) -> list[Any] | None:
        """Return the list; None where it is empty."""
        return [made for maker in self.makers if (made := maker.make(row)) is not None] or None


@dataclass(frozen=True, slots=True)
class Members:
    """An object; what its members leave out is left out of it."""

    makers: Mapping[str, Maker]

    def make(self, row: Row) -> dict[str, Any] | None:
        """Return the object; None where it is empty."""
        return {name: made for name, maker in self.makers.items() if (made := maker.make(row)) is not None} or None


@dataclass(frozen=True, slots=True)
class Column:
    """What one column has, step by step made into a member: see `mapping.Value`."""

    reference: RowReference
    tests: tuple[Test, ...]
    default: Any
    required: bool
    split: str | None
    codes: Mapping[str, Any] | None
    read: Callable[[Any, RowReference], Any]

    def make(self, row: Row) -> Any:  # noqa: ANN401 - JSON
        """Return the value; None where it is left out. Raises RowFault."""
        found = self.reference.find(row) if all_hold(self.tests, row) else None
        if found is not None and self.split is not None:
            found = [part.strip() for part in str(found).split(self.split) if part.strip()]
        made = self._each(found) if found is not None else None
        if made in (None, "", [], {}):
            if self.required and self.default is None:
                raise RowFault("missing-value", f"the row has no {self.reference}")
            return self.default
        return made

    def _each(self, found: Any) -> Any:  # noqa: ANN401 - JSON
        return [self._one(element) for element in found] if is_array(found) else self._one(found)

    def _one(self, found: Any) -> Any:  # noqa: ANN401 - JSON
        return self.read(found if self.codes is None else self._coded(found, self.codes), self.reference)

    def _coded(self, found: Any, codes: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        text = text_of(found, self.reference) or ""
        if text not in codes and ANYTHING_ELSE not in codes:
            raise RowFault("unknown-code", f"{self.reference} has {shown(text)}, which the code map does not name")
        return codes.get(text, codes.get(ANYTHING_ELSE))


def as_it_is(value: Any, _reference: RowReference) -> Any:  # noqa: ANN401 - JSON
    """Return a value as the row has it."""
    return value


def as_integer(value: Any, reference: RowReference, scale: int) -> int:  # noqa: ANN401 - JSON
    """Return a decimal's digits as an integer, `scale` of them behind the point. Raises RowFault where more are."""
    try:
        scaled = Decimal(text_of(value, reference) or "").scaleb(scale)
        whole = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        raise RowFault("bad-value", f"{reference} is no number: {shown(value)}") from None
    if whole != scaled:
        raise RowFault("bad-value", f"{reference} has more than {scale} digits behind the point: {shown(value)}")
    return whole


def as_date(
    value: Any,  # noqa: ANN401 - JSON
    reference: RowReference,
    read: Callable[[object, str], Known],
    write: Callable[[Known], str | None],
) -> str:
    """Return a date or an instant as the ledger writes it. Raises RowFault where it is not known so exactly."""
    text = write(read(value, str(reference)))
    if text is None:
        raise RowFault("bad-date", f"{reference} is not known so exactly: {shown(value)}")
    return text
