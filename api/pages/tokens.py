"""The tokens, for operators: listed, made, given a new secret, revoked. A secret is on one page, once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template
from msgspec.structs import replace

from api.pages.asking import Answer, accepted, ask, order
from api.pages.preferences import preferences_of
from api.pages.rendering import render
from api.sessions import own_form
from ledger.domain.instants import zone
from ledger.errors import NotFound
from ledger.rights import ROLES
from ledger.tokens import GRACE

PATH, TOKENS = "/workbench/tokens", "/v1/tokens"
LISTS = ("logs", "jurisdictions", "subjects")
"""Members of a new token that are several: written one after another, apart by blanks or commas."""
TEXTS = ("role", "party", "purpose")
MOMENTS = ("window_from", "window_to", "expires")
"""Members that are instants: written in the reader's zone."""
GRACES = (int(GRACE.total_seconds()), 0)
"""Seconds for which a former secret may still count: those of the API's own choice, or none."""


@get(PATH)
async def show(request: Request[Any, Any, Any]) -> Template:
    """Show all tokens, and the form for a new one."""
    return await _shown(request)


@post(PATH, status_code=200)
async def create(request: Request[Any, Any, Any]) -> Template:
    """Make a token and show it once; the form again, with what is wrong, where it cannot be made."""
    given = await _given(request)
    answer = await order(request, "POST", TOKENS, new_token(given, preferences_of(request).zone))
    if not answer.good:
        return await _shown(request, answer, given)
    return render(request, "token_made.html", made=answer.document)


@post(f"{PATH}/{{token_id:str}}/rotation", status_code=200)
async def rotate(request: Request[Any, Any, Any], token_id: FromPath[str]) -> Template:
    """Give a token a new secret and show it once."""
    grace = (await _given(request)).get("grace_seconds", "")
    said = {"grace_seconds": int(grace)} if grace.isdecimal() else {}
    made = accepted(await order(request, "POST", f"{TOKENS}/{token_id}/rotation", said))
    return render(request, "token_made.html", made=made.document)


@get(f"{PATH}/{{token_id:str}}/revocation")
async def confirm(request: Request[Any, Any, Any], token_id: FromPath[str]) -> Template:
    """Ask whether a token is to be revoked: it cannot be undone."""
    tokens = await ask(request, TOKENS)
    token = next((one for one in tokens.items if one["token_id"] == token_id), None)
    if token is None:
        raise NotFound("there is no such token")  # what was named may be a whole token
    return render(request, "token_revoke.html", token=token)


@post(f"{PATH}/{{token_id:str}}/revocation")
async def revoke(request: Request[Any, Any, Any], token_id: FromPath[str]) -> Redirect:
    """Revoke a token, and lead back to the list."""
    await own_form(request)
    answer = await order(request, "DELETE", f"{TOKENS}/{token_id}")
    accepted(replace(answer, link=TOKENS))  # what was named may be a whole token
    return Redirect(PATH, status_code=303)


def new_token(given: Mapping[str, str], zone_name: str) -> dict[str, Any]:
    """Return what a form says of a new token as the API takes it; instants are meant in the zone."""
    texts = {name: given[name] for name in TEXTS if given.get(name)}
    lists = {name: given[name].replace(",", " ").split() for name in LISTS if given.get(name)}
    moments = {name: _instant(given[name], zone_name) for name in MOMENTS if given.get(name)}
    return {**texts, **lists, **moments}


def _instant(text: str, zone_name: str) -> str:
    """Return a local time as an instant (RFC 3339); what is none as it is: the API says so."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone(zone_name)).astimezone(UTC).isoformat()
    except ValueError:
        return text


async def _given(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return the fields of a form of ours. Raises Forbidden for another's."""
    return {name: str(value).strip() for name, value in (await own_form(request)).items()}


async def _shown(
    request: Request[Any, Any, Any], problem: Answer | None = None, given: Mapping[str, str] | None = None
) -> Template:
    tokens = await ask(request, TOKENS)
    return render(
        request,
        "tokens.html",
        status=200 if problem is None else problem.status,
        tokens=tokens,
        now=datetime.now(UTC).isoformat(),
        roles=ROLES,
        graces=GRACES,
        problem=problem,
        given=given or {},
    )


ROUTES = (show, create, rotate, confirm, revoke)
