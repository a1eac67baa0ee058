"""The shape of every released version of every event: which members its data has, and which of them it must have.

A released shape never changes: a new one is a new version with an upcast. `shapes.json` keeps them, and
`tests/api/test_schemas.py` compares. `python -m tests.stored` adds the shapes of new versions; it never changes one
that is there. Whoever must change a shape that no release has had yet takes its line out of the file first.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from api.schemas import DEFINITIONS, describe_schema
from ledger.domain.catalogue import EVENTS

FILE = Path(__file__).parent / "shapes.json"


class Shape(Struct, frozen=True):
    """Paths of members, sorted: `a/b` is a member of a member, `a/*/b` one of every element."""

    members: list[str]
    required: list[str]


def newest_shapes() -> dict[str, Shape]:
    """Return the shapes of the newest versions, by type and version."""
    return {f"{name}/{event.class_version}": shape_of(describe_schema(event)) for name, event in EVENTS.items()}


def released_shapes() -> dict[str, Shape]:
    """Return the shapes that are kept."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, Shape])


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Return the shape that a schema describes."""
    paths = dict(_members(schema, schema["$defs"], ""))
    return Shape(members=sorted(paths), required=sorted(path for path, required in paths.items() if required))


def _members(node: Mapping[str, Any], definitions: Mapping[str, Any], at: str) -> Iterator[tuple[str, bool]]:
    if "$ref" in node:
        yield from _members(definitions[node["$ref"].removeprefix(DEFINITIONS)], definitions, at)
    for branch in node.get("anyOf", ()):
        yield from _members(branch, definitions, at)
    if "items" in node:
        yield from _members(node["items"], definitions, f"{at}*/")
    for name, member in node.get("properties", {}).items():
        yield f"{at}{name}", name in node["required"]
        yield from _members(member, definitions, f"{at}{name}/")


def write_shapes(shapes: Mapping[str, Shape]) -> None:
    """Keep these shapes, one a line, so that a change shows which."""
    lines = [f'"{name}":{msgspec.json.encode(shapes[name]).decode()}' for name in sorted(shapes)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
