"""Browsers' sessions: a token in a cookie that no script reads, and forms that only our own pages can send.

The cookie counts as the token for what only reads, and for the workbench's own forms, which carry a secret that other
sites do not know (double submit, with `SameSite=Strict` before it). It never counts for a call of the API that changes
something: those take the token from the `Authorization` header alone.
"""

import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from secrets import token_hex, token_urlsafe
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie, FormMultiDict
from litestar.enums import ScopeType
from litestar.types import Scope

from api.problems import Forbidden

TOKEN_COOKIE = "jejak_token"  # noqa: S105 - a name
FORM_COOKIE = "jejak_form"
FORM_FIELD = "_form"
FORM_BYTES = 16
ONCE_FIELD = "once"
LINK_BYTES = 24
LINKS_MAX = 100
COOKIES_MAX_BYTES = 8_192
"""Of a request's cookies; longer ones are none of ours."""
HOME = "/"
PAGES_PREFIX = "/workbench/"
SIGN_IN = "/workbench/sign-in"
STATIC_PREFIX = "/workbench/static/"
OPEN_PAGES = frozenset({SIGN_IN})
READS = frozenset({"GET", "HEAD"})


class SignInLinks:
    """Links that sign in without a token being typed, each once and in the process that made it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._tokens: dict[str, str] = {}

    def make(self, token: str) -> str:
        """Return the path of a link that signs in with a token. Raises ValueError when too many wait to be used."""
        if len(self._tokens) >= LINKS_MAX:
            raise ValueError(f"{LINKS_MAX} links that sign in have not been used yet")
        once = token_urlsafe(LINK_BYTES)
        self._tokens[once] = token
        return f"{SIGN_IN}?{ONCE_FIELD}={once}"

    def take(self, once: str) -> str | None:
        """Return the token of a link, which is used up by it; None where it is none, or no longer."""
        return self._tokens.pop(once, None)


def is_page(path: str) -> bool:
    """Tell whether a path is one of the workbench."""
    return path == HOME or path.startswith(PAGES_PREFIX)


def is_open_page(path: str) -> bool:
    """Tell whether a page is shown to everybody."""
    return path in OPEN_PAGES or path.startswith(STATIC_PREFIX)


def token_from_cookie(scope: Scope) -> str | None:
    """Return the token that a browser sends along, where it counts: for what reads, and for the workbench's forms."""
    if scope["type"] != ScopeType.HTTP or not (scope["method"] in READS or is_page(scope["path"])):
        return None
    return _cookie(scope["headers"], TOKEN_COOKIE)


def form_secret(request: Request[Any, Any, Any]) -> str:
    """Return what this browser's forms must carry: what its cookie says, or a new secret where it has none yet."""
    state = request.scope["state"]
    if FORM_COOKIE not in state:
        state[FORM_COOKIE] = _cookie(request.scope["headers"], FORM_COOKIE) or token_hex(FORM_BYTES)
    secret: str = state[FORM_COOKIE]
    return secret


async def own_form(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Return what a form of ours says.

    Raises Forbidden unless it carries its browser's secret (OWASP: cross-site request forgery).
    """
    form = await request.form()
    given, secret = str(form.get(FORM_FIELD, "")), _cookie(request.scope["headers"], FORM_COOKIE)
    if secret is None or not hmac.compare_digest(secret.encode(), given.encode()):
        raise Forbidden("this form is not from a page of this ledger: open the page again, and send it there")
    return form


def session_cookie(request: Request[Any, Any, Any], name: str, value: str, seconds: int | None = None) -> Cookie:
    """Return a cookie that no script or other site gets, and that ends with the browser, or after `seconds`.

    An empty one is taken back.
    """
    return Cookie(
        key=name,
        value=value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=seconds if value else 0,
    )


def _cookie(headers: Iterable[tuple[bytes, bytes]], name: str) -> str | None:
    for header, value in headers:
        if header == b"cookie" and len(value) <= COOKIES_MAX_BYTES:
            try:
                cookie = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                continue
            if cookie is not None and cookie.value:
                return cookie.value
    return None
