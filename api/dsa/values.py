"""What single values of a statement must be, and what is said of one that is not: the database's own words. Pure.

Its messages are those of the framework it is written with (Laravel's validation), and stay so: clients match them.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from ledger.domain.json_values import is_array, is_object

Check = Callable[[str, Any], str | None]
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_IDENTIFIER = re.compile(r"[a-zA-Z0-9_-]+")
_EAN = re.compile(r"[0-9]{13}")


def label(name: str) -> str:
    """Return how a message calls a field."""
    return name.replace("_", " ")


def array(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
    """Say what is wrong unless the value is a list."""
    return None if is_array(value) else f"The {label(name)} field must be an array."


def keyed(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
    """Say what is wrong unless the value is an object, which is an array there, as a list is."""
    return None if is_object(value) else array(name, value)


def coded(known: Sequence[str]) -> Check:
    """Return the check that a value is one of these codes."""
    codes = frozenset(known)

    def check(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
        sound = isinstance(value, str) and value in codes
        return None if sound else f"The selected {label(name)} is invalid."

    return check


def all_coded(known: Sequence[str]) -> Check:
    """Return the check that each element of a list is one of these codes."""
    one = coded(known)

    def check(name: str, value: list[Any]) -> str | None:
        return next((fault for code in value if (fault := one(name, code)) is not None), None)

    return check


def text(maximum: int) -> Check:
    """Return the check that a value is text of so many characters at most."""

    def check(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
        if not isinstance(value, str):
            return f"The {label(name)} field must be a string."
        if len(value) > maximum:
            return f"The {label(name)} field must not be greater than {maximum} characters."
        return None

    return check


def dated(called: str, earliest: date | None, latest: date) -> Check:
    """Return the check that a value is a date between these, in the words for this field."""

    def check(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
        day = _date_of(value)
        if day is None:
            return f"The {called} does not match the format YYYY-MM-DD."
        if earliest is not None and day < earliest:
            return f"The {label(name)} field must be a date after or equal to {earliest}."
        if day > latest:
            return f"The {label(name)} field must be a date before or equal to {latest}."
        return None

    return check


def _date_of(value: Any) -> date | None:  # noqa: ANN401 - decoded JSON
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def url(name: str, value: str) -> str | None:
    """Say what is wrong unless the text is an address with a scheme and a host."""
    try:
        parts = urlsplit(value)
        sound = bool(parts.scheme and parts.hostname) and not any(character.isspace() for character in value)
    except ValueError:
        sound = False
    return None if sound else f"The {label(name)} field must be a valid URL."


def identifier(name: str, value: str) -> str | None:
    """Say what is wrong unless the text is made of what a platform's identifier may be."""
    return None if _IDENTIFIER.fullmatch(value) else f"The {label(name)} format is invalid."


def ean(name: str, value: Any) -> str | None:  # noqa: ANN401 - decoded JSON
    """Say what is wrong unless the value is 13 digits; nobody there looks at the last, which checks the others."""
    sound = isinstance(value, str) and _EAN.fullmatch(value)
    return None if sound else f"The {label(name)} field must be 13 digits."
