"""Questions about a moment: lists, one subject, claims, reports."""

from collections.abc import Iterator, Mapping

from api.bodies import CSV, FORMAT, NDJSON
from api.description.event_operations import listed
from api.description.items import TABLE
from api.description.operation import JSON, Answer, Content, Operation, answered, sent
from api.description.parameters import (
    DATE_OR_INSTANT,
    PAGING,
    STREAMS,
    TIME,
    in_log,
    many,
    query,
    shared,
    yes_or_no,
)
from api.description.schema import Schema, choice, each, members, ref, text
from api.description.shapes import MOMENT, NEXT, item_name, page
from api.description.statuses import BODY, NAMED, OWN, TOKEN
from projections.derivations import DERIVATIONS
from projections.derived import Derivation
from projections.list_statements import Filter, ListOf
from projections.lists import LISTS
from projections.reports.catalogue import REPORTS
from projections.reports.report import Report

LISTED, SUBJECT, CLAIMS, REPORT = "Lists", "Subjects", "Claims", "Reports"
HOME: Mapping[str, str] = {
    **dict.fromkeys(("disputes", "referrals"), "kca"),
    **dict.fromkeys(("takedowns", "memberships", "notifiers", "deadlines", "flags"), "alibaba"),
    **dict.fromkeys(("bodies", "meetings", "agreements", "claims"), "public-record"),
    **dict.fromkeys(("sellers", "services", "recidivism"), "tiktok-shop-id"),
}
"""The log of the demonstration in which a list has items; the others are asked of `lazada-id`."""
ABOUT = query(
    "subject", text(minLength=1), "The stream: `kind:namespace:native`.", example="listing:lazada-id:L07", needed=True
)
EVALUATION = {
    "claim": "claim:tiktok:c1-literal",
    "predicate_id": "P_VERIFIED_LOCAL_LITERAL",
    "as_of": "2023-07-26",
    "known_at": "2023-07-27",
    "tz": "Asia/Jakarta",
}


def _filter(one: Filter) -> Schema:
    says = f"Items whose `{one.name}` is this."
    if one.kind == "truth":
        return yes_or_no(one.name, says, default=one.default)
    return query(one.name, text(minLength=1), says) if one.kind == "text" else many(one.name, says)


def _filters(of: ListOf | Derivation) -> list[Schema]:
    if isinstance(of, ListOf):
        return [_filter(one) for one in of.filters]
    return [
        many(name, f"Items whose `{name}` is, or has, this.{_without(of.defaults.get(name))}") for name in of.filters
    ]


def _without(default: tuple[str, ...] | None) -> str:
    return f" Without it: {' or '.join(default)}." if default else ""


def _list(of: ListOf | Derivation) -> Operation:
    log = in_log(HOME[of.name]) if of.name in HOME else in_log()
    return Operation(
        tag=LISTED,
        description=TABLE[of.name].says if of.name in TABLE else None,
        parameters=[log, *shared((*TIME, *PAGING, *STREAMS)), *_filters(of)],
        answers={200: listed(ref(item_name(of.name)), MOMENT, ref("Count"))},
        problems=(*OWN, 404),
    )


def _report(report: Report) -> Operation:
    span = "a date, in `tz`, or an instant"
    return Operation(
        tag=REPORT,
        path=f"/v1/reports/{report.name}",
        summary=f"{report.id}: {report.title}",
        description=report.answers,
        parameters=[
            in_log(),
            query("from", text(), f"Where the period begins: {span}.", example="2021-01-01"),
            query("to", text(), f"Its last day or instant: {span}.", example="2021-12-31"),
            many("section", "A section that is wanted; without it, all.", schema=choice(report.sections)),
            *shared((*TIME, FORMAT)),
            *(query(name, each(text(minLength=1)), f"For {says}") for name, says in report.parameters.items()),
        ],
        answers={
            200: Answer(
                means="The report; which form it has, `format` says, or the Accept header",
                contents={
                    JSON: Content(schema=ref("Report")),
                    NDJSON: Content(schema=text(description="A row of a section a line.")),
                    CSV: Content(schema=text(description="The same (RFC 4180).")),
                },
            )
        },
        problems=(*OWN, 404),
    )


def _lists() -> Iterator[tuple[str, Operation]]:
    listed: list[ListOf | Derivation] = [*LISTS.values(), *DERIVATIONS]
    for of in listed:
        yield f"GET /v1/{of.name}", _list(of)


OPERATIONS: Mapping[str, Operation | tuple[Operation, ...]] = {
    **dict(_lists()),
    "GET /v1/subject": Operation(
        tag=SUBJECT,
        parameters=[ABOUT, in_log(), *shared(TIME)],
        answers={200: answered(page(ref("State"), MOMENT))},
        problems=NAMED,
    ),
    "GET /v1/subject/history": Operation(
        tag=SUBJECT,
        parameters=[ABOUT, in_log(), *shared(TIME)],
        answers={200: answered(page(ref("Rectangle"), MOMENT))},
        problems=NAMED,
    ),
    "GET /v1/subject/timeline": Operation(
        tag=SUBJECT,
        parameters=[
            ABOUT,
            in_log(),
            yes_or_no("voided", "Whether events that were voided are shown, too.", default=False),
            *shared(TIME),
        ],
        answers={200: answered(page(ref("TimelineEvent"), MOMENT))},
        problems=NAMED,
    ),
    "POST /v1/claims/evaluations": Operation(
        tag=CLAIMS,
        description=f"What is asked, and of when: `as_of`, `known_at` and `from` are each {DATE_OR_INSTANT}.",
        body=sent(ref("NewEvaluation"), claim=EVALUATION),
        answers={200: answered(ref("Evaluation"))},
        problems=(*TOKEN, 403, 404, 422, *BODY),
    ),
    "GET /v1/reports": Operation(
        tag=REPORT,
        answers={200: answered(members({"items": each(ref("ReportDescription")), "next": NEXT}))},
        problems=TOKEN,
    ),
    "GET /v1/reports/{name:str}": tuple(map(_report, REPORTS)),
}
