"""Reports over a period, as JSON, NDJSON or CSV (contract section 2; domain.md 13)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.bodies import FORMAT, JSON, json_response, list_response, wanted_format
from api.derived import inquire
from api.queries import LOG_NAMES, TIME_NAMES, queried_logs, read_query, read_time
from api.reading import note_rows
from api.service import Service
from ledger.domain.json_values import is_object
from ledger.entry import masked
from ledger.errors import NotFound
from projections.inquiry import Inquiry
from projections.metrics.definitions import definitions_of
from projections.reports.catalogue import BY_NAME, REPORTS
from projections.reports.report import Asked, Report, Row, Sections, work_out
from projections.window import Window
from projections.window_parameters import read_window

PERIOD = ("from", "to")
NAMES = (*TIME_NAMES, *PERIOD, *LOG_NAMES, "section", FORMAT)
"""What every report may be asked, beside its own parameters."""


@get("/v1/reports", name="reports", summary="List the reports, and what each answers")
async def describe_reports() -> Response[bytes]:
    """Answer which reports there are: title, sections, parameters and definitions of each."""
    return json_response({"items": [report.describe() for report in REPORTS], "next": None})


@get("/v1/reports/{name:str}", name="reports/name", summary="A report over a period, at a moment")
async def answer_report(
    request: Request[Any, Any, Any], name: FromPath[str], service: NamedDependency[Service]
) -> Response[bytes]:
    """Answer a report: what belongs to the period, as of a date, as known at another."""
    report = BY_NAME.get(name)
    if report is None:
        raise NotFound(f"no report is called {name}: there are {', '.join(BY_NAME)}")
    given = read_query(request, (*NAMES, *report.parameters))
    reader = service.database.pool("reader")
    logs = await queried_logs(request, reader, given)
    inquiry = await inquire(request, service, read_time(given), logs, every_log=report.consults == "EVERY_LOG")
    period = read_window(given, PERIOD, inquiry.moment.tz)
    own = {parameter: given[parameter] for parameter in report.parameters if parameter in given}
    sections = await work_out(report, Asked(inquiry, reader, period, own), given.get("section", ()))
    note_rows(sum(map(len, sections.values())))
    answer = _written(request, report, sections, _around(report, period, inquiry))
    destroyed = frozenset[bytes]().union(*[await service.destroyed(log) for log in logs])
    answer.content = masked(answer.content, destroyed)
    return answer


def _around(report: Report, period: Window, inquiry: Inquiry) -> Row:
    """Return what stands beside the sections: which report it is, of which period, at which moment."""
    return {
        "report": report.name,
        "title": report.title,
        **{name: period.asked.get(name) for name in PERIOD},
        **inquiry.moment.describe(),
    }


def _written(
    request: Request[Any, Any, Any], report: Report, sections: Sections, around: Mapping[str, Any]
) -> Response[bytes]:
    """Return sections in the form wanted: as JSON with the definitions, else line by line.

    The definitions of what stands in lines are those of `GET /v1/reports`.
    """
    form = wanted_format(request)
    if form == "json":
        definitions = definitions_of(report.metrics)
        body = msgspec.json.encode({**around, "definitions": definitions, "sections": sections})
        return Response(body, media_type=JSON)
    lines = list(_lines(sections, flat=form == "csv"))
    return list_response(form, [msgspec.json.encode(line) for line in lines], around)


def _lines(sections: Mapping[str, Sequence[Row]], *, flat: bool) -> Iterator[Row]:
    """Yield the rows of every section; where there are several, each says of which it is."""
    for name, rows in sections.items():
        place = {"section": name} if len(sections) > 1 else {}
        for row in rows:
            yield {**place, **(dict(_flattened(row)) if flat else row)}


def _flattened(row: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the members of a row, those of an object in it as `object.member`: a column of its own for each."""
    for name, value in row.items():
        if is_object(value):
            yield from _flattened(value, f"{within}{name}.")
        else:
            yield f"{within}{name}", value


ROUTES = (describe_reports, answer_report)
