"""How long takedowns and disputes took, group beside group, with those that are still open."""

import asyncio
from typing import Any

from litestar import Request, get
from litestar.response import Template

from api.pages.asking import ask_soon
from api.pages.duration_drawing import draw
from api.pages.rendering import render
from api.pages.report_sections import rows_of
from api.pages.times import sliders, zoned_times_of

PATH = "/workbench/durations"
PERIOD, BY, REGIME, FORUM = ("from", "to"), "by", "regime", "forum"
GROUPINGS = ("firm", "size_class", "tier", "priority", "regime", "channel", "ip_right_type", "log")
"""By what notices are told apart (projections.reports.notices), the first unless another is chosen."""
REGIMES = ("US_DMCA", "EU_DSA", "CN_ECL", "ID_GENERIC", "PLATFORM")
"""Regimes of notices (domain.md 7.7)."""
NOTICES, DISPUTES = "/v1/reports/transparency", "/v1/reports/odr"


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show both, at the times, over a period of filing."""
    given, times = request.query_params, zoned_times_of(request)
    period = [(name, value) for name in PERIOD if (value := given.get(name, ""))]
    chosen = {name: given.get(name, "") for name in (REGIME, FORUM)}
    by = given.get(BY, "") if given.get(BY, "") in GROUPINGS else GROUPINGS[0]
    common = [*times.parameters(), *period]
    regime, forum = ([(name, chosen[name])] if chosen[name] else [] for name in (REGIME, FORUM))
    notices, disputes = await asyncio.gather(
        ask_soon(request, NOTICES, [*common, *regime, ("section", "notices")]),
        ask_soon(request, DISPUTES, [*common, *forum, ("section", "forums"), ("section", "stages")]),
    )
    groups = [row for row in rows_of(notices, "notices") if row["by"] in ("all", by)]
    stages = [row for row in rows_of(disputes, "stages") if row["claimant_country"] == "ALL"]
    return render(
        request,
        "durations.html",
        times=times,
        sliders=sliders(times),
        period=dict(period),
        kept=[*period, (BY, by), *regime, *forum],
        by=by,
        groupings=GROUPINGS,
        regimes=REGIMES,
        chosen=chosen,
        notices=notices,
        groups=groups,
        notices_drawn=draw([(row["value"], row["time_to_action"]) for row in groups]),
        disputes=disputes,
        forums=rows_of(disputes, "forums"),
        stages=stages,
        stages_drawn=draw([(row["stage"], row["stage_days"]) for row in stages]),
    )


ROUTES = (show,)
