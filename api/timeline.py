"""One subject's timeline: its events in the order in which they count, with what was corrected, voided and flagged."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.bodies import json_response
from api.cases import asked_cases
from api.derived import inquire
from api.queries import TIME_NAMES, read_query, read_time, read_truth
from api.service import Service
from api.subjects import asked_subject, unknown_subject
from projections.flags.evaluation import describe as describe_flag
from projections.flags.evaluation import flags_of
from projections.flags.table import RULES
from projections.inquiry import Inquiry, Known
from projections.timeline import describe, records_of


@get("/v1/subject/timeline")
async def show_timeline(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Response[bytes]:
    """Show the events of a subject, log after log, each in order of when it counts, then position."""
    given = read_query(request, ("subject", "log", "voided", *TIME_NAMES))
    subject, voided = asked_subject(given), read_truth(given, "voided")
    asked = [seen.log for seen in await asked_cases(request, service, given.get("log"), subject) if seen.whole]
    # Flags join whatever the asker may read, so a timeline consults what they do.
    inquiry = await inquire(request, service, read_time(given), asked, every_log=True)
    await inquiry.load((at.log.log_id, subject) for at in inquiry.asked)
    found = [inquiry.find(at.log.log_id, subject) for at in inquiry.asked]
    streams = [stream for stream in found if stream is not None]
    if not streams:
        raise unknown_subject(subject)
    items = [
        describe(stream, record, flags.get(record.fact.id, ()))
        for stream, flags in zip(streams, await flags_by_event(inquiry, streams), strict=True)
        for record in records_of(stream, voided=voided)
    ]
    return json_response({"items": items, "next": None, **inquiry.moment.describe()})


async def flags_by_event(inquiry: Inquiry, streams: Sequence[Known]) -> list[dict[str, list[dict[str, Any]]]]:
    """Return the flags of each stream, resolved ones too, by the event that raised them."""
    flagged: list[dict[str, list[dict[str, Any]]]] = []
    for flags in await flags_of(inquiry, streams, RULES):
        flagged.append({})
        for flag in flags:
            flagged[-1].setdefault(flag.event, []).append(describe_flag(flag))
    return flagged


ROUTES = (show_timeline,)
