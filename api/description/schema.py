"""Parts of schemas, in the words of JSON Schema 2020-12, which OpenAPI 3.1 speaks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
COMPONENTS = "#/components/schemas/"
HEX_DIGEST = r"^[0-9a-f]{64}$"


def text(**more: Any) -> Schema:  # noqa: ANN401 - JSON
    """Return the schema of a text; `more` are other keywords."""
    return {"type": "string", **more}


def whole(**more: Any) -> Schema:  # noqa: ANN401 - JSON
    """Return the schema of a whole number; `more` are other keywords."""
    return {"type": "integer", **more}


def truth() -> Schema:
    """Return the schema of true and false."""
    return {"type": "boolean"}


def instant() -> Schema:
    """Return the schema of an RFC 3339 instant."""
    return text(format="date-time")


def digest() -> Schema:
    """Return the schema of a SHA-256 hash in hexadecimal."""
    return text(pattern=HEX_DIGEST)


def or_null(schema: Schema) -> Schema:
    """Return the schema of what may also be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def choice(known: Iterable[str]) -> Schema:
    """Return the schema of one of these codes."""
    return {"type": "string", "enum": list(known)}


def each(items: Schema, **more: Any) -> Schema:  # noqa: ANN401 - JSON
    """Return the schema of a list; `more` are other keywords."""
    return {"type": "array", "items": items, **more}


def by_name(values: Schema) -> Schema:
    """Return the schema of an object whose members have names of their own."""
    return {"type": "object", "additionalProperties": values}


def members(properties: Mapping[str, Schema], required: Sequence[str] | None = None) -> Schema:
    """Return the schema of an object; None: all of its members are always there. It may have others besides."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
    }


def ref(name: str) -> Schema:
    """Return what stands for a component."""
    return {"$ref": COMPONENTS + name}
