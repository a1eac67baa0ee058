"""Templates: texts with what a row has in them. Pure.

`{reference}` or `{reference|filter|filter}`; `{{` and `}}` are braces. The filters:

    escape      for ids: what is not A-Z a-z 0-9 . _ - is written `:` and two hex digits for each byte of UTF-8
    sha256      64 hex digits, for keys that are long or not to be seen; not a way to hide a name: it can be guessed
    lower upper
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from api.importing.references import Row, RowFault, RowReference, parse_reference, shown

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_UNSAFE = re.compile(rb"[^A-Za-z0-9._-]")


def escape(text: str) -> str:
    """Return a text with nothing in it that an id may not have; no two texts come out the same."""
    return _UNSAFE.sub(lambda byte: b":%02X" % byte[0][0], text.encode()).decode()


def digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


FILTERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"escape": escape, "sha256": digest, "lower": str.lower, "upper": str.upper}
)


@dataclass(frozen=True, slots=True)
class Slot:
    """What a row has at a reference, passed through filters."""

    reference: RowReference
    filters: tuple[Callable[[str], str], ...]

    def fill(self, row: Row) -> str | None:
        """Return the text, None where the row has none. Raises RowFault for a list or an object."""
        text = text_of(self.reference.find(row), self.reference)
        for through in self.filters if text is not None else ():
            text = through(text or "")
        return text


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was parsed: texts and slots in order."""

    parts: tuple[str | Slot, ...]

    @property
    def references(self) -> tuple[RowReference, ...]:
        """What it reads of a row."""
        return tuple(part.reference for part in self.parts if isinstance(part, Slot))

    @property
    def head(self) -> str:
        """The text before its first slot."""
        return self.parts[0] if self.parts and isinstance(self.parts[0], str) else ""

    def fill(self, row: Row) -> str | None:
        """Return the text for a row, None where something of it is missing. Raises RowFault."""
        filled = [part if isinstance(part, str) else part.fill(row) for part in self.parts]
        texts = [text for text in filled if text is not None]
        return "".join(texts) if len(texts) == len(filled) else None

    def require(self, row: Row, what: str) -> str:
        """Return the text for a row that must have all of it. Raises RowFault."""
        text = self.fill(row)
        if text is None:
            missing = [str(reference) for reference in self.references if reference.find(row) is None]
            raise RowFault("missing-value", f"{what}: the row has no {' and no '.join(missing)}")
        return text


def parse_template(text: str) -> Template:
    """Return the template that a text is. Raises ValueError that says what cannot be read."""
    parts: list[str | Slot] = []
    end = 0
    for match in _PART.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        if match[1] is not None:
            parts.append(_slot(match[1]))
        elif len(match[0]) == len("{{"):
            parts.append(match[0][0])
        else:
            raise ValueError(f"the brace at character {match.start() + 1} has no other: write {{{{ for a brace")
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def text_of(value: object, reference: RowReference) -> str | None:
    """Return what a row has as text: numbers and truths as JSON has them. Raises RowFault for lists and objects."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise RowFault("bad-value", f"{reference} is no text: {shown(value)}")


def _slot(text: str) -> Slot:
    name, *filters = (part.strip() for part in text.split("|"))
    unknown = [one for one in filters if one not in FILTERS]
    if unknown:
        raise ValueError(f"there is no filter {unknown[0]!r}: {', '.join(FILTERS)}")
    if not name:
        raise ValueError("{} names no column")
    return Slot(parse_reference(name), tuple(FILTERS[one] for one in filters))
