"""What a page shows that cannot be shown: the API's problem, in words, with the same status."""

from typing import Any

from litestar import Request
from litestar.response import Template

from api.pages.asking import Declined
from api.pages.rendering import render


def on_declined(request: Request[Any, Any, Any], error: Declined) -> Template:
    """Show why the API does not answer what the page asked."""
    return render(request, "problem.html", status=error.answer.status, problem=error.answer.document, link=error.answer)
