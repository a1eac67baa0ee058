"""Pages out of templates: what every page knows, and what every page says of itself to the browser."""

from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from msgspec import Struct

from api.gate import CREDENTIAL_KEY
from api.pages.formats import Formats
from api.pages.preferences import THEMES, preferences_of
from api.pages.values import sort_of
from api.pages.wording import LANGUAGES, Wording
from api.sessions import FORM_COOKIE, FORM_FIELD, form_secret, session_cookie
from ledger.rights import OPERATOR
from ledger.tokens import Credential

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""What every page says: scripts and styles are our own files, nothing from elsewhere, nothing kept, in no frame."""


class Way(Struct, frozen=True):
    """A page that every page leads to: its path, the name of its text, and whether it is for operators alone."""

    path: str
    text: str
    operator: bool = False


WAYS = (
    Way("/", "layout.overview"),
    Way("/workbench/time", "layout.time"),
    Way("/workbench/search", "layout.search"),
    Way("/workbench/policies", "layout.policies"),
    Way("/workbench/claims", "layout.claims"),
    Way("/workbench/durations", "layout.durations"),
    Way("/workbench/reports", "layout.reports"),
    Way("/workbench/jobs", "layout.jobs"),
    Way("/workbench/tokens", "layout.tokens", operator=True),
)


def environment() -> Environment:
    """Return where the templates come from. Everything put into one is escaped, and what is missing is an error.

    Their macros are imported without context, and get what they show as arguments: a macro that keeps its page's
    context makes a cycle of it, in which the request and all that it read wait for the garbage collector.
    """
    made = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    known: dict[str, Any] = made.globals
    known["what"] = sort_of
    return made


def templates() -> TemplateConfig[JinjaTemplateEngine]:
    """Return Litestar's settings for the templates."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


def wording_of(request: Request[Any, Any, Any]) -> Wording:
    """Return the texts that the reader of a page wants."""
    return Wording(preferences_of(request).language)


def formats_of(request: Request[Any, Any, Any]) -> Formats:
    """Return how the reader of a page wants numbers and times."""
    preferences = preferences_of(request)
    return Formats(preferences.language, preferences.zone)


def render(request: Request[Any, Any, Any], template: str, *, status: int = 200, **values: Any) -> Template:  # noqa: ANN401
    """Return a page: a template with what every page knows, and the values given.

    `t` are the texts, `show` the formats, `reader` whom the page is for or None.
    """
    preferences = preferences_of(request)
    reader = request.scope["state"].get(CREDENTIAL_KEY)
    reader = reader if isinstance(reader, Credential) else None
    secret = form_secret(request)
    context = {
        "t": Wording(preferences.language),
        "show": Formats(preferences.language, preferences.zone),
        "preferences": preferences,
        "languages": LANGUAGES,
        "themes": THEMES,
        "reader": reader,
        "ways": [way for way in WAYS if reader is not None and (not way.operator or reader.role == OPERATOR)],
        "here": request.url.path,
        "whole": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "form_field": FORM_FIELD,
        "form_secret": secret,
        **values,
    }
    cookies = [] if FORM_COOKIE in request.cookies else [session_cookie(request, FORM_COOKIE, secret)]
    return Template(
        template, context=context, status_code=status, headers=dict(HEADERS), cookies=cookies, media_type="text/html"
    )


def static_file(name: str) -> bytes | None:
    """Return one of the pages' own files; None where there is none of this name."""
    file = resources.files("api.pages").joinpath("static", name)
    return file.read_bytes() if "/" not in name and not name.startswith(".") and file.is_file() else None
