"""What schemathesis makes of the OpenAPI document, asked of a ledger that holds the demonstration.

Whatever is sent, right or wrong, with a token of whichever role: no answer is a 5xx of ours, has a status or a media
type that the document does not know, or a content that is not as it says. `SCHEMATHESIS_EXAMPLES` says how many
requests each operation is sent; a nightly run sets it to many, and then they are other ones each time.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownParameterType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeArgument=false
# mypy: disable-error-code=type-arg
# Schemathesis is generic in what transports send, which is nothing to whoever calls it.

import os
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import OPEN_ROUTES, ROUTES
from api.description.document import openapi
from api.description.routes import describing
from ledger.scopes import Grant
from ledger.server.embedded import EmbeddedServer
from ledger.tokens import create_token
from tests.api.demonstrated import demonstrated_desk
from tests.api.described import operations
from tests.api.desk import Desk, Json
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
"""Of the operations, so many must have been answered well at least once."""
DOCUMENT: Json = msgspec.json.decode(
    msgspec.json.encode(openapi((*ROUTES, *OPEN_ROUTES, *describing((*ROUTES, *OPEN_ROUTES)))))
)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ASKED = [(method, path) for method, path, _ in operations(DOCUMENT) if path not in ENDLESS]


class Seeded:
    """The desk, what the walk through the examples found, and with which statuses operations have answered."""

    def __init__(self, desk: Desk, walked: Walk) -> None:
        self.desk = desk
        self.places = walked.places
        self.answered: dict[tuple[str, str], set[int]] = defaultdict(set)
        for step in walked.steps:
            self.answered[step.request.method, step.request.template].add(step.response.status_code)

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
        walked = await walk(desk, DOCUMENT)
        grant = Grant(role="REGULATOR", jurisdictions=("ID",))
        token = await create_token(desk.service.database.pool("keeper"), "REGULATOR", [], None, grant)
        desk.tokens = {**desk.tokens, "regulator": token}
        yield Seeded(desk, walked)


@pytest.mark.parametrize(("method", "path"), ASKED, ids=[" ".join(one) for one in ASKED])
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
    place = seeded.places.get(operation.definition.raw["operationId"])
    if place and data.draw(st.booleans(), "placed"):
        case.path_parameters = dict(place)
    await seeded.send(case, who)


async def test_most_operations_were_answered_well(seeded: Seeded) -> None:
    well = [one for one in ASKED if any(200 <= status < 300 for status in seeded.answered[one])]
    assert len(well) >= LEAST_SHARE * len(ASKED), sorted(set(ASKED) - set(well))
