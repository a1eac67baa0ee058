"""Signing in by token, and out; and how a reader wants the pages."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect, Template

from api.gate import GATE_KEY, Gate
from api.pages.preferences import COOKIE, read_preferences
from api.pages.rendering import render
from api.problems import Unauthorised
from api.service import Service
from api.sessions import (
    HOME,
    ONCE_FIELD,
    SIGN_IN,
    TOKEN_COOKIE,
    is_page,
    own_form,
    session_cookie,
)

TOKEN_FIELD = "token"  # noqa: S105 - a name
NEXT_FIELD = "next"
TOKEN_MAX = 200
"""Characters: a token is shorter."""
PREFERENCES_SECONDS = 365 * 24 * 3600


@get(SIGN_IN)
async def ask(request: Request[Any, Any, Any], service: NamedDependency[Service]) -> Template | Redirect:
    """Show the form; a link that signs in, as `jejak demo` prints one, does so at once, and once only."""
    once = request.query_params.get(ONCE_FIELD)
    token = None if once is None else service.sign_in_links.take(once)
    if token is not None:
        return _enter(request, token, HOME)
    following = _own(request.query_params.get(NEXT_FIELD, HOME))
    return render(request, "sign_in.html", next=following, wrong=once is not None)


@post(SIGN_IN)
async def enter(request: Request[Any, Any, Any]) -> Template | Redirect:
    """Take a token that counts into the cookie; ask again where it does not."""
    form = await own_form(request)
    token, following = str(form.get(TOKEN_FIELD, "")).strip(), _own(str(form.get(NEXT_FIELD, HOME)))
    gate: Gate = request.scope["state"][GATE_KEY]
    try:
        await gate.credential(f"Bearer {token}" if 0 < len(token) <= TOKEN_MAX else None)
    except Unauthorised:
        return render(request, "sign_in.html", status=401, next=following, wrong=True)
    return _enter(request, token, following)


@post("/workbench/sign-out")
async def leave(request: Request[Any, Any, Any]) -> Redirect:
    """Forget the token in this browser."""
    await own_form(request)
    return Redirect(SIGN_IN, status_code=303, cookies=[session_cookie(request, TOKEN_COOKIE, "")])


@post("/workbench/preferences")
async def prefer(request: Request[Any, Any, Any]) -> Response[Any]:
    """Keep language, zone and theme, and lead back to the page."""
    form = await own_form(request)
    wanted = read_preferences({name: str(value) for name, value in form.items()})
    cookie = session_cookie(request, COOKIE, wanted.written(), PREFERENCES_SECONDS)
    return Redirect(_own(str(form.get(NEXT_FIELD, HOME))), status_code=303, cookies=[cookie])


def _enter(request: Request[Any, Any, Any], token: str, following: str) -> Redirect:
    return Redirect(following, status_code=303, cookies=[session_cookie(request, TOKEN_COOKIE, token)])


def _own(path: str) -> str:
    """Return where to go on, if it is a page of ours: nobody is led elsewhere."""
    parts = urlsplit(path)
    own = not parts.scheme and not parts.netloc and is_page(parts.path) and not path.startswith("//")
    return path if own else HOME


ROUTES = (ask, enter, leave, prefer)
