"""Claims: what was said in public, how it is read, and what comes of holding it against what was known when."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, get, post
from litestar.response import Redirect, Template

from api.pages.asking import Answer, accepted, ask, ask_soon, link_to, order
from api.pages.rendering import render
from api.pages.report_sections import rows_of
from api.pages.times import TIME_FIELDS, sliders, zoned_times_of
from api.sessions import own_form
from ledger.domain.local_dates import DATE_LENGTH

PATH = "/workbench/claims"
EVALUATIONS, DOSSIER = "/v1/claims/evaluations", "/v1/reports/claim-dossier"
SECTIONS = (("section", "readings"), ("section", "counterexamples"))
CLAIM, RECORDED, SIZE = "claim", "recorded", "size"
ASKED = (CLAIM, "predicate_id", "log", *TIME_FIELDS)
"""What the form that records an evaluation sends, which is what the API takes."""
MEMBERS_MAX = 50
"""Members that contradict one reading and are shown: who wants more asks the API by the link below."""
LIMIT = "50"
"""Claims that are listed at once; the list has all of them."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Item = Mapping[str, Any]


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show all claims, or the one chosen, held against what was known at the times."""
    times, claim = zoned_times_of(request), request.query_params.get(CLAIM, "")
    if not claim:
        claims = await ask(request, "/v1/claims", [("tz", times.tz), ("limit", LIMIT)])
        return render(request, "claims.html", times=times, claims=claims, said=stated(claims.items))
    recorded = [(name, value) for name in (SIZE,) if (value := request.query_params.get(name, ""))]
    known, dossier = await asyncio.gather(
        ask(request, "/v1/claims", [("subject", claim), ("tz", times.tz), *recorded]),
        ask_soon(request, DOSSIER, [(CLAIM, claim), *times.parameters(), *SECTIONS]),
    )
    said = stated(known.items)
    logs = None if any(one["predicates"] for one in said) else await ask(request, "/v1/logs")
    return render(
        request,
        "claim.html",
        times=times,
        sliders=sliders(times),
        claim=claim,
        known=known,
        said=said,
        day_of=day_of,
        evaluations=evaluations_of(known.items),
        recorded=request.query_params.get(RECORDED, ""),
        dossier=dossier,
        found=found_by_reading(dossier),
        shown_max=MEMBERS_MAX,
        platforms=[log["slug"] for log in logs.items if log["kind"] == "PLATFORM"] if logs is not None else (),
    )


@post(PATH)
async def evaluate(request: Request[Any, Any, Any]) -> Redirect:
    """Have a reading evaluated and recorded in the audit log, and lead back to the claim at the same times."""
    form = await own_form(request)
    asked = {name: value for name in ASKED if (value := str(form.get(name, "")).strip())}
    recorded = accepted(await order(request, "POST", EVALUATIONS, asked)).document["recorded"]
    times = [(name, asked[name]) for name in TIME_FIELDS if name in asked]
    back = [(CLAIM, asked[CLAIM]), *times, (RECORDED, recorded["id"])]
    return Redirect(link_to(PATH, [*back, (SIZE, f"{recorded['log']}:{recorded['position'] + 1}")]), status_code=303)


def stated(items: Sequence[Item]) -> list[Item]:
    """Return the claims that somebody stated or read; the audit log knows of them only that they were evaluated."""
    return [item for item in items if item.get("published_at") or item["predicates"] or item.get("disputes")]


def day_of(claim: Item) -> str:
    """Return the day that a claim speaks of, if it is one and no month or year; else that on which it was made."""
    reference = str(claim.get("reference_time") or "")
    whole = reference if DAY.match(reference) else str(claim.get("published_at") or "")
    return whole[:DATE_LENGTH]


def evaluations_of(items: Sequence[Item]) -> list[Item]:
    """Return the recorded evaluations, each with its log, by what was known when, the earliest knowledge first."""
    found = [{**one, "log": item["log"]} for item in items for one in item.get("evaluations", ())]
    return sorted(found, key=lambda one: (one["known_at"], one["as_of"], one["predicate_id"], one["evaluated_at"]))


def found_by_reading(dossier: Answer | None) -> dict[tuple[str, str], list[Item]]:
    """Return the members that contradict a claim, or of which that cannot be said, by log and reading."""
    found: dict[tuple[str, str], list[Item]] = {}
    for one in rows_of(dossier, "counterexamples"):
        found.setdefault((one["log"], one["predicate_id"]), []).append(one)
    return found


ROUTES = (show, evaluate)
