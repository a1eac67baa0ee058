"""The description over HTTP: `/schema/openapi.json`, and the reference page made of it. Open to everybody."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from api.bodies import JSON
from api.description.document import openapi
from api.docs_reference import reference
from api.pages_layout import html_response, page

PATH, REFERENCE_PATH = "/schema/openapi.json", "/docs/reference"


def describing(handlers: Sequence[HTTPRouteHandler]) -> tuple[HTTPRouteHandler, ...]:
    """Return the routes that describe these routes and themselves. What they show is made when first asked for."""

    @cache
    def document() -> dict[str, Any]:
        return openapi((*handlers, show, show_reference))

    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(document())

    @cache
    def rendered() -> bytes:
        return page("Reference", reference(document()))

    @get(PATH, summary="Describe the API, as OpenAPI 3.1")
    async def show() -> Response[bytes]:
        return Response(encoded(), media_type=JSON)

    @get(REFERENCE_PATH, summary="Show the reference of all operations, as a page")
    async def show_reference() -> Response[bytes]:
        return html_response(rendered())

    return (show, show_reference)
