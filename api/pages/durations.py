"""How long takedowns and disputes took, group beside group, with those that are still open."""

import asyncio
from typing import Any

from litestar import Request, get
from litestar.response import Template

from api.pages.asking import Parameters, ask_soon
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
Values = dict[str, Any]
"""What a part of the page is made of, as the template names it."""
NOTICES, DISPUTES = "/v1/reports/transparency", "/v1/reports/odr"


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show both, at the times, over a period of filing."""
    given, times = request.query_params, zoned_times_of(request)
    period = [(name, value) for name in PERIOD if (value := given.get(name, ""))]
    by = given.get(BY, "") if given.get(BY, "") in GROUPINGS else GROUPINGS[0]
    regime, forum = ([(name, value)] if (value := given.get(name, "")) else [] for name in (REGIME, FORUM))
    common = [*times.parameters(), *period]
    takedowns, disputes = await asyncio.gather(
        _takedowns(request, [*common, *regime], by), _disputes(request, [*common, *forum])
    )
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
        chosen={REGIME: "", FORUM: "", **dict(regime), **dict(forum)},
        **takedowns,
        **disputes,
    )


async def _takedowns(request: Request[Any, Any, Any], asked: Parameters, by: str) -> Values:
    """Return the notices, all of them and by one attribute, and where they are drawn."""
    notices = await ask_soon(request, NOTICES, [*asked, ("section", "notices")])
    groups = [row for row in rows_of(notices, "notices") if row["by"] in ("all", by)]
    drawn = draw([(row["value"], row["time_to_action"]) for row in groups])
    return {"notices": notices, "groups": groups, "notices_drawn": drawn}


async def _disputes(request: Request[Any, Any, Any], asked: Parameters) -> Values:
    """Return the disputes by forum and by stage, and where the stages are drawn."""
    disputes = await ask_soon(request, DISPUTES, [*asked, ("section", "forums"), ("section", "stages")])
    stages = [row for row in rows_of(disputes, "stages") if row["claimant_country"] == "ALL"]
    drawn = draw([(row["stage"], row["stage_days"]) for row in stages])
    return {"disputes": disputes, "forums": rows_of(disputes, "forums"), "stages": stages, "stages_drawn": drawn}


ROUTES = (show,)
