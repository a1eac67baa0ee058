"""The map of policy: rules in force through time, what was visible against them, and the story of a closure."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, get
from litestar.response import Template

from api.pages.asking import Answer, ask, ask_soon, try_asking
from api.pages.charts import lines
from api.pages.closure import closure_of
from api.pages.months import series_of
from api.pages.rendering import formats_of, render, wording_of
from api.pages.report_sections import rows_of
from api.pages.rule_spans import draw, spans_of
from api.pages.times import sliders, zoned_times_of

PATH = "/workbench/policies"
POLICY, PERIOD = "policy", ("from", "to")
LIMIT = "50"
"""Policies, and breaches, that are shown at once; the lists have all of them."""
CHARTED = "VIOLATING"
"""What the chart is of; what cannot be told stands in the table."""
POLICIES, EXPOSURE = "/v1/policies", "/v1/reports/policy-compliance"


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show all policies, or the one chosen."""
    times = zoned_times_of(request)
    chosen = request.query_params.get(POLICY, "")
    one = [(POLICY, chosen)] if chosen else []
    period = [(name, value) for name in PERIOD if (value := request.query_params.get(name, ""))]
    sections = [("section", "breaches"), ("section", "breach_months")]
    all_policies, policies, exposure, breaches, timeline = await asyncio.gather(
        ask(request, POLICIES, [*times.parameters(), ("limit", LIMIT)]),
        ask(request, POLICIES, [*times.parameters(), ("subject", chosen)]) if chosen else _nothing(),
        ask_soon(request, EXPOSURE, [*one, *times.parameters(), *period, *sections]),
        ask_soon(request, "/v1/breaches", [*one, *times.parameters(), ("limit", LIMIT)]),
        _timeline(request, chosen, times.parameters()),
    )
    policies = policies or all_policies
    spans = spans_of(policies.items)
    return render(
        request,
        "policies.html",
        times=times,
        sliders=sliders(times),
        chosen=chosen,
        period=dict(period),
        kept=[*one, *period],
        names=sorted({policy["subject"] for policy in (*all_policies.items, *policies.items)}),
        policies=policies,
        spans=spans,
        drawing=draw(spans, policies.document["as_of"]),
        exposure=exposure,
        chart=_chart(request, exposure),
        breaches=breaches,
        standing=standing(breaches.items) if breaches is not None else {},
        timeline=timeline,
        steps=closure_of(policies.items, timeline.items, timeline.document["as_of"]) if timeline is not None else (),
    )


async def _timeline(request: Request[Any, Any, Any], chosen: str, parameters: list[tuple[str, str]]) -> Answer | None:
    """Return the events of the policy chosen; None where none is, or nobody knows it then."""
    if not chosen:
        return None
    answer = await try_asking(request, "/v1/subject/timeline", [("subject", chosen), *parameters])
    return answer if answer.good else None


async def _nothing() -> None:
    """Ask nothing."""


def _chart(request: Request[Any, Any, Any], exposure: Answer | None) -> str:
    """Return the chart of listing-days by month and rule."""
    rows = rows_of(exposure, "breach_months")
    counted = [{**row, "count": row["breach_listing_days"]} for row in rows if row["status"] == CHARTED]
    t, formats = wording_of(request), formats_of(request)
    series = series_of(counted, "rule", t("policies.other_rules"))
    return lines(t("policies.chart"), series, formats.number, formats.day)


def standing(breaches: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    """Return breaches by log, rule and status, the rules in order; of each rule what is VIOLATING comes first."""
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for breach in sorted(breaches, key=lambda one: (one["log"], one["rule"], one["status"] != CHARTED)):
        found.setdefault((breach["log"], breach["rule"], breach["status"]), []).append(breach)
    return found


ROUTES = (show,)
