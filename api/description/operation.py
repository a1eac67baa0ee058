"""What one operation says of itself: parameters, body, answers, and the problems that it can meet."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

from api.description.schema import Schema

Access: TypeAlias = Literal["TOKEN", "OPEN", "EITHER"]
"""Whether it takes a token, none, or one where what is asked for is not open."""
JSON = "application/json"
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def operation_id(named: str) -> str:
    """Return the id of an operation that is named by its method and documented path."""
    return _NOT_A_WORD.sub("_", named.lower()).strip("_")


class Content(Struct, frozen=True, kw_only=True):
    """A body in one media type: its schema, and examples by name."""

    schema: Schema
    examples: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def describe(self) -> dict[str, Any]:
        """Return it as OpenAPI has it."""
        examples = {name: {"value": value} for name, value in self.examples.items()}
        return {"schema": self.schema, **({"examples": examples} if examples else {})}


Contents: TypeAlias = Mapping[str, Content]
"""A body, by the media types that it may have."""


class Link(Struct, frozen=True, kw_only=True):
    """What an answer leads to: an operation, by method and documented path, with parameters taken from the answer."""

    operation: str
    parameters: Mapping[str, str]


class Answer(Struct, frozen=True, kw_only=True):
    """What is answered under one status: what it means, in which media types, with which headers, leading where."""

    means: str
    contents: Contents = field(default_factory=dict[str, Content])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    links: Mapping[str, Link] = field(default_factory=dict[str, Link])

    def describe(self) -> dict[str, Any]:
        """Return it as OpenAPI has it."""
        said: dict[str, Any] = {"description": self.means}
        if self.headers:
            said["headers"] = {
                name: {"description": text, "schema": {"type": "string"}} for name, text in self.headers.items()
            }
        if self.contents:
            said["content"] = {media: content.describe() for media, content in self.contents.items()}
        if self.links:
            said["links"] = {
                name: {"operationId": operation_id(link.operation), "parameters": dict(link.parameters)}
                for name, link in self.links.items()
            }
        return said


class Operation(Struct, frozen=True, kw_only=True):
    """What a route says of itself beside its docstring, which is summary and description where none is given here.

    `problems` are the statuses of the problem documents that it may answer. `path` is where it is documented: None is
    the route's own path.
    """

    tag: str
    answers: Mapping[int, Answer]
    problems: Sequence[int]
    parameters: Sequence[Schema] = ()
    body: Contents | None = None
    access: Access = "TOKEN"
    path: str | None = None
    summary: str | None = None
    description: str | None = None


def answered(
    schema: Schema, means: str = "The answer", *, example: object = None, media: str = JSON, **links: Link
) -> Answer:
    """Return an answer in one media type; `links` are by name."""
    examples = {} if example is None else {"answer": example}
    return Answer(means=means, contents={media: Content(schema=schema, examples=examples)}, links=links)


def sent(schema: Schema, *, media: str = JSON, **examples: Any) -> Contents:  # noqa: ANN401 - JSON
    """Return a body in one media type, with examples by name."""
    return {media: Content(schema=schema, examples=examples)}
