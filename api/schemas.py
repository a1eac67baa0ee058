"""Schemas: what every event's data may be, as JSON Schema 2020-12, each with an example. Open to everybody."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from api.bodies import json_response
from api.examples import read_examples
from ledger.domain.catalogue import EVENTS, STREAMS, may_have
from ledger.domain.json_values import is_array, is_object
from ledger.domain.payload import Payload
from ledger.errors import NotFound
from ledger.shape import EVERY, Member, marked_members

MEDIA_TYPE = "application/schema+json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PERSONAL = "x-personal"
DEFINITIONS = "#/$defs/"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+")
_NAME = re.compile(r"[A-Za-z0-9]*")

Schema = dict[str, Any]


@get("/schemas")
async def list_schemas() -> Response[bytes]:
    """List every type of event: version, streams, time class, personal members, address and example."""
    return json_response({"items": [summarise(EVENTS[name]) for name in sorted(EVENTS)], "next": None})


@get("/schemas/{event_type:str}")
async def newest_schema(event_type: FromPath[str]) -> Response[bytes]:
    """Return the newest schema of a type."""
    return schema_response(event_type, None)


@get("/schemas/{event_type:str}/{version:str}")
async def one_schema(event_type: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """Return the schema of one version of a type."""
    return schema_response(event_type, version)


def schema_response(event_type: str, version: str | None) -> Response[bytes]:
    """Return a schema, the newest without `version`, as an answer. Raises NotFound."""
    event = EVENTS.get(event_type)
    if event is None:
        raise NotFound(f"there is no event type {event_type}: see /schemas")
    if version not in {None, str(event.class_version)}:
        raise NotFound(f"there is no version {version} of {event_type}: the newest is {event.class_version}")
    return Response(encode_schema(event_type), media_type=MEDIA_TYPE)


@cache
def encode_schema(event_type: str) -> bytes:
    """Return the newest schema of a type as JSON. It is the same as long as the process lives."""
    return msgspec.json.encode(describe_schema(EVENTS[event_type]))


def summarise(event: type[Payload]) -> dict[str, Any]:
    """Return what the list says of an event type. Of a † member inside another, the path is given: `documents/*/x`."""
    return {
        "type": event.event_type,
        "version": event.class_version,
        "streams": streams_of(event),
        "time_class": event.time_class.value,
        "personal": ["/".join(member.path) for member in _personal(event)],
        "description": event.__doc__,
        "href": address_of(event),
        "example": read_examples()[event.event_type],
    }


def describe_schema(event: type[Payload]) -> Schema:
    """Return the schema of an event's data, in its newest version.

    `examples` has the data of the one example there is; `example` is the whole event.
    """
    _, components = msgspec.json.schema_components([event], ref_template=DEFINITIONS + "{name}")
    definitions = _plainly_named(components)
    root = definitions.pop(event.event_type)
    for member in _personal(event):
        for holder in _at(root, member.path, definitions):
            holder[PERSONAL] = True
            for text in _branches(holder, definitions):
                if text.get("type") == "string":
                    text["maxLength"] = member.bound  # what a client may send; the ledger's ciphertext is longer
            holder["maxLength"] = member.bound
    example = read_examples()[event.event_type]
    return {
        "$schema": DIALECT,
        "$id": address_of(event),
        **root,
        "x-time-class": event.time_class.value,
        "x-streams": streams_of(event),
        "examples": [example["data"]],
        "example": example,
        "$defs": definitions,
    }


def address_of(event: type[Payload]) -> str:
    """Return where the newest schema of an event type is: what its `dataschema` says."""
    return f"/schemas/{event.event_type}/{event.class_version}"


def streams_of(event: type[Payload]) -> list[str]:
    """Return the kinds of subject that an event type may be about."""
    return [kind for kind in STREAMS if may_have(event, kind)]


def _personal(event: type[Payload]) -> list[Member]:
    return [member for member in marked_members(event) if member.mark == "personal"]


def _plainly_named(components: Mapping[str, Schema]) -> dict[str, Schema]:
    """Give the definitions of generic types, whose names spell their parameters out, names that stay the same."""
    names: dict[str, str] = {}
    for number, name in enumerate(components, 1):
        match = _NAME.match(name)
        names[name] = name if match is None or _PLAIN_NAME.fullmatch(name) else f"{match[0]}{number}"
    plain = {names[name]: _renamed(schema, names) for name, schema in components.items()}
    for name, schema in plain.items():
        schema["title"] = name
    return plain


def _renamed(node: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of a schema
    if is_array(node):
        return [_renamed(part, names) for part in node]
    if not is_object(node):
        return node
    return {
        key: DEFINITIONS + names[value.removeprefix(DEFINITIONS)] if key == "$ref" else _renamed(value, names)
        for key, value in node.items()
    }


def _at(schema: Schema, path: tuple[str, ...], definitions: Mapping[str, Schema]) -> Iterator[Schema]:
    """Yield the schemas of the member at a path, through definitions and alternatives."""
    if not path:
        yield schema
        return
    for branch in _branches(schema, definitions):
        below = branch.get("items") if path[0] == EVERY else branch.get("properties", {}).get(path[0])
        if below is not None:
            yield from _at(below, path[1:], definitions)


def _branches(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[Schema]:
    if "$ref" in schema:
        yield from _branches(definitions[schema["$ref"].removeprefix(DEFINITIONS)], definitions)
    for branch in schema.get("anyOf", ()):
        yield from _branches(branch, definitions)
    yield schema


ROUTES = (list_schemas, newest_schema, one_schema)
