"""Events: appended, listed, exported, followed, and one alone."""

from collections.abc import Mapping

import msgspec

from api.bodies import CLOUDEVENT, CLOUDEVENTS, CSV, FORMAT, NDJSON
from api.counts import CLOCKS
from api.description.log_operations import BINARY, in_event
from api.description.operation import JSON, Answer, Content, Operation, answered
from api.description.parameters import (
    in_log,
    in_path,
    many,
    parameter,
    query,
    shared,
    yes_or_no,
)
from api.description.schema import Schema, by_name, choice, each, instant, members, ref, text, whole
from api.description.shapes import page
from api.description.statuses import BODY, NAMED, OWN, TOKEN
from api.event_lists import DEFAULT_LIMIT, LIST_LIMIT
from api.receipts import PREFERENCE
from api.unmasking import PURPOSE_MAX, UNMASK
from ledger.domain.catalogue import EVENTS as TYPES
from ledger.intake import BATCH_MAX_EVENTS

TAG = "Events"
EVENT = {
    "specversion": "1.0",
    "id": "block-1",
    "source": "/lazada-id/moderation",
    "type": "ListingBlocked",
    "subject": "listing:lazada-id:L90",
    "time": "2023-11-01T09:00:00+07:00",
    "data": {
        "restriction_id": "R1",
        "territorial_scope": ["ID"],
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
    },
}
END = {
    "specversion": "1.0",
    "id": "reinstate-1",
    "source": "/lazada-id/moderation",
    "type": "ListingReinstated",
    "subject": "listing:lazada-id:L90",
    "time": "2023-11-02T09:00:00+07:00",
    "data": {"restriction_id": "R1", "ground": "PLATFORM_ERROR", "decided_by": "officer:demo-1"},
}
LINES = b"\n".join(map(msgspec.json.encode, (EVENT, END))).decode()
RECEIPT = {
    "id": "block-1",
    "position": 28,
    "version": 1,
    "recordedtime": "2026-11-21T19:48:00.647576Z",
    "leaf_hash": "71c273b6c442ad4ba68bec2736192eb18bfc588b878b8f66b1861f34679f683e",
    "duplicate": False,
}
APPENDED = {"log": "lazada-id", "size": 29, "receipts": [RECEIPT]}
AFTER = {
    "Jejak-Answer": "What stands beside the items in JSON, as JSON.",
    "Jejak-Next": "Where the next page begins; absent on the last.",
}
FILTERS: tuple[Schema, ...] = (
    many("type", "A type of event.", schema=choice(sorted(TYPES))),
    *shared(("subject", "subject_prefix")),
    query("time_from", instant(), "Events whose `time` is this instant or later."),
    query("time_to", instant(), "Events whose `time` is this instant or earlier."),
    query("recorded_from", instant(), "Events recorded at this instant or later."),
    query("recorded_to", instant(), "Events recorded at this instant or earlier."),
    query("q", each(text(minLength=1)), "Words of the payload, Indonesian or English. May be repeated: all of them."),
)
"""The filters of recorded events, all of which must pass."""
ORDER = query("order", {**choice(("asc", "desc")), "default": "asc"}, "By position, upwards or downwards.")
LIMIT = query(
    "limit", whole(minimum=1, maximum=LIST_LIMIT, default=DEFAULT_LIMIT), "How many events a page has at most."
)
PAGE = (ORDER, LIMIT, *shared(("cursor", FORMAT)))


def listed(items: Schema, around: Mapping[str, Schema], *others: Schema) -> Answer:
    """Return the answer of a list: a page in JSON, NDJSON or CSV by Accept, or one of the `others`."""
    whole_page = page(items, around)
    lines = Content(schema=text(description="An item a line."))
    table = Content(schema=text(description="A row for each item, after a header (RFC 4180)."))
    schema = {"anyOf": [whole_page, *others]} if others else whole_page
    return Answer(
        means="A page; which form it has, `format` says, or the Accept header",
        contents={JSON: Content(schema=schema), NDJSON: lines, CSV: table},
        headers=AFTER,
    )


MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
COUNT = members({"log": text(), "month": text(pattern=MONTH), "type": text(), "count": whole(minimum=1)})
IN_CLEAR = query(
    UNMASK, text(maxLength=PURPOSE_MAX), "What for personal data is to be read in clear, by who may; it is recorded."
)
EVENTS = {200: listed(ref("RecordedEvent"), {"logs": by_name(ref("LogSize"))})}
EXPORTED = {
    200: Answer(
        means="All events; the last line says how many came: without it, the export was cut",
        contents={NDJSON: Content(schema=text()), CSV: Content(schema=text())},
        headers={"Jejak-Answer": "Size and root of each log that was exported."},
    )
}

OPERATIONS: Mapping[str, Operation] = {
    "POST /v1/logs/{slug:str}/events": Operation(
        tag=TAG,
        description=(
            f"One event, a batch or NDJSON, at most {BATCH_MAX_EVENTS} of them, all or none; gzip is taken. "
            "Send what was not answered again with the same ids: what stands already gets its first receipt."
        ),
        parameters=[
            in_path(),
            yes_or_no("atomic", "False: each event on its own, and a result for each (207).", default=True),
            yes_or_no("dry_run", "Whether to judge only, and store nothing (200).", default=False),
            parameter("Prefer", text(), f"`{PREFERENCE}`: a proof in each receipt (RFC 7240).", place="header"),
        ],
        body={
            CLOUDEVENT: Content(schema=ref("Event"), examples={"event": EVENT}),
            CLOUDEVENTS: Content(schema=each(ref("Event")), examples={"batch": [EVENT, END]}),
            NDJSON: Content(schema=text(), examples={"lines": LINES}),
            JSON: Content(schema={"anyOf": [ref("Event"), each(ref("Event"))]}, examples={"event": EVENT}),
        },
        answers={
            200: answered(ref("Appended"), "Nothing new: all were there before, or it was a dry run"),
            201: answered(ref("Appended"), "Stored", example=APPENDED),
            207: answered(ref("Results"), "What came of each, in order"),
        },
        problems=(*TOKEN, 403, 404, 409, 422, *BODY),
    ),
    "GET /v1/logs/{slug:str}/events": Operation(
        tag=TAG, parameters=[in_path(), *FILTERS, *PAGE, IN_CLEAR], answers=EVENTS, problems=NAMED
    ),
    "GET /v1/events": Operation(tag=TAG, parameters=[in_log(), *FILTERS, *PAGE], answers=EVENTS, problems=(*OWN, 404)),
    "GET /v1/counts": Operation(
        tag=TAG,
        parameters=[
            in_log(),
            query("clock", choice(CLOCKS), "By when it was recorded, or by when it took effect, as the entry says."),
            query("from", text(pattern=MONTH), "The first month.", example="2021-08"),
            query("to", text(pattern=MONTH), "The last month.", example="2021-10"),
            many("type", "A type of event."),
        ],
        answers={200: listed(COUNT, {"clock": choice(CLOCKS), "logs": by_name(whole(minimum=0))})},
        problems=(*OWN, 404),
    ),
    "GET /v1/logs/{slug:str}/events/{event_id:str}": Operation(
        tag=TAG,
        parameters=[in_path(), in_event(), IN_CLEAR],
        answers={200: answered(ref("RecordedEvent"), "The event, † values masked", media=CLOUDEVENT)},
        problems=NAMED,
    ),
    "GET /v1/logs/{slug:str}/events/{event_id:str}/entry": Operation(
        tag=TAG,
        parameters=[in_path(), in_event()],
        answers={200: answered(text(), "The bytes that are hashed: canonical JSON (RFC 8785)", media=BINARY)},
        problems=NAMED,
    ),
    "GET /v1/logs/{slug:str}/export": Operation(
        tag=TAG, parameters=[in_path(), *FILTERS, ORDER, *shared((FORMAT,))], answers=EXPORTED, problems=NAMED
    ),
    "GET /v1/export": Operation(
        tag=TAG, parameters=[in_log(), *FILTERS, ORDER, *shared((FORMAT,))], answers=EXPORTED, problems=(*OWN, 404)
    ),
    "GET /v1/logs/{slug:str}/stream": Operation(
        tag=TAG,
        parameters=[
            in_path(),
            *FILTERS,
            query("after", whole(minimum=0, maximum=10**15 - 1), "The position after which to begin."),
            parameter("Last-Event-ID", text(), "The same, as a client sends it that comes back.", place="header"),
        ],
        answers={200: answered(text(), "Server-Sent Events, for ever", media="text/event-stream")},
        problems=NAMED,
    ),
}
