"""What a page shows that cannot be shown: the problem, in words, with the same status."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template

from api.pages.asking import Answer, Declined
from api.pages.rendering import render
from api.problems import document_of, document_of_http, on_error, on_http_error
from api.sessions import is_page
from ledger.errors import JejakError


def on_declined(request: Request[Any, Any, Any], error: Declined) -> Template:
    """Show why the API does not answer what the page asked."""
    return render(request, "problem.html", status=error.answer.status, answer=error.answer)


def telling(request: Request[Any, Any, Any], error: JejakError) -> Response[Any]:
    """Answer one of our own errors: as a page to whoever asked for one, else as a problem document."""
    return _shown(request, document_of(error)) if is_page(request.scope["path"]) else on_error(request, error)


def telling_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Answer an error of the framework's likewise."""
    return _shown(request, document_of_http(error)) if is_page(request.scope["path"]) else on_http_error(request, error)


def _shown(request: Request[Any, Any, Any], document: dict[str, Any]) -> Any:  # noqa: ANN401 - a Template is a Response
    answer = Answer(link=request.scope["path"], status=document["status"], document=document)
    return render(request, "problem.html", status=answer.status, answer=answer, own=True)
