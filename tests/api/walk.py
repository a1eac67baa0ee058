"""Walking through the OpenAPI document: every example request is sent, and answers lead to what has no example."""

from collections import deque
from collections.abc import Mapping

import httpx
from msgspec import Struct

from api.jobs_worker import Worker
from tests.api.described import ExampleRequest, example_requests, linked
from tests.api.desk import JSON, Desk, Json

ENDLESS = ("/v1/logs/{slug}/stream",)
"""What goes on for ever: tests.api.test_stream reads it."""
WRITERS = ("/v1/logs/{slug}/events", "/api/v1/statement")
"""Where a platform's writer posts; everything else is asked by the operator."""


class Step(Struct, frozen=True):
    """A request that was sent, and its answer."""

    request: ExampleRequest
    response: httpx.Response


class Walk(Struct, frozen=True):
    """What was sent, in order, and what stands in the paths of operations, by id: examples, and what answers led to."""

    steps: list[Step]
    places: Mapping[str, Mapping[str, Json]]


async def walk(desk: Desk, document: Json, *, deleting: bool = True) -> Walk:
    """Send every example request of a document; without `deleting`, what was made by others of them stays there."""
    steps: list[Step] = []
    given: dict[str, dict[str, Json]] = {}
    waiting = deque(
        request
        for request in example_requests(document)
        if request.template not in ENDLESS and (deleting or request.method != "DELETE")
    )
    put_off = 0
    while waiting:
        request = waiting.popleft()
        mine = given.get(request.identifier, {})
        if request.waits(mine) and put_off <= len(waiting):
            waiting.append(request)
            put_off += 1
            continue
        put_off = 0
        response = await send(desk, request, mine)
        steps.append(Step(request, response))
        if response.headers.get("content-type") == JSON:
            given.update(linked(request.operation, response.status_code, request.parameters, response.json()))
    requests = [request for request in example_requests(document) if request.template not in ENDLESS]
    places = {one.identifier: {**one.parameters, **given.get(one.identifier, {})} for one in requests}
    return Walk(steps, places)


async def send(desk: Desk, request: ExampleRequest, given: Mapping[str, Json]) -> httpx.Response:
    """Send an example request, and let the views and the jobs catch up."""
    writing = request.method == "POST" and request.template.startswith(WRITERS)
    response = await desk.ask(
        request.method,
        request.path(given),
        who="platform" if writing else "operator",
        content=request.content,
        headers=request.headers,
        **request.query,
    )
    if request.method == "POST":
        await desk.follow()
        await Worker(desk.service).run_one()
    return response
