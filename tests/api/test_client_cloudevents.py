"""The CloudEvents SDK as a client of ours: structured and batch mode; binary mode is said not to be taken."""

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event, to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from tests.api.desk import CLOUDEVENTS, REMOVED, SHOP, Desk

APPEND = f"/v1/logs/{SHOP}/events"


def blocked(name: str, **more: Any) -> CloudEvent:  # noqa: ANN401
    """Return an event as a program makes it with the SDK."""
    attributes = {
        "id": f"block-{name}",
        "source": "/tests",
        "type": "ListingBlocked",
        "subject": f"listing:shop:{name}",
        "time": datetime(2026, 1, 10, 3, 0, tzinfo=UTC),
        "datacontenttype": "application/json",
        **more,
    }
    data = {"restriction_id": f"R-{name}", "decision_visibility": [REMOVED], "territorial_scope": ["ID"]}
    return CloudEvent(attributes, data)


async def sent(desk: Desk, message: HTTPMessage) -> httpx.Response:
    return await desk.ask("POST", APPEND, content=message.body, headers=message.headers)


async def test_structured_mode_is_taken_and_read_back_as_it_was_sent(desk: Desk) -> None:
    event = blocked("L1", timeprecision="DAY", correlationid="case-7")
    response = await sent(desk, to_structured_event(event))
    assert (response.status_code, response.json()["receipts"][0]["id"]) == (201, "block-L1")
    answer = await desk.ask("GET", f"{APPEND}/block-L1")
    back = from_structured_event(HTTPMessage(dict(answer.headers), answer.content))
    assert isinstance(back, CloudEvent)
    ours = {"recordedtime", "sequence", "log", "streamversion", "authid", "authrole", "salt", "dataschema", "timezone"}
    attributes = {name: value for name, value in back.get_attributes().items() if name not in ours}
    assert (attributes, back.get_data()) == (event.get_attributes(), event.get_data())


async def test_batch_mode_is_taken_and_each_event_has_its_receipt(desk: Desk) -> None:
    batch = b"[" + b",".join(JSONFormat().write(blocked(name)) for name in ("L1", "L2")) + b"]"
    response = await sent(desk, HTTPMessage({"content-type": CLOUDEVENTS}, batch))
    receipts = response.json()["receipts"]
    assert (response.status_code, [one["id"] for one in receipts]) == (201, ["block-L1", "block-L2"])


async def test_binary_mode_is_refused_and_the_answer_says_what_is_taken(desk: Desk) -> None:
    response = await sent(desk, to_binary_event(blocked("L1")))
    problem = msgspec.json.decode(response.content)
    assert (response.status_code, problem["type"]) == (415, "/problems/unsupported-media-type")
    assert problem["detail"] == (
        "CloudEvents are not taken in binary mode, as headers that begin with ce-: send them structured "
        "(application/cloudevents+json) or as a batch (application/cloudevents-batch+json)"
    )
    assert await desk.size() == 0
