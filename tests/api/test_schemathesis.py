"""What schemathesis makes of the OpenAPI document, asked of a ledger that holds the demonstration.

Whatever is sent, right or wrong, with a token of whichever role: no answer is a 5xx of ours, has a status or a media
type that the document does not know, or a content that is not as it says. Each operation is sent what schemathesis
makes of the document's examples, with a token of each role, and then requests that it makes up: so many as
`SCHEMATHESIS_EXAMPLES` says; a nightly run sets it to many, and then they are other ones each time.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownParameterType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeArgument=false
# mypy: disable-error-code=type-arg
# Schemathesis is generic in what transports send, which is nothing to whoever calls it.

import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import OPEN_ROUTES, ROUTES
from api.description.document import openapi
from api.description.routes import describing
from ledger.server.embedded import EmbeddedServer
from tests.api.demonstrated import demonstrated_desk
from tests.api.described import operations
from tests.api.desk import NDJSON, Desk, Json
from tests.api.walk import ENDLESS, Walk, walk

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "4"))
DERANDOMISED = "SCHEMATHESIS_EXAMPLES" not in os.environ
ROLES = ("operator", "platform", "regulator")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LEAST_SHARE = 0.8
"""Of the operations, so many must have answered a request of schemathesis well at least once."""
DOCUMENT: Json = msgspec.json.decode(
    msgspec.json.encode(openapi((*ROUTES, *OPEN_ROUTES, *describing((*ROUTES, *OPEN_ROUTES)))))
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
schemathesis.serializer.alias(NDJSON, "text/plain")
ASKED = sorted(
    ((method, path) for method, path, _ in operations(DOCUMENT) if path not in ENDLESS),
    key=lambda one: one[0] == "DELETE",
)
"""Method and path of operations; those that take something away at the end."""


class Seeded:
    """The desk, what the walk through the examples has made, and how schemathesis's requests were answered.

    `places` is what stands in the paths of operations, by id; `answered` has their statuses, by method and path.
    """

    def __init__(self, desk: Desk, walked: Walk) -> None:
        self.desk = desk
        self.places = walked.places
        self.answered: dict[tuple[str, str], set[int]] = defaultdict(set)

    def place(self, case: schemathesis.Case) -> None:
        """Let a case ask for what is there; a path without parts is as it is."""
        case.path_parameters = dict(self.places.get(case.operation.definition.raw["operationId"], {}))

    async def send(self, case: schemathesis.Case, who: str) -> None:
        """Send a case with a token, and judge the answer."""
        sent = case.as_transport_kwargs(base_url="http://ledger")
        headers = {**dict(sent["headers"]), "Authorization": f"Bearer {self.desk.tokens[who]}"}
        body: dict[str, Any] = {"json": sent["json"]} if "json" in sent else {"content": sent.get("data")}
        response = await self.desk.client.request(
            sent["method"], sent["url"], params=sent.get("params"), headers=headers, **body
        )
        self.answered[case.method.upper(), case.operation.path].add(response.status_code)
        case.validate_response(response, checks=CHECKS)


@pytest.fixture(scope="module")
async def seeded(server: EmbeddedServer, template: str) -> AsyncGenerator[Seeded]:
    async with demonstrated_desk(server, template) as desk:
        walked = await walk(desk, DOCUMENT, deleting=False)
        yield Seeded(desk, walked)


each_operation = pytest.mark.parametrize(("method", "path"), ASKED, ids=[" ".join(one) for one in ASKED])


@each_operation
async def test_examples_sent_by_whomever_are_answered_as_the_document_says(
    seeded: Seeded, method: str, path: str
) -> None:
    operation = SCHEMA[path][method]
    plain = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    for strategy in operation.get_strategies_from_examples() or [plain]:
        for who in ROLES:
            case = generate_one(strategy)
            seeded.place(case)
            await seeded.send(case, who)


@each_operation
@settings(
    max_examples=EXAMPLES,
    derandomize=DERANDOMISED,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example],
)
@given(data=st.data(), who=st.sampled_from(ROLES))
async def test_whatever_is_sent_is_answered_as_the_document_says(
    seeded: Seeded, method: str, path: str, data: st.DataObject, who: str
) -> None:
    operation = SCHEMA[path][method]
    mode = data.draw(st.sampled_from((GenerationMode.POSITIVE, GenerationMode.NEGATIVE)), "mode")
    case = data.draw(operation.as_strategy(generation_mode=mode), "case")
    if data.draw(st.booleans(), "placed"):
        seeded.place(case)
    await seeded.send(case, who)


async def test_most_operations_answered_a_request_of_schemathesis_well(
    seeded: Seeded, record_property: Callable[[str, object], None]
) -> None:
    well = [one for one in ASKED if any(200 <= status < 300 for status in seeded.answered[one])]
    record_property("schemathesis", f"{len(well)} of {len(ASKED)} operations answered well")
    assert len(well) >= LEAST_SHARE * len(ASKED), sorted(set(ASKED) - set(well))
