"""The reference page: the OpenAPI document as Markdown. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.description.schema import COMPONENTS

Part = Mapping[str, Any]
NOTHING = "—"
MOST_CODES = 8
"""Codes that are shown one by one; of more, the OpenAPI document has the list."""


def reference(document: Part) -> str:
    """Return the reference of all operations, group by group."""
    lines = ["# Reference", "", document["info"]["description"], "", "As OpenAPI 3.1: `/schema/openapi.json`.", ""]
    for tag in document["tags"]:
        lines += [f"## {tag['name']}", "", tag["description"], ""]
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if tag["name"] in operation["tags"]:
                    lines += _operation(document, method.upper(), path, operation)
    return "\n".join(lines)


def _operation(document: Part, method: str, path: str, operation: Part) -> Iterator[str]:
    yield f"### `{method} {path}`"
    yield ""
    yield " ".join(dict.fromkeys(operation[part].removesuffix(".") + "." for part in ("summary", "description")))
    yield ""
    if operation["parameters"]:
        yield "| parameter | in | what | type |"
        yield "|---|---|---|---|"
        for parameter in operation["parameters"]:
            said = _resolved(document, parameter)
            name = f"`{said['name']}`{' (needed)' if said.get('required') else ''}"
            yield f"| {name} | {said['in']} | {_cell(said['description'])} | {_cell(_type(said['schema']))} |"
        yield ""
    if "requestBody" in operation:
        contents = operation["requestBody"]["content"].items()
        yield "Body: " + ", ".join(f"`{media}` ({_type(content['schema'])})" for media, content in contents) + "."
        yield ""
    yield "| status | what | media types |"
    yield "|---|---|---|"
    for status, answer in operation["responses"].items():
        said = _resolved(document, answer)
        medias = ", ".join(f"`{media}`" for media in said.get("content", {}))
        yield f"| {status} | {_cell(said['description'])} | {medias or NOTHING} |"
    yield ""


def _resolved(document: Part, part: Part) -> Part:
    if "$ref" not in part:
        return part
    found: Part = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def _type(schema: Part) -> str:
    """Return a schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(COMPONENTS)
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        known = schema["enum"]
        return " or ".join(known) if len(known) <= MOST_CODES else "a code"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    bounds = [f"{word} {schema[key]}" for word, key in (("from", "minimum"), ("to", "maximum")) if key in schema]
    default = [f"default {str(schema['default']).lower()}"] if "default" in schema else []
    return ", ".join([schema.get("format", schema.get("type", "anything")), *bounds, *default])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
