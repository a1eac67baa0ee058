"""The OpenAPI document: about every route and no other, valid, and true in all of its examples."""

from collections.abc import AsyncGenerator

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import OPEN_ROUTES, ROUTES
from api.description.document import openapi
from api.description.items import TABLE
from api.description.register import OPERATIONS, TAGS
from api.description.routes import PATH, describing
from api.examples import read_examples
from ledger.server.embedded import EmbeddedServer
from projections.derivations import DERIVATIONS
from projections.lists import LISTS
from tests.api.demonstrated import demonstrated_desk
from tests.api.described import (
    IN_PATH,
    answer_faults,
    faults,
    operations,
    resolved,
)
from tests.api.desk import NDJSON, OPEN, Desk, Json
from tests.api.walk import walk

ALL = (*ROUTES, *OPEN_ROUTES, *describing(()))
DOCUMENT: Json = msgspec.json.decode(msgspec.json.encode(openapi(ALL)))


@pytest.fixture(scope="module")
async def desk(server: EmbeddedServer, template: str) -> AsyncGenerator[Desk]:
    async with demonstrated_desk(server, template) as opened:
        yield opened


def test_every_route_is_described_and_everything_described_is_a_route() -> None:
    routes = {f"{method} {path}" for route in ALL for path in route.paths for method in route.http_methods}
    assert routes == set(OPERATIONS)


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_operation_says_what_it_is_and_belongs_to_a_group_that_is_described() -> None:
    said = [operation for _, _, operation in operations(DOCUMENT)]
    assert [one["operationId"] for one in said if not one["summary"] or not one["description"]] == []
    assert len({one["operationId"] for one in said}) == len(said)
    assert {tag for one in said for tag in one["tags"]} == set(TAGS)


def test_every_list_says_what_its_items_have() -> None:
    assert set(TABLE) == {*LISTS, *(derivation.name for derivation in DERIVATIONS)}


def test_every_example_is_what_its_schema_says() -> None:
    wrong: list[tuple[str, str, list[str]]] = []
    for method, path, operation in operations(DOCUMENT):
        for parameter in operation["parameters"]:
            said = resolved(DOCUMENT, parameter)
            found = faults(DOCUMENT, said["schema"], said["example"]) if "example" in said else []
            wrong += [(f"{method} {path}", said["name"], found)] if found else []
        bodies = [
            operation.get("requestBody", {}),
            *(resolved(DOCUMENT, one) for one in operation["responses"].values()),
        ]
        for body in bodies:
            for media, content in body.get("content", {}).items():
                for example in content.get("examples", {}).values():
                    found = faults(DOCUMENT, content["schema"], example["value"])
                    wrong += [(f"{method} {path}", media, found)] if found else []
    assert wrong == []


def test_every_parameter_of_a_path_has_an_example_or_an_answer_that_leads_to_it() -> None:
    led: dict[str, set[str]] = {}
    for _, _, operation in operations(DOCUMENT):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                led.setdefault(link["operationId"], set()).update(link["parameters"])
    for method, path, operation in operations(DOCUMENT):
        said = [resolved(DOCUMENT, one) for one in operation["parameters"]]
        shown = {one["name"] for one in said if one["in"] == "path" and "example" in one}
        assert shown | led.get(operation["operationId"], set()) >= set(IN_PATH.findall(path)), (method, path)


async def test_every_example_request_is_answered_as_the_document_says(desk: Desk) -> None:
    wrong: list[tuple[str, int, list[str]]] = []
    for step in (await walk(desk, DOCUMENT)).steps:
        response, operation = step.response, step.request.operation
        media = response.headers.get("content-type", "")
        found = answer_faults(DOCUMENT, operation, response.status_code, media, response.content)
        if response.status_code >= 400 or found:
            wrong.append((step.request.name, response.status_code, [*found, response.text[:300]]))
    assert wrong == []


MOMENTS: tuple[dict[str, str], ...] = ({"as_of": "2021-12-01T00:00:00Z"}, {"as_of": "2025-12-01T00:00:00Z"})


async def test_every_member_of_every_item_is_described(desk: Desk) -> None:
    body = b"\n".join(map(msgspec.json.encode, read_examples().values()))
    await desk.post(body, log=OPEN, media=NDJSON)
    await desk.follow()
    undescribed: set[tuple[str, str]] = set()
    for name, item in TABLE.items():
        for moment in MOMENTS:
            answer = await desk.get(f"/v1/{name}", who="operator", limit=1000, certainty="POSSIBLE", **moment)
            known = {"log", "subject", *(member.removesuffix("?") for member in item.members)}
            undescribed |= {(name, member) for one in answer["items"] for member in one if member not in known}
    assert undescribed == set()


async def test_the_document_is_served_to_everybody(desk: Desk) -> None:
    served = await desk.get(PATH, who=None)
    assert served == DOCUMENT
