"""The time machine: two dates, and the lists that answer for them, in groups that a stranger understands."""

from typing import Any

from litestar import Request, get
from litestar.response import Template

from api.pages.asking import link_to
from api.pages.columns import GROUPS, LISTED
from api.pages.comparing import SOURCE
from api.pages.rendering import render
from api.pages.times import sliders, times_of
from api.pages.zoned import ask_at, asked_with

PROBE = "/v1/agreements"
"""What is asked so that the page can say which instants the dates mean: a list that is short wherever it is."""


@get("/workbench/time")
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show the lists to choose from. The browser asks for their counts, each by the link that leads to it.

    By the sources' clock every count folds whole logs anew: nobody is made to wait for all of them.
    """
    times = times_of(request)
    answer = await ask_at(request, PROBE, times, [("limit", "1")])
    asked = [(name, value) for name, value in asked_with(answer) if name != "limit"]
    return render(
        request,
        "time.html",
        status=answer.status,
        times=times,
        sliders=sliders(times),
        answer=answer,
        groups=GROUPS,
        counts={
            name: link_to(f"/v1/{name}", [*asked, ("count", "true")])
            for name, listed in LISTED.items()
            if not listed.derived and times.basis != SOURCE
        },
    )


ROUTES = (show,)
