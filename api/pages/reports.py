"""The reports, to read and to take away: each over a period, at a moment, as tables with charts where one helps."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath
from litestar.response import Template

from api.bodies import CSV, JSON
from api.gate import FIRST_BAD_STATUS
from api.pages.asking import Answer, Declined, ask, ask_soon, link_to, send
from api.pages.rendering import formats_of, render, wording_of
from api.pages.report_sections import ROWS_MAX, sections_of
from api.pages.times import sliders, zoned_times_of
from ledger.errors import NotFound

PATH, REPORTS = "/workbench/reports", "/v1/reports"
PERIOD, LOG, SECTION = ("from", "to"), "log", "section"
FORMATS: Mapping[str, str] = {"csv": CSV, "json": JSON}
"""Files by their endings, and what each is asked as."""


@get(PATH)
async def show_all(request: Request[Any, Any, Any]) -> Template:
    """Show which reports there are, and what each answers."""
    return render(request, "reports.html", reports=await ask(request, REPORTS))


@get(f"{PATH}/{{name:str}}")
async def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Template:
    """Show a report, or the section of it that is chosen."""
    reports = await ask(request, REPORTS)
    report = next((one for one in reports.items if one["name"] == name), None)
    if report is None:
        raise NotFound(f"no report is called {name}")
    times, own = zoned_times_of(request), (*PERIOD, LOG, SECTION, *report["parameters"])
    given = [(one, value) for one in own if (value := request.query_params.get(one, "").strip())]
    answer = await ask_soon(request, f"{REPORTS}/{name}", [*times.parameters(), *given])
    sections = (
        sections_of(answer.document, wording_of(request), formats_of(request))
        if answer is not None and answer.good
        else ()
    )
    files = {form: f"{PATH}/{name}/file{times.query([*given, ('as', form)])}" for form in FORMATS}
    return render(
        request,
        "report.html",
        status=200 if answer is None else answer.status,
        report=report,
        times=times,
        sliders=sliders(times),
        given=dict(given),
        kept=given,
        answer=answer,
        sections=sections,
        rows_max=ROWS_MAX,
        files=files,
    )


@get(f"{PATH}/{{name:str}}/file")
async def download(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Return the API's own answer as a file, as CSV (RFC 4180) unless JSON is wanted."""
    given = [(one, str(value)) for one, value in request.query_params.multi_items()]
    form = next((value for one, value in given if one == "as" and value in FORMATS), "csv")
    asked = [(one, value) for one, value in given if one != "as"]
    path = f"{REPORTS}/{name}"
    status, body = await send(request, "GET", path, asked, headers={"accept": FORMATS[form]})
    if status >= FIRST_BAD_STATUS:
        raise Declined(Answer(link=link_to(path, asked), status=status, document=msgspec.json.decode(body)))
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "no-store"}
    return Response(body, media_type=FORMATS[form], headers=headers)


ROUTES = (show_all, show, download)
