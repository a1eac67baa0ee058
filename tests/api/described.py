"""Reading the OpenAPI document as a client does: which requests its examples make, and what its schemas say."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

import jsonschema_rs
import msgspec
from msgspec import Struct

from api.description.operation import JSON
from ledger.domain.json_values import is_array, is_object
from tests.api.desk import Json

IN_PATH = re.compile(r"\{(\w+)\}")
METHODS = ("get", "post", "put", "patch", "delete")


class ExampleRequest(Struct, frozen=True, kw_only=True):
    """A request that the document has as an example; `operation` is what it says of it."""

    method: str
    template: str
    parameters: Mapping[str, Json]
    query: Mapping[str, Json]
    headers: Mapping[str, str]
    content: bytes | None
    operation: Mapping[str, Json]

    @property
    def name(self) -> str:
        """The operation's method and path."""
        return f"{self.method} {self.template}"

    @property
    def identifier(self) -> str:
        """The operation's id."""
        return str(self.operation["operationId"])

    def waits(self, given: Mapping[str, Json]) -> bool:
        """Tell whether the path has a part that another answer leads to, and that was not given yet."""
        return not {*self.parameters, *given} >= set(IN_PATH.findall(self.template))

    def path(self, given: Mapping[str, Json]) -> str:
        """Return the path, filled with what was given, else with the examples."""
        filled = {**self.parameters, **given}
        return self.template.format(**{name: quote(str(value), safe=":") for name, value in filled.items()})


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def resolved(document: Json, node: Json) -> Json:
    """Return what a node says, or the component that it refers to."""
    while is_object(node) and "$ref" in node:
        place = document
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            place = place[part]
        node = place
    return node


def example_requests(document: Json) -> Iterator[ExampleRequest]:
    """Yield the example requests of every operation: one for each example of a body, else one; deletions at the end."""
    for method, path, operation in sorted(operations(document), key=lambda one: one[0] == "DELETE"):
        said = [resolved(document, one) for one in operation["parameters"]]
        shown = {
            place: {one["name"]: one["example"] for one in said if one["in"] == place and "example" in one}
            for place in ("path", "query", "header")
        }
        for headers, content in _bodies(operation.get("requestBody")):
            yield ExampleRequest(
                method=method,
                template=path,
                parameters=shown["path"],
                query=shown["query"],
                headers={**shown["header"], **headers},
                content=content,
                operation=operation,
            )


def linked(
    operation: Json, status: int, parameters: Mapping[str, Json], body: Json
) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the operations that an answer leads to, by id, each with the parameters that it gives them."""
    for link in operation["responses"].get(str(status), {}).get("links", {}).values():
        yield (
            link["operationId"],
            {name: _evaluated(said, parameters, body) for name, said in link["parameters"].items()},
        )


def _evaluated(expression: str, parameters: Mapping[str, Json], body: Json) -> Json:
    """Return what a runtime expression of OpenAPI stands for: a parameter of the path, or a part of the answer."""
    if expression.startswith("$request.path."):
        return parameters[expression.removeprefix("$request.path.")]
    found = body
    for part in expression.removeprefix("$response.body#/").split("/"):
        found = found[int(part)] if is_array(found) else found[part]
    return found


def _bodies(body: Json) -> Iterator[tuple[dict[str, str], bytes | None]]:
    if body is None:
        yield {}, None
        return
    for media, content in body["content"].items():
        for example in content["examples"].values():
            value = example["value"]
            sent = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
            yield {"Content-Type": media}, sent


def faults(document: Json, schema: Json, value: Json) -> list[str]:
    """Return where a value is not what a schema of the document says."""
    whole = {"$schema": document["jsonSchemaDialect"], **schema, "components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole)
    return [f"{'/'.join(map(str, one.instance_path))}: {one.message}" for one in validator.iter_errors(value)]


def answer_faults(document: Json, operation: Json, status: int, media: str, body: bytes) -> list[str]:
    """Return in what an answer is not as the operation says: its status, its media type, its content."""
    if str(status) not in operation["responses"]:
        return [f"{status} is not among {', '.join(operation['responses'])}"]
    contents = resolved(document, operation["responses"][str(status)]).get("content", {})
    known = media.partition(";")[0]
    if not contents:
        return [] if not body else [f"{status} has no content"]
    if known not in contents:
        return [f"{known} is not among {', '.join(contents)}"]
    if known != JSON and not known.endswith("+json"):
        return []
    return faults(document, contents[known]["schema"], msgspec.json.decode(body))
