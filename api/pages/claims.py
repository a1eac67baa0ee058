"""Claims: what was said in public, how it is read, and what comes of holding it against what was known when."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect, Template

from api.pages.asking import Answer, Declined, ask, link_to, send, try_asking
from api.pages.rendering import render
from api.pages.times import TIME_FIELDS, Times, sliders, zoned_times_of
from api.sessions import FORM_FIELD, must_be_own_form

PATH = "/workbench/claims"
EVALUATIONS, DOSSIER = "/v1/claims/evaluations", "/v1/reports/claim-dossier"
CLAIM, RECORDED, SIZE = "claim", "recorded", "size"
HELD = "held"
"""What the form of the times sends along: that now is meant where it has no date."""
ASKED = (CLAIM, "predicate_id", "log", *TIME_FIELDS)
"""What the form that records an evaluation sends, which is what the API takes."""
LIMIT = "50"
"""Claims that are listed at once; the list has all of them."""
FIRST_BAD_STATUS = 400
Item = Mapping[str, Any]


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show all claims, or the one chosen, held against the times if a date is given."""
    times, claim = zoned_times_of(request), request.query_params.get(CLAIM, "")
    if not claim:
        claims = await ask(request, "/v1/claims", [("tz", times.tz), ("limit", LIMIT)])
        return render(request, "claims.html", times=times, claims=claims, said=stated(claims.items))
    recorded = [(name, value) for name in (SIZE,) if (value := request.query_params.get(name, ""))]
    known, dossier = await asyncio.gather(
        ask(request, "/v1/claims", [("subject", claim), ("tz", times.tz), *recorded]),
        _dossier(request, claim, times),
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
        evaluations=evaluations_of(known.items),
        recorded=request.query_params.get(RECORDED, ""),
        dossier=dossier,
        found=found_by_reading(dossier),
        platforms=[log["slug"] for log in logs.items if log["kind"] == "PLATFORM"] if logs is not None else (),
    )


@post(PATH)
async def evaluate(request: Request[Any, Any, Any]) -> Redirect:
    """Have a reading evaluated and recorded in the audit log, and lead back to the claim at the same times."""
    form = await request.form()
    must_be_own_form(request, str(form.get(FORM_FIELD, "")))
    asked = {name: value for name in ASKED if (value := str(form.get(name, "")).strip())}
    status, body = await send(request, "POST", EVALUATIONS, content=msgspec.json.encode(asked))
    document = msgspec.json.decode(body)
    if status >= FIRST_BAD_STATUS:
        raise Declined(Answer(link=EVALUATIONS, status=status, document=document))
    recorded = document["recorded"]
    times = [(name, asked[name]) for name in TIME_FIELDS if name in asked]
    back = [(CLAIM, asked[CLAIM]), *times, (RECORDED, recorded["id"])]
    return Redirect(link_to(PATH, [*back, (SIZE, f"{recorded['log']}:{recorded['position'] + 1}")]), status_code=303)


async def _dossier(request: Request[Any, Any, Any], claim: str, times: Times) -> Answer | None:
    """Return the claim's dossier at the times; None while none are chosen: whole populations are asked for it."""
    if not times.as_of and HELD not in request.query_params:
        return None
    sections = [("section", "readings"), ("section", "counterexamples")]
    return await try_asking(request, DOSSIER, [(CLAIM, claim), *times.parameters(), *sections])


def stated(items: Sequence[Item]) -> list[Item]:
    """Return the claims that somebody stated or read; the audit log knows of them only that they were evaluated."""
    return [item for item in items if item.get("published_at") or item["predicates"] or item.get("disputes")]


def evaluations_of(items: Sequence[Item]) -> list[Item]:
    """Return the recorded evaluations, each with its log, by what was known when, the earliest knowledge first."""
    found = [{**one, "log": item["log"]} for item in items for one in item.get("evaluations", ())]
    return sorted(found, key=lambda one: (one["known_at"], one["as_of"], one["predicate_id"], one["evaluated_at"]))


def found_by_reading(dossier: Answer | None) -> dict[tuple[str, str], list[Item]]:
    """Return the members that contradict a claim, or of which that cannot be said, by log and reading."""
    found: dict[tuple[str, str], list[Item]] = {}
    for one in dossier.document["sections"]["counterexamples"] if dossier is not None and dossier.good else ():
        found.setdefault((one["log"], one["predicate_id"]), []).append(one)
    return found


ROUTES = (show, evaluate)
