"""Jobs: a question that takes long is accepted, worked out apart from the request, and its result kept for a while.

A token sees its own jobs. A result is exactly what a fold of the entries gives, so that its SHA-256 is the same for
everybody who folds them, whatever is erased meanwhile: states hold no personal values, and nothing is decrypted.
"""

import base64
from typing import Any

from litestar import Request, Response, delete, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from api.auth import credential_of
from api.bodies import CSV, JSON, NDJSON, json_response
from api.long_answers import LongAnswer, until_refused
from api.problems import TooManyAtOnce
from api.queries import asked_logs, read_query
from api.service import Service
from ledger.errors import NotFound
from projections.jobs.job import Job
from projections.jobs.question import Kind, Question
from projections.jobs.queue import KEPT_MAX, UNDER_WAY_MAX, add_job, cancel_job, find_job, list_jobs, read_result

RETRY_AFTER_SECONDS = 5
"""When to come again who has too many jobs: most take some seconds."""
MEDIA_TYPES = {"ndjson": NDJSON, "csv": CSV}


async def accept(request: Request[Any, Any, Any], service: Service, kind: Kind, question: Question) -> Response[bytes]:
    """Queue a job for who asks, and answer 202 with where it is. Raises TooManyAtOnce."""
    job = await add_job(service.database.pool("keeper"), kind, credential_of(request).token_id, question)
    if job is None:
        raise TooManyAtOnce(
            f"this token has {UNDER_WAY_MAX} jobs under way, or {KEPT_MAX} that are kept: "
            "wait for them, or delete those not needed",
            RETRY_AFTER_SECONDS,
        )
    location = f"/v1/jobs/{job.job_id}"
    return json_response(job.describe(), HTTP_202_ACCEPTED, {"Location": location})


@get("/v1/jobs", name="jobs", summary="List one's jobs")
async def list_own(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """List the jobs of the token that asks, newest first; there are never more than one page of them."""
    read_query(request, ())
    jobs = await list_jobs(service.database.pool("keeper"), credential_of(request).token_id)
    return json_response({"items": [job.describe() for job in jobs], "next": None})


@get("/v1/jobs/{job_id:str}", name="jobs/job", summary="How far a job has come, or what came of it")
async def show(
    request: Request[Any, Any, Any], service: NamedDependency[Service], job_id: FromPath[str]
) -> Response[bytes]:
    """Show a job: its state and progress, and once it is done where its result is, with the manifest."""
    return json_response((await _own(request, service, job_id)).describe())


@delete("/v1/jobs/{job_id:str}", status_code=HTTP_200_OK, name="jobs/job/cancel", summary="Cancel or forget a job")
async def cancel(
    request: Request[Any, Any, Any], service: NamedDependency[Service], job_id: FromPath[str]
) -> Response[bytes]:
    """Cancel a job that is under way, at once; one that has ended is forgotten, with its result."""
    read_query(request, ())
    token_id = credential_of(request).token_id
    return json_response((await cancel_job(service.database.pool("keeper"), token_id, job_id)).describe())


@get("/v1/jobs/{job_id:str}/manifest", name="jobs/job/manifest", summary="What reproduces the result of a job")
async def show_manifest(
    request: Request[Any, Any, Any], service: NamedDependency[Service], job_id: FromPath[str]
) -> Response[bytes]:
    """Show the manifest of a job that is done: posted again it gives the same bytes."""
    job = _done(await _own(request, service, job_id))
    return Response((job.manifest or "").encode(), media_type=JSON)


@get("/v1/jobs/{job_id:str}/result", name="jobs/job/result", summary="The result of a job")
async def show_result(
    request: Request[Any, Any, Any], service: NamedDependency[Service], job_id: FromPath[str]
) -> LongAnswer:
    """Send the result of a job that is done, as NDJSON or CSV, as long as the token may read the logs it is of."""
    job = _done(await _own(request, service, job_id))
    question = job.asked
    slugs = list(question.moment.logs)
    logs = await asked_logs(request, service.database.pool("reader"), slugs, windowed=True)
    digest = base64.b64encode(job.sha256 or b"").decode()
    headers = {
        "Link": f'</v1/jobs/{job_id}/manifest>; rel="describedby"',
        "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530
        "Content-Disposition": f'attachment; filename="{job_id}.{question.format}"',
    }
    pieces = read_result(service.database.pool("keeper"), job)
    over = until_refused(request, logs)
    return LongAnswer(pieces, over, media_type=MEDIA_TYPES[question.format], headers=headers)


async def _own(request: Request[Any, Any, Any], service: Service, job_id: str) -> Job:
    """Return a job of the token that asks. Raises NotFound."""
    read_query(request, ())
    return await find_job(service.database.pool("keeper"), credential_of(request).token_id, job_id)


def _done(job: Job) -> Job:
    """Return a job that has a result. Raises NotFound for any other."""
    if job.state != "DONE":
        raise NotFound(f"job {job.job_id} has no result: it is {job.state}")
    return job


ROUTES = (list_own, show, cancel, show_manifest, show_result)
