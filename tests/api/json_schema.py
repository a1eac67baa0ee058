"""A small validator of JSON Schema 2020-12, written from its specification: the keywords that our schemas have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.domain.json_values import is_array, is_object
from tests.api.desk import Json

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
ANNOTATIONS = {
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "example",
    "format",
    "contentEncoding",
    "x-personal",
    "x-streams",
    "x-time-class",
}
Schema = Mapping[str, Any]


def is_valid(value: Json, schema: Schema) -> bool:
    """Tell whether a value is what a schema says."""
    return not list(faults(value, schema, schema))


def faults(value: Json, schema: Schema, root: Schema, at: str = "") -> Iterator[str]:
    """Yield where, and against which keyword, a value fails. A keyword that is not known is a KeyError."""
    for keyword, wanted in schema.items():
        if keyword in ANNOTATIONS:
            continue
        if keyword == "$ref":
            yield from faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, at)
        elif keyword == "properties":
            yield from _members(value, wanted, root, at)
        elif keyword == "additionalProperties":
            yield from _others(value, wanted, schema, root, at)
        elif keyword == "items":
            for index, element in enumerate(value if is_array(value) else ()):
                yield from faults(element, wanted, root, f"{at}/{index}")
        elif keyword == "propertyNames":
            for name in value if is_object(value) else ():
                yield from faults(name, wanted, root, f"{at}/{name}")
        elif not _holds(keyword, wanted, value, root):
            yield f"{at}: {keyword}"


def _members(value: Json, properties: Schema, root: Schema, at: str) -> Iterator[str]:
    for name, member in properties.items():
        if is_object(value) and name in value:
            yield from faults(value[name], member, root, f"{at}/{name}")


def _others(value: Json, wanted: Schema | bool, schema: Schema, root: Schema, at: str) -> Iterator[str]:
    for name in value if is_object(value) else ():
        if name not in schema.get("properties", {}):
            if wanted is False:
                yield f"{at}/{name}: additionalProperties"
            elif wanted is not True:
                yield from faults(value[name], wanted, root, f"{at}/{name}")


def _holds(keyword: str, wanted: Json, value: Json, root: Schema) -> bool:
    if keyword == "type":
        return isinstance(value, TYPES[wanted]) and (wanted != "integer" or not isinstance(value, bool))
    if keyword == "enum":
        return value in wanted
    if keyword == "anyOf":
        return any(not list(faults(value, branch, root)) for branch in wanted)
    if keyword in {"required", "maxProperties"}:
        return not is_object(value) or _object_holds(keyword, wanted, value)
    if keyword in {"minItems", "maxItems"}:
        return not is_array(value) or _bounded(len(value), keyword, wanted)
    if keyword in {"minLength", "maxLength", "pattern"}:
        return not isinstance(value, str) or _text_holds(keyword, wanted, value)
    bound = {"minimum": "min", "maximum": "max"}[keyword]
    return isinstance(value, bool) or not isinstance(value, int) or _bounded(value, bound, wanted)


def _object_holds(keyword: str, wanted: Json, value: Mapping[str, Any]) -> bool:
    return set(wanted) <= set(value) if keyword == "required" else len(value) <= wanted


def _text_holds(keyword: str, wanted: Json, value: str) -> bool:
    return bool(re.search(wanted, value)) if keyword == "pattern" else _bounded(len(value), keyword, wanted)


def _bounded(number: int, keyword: str, bound: int) -> bool:
    return number >= bound if keyword.startswith("min") else number <= bound
