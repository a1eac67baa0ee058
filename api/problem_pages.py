"""The pages at the addresses that are problems' types: when it comes, what to do, an example. Open to everybody.

HTML for a browser, JSON for a program.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from api.bodies import json_response
from api.pages_layout import HTML, html_response, page
from api.problem_texts import FAULT_TEXTS, QUESTION_TEXTS, TEXTS
from api.problems import BATCH_REJECTED, HTTP_PROBLEMS, PROBLEMS, Problem, describe, document_of, refused_problem
from ledger.errors import Fault, NotFound, Refused


@cache
def described_problems() -> Mapping[str, Mapping[str, Any]]:
    """Return what is said of every problem and fault, as JSON values, by the last part of its type."""
    named = {one.type: one for one in (*HTTP_PROBLEMS.values(), *PROBLEMS.values())}
    named[BATCH_REJECTED] = refused_problem(_refused("invalid-event", "version-conflict"))
    said = {name: _described(problem, describe(problem, problem.title)) for name, problem in named.items()}
    for code in FAULT_TEXTS:
        refused = _refused(code)
        said[code] = _described(refused_problem(refused), document_of(refused))
    said[BATCH_REJECTED]["example"] = document_of(_refused("invalid-event", "version-conflict"))
    return dict(sorted(said.items()))


def _refused(*codes: str) -> Refused:
    """Return what is raised of events with these faults, one each; or of a question, which is none of an event."""
    return Refused(
        tuple(
            Fault(code, "", TEXTS[code].when, None if code in QUESTION_TEXTS else index)
            for index, code in enumerate(codes)
        )
    )


def _described(problem: Problem, example: Mapping[str, Any]) -> dict[str, Any]:
    text = TEXTS[problem.type]
    return {
        "type": f"/problems/{problem.type}",
        "title": problem.title,
        "status": problem.status,
        "when": text.when,
        "do": text.do,
        "example": example,
    }


@get("/problems")
async def list_problems(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List every problem and fault: type, status, when it comes, what to do."""
    problems = described_problems()
    if not _wants_page(request):
        return json_response({"items": list(problems.values()), "next": None})
    rows = [f"| [{name}](/problems/{name}) | {one['status']} | {one['when']} |" for name, one in problems.items()]
    head = "# Problems\n\nErrors are RFC 9457 problems; `errors[].code` are of the same list.\n\n"
    return html_response(page("Problems", "\n".join([f"{head}| type | status | when |", "|---|---|---|", *rows])))


@get("/problems/{name:str}")
async def show_problem(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Show one problem: when it comes, what to do, and an example."""
    said = described_problems().get(name)
    if said is None:
        raise NotFound(f"there is no problem {name}: see /problems")
    return html_response(page(name, _as_markdown(name, said))) if _wants_page(request) else json_response(said)


def _as_markdown(name: str, said: Mapping[str, Any]) -> str:
    example = msgspec.json.format(msgspec.json.encode(said["example"])).decode()
    return (
        f"# {name}\n\n{said['title']}. Status {said['status']}.\n\n## When\n\n{said['when']}\n\n"
        f"## What to do\n\n{said['do']}\n\n## Example\n\n```json\n{example}\n```\n"
    )


def _wants_page(request: Request[Any, Any, Any]) -> bool:
    """Tell whether a browser asks; programs that say nothing get JSON."""
    return HTML in request.headers.get("accept", "")


ROUTES = (list_problems, show_problem)
