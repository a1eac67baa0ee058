"""Jobs: replays and comparisons that the reader has asked for, how far they are, what came of them, and new ones."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from api.pages.asking import Answer, accepted, ask, order, try_asking
from api.pages.preferences import preferences_of
from api.pages.rendering import render
from api.sessions import own_form
from projections.jobs.job import UNDER_WAY

JOBS = "/workbench/jobs"
LOGS, LIST = "/v1/logs", "/v1/jobs"
ROUTES_BY_KIND: Mapping[str, str] = {"REPLAY": "/v1/replays", "DIFF": "/v1/diffs"}
OF_BOTH = ("as_of", "known_at", "tz", "certainty", "basis", "subject_prefix", "format")
OF_A_DIFF = ("and_as_of", "and_known_at")
LOGS_FIELD = "logs"


@get(JOBS)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show the reader's jobs, and the forms for new ones."""
    return await _page(request, {"tz": preferences_of(request).zone}, ())


@post(JOBS)
async def start(request: Request[Any, Any, Any]) -> Template | Redirect:
    """Ask for a replay or a comparison; where the API refuses, say why above the form as it was filled in."""
    form = await own_form(request)
    kind = "DIFF" if form.get("kind") == "DIFF" else "REPLAY"
    given = {name: str(form.get(name, "")).strip() for name in (*OF_BOTH, *OF_A_DIFF)}
    logs = [str(slug) for slug in form.getall(LOGS_FIELD, [])]
    path = ROUTES_BY_KIND[kind]
    answer = await order(request, "POST", path, body_of(kind, given, logs))
    if answer.good:
        return Redirect(JOBS, status_code=303)
    return await _page(request, {**given, "kind": kind}, logs, answer)


@post("/workbench/jobs/{job_id:str}/cancellation")
async def cancel(request: Request[Any, Any, Any], job_id: FromPath[str]) -> Redirect:
    """Cancel a job that is under way; forget one that has ended. Raises Declined."""
    await own_form(request)
    accepted(await order(request, "DELETE", f"{LIST}/{job_id}"))
    return Redirect(JOBS, status_code=303)


def body_of(kind: str, given: Mapping[str, str], logs: list[str]) -> dict[str, Any]:
    """Return what a form asks of the API; a field that was left empty says nothing."""
    names = (*OF_BOTH, *OF_A_DIFF) if kind == "DIFF" else OF_BOTH
    said: dict[str, Any] = {name: given[name] for name in names if given[name]}
    return {**said, **({LOGS_FIELD: logs} if logs else {})}


async def _page(
    request: Request[Any, Any, Any],
    given: Mapping[str, str],
    chosen: list[str] | tuple[()],
    refused: Answer | None = None,
) -> Template:
    """Return the page; the forms as `given`, with what was `refused`."""
    jobs, logs = await ask(request, LIST), await try_asking(request, LOGS)
    return render(
        request,
        "jobs.html",
        status=200 if refused is None else refused.status,
        action=JOBS,
        jobs=jobs,
        under_way=[job["id"] for job in jobs.items if job["state"] in UNDER_WAY],
        logs=logs,
        given=given,
        chosen=chosen,
        refused=refused,
    )


ROUTES = (show, start, cancel)
