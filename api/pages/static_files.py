"""The pages' own style sheet and scripts. Open to everybody: they say nothing of the ledger."""

import hashlib
from functools import cache
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from api.pages.rendering import static_file
from ledger.errors import NotFound

MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
KEPT = "public, max-age=0, must-revalidate"
"""A browser asks each time whether a file is still the same: an upgraded ledger never meets an old script."""


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = static_file(name)
    if content is None or name.rpartition(".")[2] not in MEDIA_TYPES:
        raise NotFound(f"there is no file {name}")
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@get("/workbench/static/{name:str}")
async def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """Return a file; 304 to a browser that has it already."""
    content, tag = _read(name)
    headers = {"ETag": tag, "Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)


ROUTES = (show,)
