"""Jobs: what takes long is accepted, worked out apart, and its result kept."""

from collections.abc import Mapping
from typing import get_args

from api.bodies import CSV, NDJSON
from api.description.operation import Answer, Content, Link, Operation, answered, sent
from api.description.parameters import TIME, in_log, path, shared
from api.description.question_operations import ABOUT
from api.description.schema import Schema, choice, each, instant, members, or_null, ref, text, whole
from api.description.shapes import NEXT
from api.description.statuses import BODY, NAMED, OWN, TOKEN
from api.packs import ZIP
from projections.jobs.job import State
from projections.jobs.question import Kind

TAG = "Jobs"
JOB: Schema = members(
    {
        "id": text(),
        "kind": choice(get_args(Kind)),
        "state": choice(get_args(State)),
        "progress": members({"done": whole(minimum=0), "of": whole(minimum=0)}),
        "created": instant(),
        "started": or_null(instant()),
        "ended": or_null(instant()),
        "result": or_null({"type": "object"}),
        "problem": or_null(ref("Problem")),
    }
)
REPLAY = {"as_of": "2021-09-01", "known_at": "2021-09-02", "tz": "Asia/Jakarta", "logs": ["lazada-id"]}
DIFF = {**REPLAY, "and_known_at": "2021-10-01"}
WHICH = path("job_id", text(), "The job's id, as it was answered.")
FOLLOWED = {
    name: Link(operation=f"GET /v1/jobs/{{job_id}}{suffix}", parameters={"job_id": "$response.body#/id"})
    for name, suffix in (("job", ""), ("manifest", "/manifest"), ("result", "/result"))
} | {"cancel": Link(operation="DELETE /v1/jobs/{job_id}", parameters={"job_id": "$response.body#/id"})}


def _accepted(schema: str, example: object) -> Operation:
    return Operation(
        tag=TAG,
        body=sent(ref(schema), question=example),
        answers={
            202: Answer(
                means="Accepted; `Location` says where the job is",
                contents={"application/json": Content(schema=JOB)},
                headers={"Location": "Where the job is."},
                links=FOLLOWED,
            )
        },
        problems=(*TOKEN, 403, 404, 422, *BODY),
    )


OPERATIONS: Mapping[str, Operation] = {
    "POST /v1/replays": _accepted("NewReplay", REPLAY),
    "POST /v1/diffs": _accepted("NewDiff", DIFF),
    "GET /v1/packs": Operation(
        tag=TAG,
        parameters=[ABOUT, in_log(), *shared(TIME)],
        answers={
            200: answered(text(), "A zip: events, receipts, checkpoint, manifest, keys, how to verify", media=ZIP)
        },
        problems=NAMED,
    ),
    "GET /v1/jobs": Operation(
        tag=TAG, answers={200: answered(members({"items": each(JOB), "next": NEXT}))}, problems=OWN
    ),
    "GET /v1/jobs/{job_id:str}": Operation(tag=TAG, parameters=[WHICH], answers={200: answered(JOB)}, problems=NAMED),
    "DELETE /v1/jobs/{job_id:str}": Operation(
        tag=TAG, parameters=[WHICH], answers={200: answered(JOB, "Cancelled, or forgotten")}, problems=NAMED
    ),
    "GET /v1/jobs/{job_id:str}/manifest": Operation(
        tag=TAG,
        parameters=[WHICH],
        answers={200: answered({"type": "object"}, "What reproduces the result: post it as `manifest`")},
        problems=NAMED,
    ),
    "GET /v1/jobs/{job_id:str}/result": Operation(
        tag=TAG,
        parameters=[WHICH],
        answers={
            200: Answer(
                means="The result, in the form that was asked for",
                contents={NDJSON: Content(schema=text()), CSV: Content(schema=text())},
                headers={"Repr-Digest": "The SHA-256 of the result (RFC 9530).", "Link": "Where its manifest is."},
            )
        },
        problems=NAMED,
    ),
}
