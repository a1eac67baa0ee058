"""The tokens, for operators: listed, made, given a new secret, revoked. A secret is on one page, once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from api.pages.asking import FIRST_BAD_STATUS, Answer, Declined, ask, send
from api.pages.preferences import preferences_of
from api.pages.rendering import render
from api.sessions import FORM_FIELD, must_be_own_form
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
    given = await _own_form(request)
    status, made = await _post(request, TOKENS, new_token(given, preferences_of(request).zone))
    if status >= FIRST_BAD_STATUS:
        return await _shown(request, status, Answer(link=TOKENS, status=status, document=made), given)
    return render(request, "token_made.html", made=made)


@post(f"{PATH}/{{token_id:str}}/rotation", status_code=200)
async def rotate(request: Request[Any, Any, Any], token_id: FromPath[str]) -> Template:
    """Give a token a new secret and show it once."""
    given = await _own_form(request)
    grace = given.get("grace_seconds", "")
    path = f"{TOKENS}/{token_id}/rotation"
    status, made = await _post(request, path, {"grace_seconds": int(grace)} if grace.isdecimal() else {})
    if status >= FIRST_BAD_STATUS:
        raise Declined(Answer(link=path, status=status, document=made))
    return render(request, "token_made.html", made=made)


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
    await _own_form(request)
    status, body = await send(request, "DELETE", f"{TOKENS}/{token_id}")
    if status >= FIRST_BAD_STATUS:
        raise Declined(Answer(link=TOKENS, status=status, document=msgspec.json.decode(body)))
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


async def _own_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return what a form of ours says. Raises Forbidden for another's."""
    form = await request.form()
    must_be_own_form(request, str(form.get(FORM_FIELD, "")))
    return {name: str(value).strip() for name, value in form.items()}


async def _post(request: Request[Any, Any, Any], path: str, content: Mapping[str, Any]) -> tuple[int, Any]:
    status, body = await send(request, "POST", path, content=msgspec.json.encode(content))
    return status, msgspec.json.decode(body)


async def _shown(
    request: Request[Any, Any, Any],
    status: int = 200,
    problem: Answer | None = None,
    given: Mapping[str, str] | None = None,
) -> Template:
    tokens = await ask(request, TOKENS)
    return render(
        request,
        "tokens.html",
        status=status,
        tokens=tokens,
        now=datetime.now(UTC).isoformat(),
        roles=ROLES,
        graces=GRACES,
        problem=problem,
        given=given or {},
    )


ROUTES = (show, create, rotate, confirm, revoke)
