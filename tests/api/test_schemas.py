"""Every type of event has a schema and an example; schema, example and service say the same; shapes do not change."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest

from api.examples import Example, read_examples
from api.schemas import DIALECT, MEDIA_TYPE, address_of, describe_schema, streams_of
from ledger.domain.catalogue import EVENTS, SUBJECTS, kind_of
from ledger.domain.corrections import ANY_STREAM
from ledger.domain.json_values import is_array, is_object
from ledger.shape import values_at
from tests.api.desk import NDJSON, OPEN, Desk, Json
from tests.api.json_schema import is_valid
from tests.stored.shapes import newest_shapes, released_shapes

NAMES = sorted(EVENTS)
EXAMPLES = read_examples()
SCHEMAS = {name: describe_schema(event) for name, event in EVENTS.items()}
PYTHON_ONLY = re.compile(r"\(\?(?!:|=|!|<=|<!)|\\[AZabzGQE]|[*+?}]\+|\[\[|\[\]|\{,")
"""What a pattern of `re` may have and one of ECMA-262 may not, or means otherwise."""


def patterns(node: Json) -> Iterator[str]:
    """Yield every pattern of a schema."""
    if is_array(node):
        for value in node:
            yield from patterns(value)
    if is_object(node):
        for key, value in node.items():
            if key == "pattern" and isinstance(value, str):
                yield value
            elif key not in {"example", "examples"}:
                yield from patterns(value)


def with_data(example: Example, number: int, data: Mapping[str, Any]) -> Example:
    """Return an event like the example, of another id and with other data."""
    return example | {"id": f"{example['id']}-{number}", "data": data}


def spoiled(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what the example's data becomes by each fault of its members, after the pointer of the fault."""
    data = EXAMPLES[name]["data"]
    for member in SCHEMAS[name]["required"]:
        yield f"/data/{member}", {key: value for key, value in data.items() if key != member}
    yield "/data/nobody_knows_this", data | {"nobody_knows_this": 1}


@pytest.fixture(scope="module")
async def filled(shared_desk: Desk) -> Desk:
    """Append every example on its own, in the order of the file."""
    for name, example in EXAMPLES.items():
        response = await shared_desk.send(example)
        assert response.status_code == 201, (name, response.text)
    return shared_desk


def test_every_type_has_one_example_about_a_subject_it_may_have() -> None:
    assert sorted(EXAMPLES) == NAMES
    assert len({example["id"] for example in EXAMPLES.values()}) == len(NAMES)
    for name, example in EXAMPLES.items():
        kind = kind_of(example["subject"])
        assert kind in streams_of(EVENTS[name])
        assert SUBJECTS[kind].fullmatch(example["subject"])


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_what_its_schema_says_and_a_spoiled_one_is_not(name: str) -> None:
    schema = SCHEMAS[name]

    assert is_valid(EXAMPLES[name]["data"], schema)
    assert [pointer for pointer, data in spoiled(name) if is_valid(data, schema)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_of_what_it_is(name: str) -> None:
    event, schema = EVENTS[name], SCHEMAS[name]

    assert schema["$schema"] == DIALECT
    assert schema["$id"] == f"/schemas/{name}/{event.class_version}"
    assert schema["title"] == name
    assert schema["description"] == event.__doc__
    assert schema["x-time-class"] == event.time_class.value
    assert set(schema["x-streams"]) == set(SUBJECTS if event.streams == ANY_STREAM else event.streams)
    assert schema["examples"] == [schema["example"]["data"]]
    assert schema["additionalProperties"] is False
    assert all(re.fullmatch(r"[A-Za-z0-9]+", definition) for definition in schema["$defs"])


def test_every_pattern_is_one_of_ecma_262_too() -> None:
    found = {pattern for schema in SCHEMAS.values() for pattern in patterns(schema)}

    assert len(found) > 50
    assert all(re.compile(pattern) for pattern in found)
    assert [pattern for pattern in found if PYTHON_ONLY.search(pattern)] == []


@pytest.mark.parametrize("name", NAMES)
async def test_a_schema_is_served_to_everybody(shared_desk: Desk, name: str) -> None:
    newest = await shared_desk.ask("GET", f"/schemas/{name}", who=None)
    named = await shared_desk.ask("GET", address_of(EVENTS[name]), who=None)

    assert (named.status_code, named.headers["content-type"]) == (200, MEDIA_TYPE)
    assert named.json() == SCHEMAS[name]
    assert newest.content == named.content


async def test_the_list_of_schemas_is_open_and_leads_to_each(shared_desk: Desk) -> None:
    listed = await shared_desk.get("/schemas", who=None)
    items = {item["type"]: item for item in listed["items"]}

    assert [item["type"] for item in listed["items"]] == NAMES
    assert listed["next"] is None
    assert {name: item["example"] for name, item in items.items()} == EXAMPLES
    assert {name: item["href"] for name, item in items.items()} == {name: SCHEMAS[name]["$id"] for name in NAMES}
    assert items["SellerVerificationSubmitted"] == {
        "type": "SellerVerificationSubmitted",
        "version": 1,
        "streams": ["seller"],
        "time_class": "T1",
        "personal": ["documents/*/number"],
        "description": "A seller handed in documents to be verified.",
        "href": "/schemas/SellerVerificationSubmitted/1",
        "example": EXAMPLES["SellerVerificationSubmitted"],
    }


async def test_the_description_of_the_api_is_open_as_before(shared_desk: Desk) -> None:
    described = await shared_desk.ask("GET", "/schema/openapi.json", who=None)

    assert described.status_code == 200
    assert "/schemas/{event_type}/{version}" in described.json()["paths"]
    assert (await shared_desk.ask("GET", "/schemasx", who=None)).status_code == 401


@pytest.mark.parametrize("path", ["/schemas", "/schemas/ListingBlocked", "/schemas/ListingBlocked/1"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_is_open_can_only_be_read(shared_desk: Desk, method: str, path: str) -> None:
    response = await shared_desk.ask(method, path, who=None)

    assert (response.status_code, response.json()["type"]) == (405, "/problems/method-not-allowed")


@pytest.mark.parametrize(
    "path",
    ["Nothing", "Nothing/1", "listingblocked", "ListingBlocked/0", "ListingBlocked/2", "ListingBlocked/01"],
)
async def test_a_schema_that_does_not_exist_is_not_found(shared_desk: Desk, path: str) -> None:
    response = await shared_desk.ask("GET", f"/schemas/{path}", who=None)
    problem = response.json()

    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, problem["status"], problem["type"]) == (404, 404, "/problems/not-found")


async def test_every_example_is_accepted_and_its_personal_members_are_sealed(filled: Desk) -> None:
    listed = await filled.get("/schemas", who=None)

    assert await filled.size() == len(NAMES)
    for item in listed["items"]:
        entry = msgspec.json.decode(await filled.entry(item["example"]["id"]))
        assert entry["dataschema"] == item["href"]
        for path in item["personal"]:
            sealed = [value for *_, value in values_at(entry["data"], tuple(path.split("/")))]
            assert sealed, (item["type"], path)
            assert all(value.startswith("enc:v1:") for value in sealed), (item["type"], path)


async def test_all_examples_together_are_one_batch(shared_desk: Desk) -> None:
    body = b"\n".join(msgspec.json.encode(example) for example in EXAMPLES.values())
    response = await shared_desk.post(body, log=OPEN, media=NDJSON)

    assert response.status_code == 201, response.text
    assert [receipt["id"] for receipt in response.json()["receipts"]] == [e["id"] for e in EXAMPLES.values()]


async def test_what_a_schema_refuses_the_ledger_refuses(filled: Desk) -> None:
    told = [(name, *fault) for name in NAMES for fault in spoiled(name)]
    events = [with_data(EXAMPLES[name], number, data) for number, (name, _, data) in enumerate(told)]
    size = await filled.size()
    for (name, pointer, _), event in zip(told, events, strict=True):
        response = await filled.send(event)
        faults = response.json().get("errors", [])
        assert response.status_code == 422, (name, pointer)
        assert (pointer, "invalid-event") in [(fault["pointer"], fault["code"]) for fault in faults], (name, faults)

    assert await filled.size() == size


def test_released_shapes_never_change() -> None:
    kept, newest = released_shapes(), newest_shapes()

    assert {name: newest[name] for name in kept if name in newest} == {n: s for n, s in kept.items() if n in newest}
    assert set(newest) <= set(kept), "new versions are kept by: python -m tests.stored"
    assert {name for name in kept if name.partition("/")[0] not in EVENTS} == set()
