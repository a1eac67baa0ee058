"""The map of policy: rules in force through time, what was visible against them, and the story of a closure."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, get
from litestar.response import Template
from msgspec import Struct

from api.pages.asking import Parameters, ask, ask_soon, nothing, try_asking
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
POLICIES, TIMELINE, EXPOSURE = "/v1/policies", "/v1/subject/timeline", "/v1/reports/policy-compliance"
Values = dict[str, Any]
"""What a part of the page is made of, as the template names it."""


class Asked(Struct, frozen=True, kw_only=True):
    """What the page is asked: the policy chosen, or none, the API's time parameters, and the period of breaches."""

    chosen: str
    times: Parameters
    period: Parameters

    @property
    def policy(self) -> Parameters:
        """The policy chosen, as a filter of the API."""
        return [(POLICY, self.chosen)] if self.chosen else []


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show all policies, or the one chosen."""
    times, given = zoned_times_of(request), request.query_params
    asked = Asked(
        chosen=given.get(POLICY, ""),
        times=times.parameters(),
        period=[(name, value) for name in PERIOD if (value := given.get(name, ""))],
    )
    rules, against, exposed = await asyncio.gather(
        _rules(request, asked), _standing(request, asked), _exposure(request, asked)
    )
    return render(
        request,
        "policies.html",
        times=times,
        sliders=sliders(times),
        chosen=asked.chosen,
        period=dict(asked.period),
        kept=[*asked.policy, *asked.period],
        **rules,
        **against,
        **exposed,
    )


async def _rules(request: Request[Any, Any, Any], asked: Asked) -> Values:
    """Return the policies to choose from, the rules of those shown as spans, and the story of the one chosen."""
    every, chosen, timeline = await asyncio.gather(
        ask(request, POLICIES, [*asked.times, ("limit", LIMIT)]),
        ask(request, POLICIES, [*asked.times, ("subject", asked.chosen)]) if asked.chosen else nothing(),
        try_asking(request, TIMELINE, [("subject", asked.chosen), *asked.times]) if asked.chosen else nothing(),
    )
    policies = chosen or every
    spans, as_of = spans_of(policies.items), policies.document["as_of"]
    return {
        "names": sorted({policy["subject"] for policy in (*every.items, *policies.items)}),
        "policies": policies,
        "spans": spans,
        "drawing": draw(spans, as_of),
        "timeline": timeline,
        "steps": closure_of(policies.items, timeline.items, as_of) if timeline is not None else (),
    }


async def _standing(request: Request[Any, Any, Any], asked: Asked) -> Values:
    """Return what stands in the shop against the rules."""
    breaches = await ask_soon(request, "/v1/breaches", [*asked.policy, *asked.times, ("limit", LIMIT)])
    return {"breaches": breaches, "standing": standing(breaches.items) if breaches is not None else {}}


async def _exposure(request: Request[Any, Any, Any], asked: Asked) -> Values:
    """Return the listing-days against each rule, and their chart by month."""
    sections = [("section", "breaches"), ("section", "breach_months")]
    exposure = await ask_soon(request, EXPOSURE, [*asked.policy, *asked.times, *asked.period, *sections])
    rows = rows_of(exposure, "breach_months")
    counted = [{**row, "count": row["breach_listing_days"]} for row in rows if row["status"] == CHARTED]
    t, formats = wording_of(request), formats_of(request)
    series = series_of(counted, "rule", t("policies.other_rules"))
    return {"exposure": exposure, "chart": lines(t("policies.chart"), series, formats.number, formats.day)}


def standing(breaches: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], list[Mapping[str, Any]]]:
    """Return breaches by log, rule and status, the rules in order; of each rule what is VIOLATING comes first."""
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for breach in sorted(breaches, key=lambda one: (one["log"], one["rule"], one["status"] != CHARTED)):
        found.setdefault((breach["log"], breach["rule"], breach["status"]), []).append(breach)
    return found


ROUTES = (show,)
