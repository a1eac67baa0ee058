"""Decoded JSON, told apart for the type checkers: objects have string names, arrays have elements of any kind."""

from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a decoded JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a decoded JSON value is an array."""
    return isinstance(value, list)
